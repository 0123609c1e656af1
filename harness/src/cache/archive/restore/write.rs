//! The writing side of a restore: batches of small files on all cores, then links, then directories.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::cache::archive::ArchiveError;
use crate::system::fs::rooted::{self, Dir, Mounts};

/// What the threads share.
pub(super) struct Restoring<'a> {
    pub(super) archive: &'a Path,
    pub(super) root: &'a Path,
    pub(super) dir: Dir,
    /// The first failure of a writer.
    pub(super) failed: Mutex<Option<ArchiveError>>,
}

/// A directory that this restore made.
pub(super) struct Parent {
    pub(super) rel: PathBuf,
    pub(super) dir: Dir,
}

/// Small files of one directory.
pub(super) struct Batch {
    pub(super) parent: Arc<Parent>,
    pub(super) files: Vec<Small>,
    /// The contents, one after the other.
    pub(super) content: Vec<u8>,
}

pub(super) struct Small {
    pub(super) name: OsString,
    pub(super) mode: u32,
    pub(super) mtime_ns: i128,
    pub(super) len: usize,
}

/// A hard link to be made: name and existing file, relative to the root.
pub(super) struct HardLink {
    pub(super) rel: PathBuf,
    pub(super) target: PathBuf,
}

/// Mode and time that a directory gets when its content is there.
pub(super) type Dirs = BTreeMap<PathBuf, Option<(u32, i128)>>;

impl Restoring<'_> {
    pub(super) fn failure(
        &self,
        what: &'static str,
        rel: &Path,
    ) -> impl FnOnce(io::Error) -> ArchiveError {
        let (archive, path) = (self.archive.to_owned(), self.root.join(rel));
        move |source| ArchiveError::Restore { archive, what, path, source }
    }

    pub(super) fn write_batches(&self, receiver: &Mutex<Receiver<Batch>>) {
        loop {
            let Ok(batch) = lock(receiver).recv() else { return };
            // After a failure the remaining batches are only received, so that the decoder is not blocked.
            if lock(&self.failed).is_some() {
                continue;
            }
            if let Err(error) = self.write_batch(&batch) {
                lock(&self.failed).get_or_insert(error);
            }
        }
    }

    fn write_batch(&self, batch: &Batch) -> Result<(), ArchiveError> {
        let mut rest = batch.content.as_slice();
        for small in &batch.files {
            let (content, after) = rest.split_at(small.len);
            rest = after;
            batch
                .parent
                .dir
                .create(&small.name, small.mode)
                .and_then(|mut file| {
                    file.write_all(content)?;
                    finish_file(&file, small.mode, small.mtime_ns)
                })
                .map_err(|error| {
                    self.failure("write", &batch.parent.rel.join(&small.name))(error)
                })?;
        }
        Ok(())
    }

    pub(super) fn link(&self, links: Vec<HardLink>) -> Result<(), ArchiveError> {
        for link in links {
            let (from, name) = self.split(&link.target)?;
            let (to, to_name) = self.split(&link.rel)?;
            from.hard_link(name, &to, to_name).map_err(self.failure("create link", &link.rel))?;
        }
        Ok(())
    }

    /// The opened parent of a path, and the path's last name.
    pub(super) fn split<'p>(&self, rel: &'p Path) -> Result<(Dir, &'p OsStr), ArchiveError> {
        let parent = rel.parent().unwrap_or(Path::new(""));
        let dir = self.dir.descend(parent, Mounts::Stay);
        let dir = dir.map_err(self.failure("open", parent))?;
        Ok((dir, rel.file_name().unwrap_or_default()))
    }

    /// Sets modes and times of directories, the deepest first: a directory without permissions hides those in it.
    pub(super) fn finish(&self, dirs: Dirs) -> Result<(), ArchiveError> {
        for (rel, attributes) in dirs.into_iter().rev() {
            let Some((mode, mtime_ns)) = attributes else { continue };
            let dir = self.dir.descend(&rel, Mounts::Stay);
            dir.and_then(|dir| {
                dir.set_mode(mode)?;
                dir.set_mtime(mtime_ns)
            })
            .map_err(self.failure("set mode and time of", &rel))?;
        }
        Ok(())
    }
}

pub(super) fn finish_file(file: &File, mode: u32, mtime_ns: i128) -> io::Result<()> {
    rooted::set_file_mode(file, mode)?;
    rooted::set_file_mtime(file, mtime_ns)
}

/// The mutexes guard an error and a receiver, which a panic cannot leave in an inconsistent state.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
