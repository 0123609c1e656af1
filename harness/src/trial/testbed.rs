//! Two runners on which trials are made. Each trial starts from fresh copies of the golden snapshot, so that
//! none sees what another one left. Everything here happens outside of timed sections.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use bench_record::Arm;

use super::attempt::{Attempt, succeeded, why_not};
use super::error::TrialError;
use super::snapshot::{GoldenSnapshot, Pack};
use crate::cache::snapshot::SavedArchive;
use crate::runner::{DiskWatch, Runner, Site};
use crate::sample::{ArmSetup, Now, Session, StepError, Tried};
use crate::scenario::CacheSpec;
use crate::system::fs::state::StateRoot;
use crate::system::fs::tree::Mtimes;

/// The only block of a session of trials.
const BLOCK: (u32, Arm) = (1, Arm::Candidate);

/// Where trials are made.
pub struct Testbed<'t, 's> {
    /// What all trials share.
    pub session: &'t mut Session<'s>,
    /// Source, params and examples.
    pub setup: ArmSetup,
    /// The active caches.
    pub caches: Vec<CacheSpec>,
    first: Runner,
    disk: DiskWatch,
}

/// A trial on the other runner.
#[derive(Debug)]
pub struct OnOtherRunner {
    /// What it showed.
    pub tried: Tried,
    /// The runner, as the trial left it.
    pub runner: Runner,
    /// Time to restore each cache, in nanoseconds; absent where there was nothing to restore.
    pub restore_ns: BTreeMap<String, u64>,
}

/// Caches that were copied while daemons might write to them.
#[derive(Debug)]
pub struct LiveCopy {
    /// What the attempt that filled them showed.
    pub tried: Tried,
    /// The copy, or why there is none.
    pub snapshot: Result<GoldenSnapshot, TrialError>,
    /// Processes that were alive.
    pub alive: usize,
}

/// All caches in one archive.
#[derive(Debug)]
pub struct CombinedArchive {
    /// The archive.
    pub archive: SavedArchive,
    /// Time to restore it on the other runner, in nanoseconds; `None` where that was not asked for.
    pub restore_ns: Option<u64>,
}

impl<'t, 's> Testbed<'t, 's> {
    /// Lays out the first runner.
    ///
    /// # Errors
    /// When it cannot be laid out, or no cache is active.
    pub fn new(session: &'t mut Session<'s>, setup: ArmSetup) -> Result<Self, TrialError> {
        let caches = session.caches(&setup);
        if caches.is_empty() {
            return Err(TrialError::no_cache(session.scenario));
        }
        let disk = DiskWatch::start(session.state)?;
        let first = lay_out(session, &setup, Site::First)?;
        Ok(Self { session, setup, caches, first, disk })
    }

