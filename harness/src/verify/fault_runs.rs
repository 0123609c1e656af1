//! The runs of one fault: one with it, and the next one or two.

use std::collections::BTreeMap;

use bench_record::ProbeReading;
use bench_reports::verify::{
    Compared, FaultEvidence, FaultSeen, FileFate, Outcomes, RunVerdict, judge_fault,
};

use super::outputs::Outputs;
use super::touched::Mark;
use super::verifier::Verifier;
use crate::sample::Tried;
use crate::trial::{Attempt, TrialError};

/// What outputs and outcomes of a fault's runs are compared with.
pub(super) struct Expected<'a> {
    pub(super) outputs: &'a Outputs,
    pub(super) examples: &'a Outcomes,
    pub(super) hits: Option<u64>,
}

/// A fault in place, before its runs.
pub(super) struct Injected {
    /// The run that meets it.
    pub(super) attempt: Attempt,
    /// The damaged file, for a fault of a single one.
    pub(super) mark: Option<Mark>,
    /// What a build that goes on rightly has done, where the fault is certain to be met.
    pub(super) met: Option<&'static str>,
}

/// The run with a fault, before anything is cleaned.
pub(super) struct FirstRun {
    tried: Tried,
    touched: Option<FileFate>,
    compared: Compared,
    /// Free share of the disk at its end, for a disk that should have become full.
    pub(super) free: Option<f64>,
}

/// The run with the fault and the next one; `between` is done before the next one, after outputs are gone.
pub(super) fn two_runs<'v, 't, 's>(
    verifier: &mut Verifier<'v, 't, 's>,
    report: &mut FaultSeen,
    expected: &Expected<'_>,
    injected: &Injected,
    between: impl Fn(&mut Verifier<'v, 't, 's>) -> Result<(), TrialError>,
) -> Result<(), TrialError> {
    let first = first_run(verifier, expected, injected)?;
    next_runs(verifier, report, expected, injected, first, between)
}

/// The run with the fault.
pub(super) fn first_run(
    verifier: &mut Verifier<'_, '_, '_>,
    expected: &Expected<'_>,
    injected: &Injected,
) -> Result<FirstRun, TrialError> {
    let tried = verifier.testbed.try_on_first(&injected.attempt)?;
    let touched = injected.mark.as_ref().map(Mark::look).transpose()?;
    let compared = compare(verifier, &tried, expected)?;
    Ok(FirstRun { tried, touched, compared, free: None })
}

/// The runs after it, and the judgement.
pub(super) fn next_runs<'v, 't, 's>(
    verifier: &mut Verifier<'v, 't, 's>,
    report: &mut FaultSeen,
    expected: &Expected<'_>,
    injected: &Injected,
    FirstRun { tried: first, touched, compared: with, free }: FirstRun,
    between: impl Fn(&mut Verifier<'v, 't, 's>) -> Result<(), TrialError>,
) -> Result<(), TrialError> {
    let run_again = |verifier: &mut Verifier<'v, 't, 's>, what: &str, counters| {
        let caches = verifier.testbed.caches.clone();
        verifier.testbed.clean(&caches)?;
        between(verifier)?;
        let name = format!("{}-{what}", injected.attempt.name);
        let attempt = Attempt { counters, ..Attempt::cold(name) };
        let tried = verifier.testbed.try_on_first(&attempt)?;
        let compared = compare(verifier, &tried, expected)?;
        Ok::<(Tried, Compared), TrialError>((tried, compared))
    };
    let counters = |tried: &Tried| -> BTreeMap<String, ProbeReading> { tried.probes.clone() };
    let (second, mut next) = run_again(verifier, "next", counters(&first))?;
    // A build that goes example by example may need two runs to make up for one loss.
    let mut one_more = false;
    if matches!((next.hits, expected.hits), (Some(hits), Some(all)) if hits < all)
        && next.verdict() == RunVerdict::Right
    {
        (_, next) = run_again(verifier, "third", counters(&second))?;
        // A run whose hits are unknown does not show that reuse came back.
        one_more = next.hits.is_some();
    }
    (report.outcome, report.reason) = judge_fault(&FaultEvidence {
        with: &with,
        next: &next,
        expected: expected.hits,
        touched,
        met: injected.met,
        one_more,
        free,
    });
    report.wall_s = Some(first.wall_ns as f64 / 1e9);
    report.hits = first.hits;
    report.again_wall_s = Some(second.wall_ns as f64 / 1e9);
    report.again_hits = second.hits;
    report.expected_hits = expected.hits;
    report.differences =
        if with.differences.is_empty() { next.differences } else { with.differences };
    Ok(())
}

fn compare(
    verifier: &Verifier<'_, '_, '_>,
    tried: &Tried,
    expected: &Expected<'_>,
) -> Result<Compared, TrialError> {
    verifier.compare(tried, verifier.testbed.first(), expected.outputs, expected.examples)
}
