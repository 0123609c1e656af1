//! What a sample leaves behind: the sizes of its caches and, after a cold run, the seed of its block.

use std::collections::BTreeMap;

use bench_record::{CacheUse, Outcome, ProbeReading, Regime};

use super::sample::{Job, Taken};
use super::stage::{ArmState, Staged};
use super::{Now, Session, StepError};
use crate::cache::snapshot::{self, SavedCache, Seed};
use crate::scenario::Bundle;
use crate::scenario::Transport;

/// A sample that has ended, as far as its caches are concerned.
pub(super) struct Left<'a> {
    pub taken: &'a Taken<'a>,
    pub staged: &'a Staged,
    pub probes: BTreeMap<String, ProbeReading>,
    pub outcome: Outcome,
    pub reason: Option<&'a str>,
}

impl Job {
    /// Sizes of the caches now, and, after a cold run, the seed.
    pub(super) fn leave(
        &self,
        session: &mut Session<'_>,
        state: &mut ArmState,
        left: Left<'_>,
    ) -> Result<BTreeMap<String, CacheUse>, StepError> {
        let Left { taken, staged, probes, outcome, reason } = left;
        let after = staged.runner.measure_caches(&self.own(&staged.facts.linked))?;
        let size = |sizes: &BTreeMap<String, (u64, u64)>, name: &str| {
            sizes.get(name).copied().unwrap_or_default()
        };
        let mut uses: BTreeMap<String, CacheUse> = BTreeMap::new();
        for cache in &self.caches {
            let (files_before, bytes_before) = size(&self.before, &cache.name);
            let (files, bytes) = size(&after, &cache.name);
            let archive = state.seed.as_ref().and_then(|seed| seed.archives.get(&cache.name));
            let restore_ns = staged.restore_ns.get(&cache.name).copied();
            let from_archive = restore_ns.is_some_and(|ns| ns > 0);
            uses.insert(
                cache.name.clone(),
                CacheUse {
                    files_before,
                    bytes_before,
                    files,
                    bytes,
                    archive_bytes: archive.filter(|_| from_archive).map(|archive| archive.bytes),
                    save_ns: None,
                    restore_ns,
                    archived_with: self.leader(&cache.name).map(str::to_owned),
                },
            );
        }
        if taken.step.regime() == Regime::Cold {
            // A cache that is a link elsewhere is not read: what lies there is not ours.
            let whole = staged.facts.linked.is_empty();
            if whole && matches!(outcome, Outcome::Ok | Outcome::Unproven) {
                let seed =
                    self.save_seed(session, taken, staged, probes.clone(), &after, &mut uses)?;
                state.seed = Some(seed);
                state.seed_failure = None;
            } else {
                state.seed = None;
                state.seed_failure = Some((outcome, reason.unwrap_or_default().to_owned()));
            }
        }
        if taken.step.regime() != Regime::CrossRunner {
            state.counters = probes;
        }
        Ok(uses)
    }

    fn save_seed(
        &self,
        session: &mut Session<'_>,
        taken: &Taken<'_>,
        staged: &Staged,
        counters: BTreeMap<String, ProbeReading>,
        after: &BTreeMap<String, (u64, u64)>,
        uses: &mut BTreeMap<String, CacheUse>,
    ) -> Result<Seed, StepError> {
        (session.announce)(Now::Finishing("save caches"));
        let rel = staged.runner.rel().join("saved");
        let dir = session.state.dir(&rel)?;
        let (mut caches, mut archives) = (BTreeMap::new(), BTreeMap::new());
        for bundle in &self.bundles {
            let names = bundle.caches.iter().map(|cache| cache.name.clone());
            if !taken.save && bundle.transport() != Transport::Archive {
                caches.extend(names.map(|name| {
                    let (files, bytes) = after.get(&name).copied().unwrap_or_default();
                    (name, SavedCache { files, bytes })
                }));
                continue;
            }
            let (saved, archive) = snapshot::save(&staged.runner, bundle, &dir)?;
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
        let passed = self
            .done
            .examples
            .iter()
            .filter(|example| example.outcome == Outcome::Ok)
            .map(|example| example.name.clone())
            .collect();
        let origin = staged.runner.id.clone();
        Ok(Seed { origin, caches, archives, counters, passed, brought: None })
    }

    /// The archives without caches that are links elsewhere.
    fn own(&self, linked: &[String]) -> Vec<Bundle> {
        let mut bundles = self.bundles.clone();
        for bundle in &mut bundles {
            bundle.caches.retain(|cache| !linked.contains(&cache.name));
        }
        bundles
    }

    /// The cache for which the archive of `cache` is counted, when that is another one.
    fn leader(&self, cache: &str) -> Option<&str> {
        let bundle = self.bundles.iter().find(|b| b.caches.iter().any(|c| c.name == cache))?;
        bundle.caches.first().map(|first| first.name.as_str()).filter(|first| *first != cache)
    }
}
