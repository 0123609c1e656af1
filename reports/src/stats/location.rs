//! Where times lie: median, pseudo-median and their exact interval. Never the best of n, never a mean of
//! raw seconds.

use serde::Serialize;

use super::error::{StatsError, count, no_nan, open_unit};
use super::interval::Interval;
use super::pairs::{MAX_PAIRS, Time};
use super::wilcoxon::interval_of_sorted;

/// Where the times of one regime lie. All in seconds; `+inf` (null when serialised) = timed out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Location {
    /// Samples, time-outs included.
    pub n: usize,
    /// Samples that timed out.
    pub timed_out: usize,
    /// Fastest.
    pub min: f64,
    /// Slowest.
    pub max: f64,
    /// Middle sample, or the mean of the two middle ones.
    pub median: f64,
    /// `exp` of the mean logarithm: for display beside other tools' figures.
    pub geometric_mean: f64,
    /// `exp` of the Hodges-Lehmann estimate of the logarithms.
    pub pseudo_median: f64,
    /// Exact Wilcoxon interval of the pseudo-median; `None` when n is too small for the level (below 6 at 5 %).
    pub interval: Option<Interval>,
}

impl Location {
    /// Describes `times` with a two-sided interval at level `alpha` (0.05 for 95 %).
    ///
    /// Median and ends are those of the seconds; the pseudo-median is that of the logarithms.
    ///
    /// # Errors
    /// [`StatsError::TooFew`] without a time, [`StatsError::TooMany`] above [`MAX_PAIRS`],
    /// [`StatsError::Range`] for a level outside (0, 1).
    pub fn of(times: &[Time], alpha: f64) -> Result<Self, StatsError> {
        count(times.len(), 1, MAX_PAIRS)?;
        open_unit("level", alpha)?;
        let mut logs: Vec<f64> = times.iter().map(|time| time.ln()).collect();
        logs.sort_by(f64::total_cmp);
        let seconds: Vec<f64> = logs.iter().map(|log| log.exp()).collect();
        let walsh = walsh_averages(&logs);
        let n = logs.len();
        let middle = |sorted: &[f64]| median_of_sorted(sorted).unwrap_or(f64::NAN);
        Ok(Self {
            n,
            timed_out: times.iter().filter(|time| time.is_timed_out()).count(),
            min: seconds[0],
            max: seconds[n - 1],
            median: middle(&seconds),
            geometric_mean: (logs.iter().sum::<f64>() / n as f64).exp(),
            pseudo_median: middle(&walsh).exp(),
            interval: interval_of_sorted(&walsh, n, alpha).map(Interval::exp),
        })
    }
}

/// The median: the middle value, or the mean of the two middle ones.
///
/// # Errors
/// [`StatsError::TooFew`] without a value, [`StatsError::Value`] for NaN.
pub fn median(values: &[f64]) -> Result<f64, StatsError> {
    no_nan(values)?;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    median_of_sorted(&sorted).ok_or(StatsError::TooFew { found: 0, least: 1 })
}

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

/// The median of values in order; `None` without one.
pub(super) fn median_of_sorted(sorted: &[f64]) -> Option<f64> {
    let n = sorted.len();
    let upper = *sorted.get(n / 2)?;
    Some(if n % 2 == 1 { upper } else { midpoint(sorted[n / 2 - 1], upper) })
}

/// All `(x_i + x_j) / 2` with `i <= j`, in order.
pub(super) fn walsh_averages(values: &[f64]) -> Vec<f64> {
    let mut averages = Vec::with_capacity(values.len() * (values.len() + 1) / 2);
    for (at, &first) in values.iter().enumerate() {
        averages.extend(values[at..].iter().map(|&second| midpoint(first, second)));
    }
    averages.sort_by(f64::total_cmp);
    averages
}

/// The mean of two values that are no NaN. A time-out of the candidate in one pair and of the baseline in another cancel:
/// zero is the only choice under which swapping the arms mirrors the estimate.
fn midpoint(first: f64, second: f64) -> f64 {
    let sum = first + second;
    if sum.is_nan() { 0.0 } else { 0.5 * sum }
}
