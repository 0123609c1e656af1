//! Why a snapshot of another job cannot be used.

use std::fmt;
use std::path::{Path, PathBuf};

use super::listing::Differences;

/// Paths that a message names before it counts the rest.
const SHOWN: usize = 3;

/// Everything that is wrong with the snapshots of a job.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct UnusableSnapshots(pub Vec<SnapshotProblem>);

impl UnusableSnapshots {
    /// Whether the command line is wrong, and not a snapshot.
    pub fn is_usage(&self) -> bool {
        self.0.iter().all(|problem| matches!(problem, SnapshotProblem::TimedHere { .. }))
    }
}

impl fmt::Display for UnusableSnapshots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the snapshots of another job cannot be used, so nothing was measured:")?;
        for problem in &self.0 {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotProblem {
    /// The cache step itself says so.
    #[error(
        "the snapshots are missing: the cache step found nothing under `{key}` or its prefix (hint: did the save step of the prime job \
         succeed? the entry may also have been evicted)"
    )]
    NothingRestored {
        /// The key that was asked for.
        key: String,
    },
    /// It is not where it should be.
    #[error("snapshot `{name}` is missing: expected `{}`{}", expected.display(), claim(claimed.as_deref()))]
    Missing {
        /// Of which block and arm.
        name: String,
        /// The manifest's place.
        expected: PathBuf,
        /// What the cache step says that it restored.
        claimed: Option<String>,
    },
    /// It cannot be read.
    #[error("snapshot `{name}` cannot be read: `{}`: {why}", path.display())]
    Unreadable {
        /// Of which block and arm.
        name: String,
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// It is complete, but of something else than what is measured here.
    #[error("snapshot `{name}` was made from something else: {} differ (run `{run}` made it)", differ.join(", "))]
    OtherOrigin {
        /// Of which block and arm.
        name: String,
        /// Its run.
        run: String,
        /// What differs.
        differ: Vec<&'static str>,
    },
    /// Its key is not one of this plan.
    #[error(
        "snapshot `{name}` has key `{key}`: expected `{expected}` or another one that starts with `{start}`"
    )]
    OtherKey {
        /// Of which block and arm.
        name: String,
        /// Its key.
        key: String,
        /// The key that was asked for.
        expected: String,
        /// What keys of this plan start with.
        start: String,
    },
    /// The cache step names another entry.
    #[error(
        "snapshot `{name}` has key `{key}`, but the cache step says that it restored `{claimed}`: what is in place was not restored from \
         that entry"
    )]
    OtherClaim {
        /// Of which block and arm.
        name: String,
        /// Its key.
        key: String,
        /// What the cache step says.
        claimed: String,
    },
    /// The runner that made it is on this machine.
    #[error(
        "the runner that made snapshot `{name}` is within reach: `{path}` exists (hint: cross-runner needs another machine, or \
         one on which prime's directories are gone)"
    )]
    WithinReach {
        /// Of which block and arm.
        name: String,
        /// A directory of that runner.
        path: String,
    },
    /// A restore time was given for what is restored here.
    #[error(
        "snapshot `{name}` consists of archives, which are unpacked and timed here, so `--restore-seconds` does not apply to it (hint: \
         leave it out, or prime with `--snapshot-as tree`)"
    )]
    TimedHere {
        /// Of which block and arm.
        name: String,
    },
    /// Files were lost, changed or added on the way.
    #[error("snapshot `{name}` is not what was saved: {what}")]
    Incomplete {
        /// Of which block and arm.
        name: String,
        /// What is wrong with it, with the places.
        what: String,
    },
}

fn claim(claimed: Option<&str>) -> String {
    claimed.map_or_else(String::new, |key| {
        format!(
            ", and the cache step says that it restored `{key}` (hint: it restores to paths relative to the job's \
             workspace: give both jobs the same `path:` text, inside the workspace)"
        )
    })
}

/// What was lost, in words; `None` if content and links are complete. `data` is where the files are expected, `entries`
/// the number that was saved.
pub(super) fn losses(found: &Differences, data: &Path, entries: usize) -> Option<String> {
    let mut parts = Vec::new();
    if !found.missing.is_empty() {
        let places = found.missing.iter().map(|path| format!("`{}`", data.join(path).display()));
        parts.push(format!(
            "{} of {entries} entries are missing; expected {}",
            found.missing.len(),
            some(places)
        ));
    }
    if !found.changed.is_empty() {
        let places = found
            .changed
            .iter()
            .map(|(path, why)| format!("`{}`: {why}", data.join(path).display()));
        parts.push(format!("{} changed: {}", found.changed.len(), some(places)));
    }
    if !found.extra.is_empty() {
        let places = found.extra.iter().map(|path| format!("`{}`", data.join(path).display()));
        parts.push(format!("{} were not saved by anyone: {}", found.extra.len(), some(places)));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn some(all: impl ExactSizeIterator<Item = String>) -> String {
    let more = all.len().saturating_sub(SHOWN);
    let shown = all.take(SHOWN).collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}
