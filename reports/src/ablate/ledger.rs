//! What `bench ablate` writes down, a line each: the truth that everything else is derived from.

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{Outcome, Regime, RunId};
use serde::{Deserialize, Serialize};

/// Version of the lines.
pub const VERSION: u32 = 1;

/// Names of caches.
pub type CacheSet = BTreeSet<String>;

/// One line of `trials.ndjson`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Line {
    /// The first line: what is measured.
    Ablation(Box<Start>),
    /// The seed of a block; a resumed block has one more.
    Seed(SeedLine),
    /// One trial.
    Trial(Box<TrialLine>),
}

/// What is measured, with everything that going on with it needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// [`VERSION`].
    pub v: u32,
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
pub struct SeedLine {
    /// Its block, from 1.
    pub block: u32,
    /// Each cache.
    pub caches: BTreeMap<String, SavedSize>,
    /// All caches in one archive; absent for a single cache, and in lines of earlier versions.
    #[serde(default)]
    pub together: Option<Together>,
}

/// All caches of a seed in one archive, in which files that are hard links of one another are stored once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Together {
    /// Bytes of the archive.
    pub archive_bytes: u64,
    /// Time to write it, nanoseconds.
    pub save_ns: u64,
    /// Time to restore it on another runner, nanoseconds; null where no trial is made on one.
    pub restore_ns: Option<u64>,
}

/// One cache of a seed.
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

/// One trial: some of the caches put in place, and the phases run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialLine {
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

/// Everything that was written down.
#[derive(Clone, Debug, PartialEq)]
pub struct Ledger {
    /// The first line.
    pub start: Start,
    /// Seeds, in order.
    pub seeds: Vec<SeedLine>,
    /// Trials, in order.
    pub trials: Vec<TrialLine>,
    /// Length of the lines that could be read, in bytes; what follows is a torn last line.
    pub intact_bytes: usize,
}

/// Why lines cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// A line is not what it should be.
    #[error("line {line} cannot be read")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// A newer `bench` wrote it.
    #[error(
        "it is of version {0}, and this bench reads up to {VERSION} (hint: use the bench that wrote it)"
    )]
    Newer(u32),
    /// The first line is missing.
    #[error("it does not begin with what is measured")]
    NoStart,
}

impl Ledger {
    /// Reads lines; a last one without its end is left out.
    ///
    /// # Errors
    /// [`LedgerError`] for the first line that cannot be read.
    pub fn read(text: &str) -> Result<Self, LedgerError> {
        let intact = text.rfind('\n').map_or(0, |end| end + 1);
        let (mut start, mut seeds, mut trials) = (None, Vec::new(), Vec::new());
        for (index, line) in text[..intact].lines().enumerate() {
            let line = serde_json::from_str(line)
                .map_err(|source| LedgerError::Line { line: index + 1, source })?;
            match line {
                Line::Ablation(first) => start = Some(*first),
                Line::Seed(seed) => seeds.push(seed),
                Line::Trial(trial) => trials.push(*trial),
            }
        }
        let start = start.ok_or(LedgerError::NoStart)?;
        if start.v > VERSION {
            return Err(LedgerError::Newer(start.v));
        }
        Ok(Self { start, seeds, trials, intact_bytes: intact })
    }

    /// Whether this trial was made.
    pub fn has(&self, block: u32, regime: Regime, caches: &CacheSet) -> bool {
        self.trials
            .iter()
            .any(|trial| (trial.block, trial.regime) == (block, regime) && trial.caches == *caches)
    }
}
