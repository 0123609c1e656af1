//! What can go wrong with a store, always with the path that it is about.

use std::io;
use std::path::PathBuf;

use polars::error::PolarsError;

/// A file that is in the store and cannot be trusted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("`{}`: {why}", path.display())]
pub struct Damaged {
    /// The file.
    pub path: PathBuf,
    /// What is wrong, with a hint.
    pub why: String,
}

/// Why a store cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// There is no store.
    #[error("there is no history in `{}` (hint: `bench history add RUN --store DIR` starts one)", path.display())]
    None {
        /// As given.
        path: PathBuf,
    },
    /// The run is not one for a history.
    #[error("run `{run}` is not added: {why}")]
    Refused {
        /// Its id.
        run: String,
        /// Why, with a hint.
        why: String,
    },
    /// The records of the run cannot be read.
    #[error("the run's records cannot be read")]
    Records(#[from] bench_record::ReadError),
    /// Files that cannot be trusted stand in the way.
    #[error("nothing was changed: {}", list(files))]
    Damaged {
        /// Each of them.
        files: Vec<Damaged>,
    },
    /// What was written is not what was to be written; what it was to replace is untouched.
    #[error("`{}` does not hold the rows that it was made of; nothing was removed", path.display())]
    Differs {
        /// The file.
        path: PathBuf,
    },
    /// A pattern that is none.
    #[error("`{pattern}` is no pattern for names")]
    Pattern {
        /// As given.
        pattern: String,
        /// What is wrong with it.
        #[source]
        source: globset::Error,
    },
    /// The system refused.
    #[error("cannot {what} `{}`", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// A query failed, which only a file of another layout could cause.
    #[error("the history cannot be read")]
    Query(#[from] PolarsError),
}

impl HistoryError {
    /// Whether the request was refused, rather than something having failed.
    pub const fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::None { .. } | Self::Refused { .. } | Self::Records(_) | Self::Pattern { .. }
        )
    }
}

fn list(files: &[Damaged]) -> String {
    files.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
