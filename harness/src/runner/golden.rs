//! The golden source of an arm: every runner gets a copy of it, and nothing is built in it.

use std::path::{Path, PathBuf};

use bench_record::SourceInfo;
use globset::GlobSet;

use crate::scenario::Scenario;
use crate::system::exec::ExecError;
use crate::system::fs::state::StateError;
use crate::system::fs::tree::{self, TreeError};

/// A source tree that is not written to any more.
#[derive(Clone, Debug)]
pub struct GoldenSource {
    path: PathBuf,
    /// What it is, for the records.
    pub info: SourceInfo,
}

impl GoldenSource {
    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Why a source could not be laid out.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The directory is not there.
    #[error("source `{path}` of scenario `{scenario}` is not a directory (hint: {hint})")]
    NoDirectory {
        /// What was asked for.
        path: String,
        /// The scenario.
        scenario: String,
        /// What to do.
        hint: String,
    },
    /// The tree has no file.
    #[error("source `{path}` of scenario `{scenario}` has no files")]
    Empty {
        /// What was asked for.
        path: String,
        /// The scenario.
        scenario: String,
    },
    /// git failed.
    #[error("`{command}` failed for the source of scenario `{scenario}`: {stderr} (hint: {hint})")]
    Git {
        /// The command.
        command: String,
        /// The scenario.
        scenario: String,
        /// What git printed.
        stderr: String,
        /// What to do.
        hint: String,
    },
    /// git could not be run.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// A copy failed.
    #[error("cannot copy the source")]
    Tree(#[from] TreeError),
    /// A directory could not be made.
    #[error(transparent)]
    State(#[from] StateError),
}

/// Measures a tree that was laid out. An empty one is refused.
pub(super) fn measured(
    scenario: &Scenario,
    path: PathBuf,
    mut info: SourceInfo,
) -> Result<GoldenSource, SourceError> {
    // Clones of the same commit differ in how git packed it.
    let (files, bytes) = tree::measure(&path, &exactly([".git"]))?;
    info.files = files;
    info.bytes = bytes;
    info.head = std::env::var("BENCH_PR_HEAD_SHA").ok();
    if files == 0 {
        let shipped = || scenario.workspace().to_string_lossy().into_owned();
        return Err(SourceError::Empty {
            path: info.origin.unwrap_or_else(shipped),
            scenario: scenario.name.clone(),
        });
    }
    Ok(GoldenSource { path, info })
}

/// Matches these paths and everything in them, and nothing else.
pub(super) fn exactly<'a>(paths: impl IntoIterator<Item = &'a str>) -> GlobSet {
    let mut set = globset::GlobSetBuilder::new();
    for path in paths {
        let exact = globset::escape(path.trim_end_matches('/'));
        for pattern in [exact.clone(), format!("{exact}/**")] {
            if let Ok(glob) = globset::Glob::new(&pattern) {
                set.add(glob);
            }
        }
    }
    set.build().unwrap_or_else(|_| GlobSet::empty())
}
