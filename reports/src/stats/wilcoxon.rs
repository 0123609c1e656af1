//! The pseudo-median and its exact interval, which inverts Wilcoxon's signed-rank test.
//!
//! Wilcoxon 1945; interval: Tukey 1949 as in Hollander, Wolfe and Chicken 2014, section 3.3: with `c` the
//! largest integer for which `P(W <= c) <= alpha/2`, the limits are the `c+1`-th smallest and largest
//! of the `n(n+1)/2` averages `(x_i + x_j) / 2`, and the confidence is `1 - 2 P(W <= c)`.

use super::error::{StatsError, count, no_nan, open_unit};
use super::location::{ConfidenceInterval, median_of_sorted, midpoint};
use super::signs::{MAX_PAIRS, subset_sums};

/// The pseudo-median: the median of all `(x_i + x_j) / 2` with `i <= j` (Hodges and Lehmann 1963, one sample).
///
/// # Errors
/// [`StatsError::TooFew`] without a value, [`StatsError::TooMany`] above [`MAX_PAIRS`],
/// [`StatsError::Value`] for NaN.
pub fn pseudo_median(values: &[f64]) -> Result<f64, StatsError> {
    count(values.len(), 1, MAX_PAIRS)?;
    no_nan(values)?;
    median_of_sorted(&walsh_averages(values)).ok_or(StatsError::TooFew { found: 0, least: 1 })
}

/// The exact interval of the pseudo-median of `values` at two-sided level `alpha`, with the confidence it
/// really has; `None` when n is too small for the level. An end is infinite where time-outs reach it.
///
/// # Errors
/// [`StatsError::TooMany`] above [`MAX_PAIRS`], [`StatsError::Value`] for NaN, [`StatsError::Range`]
/// for a level outside (0, 1).
pub fn signed_rank_interval(
    values: &[f64],
    alpha: f64,
) -> Result<Option<ConfidenceInterval>, StatsError> {
    count(values.len(), 0, MAX_PAIRS)?;
    no_nan(values)?;
    open_unit("level", alpha)?;
    let averages = walsh_averages(values);
    Ok(cut(values.len(), alpha).map(|(cut, tail)| ConfidenceInterval {
        low: averages[cut],
        high: averages[averages.len() - 1 - cut],
        confidence: 1.0 - 2.0 * tail,
    }))
}

/// All `(x_i + x_j) / 2` with `i <= j` (Walsh averages), in rising order.
pub(super) fn walsh_averages(values: &[f64]) -> Vec<f64> {
    let mut averages = Vec::with_capacity(values.len() * (values.len() + 1) / 2);
    for (at, &first) in values.iter().enumerate() {
        averages.extend(values[at..].iter().map(|&second| midpoint(first, second)));
    }
    averages.sort_by(f64::total_cmp);
    averages
}

/// The largest `c` with `P(W <= c) <= alpha/2`, and that probability; `None` when even `c = 0` is too likely
/// (n = 5 at 5 %).
fn cut(n: usize, alpha: f64) -> Option<(usize, f64)> {
    let mut found = None;
    let mut tail = 0.0;
    let ranks: Vec<usize> = (1..=n).collect();
    for (sum, probability) in subset_sums(&ranks).into_iter().enumerate() {
        tail += probability;
        if tail > alpha / 2.0 {
            break;
        }
        found = Some((sum, tail));
    }
    found
}
