//! What a candidate and a baseline of one run say about each other.

use serde::{Deserialize, Serialize};

use crate::names::Regime;

/// What a comparison relates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComparisonOf {
    /// The candidate's time divided by the baseline's.
    Time,
    /// The candidate's warm time over its cold time, divided by the same of the baseline (difference in
    /// differences).
    WarmOverCold,
}

/// The answer to a comparison, in the word that is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComparisonVerdict {
    /// Faster by at least the margin, and really faster than the floor.
    Improved,
    /// A slowdown by the margin is ruled out.
    Ok,
    /// The run goes on; the next look is not reached.
    Continue,
    /// All pairs are in, and nothing is shown.
    Inconclusive,
    /// Slower by at least the margin, and really slower than the floor.
    Regressed,
}

impl ComparisonVerdict {
    /// The word that is printed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Improved => "improved",
            Self::Ok => "ok",
            Self::Continue => "continue",
            Self::Inconclusive => "inconclusive",
            Self::Regressed => "regressed",
        }
    }
}

impl std::fmt::Display for ComparisonVerdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// A number of a comparison that is infinite, because time-outs of the candidate leave it open. JSON has no
/// infinity: the number itself is null then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Infinite {
    /// `ratio`.
    Ratio,
    /// `low`.
    Low,
    /// `high`.
    High,
}

/// The machine behind a verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostSummary {
    /// CPU model name; null when the platform does not tell.
    pub cpu: Option<String>,
    /// Logical CPUs online.
    pub cores: Option<u32>,
}

/// A mean ratio by the paired t test: for display beside other tools, never for a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanRatio {
    /// Geometric mean of the pairs' ratios.
    pub ratio: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Confidence of the ends.
    pub level: f64,
}

/// The candidate of one regime against the baseline. Ratios are candidate / baseline: above 1 is slower.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparisonSummary {
    /// What is related.
    pub of: ComparisonOf,
    /// Regime of the candidate's samples.
    pub regime: Regime,
    /// Regime of the baseline's samples: the same, or cold where an arm has no cache to be warm with.
    pub against: Regime,
    /// The phase that is compared; null for the whole sample.
    pub phase: Option<String>,
    /// The verdict; null when none is possible, which `reason` explains.
    pub verdict: Option<ComparisonVerdict>,
    /// Ratio by Hodges and Lehmann; null between looks, without a pair, or when infinite.
    pub ratio: Option<f64>,
    /// Lower end of the interval of the ratio; null where there is none, or when infinite.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Confidence of the interval.
    pub level: Option<f64>,
    /// Which of `ratio`, `low` and `high` are null because they are infinite.
    pub infinite: Vec<Infinite>,
    /// Median of the candidate's pair values: seconds, or warm over cold.
    pub candidate: Option<f64>,
    /// Median of the baseline's pair values.
    pub baseline: Option<f64>,
    /// Pairs behind the verdict, one per block.
    pub n: u32,
    /// Pairs dropped because both sides timed out.
    pub dropped: u32,
    /// Pairs dropped because a side failed or has no time.
    pub failed: u32,
    /// Blocks in which only one arm was measured.
    pub unpaired: u32,
    /// Blocks in which the candidate or one of its examples failed where the baseline ran well: they forbid
    /// `ok` and `improved`.
    #[serde(default)]
    pub candidate_failed: u32,
    /// The same of the baseline: they forbid `regressed`.
    #[serde(default)]
    pub baseline_failed: u32,
    /// Slowdown that matters, a fraction.
    pub margin: f64,
    /// Slowdown below which nothing is called real, a fraction.
    pub floor: f64,
    /// P-value against "slower by at most the floor".
    pub p_regressed: Option<f64>,
    /// P-value against "slower by at least the margin".
    pub p_ok: Option<f64>,
    /// P-value against "faster by at most the floor".
    pub p_improved: Option<f64>,
    /// One-sided level that `p_regressed` and `p_improved` are compared with; `p_ok` with this times the number
    /// of comparisons.
    pub p_level: Option<f64>,
    /// Smallest slowdown, a fraction, that these pairs would probably have shown.
    pub mde: Option<f64>,
    /// Mean ratio by the paired t test, for display only; null below two pairs or with a time-out.
    pub mean_ratio: Option<MeanRatio>,
    /// Number of pairs at the next look while the run goes on.
    pub next_look: Option<u32>,
    /// How the samples were taken, in words.
    pub design: String,
    /// The machine.
    pub host: HostSummary,
    /// Standard deviation of the pairs' log ratios; null below two pairs or with a time-out.
    pub noise: Option<f64>,
    /// Why there is no verdict, or what else must be known about it.
    pub reason: Option<String>,
}

/// Which way an example moved, compared with the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It takes longer.
    Slower,
    /// It takes less time.
    Faster,
}

impl Change {
    /// The word that is printed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slower => "slower",
            Self::Faster => "faster",
        }
    }
}

/// One example of one regime that changed apart from the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExampleChange {
    /// Name.
    pub name: String,
    /// Regime of the candidate's samples.
    pub regime: Regime,
    /// Candidate / baseline after each pair's median over all examples is taken out.
    pub ratio: f64,
    /// Lower end of the moderated t interval; null when nothing varies.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Confidence of the interval.
    pub level: f64,
    /// One-sided p-value in the direction of the flag.
    pub p: f64,
    /// The same, adjusted for the number of examples (false discovery rate).
    pub q: f64,
    /// Pairs in which the example has a ratio.
    pub n: u32,
    /// Which way.
    pub flag: Change,
}
