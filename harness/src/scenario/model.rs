//! A scenario that is valid: every path is inside its root, every placeholder known, every command non-empty.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use bench_record::Regime;
use globset::GlobSet;
use regex::Regex;

use super::template::Template;

/// What is run: source, tools, caches, phases, examples, gates.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The folder's name.
    pub name: String,
    /// The folder: what `{scenario}` stands for.
    pub dir: PathBuf,
    /// One line.
    pub title: String,
    /// What it shows, how to read it, what it cannot show.
    pub analysis: String,
    /// Other folders, relative to `dir`, whose files are part of the scenario's content hash.
    pub uses: Vec<PathBuf>,
    /// Where the source tree comes from.
    pub source: Source,
    /// Files and directories that the source must have, relative to it.
    pub requires: Vec<PathBuf>,
    /// Named axes in file order; the first value of each is its default.
    pub params: Vec<Param>,
    /// Combinations of values that make no sense.
    pub refusals: Vec<Refusal>,
    /// Required tools in file order.
    pub tools: Vec<ToolSpec>,
    /// The environment of every command.
    pub env: EnvSpec,
    /// Declared caches in file order.
    pub caches: Vec<CacheSpec>,
    /// Which of them share an archive.
    pub archives: Vec<ArchiveSpec>,
    /// Background processes around the measured phases.
    pub services: Vec<ServiceSpec>,
    /// Steps in order; at least one is measured.
    pub phases: Vec<PhaseSpec>,
    /// What is timed inside one of the phases.
    pub examples: Option<ExamplesSpec>,
    /// How to stop daemons before caches are saved.
    pub daemons: Vec<DaemonSpec>,
    /// Where hits and misses are read.
    pub probes: Vec<ProbeSpec>,
    /// Files that the measured phases make, relative to the workspace.
    pub outputs: Globs,
    /// What outputs may differ in without being wrong.
    pub normalise: Vec<Normaliser>,
    /// A change of a source that must show, for `bench explain` and `bench verify`.
    pub edit: Option<EditSpec>,
    /// Limits.
    pub gates: Vec<GateSpec>,
}

/// Where the source tree comes from. `--source` replaces any of these.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// The scenario's own `workspace/` folder.
    Shipped,
    /// A directory on this machine.
    Path(PathBuf),
    /// A git repository at a pinned revision.
    Git {
        /// URL or directory of the repository.
        url: String,
        /// Tag or commit.
        rev: String,
    },
}

/// A named axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Name.
    pub name: String,
    /// Values; never empty, the first is the default. With `open`, examples of values.
    pub values: Vec<String>,
    /// Whether other values than the listed ones are accepted (`jobs`).
    pub open: bool,
}

/// A combination of values that is refused before anything is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The combination.
    pub when: When,
    /// Why, and what to choose instead.
    pub reason: String,
}

/// The condition under which a part applies: every named param has one of the listed values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct When(pub BTreeMap<String, Vec<String>>);

impl When {
    /// Whether the part applies under `params`.
    pub fn holds(&self, params: &BTreeMap<String, String>) -> bool {
        self.0
            .iter()
            .all(|(name, wanted)| params.get(name).is_some_and(|value| wanted.contains(value)))
    }
}

/// A required tool: part of the runner's image, not a cache.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolSpec {
    /// Name.
    pub name: String,
    /// Command that prints the version.
    pub version: Vec<String>,
    /// Smallest version that works (dotted numbers).
    pub min: Option<String>,
    /// First version that does not work any more.
    pub below: Option<String>,
    /// Packages by platform (`debian`, `fedora`, `macos`, `cargo`, `pip`).
    pub install: BTreeMap<String, Vec<String>>,
    /// What else a person should know.
    pub note: Option<String>,
    /// Command, run once in the user's own environment, that prints the installation prefix; its `bin`
    /// then comes first on the runner's PATH. For launchers that look for their home (rustup, pyenv).
    pub prefix: Option<Vec<String>>,
    /// Command that fills `{tools}`, run once before the first runner.
    pub provision: Vec<Template>,
    /// A file or directory that must exist (a library without a version command).
    pub exists: Option<PathBuf>,
    /// When it is needed.
    pub when: When,
}

/// The environment of every command.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EnvSpec {
    /// Variables taken from the environment of `bench`, when set there.
    pub pass: Vec<String>,
    /// Variables set for every command.
    pub set: BTreeMap<String, Template>,
    /// Variables set under a condition; later entries win.
    pub cases: Vec<EnvCase>,
}

/// Variables set under a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvCase {
    /// The condition.
    pub when: When,
    /// The variables.
    pub set: BTreeMap<String, Template>,
    /// The phases whose commands get them; empty for every command.
    pub phases: Vec<String>,
}

/// The directory of the runner that a cache lies beneath.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    /// `{workspace}`
    Workspace,
    /// `{home}`
    Home,
    /// `{cache}`
    Cache,
}

