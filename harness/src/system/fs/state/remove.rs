//! Deletion inside a directory handle.

use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::error::StateError;
use crate::system::fs::rooted::{Dir, Kind, Mounts, normal};

/// How often a directory that somebody still fills is emptied again.
const ROUNDS: u32 = 8;
const OWNER: u32 = 0o700;

/// What was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Names that were not directories: files, links, sockets.
    pub files: u64,
    /// Directories.
    pub dirs: u64,
    /// Lengths of the regular files, in bytes; a file with several names counts once for each.
    pub bytes: u64,
}

type Failed = (PathBuf, io::Error);

/// A step still to be done, last first.
enum Removal {
    /// Empty the directory and descend.
    Empty(PathBuf, u32),
    /// Remove the directory, which is empty unless somebody filled it since; rounds so far.
    Drop(PathBuf, u32),
}

/// Deletes `rel` (normal components only, not empty) inside `root`.
///
/// Every directory is reached from the root anew, so that neither depth nor a directory moved elsewhere
/// meanwhile matters.
pub(super) fn remove_tree(root: &Dir, rel: &Path, removed: &mut Removed) -> Result<(), Failed> {
    let Some((parent_rel, name)) = split(rel) else {
        return Err((rel.to_owned(), ErrorKind::InvalidInput.into()));
    };
    let parent = match root.descend(parent_rel, Mounts::Stay) {
        Ok(parent) => parent,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err((parent_rel.to_owned(), error)),
    };
    let kind = match parent.stat(name) {
        Ok(found) => found.kind,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err((rel.to_owned(), error)),
    };
    if kind != Kind::Dir {
        return with_rights(&parent, parent_rel, name, &mut || unlink(&parent, name, removed))
            .map_err(|error| (rel.to_owned(), error));
    }
    let mut steps = vec![Removal::Empty(rel.to_owned(), 0)];
    while let Some(step) = steps.pop() {
        match step {
            Removal::Empty(at, round) => {
                let Some(dir) = open(root, &at)? else { continue };
                let entries = dir.entries().map_err(|error| (at.clone(), error))?;
                steps.push(Removal::Drop(at.clone(), round));
                for (name, kind) in entries {
                    if kind == Kind::Dir {
                        steps.push(Removal::Empty(at.join(name), 0));
                    } else {
                        unlink(&dir, &name, removed).map_err(|error| (at.join(&name), error))?;
                    }
                }
            }
            Removal::Drop(at, round) => match drop_dir(root, &at, at == rel) {
                Ok(()) => removed.dirs += 1,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error)
                    if error.kind() == ErrorKind::DirectoryNotEmpty && round + 1 < ROUNDS =>
                {
                    steps.push(Removal::Empty(at, round + 1));
                }
                Err(error) => return Err((at, error)),
            },
        }
    }
    Ok(())
}

/// Runs `change`, which takes `name` out of `dir`; when a right is missing, runs it again with all of the
/// owner's rights on `name` (a directory is written to when it moves) and on `dir`. `dir` gets its mode back;
/// the root, empty `rel`, is left as it is.
pub(super) fn with_rights(
    dir: &Dir,
    rel: &Path,
    name: &OsStr,
    change: &mut dyn FnMut() -> io::Result<()>,
) -> io::Result<()> {
    let denied = match change() {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => error,
        other => return other,
    };
    if dir.stat(name).is_ok_and(|found| found.kind == Kind::Dir) {
        dir.open_up(name)?;
    }
    let mode = dir.stat_self()?.mode;
    if rel.as_os_str().is_empty() || mode & OWNER == OWNER {
        return change().map_err(|_| denied);
    }
    dir.set_mode(mode | OWNER)?;
    let outcome = change();
    dir.set_mode(mode)?;
    outcome
}

fn drop_dir(root: &Dir, rel: &Path, top: bool) -> io::Result<()> {
    let Some((parent_rel, name)) = split(rel) else {
        return Err(ErrorKind::InvalidInput.into());
    };
    let parent = root.descend(parent_rel, Mounts::Stay)?;
    if top {
        with_rights(&parent, parent_rel, name, &mut || parent.remove_dir(name))
    } else {
        parent.remove_dir(name)
    }
}

/// Opens a directory with all of the owner's rights; nothing when it has vanished, or is none any more.
fn open(root: &Dir, rel: &Path) -> Result<Option<Dir>, Failed> {
    let failed = |error| (rel.to_owned(), error);
    let opened = match root.descend(rel, Mounts::Stay) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            let (parent, name) =
                split(rel).ok_or_else(|| failed(ErrorKind::InvalidInput.into()))?;
            root.descend(parent, Mounts::Stay)
                .and_then(|parent| parent.open_up(name))
                .and_then(|()| root.descend(rel, Mounts::Stay))
        }
        other => other,
    };
    let dir = match opened {
        Ok(dir) => dir,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mode = dir.stat_self().map_err(failed)?.mode;
    if mode & OWNER != OWNER {
        dir.set_mode(mode | OWNER).map_err(failed)?;
    }
    Ok(Some(dir))
}

fn unlink(dir: &Dir, name: &OsStr, removed: &mut Removed) -> io::Result<()> {
    let gone = |error: io::Error| {
        if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) }
    };
    let found = match dir.stat(name) {
        Ok(found) => found,
        Err(error) => return gone(error),
    };
    if let Err(error) = dir.unlink(name) {
        return gone(error);
    }
    removed.files += 1;
    if found.kind == Kind::File {
        removed.bytes += found.len;
    }
    Ok(())
}

/// Parent and last name.
pub(super) fn split(rel: &Path) -> Option<(&Path, &OsStr)> {
    Some((rel.parent()?, rel.file_name()?))
}

/// Deletes regular files inside `root`, which needs no marker: the caller has the content of each of them
/// elsewhere, written and read back. One that is gone is not an error. Returns how many were deleted.
///
/// # Errors
/// When a path is empty, absolute or holds `..`, leads through a link or into another mount, or names anything
/// but a regular file; and whatever the system refuses. What was deleted before stays so.
pub fn remove_replaced(root: &Path, files: &[PathBuf]) -> Result<usize, StateError> {
    let outside =
        |rel: &Path, why| StateError::Outside { root: root.to_owned(), rel: rel.to_owned(), why };
    let dir = Dir::open(root).map_err(|source| StateError::Io {
        what: "open",
        path: root.to_owned(),
        source,
    })?;
    let mut removed = 0;
    for file in files {
        let failed = |source| StateError::Io { what: "delete", path: root.join(file), source };
        let rel = normal(file).ok_or_else(|| {
            outside(file, "expected a relative path without `..` that names an entry")
        })?;
        let Some((parent, name)) = split(&rel) else {
            return Err(outside(file, "it names nothing"));
        };
        let parent = dir.descend(parent, Mounts::Stay).map_err(failed)?;
        match parent.stat(name) {
            Ok(found) if found.kind == Kind::File => {}
            Ok(_) => return Err(outside(file, "it is not a regular file")),
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(failed(error)),
        }
        match parent.unlink(name) {
            Ok(()) => removed += 1,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(removed)
}
