//! The faults that are injected, one name each.

use std::fmt;
use std::str::FromStr;

use bench_record::{UnknownName, by_name};

use super::damage::Damage;

/// Something that goes wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The bits of one byte of a file are inverted.
    Flip,
    /// The second half of a file is lost.
    Truncate,
    /// A file is empty.
    Empty,
    /// A file is gone.
    Delete,
    /// A source was changed after the save.
    StaleEntry,
    /// A source was changed after the save, and its mtime is older than the save.
    StaleMtime,
    /// The archive ends in the middle; then the build goes on with what came out of it.
    Archive,
    /// The store was saved while a daemon was alive.
    LiveDaemon,
    /// Nothing in the store can be written.
    ReadOnly,
    /// The disk is full when the store is written.
    FullDisk,
}

impl Fault {
    /// Every fault, in the order in which they are tried.
    pub const ALL: [Self; 10] = [
        Self::Flip,
        Self::Truncate,
        Self::Empty,
        Self::Delete,
        Self::StaleEntry,
        Self::StaleMtime,
        Self::Archive,
        Self::LiveDaemon,
        Self::ReadOnly,
        Self::FullDisk,
    ];

    /// The name on the command line and in every document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Flip => "flip",
            Self::Truncate => "truncate",
            Self::Empty => "empty",
            Self::Delete => "delete",
            Self::StaleEntry => "stale-entry",
            Self::StaleMtime => "stale-mtime",
            Self::Archive => "archive",
            Self::LiveDaemon => "live-daemon",
            Self::ReadOnly => "read-only",
            Self::FullDisk => "full-disk",
        }
    }

    /// What is done to one file of each kind, where the fault is about files.
    pub(super) const fn damage(self) -> Option<Damage> {
        match self {
            Self::Flip => Some(Damage::Flip),
            Self::Truncate => Some(Damage::Truncate),
            Self::Empty => Some(Damage::Empty),
            Self::Delete => Some(Damage::Delete),
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Fault {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        by_name("fault", &Self::ALL, Self::as_str, text)
    }
}
