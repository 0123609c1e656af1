//! Which examples changed: the moderated t of Smyth 2004 ("Linear models and empirical Bayes methods",
//! section 6), as in limma.
//!
//! Each example has a handful of pairs, too few for a variance of its own. Its variance is shrunk towards
//! the typical one, `s0^2`, with the weight of `d0` further degrees of freedom, both estimated from all
//! examples. What moves all examples of a block together (a slow machine, a slower compiler) is removed
//! first: the median over the examples of that pair is subtracted, so a flag means "unlike the others".

use bench_record::Change;
use serde::Serialize;
use statrs::function::gamma::digamma;

use super::error::StatsError;
use super::location::median;
use super::t::{mean_and_sd, t_quantile, t_tail};

/// False discovery rate at which an example is flagged.
pub const FLAG_Q: f64 = 0.05;
/// Smallest step that is flagged, as a fraction.
pub const FLAG_STEP: f64 = 0.10;
/// Confidence of the interval of one example, not adjusted for their number.
pub const EXAMPLE_LEVEL: f64 = 0.95;
/// Variances below this share of the median one are raised to it (limma's floor): an example whose times
/// never vary is a rounded clock, not certainty.
const VARIANCE_FLOOR: f64 = 1e-5;

/// What the examples have in common.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Prior {
    /// Degrees of freedom the typical variance counts for; infinite (null) when all examples vary alike.
    pub d0: f64,
    /// The typical variance of a log ratio.
    pub s02: f64,
}

/// One example.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ExampleTest {
    /// Pairs in which it has a ratio.
    pub n: usize,
    /// Mean log ratio after the pair's median is subtracted.
    pub estimate: f64,
    /// Lower end of the moderated t interval of the estimate, [`EXAMPLE_LEVEL`].
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Moderated t; infinite when nothing varies anywhere.
    pub t: f64,
    /// P-value against "not slower than the others".
    pub p_greater: f64,
    /// P-value against "not faster than the others".
    pub p_less: f64,
    /// `p_greater` adjusted for the number of examples.
    pub q_slower: f64,
    /// `p_less` adjusted for the number of examples.
    pub q_faster: f64,
    /// Set when the q-value is at most [`FLAG_Q`] and the step at least [`FLAG_STEP`].
    pub flag: Option<Change>,
}

/// All examples of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moderated {
    /// What they have in common; `None` when no example has two ratios.
    pub prior: Option<Prior>,
    /// One entry per column; `None` where an example has fewer than two ratios.
    pub examples: Vec<Option<ExampleTest>>,
}

/// Tests every example. `rows` are pairs, columns examples, values log ratios `ln(new / base)`; `None` =
/// not measured on both sides (failed, timed out, filtered).
///
/// # Errors
/// [`StatsError::Ragged`] for rows of unequal length, [`StatsError::Value`] with the column for a value that
/// is not finite.
pub fn moderate(rows: &[Vec<Option<f64>>]) -> Result<Moderated, StatsError> {
    let width = rows.first().map_or(0, Vec::len);
    let mut columns = vec![Vec::new(); width];
    for (at, row) in rows.iter().enumerate() {
        if row.len() != width {
            return Err(StatsError::Ragged { position: at + 1, found: row.len(), expected: width });
        }
        if let Some(at) = row.iter().position(|value| value.is_some_and(|v| !v.is_finite())) {
            return Err(StatsError::Value { position: at + 1, value: row[at].unwrap_or(f64::NAN) });
        }
        let present: Vec<f64> = row.iter().flatten().copied().collect();
        let Some(centre) = median(&present) else { continue };
        for (column, value) in columns.iter_mut().zip(row) {
            column.extend(value.map(|value| value - centre));
        }
    }
    let moments: Vec<Option<(f64, f64)>> = columns.iter().map(|c| mean_and_sd(c)).collect();
    let spread: Vec<(f64, f64)> = moments
        .iter()
        .zip(&columns)
        .filter_map(|(m, column)| m.map(|(_, sd)| (sd * sd, column.len() as f64 - 1.0)))
        .collect();
    let Some(prior) = prior(&spread) else {
        return Ok(Moderated { prior: None, examples: vec![None; width] });
    };
    let tests: Vec<Option<ExampleTest>> = moments
        .iter()
        .zip(&columns)
        .map(|(m, column)| m.map(|(mean, sd)| test(mean, sd * sd, column.len(), prior)))
        .collect();
    Ok(Moderated { prior: Some(prior), examples: adjust(tests)? })
}

/// The moderated test of one example, not yet adjusted for their number.
fn test(estimate: f64, variance: f64, n: usize, prior: Prior) -> ExampleTest {
    let df = n as f64 - 1.0;
    let shrunk = if prior.d0.is_infinite() {
        prior.s02
    } else {
        (prior.d0 * prior.s02 + df * variance) / (prior.d0 + df)
    };
    let error = (shrunk / n as f64).sqrt();
    let t = if estimate == 0.0 { 0.0 } else { estimate / error };
    let df = df + prior.d0;
    let (p_greater, p_less) = (t_tail(t, df), t_tail(-t, df));
    let (q_slower, q_faster) = (1.0, 1.0);
    // Nothing varies: the quantile times an error of 0 would not be a number where it is infinite.
    let reach = if error > 0.0 { error * t_quantile((1.0 - EXAMPLE_LEVEL) / 2.0, df) } else { 0.0 };
    let (low, high) = (estimate - reach, estimate + reach);
    ExampleTest { n, estimate, low, high, t, p_greater, p_less, q_slower, q_faster, flag: None }
}

