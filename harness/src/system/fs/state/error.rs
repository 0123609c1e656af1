//! Why the state root cannot be used.

use std::io;
use std::path::PathBuf;

/// Why the state root cannot be used, or a path in it not touched. Nothing was changed by a refusal.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The directory is not one that `bench` may delete from.
    #[error("`{}` is refused as state directory: {why}", path.display())]
    Refused {
        /// As given.
        path: PathBuf,
        /// Why, with a hint.
        why: String,
    },
    /// A path that does not name an entry inside the state root.
    #[error("`{}` is refused inside state directory `{}`: {why}", rel.display(), root.display())]
    Outside {
        /// The state root.
        root: PathBuf,
        /// As given.
        rel: PathBuf,
        /// Why.
        why: &'static str,
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
}

impl StateError {
    /// Whether the request was refused, rather than something having failed.
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Outside { .. })
    }
}
