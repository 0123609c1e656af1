//! Brings a runner and its caches into the state that a regime claims, and notes what is then known.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use bench_record::{Arm, ProbeReading, Regime};

use super::evidence::{Facts, PathsAre};
use super::session::{ArmSetup, Now, Session, StepError};
use crate::cache::snapshot::{self, ColdResult, Snapshot};
use crate::runner::{Runner, Site};
use crate::scenario::Bundle;
use crate::scenario::{CacheSpec, Transport};

/// What an arm has on disk within a block.
#[derive(Debug, Default)]
pub struct ArmState {
    /// The runner that made the snapshot.
    pub first: Option<Runner>,
    /// What its cold run left behind; `None` before it has run.
    pub cold: Option<ColdResult>,
    /// Counters as last read on `first`.
    pub counters: BTreeMap<String, ProbeReading>,
    /// Ports of the last sample on `first`: daemons that stay alive for `hot` are found there.
    pub ports: BTreeMap<String, u16>,
}

impl ArmState {
    /// The snapshot, if the cold run left one.
    pub(super) fn snapshot(&self) -> Option<&Snapshot> {
        match self.cold.as_ref()? {
            ColdResult::Snapshot(snapshot) => Some(snapshot),
            ColdResult::Failed { .. } => None,
        }
    }
}

/// A runner in the state that a regime claims.
pub(super) struct PreparedRunner {
    pub runner: Runner,
    pub facts: Facts,
    /// Restore time of each cache in nanoseconds; absent if nothing was put in place.
    pub restore_ns: BTreeMap<String, u64>,
    /// Probe counters before the sample.
    pub counters: BTreeMap<String, ProbeReading>,
    /// Ports that are kept, because their daemons are alive.
    pub ports: BTreeMap<String, u16>,
}

/// Brings a runner into the state that `regime` claims, outside any timed section; `place` is the block and
/// the arm.
///
/// # Errors
/// What kept a runner from being laid out or cleaned, or a cache from being restored.
pub(super) fn prepare_runner(
    session: &mut Session<'_>,
    setup: &ArmSetup,
    regime: Regime,
    place: (u32, Arm),
    state: &mut ArmState,
) -> Result<PreparedRunner, StepError> {
    let bundles = session.bundles(setup);
    match regime {
        Regime::Cold => {
            let runner = new_runner(session, setup, place, Site::First)?;
            Ok(PreparedRunner {
                facts: Facts { runner: Some(runner.id.clone()), ..Facts::default() },
                runner,
                restore_ns: BTreeMap::new(),
                counters: BTreeMap::new(),
                ports: BTreeMap::new(),
            })
        }
        Regime::CrossRunner | Regime::MovedRunner => {
            let runner = new_runner(session, setup, place, Site::of(regime))?;
            other(session, &bundles, runner, state)
        }
        Regime::SameRunner | Regime::Hot => same(session, setup, &bundles, regime, state),
        // No option and no scenario can name it.
        Regime::Unknown => Err(StepError::Io {
            what: format!("a runner for the regime `{regime}`"),
            source: std::io::ErrorKind::InvalidInput.into(),
        }),
    }
}

fn new_runner(
    session: &mut Session<'_>,
    setup: &ArmSetup,
    place: (u32, Arm),
    site: Site,
) -> Result<Runner, StepError> {
    (session.announce)(Now::Preparing("lay out the source"));
    let started = Instant::now();
    let runner = Runner::lay_out(session.state, &session.run_rel, site, place, &setup.golden)?;
    session.shares.layout_ns += started.elapsed().as_nanos() as u64;
    Ok(runner)
}

