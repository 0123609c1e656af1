//! Two runners and a seed, on which trials are made: each starts from fresh copies of one golden copy of the
//! seed, so that none sees what another left.
//!
//! Everything here happens outside of timed sections. Copies are never hard links to the golden copy: tools
//! write through those.

mod golden;

use std::collections::BTreeMap;
use std::path::PathBuf;

use bench_record::{Arm, Outcome, ProbeReading, SampleId};

pub use golden::GoldenSeed;

use crate::cache::snapshot::SavedArchive;
use crate::runner::{DiskWatch, Runner, Site, Tweaks};
use crate::sample::{ArmSetup, Now, Session, StepError, Trial, Tried, try_out};
use crate::scenario::CacheSpec;
use crate::system::fs::state::StateRoot;

/// The only block of a session of trials.
const BLOCK: (u32, Arm) = (1, Arm::Candidate);

/// The machine on which trials are made.
pub struct Lab<'l, 's> {
    /// What all trials share.
    pub session: &'l mut Session<'s>,
    /// Source, params and examples.
    pub setup: ArmSetup,
    /// The active caches.
    pub caches: Vec<CacheSpec>,
    home: Runner,
    disk: DiskWatch,
}

/// How one trial is made.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// Names its logs; unique in a session.
    pub name: &'a str,
    /// What differs in its commands.
    pub tweaks: &'a Tweaks,
    /// Probe counters that came with the caches.
    pub counters: &'a BTreeMap<String, ProbeReading>,
    /// Whether daemons go on living when it is over.
    pub leave_daemons: bool,
}

/// A trial on the other runner.
#[derive(Debug)]
pub struct Elsewhere {
    /// What it showed.
    pub tried: Tried,
    /// The runner, as the trial left it.
    pub runner: Runner,
    /// Time to restore each cache, in nanoseconds; absent where there was nothing to restore.
    pub restore_ns: BTreeMap<String, u64>,
}

/// All caches in one archive.
#[derive(Debug)]
pub struct Together {
    /// The archive.
    pub archive: SavedArchive,
    /// Time to restore it on the other runner, in nanoseconds; `None` where that was not asked for.
    pub restore_ns: Option<u64>,
}

impl<'l, 's> Lab<'l, 's> {
    /// Lays out the first runner; `None` when the session has no candidate, which preparing rules out.
    ///
    /// # Errors
    /// When it cannot be laid out.
    pub fn new(session: &'l mut Session<'s>) -> Result<Option<Self>, StepError> {
        let Some(setup) = session.arms.get(&Arm::Candidate).cloned() else { return Ok(None) };
        let caches = session.caches(&setup);
        let disk = DiskWatch::start(session.state)?;
        let home = lay_out(session, &setup, Site::Home)?;
        Ok(Some(Self { session, setup, caches, home, disk }))
    }

