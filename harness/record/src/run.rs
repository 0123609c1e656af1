//! What is run, where, with what, and how the run ended.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::gate::Gate;
use crate::names::{Arm, Design, EndReason, Regime, RunId};
use crate::stage::{Stage, StageOptions};

/// The first line of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Names the run.
    pub id: RunId,
    /// Version of the `bench` that wrote it.
    pub bench: String,
    /// Wall-clock start.
    pub started: DateTime<Utc>,
    /// The scenario's name and content hash.
    pub scenario: Ident,
    /// The one value of every param in this run.
    pub params: BTreeMap<String, String>,
    /// Digest of the plan: a resumed run must make the same one.
    pub plan_hash: String,
    /// What was asked for; with the scenario enough to go on after an interruption.
    pub options: RunOptions,
    /// The arms and their sources.
    pub arms: Vec<ArmInfo>,
    /// Names of the caches that are active under `params`, in the scenario's order.
    pub caches: Vec<String>,
    /// Names of the measured phases, in order.
    pub phases: Vec<String>,
    /// In which order the samples were taken: what may be concluded from them.
    #[serde(default)]
    pub design: Design,
    /// Where the samples come from when another tool took them; null for a run of `bench`.
    #[serde(default)]
    pub imported: Option<Imported>,
    /// Limits that the run is judged by.
    #[serde(default)]
    pub gates: Vec<Gate>,
    /// Number of examples a sample is expected to time; null when only the output tells.
    pub examples: Option<u32>,
    /// What a block consists of, in report order; empty in records that do not say: then every regime of
    /// every arm.
    #[serde(default)]
    pub cells: Vec<Cell>,
    /// The runs that this one was merged from; empty when it was measured in one job.
    #[serde(default)]
    pub parts: Vec<Part>,
    /// Examples that only one arm has, left out of both: totals of different work cannot be compared.
    #[serde(default)]
    pub left_out: Vec<String>,
    /// The machine.
    pub host: Host,
    /// The tools that the scenario requires, as found.
    pub tools: Tools,
    /// CI variables from an allow-list, never the whole environment.
    #[serde(default)]
    pub ci: BTreeMap<String, String>,
    /// Digest of what must agree before two runs may be set side by side: host, tools, scenario.
    pub comparability: String,
}

/// One sample of every block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cell {
    /// Arm.
    pub arm: Arm,
    /// Regime.
    pub regime: Regime,
}

/// A run that measured some blocks of a plan, as part of a merged one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Its id.
    pub run: RunId,
    /// Wall-clock start.
    pub started: DateTime<Utc>,
    /// Its blocks that were taken: each block is of one part, and so of one job; of a staged run, each
    /// block's samples of one stage.
    pub blocks: Vec<u32>,
    /// Which samples of its blocks it took; null when all of them.
    #[serde(default)]
    pub stage: Option<Stage>,
    /// Key of its snapshots in a CI's cache; null when it took all samples itself.
    #[serde(default)]
    pub snapshot_key: Option<String>,
    /// The machine.
    pub host: Host,
    /// Where its time went.
    pub shares: TimeShares,
}

/// The results of another tool that a run was read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Name of the format: `hyperfine`, `criterion`, `gradle-profiler` or `junit`.
    pub format: String,
    /// The files, as they were named.
    pub files: Vec<String>,
}

/// A name and a content hash (blake3, hex).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ident {
    /// The name.
    pub name: String,
    /// Digest of every file that belongs to it.
    pub hash: String,
}

/// The options of `bench run` that shape the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunOptions {
    /// `--scenario` as it was resolved: a directory, or a name that the binary ships.
    pub scenario: String,
    /// Regimes to measure, in report order.
    pub regimes: Vec<Regime>,
    /// Number of blocks of the plan; with `auto` or a budget the most that there can be.
    pub blocks: u32,
    /// The blocks that this run measures when it is a part of its plan; null for all.
    #[serde(default)]
    pub only_blocks: Option<Vec<u32>>,
    /// Which samples of its blocks this run takes when another job takes the others; null for all.
    #[serde(default)]
    pub stage: Option<StageOptions>,
    /// Seed of the random order inside blocks.
    pub seed: u64,
    /// What the candidate is compared with; null without a baseline.
    #[serde(default)]
    pub baseline: Option<Baseline>,
    /// `--auto`: the run ends at the first look that decides.
    #[serde(default)]
    pub auto: bool,
    /// `--budget`: no block starts that would probably not end within this time; null for no limit.
    #[serde(default)]
    pub budget_ns: Option<u64>,
    /// `--source`, when the scenario's own was replaced.
    #[serde(default)]
    pub source: Option<String>,
    /// `--examples` filter.
    #[serde(default)]
    pub examples: Option<String>,
    /// The state root in which runners are laid out.
    pub state: String,
    /// Failed samples after which the run ends; null for no limit.
    #[serde(default)]
    pub max_failures: Option<u32>,
    /// Whether runners are left on disk at the end.
    #[serde(default)]
    pub keep: bool,
}

