//! Archives of caches in the format of CI caches: a pax tar stream, compressed by zstd at level 3.
//!
//! Kept: contents, permission bits, modification times to the nanosecond (files, directories, links), symbolic
//! links as written, hard links among the archived files, empty directories, any file name. Lost, as with CI
//! caches: owners, extended attributes, holes, inode numbers, change times; sockets, fifos and devices.

mod format;
mod restore;
mod save;

use std::io;
use std::path::{Path, PathBuf};

pub use restore::{Restored, restore};
pub use save::{ArchivePart, PartSize, Saved, save, save_together};

use crate::system::fs::tree::TreeError;

/// Why an archive was not written or not restored.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A file could not be read to be saved.
    #[error("cannot {what} `{}` while saving it", path.display())]
    Source {
        /// What was tried.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The tree could not be walked to be saved.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The archive could not be written; an earlier one is still there.
    #[error("cannot write archive `{}`", archive.display())]
    Write {
        /// The archive.
        archive: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The archive could not be opened.
    #[error("cannot read archive `{}`", archive.display())]
    Open {
        /// The archive.
        archive: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The archive is cut short or malformed.
    #[error("archive `{}` is damaged {}: {why} (hint: it must be made again)", archive.display(), place(entry))]
    Damaged {
        /// The archive.
        archive: PathBuf,
        /// The entry that was being read, or the last one that was read.
        entry: PathBuf,
        /// What was wrong.
        why: String,
    },
    /// An entry that must not be restored.
    #[error("archive `{}` is refused: entry `{}` {why}", archive.display(), entry.display())]
    Refused {
        /// The archive.
        archive: PathBuf,
        /// The entry.
        entry: PathBuf,
        /// Why.
        why: String,
    },
    /// The directory to restore to is in use.
    #[error("cannot restore `{}` to `{}`: {why}", archive.display(), root.display())]
    Root {
        /// The archive.
        archive: PathBuf,
        /// The directory.
        root: PathBuf,
        /// Why.
        why: &'static str,
    },
    /// An entry could not be written.
    #[error("cannot {what} `{}` while restoring `{}`", path.display(), archive.display())]
    Restore {
        /// The archive.
        archive: PathBuf,
        /// What was tried.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

fn place(entry: &Path) -> String {
    if entry.as_os_str().is_empty() {
        "before its first entry".to_owned()
    } else {
        format!("at entry `{}`", entry.display())
    }
}
