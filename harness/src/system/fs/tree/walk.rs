//! One walk for everything that reads a tree: sorted, links not followed, any depth with few open files.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use globset::GlobSet;

use super::TreeError;
use crate::system::fs::rooted::{Dir, Kind, Mounts, Stat};

/// Directories that stay open on the way down; those above are opened again on the way back.
const KEPT_OPEN: usize = 64;

/// An entry of a tree.
pub(crate) struct WalkedEntry<'a> {
    /// Relative to the root.
    pub(crate) rel: &'a Path,
    /// The directory that holds it.
    pub(crate) dir: &'a Dir,
    pub(crate) name: &'a OsStr,
    pub(crate) stat: Stat,
}

struct Level {
    rel: PathBuf,
    dir: Option<Dir>,
    names: VecDeque<OsString>,
}

/// Opens the root of a tree to be read; nothing when there is none.
pub(crate) fn root(path: &Path) -> Result<Option<Dir>, TreeError> {
    match Dir::open(path) {
        Ok(dir) => Ok(Some(dir)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(TreeError::io("open directory", path)(error)),
    }
}

/// Visits every entry inside `dir` that is not excluded, in the order of [`Path`]: names sorted by bytes, a
/// directory before its content. What vanishes during the walk is passed over. `path` is for messages.
///
/// # Errors
/// The first entry that cannot be read, or the first error of `visit`.
pub(crate) fn walk<E: From<TreeError>>(
    dir: &Dir,
    path: &Path,
    exclude: &GlobSet,
    mut visit: impl FnMut(&WalkedEntry<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let Some(first) = enter(dir, path, PathBuf::new(), exclude)? else { return Ok(()) };
    let mut levels = vec![first];
    loop {
        let depth = levels.len();
        let Some(level) = levels.last_mut() else { return Ok(()) };
        let Some(name) = level.names.pop_front() else {
            levels.pop();
            continue;
        };
        let rel = level.rel.join(&name);
        if level.dir.is_none() {
            level.dir = match dir.descend(&level.rel, Mounts::Cross) {
                Ok(dir) => Some(dir),
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    levels.pop();
                    continue;
                }
                Err(error) => {
                    return Err(
                        TreeError::io("open directory", &path.join(&level.rel))(error).into()
                    );
                }
            };
        }
        let Some(open) = &level.dir else { continue };
        let stat = match open.stat(&name) {
            Ok(stat) => stat,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(TreeError::io("look at", &path.join(&rel))(error).into()),
        };
        visit(&WalkedEntry { rel: &rel, dir: open, name: &name, stat })?;
        if stat.kind == Kind::Dir {
            if depth > KEPT_OPEN {
                level.dir = None;
            }
            levels.extend(enter(dir, path, rel, exclude)?);
        }
    }
}

fn enter(
    root: &Dir,
    path: &Path,
    rel: PathBuf,
    exclude: &GlobSet,
) -> Result<Option<Level>, TreeError> {
    let dir = match root.descend(&rel, Mounts::Cross) {
        Ok(dir) => dir,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(TreeError::io("open directory", &path.join(&rel))(error)),
    };
    let entries = dir.entries().map_err(TreeError::io("list", &path.join(&rel)))?;
    let mut names: Vec<OsString> = entries
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| exclude.is_empty() || !exclude.is_match(rel.join(name)))
        .collect();
    names.sort_unstable();
    Ok(Some(Level { rel, dir: Some(dir), names: names.into() }))
}
