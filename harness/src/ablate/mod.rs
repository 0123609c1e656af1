//! What each cache is worth: the phases with some of the caches in place, set by set, in blocks.
//!
//! A block makes a seed by a cold run, then tries every planned set on the runner that made it and on another
//! one, in random order. A trial starts from fresh copies of the seed, so that none sees what another left.

mod writer;

use std::collections::BTreeMap;

use bench_record::Regime;
use bench_reports::ablate::{
    CacheSet, Ledger, Line, SavedSize, SeedLine, Together, TrialLine, chain, designed,
};

pub use writer::{LedgerWriter, OpenError, TRIALS, load};

use crate::run::WriteError;
use crate::runner::Tweaks;
use crate::sample::{Session, StepError, Tried};
use crate::scenario::{CacheSpec, Counter};
use crate::trial::{Attempt, GoldenSeed, Lab, succeeded};

/// Told as it happens.
#[derive(Debug)]
pub enum Told<'a> {
    /// A step begins; how many steps are done and how many there are, as far as is known.
    Begins(&'a str, usize, usize),
    /// A trial ended.
    Trial(&'a TrialLine),
}

/// Why trials ended early. Everything measured is written down.
#[derive(Debug, thiserror::Error)]
pub enum AblateError {
    /// A trial could not be made.
    #[error(transparent)]
    Step(#[from] StepError),
    /// A line could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The cold run that makes a block's seed fails.
    #[error("block {block}: the cold run that fills the caches fails: {reason}")]
    Cold {
        /// The block.
        block: u32,
        /// Why.
        reason: String,
    },
}

/// Makes every trial that `ledger` does not have yet, and writes each down before the next one.
///
/// # Errors
/// See [`AblateError`].
pub fn ablate(
    session: &mut Session<'_>,
    ledger: &mut Ledger,
    writer: &mut LedgerWriter,
    told: &mut dyn FnMut(Told<'_>),
) -> Result<(), AblateError> {
    let Some(lab) = Lab::new(session)? else { return Ok(()) };
    let mut work = Work { lab, ledger, writer, told, done: 0, total: 0, attempts: 0 };
    work.total = work.left();
    for block in 1..=work.ledger.start.blocks {
        work.block(block, false)?;
        // The greedy chain is known when the first block is; it is that block's last part.
        work.block(block, true)?;
    }
    Ok(())
}

struct Work<'w, 'l, 's> {
    lab: Lab<'l, 's>,
    ledger: &'w mut Ledger,
    writer: &'w mut LedgerWriter,
    told: &'w mut dyn FnMut(Told<'_>),
    done: usize,
    total: usize,
    /// Numbers the logs.
    attempts: u32,
}

impl Work<'_, '_, '_> {
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
        // From the recorded seed and the block alone: a resumed block has the order that it began with.
        let part = u64::from(block) * 2 + u64::from(chained);
        let mut random = fastrand::Rng::with_seed(start.seed.wrapping_add(part));
        random.shuffle(&mut trials);
        let numbered =
            trials.into_iter().zip(1..).map(|((regime, set), order)| (order, regime, set));
        numbered.filter(|(_, regime, set)| !self.ledger.has(block, *regime, set)).collect()
    }

    /// Steps that are left, cold runs included.
    fn left(&self) -> usize {
        (1..=self.ledger.start.blocks)
            .map(|block| self.missing(block, false).len())
            .filter(|trials| *trials > 0)
            .map(|trials| trials + 1)
            .sum()
    }

    fn begins(&mut self, what: &str) {
        (self.told)(Told::Begins(what, self.done, self.total));
        self.done += 1;
    }

    fn block(&mut self, block: u32, chained: bool) -> Result<(), AblateError> {
        let missing = self.missing(block, chained);
        if missing.is_empty() {
            return Ok(());
        }
        if chained {
            self.total = self.total.max(self.done + missing.len() + 1);
        }
        let (name, seed) = self.seed(block)?;
        for (order, regime, set) in missing {
            let names: Vec<&str> = set.iter().map(String::as_str).collect();
            self.begins(&format!("block {block} {regime} with {}", names.join(" + ")));
            let trial = self.trial(&seed, (block, order), regime, set)?;
            self.writer.append(&Line::Trial(Box::new(trial.clone())))?;
            (self.told)(Told::Trial(&trial));
            self.ledger.trials.push(trial);
        }
        Ok(self.lab.drop_seed(&name)?)
    }

    /// A cold run on the first runner; what it leaves is the block's seed.
    fn seed(&mut self, block: u32) -> Result<(String, GoldenSeed), AblateError> {
        self.begins(&format!("block {block} fill the caches"));
        self.lab.clean(&[])?;
        self.attempts += 1;
        let name = format!("b{block:03}-{:03}-seed", self.attempts);
        let (tweaks, counters) = (Tweaks::default(), BTreeMap::new());
        let attempt =
            Attempt { name: &name, tweaks: &tweaks, counters: &counters, leave_daemons: false };
        let tried = self.lab.try_home(attempt)?;
        if !succeeded(&tried) {
            let reason = tried.reason.unwrap_or_else(|| tried.outcome.to_string());
            return Err(AblateError::Cold { block, reason });
        }
        let seed = self.lab.take_seed(&name, &tried)?;
        let sizes = self.lab.caches.iter().map(|cache| {
            let saved = seed.saved(&cache.name);
            let archive = seed.archive(&cache.name);
            let size = SavedSize {
                files: saved.map_or(0, |saved| saved.files),
                bytes: saved.map_or(0, |saved| saved.bytes),
                archive_bytes: archive.map_or(0, |archive| archive.bytes),
                save_ns: archive.map_or(0, |archive| archive.save_ns),
            };
            (cache.name.clone(), size)
        });
        let caches = sizes.collect();
        let elsewhere = self.ledger.start.regimes.contains(&Regime::CrossRunner);
        let together = self.lab.pack_together(&name, elsewhere)?.map(|all| Together {
            archive_bytes: all.archive.bytes,
            save_ns: all.archive.save_ns,
            restore_ns: all.restore_ns,
        });
        let line = SeedLine { block, caches, together };
        self.writer.append(&Line::Seed(line.clone()))?;
        self.ledger.seeds.push(line);
        Ok((name, seed))
    }

    fn trial(
        &mut self,
        seed: &GoldenSeed,
        (block, order): (u32, u32),
        regime: Regime,
        set: CacheSet,
    ) -> Result<TrialLine, AblateError> {
        let caches: Vec<CacheSpec> =
            self.lab.caches.iter().filter(|cache| set.contains(&cache.name)).cloned().collect();
        self.attempts += 1;
        let name = format!("b{block:03}-{:03}-{regime}", self.attempts);
        let (tweaks, none) = (Tweaks::default(), BTreeMap::new());
        let counters = if set.is_empty() { &none } else { seed.counters() };
        let attempt = Attempt { name: &name, tweaks: &tweaks, counters, leave_daemons: false };
        let (tried, restore_ns) = if regime == Regime::CrossRunner {
            let other = self.lab.try_elsewhere(Some(seed), &caches, attempt)?;
            (other.tried, other.restore_ns)
        } else {
            self.lab.put_back(seed, &caches)?;
            (self.lab.try_home(attempt)?, BTreeMap::new())
        };
        let known = set.is_empty() || caches.len() == self.lab.caches.len() || !self.counts();
        let Tried { outcome, reason, wall_ns, hits, misses, after, .. } = tried;
        Ok(TrialLine {
            block,
            order,
            regime,
            caches: set,
            outcome,
            reason,
            wall_ns,
            // Counters in a cache that may not be there: nobody knows what they began with.
            hits: hits.filter(|_| known),
            misses: misses.filter(|_| known),
            restore_ns,
            after_bytes: after.into_iter().map(|(name, (_, bytes))| (name, bytes)).collect(),
        })
    }

    /// Whether a probe's counters travel in some cache.
    fn counts(&self) -> bool {
        let params = &self.lab.setup.params;
        let mut probes =
            self.lab.session.scenario.probes.iter().filter(|probe| probe.when.holds(params));
        probes.any(|probe| probe.counter == Counter::Cache)
    }
}
