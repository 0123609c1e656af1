//! Trees of files: copying, listing, measuring, digesting. Nothing here deletes.
//!
//! Exclude and include patterns are matched against paths relative to the root of the tree. An excluded
//! directory is left out with everything in it; `dir/**` leaves out the content of `dir` and keeps it, empty.

mod content;
mod copy;
mod digest;
mod inventory;
mod measure;
pub(crate) mod walk;

use std::io;
use std::path::{Path, PathBuf};

pub use copy::{CopyOptions, Mtimes, TreeStats, copy};
pub use digest::digest;
pub use inventory::{Diff, EntryChange, Inventory, TreeEntry};
pub use measure::{measure, measure_together};

pub use crate::system::fs::rooted::Kind;

/// Why a tree cannot be read or copied.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
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
    /// The destination of a copy cannot take it.
    #[error("cannot copy `{}` to `{}`: {why}", from.display(), to.display())]
    Destination {
        /// The source.
        from: PathBuf,
        /// The destination.
        to: PathBuf,
        /// Why.
        why: &'static str,
    },
}

impl TreeError {
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, path: path.to_owned(), source }
    }
}
