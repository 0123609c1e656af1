//! Why a run cannot start, ended early, or cannot be loaded.

use bench_record::{Arm, Regime, WriteError};

use crate::cache::handoff::SaveError;
use crate::runner::SourceError;
use crate::sample::StepError;
use crate::system::exec::ExecError;
use crate::system::fs::state::StateError;
use crate::system::fs::tree::TreeError;

/// Why a run cannot start.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// Tools are missing.
    #[error("{0}")]
    Tools(String),
    /// The request contradicts the scenario.
    #[error("{0}")]
    Usage(String),
    /// The source cannot be laid out.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The state root refused a path, or the system did.
    #[error(transparent)]
    State(#[from] StateError),
    /// A tree cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// Processes cannot be run.
    #[error(transparent)]
    Exec(#[from] ExecError),
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
    /// A snapshot could not be saved for another job.
    #[error(transparent)]
    Save(#[from] SaveError),
}
