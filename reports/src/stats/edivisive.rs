//! Steps in the history of a scenario: E-divisive (Matteson and James 2014; Daly et al. 2020 for
//! benchmarks), without its permutation test.
//!
//! The statistic of a split is `Q = mn/(m+n) (2 E|X-Y| - E|X-X'| - E|Y-Y'|)`. Divided by the mean absolute
//! difference of all values it has no scale, so its null depends on the length alone and a table replaces
//! random permutations: the same history always has the same steps.

use serde::Serialize;

use super::error::{StatsError, all_finite};
use super::location::median;

/// Fewest values on either side of a step.
pub const MIN_SEGMENT: usize = 3;
/// Smallest step that is reported, as a fraction.
pub const MIN_STEP: f64 = 0.03;
/// The largest `Q / mean absolute difference` of a series without a step exceeds these values with
/// probability 1 %: (length, threshold), linear between. Simulated with normal noise, which gave higher
/// values than Laplace, t with 3 degrees of freedom, and normal noise with 2 % of outliers.
pub const THRESHOLDS: [(usize, f64); 15] = [
    (6, 2.85),
    (7, 3.30),
    (8, 3.60),
    (10, 4.00),
    (12, 4.30),
    (16, 4.65),
    (20, 4.92),
    (25, 5.19),
    (30, 5.32),
    (40, 5.57),
    (60, 5.79),
    (80, 6.04),
    (100, 6.20),
    (150, 6.36),
    (200, 6.50),
];

/// One way to split a series in two.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Split {
    /// Values before the step.
    pub tau: usize,
    /// The statistic, in the unit of the values.
    pub q: f64,
}

/// A step in a series.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ChangePoint {
    /// Position, from 0, of the first value after the step.
    pub index: usize,
    /// Median after the step / median before it, between the neighbouring steps; above 1 is slower.
    pub ratio: f64,
    /// The statistic of the split that found it.
    pub q: f64,
    /// The same without scale, above [`threshold`].
    pub q_scaled: f64,
}

/// The statistic of every split with at least [`MIN_SEGMENT`] values on either side; empty for short series.
///
/// # Errors
/// [`StatsError::Value`] for a value that is not finite.
pub fn splits(values: &[f64]) -> Result<Vec<Split>, StatsError> {
    all_finite(values)?;
    Ok(splits_of(values))
}

/// Steps in a history of log seconds, in order of time. The best split above the threshold is a step, and so on
/// in each of its parts; then, smallest first, steps below [`MIN_STEP`] are dropped and their parts joined.
///
/// # Errors
/// [`StatsError::Value`] for a value that is not finite (leave time-outs out: they are a finding of their own).
pub fn change_points(log_seconds: &[f64]) -> Result<Vec<ChangePoint>, StatsError> {
    all_finite(log_seconds)?;
    let mut found = Vec::new();
    let mut parts = vec![(0, log_seconds.len())];
    while let Some((from, to)) = parts.pop() {
        let part = &log_seconds[from..to];
        let Some(best) = best_of(part) else { continue };
        let scale = mean_absolute_difference(part);
        let q_scaled = best.q / scale;
        if scale > 0.0 && q_scaled > threshold(part.len()) {
            let index = from + best.tau;
            found.push(ChangePoint { index, ratio: 1.0, q: best.q, q_scaled });
            parts.push((from, index));
            parts.push((index, to));
        }
    }
    found.sort_by_key(|step| step.index);
    loop {
        measure(&mut found, log_seconds);
        let size = |step: &ChangePoint| step.ratio.ln().abs();
        let smallest =
            (0..found.len()).min_by(|a, b| size(&found[*a]).total_cmp(&size(&found[*b])));
        match smallest {
            Some(at) if size(&found[at]) < MIN_STEP.ln_1p() => drop(found.remove(at)),
            _ => return Ok(found),
        }
    }
}

/// What `Q / mean absolute difference` has to exceed in a series of `n` values; the last entry beyond the table,
/// infinite below it.
#[must_use]
pub fn threshold(n: usize) -> f64 {
    let after = THRESHOLDS.partition_point(|entry| entry.0 < n);
    match (after.checked_sub(1).map(|at| THRESHOLDS[at]), THRESHOLDS.get(after)) {
        (_, Some(&(length, value))) if length == n => value,
        (None, _) => f64::INFINITY,
        (Some((_, value)), None) => value,
        (Some((from, low)), Some(&(to, high))) => {
            low + (high - low) * (n - from) as f64 / (to - from) as f64
        }
    }
}

/// Sets each step's ratio from the medians of the parts before and after it.
fn measure(steps: &mut [ChangePoint], values: &[f64]) {
    let ends: Vec<usize> = std::iter::once(0)
        .chain(steps.iter().map(|step| step.index))
        .chain(std::iter::once(values.len()))
        .collect();
    for (step, ends) in steps.iter_mut().zip(ends.windows(3)) {
        let (before, after) = (&values[ends[0]..ends[1]], &values[ends[1]..ends[2]]);
        if let (Some(after), Some(before)) = (median(after), median(before)) {
            step.ratio = (after - before).exp();
        }
    }
}

/// Mean of `|x_i - x_j|` over all pairs; 0 below two values.
fn mean_absolute_difference(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    if values.len() < 2 { 0.0 } else { total_difference(values) / (n * (n - 1.0) / 2.0) }
}

fn total_difference(values: &[f64]) -> f64 {
    (0..values.len()).map(|i| distance(values[i], &values[..i])).sum()
}

/// Sum of the distances from `value`.
fn distance(value: f64, others: &[f64]) -> f64 {
    others.iter().map(|other| (value - other).abs()).sum()
}

/// The split with the largest statistic, the first of equals; `None` below twice [`MIN_SEGMENT`] values.
fn best_of(values: &[f64]) -> Option<Split> {
    splits_of(values).into_iter().reduce(|best, next| if next.q > best.q { next } else { best })
}

/// One pass: each value moves from the right part to the left, and the three sums are updated.
fn splits_of(values: &[f64]) -> Vec<Split> {
    let n = values.len();
    let all = total_difference(values);
    let (mut left, mut between) = (0.0, 0.0);
    let mut found = Vec::new();
    for tau in 1..n {
        let moved = values[tau - 1];
        let to_left = distance(moved, &values[..tau - 1]);
        left += to_left;
        between += distance(moved, &values[tau..]) - to_left;
        if tau < MIN_SEGMENT || n - tau < MIN_SEGMENT {
            continue;
        }
        let right = all - left - between;
        let (m, k) = (tau as f64, (n - tau) as f64);
        let energy =
            2.0 * between / (m * k) - 2.0 * left / (m * (m - 1.0)) - 2.0 * right / (k * (k - 1.0));
        found.push(Split { tau, q: m * k / (m + k) * energy });
    }
    found
}
