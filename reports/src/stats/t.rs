//! Student's t: the paired t interval for display next to the figures of other tools, never for a verdict (one
//! outlier is enough to blind it: `outlier_in_base_10` among the test vectors), and the distribution.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::error::{StatsError, all_finite, open_unit};

/// A mean difference with its t interval, in the unit of the values (log seconds).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TEstimate {
    /// Mean difference new - base.
    pub estimate: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Confidence of the ends.
    pub confidence: f64,
}

/// The interval of the paired t test of the `differences` (Student 1908).
///
/// # Errors
/// [`StatsError::TooFew`] below two values, [`StatsError::Value`] for one that is not finite,
/// [`StatsError::Range`] for a confidence outside (0, 1).
pub fn paired_t(differences: &[f64], confidence: f64) -> Result<TEstimate, StatsError> {
    open_unit("confidence", confidence)?;
    all_finite(differences)?;
    let (estimate, sd) = mean_and_sd(differences)
        .ok_or(StatsError::TooFew { found: differences.len(), least: 2 })?;
    let n = differences.len() as f64;
    let standard_error = sd / n.sqrt();
    // Without spread the quantile times 0 would not be a number where it is infinite.
    let reach = if standard_error > 0.0 {
        standard_error * t_quantile((1.0 - confidence) / 2.0, n - 1.0)
    } else {
        0.0
    };
    let (low, high) = (estimate - reach, estimate + reach);
    Ok(TEstimate { estimate, standard_error, low, high, confidence })
}

/// Mean and standard deviation (n - 1); `None` below two values.
pub(super) fn mean_and_sd(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    if values.len() < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    Some((mean, (squares / (n - 1.0)).sqrt()))
}

/// Above this many degrees of freedom t is the normal distribution to 1e-7, and the continued fraction of
/// the incomplete beta function no longer converges in its fixed number of steps.
const NORMAL_DF: f64 = 1e6;

/// `P(T > t)` with `df` degrees of freedom, infinite included. Exact in the tail, where `1 - cdf` is not.
pub(super) fn t_tail(t: f64, df: f64) -> f64 {
    if t.is_nan() {
        return f64::NAN;
    }
    let freedom = if df > NORMAL_DF { f64::INFINITY } else { df };
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |student| student.sf(t))
}

/// The t above which a `tail` below 0.5 lies: bisection on [`t_tail`] down to neighbouring numbers.
pub(super) fn t_quantile(tail: f64, df: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    while t_tail(high, df) > tail && high < f64::MAX / 2.0 {
        high *= 2.0;
    }
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if t_tail(middle, df) > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
}
