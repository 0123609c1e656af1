//! How a change is taken back: the last part first.

use std::path::{Path, PathBuf};

use filetime::FileTime;

use crate::sample::StepError;
use crate::system::fs::state::{StateError, StateRoot};
use crate::system::fs::tree::{Inventory, TreeError};

/// The parts of a change, each with what takes it back. Paths are relative to the state root.
#[derive(Debug, Default)]
pub(super) struct Undo(Vec<UndoStep>);

#[derive(Debug)]
enum UndoStep {
    /// What is there is set aside.
    Remove(PathBuf),
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    /// Files and directories get these times, in this order.
    Times(Vec<(PathBuf, FileTime)>),
}

impl Undo {
    /// What lies at `rel` by then is no longer needed.
    pub(super) fn remove(&mut self, rel: PathBuf) {
        self.0.push(UndoStep::Remove(rel));
    }

    /// Renames `from` to `to`.
    pub(super) fn rename(
        &mut self,
        state: &StateRoot,
        from: &Path,
        to: &Path,
    ) -> Result<(), StateError> {
        state.rename(from, to)?;
        self.0.push(UndoStep::Rename { from: to.to_owned(), to: from.to_owned() });
        Ok(())
    }

    /// These files had these times.
    pub(super) fn times(&mut self, times: Vec<(PathBuf, FileTime)>) {
        self.0.push(UndoStep::Times(times));
    }

    /// Takes everything back.
    pub(super) fn run(self, state: &StateRoot) -> Result<(), StepError> {
        for step in self.0.into_iter().rev() {
            match step {
                UndoStep::Remove(rel) => state.set_aside(&rel)?,
                UndoStep::Rename { from, to } => state.rename(&from, &to)?,
                UndoStep::Times(times) => {
                    for (path, time) in times {
                        // What a trial removed is put back with its time before the next one.
                        if path.symlink_metadata().is_ok() {
                            set_time(&path, time)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// Gives everything in `inventory` of `root` the time `to`, and returns the times that the inventory holds. The
/// deepest comes first: writing in a directory changes the directory's own time.
pub(super) fn set_times(
    root: &Path,
    inventory: &Inventory,
    to: FileTime,
) -> Result<Vec<(PathBuf, FileTime)>, TreeError> {
    let mut before = Vec::new();
    for (rel, entry) in inventory.entries.iter().rev() {
        let path = root.join(rel);
        set_time(&path, to)?;
        let seconds = entry.mtime_ns.div_euclid(1_000_000_000) as i64;
        let nanos = entry.mtime_ns.rem_euclid(1_000_000_000) as u32;
        before.push((path, FileTime::from_unix_time(seconds, nanos)));
    }
    Ok(before)
}

fn set_time(path: &Path, time: FileTime) -> Result<(), TreeError> {
    filetime::set_symlink_file_times(path, time, time)
        .map_err(TreeError::io("set the time of", path))
}
