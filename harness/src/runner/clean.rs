//! Brings a runner back to the state in which its job starts: sources as laid out, no build outputs.
//!
//! What a build added is renamed into the state root's trash, which is emptied after the last timed command: deleting
//! is slow and disturbs what runs next.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use globset::GlobSet;

use super::golden::GoldenSource;
use super::layout::Runner;
use crate::scenario::CacheSpec;
use crate::system::fs::state::{StateError, StateRoot};
use crate::system::fs::tree::{Inventory, TreeError};

/// What had to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Trees that were set aside: build outputs, home and temp contents.
    pub set_aside: usize,
    /// Source files that the build had changed or removed and that were put back.
    pub restored: Vec<PathBuf>,
    /// Sources that still differ after they were put back (in inode or mtime).
    pub differing: Vec<PathBuf>,
}

/// Why a runner could not be cleaned.
#[derive(Debug, thiserror::Error)]
pub enum CleanError {
    /// A directory could not be listed.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// Something could not be set aside.
    #[error(transparent)]
    State(#[from] StateError),
    /// A source file could not be put back.
    #[error("cannot put back source file `{}`", path.display())]
    PutBack {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

impl Runner {
    /// Sets everything aside that is neither a source file nor inside one of `caches`, puts changed
    /// sources back with their inode and mtime, and empties home and temp except for caches.
    ///
    /// # Errors
    /// See [`CleanError`]; what was set aside until then stays in the trash.
    pub fn clean(
        &self,
        state: &StateRoot,
        golden: &GoldenSource,
        caches: &[&CacheSpec],
    ) -> Result<Cleaned, CleanError> {
        let kept: Vec<PathBuf> = caches.iter().map(|cache| self.cache_path(cache)).collect();
        let mut cleaned = Cleaned::default();
        let now = Inventory::take(&self.workspace, &GlobSet::empty())?;
        let diff = self.layout.diff(&now);
        for added in topmost(&diff.added) {
            cleaned.set_aside += set_aside(state, &self.workspace.join(added), &kept)?;
        }
        for path in diff.removed.iter().chain(diff.changed.keys()) {
            if kept.iter().any(|cache| self.workspace.join(path).starts_with(cache)) {
                continue;
            }
            if self.put_back(state, golden, path)? {
                cleaned.restored.push(path.clone());
            }
        }
        for root in [&self.home, &self.temp, &self.cache] {
            for entry in children(root)? {
                cleaned.set_aside += set_aside(state, &entry, &kept)?;
            }
        }
        if !cleaned.restored.is_empty() {
            let again = self.layout.diff(&Inventory::take(&self.workspace, &GlobSet::empty())?);
            cleaned.differing =
                again.changed.into_keys().filter(|path| cleaned.restored.contains(path)).collect();
        }
        tracing::info!(
            runner = %self.id,
            set_aside = cleaned.set_aside,
            restored = cleaned.restored.len(),
            differing = cleaned.differing.len(),
            "runner cleaned"
        );
        Ok(cleaned)
    }

    /// Writes the golden content into the existing file, so that the inode stays, and restores its mtime. Of a
    /// directory, only the mtime is restored. Returns whether a file was written.
    fn put_back(
        &self,
        state: &StateRoot,
        golden: &GoldenSource,
        rel: &Path,
    ) -> Result<bool, CleanError> {
        let error = |source| CleanError::PutBack { path: rel.to_owned(), source };
        let target = self.workspace.join(rel);
        let original = golden.path().join(rel);
        let meta = fs::symlink_metadata(&original).map_err(error)?;
        if meta.is_dir() {
            if !target.exists() {
                fs::create_dir_all(&target).map_err(error)?;
            }
            // A directory's mtime changes with every output in it: it is restored so that every sample starts from
            // the same metadata.
            if let Some(entry) = self.layout.entries.get(rel) {
                let time = filetime_of(entry.mtime_ns);
                filetime::set_file_mtime(&target, time).map_err(error)?;
            }
            return Ok(false);
        }
        let found = fs::symlink_metadata(&target).ok();
        if found.is_some_and(|found| meta.is_symlink() || !found.is_file()) {
            // A link cannot be rewritten in place, and anything but a file is not the source.
            state.set_aside(in_state(state, &target))?;
        }
        if meta.is_symlink() {
            symlink(&fs::read_link(&original).map_err(error)?, &target).map_err(error)?;
            return Ok(true);
        }
        let content = fs::read(&original).map_err(error)?;
        fs::write(&target, content).map_err(error)?;
        fs::set_permissions(&target, meta.permissions()).map_err(error)?;
        if let Some(entry) = self.layout.entries.get(rel) {
            filetime::set_file_mtime(&target, filetime_of(entry.mtime_ns)).map_err(error)?;
        }
        Ok(true)
    }
}

fn filetime_of(mtime_ns: i128) -> filetime::FileTime {
    let seconds = mtime_ns.div_euclid(1_000_000_000) as i64;
    filetime::FileTime::from_unix_time(seconds, mtime_ns.rem_euclid(1_000_000_000) as u32)
}

/// Sets `path` aside unless it is a cache; if it contains a cache, everything else in it. Returns how many trees were
/// set aside.
fn set_aside(state: &StateRoot, path: &Path, kept: &[PathBuf]) -> Result<usize, CleanError> {
    if kept.iter().any(|cache| path.starts_with(cache)) {
        return Ok(0);
    }
    if kept.iter().any(|cache| cache.starts_with(path)) {
        let mut count = 0;
        for entry in children(path)? {
            count += set_aside(state, &entry, kept)?;
        }
        return Ok(count);
    }
    state.set_aside(in_state(state, path))?;
    Ok(1)
}

/// `path` relative to the state root; a path outside stays absolute, which the state root refuses.
fn in_state<'a>(state: &StateRoot, path: &'a Path) -> &'a Path {
    path.strip_prefix(state.path()).unwrap_or(path)
}

fn children(dir: &Path) -> Result<Vec<PathBuf>, TreeError> {
    let list = || -> io::Result<Vec<PathBuf>> {
        let mut entries: Vec<PathBuf> =
            fs::read_dir(dir)?.map(|entry| entry.map(|e| e.path())).collect::<io::Result<_>>()?;
        entries.sort();
        Ok(entries)
    };
    match list() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(TreeError::io("list", dir)(source)),
        Ok(entries) => Ok(entries),
    }
}

/// The paths that have no ancestor in the set.
fn topmost(paths: &BTreeSet<PathBuf>) -> Vec<&PathBuf> {
    let mut top: Vec<&PathBuf> = Vec::new();
    for path in paths {
        if !top.last().is_some_and(|last| path.starts_with(last)) {
            top.push(path);
        }
    }
    top
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symlink(_target: &Path, _link: &Path) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "symlinks need a Unix file system"))
}
