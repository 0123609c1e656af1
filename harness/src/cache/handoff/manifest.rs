//! The directory of a snapshot: the names of its files, and `snapshot.json`, which says what it is and who made it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bench_record::{Arm, Ident, Outcome, ProbeReading, Run, RunId, RunnerId, SnapshotForm};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::cache::snapshot::SavedCache;

/// Default directory of the snapshots: a path that is the same text in every job of a workflow.
pub const DEFAULT_DIR: &str = ".bench/snapshot";
/// The list of its files.
pub(super) const LISTING: &str = "files.ndjson";
/// The directory of the files.
pub(super) const DATA: &str = "data";
/// The version that is written, and the only one that is read: a snapshot lives for one workflow.
pub(super) const SCHEMA: &str = "bench.snapshot/1";

/// The name of the snapshot of a block and arm: its directory, and its name in `--restore-seconds`.
pub fn name(block: u32, arm: Arm) -> String {
    format!("b{block:03}-{arm}")
}

/// The directory of a snapshot in the directory of all of them.
pub(super) fn directory(dir: &Path, block: u32, arm: Arm) -> PathBuf {
    dir.join(name(block, arm))
}

/// The file of an archive of a snapshot.
pub(super) fn archive_file(bundle: &str) -> String {
    format!("{bundle}.tar.zst")
}

/// A snapshot, or the reason why there is none.
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
    pub(super) source: BuiltSource,
    pub(super) block: u32,
    pub(super) arm: Arm,
    pub(super) runner: RunnerId,
    /// Directories of that runner: if they exist, it is within reach.
    pub(super) paths: Vec<String>,
    /// Digest of the kernel's boot id.
    pub(super) boot: Option<String>,
}

/// Which tree was built; where it lay does not matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BuiltSource {
    pub(super) revision: Option<String>,
    pub(super) dirty: Option<bool>,
    pub(super) files: u64,
    pub(super) bytes: u64,
}

impl BuiltSource {
    /// The source of an arm as its run recorded it.
    pub(super) fn of(run: &Run, arm: Arm) -> Self {
        let info = run.arms.iter().find(|info| info.arm == arm).map(|info| info.source.clone());
        let info = info.unwrap_or_default();
        Self { revision: info.revision, dirty: info.dirty, files: info.files, bytes: info.bytes }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Content {
    /// The caches as the cold run left them.
    Snapshot(Box<SnapshotContent>),
    /// The cold run failed and left none.
    Failure { outcome: Outcome, reason: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SnapshotContent {
    pub(super) form: SnapshotForm,
    /// In the order of the scenario; caches without a file have none.
    pub(super) archives: Vec<ArchiveInfo>,
    pub(super) caches: BTreeMap<String, SavedCache>,
    /// Probe counters at the time of the save: they travel with the caches.
    pub(super) counters: BTreeMap<String, ProbeReading>,
    /// Examples that passed when the snapshot was made.
    pub(super) passed: Vec<String>,
    /// Digest (blake3, hex) of the list of files.
    pub(super) listing: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ArchiveInfo {
    pub(super) name: String,
    pub(super) caches: Vec<String>,
    /// Size and time of `bench`'s own archive, which is written and measured in either form.
    pub(super) bytes: u64,
    pub(super) save_ns: u64,
}
