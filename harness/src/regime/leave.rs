//! What a sample leaves behind: the sizes of its caches and, after a cold run, the seed of its block.

use std::collections::BTreeMap;

use bench_record::{CacheUse, Outcome, ProbeReading, Regime};

use super::sample::{Job, Taken};
use super::stage::{ArmState, Staged};
use super::{Now, Session, StepError};
use crate::cache::seed::{self, SavedCache, Seed};
use crate::scenario::model::{CacheSpec, Transport};

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
        let own: Vec<&CacheSpec> =
            self.caches.iter().filter(|c| !staged.facts.linked.contains(&c.name)).collect();
        let after = staged.runner.measure_caches(own.iter().copied())?;
        let size = |sizes: &BTreeMap<String, (u64, u64)>, name: &str| {
            sizes.get(name).copied().unwrap_or_default()
        };
        let mut uses: BTreeMap<String, CacheUse> = BTreeMap::new();
        for cache in &self.caches {
            let (files_before, bytes_before) = size(&self.before, &cache.name);
            let (files, bytes) = size(&after, &cache.name);
            let archive =
                state.seed.as_ref().and_then(|seed| seed.caches.get(&cache.name)?.archive.as_ref());
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
        let mut caches = BTreeMap::new();
        for cache in &self.caches {
            let saved = if taken.save || cache.transport == Transport::Archive {
                let saved = seed::save(&staged.runner, cache, &dir)?;
                if let (Some(archive), Some(cache_use)) =
                    (&saved.archive, uses.get_mut(&cache.name))
                {
                    session.shares.transfer_ns += archive.save_ns;
                    cache_use.save_ns = Some(archive.save_ns);
                    cache_use.archive_bytes = Some(archive.bytes);
                }
                saved
            } else {
                let (files, bytes) = after.get(&cache.name).copied().unwrap_or_default();
                SavedCache { files, bytes, archive: None }
            };
            caches.insert(cache.name.clone(), saved);
        }
        let passed = self
            .done
            .examples
            .iter()
            .filter(|example| example.outcome == Outcome::Ok)
            .map(|example| example.name.clone())
            .collect();
        Ok(Seed { origin: staged.runner.id.clone(), caches, counters, passed })
    }
}
