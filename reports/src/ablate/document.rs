//! `ablate.json`.

use std::collections::BTreeMap;

use bench_record::{CacheSet, Regime, RunId};
use serde::{Deserialize, Serialize};

use crate::answer::{Answer, Subject};

/// The schema of `ablate.json`.
pub const SCHEMA: &str = "bench.ablate/2";

/// What each cache is worth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ablation {
    /// [`SCHEMA`].
    pub schema: String,
    /// Names the run.
    pub run_id: RunId,
    /// The scenario.
    pub scenario: String,
    /// Its content hash; null in documents of earlier versions.
    #[serde(default)]
    pub scenario_hash: Option<String>,
    /// Its params.
    pub params: BTreeMap<String, String>,
    /// Blocks that were asked for.
    pub blocks: u32,
    /// Seed of the order.
    pub seed: u64,
    /// Whether every trial was made.
    pub complete: bool,
    /// Trials that failed and enter nothing.
    pub failed: u64,
    /// Each cache, in file order.
    pub caches: Vec<CacheWorth>,
    /// All caches in one archive and in one each; null for a single cache.
    #[serde(default)]
    pub archives: Option<Archives>,
    /// Each set that was measured.
    pub sets: Vec<SetSeen>,
    /// Each pair of caches.
    pub pairs: Vec<PairSeen>,
    /// What to keep under the size limit, a regime each.
    pub keep: Vec<Keep>,
    /// What the quota makes of the sets to keep.
    pub quota: Vec<QuotaForecast>,
    /// What a person should know.
    pub findings: Vec<String>,
}

impl Answer for Ablation {
    const SCHEMA: &'static str = SCHEMA;
    const EARLIER: Option<&'static str> = Some("bench.ablate/1");
    const COMMAND: &'static str = "ablate";
    const NOUN: &'static str = "ablation";

    fn subject(&self) -> Subject<'_> {
        let Self { scenario, params, scenario_hash, .. } = self;
        Subject { scenario, params, hash: scenario_hash.as_deref() }
    }
}

/// A figure over blocks, seconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeEstimate {
    /// Pseudo-median (Hodges-Lehmann) of the blocks' values.
    pub seconds: f64,
    /// Lower end of the exact signed-rank interval; null below 6 blocks.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Confidence of the ends.
    pub confidence: Option<f64>,
    /// Blocks.
    pub n: u64,
}

/// One cache.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CacheWorth {
    /// Its name.
    pub name: String,
    /// Files, median over blocks.
    pub files: u64,
    /// Bytes, unpacked.
    pub bytes: u64,
    /// Bytes of its archive.
    pub archive_bytes: u64,
    /// Time to save it, seconds; null when it was empty.
    pub save_s: Option<f64>,
    /// Time to restore it, seconds; null when no archive was restored.
    pub restore_s: Option<f64>,
    /// Bytes by which it grows in a run that has all caches; null when no such run was measured.
    pub growth_bytes: Option<i64>,
    /// What it saves.
    pub regimes: Vec<RegimeWorth>,
}

/// The same caches packed in two ways, medians over blocks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Archives {
    /// All in one archive.
    pub together: Packed,
    /// Each in one of its own, one after the other.
    pub separate: Packed,
}

/// What archives take.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Packed {
    /// Bytes.
    pub bytes: u64,
    /// Time to save, seconds.
    pub save_s: f64,
    /// Time to restore, seconds; null where nothing was restored.
    pub restore_s: Option<f64>,
}

/// What a cache saves in a regime.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegimeWorth {
    /// Which.
    pub regime: Regime,
    /// Whether no trial with it ended well, while trials without it did.
    #[serde(default)]
    pub fails: bool,
    /// Seconds that a job is slower without this one and with all others, less those that [fail](Self::fails).
    pub saved: Option<TimeEstimate>,
    /// Seconds that a job is faster with this one only.
    pub alone: Option<TimeEstimate>,
    /// `saved` less the time to restore and to save it, where it travels as an archive.
    pub net_s: Option<f64>,
    /// `net_s` per megabyte (10^6 bytes) of the archive; null for an empty one.
    pub net_s_per_mb: Option<f64>,
}

/// One set of caches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetSeen {
    /// The caches.
    pub caches: CacheSet,
    /// Which regime.
    pub regime: Regime,
    /// Time of a job; null when every trial failed.
    pub wall: Option<TimeEstimate>,
    /// Seconds faster than without any cache, in each block.
    #[serde(default)]
    pub saved: Option<TimeEstimate>,
    /// `saved` net of restoring and saving.
    pub net_s: Option<f64>,
    /// Bytes of the archives.
    pub archive_bytes: u64,
    /// Why a trial failed, when one did.
    pub reason: Option<String>,
}

impl SetSeen {
    /// The interval of `net_s`: that of `saved`, less what the transfers take at the median.
    pub fn net_interval(&self) -> Option<(f64, f64)> {
        let (saved, net) = (self.saved?, self.net_s?);
        let transfer = saved.seconds - net;
        Some((saved.low? - transfer, saved.high? - transfer))
    }
}

/// Two caches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairSeen {
    /// The first.
    pub one: String,
    /// The second.
    pub other: String,
    /// Which regime.
    pub regime: Regime,
    /// Seconds saved by the first alone.
    pub one_s: f64,
    /// By the second alone.
    pub other_s: f64,
    /// By both.
    pub both_s: f64,
    /// `one_s + other_s - both_s`: work that both cover.
    pub overlap_s: f64,
    /// Its share of the smaller one's saving, 0 to 1; null when that one saves nothing alone, or too little
    /// to be told from noise.
    pub share: Option<f64>,
}

/// What to keep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Keep {
    /// Which regime.
    pub regime: Regime,
    /// Most bytes of archives; null without a limit.
    pub limit_bytes: Option<u64>,
    /// The set.
    pub caches: CacheSet,
    /// Seconds saved a job, net.
    pub net_s: f64,
    /// Bytes of its archives.
    pub archive_bytes: u64,
    /// Whether this very set was measured; else the savings of single caches were added up.
    pub measured: bool,
}

/// What the quota makes of a set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuotaForecast {
    /// Which regime's set.
    pub regime: Regime,
    /// Keys at a time on a branch.
    pub keys: u64,
    /// Branches.
    pub branches: u64,
    /// Bytes of the quota.
    pub limit_bytes: u64,
    /// Bytes that all entries take.
    pub bytes: u64,
    /// Entries that are wanted.
    pub wanted: u64,
    /// Entries that fit; the others are evicted, the least recently used first.
    pub kept: u64,
}
