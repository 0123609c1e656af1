//! A scenario that is valid: every path is inside its root, every placeholder known, every command non-empty.

mod gates;
mod phases;
mod runner;

use std::collections::BTreeMap;
use std::path::PathBuf;

use globset::GlobSet;

pub use gates::{GateRule, GateSpec};
pub use phases::{
    Counter, EditSpec, ExamplesFrom, ExamplesSpec, ExtractSpec, Normaliser, PhaseCommand,
    PhaseSpec, ProbeFrom, ProbeSpec,
};
pub use runner::{
    ArchiveSpec, CacheSpec, DaemonSpec, EnvCase, EnvSpec, Ready, ReadyCheck, Root, ServiceSpec,
    ToolSpec, Transport,
};

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
