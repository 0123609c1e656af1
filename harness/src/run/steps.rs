//! Carries a plan out, step by step; a record is on disk before the next step starts.

use std::collections::BTreeMap;

use bench_record::{Arm, EndReason, Outcome, Regime, Sample};

use super::records::{RecordWriter, WriteError};
use crate::plan::{Block, Plan, Step};
use crate::regime::{ArmState, Session, StepError, Taken, take};

/// Cold runs that may fail in a row before a run is given up when no `--max-failures` says otherwise.
const HOPELESS_COLD_RUNS: u32 = 2;
/// A block's runners are deleted before the next block starts when less than this many times their size
/// is free. Otherwise they are deleted at the end, when nothing is timed any more.
const FREE_FACTOR: u64 = 4;

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finish {
    /// Why.
    pub reason: EndReason,
    /// The signal, when interrupted.
    pub signal: Option<i32>,
    /// Samples recorded now.
    pub samples: u32,
    /// Of these, failed or timed out.
    pub failed: u32,
    /// Of these, unproven.
    pub unproven: u32,
    /// Example times recorded now.
    pub examples: u32,
    /// Of these, failed or timed out.
    pub failed_examples: u32,
}

/// Why a run ended early with an error; what was recorded before is on disk.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// A sample could not be taken.
    #[error("block {block}, {arm} {regime}")]
    Step {
        /// Block.
        block: u32,
        /// Arm.
        arm: Arm,
        /// Regime.
        regime: Regime,
        /// Why.
        #[source]
        source: StepError,
    },
    /// A record could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Takes every sample of `plan`. `before` is called with each step's block and step before it starts,
/// `after` with each recorded sample.
///
/// # Errors
/// See [`ExecuteError`].
pub fn execute(
    session: &mut Session<'_>,
    plan: &Plan,
    max_failures: Option<u32>,
    writer: &mut RecordWriter,
    events: &mut dyn FnMut(Event<'_>),
) -> Result<Finish, ExecuteError> {
    let mut finish = Finish::default();
    let mut cold_failures = 0;
    for block in &plan.blocks {
        let mut arms: BTreeMap<Arm, ArmState> = BTreeMap::new();
        for (index, step) in block.steps.iter().enumerate() {
            events(Event::Before { block: block.number, step });
            let taken = taken(block, index, step);
            let state = arms.entry(step.arm()).or_default();
            let (sample, examples) = match take(session, taken, state) {
                Ok(recorded) => recorded,
                Err(StepError::Interrupted(signal)) => {
                    finish.reason = EndReason::Interrupted;
                    finish.signal = Some(signal);
                    return Ok(finish);
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
                cold_failures = if failed { cold_failures + 1 } else { 0 };
            }
            if matches!(step, Step::Prime { .. }) {
                continue;
            }
            writer.sample(&sample, &examples)?;
            events(Event::After { sample: &sample });
            finish.count(&sample, &examples);
            let failures = finish.failed + finish.failed_examples;
            if max_failures.is_some_and(|max| failures > max) {
                finish.reason = EndReason::MaxFailures;
                return Ok(finish);
            }
        }
        if max_failures.is_none() && cold_failures >= HOPELESS_COLD_RUNS {
            finish.reason = EndReason::MaxFailures;
            return Ok(finish);
        }
        drop_block_if_tight(session, block.number, &arms);
    }
    Ok(finish)
}

/// What happens around a step.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A step starts.
    Before {
        /// Its block.
        block: u32,
        /// The step.
        step: &'a Step,
    },
    /// A sample is recorded.
    After {
        /// The sample.
        sample: &'a Sample,
    },
}

fn taken<'a>(block: &Block, index: usize, step: &'a Step) -> Taken<'a> {
    let later = &block.steps[index + 1..];
    let order = match step {
        Step::Sample(sample) => sample.order,
        Step::Prime { .. } => 0,
    };
    Taken {
        step,
        block: block.number,
        order,
        hot_follows: later
            .first()
            .is_some_and(|next| next.arm() == step.arm() && next.regime() == Regime::Hot),
        save: later
            .iter()
            .any(|next| next.arm() == step.arm() && next.regime() == Regime::CrossRunner),
    }
}

/// Deletes a block's runners when the disk gets tight; else they stay until nothing is timed any more.
fn drop_block_if_tight(session: &Session<'_>, block: u32, arms: &BTreeMap<Arm, ArmState>) {
    let state = session.state;
    let all = globset::GlobSet::empty();
    for arm in arms.keys() {
        for site in ["a", "b"] {
            let rel = session.run_rel.join(format!("b{block:03}-{arm}-{site}"));
            let used =
                crate::tree::measure(&state.path().join(&rel), &all).map_or(0, |size| size.1);
            let tight =
                state.free_bytes().is_ok_and(|free| free < used.saturating_mul(FREE_FACTOR));
            if used > 0 && tight {
                // Best effort: what cannot be deleted now is tried again at the end, and reported there.
                drop(state.remove(&rel));
                drop(state.empty_trash());
            }
        }
    }
}

impl Finish {
    fn count(&mut self, sample: &Sample, examples: &[bench_record::Example]) {
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