/// A declared cache.
#[derive(Clone, Debug, PartialEq)]
pub struct CacheSpec {
    /// Name.
    pub name: String,
    /// The directory of the runner that it lies beneath.
    pub root: Root,
    /// Path beneath `root`: relative, not empty, only normal components.
    pub path: PathBuf,
    /// Variable that points a tool to it.
    pub env: Option<String>,
    /// When it is active.
    pub when: When,
    /// How it reaches the same runner again; cross-runner is always an archive.
    pub transport: Transport,
    /// Paths beneath the cache that are not saved.
    pub exclude: Globs,
}

/// Caches that are saved and restored together, in one archive.
#[derive(Clone, Debug, PartialEq)]
pub struct ArchiveSpec {
    /// Name.
    pub name: String,
    /// Its caches by name, in the order of the file; all have one transport.
    pub caches: Vec<String>,
    /// When it is active; otherwise each cache has an archive of its own.
    pub when: When,
}

/// How a cache reaches the same runner again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// It stays where it is.
    #[default]
    Directory,
    /// Saved to and restored from an archive, as for another runner.
    Archive,
}

/// A process that runs around the measured phases.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSpec {
    /// Name; `{port.NAME}` is its port.
    pub name: String,
    /// Command.
    pub run: Vec<Template>,
    /// Variables for this command only.
    pub env: BTreeMap<String, Template>,
    /// Its port in every sample; `None` for a free one each time.
    pub port: Option<u16>,
    /// How to know that it accepts work.
    pub ready: Option<Ready>,
    /// When it is started.
    pub when: When,
}

/// How to know that a service accepts work.
#[derive(Clone, Debug, PartialEq)]
pub struct Ready {
    /// What to check.
    pub check: ReadyCheck,
    /// Give up after this time.
    pub within: Duration,
}

/// What shows that a service is ready.
#[derive(Clone, Debug)]
pub enum ReadyCheck {
    /// A TCP connection to this port on loopback succeeds.
    Tcp(Template),
    /// This file exists.
    File(Template),
    /// A line of its output matches.
    Output(Regex),
}

impl PartialEq for ReadyCheck {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tcp(one), Self::Tcp(other)) | (Self::File(one), Self::File(other)) => {
                one == other
            }
            (Self::Output(one), Self::Output(other)) => one.as_str() == other.as_str(),
            _ => false,
        }
    }
}

/// A command in a phase.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseSpec {
    /// Name.
    pub name: String,
    /// Whether its time counts.
    pub measured: bool,
    /// argv; with `shell`, one script.
    pub run: PhaseCommand,
    /// Directory to run in; `{workspace}` without it.
    pub cwd: Option<Template>,
    /// Variables for this phase only.
    pub env: BTreeMap<String, Template>,
    /// Killed after this time, each command.
    pub timeout: Duration,
    /// When it is part of the sample.
    pub when: When,
}

/// What a phase executes.
#[derive(Clone, Debug, PartialEq)]
pub enum PhaseCommand {
    /// Program and arguments.
    Argv(Vec<Template>),
    /// A script for `sh -c`.
    Shell(Template),
}

/// What is timed inside one phase.
#[derive(Clone, Debug)]
pub struct ExamplesSpec {
    /// The phase.
    pub phase: String,
    /// How the examples are known.
    pub from: ExamplesFrom,
    /// First group of this expression, applied to an example's value, is its name.
    pub name: Option<Regex>,
    /// Values that are left out.
    pub exclude: Globs,
}

impl PartialEq for ExamplesSpec {
    fn eq(&self, other: &Self) -> bool {
        // Taken apart, so that a new field cannot be forgotten here.
        let Self { phase, from, name, exclude } = self;
        (phase, from, exclude) == (&other.phase, &other.from, &other.exclude)
            && name.as_ref().map(Regex::as_str) == other.name.as_ref().map(Regex::as_str)
    }
}

/// How examples are known.
#[derive(Clone, Debug, PartialEq)]
pub enum ExamplesFrom {
    /// Files of the workspace: the phase runs once per match, in sorted order.
    Glob(Globs),
    /// Given values: the phase runs once per value.
    List(Vec<String>),
    /// One value a line of a command's output, run once per sample before the phases.
    Command(Vec<Template>),
    /// The phase runs once; a report that it writes, or its output, tells the times.
    Extract(ExtractSpec),
}

/// A report with times.
#[derive(Clone, Debug, PartialEq)]
pub struct ExtractSpec {
    /// Its format.
    pub format: crate::extract::Format,
    /// The file, relative to the workspace; the phase's standard output without it.
    pub path: Option<Template>,
}

/// How to stop a daemon.
#[derive(Clone, Debug, PartialEq)]
pub struct DaemonSpec {
    /// With a name, `{port.NAME}` is a free port chosen for it.
    pub name: Option<String>,
    /// Command; its failure is no error, since what still lives afterwards is killed.
    pub stop: Vec<Template>,
    /// When it applies.
    pub when: When,
}

/// Where hits and misses are read after each sample.
#[derive(Clone, Debug)]
pub struct ProbeSpec {
    /// Name.
    pub name: String,
    /// Where the text comes from.
    pub from: ProbeFrom,
    /// Hits: captured integers are added up; without a group, matches are counted.
    pub hits: Regex,
    /// Misses, likewise.
    pub misses: Option<Regex>,
    /// What the counters belong to.
    pub counter: Counter,
    /// When it applies.
    pub when: When,
}

