//! Which property of a runner breaks reuse, and the remedy (`bench explain`).
//!
//! ```text
//! machine (brings the runner into a variation and back) -> engine (the order of trials) -> explain.ndjson
//!     -> judge (verdicts) -> report (explain.json) -> render (terminal, Markdown)
//! ```
//!
//! The method, its constants and what it cannot tell: `docs/EXPLAIN.md`.

mod engine;
mod isolate;
mod judge;
mod machine;
mod remedies;
mod render;
mod report;
mod scan;
mod toolbox;

use std::path::PathBuf;

pub use engine::{Event, Experiment, Scene, Wish, explain};
pub use judge::{BREAKS, BREAKS_SECONDS, Judge, Judged, KEEPS, KEEPS_SECONDS, REPEATS_SECONDS};
pub use render::{markdown, terminal};
pub use report::report;

use bench_record::WriteError;

use crate::cache::archive::ArchiveError;
use crate::runner::{CleanError, RunnerError};
use crate::sample::StepError;
use crate::system::exec::ExecError;
use crate::system::fs::state::StateError;
use crate::system::fs::tree::TreeError;

/// Why nothing could be explained; what was tried before is on disk.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// There is no cache.
    #[error("scenario `{scenario}` has no active cache with these params{hint}")]
    NoCache {
        /// The scenario.
        scenario: String,
        /// How to get one.
        hint: String,
    },
    /// The cold run failed, so there is nothing to compare with.
    #[error("the cold run fails, so there is nothing to explain: {reason} (hint: the logs are in `{}`)", logs.display())]
    Base {
        /// Why.
        reason: String,
        /// Where its logs are.
        logs: PathBuf,
    },
    /// A cache is a symbolic link.
    #[error("cache `{cache}` lies behind the symbolic link `{}`: what is there is not the runner's", path.display())]
    LinkedCache {
        /// The cache.
        cache: String,
        /// The link.
        path: PathBuf,
    },
    /// A file could not be changed.
    #[error("cannot change `{}`", path.display())]
    Touch {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// A trial could not be run.
    #[error(transparent)]
    Step(#[from] StepError),
    /// A runner could not be made.
    #[error(transparent)]
    Runner(#[from] RunnerError),
    /// A runner could not be cleaned.
    #[error(transparent)]
    Clean(#[from] CleanError),
    /// A cache could not be saved or restored.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A tree could not be copied or read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The state root said no.
    #[error(transparent)]
    State(#[from] StateError),
    /// A process could not be run.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// The tools could not be copied.
    #[error(transparent)]
    Toolbox(#[from] toolbox::ToolboxError),
    /// A trial could not be written down.
    #[error(transparent)]
    Write(#[from] WriteError),
}
