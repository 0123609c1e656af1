//! A runner that is out of reach while another one works.
//!
//! On real CI the machine that made a cache is gone when another one restores it. Here both lie on one disk: a
//! path that a restored cache holds (an interpreter line, an editable install) would still lead to the first
//! runner, whose old sources would then be built or tested with success. So the first runner is renamed for
//! the time of the other one's sample. A rename keeps every inode and time that `same-runner` is proven by.

use std::path::{Path, PathBuf};

use super::Runner;
use crate::system::fs::state::{StateError, StateRoot};

/// A runner that was put away: no path that it knows of itself leads to it.
#[derive(Debug)]
#[must_use = "a runner that is not brought back cannot be measured again"]
pub struct Away {
    rel: PathBuf,
    to: PathBuf,
}

impl Runner {
    /// Puts this runner out of reach of every path beneath it. Nothing of it may be running.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn put_away(&self, state: &StateRoot) -> Result<Away, StateError> {
        let above = self.rel.parent().unwrap_or(Path::new(""));
        let to = above.join("away").join(self.id.as_str());
        state.rename(&self.rel, &to)?;
        Ok(Away { rel: self.rel.clone(), to })
    }
}

impl Away {
    /// Brings the runner back to its place.
    ///
    /// # Errors
    /// When it cannot be renamed, or something was made in its place meanwhile.
    pub fn bring_back(self, state: &StateRoot) -> Result<(), StateError> {
        // What a sample wrote to the path of the runner that is away is no part of that runner.
        state.set_aside(&self.rel)?;
        state.rename(&self.to, &self.rel)
    }
}
