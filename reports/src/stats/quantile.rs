//! Distribution-free bounds of a quantile by order statistics (Conover 1999, section 3.2; David and
//! Nagaraja 2003, section 7.1): with `N` binomial (n, q), the r-th smallest value is a lower bound with
//! confidence `P(N >= r)`, and the s-th an upper bound with confidence `P(N < s)`.

use serde::Serialize;

use super::error::{StatsError, no_nan, open_unit};

/// A quantile with its bounds, in the unit of the values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct QuantileBounds {
    /// Which quantile, between 0 and 1.
    pub quantile: f64,
    /// The smallest value with at least that share at or below it.
    pub value: f64,
    /// Lower bound; `None` where no value is low enough.
    pub low: Option<f64>,
    /// Upper bound; `None` where no value is high enough (the 99th centile of 50 values).
    pub high: Option<f64>,
    /// Confidence of the bounds that are there, at least `1 - alpha`.
    pub confidence: f64,
}

/// Bounds of quantile `q` of the population behind independent `values`, `alpha/2` on each side.
///
/// # Errors
/// [`StatsError::TooFew`] without a value, [`StatsError::Value`] for NaN, [`StatsError::Range`] for a
/// quantile or level outside (0, 1).
pub fn quantile_bounds(values: &[f64], q: f64, alpha: f64) -> Result<QuantileBounds, StatsError> {
    open_unit("quantile", q)?;
    open_unit("level", alpha)?;
    no_nan(values)?;
    let n = values.len();
    if n == 0 {
        return Err(StatsError::TooFew { found: 0, least: 1 });
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    // below[k] = P(N <= k)
    let below = binomial_cdf(n, q);
    let half = alpha / 2.0;
    // Largest r with P(N <= r - 1) <= alpha/2; smallest s with P(N >= s) <= alpha/2.
    let r = below.partition_point(|p| *p <= half);
    let s = (1..=n).find(|s| 1.0 - below[s - 1] <= half);
    let miss_low = if r == 0 { 0.0 } else { below[r - 1] };
    let miss_high = s.map_or(0.0, |s| 1.0 - below[s - 1]);
    let rank = ((n as f64 * q).ceil() as usize).clamp(1, n);
    Ok(QuantileBounds {
        quantile: q,
        value: sorted[rank - 1],
        low: r.checked_sub(1).and_then(|at| sorted.get(at)).copied(),
        high: s.map(|s| sorted[s - 1]),
        confidence: 1.0 - miss_low - miss_high,
    })
}

/// `P(N <= k)` for k = 0..=n, from logarithms so that large n neither over- nor underflows.
fn binomial_cdf(n: usize, q: f64) -> Vec<f64> {
    let (success, failure) = (q.ln(), (-q).ln_1p());
    let mut log_choose = 0.0;
    let mut sum = 0.0_f64;
    (0..=n)
        .map(|k| {
            if k > 0 {
                log_choose += ((n - k + 1) as f64 / k as f64).ln();
            }
            sum += (log_choose + k as f64 * success + (n - k) as f64 * failure).exp();
            sum.min(1.0)
        })
        .collect()
}
