//! Directories outside the state root: one that appears only when it is complete, and those that are removed again
//! when a command cannot start.

use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Start of the name of every draft.
const PREFIX: &str = ".draft-";

/// A directory under a name of its own. Dropped before [`Draft::publish`], it is deleted.
#[derive(Debug)]
pub struct Draft(TempDir);

impl Draft {
    /// Makes one in the directory that holds `out`, which is made too.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn new(out: &Path) -> io::Result<Self> {
        let out = std::path::absolute(out)?;
        let parent = out.parent().ok_or(io::ErrorKind::InvalidInput)?;
        std::fs::create_dir_all(parent)?;
        tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent).map(Self)
    }

    /// Whether a directory of this name is a draft; one that is still there was left by a process that was killed.
    pub fn is_name(name: &str) -> bool {
        name.starts_with(PREFIX)
    }

    /// Where it is until it is published.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Gives it the name `out`, which must not exist, and the mode of any other directory.
    ///
    /// # Errors
    /// What the system refuses; the draft is deleted then.
    pub fn publish(self, out: &Path) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(self.path(), std::fs::Permissions::from_mode(0o755))?;
        }
        std::fs::rename(self.path(), out)?;
        // It has another name now: there is nothing left to delete.
        let _ = self.0.keep();
        Ok(())
    }
}

/// Directories that were not there when they were noted.
#[derive(Debug)]
pub struct FreshDirs(Vec<PathBuf>);

impl FreshDirs {
    /// Notes those of `dirs` that are not there yet, the innermost first.
    pub fn note(dirs: impl IntoIterator<Item = PathBuf>) -> Self {
        Self(dirs.into_iter().filter(|dir| std::fs::symlink_metadata(dir).is_err()).collect())
    }

    /// Removes the noted ones. One that is not empty stays, and so does one that was there before. Best
    /// effort: why something could not start matters more than a directory that is left.
    pub fn take_back(&self) {
        for dir in &self.0 {
            drop(std::fs::remove_dir(dir));
        }
    }
}