/// Adjusts each direction over all examples and sets the flags.
fn adjust(mut tests: Vec<Option<ExampleTest>>) -> Result<Vec<Option<ExampleTest>>, StatsError> {
    let step = FLAG_STEP.ln_1p();
    let collect = |p: fn(&ExampleTest) -> f64| tests.iter().flatten().map(p).collect::<Vec<_>>();
    let slower = benjamini_hochberg(&collect(|test| test.p_greater))?;
    let faster = benjamini_hochberg(&collect(|test| test.p_less))?;
    for (test, (slower, faster)) in tests.iter_mut().flatten().zip(slower.into_iter().zip(faster)) {
        (test.q_slower, test.q_faster) = (slower, faster);
        test.flag = if slower <= FLAG_Q && test.estimate >= step {
            Some(Change::Slower)
        } else if faster <= FLAG_Q && test.estimate <= -step {
            Some(Change::Faster)
        } else {
            None
        };
    }
    Ok(tests)
}

/// Adjusted p-values (q-values) by Benjamini and Hochberg 1995, in the order of the input: the smallest
/// `p_(k) m / k` over all ranks `k` from its own on, at most 1.
///
/// # Errors
/// [`StatsError::Range`] for a p-value outside [0, 1].
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>, StatsError> {
    if let Some(&value) = p_values.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(StatsError::Range { what: "p-value", value, expected: "a number from 0 to 1" });
    }
    let m = p_values.len() as f64;
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut q_values = vec![1.0; p_values.len()];
    let mut smallest = 1.0_f64;
    for (rank, &at) in order.iter().enumerate().rev() {
        // In this order rounding never takes a q-value below its p-value.
        smallest = smallest.min(p_values[at] * (m / (rank + 1) as f64));
        q_values[at] = smallest;
    }
    Ok(q_values)
}

/// `d0` and `s0^2` by the moments of the log variances (Smyth 2004, section 6.2), from (variance, degrees
/// of freedom) of each example; `None` without one.
fn prior(spread: &[(f64, f64)]) -> Option<Prior> {
    let variances: Vec<f64> = spread.iter().map(|s| s.0).collect();
    let typical = median(&variances)?;
    let floor = VARIANCE_FLOOR * if typical > 0.0 { typical } else { 1.0 };
    if variances.iter().all(|variance| *variance == 0.0) {
        return Some(Prior { d0: f64::INFINITY, s02: 0.0 });
    }
    let g = spread.len() as f64;
    let e: Vec<f64> = spread
        .iter()
        .map(|(variance, df)| variance.max(floor).ln() - digamma(df / 2.0) + (df / 2.0).ln())
        .collect();
    let expected = spread.iter().map(|(_, df)| trigamma(df / 2.0)).sum::<f64>() / g;
    let Some((mean, sd)) = mean_and_sd(&e) else {
        // One example: nothing to learn a prior from, so its own variance stands alone.
        return Some(Prior { d0: 0.0, s02: variances[0] });
    };
    let excess = sd * sd - expected;
    Some(if excess > 0.0 {
        let half = inverse_trigamma(excess);
        Prior { d0: 2.0 * half, s02: (mean + digamma(half) - half.ln()).exp() }
    } else {
        // The variances differ no more than chance explains: one variance for all.
        Prior { d0: f64::INFINITY, s02: mean.exp() }
    })
}

/// The second derivative of `ln gamma` for `x > 0`: recurrence up to 20, then the asymptotic series
/// (Abramowitz and Stegun 6.4.6 and 6.4.12). NaN for other x.
fn trigamma(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 {
        return f64::NAN;
    }
    let (mut x, mut sum) = (x, 0.0);
    while x < 20.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series = 1.0 / 6.0 - square * (1.0 / 30.0 - square * (1.0 / 42.0 - square / 30.0));
    sum + 1.0 / x + square / 2.0 + square / x * series
}

/// The third derivative of `ln gamma` for `x > 0`, in the same way.
fn tetragamma(x: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < 20.0 {
        sum -= 2.0 / (x * x * x);
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    sum - square - square / x - square * square * (0.5 - square * (1.0 / 6.0 - square / 6.0))
}

/// The x with `trigamma(x) = y`, `y > 0`: Newton's method on `1 / trigamma`, which is convex and nearly
/// linear, from below (Smyth 2004, appendix).
fn inverse_trigamma(y: f64) -> f64 {
    if y > 1e7 {
        return 1.0 / y.sqrt();
    }
    if y < 1e-6 {
        return 1.0 / y;
    }
    let mut x = 0.5 + 1.0 / y;
    for _ in 0..50 {
        let value = trigamma(x);
        let step = value * (1.0 - value / y) / tetragamma(x);
        x += step;
        if -step / x < 1e-13 {
            break;
        }
    }
    x
}

#[cfg(test)]
mod tests {
    use super::{inverse_trigamma, tetragamma, trigamma};

    #[test]
    fn trigamma_has_its_known_values_and_derivative() {
        let pi2 = std::f64::consts::PI.powi(2);
        for (x, value) in [(1.0, pi2 / 6.0), (0.5, pi2 / 2.0), (2.0, pi2 / 6.0 - 1.0)] {
            assert!((trigamma(x) - value).abs() < 1e-13, "{x}");
        }
        // zeta(3): tetragamma(1) = -2 zeta(3)
        assert!((tetragamma(1.0) + 2.0 * 1.202_056_903_159_594_3).abs() < 1e-12);
        assert!(trigamma(0.0).is_nan() && trigamma(f64::NAN).is_nan());
    }

    #[test]
    fn inverse_trigamma_undoes_trigamma() {
        for x in [0.01, 0.3, 1.0, 1.418, 7.0, 300.0] {
            assert!((inverse_trigamma(trigamma(x)) / x - 1.0).abs() < 1e-9, "{x}");
        }
    }
}