    /// The state root.
    pub fn state(&self) -> &'s StateRoot {
        self.session.state
    }

    /// The runner that makes the seed.
    pub fn home(&self) -> &Runner {
        &self.home
    }

    /// Brings the first runner back to its start: sources as laid out, nothing else but the caches in `kept`.
    ///
    /// # Errors
    /// When it cannot be cleaned.
    pub fn clean(&mut self, kept: &[CacheSpec]) -> Result<(), StepError> {
        self.session.executor.sweep()?;
        self.make_room()?;
        let kept: Vec<&CacheSpec> = kept.iter().collect();
        self.home.clean(self.session.state, &self.setup.golden, &kept)?;
        Ok(())
    }

    /// Runs the phases on the first runner as it is.
    ///
    /// # Errors
    /// What kept the phases from being run.
    pub fn try_home(&mut self, attempt: Attempt<'_>) -> Result<Tried, StepError> {
        let trial = trial(attempt);
        try_out(self.session, &self.setup, &self.home, &trial, false)
    }

    /// The first runner with `caches` as fresh copies of the seed, and nothing else.
    ///
    /// # Errors
    /// When it cannot be cleaned or the copies not be made.
    pub fn put_back(&mut self, seed: &GoldenSeed, caches: &[CacheSpec]) -> Result<(), StepError> {
        self.clean(&[])?;
        for cache in caches {
            seed.copy_to(cache, &self.home)?;
        }
        Ok(())
    }

    /// Makes the other runner anew, restores `caches` there from archives, and runs the phases, while the
    /// first one is out of reach.
    ///
    /// # Errors
    /// What kept the caches from being restored or the phases from being run.
    pub fn try_elsewhere(
        &mut self,
        seed: Option<&GoldenSeed>,
        caches: &[CacheSpec],
        attempt: Attempt<'_>,
    ) -> Result<Elsewhere, StepError> {
        self.session.executor.sweep()?;
        self.make_room()?;
        let rel = self.session.run_rel.join(Site::Elsewhere.directory(BLOCK.0, BLOCK.1));
        self.session.state.set_aside(&rel)?;
        let runner = lay_out(self.session, &self.setup, Site::Elsewhere)?;
        let hidden = self.home.hide(self.session.state)?;
        let tried = self.restore_and_try(seed, caches, &runner, attempt);
        let back = hidden.unhide(self.session.state);
        // What went wrong first is what is told.
        let (tried, restore_ns) = tried?;
        back?;
        Ok(Elsewhere { tried, runner, restore_ns })
    }

    fn restore_and_try(
        &mut self,
        seed: Option<&GoldenSeed>,
        caches: &[CacheSpec],
        runner: &Runner,
        attempt: Attempt<'_>,
    ) -> Result<(Tried, BTreeMap<String, u64>), StepError> {
        let mut restore_ns = BTreeMap::new();
        for cache in caches {
            let state = self.session.state;
            let restored = seed.map(|seed| seed.restore_to(state, cache, runner));
            let restored = restored.transpose()?.flatten();
            self.session.shares.transfer_ns += restored.unwrap_or(0);
            restore_ns.extend(restored.map(|ns| (cache.name.clone(), ns)));
        }
        let trial = trial(attempt);
        let tried = try_out(self.session, &self.setup, runner, &trial, false)?;
        Ok((tried, restore_ns))
    }

    /// Takes what the first runner's caches hold now as a golden seed, archives included.
    ///
    /// # Errors
    /// When the caches cannot be read or the copies not be written.
    pub fn take_seed(&mut self, name: &str, tried: &Tried) -> Result<GoldenSeed, StepError> {
        let rel = self.session.run_rel.join("seeds").join(name);
        GoldenSeed::take(self.session.state, &rel, &self.home, &self.caches, tried)
    }

    /// Packs what all caches of the first runner hold now into one archive, and restores that on the other runner
    /// when `elsewhere`; `None` for a single cache, and for empty ones.
    ///
    /// # Errors
    /// When the caches cannot be read, or the archive not be written or restored.
    pub fn pack_together(
        &mut self,
        name: &str,
        elsewhere: bool,
    ) -> Result<Option<Together>, StepError> {
        if self.caches.len() < 2 {
            return Ok(None);
        }
        let rel = self.session.run_rel.join("seeds").join(name).join("all");
        let dir = self.session.state.dir(&rel)?;
        let packed = golden::pack(&self.home, &self.caches, &dir)?;
        let Some(packed) = packed else { return Ok(None) };
        let restore_ns = if elsewhere {
            let rel = self.session.run_rel.join(Site::Elsewhere.directory(BLOCK.0, BLOCK.1));
            self.session.state.set_aside(&rel)?;
            let runner = lay_out(self.session, &self.setup, Site::Elsewhere)?;
            packed.restore_to(self.session.state, &runner)?
        } else {
            None
        };
        Ok(Some(Together { archive: packed.into_archive(), restore_ns }))
    }

    /// Lets go of a seed that no later trial starts from.
    ///
    /// # Errors
    /// When it cannot be set aside.
    pub fn drop_seed(&mut self, name: &str) -> Result<(), StepError> {
        Ok(self.session.state.set_aside(&self.session.run_rel.join("seeds").join(name))?)
    }

    /// Deletes what was set aside when the disk gets tight; else that waits until nothing is timed any more.
    fn make_room(&mut self) -> Result<(), StepError> {
        let state = self.session.state;
        if self.disk.is_tight(state, self.home.rel())? {
            (self.session.announce)(Now::Preparing("make room on the disk"));
            state.empty_trash()?;
        }
        Ok(())
    }

    /// A directory of the session's own beneath the state root, made when it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn dir(&self, name: &str) -> Result<PathBuf, StepError> {
        Ok(self.session.state.dir(&self.session.run_rel.join(name))?)
    }
}

/// Whether the phases ran to their end.
pub fn succeeded(tried: &Tried) -> bool {
    tried.outcome == Outcome::Ok
}

fn trial(attempt: Attempt<'_>) -> Trial<'_> {
    Trial {
        id: SampleId(attempt.name.to_owned()),
        tweaks: attempt.tweaks,
        counters: attempt.counters,
        leave_daemons: attempt.leave_daemons,
    }
}

fn lay_out(session: &mut Session<'_>, setup: &ArmSetup, site: Site) -> Result<Runner, StepError> {
    let started = std::time::Instant::now();
    let runner = Runner::lay_out(session.state, &session.run_rel, site, BLOCK, &setup.golden)?;
    session.shares.layout_ns += started.elapsed().as_nanos() as u64;
    Ok(runner)
}
