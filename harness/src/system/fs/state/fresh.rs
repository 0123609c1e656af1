//! Directories that are made outside the state root and may have to be taken back.

use std::path::PathBuf;

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
