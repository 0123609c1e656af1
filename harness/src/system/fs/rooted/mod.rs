//! Names inside an open directory: the one place where `state`, `tree` and `cache` depend on the platform.
//!
//! A [`Dir`] is a directory handle. Every operation takes one name inside it, never a path, and follows no
//! symbolic link, so that a tree which changes under our hands cannot lead us out of it. [`Dir::descend`]
//! is the only way down: openat2 with `RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS` where the kernel has it, else one
//! `openat(O_NOFOLLOW)` per component. Other platforms than Unix get the same calls over checked paths: correct
//! on a tree that nobody else changes, without the guarantee against one that changes meanwhile.

use std::path::{Component, Path, PathBuf};

#[cfg(not(unix))]
mod portable;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use portable::*;
#[cfg(unix)]
pub(crate) use unix::*;

/// What a name stands for; links are never followed to find out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
    /// A symbolic link.
    Symlink,
    /// A socket, fifo or device.
    Other,
}

/// What the file system knows about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) kind: Kind,
    /// Bytes.
    pub(crate) len: u64,
    /// Nanoseconds since 1970, negative before.
    pub(crate) mtime_ns: i128,
    /// Permission bits, with set-id and sticky bits.
    pub(crate) mode: u32,
    pub(crate) dev: u64,
    pub(crate) inode: u64,
    /// Names of the inode.
    pub(crate) links: u64,
}

/// Whether a way down may lead into another mount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mounts {
    /// It may: for reading what a tool made.
    Cross,
    /// It may not: for deleting and restoring.
    Stay,
}

/// `rel` with only normal components, or nothing when it is absolute, escapes by `..` or names no entry.
pub(crate) fn normal(rel: &Path) -> Option<PathBuf> {
    let mut clean = PathBuf::new();
    for component in rel.components() {
        match component {
            Component::Normal(name) => clean.push(name),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!clean.as_os_str().is_empty()).then_some(clean)
}
