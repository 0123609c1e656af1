//! Runs whose blocks are measured by two jobs: one saves snapshots of its caches, and another one on
//! another machine starts from them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::names::{Regime, RunId, UnknownName, by_name};

/// Which samples of its blocks a job takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Everything but the samples on another runner; it saves the snapshots.
    Prime,
    /// Those on another runner, from the snapshots that another job saved.
    Measure,
}

impl Stage {
    /// The name used in files and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prime => "prime",
            Self::Measure => "measure",
        }
    }

    /// Whether a job of this stage takes the samples of `regime`.
    pub const fn takes(self, regime: Regime) -> bool {
        regime.is_other_runner() == matches!(self, Self::Measure)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Stage {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        by_name("stage", &[Self::Prime, Self::Measure], Self::as_str, text)
    }
}

/// In which form a job saves its snapshots for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotForm {
    /// As files: whatever carries them (a CI's cache step) makes the archive.
    Tree,
    /// As `bench`'s own archives.
    Archive,
}

impl SnapshotForm {
    /// The name used in files and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Archive => "archive",
        }
    }
}

impl fmt::Display for SnapshotForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for SnapshotForm {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        by_name("form of a snapshot", &[Self::Tree, Self::Archive], Self::as_str, text)
    }
}

/// How the key of a snapshot relates to the one that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyMatch {
    /// The same key.
    Exact,
    /// Another key of the same plan: another job primed it.
    Prefix,
}

impl KeyMatch {
    /// The name used in files and on standard output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Prefix => "prefix",
        }
    }
}

impl fmt::Display for KeyMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Where the restore time of a snapshot that another job made comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestoreTime {
    /// The caller stated it: the time of the CI's cache step, network included.
    Given,
    /// `bench` unpacked the archives itself.
    Measured,
    /// Nobody knows it; `restore_ns` is null then.
    Unknown,
}

/// Where the snapshot of a sample comes from when another job made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotUse {
    /// The run that made it.
    pub run: RunId,
    /// Key under which it was saved.
    pub key: String,
    /// How that relates to the key that was asked for.
    pub matched: KeyMatch,
    /// In which form it came.
    pub form: SnapshotForm,
    /// Where its restore time comes from.
    pub restore: RestoreTime,
    /// Whether the same boot of a kernel made it (two containers of one machine); null where the platform
    /// does not tell.
    pub same_boot: Option<bool>,
    /// Entries that came with another modification time than they were saved with.
    pub changed_mtimes: u64,
    /// Entries that came with other permission bits.
    pub changed_modes: u64,
}

/// What a job of a staged run was asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageOptions {
    /// Which samples it takes.
    pub stage: Stage,
    /// Directory of the snapshots: written by prime, read by measure.
    pub snapshots: String,
    /// Key of its snapshots in a CI's cache.
    pub key: String,
    /// In which form snapshots are saved; null for measure, which finds out.
    #[serde(default)]
    pub form: Option<SnapshotForm>,
    /// What the CI's cache step says that it restored; null when nobody asked it.
    #[serde(default)]
    pub matched_key: Option<String>,
    /// Time of the CI's cache step by snapshot (`b001-candidate`), where the caller stated it.
    #[serde(default)]
    pub restore_ns: BTreeMap<String, u64>,
}
