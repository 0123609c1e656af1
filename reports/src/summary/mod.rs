//! From records to a summary: estimates a regime, a line an example, and what the run found.

mod attribution;
mod blocks;
mod conclusion;
mod distribution;
mod economics;
mod estimates;
mod examples;
mod findings;
mod floor;
mod gain;
mod makespan;
mod model;
mod planned;
mod regimes;

use bench_record::{Arm, Assumptions, Example, LoadedRun, Regime, RegimeSummary, Sample, Summary};

pub(crate) use gain::Gain;
use planned::Planned;

pub use crate::location::{LEVEL as INTERVAL_LEVEL, MIN_VALUES as INTERVAL_SAMPLES};
pub use conclusion::conclusion;
pub use findings::attribution::{DISTURBED, LOADED, UNMEASURED};
pub use makespan::{CORES, NO_MORE};
pub use model::{MIN_EXAMPLES, SEQUENTIAL};

/// Nanoseconds in a second.
const NS: f64 = 1e9;

/// What a run says. Estimates use `ok` samples only; the others are counted and named. The order in which
/// samples were recorded does not matter.
pub fn summarise(run: &LoadedRun) -> Summary {
    summarise_with(run, &Assumptions::default())
}

/// The same, with what the user states about transfer, hits, jobs and price in the economics.
pub fn summarise_with(run: &LoadedRun, assumptions: &Assumptions) -> Summary {
    let facts = Facts::new(run, assumptions);
    let findings = findings::all(&facts);
    let Facts { regimes, examples, planned, harness_share, .. } = facts;
    Summary {
        schema: Summary::SCHEMA.to_owned(),
        run_id: run.run.id.clone(),
        scenario: run.run.scenario.name.clone(),
        params: run.run.params.clone(),
        complete: planned.complete,
        harness_share,
        assumptions: (!assumptions.is_empty()).then_some(*assumptions),
        regimes,
        examples,
        findings,
        gates: crate::verdict::gates::judge(run),
        comparisons: crate::verdict::compare(run),
        example_changes: crate::verdict::example_changes(run),
        torn_bytes: run.torn_bytes,
    }
}

/// A sample with its examples.
type Taken<'a> = (&'a Sample, &'a [Example]);

/// What the findings are drawn from.
struct Facts<'a> {
    run: &'a LoadedRun,
    /// In the order of blocks and of the samples inside each, whatever their order in the file.
    samples: Vec<Taken<'a>>,
    regimes: Vec<RegimeSummary>,
    examples: Vec<bench_record::ExampleSummary>,
    planned: Planned,
    harness_share: Option<f64>,
}

impl<'a> Facts<'a> {
    fn new(run: &'a LoadedRun, assumptions: &Assumptions) -> Self {
        let mut samples: Vec<Taken> =
            run.samples.iter().map(|(sample, examples)| (sample, examples.as_slice())).collect();
        samples.sort_by_key(|(sample, _)| (sample.block, sample.order, &sample.id));
        Self {
            run,
            regimes: regimes::all(run, &samples, assumptions),
            examples: examples::all(&samples),
            planned: Planned::of(run),
            harness_share: run.end.as_ref().and_then(|end| end.shares.own()),
            samples,
        }
    }

    /// Samples of one regime and arm, all outcomes.
    fn of(&self, regime: Regime, arm: Arm) -> impl Iterator<Item = Taken<'a>> {
        of(&self.samples, regime, arm)
    }

    /// The cold regime of the same arm.
    fn cold(&self, arm: Arm) -> Option<&RegimeSummary> {
        find(&self.regimes, Regime::Cold, arm)
    }

    /// The warm regimes.
    fn warm(&self) -> impl Iterator<Item = &RegimeSummary> {
        self.regimes.iter().filter(|summary| summary.regime.is_warm())
    }
}

fn of<'s, 'a>(
    samples: &'s [Taken<'a>],
    regime: Regime,
    arm: Arm,
) -> impl Iterator<Item = Taken<'a>> + use<'s, 'a> {
    samples.iter().filter(move |(sample, _)| sample.regime == regime && sample.arm == arm).copied()
}

pub(crate) fn find(regimes: &[RegimeSummary], regime: Regime, arm: Arm) -> Option<&RegimeSummary> {
    regimes.iter().find(|summary| summary.regime == regime && summary.arm == arm)
}

fn seconds(ns: u64) -> f64 {
    ns as f64 / NS
}

/// A regime as sentences name it; the arm only when it is not the usual one.
fn label(summary: &RegimeSummary) -> String {
    match summary.arm {
        Arm::Candidate => summary.regime.to_string(),
        Arm::Baseline => format!("{} (baseline)", summary.regime),
    }
}
