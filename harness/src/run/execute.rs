//! Executes a plan, step by step; a record is on disk before the next step starts.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bench_record::{
    Arm, EndReason, Example, JournalWriter, LoadedRun, Outcome, Record, Regime, Sample,
};

use super::error::ExecuteError;
use crate::cache::handoff::{ColdRun, SnapshotWriter};
use crate::cache::snapshot::ColdResult;
use crate::plan::{Plan, PlanStep, PlannedBlock};
use crate::runner::{DiskWatch, Site};
use crate::sample::{ArmState, Now, Session, StepError, StepRequest, take_sample};

/// A run without `--max-failures` is given up after this many cold runs of an arm have failed in a row.
const HOPELESS_COLD_RUNS: u32 = 2;

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finish {
    /// Why.
    pub reason: EndReason,
    /// The signal, if it was interrupted.
    pub signal: Option<i32>,
    /// Samples recorded by this process.
    pub samples: u32,
    /// Of these, failed or timed out.
    pub failed: u32,
    /// Of these, unproven.
    pub unproven: u32,
    /// Example times recorded by this process.
    pub examples: u32,
    /// Of these, failed or timed out.
    pub failed_examples: u32,
}

/// What a run does with snapshots, when two jobs share its plan.
#[derive(Debug)]
pub enum Handoff {
    /// One job takes all samples.
    None,
    /// Prime: saves the snapshots for another job.
    Save(Box<SnapshotWriter>),
    /// Measure: starts from snapshots that another job made.
    Load(BTreeMap<(u32, Arm), ColdResult>),
}

/// When a run ends before its plan does.
#[derive(Clone, Copy)]
pub struct Limits<'a> {
    /// Failed samples and examples that are allowed; `None` for the default.
    pub max_failures: Option<u32>,
    /// A block starts only if it will probably end within this time after `started`.
    pub budget: Option<Duration>,
    /// When the process started.
    pub started: Instant,
    /// `--auto`: whether the samples so far are enough for a verdict.
    pub settled: Option<&'a dyn Fn(&LoadedRun) -> bool>,
}

/// Takes every sample of `plan` and appends it to `recorded`, which holds those of earlier processes, and
/// to the file. `events` is called before each step, and after each sample is recorded.
///
/// # Errors
/// See [`ExecuteError`].
pub fn execute(
    session: &mut Session<'_>,
    plan: &Plan,
    handoff: &Handoff,
    limits: &Limits<'_>,
    recorded: &mut LoadedRun,
    writer: &mut JournalWriter<Record>,
    events: &mut dyn FnMut(Event<'_>),
) -> Result<Finish, ExecuteError> {
    let mut run = Execution {
        finish: Finish::default(),
        cold_failures: BTreeMap::new(),
        longest_block: Duration::ZERO,
        handoff,
        limits,
        recorded,
        writer,
        events,
    };
    for (index, block) in plan.blocks.iter().enumerate() {
        let ended = match run.ends_before(index) {
            None => {
                let started = Instant::now();
                let ended = run.block(session, block)?;
                run.longest_block = run.longest_block.max(started.elapsed());
                ended
            }
            some => some,
        };
        if let Some(reason) = ended {
            run.finish.reason = reason;
            break;
        }
    }
    Ok(run.finish)
}

/// A run while it is executed.
struct Execution<'a> {
    finish: Finish,
    /// Number of cold runs of each arm that failed in a row.
    cold_failures: BTreeMap<Arm, u32>,
    longest_block: Duration,
    handoff: &'a Handoff,
    limits: &'a Limits<'a>,
    recorded: &'a mut LoadedRun,
    writer: &'a mut JournalWriter<Record>,
    events: &'a mut dyn FnMut(Event<'_>),
}

