//! Where a handful of numbers lies: the median and its distribution-free interval.

use bench_record::Interval;

/// The level that an interval has to reach.
pub const LEVEL: f64 = 0.95;
/// The fewest values that have an interval of that level: five reach 93.75 %.
pub const MIN_VALUES: usize = 6;

/// The median; `None` for no values. The mean of the two middle values of an even number of them.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    let sorted = sorted(values);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted.get(middle).copied()
    } else {
        Some(f64::midpoint(*sorted.get(middle.checked_sub(1)?)?, *sorted.get(middle)?))
    }
}

/// An interval for the median and the level that it really has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MedianInterval {
    /// The k-th smallest value.
    pub(crate) low: f64,
    /// The k-th largest value.
    pub(crate) high: f64,
    /// The achieved level, at least [`LEVEL`].
    pub(crate) level: f64,
}

/// The interval of the sign test: the k-th smallest to the k-th largest value cover the median with
/// probability 1 - 2 P(B < k), B binomial (n, 1/2), whatever the distribution; k is the largest that
/// reaches 95 %. `None` below six values, where even the smallest and largest do not.
pub(crate) fn median_interval(values: &[f64]) -> Option<MedianInterval> {
    let sorted = sorted(values);
    let n = sorted.len();
    // Logarithms: 2^-n underflows long before a count of samples would be absurd.
    let mut ln_mass = -(n as f64) * std::f64::consts::LN_2;
    let mut below = 0.0;
    let mut best = None;
    for k in 1..=n.div_ceil(2) {
        below += ln_mass.exp();
        let level = 1.0 - 2.0 * below;
        if level < LEVEL {
            break;
        }
        best = Some(MedianInterval { low: sorted[k - 1], high: sorted[n - k], level });
        ln_mass += ((n - k + 1) as f64 / k as f64).ln();
    }
    best
}

/// The whole location; `None` for no values.
pub(crate) fn interval(values: &[f64]) -> Option<Interval> {
    let sorted = sorted(values);
    let around = median_interval(values);
    Some(Interval {
        median: median(values)?,
        low: around.map(|interval| interval.low),
        high: around.map(|interval| interval.high),
        level: around.map(|interval| interval.level),
        min: *sorted.first()?,
        max: *sorted.last()?,
    })
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(n: u32) -> Vec<f64> {
        (1..=n).map(f64::from).collect()
    }

    #[test]
    fn the_median_is_the_middle_or_the_mean_of_the_two_middles() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn fewer_than_six_values_have_no_interval() {
        assert_eq!(median_interval(&first(MIN_VALUES as u32 - 1)), None);
        let six = median_interval(&first(MIN_VALUES as u32)).expect("six values have one");
        assert_eq!((six.low, six.high), (1.0, 6.0));
        assert!((six.level - 0.968_75).abs() < 1e-12, "{six:?}");
    }

    // Order statistics and levels from the tables of the sign test (Conover, Practical Nonparametric
    // Statistics, table A3: P(B <= 1 | 9) = 0.0195, P(B <= 5 | 20) = 0.0207, P(B <= 39 | 100) = 0.0176).
    #[test]
    fn the_interval_agrees_with_binomial_tables() {
        for (n, low, high, level) in
            [(9, 2.0, 8.0, 0.9609), (20, 6.0, 15.0, 0.9586), (100, 40.0, 61.0, 0.9648)]
        {
            let found = median_interval(&first(n)).expect("enough values");
            assert_eq!((found.low, found.high), (low, high), "{n}");
            assert!((found.level - level).abs() < 1e-4, "{n}: {found:?}");
        }
    }

    #[test]
    fn thousands_of_values_do_not_underflow() {
        let found = median_interval(&first(5_000)).expect("enough values");
        assert!(found.low > 2_400.0 && found.low < 2_500.0, "{found:?}");
    }
}