impl PartialEq for ProbeSpec {
    fn eq(&self, other: &Self) -> bool {
        let Self { name, from, hits, misses, counter, when } = self;
        (name, from, counter, when) == (&other.name, &other.from, &other.counter, &other.when)
            && hits.as_str() == other.hits.as_str()
            && misses.as_ref().map(Regex::as_str) == other.misses.as_ref().map(Regex::as_str)
    }
}

/// Where a probe's text comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum ProbeFrom {
    /// Standard output of a command.
    Command(Vec<Template>),
    /// What a phase printed (standard output and standard error) in this sample.
    Phase(String),
    /// What a service printed in this sample.
    Service(String),
}

/// What a probe's counters belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// The cache: they travel with it, so a sample's own hits are the difference to its seed's counters.
    Cache,
    /// A daemon's memory: they start at zero with each sample but hot, in which it is still alive.
    Daemon,
    /// The sample: they start at zero with each (a phase's output).
    Sample,
}

/// Glob patterns with their text.
#[derive(Clone, Debug, Default)]
pub struct Globs {
    /// As written.
    pub patterns: Vec<String>,
    /// Compiled, `/` only matched by `**`.
    pub set: GlobSet,
}

impl PartialEq for Globs {
    /// The patterns decide: the compiled set follows from them.
    fn eq(&self, other: &Self) -> bool {
        self.patterns == other.patterns
    }
}

impl Globs {
    /// Whether no pattern is given.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }
}

/// A change of a source that must change an output or an outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditSpec {
    /// The source, relative to the workspace: only normal components.
    pub file: PathBuf,
    /// Text in it; not empty.
    pub find: String,
    /// What replaces its first occurrence; another text.
    pub replace: String,
}

/// Something in an output that depends on where or when it was made and not on what it was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Normaliser {
    /// The directories of a runner.
    Paths,
    /// Times in ar, tar, zip and gzip archives and in Python's compiled modules.
    ArchiveTimes,
}

impl Normaliser {
    /// Every normaliser with its name in the scenario file.
    pub const ALL: [(&'static str, Self); 2] =
        [("paths", Self::Paths), ("archive-times", Self::ArchiveTimes)];

    /// The name in the scenario file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paths => "paths",
            Self::ArchiveTimes => "archive-times",
        }
    }
}

/// A limit. Which fields are set decides what it demands; the conversion admits only the valid shapes.
#[derive(Clone, Debug, PartialEq)]
pub struct GateSpec {
    /// Which samples.
    pub regime: Option<Regime>,
    /// The phase whose time is limited.
    pub phase: Option<String>,
    /// The examples whose time is limited: a range of positions (`1`, `2..`, `2..5`) or a glob on names.
    pub examples: Option<String>,
    /// What is demanded.
    pub rule: GateRule,
}

/// What a gate demands.
#[derive(Clone, Debug, PartialEq)]
pub enum GateRule {
    /// Time at most this.
    MaxTime(Duration),
    /// Cold time divided by this regime's at least this.
    MinSpeedup(f64),
    /// Hits divided by hits and misses at least this (0 to 1).
    MinHitRate(f64),
    /// Restore time at most this.
    MaxRestore(Duration),
    /// Archive bytes at most this.
    MaxBytes(u64),
    /// Restore and warm time minus cold at most this.
    MaxNetLoss(Duration),
    /// Not slower than the baseline by more than a margin, with a floor below which nothing matters.
    Baseline {
        /// Relative margin (0.05 = 5 %).
        margin: f64,
        /// Relative floor.
        floor: f64,
    },
    /// Warm over cold has not grown against the baseline's by more than a margin.
    WarmAgainstCold {
        /// Relative margin.
        margin: f64,
        /// Relative floor.
        floor: f64,
    },
}

impl From<&GateSpec> for bench_record::Gate {
    /// The gate as it is written into a run.
    fn from(gate: &GateSpec) -> Self {
        use bench_record::GateRule as Recorded;
        let rule = match gate.rule {
            GateRule::MaxTime(limit) => Recorded::MaxSeconds(limit.as_secs_f64()),
            GateRule::MinSpeedup(limit) => Recorded::MinSpeedup(limit),
            GateRule::MinHitRate(limit) => Recorded::MinHitRate(limit),
            GateRule::MaxRestore(limit) => Recorded::MaxRestoreSeconds(limit.as_secs_f64()),
            GateRule::MaxBytes(limit) => Recorded::MaxBytes(limit),
            GateRule::MaxNetLoss(limit) => Recorded::MaxNetLossSeconds(limit.as_secs_f64()),
            GateRule::Baseline { margin, floor } => Recorded::Baseline { margin, floor },
            GateRule::WarmAgainstCold { margin, floor } => {
                Recorded::WarmAgainstCold { margin, floor }
            }
        };
        let (phase, examples) = (gate.phase.clone(), gate.examples.clone());
        Self { regime: gate.regime, phase, examples, rule }
    }
}