    /// The state root.
    pub fn state(&self) -> &'s StateRoot {
        self.session.state
    }

    /// The runner that makes the snapshot.
    pub fn first(&self) -> &Runner {
        &self.first
    }

    /// The same, for trials that change where its directories are.
    pub fn first_mut(&mut self) -> &mut Runner {
        &mut self.first
    }

    /// A directory of this session in the state root, made when it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn dir(&self, name: &str) -> Result<PathBuf, TrialError> {
        Ok(self.state().dir(&self.session.run_rel.join(name))?)
    }

    /// Stops what still runs and brings the first runner back to its start: sources as laid out, and nothing
    /// else but the caches in `kept`.
    ///
    /// # Errors
    /// When it cannot be cleaned.
    pub fn clean(&mut self, kept: &[CacheSpec]) -> Result<(), TrialError> {
        self.session.executor.sweep()?;
        self.make_room()?;
        let kept: Vec<&CacheSpec> = kept.iter().collect();
        self.first.clean(self.session.state, &self.setup.golden, &kept)?;
        Ok(())
    }

    /// [`Testbed::clean`], then fresh copies of `caches` from the snapshot.
    ///
    /// # Errors
    /// When the runner cannot be cleaned or the copies cannot be made.
    pub fn start_from(
        &mut self,
        snapshot: &GoldenSnapshot,
        caches: &[CacheSpec],
    ) -> Result<(), TrialError> {
        self.clean(&[])?;
        for cache in caches {
            snapshot.copy(cache, &self.first.cache_path(cache), Mtimes::Keep)?;
        }
        Ok(())
    }

    /// Runs the phases on the first runner as it is.
    ///
    /// # Errors
    /// What kept the phases from being run.
    pub fn try_on_first(&mut self, attempt: &Attempt) -> Result<Tried, TrialError> {
        Ok(attempt.run(self.session, &self.setup, &self.first)?)
    }

    /// Makes the other runner at `site` anew, restores `caches` there from archives, and runs the phases, while
    /// the first one is out of reach.
    ///
    /// # Errors
    /// What kept the caches from being restored or the phases from being run.
    pub fn try_on_other(
        &mut self,
        site: Site,
        snapshot: Option<&GoldenSnapshot>,
        caches: &[CacheSpec],
        attempt: &Attempt,
    ) -> Result<OnOtherRunner, TrialError> {
        self.session.executor.sweep()?;
        self.make_room()?;
        let hidden = self.first.hide(self.session.state)?;
        let tried = self.lay_out_and_try(site, snapshot, caches, attempt);
        let back = hidden.unhide(self.session.state);
        // The first error is the cause.
        let other = tried?;
        back?;
        Ok(other)
    }

    fn lay_out_and_try(
        &mut self,
        site: Site,
        snapshot: Option<&GoldenSnapshot>,
        caches: &[CacheSpec],
        attempt: &Attempt,
    ) -> Result<OnOtherRunner, TrialError> {
        let mut runner = self.lay_out_other(site)?;
        let (tried, restore_ns) = self.restore_and_try(snapshot, caches, &runner, attempt)?;
        let rel = self.session.run_rel.join(site.directory_after(BLOCK.0, BLOCK.1));
        self.session.state.set_aside(&rel)?;
        runner.set_down(self.session.state, rel)?;
        Ok(OnOtherRunner { tried, runner, restore_ns })
    }

    fn restore_and_try(
        &mut self,
        snapshot: Option<&GoldenSnapshot>,
        caches: &[CacheSpec],
        runner: &Runner,
        attempt: &Attempt,
    ) -> Result<(Tried, BTreeMap<String, u64>), StepError> {
        let mut restore_ns = BTreeMap::new();
        if let Some(snapshot) = snapshot {
            for cache in caches {
                let restored = snapshot.restore(cache, &runner.cache_path(cache))?;
                self.session.shares.transfer_ns += restored.unwrap_or(0);
                restore_ns.extend(restored.map(|ns| (cache.name.clone(), ns)));
            }
        }
        Ok((attempt.run(self.session, &self.setup, runner)?, restore_ns))
    }

    /// Takes what the first runner's caches hold now as a golden snapshot. `cold` is the attempt called `name`
    /// that left them.
    ///
    /// # Errors
    /// [`TrialError::ColdRun`] when that attempt failed; otherwise when the caches cannot be read or the copies
    /// cannot be written.
    pub fn snapshot_after(
        &mut self,
        name: &str,
        cold: &Tried,
    ) -> Result<GoldenSnapshot, TrialError> {
        if !succeeded(cold) {
            let logs = self.session.logs.join(name);
            return Err(TrialError::ColdRun { reason: why_not(cold), logs });
        }
        self.take_snapshot(name, cold)
    }

    /// Makes an attempt on the first runner as it is, and copies its caches while its daemons are alive. Then those
    /// are stopped.
    ///
    /// # Errors
    /// What kept the phases from being run or the daemons from being stopped.
    pub fn try_and_copy_live(&mut self, attempt: Attempt) -> Result<LiveCopy, TrialError> {
        let attempt = Attempt { keep_daemons: true, ..attempt };
        let tried = self.try_on_first(&attempt)?;
        let snapshot = self.take_snapshot(&attempt.name, &tried);
        let alive = self.session.executor.sweep()?.killed.len();
        Ok(LiveCopy { tried, snapshot, alive })
    }

    fn take_snapshot(&mut self, name: &str, tried: &Tried) -> Result<GoldenSnapshot, TrialError> {
        let state = self.session.state;
        let rel = self.snapshot_rel(name);
        GoldenSnapshot::take(state, &rel, &self.first, &self.caches, tried.probes.clone())
    }

    /// Deletes a snapshot that no later trial starts from.
    ///
    /// # Errors
    /// When it cannot be set aside.
    pub fn discard_snapshot(&mut self, name: &str) -> Result<(), TrialError> {
        Ok(self.session.state.set_aside(&self.snapshot_rel(name))?)
    }

    /// Packs what all caches of the first runner hold now into one archive, and restores that on the other runner
    /// when `restore` says so; `None` for a single cache, and for empty ones.
    ///
    /// # Errors
    /// When the caches cannot be read, or the archive cannot be written or restored.
    pub fn pack_together(
        &mut self,
        name: &str,
        restore: bool,
    ) -> Result<Option<CombinedArchive>, TrialError> {
        if self.caches.len() < 2 {
            return Ok(None);
        }
        let dir = self.state().dir(&self.snapshot_rel(name).join("all"))?;
        let Some(pack) = Pack::save(&self.first, &self.caches, &dir)? else { return Ok(None) };
        let restore_ns = if restore {
            let runner = self.lay_out_other(Site::OtherPaths)?;
            pack.restore(self.session.state, &runner)?
        } else {
            None
        };
        Ok(Some(CombinedArchive { archive: pack.archive, restore_ns }))
    }

    fn snapshot_rel(&self, name: &str) -> PathBuf {
        self.session.run_rel.join("snapshots").join(name)
    }

    fn lay_out_other(&mut self, site: Site) -> Result<Runner, StepError> {
        let rel = self.session.run_rel.join(site.directory(BLOCK.0, BLOCK.1));
        self.session.state.set_aside(&rel)?;
        lay_out(self.session, &self.setup, site)
    }

    /// Deletes what was set aside when the disk gets tight; otherwise that waits until nothing is timed any more.
    fn make_room(&mut self) -> Result<(), StepError> {
        let state = self.session.state;
        if self.disk.is_tight(state, self.first.rel())? {
            (self.session.announce)(Now::Preparing("make room on the disk"));
            state.empty_trash()?;
        }
        Ok(())
    }
}

fn lay_out(session: &mut Session<'_>, setup: &ArmSetup, site: Site) -> Result<Runner, StepError> {
    let started = Instant::now();
    let runner = Runner::lay_out(session.state, &session.run_rel, site, BLOCK, &setup.golden)?;
    session.shares.layout_ns += started.elapsed().as_nanos() as u64;
    Ok(runner)
}
