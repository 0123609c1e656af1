//! What the findings are drawn from.

use bench_record::{Arm, Assumptions, ExampleSummary, LoadedRun, Regime, RegimeSummary};

use super::completeness::Completeness;
use super::samples::{MeasuredSample, find, of};
use super::{examples, regimes};

/// A run with the parts of its summary that are worked out so far.
pub(super) struct RunFacts<'a> {
    pub(super) run: &'a LoadedRun,
    /// In the order of blocks and of the samples inside each, whatever their order in the file.
    pub(super) samples: Vec<MeasuredSample<'a>>,
    pub(super) regimes: Vec<RegimeSummary>,
    pub(super) examples: Vec<ExampleSummary>,
    pub(super) completeness: Completeness,
    pub(super) harness_share: Option<f64>,
}

impl<'a> RunFacts<'a> {
    pub(super) fn new(run: &'a LoadedRun, assumptions: &Assumptions) -> Self {
        let mut samples: Vec<MeasuredSample> =
            run.samples.iter().map(|(sample, examples)| (sample, examples.as_slice())).collect();
        samples.sort_by_key(|(sample, _)| (sample.block, sample.order, &sample.id));
        Self {
            run,
            regimes: regimes::all(run, &samples, assumptions),
            examples: examples::all(&samples),
            completeness: Completeness::of(run),
            harness_share: run.end.as_ref().and_then(|end| end.shares.own()),
            samples,
        }
    }

    /// Samples of one regime and arm, whatever their outcome.
    pub(super) fn of(&self, regime: Regime, arm: Arm) -> impl Iterator<Item = MeasuredSample<'a>> {
        of(&self.samples, regime, arm)
    }

    /// The cold regime of the same arm.
    pub(super) fn cold(&self, arm: Arm) -> Option<&RegimeSummary> {
        find(&self.regimes, Regime::Cold, arm)
    }

    /// The warm regimes.
    pub(super) fn warm(&self) -> impl Iterator<Item = &RegimeSummary> {
        self.regimes.iter().filter(|summary| summary.regime.is_warm())
    }
}

/// A regime as sentences name it; the arm only when it is not the usual one.
pub(super) fn label(summary: &RegimeSummary) -> String {
    match summary.arm {
        Arm::Candidate => summary.regime.to_string(),
        Arm::Baseline => format!("{} (baseline)", summary.regime),
    }
}
