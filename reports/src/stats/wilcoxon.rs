//! Wilcoxon's signed-rank test and the exact interval that inverts it.
//!
//! Wilcoxon 1945; interval: Tukey 1949 as in Hollander, Wolfe and Chicken 2014, section 3.3: with `c` the
//! largest integer for which `P(W <= c) <= alpha/2`, the limits are the `c+1`-th smallest and largest
//! of the `n(n+1)/2` averages `(x_i + x_j) / 2`, and the confidence is `1 - 2 P(W <= c)`.

use std::cmp::Ordering;

use serde::Serialize;

use super::error::{StatsError, count, no_nan, open_unit};
use super::interval::Interval;
use super::location::walsh_averages;
use super::pairs::MAX_PAIRS;
use super::signs::{subset_sums, tails};

/// P-values of the signed-rank test that the centre is zero.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SignedRank {
    /// Against "the centre is at most 0".
    pub p_greater: f64,
    /// Against "the centre is at least 0".
    pub p_less: f64,
    /// Twice the smaller one, at most 1.
    pub p_two: f64,
}

/// Tests whether `values` are centred on zero: doubled mid-ranks of the sizes, zeros keep their place in
/// the ranking (Pratt 1959) and count for neither side, exact null.
///
/// # Errors
/// [`StatsError::TooFew`] without a value, [`StatsError::TooMany`] above [`MAX_PAIRS`],
/// [`StatsError::Value`] for NaN.
pub fn signed_rank_test(values: &[f64]) -> Result<SignedRank, StatsError> {
    count(values.len(), 1, MAX_PAIRS)?;
    no_nan(values)?;
    let scores: Vec<i64> = values.iter().map(|value| score(*value, values)).collect();
    let (p_greater, p_less) = tails(&scores);
    Ok(SignedRank { p_greater, p_less, p_two: (2.0 * p_greater.min(p_less)).min(1.0) })
}

/// The doubled mid-rank of `|value|` with the sign of `value`.
fn score(value: f64, values: &[f64]) -> i64 {
    let size = value.abs();
    let mut doubled = 1;
    for other in values {
        doubled += match other.abs().total_cmp(&size) {
            Ordering::Less => 2,
            Ordering::Equal => 1,
            Ordering::Greater => 0,
        };
    }
    if value > 0.0 {
        doubled
    } else if value < 0.0 {
        -doubled
    } else {
        0
    }
}

/// How many of the `2^n` sign patterns give each rank sum `0..=n(n+1)/2`; whole numbers, exact up to n = 53.
/// Empty above [`MAX_PAIRS`].
#[must_use]
pub fn signed_rank_counts(n: usize) -> Vec<f64> {
    if n > MAX_PAIRS {
        return Vec::new();
    }
    let all = (n as f64).exp2();
    null(n).into_iter().map(|probability| probability * all).collect()
}

/// The largest `c` with `P(W <= c) <= alpha/2`; `None` when even `c = 0` is too likely (n = 5 at 5 %) or
/// n is above [`MAX_PAIRS`].
#[must_use]
pub fn signed_rank_cut(n: usize, alpha: f64) -> Option<usize> {
    if n > MAX_PAIRS { None } else { cut(n, alpha).map(|(cut, _)| cut) }
}

/// The exact interval of the pseudo-median of `values` at two-sided level `alpha`, with the confidence it
/// really has; `None` when n is too small for the level. An end is infinite where time-outs reach it.
///
/// # Errors
/// [`StatsError::TooMany`] above [`MAX_PAIRS`], [`StatsError::Value`] for NaN, [`StatsError::Range`]
/// for a level outside (0, 1).
pub fn signed_rank_interval(values: &[f64], alpha: f64) -> Result<Option<Interval>, StatsError> {
    count(values.len(), 0, MAX_PAIRS)?;
    no_nan(values)?;
    open_unit("level", alpha)?;
    Ok(interval_of_sorted(&walsh_averages(values), values.len(), alpha))
}

/// The interval from the averages of `n` values in order.
pub(super) fn interval_of_sorted(walsh: &[f64], n: usize, alpha: f64) -> Option<Interval> {
    let (cut, tail) = cut(n, alpha)?;
    Some(Interval {
        low: *walsh.get(cut)?,
        high: *walsh.get(walsh.len().checked_sub(cut + 1)?)?,
        confidence: 1.0 - 2.0 * tail,
    })
}

fn null(n: usize) -> Vec<f64> {
    subset_sums(&(1..=n).collect::<Vec<_>>())
}

/// The cut and `P(W <= cut)`.
fn cut(n: usize, alpha: f64) -> Option<(usize, f64)> {
    let mut found = None;
    let mut tail = 0.0;
    for (sum, probability) in null(n).into_iter().enumerate() {
        tail += probability;
        if tail > alpha / 2.0 {
            break;
        }
        found = Some((sum, tail));
    }
    found
}
