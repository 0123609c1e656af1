//! One execution of the measured phases, and the times inside it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::names::{Arm, Outcome, Regime, RunnerId, SampleId};
use crate::stage::{RestoreTime, SnapshotUse};

/// One execution of the measured phases in one regime: the unit of statistics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Names the sample.
    pub id: SampleId,
    /// Block, from 1.
    pub block: u32,
    /// Arm.
    pub arm: Arm,
    /// The regime that is claimed.
    pub regime: Regime,
    /// Position among the block's samples as they ran, from 1.
    pub order: u32,
    /// The runner that it ran on.
    pub runner: RunnerId,
    /// The runner whose caches were put in place; null when none were.
    pub snapshot_origin: Option<RunnerId>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, when it did not end `ok`.
    pub reason: Option<String>,
    /// Wall-clock start of the first phase.
    pub started: DateTime<Utc>,
    /// Sum of the measured phases' wall times.
    pub wall_ns: u64,
    /// CPU time and memory of the measured phases' process trees.
    pub usage: Usage,
    /// Every phase that ran, in order.
    pub phases: Vec<PhaseTime>,
    /// Per cache name: what was there, what was moved and how long that took.
    pub caches: BTreeMap<String, CacheUse>,
    /// What proves the regime.
    pub evidence: Evidence,
    /// Digest (blake3, hex) over paths and contents of the declared outputs; null when none are declared
    /// or none exist.
    pub output_digest: Option<String>,
    /// The machine's disturbance around the sample.
    pub noise: Noise,
}

impl Sample {
    /// Whether caches were put in place in a time that nobody knows: then no sum over restore times is one.
    pub fn restore_is_unknown(&self) -> bool {
        let snapshot = self.evidence.snapshot.as_ref();
        snapshot.is_some_and(|snapshot| snapshot.restore == RestoreTime::Unknown)
    }
}

/// Resources of a process tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// CPU time in user mode.
    pub user_ns: u64,
    /// CPU time in the kernel.
    pub system_ns: u64,
    /// Peak resident memory of the largest single process of the tree.
    pub peak_rss_bytes: u64,
}

impl Usage {
    /// Adds the CPU times and keeps the larger peak.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            user_ns: self.user_ns.saturating_add(other.user_ns),
            system_ns: self.system_ns.saturating_add(other.system_ns),
            peak_rss_bytes: self.peak_rss_bytes.max(other.peak_rss_bytes),
        }
    }
}

/// One phase of a sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseTime {
    /// The phase's name.
    pub name: String,
    /// Whether its time counts.
    pub measured: bool,
    /// Wall time; the sum over examples where the phase ran once per example.
    pub wall_ns: u64,
    /// Resources.
    pub usage: Usage,
    /// How it ended: the worst of its commands.
    pub outcome: Outcome,
    /// Commands that were run.
    pub commands: u32,
}

/// One cache around one sample.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheUse {
    /// Files when the measured phases started.
    pub files_before: u64,
    /// Bytes when the measured phases started.
    pub bytes_before: u64,
    /// Files when they had ended and daemons were stopped.
    pub files: u64,
    /// Bytes when they had ended and daemons were stopped.
    pub bytes: u64,
    /// Size of the archive that was written or restored; null when no archive was involved.
    pub archive_bytes: Option<u64>,
    /// Time to write the archive after the sample; null when it was not saved.
    pub save_ns: Option<u64>,
    /// Time to restore before the sample; null when nothing was restored (cold) or nobody knows
    /// ([`RestoreTime::Unknown`]), 0 when the files simply stayed (same-runner with `transport = "directory"`).
    /// Where a CI's cache step restored all caches at once, its time stands at the first one.
    pub restore_ns: Option<u64>,
    /// The cache whose archive holds this one, too, and for which the archive's size and times are counted;
    /// null when it has an archive of its own.
    #[serde(default)]
    pub archived_with: Option<String>,
}

/// What proves the regime of a sample.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Every declared cache was absent or empty at the start.
    pub empty_at_start: bool,
    /// Bytes put in place before the start, all caches.
    pub snapshot_bytes: u64,
    /// Where the snapshot comes from when another job made it; null when this one did, or there is none.
    #[serde(default)]
    pub snapshot: Option<SnapshotUse>,
    /// Hits, all probes added up; null when there is no probe or one could not be read.
    pub hits: Option<u64>,
    /// Misses, likewise.
    pub misses: Option<u64>,
    /// Each probe's own reading.
    #[serde(default)]
    pub probes: BTreeMap<String, ProbeReading>,
    /// Processes of the sample that were still alive after daemons were told to stop, and were killed.
    pub killed: u32,
    /// What contradicts the claimed regime, one fragment each; empty when it is proven.
    #[serde(default)]
    pub contradictions: Vec<String>,
}

/// What one probe said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeReading {
    /// Hits of this sample alone; null = unknown, never 0 for a probe that could not be read.
    pub hits: Option<u64>,
    /// Misses of this sample alone; null = unknown.
    pub misses: Option<u64>,
    /// Raw counter behind `hits` where counters travel with the cache: the next sample subtracts it.
    #[serde(default)]
    pub hits_counter: Option<u64>,
    /// Raw counter behind `misses`.
    #[serde(default)]
    pub misses_counter: Option<u64>,
    /// Why it is unknown.
    #[serde(default)]
    pub error: Option<String>,
}

/// The machine's disturbance around a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Noise {
    /// One-minute load average before.
    pub load_before: Option<f64>,
    /// One-minute load average after.
    pub load_after: Option<f64>,
    /// Time that tasks stalled during the sample.
    pub pressure: Pressure,
    /// Time stolen by the hypervisor during the sample, all CPUs.
    pub steal_ns: Option<u64>,
}

/// Pressure stall time (`some`) during a sample; null where the kernel does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pressure {
    /// Some task waited for a CPU.
    pub cpu_ns: Option<u64>,
    /// Some task waited for I/O.
    pub io_ns: Option<u64>,
    /// Some task waited for memory.
    pub memory_ns: Option<u64>,
}

/// The time of one named unit inside a sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// The sample that it belongs to.
    pub sample: SampleId,
    /// Its name.
    pub name: String,
    /// Position in the order of execution, from 1.
    pub position: u32,
    /// Wall time.
    pub wall_ns: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, when it did not end `ok`.
    #[serde(default)]
    pub reason: Option<String>,
    /// Times that it was run again before this outcome.
    #[serde(default)]
    pub retries: u32,
}
