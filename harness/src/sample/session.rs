//! What the samples of a run share, and why one could not be taken.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bench_record::{Arm, SampleId, TimeShares};
use globset::GlobMatcher;

use super::examples::ExampleValue;
use crate::cache::archive::ArchiveError;
use crate::cache::snapshot::RestoreError;
use crate::plan::PlanStep;
use crate::runner::{
    CleanError, ContextError, DiskError, GoldenSource, RunnerError, UserEnvironment,
};
use crate::scenario::Bundle;
use crate::scenario::{CacheSpec, Scenario};
use crate::system::exec::{ExecError, Executor};
use crate::system::fs::state::{StateError, StateRoot};
use crate::system::fs::tree::TreeError;

/// What all samples of a run share.
pub struct Session<'a> {
    /// What is run.
    pub scenario: &'a Scenario,
    /// Each arm's source and params.
    pub arms: BTreeMap<Arm, ArmSetup>,
    /// Where runners are laid out.
    pub state: &'a StateRoot,
    /// The run's directory, relative to the state root.
    pub run_rel: PathBuf,
    /// What the environment of its commands takes from the user's.
    pub user: UserEnvironment,
    /// The run's directory of logs.
    pub logs: PathBuf,
    /// `--examples`.
    pub only: Option<GlobMatcher>,
    /// Runs commands.
    pub executor: &'a mut dyn Executor,
    /// Called with what happens next.
    pub announce: &'a mut dyn FnMut(Now<'_>),
    /// Where the time went so far.
    pub shares: TimeShares,
}

/// One arm of a run.
#[derive(Clone, Debug)]
pub struct ArmSetup {
    /// Its source.
    pub golden: GoldenSource,
    /// Its params.
    pub params: BTreeMap<String, String>,
    /// `{tools}`
    pub tools: PathBuf,
    /// Its examples, if they are known before a sample runs.
    pub examples: Option<Vec<ExampleValue>>,
}

/// A step of a block, and what the steps after it need.
#[derive(Clone, Copy, Debug)]
pub struct StepRequest<'a> {
    /// The step.
    pub step: &'a PlanStep,
    /// Its block.
    pub block: u32,
    /// Its position in the block, from 1.
    pub order: u32,
    /// The next step continues on this runner with its daemons alive (hot).
    pub hot_follows: bool,
    /// A later step, or another job, restores this step's caches from archives.
    pub save_archives: bool,
}

impl StepRequest<'_> {
    pub(super) fn id(&self) -> SampleId {
        match self.step {
            PlanStep::Sample(sample) => sample.id.clone(),
            PlanStep::Prime { arm, regime } => {
                SampleId(format!("b{:03}-{arm}-{regime}-prime", self.block))
            }
        }
    }
}

impl Session<'_> {
    /// The caches that are active in `arm`.
    pub fn caches(&self, arm: &ArmSetup) -> Vec<CacheSpec> {
        self.scenario.caches.iter().filter(|c| c.when.holds(&arm.params)).cloned().collect()
    }

    /// The same caches, grouped by archive.
    pub fn bundles(&self, arm: &ArmSetup) -> Vec<Bundle> {
        self.scenario.bundles(&arm.params)
    }
}

/// What is happening, for a person who is waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Now<'a> {
    /// Getting a runner ready.
    Preparing(&'a str),
    /// Running a phase; the example with its position and count.
    Phase(&'a str, Option<(&'a str, usize, usize)>),
    /// Saving or reading what the sample left behind.
    Finishing(&'a str),
}

/// Why a sample could not be taken at all; a measured command that fails is a record, not this.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The run was asked to stop.
    #[error("interrupted by signal {0}")]
    Interrupted(i32),
    /// A runner could not be made.
    #[error(transparent)]
    Runner(#[from] RunnerError),
    /// A runner could not be cleaned.
    #[error(transparent)]
    Clean(#[from] CleanError),
    /// A cache could not be saved.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A cache could not be restored.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// A tree could not be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The state root refused a path, or the system did.
    #[error(transparent)]
    State(#[from] StateError),
    /// A placeholder has no value.
    #[error(transparent)]
    Context(#[from] ContextError),
    /// It is not known whether the disk is tight.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// Processes could not be controlled.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// A log directory or a port could not be had.
    #[error("cannot prepare {what}")]
    Io {
        /// What.
        what: String,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
}
