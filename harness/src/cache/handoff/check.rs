//! Why a seed that another job was to leave cannot be measured from.

use std::fmt;
use std::path::PathBuf;

use super::listing::Differences;

/// Paths that a message names before it counts the rest.
const SHOWN: usize = 3;

/// Everything that is wrong with the seeds of a job, all of it at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Refused(pub Vec<Problem>);

impl Refused {
    /// Whether nothing is wrong with the seeds, only with what was asked for.
    pub fn is_usage(&self) -> bool {
        self.0.iter().all(|problem| matches!(problem, Problem::TimedHere { .. }))
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing was measured from the seeds of another job:")?;
        for problem in &self.0 {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The cache step itself says so.
    #[error(
        "the seeds are missing: the cache step found nothing under `{key}` or its prefix (hint: did prime's save step end \
         well? an entry may have been evicted, too)"
    )]
    NothingRestored {
        /// The key that was asked for.
        key: String,
    },
    /// Nothing is where it should be.
    #[error("seed `{name}` is missing: expected `{}`{}", expected.display(), claim(claimed.as_deref()))]
    Missing {
        /// Of which block and arm.
        name: String,
        /// The manifest's place.
        expected: PathBuf,
        /// What the cache step says that it restored.
        claimed: Option<String>,
    },
    /// Something is there that cannot be read.
    #[error("seed `{name}` cannot be read: `{}`: {why}", path.display())]
    Unreadable {
        /// Of which block and arm.
        name: String,
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// It is whole, but not of what is measured here.
    #[error("seed `{name}` was made from something else: {} differ (run `{run}` made it)", differ.join(", "))]
    OtherOrigin {
        /// Of which block and arm.
        name: String,
        /// Its run.
        run: String,
        /// What differs.
        differ: Vec<&'static str>,
    },
    /// Its key is none of this plan.
    #[error(
        "seed `{name}` has key `{key}`: expected `{expected}` or another one that starts with `{start}`"
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
    /// The cache step speaks of another entry.
    #[error(
        "seed `{name}` has key `{key}`, but the cache step says that it restored `{claimed}`: what is in place did not come \
         from there"
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
        "the runner that made seed `{name}` is within reach: `{path}` exists (hint: cross-runner needs another machine, or \
         one on which prime's directories are gone)"
    )]
    WithinReach {
        /// Of which block and arm.
        name: String,
        /// A directory of that runner.
        path: String,
    },
    /// A restore time for what is restored here.
    #[error(
        "seed `{name}` is of archives, which are unpacked and timed here: `--restore-seconds` cannot be its restore time (hint: \
         leave it out, or prime with `--seed-as tree`)"
    )]
    TimedHere {
        /// Of which block and arm.
        name: String,
    },
    /// Files were lost, changed or added on the way.
    #[error("seed `{name}` is not what was saved: {what}")]
    NotWhole {
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

/// What is lost, in words; `None` when content and links are whole. `data` is where the files are expected, `entries`
/// the number that was sent.
pub(super) fn losses(
    found: &Differences,
    data: &std::path::Path,
    entries: usize,
) -> Option<String> {
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
    if !found.surplus.is_empty() {
        let places = found.surplus.iter().map(|path| format!("`{}`", data.join(path).display()));
        parts.push(format!(
            "{} are there that nobody saved: {}",
            found.surplus.len(),
            some(places)
        ));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn some(all: impl ExactSizeIterator<Item = String>) -> String {
    let more = all.len().saturating_sub(SHOWN);
    let shown = all.take(SHOWN).collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}
