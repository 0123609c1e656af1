//! The journal of `bench ablate` (`trials.ndjson`): what the caches held, and what each set of them saved.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::files;
use crate::journal::{self, Journal, JournalFile, ReadError};
use crate::names::{Outcome, Regime, RunId};
use crate::run::Resume;

journal::journal_entries! {
    /// One line of `trials.ndjson`.
    AblateEntry {
        /// First line: what is measured.
        "ablation" => Ablation(Box<AblateStart>),
        /// The snapshot of a block; a resumed block has one more.
        "snapshot" => Snapshot(AblateSnapshot),
        /// A finished trial.
        "trial" => Trial(Box<AblateTrial>),
        /// A later process went on. Early versions wrote none: they cut a torn line off.
        "resume" => Resume(Resume),
    }
}

/// Names of caches.
pub type CacheSet = BTreeSet<String>;

/// What is measured, with everything that going on with it needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AblateStart {
    /// Names the run.
    pub run_id: RunId,
    /// The scenario's name.
    pub scenario: String,
    /// How it was named on the command line.
    pub scenario_arg: String,
    /// Its content hash.
    pub hash: String,
    /// Its params.
    pub params: BTreeMap<String, String>,
    /// Active caches, in file order.
    pub caches: Vec<String>,
    /// Warm regimes that are measured.
    pub regimes: Vec<Regime>,
    /// Blocks.
    pub blocks: u32,
    /// Seed of the order inside blocks.
    pub seed: u64,
    /// `--source`.
    pub source: Option<String>,
    /// `--examples`.
    pub examples: Option<String>,
    /// The state root.
    pub state: String,
}

/// What a cold run left in the caches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AblateSnapshot {
    /// Its block, from 1.
    pub block: u32,
    /// Each cache.
    pub caches: BTreeMap<String, SavedSize>,
    /// All caches in one archive; absent for a single cache, and in lines of earlier versions.
    #[serde(default)]
    pub together: Option<CombinedArchive>,
}

/// All caches of a snapshot in one archive, in which files that are hard links of one another are stored once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CombinedArchive {
    /// Bytes of the archive.
    pub archive_bytes: u64,
    /// Time to write it, nanoseconds.
    pub save_ns: u64,
    /// Time to restore it on another runner, nanoseconds; null where no trial is made on one.
    pub restore_ns: Option<u64>,
}

/// One cache of a snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedSize {
    /// Files.
    pub files: u64,
    /// Bytes, unpacked.
    pub bytes: u64,
    /// Bytes of its archive; 0 for an empty cache, which has none.
    pub archive_bytes: u64,
    /// Time to write the archive, nanoseconds.
    pub save_ns: u64,
}

/// One trial of `bench ablate`: some of the caches put in place, and the phases run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AblateTrial {
    /// Its block, from 1.
    pub block: u32,
    /// Its position in the block, from 1.
    pub order: u32,
    /// On the runner that made the caches, or on another one.
    pub regime: Regime,
    /// The caches that were there.
    pub caches: CacheSet,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, when not `ok`.
    pub reason: Option<String>,
    /// Sum of the measured phases, nanoseconds.
    pub wall_ns: u64,
    /// Hits; null when unknown.
    pub hits: Option<u64>,
    /// Misses; null when unknown.
    pub misses: Option<u64>,
    /// Time to restore each cache, nanoseconds; without those that stayed in place.
    pub restore_ns: BTreeMap<String, u64>,
    /// Bytes of each cache at the end.
    pub after_bytes: BTreeMap<String, u64>,
}

/// An ablation as its journal tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedAblation {
    /// The first line.
    pub start: AblateStart,
    /// Snapshots, in order.
    pub snapshots: Vec<AblateSnapshot>,
    /// Trials, in order.
    pub trials: Vec<AblateTrial>,
    /// Bytes after the last newline: what a writer that goes on says in its `resume` entry.
    pub tail_bytes: u64,
}

impl LoadedAblation {
    /// An ablation of which nothing is measured yet.
    pub const fn new(start: AblateStart) -> Self {
        Self { start, snapshots: Vec::new(), trials: Vec::new(), tail_bytes: 0 }
    }

    /// Whether this trial was made.
    pub fn has(&self, block: u32, regime: Regime, caches: &CacheSet) -> bool {
        self.trials
            .iter()
            .any(|trial| (trial.block, trial.regime) == (block, regime) && trial.caches == *caches)
    }
}

impl JournalFile for LoadedAblation {
    type Entry = AblateEntry;
    const FILE: &'static str = files::ABLATE_JOURNAL;
    const HINT: &'static str = "RUN is the directory of a `bench ablate`";

    fn from_journal(journal: Journal<AblateEntry>) -> Result<Self, ReadError> {
        let mut entries = journal.entries.into_iter();
        let Some((_, AblateEntry::Ablation(start))) = entries.next() else {
            return Err(ReadError::NoStart { kind: "ablation", file: Self::FILE });
        };
        let mut loaded = Self { tail_bytes: journal.tail_bytes, ..Self::new(*start) };
        for (line, entry) in entries {
            match entry {
                AblateEntry::Ablation(_) => {
                    return Err(ReadError::SecondStart { line, kind: "ablation" });
                }
                AblateEntry::Snapshot(snapshot) => loaded.snapshots.push(snapshot),
                AblateEntry::Trial(trial) => loaded.trials.push(*trial),
                AblateEntry::Resume(_) => {}
            }
        }
        Ok(loaded)
    }
}
