//! What can go wrong with a store. Every error names its path.

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
    /// The run does not belong in a history.
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
    /// There are files that cannot be trusted.
    #[error("nothing was changed: {}", list(files))]
    Damaged {
        /// Each of them.
        files: Vec<Damaged>,
    },
    /// The written file differs from what it should hold; the files that it was to replace are untouched.
    #[error("`{}` does not hold the rows that it was made from; nothing was removed", path.display())]
    Differs {
        /// The file.
        path: PathBuf,
    },
    /// A pattern that is not valid.
    #[error("`{pattern}` is not a valid pattern for names")]
    Pattern {
        /// As given.
        pattern: String,
        /// What is wrong with it.
        #[source]
        source: globset::Error,
    },
    /// An error of the system.
    #[error("cannot {what} `{}`", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On which path.
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
