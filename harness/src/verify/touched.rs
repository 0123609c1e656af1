//! Whether a file was read, by its access time where the mount keeps one, and what became of it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bench_reports::verify::FileFate;
use filetime::FileTime;
use globset::GlobSet;

use crate::system::fs::tree::{Inventory, Kind, TreeError};

/// An access time that no read leaves. It is older than any modification, so that `relatime` replaces it too.
const LONG_AGO: FileTime = FileTime::from_unix_time(86_400, 0);

/// Whether reading a file in `dir` changes its access time. It is tried, because mount options may mislead.
pub(super) fn reads_show(dir: &Path) -> io::Result<bool> {
    let probe = dir.join("access-time");
    fs::write(&probe, b"probe")?;
    forget_reads(&probe)?;
    fs::read(&probe)?;
    was_read(&probe)
}

/// Makes the next read of the file visible.
pub(super) fn forget_reads(path: &Path) -> io::Result<()> {
    filetime::set_file_atime(path, LONG_AGO)
}

/// Whether the file was read since [`forget_reads`].
pub(super) fn was_read(path: &Path) -> io::Result<bool> {
    Ok(FileTime::from_last_access_time(&fs::metadata(path)?) != LONG_AGO)
}

/// [`forget_reads`] for every file in `root`.
pub(super) fn forget_all(root: &Path) -> Result<(), TreeError> {
    for file in files(root)? {
        let path = root.join(file);
        forget_reads(&path).map_err(TreeError::io("set the access time of", &path))?;
    }
    Ok(())
}

/// The files in `root`, relative to it, that were read since [`forget_all`]. One that was replaced counts.
pub(super) fn read_since(root: &Path) -> Result<BTreeSet<PathBuf>, TreeError> {
    let mut read = BTreeSet::new();
    for file in files(root)? {
        let path = root.join(&file);
        if was_read(&path).map_err(TreeError::io("look at", &path))? {
            read.insert(file);
        }
    }
    Ok(read)
}

fn files(root: &Path) -> Result<Vec<PathBuf>, TreeError> {
    let inventory = Inventory::take(root, &GlobSet::empty())?;
    let files = inventory.entries.into_iter().filter(|(_, entry)| entry.kind == Kind::File);
    Ok(files.map(|(path, _)| path).collect())
}

/// A damaged file as it was left: what a later look is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    path: PathBuf,
    digest: Option<blake3::Hash>,
    reads_show: bool,
}

impl Mark {
    /// Takes down the file at `path`, which may be gone.
    pub(super) fn take(path: PathBuf, reads_show: bool) -> Result<Self, TreeError> {
        let digest = digest(&path)?;
        if digest.is_some() {
            forget_reads(&path).map_err(TreeError::io("set the access time of", &path))?;
        }
        Ok(Self { path, digest, reads_show })
    }

    /// Looks again.
    pub(super) fn look(&self) -> Result<FileFate, TreeError> {
        let read = match (self.reads_show, &self.digest) {
            // A missing file cannot be read, and an attempt to open it leaves no trace.
            (false, _) | (_, None) => None,
            // A file that is gone was at least seen.
            (true, Some(_)) => Some(was_read(&self.path).unwrap_or(true)),
        };
        Ok(FileFate { read, replaced: digest(&self.path)? != self.digest })
    }
}

fn digest(path: &Path) -> Result<Option<blake3::Hash>, TreeError> {
    match fs::read(path) {
        Ok(content) => Ok(Some(blake3::hash(&content))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(TreeError::io("read", path)(error)),
    }
}
