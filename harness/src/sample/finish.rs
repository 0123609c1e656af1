//! The end of a sample: its outcome, its evidence, its caches, and after a cold run the snapshot of its block.

use std::collections::BTreeMap;

use bench_record::{
    CacheUse, Evidence, Example, Outcome, PhaseTime, ProbeReading, Regime, Sample, Usage,
};
use chrono::{DateTime, Utc};

use super::evidence::{Facts, contradictions};
use super::job::{Job, JobEnd};
use super::phases;
use super::prepare::{ArmState, PreparedRunner};
use super::session::{ArmSetup, Now, Session, StepError, StepRequest};
use crate::cache::snapshot::{self, ColdResult, SavedCache, Snapshot};
use crate::scenario::{Bundle, Counter, ProbeSpec, Transport};

/// Files and bytes of caches, by name.
type Sizes = BTreeMap<String, (u64, u64)>;

/// A sample whose phases have ended.
pub(super) struct Measured<'a> {
    pub(super) request: StepRequest<'a>,
    pub(super) setup: &'a ArmSetup,
    pub(super) prepared: PreparedRunner,
    pub(super) started: DateTime<Utc>,
}

/// Reads the probes, stops what runs, saves the snapshot after a cold run, and makes the record.
///
/// # Errors
/// What kept the processes from being stopped or the caches from being read or saved.
pub(super) fn finish(
    session: &mut Session<'_>,
    state: &mut ArmState,
    mut job: Job,
    measured: Measured<'_>,
) -> Result<(Sample, Vec<Example>), StepError> {
    let Measured { request, setup, mut prepared, started } = measured;
    let (arm, regime) = (request.step.arm(), request.step.regime());
    let counters = counters_at_start(&session.scenario.probes, &prepared.counters, regime);
    let JobEnd { probes, killed, linked, output_digest } =
        job.end(session, setup, &prepared.runner, &counters, request.hot_follows)?;
    let facts = &mut prepared.facts;
    facts.linked = linked;
    let filled = job.before.iter().filter(|(_, (files, _))| *files > 0);
    facts.filled = filled.map(|(name, (_, bytes))| (name.clone(), *bytes)).collect();
    let (mut outcome, mut reason) = outcome(&job, regime, state);
    let contradictions = contradictions(regime, facts);
    for contradiction in &contradictions {
        tracing::info!(%regime, contradiction, "regime not proven");
    }
    if outcome == Outcome::Ok && !contradictions.is_empty() {
        outcome = Outcome::Unproven;
        reason = Some(contradictions.join("; "));
    }
    let evidence = evidence(facts, &probes, killed, contradictions);
    let after = prepared.runner.measure_caches(&readable(&job.bundles, &prepared.facts.linked))?;
    let mut caches = cache_uses(&job, state, &prepared, &after);
    if regime == Regime::Cold {
        // A cache that is a link to elsewhere is not read: what is there does not belong to the runner.
        let complete = prepared.facts.linked.is_empty();
        state.cold = Some(if complete && matches!(outcome, Outcome::Ok | Outcome::Unproven) {
            let saving = Saving { request: &request, prepared: &prepared, after: &after };
            let snapshot = save_snapshot(session, &job, &saving, probes.clone(), &mut caches)?;
            ColdResult::Snapshot(Box::new(snapshot))
        } else {
            ColdResult::Failed { outcome, reason: reason.clone().unwrap_or_default() }
        });
    }
    let PreparedRunner { runner, facts, .. } = prepared;
    let runner_id = runner.id.clone();
    if !regime.is_other_runner() {
        state.counters = probes;
        state.ports = job.context.ports().clone();
        state.first = Some(runner);
    }
    let (wall_ns, usage) = measured_total(&job.done.phases);
    let sample = Sample {
        id: request.id(),
        block: request.block,
        arm,
        regime,
        order: request.order,
        runner: runner_id,
        snapshot_origin: facts.origin,
        outcome,
        reason,
        started,
        wall_ns,
        usage,
        phases: job.done.phases,
        caches,
        evidence,
        output_digest,
        noise: job.noise,
    };
    Ok((sample, job.done.examples))
}

/// The evidence as it is recorded.
fn evidence(
    facts: &Facts,
    probes: &BTreeMap<String, ProbeReading>,
    killed: u32,
    contradictions: Vec<String>,
) -> Evidence {
    Evidence {
        empty_at_start: facts.filled.is_empty(),
        snapshot_bytes: facts.snapshot_bytes,
        snapshot: facts.transfer.clone(),
        hits: sum(probes, |reading| reading.hits),
        misses: sum(probes, |reading| reading.misses),
        probes: probes.clone(),
        killed,
        contradictions,
    }
}

/// Wall time in nanoseconds and resources of the measured phases.
pub(super) fn measured_total(phases: &[PhaseTime]) -> (u64, Usage) {
    let measured = || phases.iter().filter(|phase| phase.measured);
    let usage = measured().fold(Usage::default(), |sum, phase| sum.plus(phase.usage));
    (measured().map(|phase| phase.wall_ns).sum(), usage)
}

