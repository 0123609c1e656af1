//! Where values lie: the median with its distribution-free interval. Never the best of n, never a mean of raw
//! seconds.

use serde::Serialize;

/// The level that the interval of a median has to reach.
pub const INTERVAL_LEVEL: f64 = 0.95;
/// The fewest values whose median has an interval of that level: five reach 93.75 %.
pub const INTERVAL_SAMPLES: usize = 6;

/// A two-sided confidence interval.
///
/// An end may be infinite when time-outs leave that side open; serialised it is null.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ConfidenceInterval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Confidence, at least what was asked for where the exact value is known.
    pub confidence: f64,
}

impl ConfidenceInterval {
    /// The interval of `exp(x)`.
    #[must_use]
    pub fn exp(self) -> Self {
        Self { low: self.low.exp(), high: self.high.exp(), confidence: self.confidence }
    }
}

/// Where some values lie, in their unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Location {
    /// See [`median`].
    pub median: f64,
    /// See [`median_interval`].
    pub interval: Option<ConfidenceInterval>,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
}

impl Location {
    /// The location of `values`; `None` without a value, or with one that is not a number.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let sorted = sorted(values);
        Some(Self {
            median: median(values)?,
            interval: median_interval(values),
            min: *sorted.first()?,
            max: *sorted.last()?,
        })
    }
}

/// The middle value, or the mean of the two middle ones; `None` without a value, or with one that is not a
/// number.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    if values.iter().any(|value| value.is_nan()) { None } else { median_of_sorted(&sorted(values)) }
}

/// The interval of the sign test: the k-th smallest to the k-th largest value cover the median with
/// probability 1 - 2 P(B < k), B binomial (n, 1/2), whatever the distribution; k is the largest that reaches
/// [`INTERVAL_LEVEL`]. `None` below [`INTERVAL_SAMPLES`] values, where even the smallest and the largest do not.
#[must_use]
pub fn median_interval(values: &[f64]) -> Option<ConfidenceInterval> {
    let sorted = sorted(values);
    let n = sorted.len();
    // Logarithms: 2^-n underflows long before a count of samples would be absurd.
    let mut ln_mass = -(n as f64) * std::f64::consts::LN_2;
    let mut below = 0.0;
    let mut best = None;
    for k in 1..=n.div_ceil(2) {
        below += ln_mass.exp();
        let confidence = 1.0 - 2.0 * below;
        if confidence < INTERVAL_LEVEL {
            break;
        }
        best = Some(ConfidenceInterval { low: sorted[k - 1], high: sorted[n - k], confidence });
        ln_mass += ((n - k + 1) as f64 / k as f64).ln();
    }
    best
}

/// The median of values in rising order; `None` without one.
pub(super) fn median_of_sorted(sorted: &[f64]) -> Option<f64> {
    let n = sorted.len();
    let upper = *sorted.get(n / 2)?;
    Some(if n % 2 == 1 { upper } else { midpoint(sorted[n / 2 - 1], upper) })
}

/// The mean of two numbers. A time-out of the candidate in one pair and one of the baseline in another cancel:
/// zero is the only choice under which swapping the arms mirrors the estimate.
pub(super) fn midpoint(first: f64, second: f64) -> f64 {
    let sum = first + second;
    if sum.is_nan() { 0.0 } else { 0.5 * sum }
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
        assert_eq!(median(&[1.0, f64::NAN]), None);
    }

    #[test]
    fn fewer_than_six_values_have_no_interval() {
        assert_eq!(median_interval(&first(INTERVAL_SAMPLES as u32 - 1)), None);
        let six = median_interval(&first(INTERVAL_SAMPLES as u32)).expect("six values have one");
        assert_eq!((six.low, six.high), (1.0, 6.0));
        assert!((six.confidence - 0.968_75).abs() < 1e-12, "{six:?}");
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
            assert!((found.confidence - level).abs() < 1e-4, "{n}: {found:?}");
        }
    }

    #[test]
    fn thousands_of_values_do_not_underflow() {
        let found = median_interval(&first(5_000)).expect("enough values");
        assert!(found.low > 2_400.0 && found.low < 2_500.0, "{found:?}");
    }
}
