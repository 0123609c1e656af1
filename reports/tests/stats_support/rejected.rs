//! A rule that was tried and not adopted, kept so that the bench can measure it next to the adopted one and the
//! method page can give its reason in figures.

/// The e-value against a mean of zero of the any-time valid t test (Lai 1976; Wang and Ramdas 2025, Gaussian
/// mixture of effect sizes with variance `g`): it may be looked at after every pair and compared with
/// `1 / alpha`, and pays for that with power. `None` below two values or without spread.
pub(crate) fn any_time_e_value(differences: &[f64], g: f64) -> Option<f64> {
    let n = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / n;
    let variance = differences.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / (n - 1.0);
    if differences.len() < 2 || variance <= 0.0 {
        return None;
    }
    let t2 = n * mean * mean / variance;
    let spread = 1.0 + n * g;
    let ratio = (1.0 + t2 / (n - 1.0)) / (1.0 + t2 / (spread * (n - 1.0)));
    Some(ratio.powf(n / 2.0) / spread.sqrt())
}
