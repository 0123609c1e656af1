//! What `bench` does inside its state root.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::StateError;
use super::lock::{self, Lock, Locked};
use super::marker::{self, MARKER};
use super::remove::{self, Removed, split};
use crate::system::fs::rooted::{Dir, Mounts, normal};

/// Where [`StateRoot::set_aside`] puts things.
const TRASH: &str = "trash";

/// A directory that `bench` made and marked.
#[derive(Debug)]
pub struct StateRoot {
    path: PathBuf,
    dir: Dir,
    next_trash: AtomicU64,
}

impl StateRoot {
    /// Opens a state root, or makes one out of a directory that is empty or not there yet.
    ///
    /// # Errors
    /// Refuses `/`, the user's home and the directories above it, a path that is a symbolic link, a relative
    /// path that leaves the working directory by `..`, a directory with other content and no marker, and a
    /// marker of a newer format; and whatever the system refuses.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        let (path, dir) = marker::open(path)?;
        tracing::info!(path = %path.display(), "state root opened");
        Ok(Self { path, dir, next_trash: AtomicU64::new(0) })
    }

    /// The root, absolute and without links.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a directory, and those above it, and returns its absolute path.
    ///
    /// # Errors
    /// When `rel` is empty, absolute or holds `..`, when a component is a symbolic link or a file, and
    /// whatever the system refuses.
    pub fn dir(&self, rel: &Path) -> Result<PathBuf, StateError> {
        let rel = self.checked(rel)?;
        self.make(&rel)?;
        Ok(self.path.join(rel))
    }

    /// Deletes a tree, a file or a link. One that is not there is not an error. Directories that the user cannot
    /// write to are made writable first; what vanishes meanwhile has vanished.
    ///
    /// # Errors
    /// When `rel` is empty, absolute, holds `..` or is the marker; when a component is a symbolic link or
    /// anything inside is a mount point; and whatever the system refuses. What was deleted before stays so.
    pub fn remove(&self, rel: &Path) -> Result<Removed, StateError> {
        let rel = self.checked(rel)?;
        self.not_marker(&rel)?;
        let mut removed = Removed::default();
        match remove::remove_tree(&self.dir, &rel, &mut removed) {
            Ok(()) => {
                let Removed { files, dirs, bytes } = removed;
                tracing::debug!(path = %rel.display(), files, dirs, bytes, "removed");
                Ok(removed)
            }
            Err((at, source)) => Err(self.io("delete", &at, source)),
        }
    }

    /// Renames a tree into the trash, where it waits for [`Self::empty_trash`]: cheap enough to be done
    /// between timed sections. One that is not there is not an error.
    ///
    /// # Errors
    /// As [`Self::remove`]; also for the trash itself.
    pub fn set_aside(&self, rel: &Path) -> Result<(), StateError> {
        let rel = self.checked(rel)?;
        self.not_marker(&rel)?;
        if rel == Path::new(TRASH) {
            return Err(self.outside(&rel, "it is the trash itself"));
        }
        let Some((parent, name)) = split(&rel) else {
            return Err(self.outside(&rel, "it names nothing"));
        };
        let from = match self.dir.descend(parent, Mounts::Stay) {
            Ok(from) => from,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(self.io("open", parent, error)),
        };
        match from.stat(name) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(self.io("look at", &rel, error)),
        }
        let place = self.trash_place()?;
        let to = self
            .dir
            .descend(&place, Mounts::Stay)
            .map_err(|error| self.io("open", &place, error))?;
        match remove::with_rights(&from, parent, name, &mut || from.rename(name, &to, name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other.map_err(|error| self.io("set aside", &rel, error)),
        }
    }

    /// Renames a tree to where nothing is, or an empty directory; the directory above `to` is made. Inodes,
    /// contents and times of the tree stay as they are.
    ///
    /// # Errors
    /// When either path is empty, absolute, holds `..` or is the marker, when `from` is not there or `to` has
    /// content, and whatever the system refuses.
    pub fn rename(&self, from: &Path, to: &Path) -> Result<(), StateError> {
        let (from, to) = (self.checked(from)?, self.checked(to)?);
        self.not_marker(&from)?;
        self.not_marker(&to)?;
        let (Some((from_parent, name)), Some((to_parent, to_name))) = (split(&from), split(&to))
        else {
            return Err(self.outside(&from, "it names nothing"));
        };
        if !to_parent.as_os_str().is_empty() {
            self.make(to_parent)?;
        }
        let open = |parent: &Path| {
            self.dir.descend(parent, Mounts::Stay).map_err(|error| self.io("open", parent, error))
        };
        let (source, target) = (open(from_parent)?, open(to_parent)?);
        remove::with_rights(&source, from_parent, name, &mut || {
            source.rename(name, &target, to_name)
        })
        .map_err(|error| self.io("rename", &from, error))
    }

    /// Deletes everything that was set aside, by this process or an earlier one.
    ///
    /// # Errors
    /// As [`Self::remove`].
    pub fn empty_trash(&self) -> Result<Removed, StateError> {
        self.remove(Path::new(TRASH))
    }

    /// Bytes that can still be written to the file system of the root.
    ///
    /// # Errors
    /// When the system does not know.
    pub fn free_bytes(&self) -> Result<u64, StateError> {
        self.dir
            .free_bytes()
            .map_err(|error| self.io("measure free space of", Path::new(""), error))
    }

    /// Takes an advisory lock on a file, made when it is not there. Dropping the [`Lock`], or the end of the
    /// process in any way, releases it.
    ///
    /// # Errors
    /// [`Locked::Held`] at once when another process, or another lock of this one, has it.
    pub fn lock(&self, rel: &Path) -> Result<Lock, Locked> {
        let rel = self.checked(rel)?;
        self.not_marker(&rel)?;
        let Some((parent, name)) = split(&rel) else {
            return Err(self.outside(&rel, "it names nothing").into());
        };
        self.make(parent)?;
        let file = self
            .dir
            .descend(parent, Mounts::Stay)
            .and_then(|dir| dir.open_or_create(name))
            .map_err(|error| self.io("open lock", &rel, error))?;
        let lock = lock::take(file, self.path.join(&rel))?;
        tracing::debug!(path = %lock.path().display(), "locked");
        Ok(lock)
    }

    /// Claims a directory in the trash that nobody else uses.
    fn trash_place(&self) -> Result<PathBuf, StateError> {
        let trash = Path::new(TRASH);
        self.make(trash)?;
        let dir =
            self.dir.descend(trash, Mounts::Stay).map_err(|error| self.io("open", trash, error))?;
        loop {
            let number = self.next_trash.fetch_add(1, Ordering::Relaxed).to_string();
            match dir.make_dir(number.as_ref(), 0o777) {
                Ok(()) => return Ok(trash.join(number)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(self.io("create", &trash.join(number), error)),
            }
        }
    }

    /// Makes `rel` (normal components only) a directory.
    fn make(&self, rel: &Path) -> Result<(), StateError> {
        // Most are there already.
        if self.dir.descend(rel, Mounts::Stay).is_ok() {
            return Ok(());
        }
        let mut done = PathBuf::new();
        for name in rel {
            let failed = |error| self.io("create", &done.join(name), error);
            let at = self.dir.descend(&done, Mounts::Stay).map_err(failed)?;
            match at.make_dir(name, 0o777) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(failed(error));
                }
                _ => {}
            }
            at.descend(name.as_ref(), Mounts::Stay).map_err(failed)?;
            done.push(name);
        }
        Ok(())
    }

    fn checked(&self, rel: &Path) -> Result<PathBuf, StateError> {
        normal(rel).ok_or_else(|| {
            self.outside(rel, "expected a relative path without `..` that names an entry")
        })
    }

    fn not_marker(&self, rel: &Path) -> Result<(), StateError> {
        if rel == Path::new(MARKER) {
            return Err(self.outside(rel, "it is the marker that makes the root deletable"));
        }
        Ok(())
    }

    fn outside(&self, rel: &Path, why: &'static str) -> StateError {
        StateError::Outside { root: self.path.clone(), rel: rel.to_owned(), why }
    }

    /// Errors whose cause is a refusal of the way down say so.
    fn io(&self, what: &'static str, rel: &Path, source: io::Error) -> StateError {
        if source.kind() == io::ErrorKind::CrossesDevices {
            return self.outside(rel, "it is a mount point (hint: unmount it first)");
        }
        StateError::Io { what, path: self.path.join(rel), source }
    }
}
