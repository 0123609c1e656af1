//! What all parts of a verification share: the testbed, how outputs are compared, what was found.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use bench_record::Regime;
use bench_reports::verify::{
    Compared, FaultSeen, Outcomes, RunSeen, RunVerdict, Verification, compare_examples, outcomes,
};

use super::fault::Fault;
use super::normalise::Places;
use super::outputs::{Outputs, Rules};
use crate::runner::Runner;
use crate::sample::Tried;
use crate::system::exec::OwnMounts;
use crate::trial::{
    Attempt, Progress, Testbed, TrialError, TrialEvent, TrialSummary, succeeded, why_not,
};

/// What is tried.
#[derive(Clone, Debug)]
pub struct VerifyOptions {
    /// Faults to inject.
    pub faults: Vec<Fault>,
    /// Seed of the choice of files.
    pub seed: u64,
    /// Most kinds of files that are damaged in a cache.
    pub kinds: usize,
    /// For small file systems, or why there are none.
    pub mounts: Result<OwnMounts, String>,
}

pub(super) struct Verifier<'v, 't, 's> {
    pub(super) testbed: &'v mut Testbed<'t, 's>,
    pub(super) options: &'v VerifyOptions,
    pub(super) rules: Rules,
    pub(super) found: &'v mut Verification,
    pub(super) progress: Progress<'v>,
}

/// A run without caches, to be compared with.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) outputs: Outputs,
    pub(super) examples: Outcomes,
    /// The same on the other runner.
    pub(super) on_other: Option<(Outputs, Outcomes)>,
}

/// What an undamaged warm run on the first runner did.
#[derive(Clone, Debug)]
pub(super) struct Warm {
    pub(super) hits: Option<u64>,
    /// Files of each cache that it read; `None` where the mount does not tell.
    pub(super) read: Option<BTreeMap<String, BTreeSet<PathBuf>>>,
}

impl<'v, 't, 's> Verifier<'v, 't, 's> {
    pub(super) fn new(
        testbed: &'v mut Testbed<'t, 's>,
        options: &'v VerifyOptions,
        found: &'v mut Verification,
        listener: &'v mut dyn FnMut(TrialEvent<'_>),
    ) -> Self {
        let scenario = testbed.session.scenario;
        let rules = Rules {
            globs: scenario.outputs.clone(),
            normalise: scenario.normalise.clone(),
            places: Places::of(&[testbed.first()]),
            left_out: BTreeSet::new(),
        };
        Self { testbed, options, rules, found, progress: Progress::new(listener) }
    }

    pub(super) fn try_cold(&mut self, name: &str) -> Result<Tried, TrialError> {
        self.testbed.try_on_first(&Attempt::cold(name))
    }

    /// Copies the outputs on the first runner to where no later trial changes them.
    pub(super) fn take_outputs(&self, name: &str) -> Result<Outputs, TrialError> {
        let dir = self.testbed.dir(&format!("outputs/{name}"))?;
        Ok(Outputs::take(self.testbed.first(), &self.rules.globs, &dir)?)
    }

    pub(super) fn compare(
        &self,
        tried: &Tried,
        runner: &Runner,
        outputs: &Outputs,
        examples: &Outcomes,
    ) -> Result<Compared, TrialError> {
        let hits = tried.hits;
        if !succeeded(tried) {
            let failed = Some(why_not(tried));
            return Ok(Compared { failed, hits, ..Compared::default() });
        }
        let (failed, lies) = compare_examples(examples, &outcomes(&tried.examples));
        let differences = outputs.differ(runner, &self.rules)?;
        Ok(Compared { failed, lies, differences, hits })
    }

    /// Adds an undamaged run to the report.
    pub(super) fn report_run(
        &mut self,
        regime: Regime,
        runner: &str,
        tried: &Tried,
        verdict: RunVerdict,
        compared: Compared,
    ) {
        let run = RunSeen {
            regime,
            runner: runner.to_owned(),
            wall_s: tried.wall_ns as f64 / 1e9,
            hits: tried.hits,
            misses: tried.misses,
            verdict,
            reason: compared.failed.or(compared.lies).or_else(|| tried.reason.clone()),
            differences: compared.differences,
            foreign_paths: Vec::new(),
        };
        self.progress.finished(TrialSummary {
            what: format!("{regime:<12} on runner {runner}"),
            wall_ns: Some(tried.wall_ns),
            hits: run.hits,
            misses: run.misses,
            result: Some(verdict.as_str().to_owned()),
        });
        self.found.runs.push(run);
    }

    /// Adds a fault to the report.
    pub(super) fn report_fault(&mut self, report: FaultSeen) {
        let kind = report.kind.as_deref().map(|kind| format!(" of {kind}")).unwrap_or_default();
        self.progress.finished(TrialSummary {
            what: format!("{}{kind}", report.fault),
            wall_ns: report.wall_s.map(|seconds| (seconds * 1e9) as u64),
            hits: report.hits,
            misses: None,
            result: Some(report.outcome.to_string()),
        });
        self.found.faults.push(report);
    }

    /// Adds a fault that cannot be tried here to the report.
    pub(super) fn not_tested(&mut self, fault: Fault, why: &str) {
        let mut report = FaultSeen::new(fault.as_str());
        why.clone_into(&mut report.reason);
        self.report_fault(report);
    }
}