/// What makes the baseline differ from the candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// Another source: a revision of the candidate's repository, or a directory.
    Source(String),
    /// Other param values.
    Params(BTreeMap<String, String>),
    /// Nothing: the candidate against itself, built anew, which shows what the machine's noise does.
    Same,
}

/// One arm and the source that it builds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArmInfo {
    /// Which arm.
    pub arm: Arm,
    /// Its source.
    pub source: SourceInfo,
    /// Params that differ from the run's, when the arm is made of other param values.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
}

/// Which source tree was laid out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceInfo {
    /// Directory or URL that it came from; null for files that the scenario ships.
    pub origin: Option<String>,
    /// Full commit id, when the source is a git tree.
    pub revision: Option<String>,
    /// Whether the git tree had changes that are in no commit.
    pub dirty: Option<bool>,
    /// Commit id of the pull request's head, where CI says it.
    pub head: Option<String>,
    /// Files laid out.
    pub files: u64,
    /// Bytes laid out.
    pub bytes: u64,
}

/// Versions of required tools, by name.
pub type Tools = BTreeMap<String, Tool>;

/// A tool as found on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// First line that its version command printed; null when it could not be asked.
    pub version: Option<String>,
    /// The executable that the runner's PATH leads to.
    pub path: Option<String>,
}

/// The machine. A value that the platform does not tell is null.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Host {
    /// Operating system and its release.
    pub os: Option<String>,
    /// Kernel release.
    pub kernel: Option<String>,
    /// Instruction set.
    pub arch: String,
    /// CPU model name.
    pub cpu: Option<String>,
    /// Logical CPUs online.
    pub cores: Option<u32>,
    /// CPU limit of the enclosing control group, in cores.
    pub cgroup_cores: Option<f64>,
    /// Memory limit of the enclosing control group.
    pub cgroup_memory_bytes: Option<u64>,
    /// Physical memory.
    pub memory_bytes: Option<u64>,
    /// CPU frequency governor.
    pub governor: Option<String>,
    /// File system type and mount options of the state root.
    pub file_system: Option<String>,
    /// Hypervisor or container, as far as it shows.
    pub virtualisation: Option<String>,
    /// Digest of the kernel's boot id: tells two boots apart without naming the machine.
    pub boot: Option<String>,
    /// Optional isolation levels by name (`landlock`, `sub-reaper`, `user-namespace`, ...), as probed:
    /// `true` when in use.
    #[serde(default)]
    pub isolation: BTreeMap<String, bool>,
}

/// A later process took the run up again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resume {
    /// Wall-clock time.
    pub at: DateTime<Utc>,
    /// Finished samples found.
    pub samples: u32,
    /// Bytes without a newline that were found at the end ([`crate::LoadedRun::tail_bytes`]), not those of
    /// earlier resumptions: proof for later readers that the line before this one is torn.
    pub torn_bytes: u64,
    /// Where the earlier processes' time went, as far as their samples tell.
    #[serde(default)]
    pub shares: TimeShares,
}

/// Where the wall time of a run went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeShares {
    /// From the start of the process to its end, summed over resumptions.
    pub wall_ns: u64,
    /// Inside the scenario's phases.
    pub commands_ns: u64,
    /// Saving and restoring caches.
    pub transfer_ns: u64,
    /// Laying out sources and building inputs of the runners.
    pub layout_ns: u64,
}

impl TimeShares {
    /// The share of the wall time that was neither a phase, a cache transfer nor a source lay-out.
    pub fn own(&self) -> Option<f64> {
        // Saturating: records are data from elsewhere, and a report never panics on them.
        let spent =
            self.commands_ns.saturating_add(self.transfer_ns).saturating_add(self.layout_ns);
        (self.wall_ns > 0).then(|| self.wall_ns.saturating_sub(spent) as f64 / self.wall_ns as f64)
    }
}

/// The last line of a run that was not cut short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// Wall-clock end.
    pub at: DateTime<Utc>,
    /// Samples recorded, all outcomes.
    pub samples: u32,
    /// Of these, failed or timed out.
    pub failed: u32,
    /// Of these, unproven.
    pub unproven: u32,
    /// Example times recorded.
    pub examples: u32,
    /// Why the run ended.
    pub reason: EndReason,
    /// Where the time went.
    pub shares: TimeShares,
}
