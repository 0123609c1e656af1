//! `summary.json`: what a run says, derived from its records. Schema `bench.summary/2`.
//!
//! A field that does not apply is null, never missing. Fields are added, none is renamed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::comparison::{ComparisonSummary, ExampleChange, HostSummary};
use crate::estimate::{Assumptions, Distribution, Economics, Estimate, ExampleModel, Makespan};
use crate::names::{Arm, Outcome, Regime, RunId};

/// The whole summary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Always [`Summary::SCHEMA`].
    pub schema: String,
    /// The run.
    pub run_id: RunId,
    /// Scenario name.
    pub scenario: String,
    /// Params.
    pub params: BTreeMap<String, String>,
    /// Whether the run reached its end and nothing planned is missing.
    pub complete: bool,
    /// Share of the wall time that was neither a command, a transfer nor a lay-out; null when cut short.
    pub harness_share: Option<f64>,
    /// What the user stated for the economics; null when nothing was.
    pub assumptions: Option<Assumptions>,
    /// One entry per regime and arm, in report order.
    pub regimes: Vec<RegimeSummary>,
    /// One entry per example, in order of execution (candidate arm).
    pub examples: Vec<ExampleSummary>,
    /// Plain sentences, the headline first.
    pub findings: Vec<String>,
    /// Gates and their verdicts, one per regime.
    pub gates: Vec<GateSummary>,
    /// The candidate against the baseline; empty without one.
    #[serde(default)]
    pub comparisons: Vec<ComparisonSummary>,
    /// Examples that changed apart from the others; empty without a baseline.
    #[serde(default)]
    pub example_changes: Vec<ExampleChange>,
    /// Bytes of a torn last line that was skipped.
    pub torn_bytes: u64,
}

impl Summary {
    /// Name and version of this format.
    pub const SCHEMA: &'static str = "bench.summary/2";
}

/// One regime of one arm. Estimates use `ok` samples only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegimeSummary {
    /// Regime.
    pub regime: Regime,
    /// Arm.
    pub arm: Arm,
    /// Samples that enter the estimates.
    pub samples: u32,
    /// Samples that do not, because their regime is not proven.
    pub unproven: u32,
    /// Samples that failed or timed out.
    pub failed: u32,
    /// Sum of the measured phases; null without an `ok` sample.
    pub wall_s: Option<Interval>,
    /// Pseudo-median of the same times; null without an `ok` sample.
    pub pseudo_median_s: Option<Estimate>,
    /// Per measured phase.
    pub phases: BTreeMap<String, PhaseSummary>,
    /// Cold time divided by this regime's.
    pub speedup: Option<Speedup>,
    /// Median hits a sample; null = unknown.
    pub hits: Option<f64>,
    /// Median misses a sample; null = unknown.
    pub misses: Option<f64>,
    /// All caches together; null when none is active.
    pub cache: Option<CacheSummary>,
    /// Cold minus (restore + this regime); null for cold itself. Save is not in it: a hit does not save.
    pub net_saving_s: Option<f64>,
    /// What the regime is worth; null for cold and hot, and without a cache.
    pub economics: Option<Economics>,
    /// Share of the possible saving (cold minus hot) that this regime has, transfer left out; null for
    /// cold and hot, and where hot was not measured or is not faster than cold.
    pub saving_captured: Option<Estimate>,
    /// Median time of the first example; null without examples.
    pub first_example_s: Option<f64>,
    /// Median over samples of the median time of examples 2 and later.
    pub other_examples_s: Option<f64>,
    /// Fixed cost and rate; null unless the examples ran one after another in the same order.
    pub example_model: Option<ExampleModel>,
    /// The examples spread over cores; null below two examples.
    pub makespan: Option<Makespan>,
    /// All example times; null without one.
    pub example_times: Option<Distribution>,
}

/// A location with what is known about its spread, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Median.
    pub median: f64,
    /// Lower end of the interval for the median; null when there are too few samples for one.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Confidence level of the interval; null without one.
    pub level: Option<f64>,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
}

