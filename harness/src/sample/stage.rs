//! The state of the caches before a sample: what each regime does to get there, and what is then known.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use bench_record::{Arm, Outcome, ProbeReading, Regime};

use super::evidence::Facts;
use super::{ArmSetup, Now, Session, StepError};
use crate::cache::snapshot::{self, Seed};
use crate::runner::{Runner, Site};
use crate::scenario::Bundle;
use crate::scenario::{CacheSpec, Transport};

/// What an arm has on disk within a block.
#[derive(Debug, Default)]
pub struct ArmState {
    /// The runner that made the seed.
    pub home: Option<Runner>,
    /// What its cold run left.
    pub seed: Option<Seed>,
    /// Counters as last read on `home`.
    pub counters: BTreeMap<String, ProbeReading>,
    /// Ports of the last sample on `home`: daemons that stay alive for `hot` are found there.
    pub ports: BTreeMap<String, u16>,
    /// How the cold run ended and why, when it left no seed.
    pub seed_failure: Option<(Outcome, String)>,
}

/// A runner in the state that a regime claims.
pub(super) struct Staged {
    pub runner: Runner,
    pub facts: Facts,
    /// Restore time per cache; absent where nothing was put in place.
    pub restore_ns: BTreeMap<String, u64>,
    /// Probe counters that were there before.
    pub counters: BTreeMap<String, ProbeReading>,
    /// Ports that are kept, because their daemons are alive.
    pub ports: BTreeMap<String, u16>,
}

/// Gets a runner into the state that `regime` claims, outside any timed section; `place` is the block and
/// the arm.
pub(super) fn stage(
    session: &mut Session<'_>,
    setup: &ArmSetup,
    regime: Regime,
    place: (u32, Arm),
    state: &mut ArmState,
) -> Result<Staged, StepError> {
    let bundles = session.bundles(setup);
    match regime {
        Regime::Cold => {
            let runner = new_runner(session, setup, place, Site::Home)?;
            Ok(Staged {
                facts: Facts { runner: Some(runner.id.clone()), ..Facts::default() },
                runner,
                restore_ns: BTreeMap::new(),
                counters: BTreeMap::new(),
                ports: BTreeMap::new(),
            })
        }
        Regime::CrossRunner => {
            let runner = new_runner(session, setup, place, Site::Elsewhere)?;
            cross(session, &bundles, runner, state)
        }
        Regime::SameRunner | Regime::Hot => same(session, setup, &bundles, regime, state),
        // No option and no scenario can ask for it.
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
) -> Result<Staged, StepError> {
    (session.announce)(Now::Preparing("set build outputs aside"));
    let (Some(runner), Some(seed)) = (state.home.take(), state.seed.as_ref()) else {
        // The plan puts a cold run in front of every warm one, and a failed one is handled before.
        return Err(StepError::Io {
            what: format!("{regime}: no seed"),
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
            let there = bundle.caches.iter().filter(|cache| seed.caches.contains_key(&cache.name));
            restore_ns.extend(there.map(|cache| (cache.name.clone(), 0)));
        } else {
            restore_ns.extend(restore(session, seed, &runner, bundle)?);
        }
    }
    // In hot the caches are as the last sample left them: they may have grown since the seed.
    if regime == Regime::SameRunner {
        incomplete = compare(&runner, bundles, seed)?;
    }
    let sources =
        cleaned.differing.iter().map(|path: &PathBuf| path.display().to_string()).collect();
    let facts = Facts {
        seed_files: seed.files(),
        seed_bytes: seed.bytes(),
        seed_origin: Some(seed.origin.clone()),
        runner: Some(runner.id.clone()),
        incomplete,
        sources,
        ..Facts::default()
    };
    let ports = if regime == Regime::Hot { state.ports.clone() } else { BTreeMap::new() };
    Ok(Staged { facts, runner, restore_ns, counters: state.counters.clone(), ports })
}

/// Another runner: everything comes from the archives.
fn cross(
    session: &mut Session<'_>,
    bundles: &[Bundle],
    runner: Runner,
    state: &ArmState,
) -> Result<Staged, StepError> {
    let mut facts = Facts { runner: Some(runner.id.clone()), ..Facts::default() };
    let mut restore_ns = BTreeMap::new();
    let mut counters = BTreeMap::new();
    if let Some(seed) = &state.seed {
        for bundle in bundles {
            restore_ns.extend(restore(session, seed, &runner, bundle)?);
        }
        let restored = runner.measure_caches(bundles)?;
        facts.seed_files = restored.values().map(|(files, _)| files).sum();
        facts.seed_bytes = restored.values().map(|(_, bytes)| bytes).sum();
        facts.seed_origin = Some(seed.origin.clone());
        facts.incomplete = compare(&runner, bundles, seed)?;
        if let Some(brought) = &seed.brought {
            facts.seed = Some(brought.used.clone());
            // One time for all that the cache step restored: it stands at the first cache.
            let first = bundles
                .iter()
                .filter_map(|bundle| bundle.caches.first())
                .find(|cache| brought.trees.contains_key(&cache.name));
            restore_ns.extend(first.map(|cache| cache.name.clone()).zip(brought.restore_ns));
        }
        counters = seed.counters.clone();
    }
    Ok(Staged { runner, facts, restore_ns, counters, ports: BTreeMap::new() })
}

/// Restores one archive; its time, for the first of its caches.
fn restore(
    session: &mut Session<'_>,
    seed: &Seed,
    runner: &Runner,
    bundle: &Bundle,
) -> Result<Option<(String, u64)>, StepError> {
    (session.announce)(Now::Preparing("restore caches"));
    let restored = snapshot::restore(seed, session.state, runner, bundle)?;
    session.shares.transfer_ns += restored.unwrap_or(0);
    Ok(restored.zip(bundle.caches.first()).map(|(ns, cache)| (cache.name.clone(), ns)))
}

/// The caches whose files or bytes are not those of the seed.
fn compare(runner: &Runner, bundles: &[Bundle], seed: &Seed) -> Result<Vec<String>, StepError> {
    let now = runner.measure_caches(bundles)?;
    let differs = |name: &String| {
        let saved = seed.caches.get(name).map_or((0, 0), |saved| (saved.files, saved.bytes));
        now.get(name).copied().unwrap_or_default() != saved
    };
    let caches = bundles.iter().flat_map(|bundle| &bundle.caches);
    Ok(caches.map(|cache| cache.name.clone()).filter(differs).collect())
}
