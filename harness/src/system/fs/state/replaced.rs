//! Files that another file has replaced, in a directory that is no state root.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{StateError, split};
use crate::system::fs::rooted::{Dir, Kind, Mounts, normal};

/// Deletes regular files beneath `root`, which needs no marker: the caller has the content of each of them
/// elsewhere, written and read back. One that is gone is no error. Returns how many were deleted.
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
        let parent = dir.beneath(parent, Mounts::Stay).map_err(failed)?;
        match parent.stat(name) {
            Ok(found) if found.kind == Kind::File => {}
            Ok(_) => return Err(outside(file, "it is no regular file")),
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