impl Execution<'_> {
    /// Why the block at `index` of the plan does not start. Only the verdict can keep the first one from starting.
    fn ends_before(&self, index: usize) -> Option<EndReason> {
        // Before a block rather than after one, so that a resumed run asks this first.
        if self.limits.settled.is_some_and(|settled| settled(self.recorded)) {
            return Some(EndReason::Decided);
        }
        let over = self
            .limits
            .budget
            .is_some_and(|budget| self.limits.started.elapsed() + self.longest_block > budget);
        (index > 0 && over).then_some(EndReason::Budget)
    }

    /// Executes one block; returns the reason if the run ends with it.
    fn block(
        &mut self,
        session: &mut Session<'_>,
        block: &PlannedBlock,
    ) -> Result<Option<EndReason>, ExecuteError> {
        let disk = DiskWatch::start(session.state);
        let mut arms = self.loaded(block.number);
        for (index, step) in block.steps.iter().enumerate() {
            (self.events)(Event::Before { block: block.number, step });
            let request = self.step_request(block, index, step);
            let state = arms.entry(step.arm()).or_default();
            let (sample, examples) = match take_sample(session, request, state) {
                Ok(recorded) => recorded,
                Err(StepError::Interrupted(signal)) => {
                    self.finish.signal = Some(signal);
                    return Ok(Some(EndReason::Interrupted));
                }
                Err(source) => {
                    return Err(ExecuteError::Step {
                        block: block.number,
                        arm: step.arm(),
                        regime: step.regime(),
                        source,
                    });
                }
            };
            if step.regime() == Regime::Cold {
                let failed = matches!(sample.outcome, Outcome::Failed | Outcome::TimedOut);
                let failures = self.cold_failures.entry(step.arm()).or_default();
                *failures = if failed { *failures + 1 } else { 0 };
            }
            if matches!(step, PlanStep::Sample(_)) && self.record(sample, examples)? {
                return Ok(Some(EndReason::MaxFailures));
            }
        }
        self.save_snapshots(session, block.number, &arms)?;
        let hopeless = self.cold_failures.values().any(|failures| *failures >= HOPELESS_COLD_RUNS);
        if self.limits.max_failures.is_none() && hopeless {
            return Ok(Some(EndReason::MaxFailures));
        }
        if let Ok(disk) = disk {
            drop_block_if_tight(session, disk, block.number, &arms);
        }
        Ok(None)
    }

    /// The arms of a block as they start: with the snapshots that another job made for them.
    fn loaded(&self, block: u32) -> BTreeMap<Arm, ArmState> {
        let Handoff::Load(loaded) = self.handoff else { return BTreeMap::new() };
        let of_block = loaded.iter().filter(|((number, _), _)| *number == block);
        let state =
            |cold: &ColdResult| ArmState { cold: Some(cold.clone()), ..ArmState::default() };
        of_block.map(|((_, arm), cold)| (*arm, state(cold))).collect()
    }

    /// Saves the snapshots of a block for another job, at its end, so that no sample of it is disturbed.
    fn save_snapshots(
        &self,
        session: &mut Session<'_>,
        block: u32,
        arms: &BTreeMap<Arm, ArmState>,
    ) -> Result<(), ExecuteError> {
        let Handoff::Save(writer) = self.handoff else { return Ok(()) };
        for (&arm, state) in arms {
            let Some(setup) = session.arms.get(&arm) else { continue };
            let (params, bundles) = (&setup.params, &session.bundles(setup));
            (session.announce)(Now::Finishing("save the snapshot for another job"));
            let started = Instant::now();
            let (runner, result) = (state.first.as_ref(), state.cold.as_ref());
            writer.save(&ColdRun { block, arm, params, bundles, runner, result })?;
            session.shares.transfer_ns += started.elapsed().as_nanos() as u64;
        }
        Ok(())
    }

    fn step_request<'a>(
        &self,
        block: &PlannedBlock,
        index: usize,
        step: &'a PlanStep,
    ) -> StepRequest<'a> {
        let later = &block.steps[index + 1..];
        let order = match step {
            PlanStep::Sample(sample) => sample.order,
            PlanStep::Prime { .. } => 0,
        };
        let restores =
            || later.iter().any(|next| next.arm() == step.arm() && next.regime().is_other_runner());
        StepRequest {
            step,
            block: block.number,
            order,
            hot_follows: later
                .first()
                .is_some_and(|next| next.arm() == step.arm() && next.regime() == Regime::Hot),
            save_archives: matches!(self.handoff, Handoff::Save(_)) || restores(),
        }
    }

    /// Records a sample; returns whether more have failed than are allowed.
    fn record(&mut self, sample: Sample, examples: Vec<Example>) -> Result<bool, ExecuteError> {
        self.writer.append(&Record::committed(sample.clone(), examples.clone()))?;
        (self.events)(Event::After { sample: &sample });
        self.finish.count(&sample, &examples);
        self.recorded.samples.push((sample, examples));
        let failures = self.finish.failed + self.finish.failed_examples;
        Ok(self.limits.max_failures.is_some_and(|max| failures > max))
    }
}

/// What happens around a step.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A step starts.
    Before {
        /// Its block.
        block: u32,
        /// The step.
        step: &'a PlanStep,
    },
    /// A sample is recorded.
    After {
        /// The sample.
        sample: &'a Sample,
    },
}

/// Deletes a block's runners if the disk gets tight; otherwise they stay until the end, after the last timed command.
/// `disk` was started before the block.
fn drop_block_if_tight(
    session: &Session<'_>,
    disk: DiskWatch,
    block: u32,
    arms: &BTreeMap<Arm, ArmState>,
) {
    let state = session.state;
    for arm in arms.keys() {
        for site in [Site::First, Site::SamePaths, Site::OtherPaths] {
            let rel = session.run_rel.join(site.directory_after(block, *arm));
            if disk.is_tight(state, &rel).unwrap_or(false) {
                // Best effort: deleting is tried again at the end, and a failure is reported there.
                drop(state.remove(&rel));
                drop(state.empty_trash());
            }
        }
    }
}

impl Finish {
    fn count(&mut self, sample: &Sample, examples: &[Example]) {
        self.samples += 1;
        self.examples += examples.len() as u32;
        self.failed_examples +=
            examples.iter().filter(|example| example.outcome != Outcome::Ok).count() as u32;
        match sample.outcome {
            Outcome::Ok => {}
            Outcome::Failed | Outcome::TimedOut => self.failed += 1,
            Outcome::Unproven => self.unproven += 1,
        }
    }
}
