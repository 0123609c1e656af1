//! What is run and read: phases, their examples, counters and outputs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use regex::Regex;

use super::{Globs, When};
use crate::scenario::template::Template;

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
    pub format: crate::formats::extract::Format,
    /// The file, relative to the workspace; the phase's standard output without it.
    pub path: Option<Template>,
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
