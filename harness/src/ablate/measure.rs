//! The trials of an ablation. A block takes a golden snapshot after a cold run, then tries every planned set of
//! caches on the runner that made it and on another one, in random order.

use std::collections::BTreeMap;

use bench_record::{
    AblateEntry, AblateSnapshot, AblateTrial, CacheSet, CombinedArchive, JournalWriter,
    LoadedAblation, Regime, SavedSize,
};
use bench_reports::ablate::{chain, designed};

use crate::runner::Site;
use crate::sample::Tried;
use crate::scenario::{CacheSpec, Counter};
use crate::trial::{
    Attempt, GoldenSnapshot, Progress, Testbed, TrialError, TrialEvent, TrialSummary,
};

/// Makes every trial that `ledger` does not have yet, and writes each down before the next one.
///
/// # Errors
/// See [`TrialError`].
pub fn ablate(
    testbed: &mut Testbed<'_, '_>,
    ledger: &mut LoadedAblation,
    journal: &mut JournalWriter<AblateEntry>,
    listener: &mut dyn FnMut(TrialEvent<'_>),
) -> Result<(), TrialError> {
    let mut ablation =
        Ablation { testbed, ledger, journal, progress: Progress::new(listener), attempts: 0 };
    ablation.progress.expect(ablation.left());
    for block in 1..=ablation.ledger.start.blocks {
        ablation.block(block, false)?;
        // The greedy chain is known when the first block is; it is that block's last part.
        ablation.block(block, true)?;
    }
    Ok(())
}

struct Ablation<'a, 't, 's> {
    testbed: &'a mut Testbed<'t, 's>,
    ledger: &'a mut LoadedAblation,
    journal: &'a mut JournalWriter<AblateEntry>,
    progress: Progress<'a>,
    /// Attempts so far: numbers the logs.
    attempts: u32,
}