/// One phase of one regime.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseSummary {
    /// Median seconds.
    pub median: f64,
    /// Share of the difference from cold that lies in this phase; null where there is no clear difference.
    pub difference_share: Option<f64>,
}

/// A ratio with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Speedup {
    /// Point estimate.
    pub ratio: f64,
    /// Lower end; null when there are too few samples.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// All caches of one regime together (medians over samples).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CacheSummary {
    /// Files after a sample.
    pub files: u64,
    /// Bytes after a sample.
    pub bytes: u64,
    /// Bytes of the archive written or restored.
    pub archive_bytes: Option<u64>,
    /// Seconds to save.
    pub save_s: Option<f64>,
    /// Seconds to restore.
    pub restore_s: Option<f64>,
}

/// One example over all regimes (medians of `ok` times, seconds; null = not measured).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExampleSummary {
    /// Name.
    pub name: String,
    /// Position in the order of execution, from 1.
    pub position: u32,
    /// Cold.
    pub cold_s: Option<f64>,
    /// Same-runner.
    pub same_runner_s: Option<f64>,
    /// Cross-runner.
    pub cross_runner_s: Option<f64>,
    /// Moved-runner.
    #[serde(default)]
    pub moved_runner_s: Option<f64>,
    /// Hot.
    pub hot_s: Option<f64>,
    /// In samples whose regime is not known.
    #[serde(default)]
    pub unknown_s: Option<f64>,
    /// Worst outcome seen.
    pub outcome: Outcome,
    /// Reason of the worst outcome.
    pub reason: Option<String>,
}

/// Whether a limit holds; the later the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateVerdict {
    /// The run was not asked for what it judges: without influence on the exit code.
    NotApplicable,
    /// Better than the baseline by at least the margin.
    Improved,
    /// It holds.
    Ok,
    /// Neither is certain.
    Inconclusive,
    /// It is exceeded.
    Regressed,
}

impl GateVerdict {
    /// The word that is printed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotApplicable => "not-applicable",
            Self::Improved => "improved",
            Self::Ok => "ok",
            Self::Inconclusive => "inconclusive",
            Self::Regressed => "regressed",
        }
    }
}

impl std::fmt::Display for GateVerdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// One gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GateSummary {
    /// What it demands, in words.
    pub gate: String,
    /// The regime that this verdict is about; null when the gate applies to none.
    #[serde(default)]
    pub regime: Option<Regime>,
    /// The verdict.
    pub verdict: GateVerdict,
    /// The doubt is one that more samples cannot remove: a regime is not proven, or the arms are not of one
    /// job and random order (exit code 5).
    #[serde(default)]
    pub unproven: bool,
    /// The candidate failed where the baseline ran well, so it is neither `ok` nor `improved` (exit code 4).
    #[serde(default)]
    pub failed: bool,
    /// The median of what was measured, or the ratio to the baseline, in the unit of the limit.
    pub value: Option<f64>,
    /// What is allowed: seconds, a ratio, a rate from 0 to 1, or bytes.
    pub limit: Option<f64>,
    /// Samples, or pairs of a comparison, behind the value.
    pub samples: u32,
    /// Lower end of the interval of the median; the smallest value below six samples.
    pub low: Option<f64>,
    /// Upper end of the interval of the median; the largest value below six samples.
    pub high: Option<f64>,
    /// Level of the interval; null below six samples.
    pub level: Option<f64>,
    /// Slowdown that matters, a fraction (for examples the step that decides); null for an absolute limit.
    #[serde(default)]
    pub margin: Option<f64>,
    /// Slowdown below which nothing is called real, a fraction; null for an absolute limit and for examples.
    #[serde(default)]
    pub floor: Option<f64>,
    /// How the samples of the comparison were taken; null for an absolute limit.
    #[serde(default)]
    pub design: Option<String>,
    /// The machine.
    #[serde(default)]
    pub host: HostSummary,
    /// The example that decides, or why there is no value.
    pub reason: Option<String>,
}
