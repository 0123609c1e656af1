//! An interval, and a location on the log scale together with its ratio.

use serde::Serialize;

/// A two-sided confidence interval.
///
/// An end may be infinite when time-outs leave that side open; serialised it is null.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Confidence, at least what was asked for where the exact value is known.
    pub confidence: f64,
}

impl Interval {
    /// The interval of `exp(x)`.
    #[must_use]
    pub fn exp(self) -> Self {
        Self { low: self.low.exp(), high: self.high.exp(), confidence: self.confidence }
    }

    /// Whether `value` lies inside, ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// The effect of a comparison: new time divided by base time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// Natural logarithm of the ratio; infinite when time-outs outweigh finished pairs.
    pub log_ratio: f64,
    /// The ratio; above 1 is slower.
    pub ratio: f64,
}

impl Estimate {
    pub(super) fn from_log(log_ratio: f64) -> Self {
        Self { log_ratio, ratio: log_ratio.exp() }
    }
}
