//! Rules that were tried and not adopted, kept so that the simulation can measure them beside the adopted one
//! and the method page can give its reason in figures. No verdict uses them.

use super::error::{StatsError, all_finite, count};
use super::t::mean_and_sd;

/// The most values [`sign_flip`] enumerates the signs of.
pub const MAX_SIGN_FLIP: usize = 22;

/// Sign-flip test of the mean (Fisher 1935): the share of all `2^n` sign patterns whose sum is at least the
/// observed one. Exact, and blinded by one outlier, since the outlier is in the mean.
///
/// # Errors
/// [`StatsError::TooFew`] without a value, [`StatsError::TooMany`] above [`MAX_SIGN_FLIP`],
/// [`StatsError::Value`] for one that is not finite.
pub fn sign_flip(differences: &[f64]) -> Result<f64, StatsError> {
    count(differences.len(), 1, MAX_SIGN_FLIP)?;
    all_finite(differences)?;
    let n = differences.len();
    // Rounding must not break the tie of a pattern with itself.
    let scale: f64 = differences.iter().map(|d| d.abs()).sum();
    let observed = differences.iter().sum::<f64>() - 1e-12 * scale;
    let as_large = (0..1_u32 << n)
        .filter(|mask| {
            let flip = |(bit, d): (usize, &f64)| if mask >> bit & 1 == 1 { -d } else { *d };
            differences.iter().enumerate().map(flip).sum::<f64>() >= observed
        })
        .count();
    Ok(as_large as f64 / f64::from(1_u32 << n))
}

/// The e-value against a mean of zero of the any-time valid t test (Lai 1976; Wang and Ramdas 2025, Gaussian
/// mixture of effect sizes with variance `g`): it may be looked at after every pair and compared with
/// `1 / alpha`, and pays for that with power. `None` below two values or without spread.
///
/// # Errors
/// [`StatsError::Value`] for a value that is not finite, [`StatsError::Range`] unless `g` is positive.
pub fn any_time_e_value(differences: &[f64], g: f64) -> Result<Option<f64>, StatsError> {
    all_finite(differences)?;
    positive(g)?;
    let n = differences.len() as f64;
    let Some((mean, sd)) = mean_and_sd(differences).filter(|(_, sd)| *sd > 0.0) else {
        return Ok(None);
    };
    let t2 = n * mean * mean / (sd * sd);
    let spread = 1.0 + n * g;
    let ratio = (1.0 + t2 / (n - 1.0)) / (1.0 + t2 / (spread * (n - 1.0)));
    Ok(Some(ratio.powf(n / 2.0) / spread.sqrt()))
}

/// The |t| at which the e-value of `n` pairs reaches `1 / alpha`, so that the interval is the mean and this many
/// standard errors; `None` where no t reaches it.
///
/// # Errors
/// [`StatsError::Range`] unless `g` is positive and `alpha` in (0, 1).
pub fn any_time_radius(n: usize, g: f64, alpha: f64) -> Result<Option<f64>, StatsError> {
    positive(g)?;
    super::error::open_unit("level", alpha)?;
    if n < 2 {
        return Ok(None);
    }
    let n = n as f64;
    let spread = 1.0 + n * g;
    let reach = (spread.sqrt() / alpha).powf(2.0 / n);
    Ok((reach < spread).then(|| ((reach - 1.0) / (1.0 - reach / spread) * (n - 1.0)).sqrt()))
}

fn positive(g: f64) -> Result<(), StatsError> {
    if g.is_finite() && g > 0.0 {
        Ok(())
    } else {
        Err(StatsError::Range { what: "g", value: g, expected: "a positive number" })
    }
}
