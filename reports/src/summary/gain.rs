//! Whether a warm regime is faster than cold: the one place that decides it.

use bench_record::RegimeSummary;

use crate::document::units;
use crate::stats::Rule;

/// Without an interval a smaller ratio than this, in either direction, shows no difference: two samples of the same
/// work on a hosted runner differ by 10 to 16 % at the 95th percentile. On a busy machine they differ by more, so
/// the spreads must not overlap either.
pub(crate) const CLEAR: f64 = 1.1;

/// How a warm regime compares with cold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gain {
    /// Faster: the interval of the ratio is above 1, or without one the ratio is clear and every sample was
    /// faster than every cold one.
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
    /// Judges a warm regime's speed-up over the cold one of its arm.
    pub(crate) fn of(warm: &RegimeSummary, cold: Option<&RegimeSummary>) -> Self {
        let Some(speedup) = warm.speedup else { return Self::Unknown };
        let Some((low, high)) = speedup.low.zip(speedup.high) else {
            return Self::without_interval(speedup.ratio, warm, cold);
        };
        // Rounding must not become a finding: 1.1 / 1.1 is not quite 1.
        if low > 1.0 - 1e-9 && speedup.ratio > 1.0 {
            Self::Faster
        } else if high < 1.0 + 1e-9 && speedup.ratio < 1.0 {
            Self::Slower
        } else if low >= 1.0 / (1.0 + Rule::MARGIN) && high <= 1.0 + Rule::MARGIN {
            Self::Same
        } else {
            Self::Unclear
        }
    }

    fn without_interval(ratio: f64, warm: &RegimeSummary, cold: Option<&RegimeSummary>) -> Self {
        let walls = warm.wall_s.zip(cold.and_then(|cold| cold.wall_s));
        // Rounding must not decide.
        if ratio > CLEAR - 1e-9 && walls.is_some_and(|(warm, cold)| warm.max < cold.min) {
            Self::Faster
        } else if ratio < 1.0 / CLEAR + 1e-9
            && walls.is_some_and(|(warm, cold)| warm.min > cold.max)
        {
            Self::Slower
        } else {
            Self::Unclear
        }
    }

    /// Whether both were measured and the regime is not shown to be faster than cold.
    pub(crate) const fn is_none(self) -> bool {
        matches!(self, Self::Same | Self::Unclear | Self::Slower)
    }
}

/// What the judgement of a speed-up rests on: its interval, or that there is none and what is missing.
pub(crate) fn basis(warm: &RegimeSummary, gain: Gain) -> String {
    if let Some((low, high)) = warm.speedup.and_then(|speedup| speedup.low.zip(speedup.high)) {
        return format!("interval {} to {}", units::ratio(low), units::ratio(high));
    }
    let small = |ratio: f64| (1.0 / CLEAR..CLEAR).contains(&ratio);
    let missing = match gain {
        Gain::Unclear if warm.speedup.is_some_and(|speedup| small(speedup.ratio)) => {
            format!("; below {} shows nothing", units::ratio(CLEAR))
        }
        Gain::Unclear => "; spreads that overlap show nothing".to_owned(),
        Gain::Faster | Gain::Same | Gain::Slower | Gain::Unknown => String::new(),
    };
    format!("no interval from {}{missing}", units::counted(warm.samples as usize, "sample"))
}

/// What a hit saves when its transfer is paid for, a stated network included; the regimes' medians where
/// there are no economics (hot).
pub(crate) fn net_saving(summary: &RegimeSummary) -> Option<f64> {
    summary.economics.map(|economics| economics.hit_saves_s.value).or(summary.net_saving_s)
}
