//! `seed.json`: what a seed is, and who made it.

use std::collections::BTreeMap;

use bench_record::{Arm, Ident, Outcome, ProbeReading, RunId, RunnerId, SeedForm};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The version that is written, and the only one that is read: a seed lives for one workflow.
pub(super) const SCHEMA: &str = "bench.seed/1";

/// A seed, or the reason why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) schema: String,
    /// Key under which a CI's cache step was to save it.
    pub(super) key: String,
    pub(super) origin: Origin,
    pub(super) content: Content,
}

/// Who made it, from what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Origin {
    pub(super) run: RunId,
    pub(super) made: DateTime<Utc>,
    /// Version of `bench`.
    pub(super) bench: String,
    pub(super) scenario: Ident,
    /// Of the arm.
    pub(super) params: BTreeMap<String, String>,
    pub(super) plan_hash: String,
    pub(super) source: Source,
    pub(super) block: u32,
    pub(super) arm: Arm,
    pub(super) runner: RunnerId,
    /// Directories of that runner: where they exist, it is within reach.
    pub(super) paths: Vec<String>,
    /// Digest of the kernel's boot id.
    pub(super) boot: Option<String>,
}

/// Which tree was built; where it lay does not matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub(super) revision: Option<String>,
    pub(super) dirty: Option<bool>,
    pub(super) files: u64,
    pub(super) bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Content {
    /// The caches as the cold run left them.
    Seed(Box<Saved>),
    /// The cold run left none.
    Failure { outcome: Outcome, reason: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    pub(super) form: SeedForm,
    /// In the order of the scenario; caches that held no file have none.
    pub(super) archives: Vec<Archive>,
    pub(super) caches: BTreeMap<String, Size>,
    /// Probe counters at the time of the save: they travel with the caches.
    pub(super) counters: BTreeMap<String, ProbeReading>,
    /// Examples that passed when the seed was made.
    pub(super) passed: Vec<String>,
    /// Digest (blake3, hex) of the list of files.
    pub(super) listing: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Archive {
    pub(super) name: String,
    pub(super) caches: Vec<String>,
    /// Size and time of `bench`'s own archive, which is written to be measured in either form.
    pub(super) bytes: u64,
    pub(super) save_ns: u64,
}

/// Files and bytes of a cache, as in records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Size {
    pub(super) files: u64,
    pub(super) bytes: u64,
}