/// The same runner again: sources as they were, outputs set aside, caches as the cold sample left them.
fn same(
    session: &mut Session<'_>,
    setup: &ArmSetup,
    bundles: &[Bundle],
    regime: Regime,
    state: &mut ArmState,
) -> Result<PreparedRunner, StepError> {
    (session.announce)(Now::Preparing("set build outputs aside"));
    let (Some(runner), Some(snapshot)) = (state.first.take(), state.snapshot()) else {
        // The plan puts a cold run in front of every warm one, and a failed one is handled before.
        return Err(StepError::Io {
            what: format!("{regime}: there is no snapshot"),
            source: std::io::ErrorKind::NotFound.into(),
        });
    };
    let started = Instant::now();
    let stays =
        |bundle: &Bundle| regime == Regime::Hot || bundle.transport() == Transport::Directory;
    let kept: Vec<&CacheSpec> =
        bundles.iter().filter(|bundle| stays(bundle)).flat_map(|bundle| &bundle.caches).collect();
    let cleaned = runner.clean(session.state, &setup.golden, &kept)?;
    session.shares.layout_ns += started.elapsed().as_nanos() as u64;
    let mut restore_ns = BTreeMap::new();
    let mut incomplete = Vec::new();
    for bundle in bundles {
        if stays(bundle) {
            let there =
                bundle.caches.iter().filter(|cache| snapshot.caches.contains_key(&cache.name));
            restore_ns.extend(there.map(|cache| (cache.name.clone(), 0)));
        } else {
            restore_ns.extend(restore(session, snapshot, &runner, bundle)?);
        }
    }
    // For hot the caches are as the last sample left them: they may have grown since the snapshot.
    if regime == Regime::SameRunner {
        incomplete = compare(&runner, bundles, snapshot)?;
    }
    let sources =
        cleaned.differing.iter().map(|path: &PathBuf| path.display().to_string()).collect();
    let facts = Facts {
        snapshot_files: snapshot.files(),
        snapshot_bytes: snapshot.bytes(),
        origin: Some(snapshot.origin.clone()),
        runner: Some(runner.id.clone()),
        incomplete,
        sources,
        ..Facts::default()
    };
    let ports = if regime == Regime::Hot { state.ports.clone() } else { BTreeMap::new() };
    Ok(PreparedRunner { facts, runner, restore_ns, counters: state.counters.clone(), ports })
}

/// Another runner, while the first one is out of reach: everything comes from the archives.
fn other(
    session: &mut Session<'_>,
    bundles: &[Bundle],
    runner: Runner,
    state: &ArmState,
) -> Result<PreparedRunner, StepError> {
    let mut facts = Facts { runner: Some(runner.id.clone()), ..Facts::default() };
    let mut restore_ns = BTreeMap::new();
    let mut counters = BTreeMap::new();
    if let Some(snapshot) = state.snapshot() {
        for bundle in bundles {
            restore_ns.extend(restore(session, snapshot, &runner, bundle)?);
        }
        let restored = runner.measure_caches(bundles)?;
        facts.snapshot_files = restored.values().map(|(files, _)| files).sum();
        facts.snapshot_bytes = restored.values().map(|(_, bytes)| bytes).sum();
        facts.origin = Some(snapshot.origin.clone());
        facts.paths = Some(PathsAre::of(&snapshot.paths, &runner.paths()));
        facts.incomplete = compare(&runner, bundles, snapshot)?;
        if let Some(transfer) = &snapshot.transfer {
            facts.transfer = Some(transfer.used.clone());
            // The cache step's one time for everything is recorded for the first cache.
            let first = bundles
                .iter()
                .filter_map(|bundle| bundle.caches.first())
                .find(|cache| transfer.trees.contains_key(&cache.name));
            restore_ns.extend(first.map(|cache| cache.name.clone()).zip(transfer.restore_ns));
        }
        counters = snapshot.counters.clone();
    }
    Ok(PreparedRunner { runner, facts, restore_ns, counters, ports: BTreeMap::new() })
}

/// Restores one archive; returns its first cache and the time it took in nanoseconds.
fn restore(
    session: &mut Session<'_>,
    snapshot: &Snapshot,
    runner: &Runner,
    bundle: &Bundle,
) -> Result<Option<(String, u64)>, StepError> {
    (session.announce)(Now::Preparing("restore caches"));
    let restored = snapshot::restore(snapshot, session.state, runner, bundle)?;
    session.shares.transfer_ns += restored.unwrap_or(0);
    Ok(restored.zip(bundle.caches.first()).map(|(ns, cache)| (cache.name.clone(), ns)))
}

/// The caches whose files or bytes are not those of the snapshot.
fn compare(
    runner: &Runner,
    bundles: &[Bundle],
    snapshot: &Snapshot,
) -> Result<Vec<String>, StepError> {
    let now = runner.measure_caches(bundles)?;
    let differs = |name: &String| {
        let saved = snapshot.caches.get(name).map_or((0, 0), |saved| (saved.files, saved.bytes));
        now.get(name).copied().unwrap_or_default() != saved
    };
    let caches = bundles.iter().flat_map(|bundle| &bundle.caches);
    Ok(caches.map(|cache| cache.name.clone()).filter(differs).collect())
}
