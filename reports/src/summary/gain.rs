//! Whether a warm regime is faster than cold: the one place that decides it.

use bench_record::RegimeSummary;

use crate::stats::Rule;
use crate::units;

/// Without an interval a smaller ratio than this, either way, shows no difference: two samples of the
/// same thing on a hosted runner differ by 10 to 16 % at the 95th percentile.
pub(crate) const CLEAR: f64 = 1.1;

/// How a warm regime compares with cold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gain {
    /// Faster: the interval of the ratio is above 1, or without one the ratio is clear.
    Faster,
    /// No difference that matters: the interval of the ratio lies within the margin around 1.
    Same,
    /// No difference is shown, and none is ruled out.
    Unclear,
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
        } else if speedup.low.is_some()
            && low >= 1.0 / (1.0 + Rule::MARGIN)
            && high <= 1.0 + Rule::MARGIN
        {
            Self::Same
        } else {
            Self::Unclear
        }
    }

    /// Whether the regime is not shown to be faster than a cold one that was measured.
    pub(crate) const fn is_none(self) -> bool {
        matches!(self, Self::Same | Self::Unclear | Self::Slower)
    }
}

/// What the judgement of a speed-up rests on: its interval, or why there is none.
pub(crate) fn basis(summary: &RegimeSummary) -> String {
    match summary.speedup.and_then(|speedup| speedup.low.zip(speedup.high)) {
        Some((low, high)) => format!("interval {} to {}", units::ratio(low), units::ratio(high)),
        None => format!(
            "no interval from {}; below {} shows nothing",
            units::counted(summary.samples as usize, "sample"),
            units::ratio(CLEAR)
        ),
    }
}

/// What a hit saves when its transfer is paid for, a stated network included; the regimes' medians where
/// there are no economics (hot).
pub(crate) fn net_saving(summary: &RegimeSummary) -> Option<f64> {
    summary.economics.map(|economics| economics.hit_saves_s.value).or(summary.net_saving_s)
}
