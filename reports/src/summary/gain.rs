//! Whether a warm regime is faster than cold: the one place that decides it.

use bench_record::RegimeSummary;

/// Without an interval a smaller ratio than this, either way, is called no difference: two samples of the
/// same thing on a hosted runner differ by 10 to 16 % at the 95th percentile.
pub(crate) const CLEAR: f64 = 1.1;

/// How a warm regime compares with cold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gain {
    /// Faster: the interval of the ratio is above 1, or without one the ratio is clear.
    Faster,
    /// No difference that can be told.
    Same,
    /// Slower.
    Slower,
    /// One of the two was not measured.
    Unknown,
}

impl Gain {
    /// Judges the regime's speed-up.
    pub(crate) fn of(summary: &RegimeSummary) -> Self {
        let Some(speedup) = summary.speedup else { return Self::Unknown };
        let (low, high) = match (speedup.low, speedup.high) {
            (Some(low), Some(high)) => (low, high),
            _ => (speedup.ratio / CLEAR, speedup.ratio * CLEAR),
        };
        // A hair of rounding is no finding: 1.1 / 1.1 is not quite 1.
        if low > 1.0 - 1e-9 && speedup.ratio > 1.0 {
            Self::Faster
        } else if high < 1.0 + 1e-9 && speedup.ratio < 1.0 {
            Self::Slower
        } else {
            Self::Same
        }
    }
}

/// What a hit saves when its transfer is paid for, a stated network included; the regimes' medians where
/// there are no economics (hot).
pub(crate) fn net_saving(summary: &RegimeSummary) -> Option<f64> {
    summary.economics.map(|economics| economics.hit_saves_s.value).or(summary.net_saving_s)
}
