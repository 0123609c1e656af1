//! Runs without a fault: cold ones to compare with, warm ones from the caches as they were saved.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bench_record::Regime;
use bench_reports::verify::{Compared, RunVerdict, judge_other_cold, outcomes};

use super::normalise::Places;
use super::outputs::Outputs;
use super::touched;
use super::verifier::{Reference, Verifier, Warm};
use crate::runner::{Runner, Site};
use crate::sample::StepError;
use crate::trial::{Attempt, GoldenSnapshot, TrialError, succeeded};

/// Cold runs on both runners; `None` when one of them fails, which is in the report then.
pub(super) fn references(
    verifier: &mut Verifier<'_, '_, '_>,
) -> Result<Option<(GoldenSnapshot, Reference)>, TrialError> {
    verifier.progress.started("cold");
    let cold = verifier.try_cold("cold-a")?;
    verifier.report_run(Regime::Cold, "a", &cold, RunVerdict::Reference, Compared::default());
    let snapshot = match verifier.testbed.snapshot_after("cold-a", &cold) {
        Ok(snapshot) => snapshot,
        Err(TrialError::ColdRun { reason, .. }) => {
            verifier.found.cold_fails(&reason);
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let outputs = verifier.take_outputs("cold-a")?;
    verifier.found.outputs = outputs.count() as u64;
    let mut reference = Reference { outputs, examples: outcomes(&cold.examples), on_other: None };
    verifier.progress.started("cold on another runner");
    let other =
        verifier.testbed.try_on_other(Site::OtherPaths, None, &[], &Attempt::cold("cold-b"))?;
    verifier.rules.places = Places::of(&[verifier.testbed.first(), &other.runner]);
    let dir = verifier.testbed.dir("outputs/cold-b")?;
    let outputs = Outputs::take(&other.runner, &verifier.rules.globs, &dir)?;
    let verdict = judge_other_cold(succeeded(&other.tried));
    let failed = Compared { failed: other.tried.reason.clone(), ..Compared::default() };
    verifier.report_run(Regime::Cold, "b", &other.tried, verdict, failed);
    if !succeeded(&other.tried) {
        return Ok(None);
    }
    find_irreproducible(verifier, &reference, &other.runner)?;
    reference.on_other = Some((outputs, outcomes(&other.tried.examples)));
    Ok(Some((snapshot, reference)))
}

/// What differs without any cache: at another place, or from run to run.
fn find_irreproducible(
    verifier: &mut Verifier<'_, '_, '_>,
    reference: &Reference,
    other: &Runner,
) -> Result<(), TrialError> {
    if verifier.found.outputs == 0 {
        return Ok(());
    }
    let mut placed = reference.outputs.differ(other, &verifier.rules)?;
    verifier.found.reproducible.other_runner = Some(placed.is_empty());
    if placed.is_empty() {
        return Ok(());
    }
    verifier.progress.expect(3);
    verifier.progress.started("cold again, because two runners disagree");
    verifier.testbed.clean(&[])?;
    let again = verifier.try_cold("cold-a-again")?;
    verifier.report_run(Regime::Cold, "a", &again, RunVerdict::Reference, Compared::default());
    let unstable = reference.outputs.differ(verifier.testbed.first(), &verifier.rules)?;
    placed.retain(|difference| !unstable.iter().any(|other| other.file == difference.file));
    verifier.rules.left_out =
        unstable.iter().map(|unstable| PathBuf::from(&unstable.file)).collect();
    let reproducible = &mut verifier.found.reproducible;
    reproducible.same_runner = Some(unstable.is_empty());
    reproducible.unstable = unstable;
    reproducible.placed = placed;
    Ok(())
}

/// The warm run on the other runner.
pub(super) fn moved_runner(
    verifier: &mut Verifier<'_, '_, '_>,
    snapshot: &GoldenSnapshot,
    reference: &Reference,
) -> Result<(), TrialError> {
    verifier.progress.started("moved-runner");
    let caches = verifier.testbed.caches.clone();
    let attempt = Attempt::warm("moved-runner", snapshot);
    let other =
        verifier.testbed.try_on_other(Site::OtherPaths, Some(snapshot), &caches, &attempt)?;
    let Some((outputs, examples)) = &reference.on_other else { return Ok(()) };
    let compared = verifier.compare(&other.tried, &other.runner, outputs, examples)?;
    let first = verifier.testbed.first();
    let foreign = Outputs::naming(&other.runner, &verifier.rules.globs, first)?;
    let verdict = compared.verdict();
    verifier.report_run(Regime::MovedRunner, "b", &other.tried, verdict, compared);
    if let Some(run) = verifier.found.runs.last_mut() {
        let shown = foreign.into_iter().map(|path| path.to_string_lossy().into_owned());
        run.foreign_paths = shown.collect();
    }
    Ok(())
}

/// The warm run on the first runner, and what it read; faults are compared with it.
pub(super) fn same_runner(
    verifier: &mut Verifier<'_, '_, '_>,
    snapshot: &GoldenSnapshot,
    reference: &Reference,
) -> Result<Warm, TrialError> {
    verifier.progress.started("same-runner");
    let caches = verifier.testbed.caches.clone();
    verifier.testbed.start_from(snapshot, &caches)?;
    let shows = touched::reads_show(&verifier.testbed.dir("probe")?)
        .map_err(|source| StepError::Io { what: "an access time".to_owned(), source })?;
    for cache in caches.iter().filter(|_| shows) {
        touched::forget_all(&verifier.testbed.first().cache_path(cache))?;
    }
    let tried = verifier.testbed.try_on_first(&Attempt::warm("same-runner", snapshot))?;
    let mut read = BTreeMap::new();
    for cache in &caches {
        let files = touched::read_since(&verifier.testbed.first().cache_path(cache))?;
        read.insert(cache.name.clone(), files);
    }
    let first = verifier.testbed.first();
    let compared = verifier.compare(&tried, first, &reference.outputs, &reference.examples)?;
    let (verdict, hits) = (compared.verdict(), compared.hits);
    verifier.report_run(Regime::SameRunner, "a", &tried, verdict, compared);
    Ok(Warm { hits, read: shows.then_some(read) })
}