/// The outcome of the commands, before the evidence is judged. A sample fails if an example fails that passed when the
/// snapshot was made; an example that always fails does not make it fail.
fn outcome(job: &Job, regime: Regime, state: &ArmState) -> (Outcome, Option<String>) {
    if let Some((outcome, reason)) = &job.done.failure {
        return (*outcome, Some(reason.clone()));
    }
    if regime.is_warm()
        && let Some(snapshot) = state.snapshot()
    {
        let newly = phases::newly_failing(&snapshot.passed, &job.done.examples);
        if !newly.is_empty() {
            let reason = format!("fails only with the restored cache: {}", newly.join(", "));
            return (Outcome::Failed, Some(reason));
        }
    }
    (Outcome::Ok, None)
}

/// The counters that a sample's own hits and misses are counted from. Those of a daemon start at zero with the daemon:
/// only hot finds them as the last sample left them.
fn counters_at_start(
    probes: &[ProbeSpec],
    counters: &BTreeMap<String, ProbeReading>,
    regime: Regime,
) -> BTreeMap<String, ProbeReading> {
    let restarts = |name: &String| {
        probes.iter().any(|probe| probe.name == *name && probe.counter == Counter::Daemon)
    };
    counters
        .iter()
        .filter(|(name, _)| regime == Regime::Hot || !restarts(name))
        .map(|(name, reading)| (name.clone(), reading.clone()))
        .collect()
}

/// The sum over all probes; unknown if there is no probe or one of them is unknown.
pub(super) fn sum(
    probes: &BTreeMap<String, ProbeReading>,
    of: impl Fn(&ProbeReading) -> Option<u64>,
) -> Option<u64> {
    if probes.is_empty() {
        return None;
    }
    probes.values().map(of).sum()
}

/// The archives without caches that are links to elsewhere.
fn readable(bundles: &[Bundle], linked: &[String]) -> Vec<Bundle> {
    let mut bundles = bundles.to_vec();
    for bundle in &mut bundles {
        bundle.caches.retain(|cache| !linked.contains(&cache.name));
    }
    bundles
}

/// Sizes of the caches before and after, and what restoring them took.
fn cache_uses(
    job: &Job,
    state: &ArmState,
    prepared: &PreparedRunner,
    after: &Sizes,
) -> BTreeMap<String, CacheUse> {
    let size = |sizes: &Sizes, name: &str| sizes.get(name).copied().unwrap_or_default();
    let one = |name: &String| {
        let (files_before, bytes_before) = size(&job.before, name);
        let (files, bytes) = size(after, name);
        let archive = state.snapshot().and_then(|snapshot| snapshot.archives.get(name));
        let restore_ns = prepared.restore_ns.get(name).copied();
        let from_archive = restore_ns.is_some_and(|ns| ns > 0);
        CacheUse {
            files_before,
            bytes_before,
            files,
            bytes,
            archive_bytes: archive.filter(|_| from_archive).map(|archive| archive.bytes),
            save_ns: None,
            restore_ns,
            archived_with: counted_for(&job.bundles, name).map(str::to_owned),
        }
    };
    job.caches.iter().map(|cache| (cache.name.clone(), one(&cache.name))).collect()
}

/// The cache that the archive of `cache` is counted for, if it is another one.
fn counted_for<'a>(bundles: &'a [Bundle], cache: &str) -> Option<&'a str> {
    let bundle = bundles.iter().find(|bundle| bundle.caches.iter().any(|c| c.name == cache))?;
    bundle.caches.first().map(|first| first.name.as_str()).filter(|first| *first != cache)
}

/// What a cold run saves its snapshot from.
struct Saving<'a> {
    request: &'a StepRequest<'a>,
    prepared: &'a PreparedRunner,
    /// Sizes of the caches now.
    after: &'a Sizes,
}

/// Saves the caches of a cold run, and notes sizes and times of the archives in `uses`.
fn save_snapshot(
    session: &mut Session<'_>,
    job: &Job,
    saving: &Saving<'_>,
    counters: BTreeMap<String, ProbeReading>,
    uses: &mut BTreeMap<String, CacheUse>,
) -> Result<Snapshot, StepError> {
    (session.announce)(Now::Finishing("save caches"));
    let runner = &saving.prepared.runner;
    // Not within the runner: another one takes its place.
    let dir = session.state.dir(&session.run_rel.join("saved").join(runner.id.as_str()))?;
    let (mut caches, mut archives) = (BTreeMap::new(), BTreeMap::new());
    for bundle in &job.bundles {
        let names = bundle.caches.iter().map(|cache| cache.name.clone());
        if !saving.request.save_archives && bundle.transport() != Transport::Archive {
            caches.extend(names.map(|name| {
                let (files, bytes) = saving.after.get(&name).copied().unwrap_or_default();
                (name, SavedCache { files, bytes })
            }));
            continue;
        }
        let (saved, archive) = snapshot::save(runner, bundle, &dir)?;
        caches.extend(names.zip(saved));
        if let (Some(archive), Some(first)) = (archive, bundle.caches.first()) {
            session.shares.transfer_ns += archive.save_ns;
            if let Some(cache_use) = uses.get_mut(&first.name) {
                cache_use.save_ns = Some(archive.save_ns);
                cache_use.archive_bytes = Some(archive.bytes);
            }
            archives.insert(first.name.clone(), archive);
        }
    }
    let passed = job.done.examples.iter().filter(|example| example.outcome == Outcome::Ok);
    Ok(Snapshot {
        origin: runner.id.clone(),
        paths: runner.paths(),
        caches,
        archives,
        counters,
        passed: passed.map(|example| example.name.clone()).collect(),
        transfer: None,
    })
}
