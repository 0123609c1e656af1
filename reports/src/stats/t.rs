//! Student's t, paired and Welch: for display beside the figures of other tools, never for a verdict. One
//! outlier is enough to blind it (`outlier_in_base_10` among the test vectors).

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
    /// Degrees of freedom; by Welch and Satterthwaite for two samples.
    pub df: f64,
    /// Estimate / standard error; `None` when nothing varies.
    pub t: Option<f64>,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Confidence of the ends.
    pub confidence: f64,
    /// Two-sided p-value.
    pub p_two: f64,
    /// P-value against "at most 0".
    pub p_greater: f64,
}

/// The paired t test of the `differences` (Student 1908).
///
/// # Errors
/// [`StatsError::TooFew`] below two values, [`StatsError::Value`] for one that is not finite,
/// [`StatsError::Range`] for a confidence outside (0, 1).
pub fn paired_t(differences: &[f64], confidence: f64) -> Result<TEstimate, StatsError> {
    open_unit("confidence", confidence)?;
    all_finite(differences)?;
    let n = differences.len() as f64;
    let (mean, sd) = sample(differences)?;
    Ok(describe(mean, sd / n.sqrt(), n - 1.0, confidence))
}

/// Welch's t test of `new` against `base` (Welch 1947): two samples of unequal variance.
///
/// # Errors
/// As [`paired_t`], for either sample.
pub fn welch_t(base: &[f64], new: &[f64], confidence: f64) -> Result<TEstimate, StatsError> {
    open_unit("confidence", confidence)?;
    all_finite(base)?;
    all_finite(new)?;
    let ((base_mean, base_sd), (new_mean, new_sd)) = (sample(base)?, sample(new)?);
    let (m, n) = (base.len() as f64, new.len() as f64);
    let (u, v) = (base_sd * base_sd / m, new_sd * new_sd / n);
    let df = if u + v > 0.0 {
        // By shares rather than squares of variances, which would vanish for tiny ones.
        let share = u / (u + v);
        1.0 / (share * share / (m - 1.0) + (1.0 - share) * (1.0 - share) / (n - 1.0))
    } else {
        m + n - 2.0
    };
    Ok(describe(new_mean - base_mean, (u + v).sqrt(), df, confidence))
}

fn describe(estimate: f64, standard_error: f64, df: f64, confidence: f64) -> TEstimate {
    let t = (standard_error > 0.0).then_some(estimate / standard_error);
    // Without any spread the sign of the estimate is all there is.
    let limit = t.unwrap_or(if estimate == 0.0 { 0.0 } else { estimate * f64::INFINITY });
    let reach = if standard_error > 0.0 {
        standard_error * t_quantile((1.0 - confidence) / 2.0, df)
    } else {
        0.0
    };
    TEstimate {
        estimate,
        standard_error,
        df,
        t,
        low: estimate - reach,
        high: estimate + reach,
        confidence,
        p_two: (2.0 * t_tail(limit.abs(), df)).min(1.0),
        p_greater: t_tail(limit, df),
    }
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

fn sample(values: &[f64]) -> Result<(f64, f64), StatsError> {
    mean_and_sd(values).ok_or(StatsError::TooFew { found: values.len(), least: 2 })
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
