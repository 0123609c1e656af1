//! The base level: no process table, no sub-reaper, no pidfd. Everything here says "not known", and the
//! callers fall back to process groups and to asking again with growing pauses.

use std::convert::Infallible;
use std::io;
use std::path::PathBuf;

use super::table::{ProcessEntry, ProcessTable};
use crate::system::exec::interrupt::{Until, Wake};

/// Never exists on this platform.
#[derive(Debug)]
pub(crate) struct Pidfd(Infallible);

impl Pidfd {
    /// Always `None`.
    pub(crate) fn open(_pid: u32) -> Option<Self> {
        None
    }

    /// Cannot be called, since there is no value of this type.
    pub(crate) fn wait(&self, _until: Until<'_>) -> io::Result<Wake> {
        match self.0 {}
    }
}

/// Never exists on this platform.
#[derive(Debug)]
pub(crate) struct Namespace(Infallible);

impl Namespace {
    /// Always an error.
    pub(crate) fn of(_pid: u32, _name: &str) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Cannot be called, since there is no value of this type.
    pub(crate) fn inherited(&self) -> io::Result<(String, Self)> {
        match self.0 {}
    }
}

/// Orphans are handed to the system's first process.
pub(crate) fn become_subreaper() -> bool {
    false
}

/// Nothing to forget: the peak is not known to be handed on.
pub(crate) fn forget_own_peak() {}

/// Nothing is visible.
#[expect(clippy::unnecessary_wraps, reason = "the signature is the Linux level's")]
pub(crate) fn processes() -> io::Result<ProcessTable> {
    Ok(ProcessTable::default())
}

/// Nothing is visible.
pub(crate) fn process(_pid: u32) -> Option<ProcessEntry> {
    None
}

/// Never called with anything: there is no table to take an entry from.
pub(crate) fn kill_exactly(_entry: &ProcessEntry) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Where a process lives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Whereabouts {
    pub(crate) home: Option<PathBuf>,
    pub(crate) cwd: Option<PathBuf>,
}

/// Not visible.
pub(crate) fn whereabouts(_pid: u32) -> Option<Whereabouts> {
    None
}

/// Not visible; the usual case is assumed.
#[cfg(unix)]
pub(crate) fn is_ignored(_signal: i32) -> bool {
    false
}