impl Ablation<'_, '_, '_> {
    /// The trials of a block that are not written down, in their random order.
    fn missing(&self, block: u32, chained: bool) -> Vec<(u32, Regime, CacheSet)> {
        let start = &self.ledger.start;
        let mut sets = if chained { Vec::new() } else { designed(&start.caches) };
        if chained || block > 1 {
            sets.extend(chain(self.ledger));
        }
        let mut trials: Vec<(Regime, CacheSet)> = start
            .regimes
            .iter()
            .flat_map(|regime| sets.iter().map(|set| (*regime, set.clone())))
            .collect();
        // From the recorded seed and the block alone: a resumed block keeps the order that it began with.
        let part = u64::from(block) * 2 + u64::from(chained);
        let mut random = fastrand::Rng::with_seed(start.seed.wrapping_add(part));
        random.shuffle(&mut trials);
        let numbered =
            trials.into_iter().zip(1..).map(|((regime, set), order)| (order, regime, set));
        numbered.filter(|(_, regime, set)| !self.ledger.has(block, *regime, set)).collect()
    }

    /// Trials that are left, cold runs included.
    fn left(&self) -> usize {
        (1..=self.ledger.start.blocks)
            .map(|block| self.missing(block, false).len())
            .filter(|trials| *trials > 0)
            .map(|trials| trials + 1)
            .sum()
    }

    fn block(&mut self, block: u32, chained: bool) -> Result<(), TrialError> {
        let missing = self.missing(block, chained);
        if missing.is_empty() {
            return Ok(());
        }
        let (name, snapshot) = self.take_snapshot(block)?;
        for (order, regime, set) in missing {
            let trial = self.trial(&snapshot, (block, order), regime, set)?;
            self.journal.append(&[AblateEntry::Trial(Box::new(trial.clone()))])?;
            self.progress.finished(summary(&trial));
            self.ledger.trials.push(trial);
        }
        self.testbed.discard_snapshot(&name)
    }

    /// A cold run on the first runner; the block starts from what it leaves.
    fn take_snapshot(&mut self, block: u32) -> Result<(String, GoldenSnapshot), TrialError> {
        self.progress.started(&format!("block {block} fill the caches"));
        self.testbed.clean(&[])?;
        let name = self.name(block, "snapshot");
        let tried = self.testbed.try_on_first(&Attempt::cold(name.as_str()))?;
        let snapshot = self.testbed.snapshot_after(&name, &tried)?;
        let sizes = self.testbed.caches.iter().map(|cache| {
            let saved = snapshot.saved(&cache.name);
            let archive = snapshot.archive(&cache.name);
            let size = SavedSize {
                files: saved.map_or(0, |saved| saved.files),
                bytes: saved.map_or(0, |saved| saved.bytes),
                archive_bytes: archive.map_or(0, |archive| archive.bytes),
                save_ns: archive.map_or(0, |archive| archive.save_ns),
            };
            (cache.name.clone(), size)
        });
        let caches = sizes.collect();
        let restore = self.ledger.start.regimes.iter().any(|regime| regime.is_other_runner());
        let together = self.testbed.pack_together(&name, restore)?.map(|all| CombinedArchive {
            archive_bytes: all.archive.bytes,
            save_ns: all.archive.save_ns,
            restore_ns: all.restore_ns,
        });
        let line = AblateSnapshot { block, caches, together };
        self.journal.append(&[AblateEntry::Snapshot(line.clone())])?;
        self.ledger.snapshots.push(line);
        Ok((name, snapshot))
    }

    fn trial(
        &mut self,
        snapshot: &GoldenSnapshot,
        (block, order): (u32, u32),
        regime: Regime,
        set: CacheSet,
    ) -> Result<AblateTrial, TrialError> {
        self.progress.started(&label(block, regime, &set));
        let all = &self.testbed.caches;
        let caches: Vec<CacheSpec> =
            all.iter().filter(|cache| set.contains(&cache.name)).cloned().collect();
        let counted = set.is_empty() || caches.len() == all.len() || !self.counts();
        let name = self.name(block, regime.as_str());
        let attempt =
            if set.is_empty() { Attempt::cold(name) } else { Attempt::warm(name, snapshot) };
        let (tried, restore_ns) = if regime.is_other_runner() {
            let other =
                self.testbed.try_on_other(Site::of(regime), Some(snapshot), &caches, &attempt)?;
            (other.tried, other.restore_ns)
        } else {
            self.testbed.start_from(snapshot, &caches)?;
            (self.testbed.try_on_first(&attempt)?, BTreeMap::new())
        };
        let Tried { outcome, reason, wall_ns, hits, misses, after, .. } = tried;
        Ok(AblateTrial {
            block,
            order,
            regime,
            caches: set,
            outcome,
            reason,
            wall_ns,
            // Counters in a cache that is left out: nobody knows what they began with.
            hits: hits.filter(|_| counted),
            misses: misses.filter(|_| counted),
            restore_ns,
            after_bytes: after.into_iter().map(|(name, (_, bytes))| (name, bytes)).collect(),
        })
    }

    /// A name for the logs that no attempt has had yet.
    fn name(&mut self, block: u32, what: &str) -> String {
        self.attempts += 1;
        format!("b{block:03}-{:03}-{what}", self.attempts)
    }

    /// Whether a probe's counters travel in some cache.
    fn counts(&self) -> bool {
        let params = &self.testbed.setup.params;
        let mut probes =
            self.testbed.session.scenario.probes.iter().filter(|probe| probe.when.holds(params));
        probes.any(|probe| probe.counter == Counter::Cache)
    }
}

fn label(block: u32, regime: Regime, set: &CacheSet) -> String {
    let names: Vec<&str> = set.iter().map(String::as_str).collect();
    let names = if names.is_empty() { "no cache".to_owned() } else { names.join(" + ") };
    format!("block {block} {regime:<12} with {names}")
}

fn summary(trial: &AblateTrial) -> TrialSummary {
    TrialSummary {
        what: label(trial.block, trial.regime, &trial.caches),
        wall_ns: Some(trial.wall_ns),
        hits: trial.hits,
        misses: trial.misses,
        result: trial.reason.as_deref().map(|why| format!("{}: {why}", trial.outcome)),
    }
}
