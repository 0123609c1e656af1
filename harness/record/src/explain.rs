//! The journal of `bench explain` (`explain.ndjson`): what each trial was for and what it showed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::files;
use crate::journal::{self, Journal, JournalFile, ReadError};
use crate::names::{Outcome, UnknownName, by_name};
use crate::run::{End, Resume, Run};

journal::journal_entries! {
    /// One line of `explain.ndjson`.
    ExplainEntry {
        /// First line: what is run, where and with what.
        "run" => Run(Box<Run>),
        /// Second line: what was asked for.
        "explain" => Explain(ExplainOptions),
        /// A finished trial.
        "trial" => Trial(Box<ExplainTrial>),
        /// A later process went on.
        "resume" => Resume(Resume),
        /// Last line; its absence means that the explanation was cut short.
        "end" => End(End),
    }
}

/// What was asked for, besides what the `run` line holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainOptions {
    /// The properties to try; empty for all.
    pub properties: Vec<Property>,
    /// Trials of each; `None` for as many as the evidence needs.
    pub repeats: Option<u32>,
    /// Whether seconds decide although a probe counts hits.
    #[serde(default)]
    pub by_seconds: bool,
    /// Whether the remedies that are variables are tried too.
    pub try_remedy: bool,
}

/// What a trial is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrialRole {
    /// Cold; makes the caches that every other trial starts with.
    Snapshot,
    /// Cold; its caches are copied while its daemons are alive.
    LiveSnapshot,
    /// Control: nothing is changed. It must keep what the caches save.
    Nothing,
    /// Control: the caches are empty. It must come out as `breaks`.
    Empty,
    /// Control: nothing is changed, after everything else.
    NothingAgain,
    /// One property is changed.
    One,
    /// Everything that can be changed is.
    Everything,
    /// Everything but the properties that break reuse alone.
    Others,
    /// Of these, everything but one.
    OthersBut,
    /// A source is edited, empty caches: what the result must be.
    EditedCold,
    /// A source is edited, restored caches, its mtime as before the edit.
    EditedKept,
    /// A source is edited, restored caches, its mtime fresh.
    EditedFresh,
    /// The same in a workspace at another path, while the old one is still there, unedited.
    EditedMoved,
}

/// One trial of `bench explain`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExplainTrial {
    /// Names its logs; unique in the file.
    pub id: String,
    /// What it is for.
    pub role: TrialRole,
    /// What was changed.
    pub changed: Variation,
    /// The round that it belongs to: trials are compared within a round.
    pub round: u32,
    /// Its repetition within the round, from 1.
    pub repeat: u32,
    /// Whether the remedies were in place.
    #[serde(default)]
    pub remedied: bool,
    /// Wall-clock start of the first phase.
    pub started: DateTime<Utc>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, when not `ok`.
    pub reason: Option<String>,
    /// Sum of the measured phases' wall times.
    pub wall_ns: u64,
    /// Hits of this trial itself; `None` without a probe or where it could not be read.
    pub hits: Option<u64>,
    /// Misses, likewise.
    pub misses: Option<u64>,
    /// Digest over the declared outputs.
    pub output_digest: Option<String>,
    /// Examples that did not end well.
    pub failed_examples: BTreeSet<String>,
}

impl ExplainTrial {
    /// What a reader of results sees: outputs and outcomes. Two runs with the same one did the same.
    pub fn result(&self) -> (Option<&str>, Outcome, &BTreeSet<String>) {
        (self.output_digest.as_deref(), self.outcome, &self.failed_examples)
    }
}

/// One thing that differs between two runners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Property {
    /// Where the workspace is.
    WorkspacePath,
    /// Modification times of the sources.
    SourceMtime,
    /// Inodes of the sources.
    SourceInode,
    /// HOME and what is derived from it.
    Home,
    /// Variables of the scenario that point into the home (`CARGO_HOME`).
    ToolHome,
    /// Where `{cache}` is.
    CachePath,
    /// Modification times inside the caches.
    CacheMtime,
    /// Caches saved to and restored from a pax tar through zstd.
    Archive,
    /// Modification times of the tools' executables, content unchanged.
    ToolMtime,
    /// Where the tools are.
    ToolPath,
    /// Variables that no tool should care about, and a longer PATH.
    Environment,
    /// `LC_ALL` and `LANG`.
    Locale,
    /// `TZ`.
    TimeZone,
    /// `TMPDIR`.
    TempDir,
    /// The workspace entered through a symbolic link.
    WorkingDirectory,
    /// The user id and its name.
    User,
    /// The machine's name.
    Hostname,
    /// Whether daemons were alive when the caches were saved.
    Daemon,
    /// The param `jobs`.
    Jobs,
}

impl Property {
    /// Every property, in the order in which they are tried and shown.
    pub const ALL: [Self; 19] = [
        Self::WorkspacePath,
        Self::SourceMtime,
        Self::SourceInode,
        Self::Home,
        Self::ToolHome,
        Self::CachePath,
        Self::CacheMtime,
        Self::Archive,
        Self::ToolMtime,
        Self::ToolPath,
        Self::Environment,
        Self::Locale,
        Self::TimeZone,
        Self::TempDir,
        Self::WorkingDirectory,
        Self::User,
        Self::Hostname,
        Self::Daemon,
        Self::Jobs,
    ];

    /// The name on the command line and in every document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WorkspacePath => "workspace-path",
            Self::SourceMtime => "source-mtime",
            Self::SourceInode => "source-inode",
            Self::Home => "home",
            Self::ToolHome => "tool-home",
            Self::CachePath => "cache-path",
            Self::CacheMtime => "cache-mtime",
            Self::Archive => "archive",
            Self::ToolMtime => "tool-mtime",
            Self::ToolPath => "tool-path",
            Self::Environment => "environment",
            Self::Locale => "locale",
            Self::TimeZone => "time-zone",
            Self::TempDir => "temp-dir",
            Self::WorkingDirectory => "working-directory",
            Self::User => "user",
            Self::Hostname => "hostname",
            Self::Daemon => "daemon",
            Self::Jobs => "jobs",
        }
    }

    /// The ways in which it is changed alone, each in a trial of its own; the worst one is its verdict.
    pub const fn variants(self) -> &'static [&'static str] {
        match self {
            Self::WorkspacePath => &["same-length", "other-length", "other-depth"],
            Self::SourceMtime => &["fresh", "past"],
            Self::Environment => &["variable", "path"],
            _ => &["changed"],
        }
    }

    /// The way in which it is changed together with others: as another runner would.
    pub const fn elsewhere(self) -> &'static str {
        match self {
            Self::WorkspacePath => "other-depth",
            Self::SourceMtime => "fresh",
            Self::Environment => "both",
            _ => "changed",
        }
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Property {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        by_name("property", &Self::ALL, Self::as_str, text)
    }
}

/// The way of changing `workspace-path` that leaves the old workspace where it was. It is not among the variants,
/// because it cannot lose reuse by itself: it is tried with an edited source only.
pub const OLD_PATH_STAYS: &str = "old-path-stays";

/// What is changed in a trial: properties with the way of each. Empty: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variation(pub BTreeMap<Property, String>);

impl Variation {
    /// One property, changed in one way.
    pub fn one(property: Property, variant: &str) -> Self {
        Self(BTreeMap::from([(property, variant.to_owned())]))
    }

    /// All of `properties`, as on another runner. Times inside the caches are not among them: what carries
    /// caches to another runner is an archive, which keeps them, and fresh ones would hide fresh sources.
    pub fn all(properties: impl IntoIterator<Item = Property>) -> Self {
        let carried = properties.into_iter().filter(|p| *p != Property::CacheMtime);
        Self(carried.map(|p| (p, p.elsewhere().to_owned())).collect())
    }

    /// Whether the property is changed at all.
    pub fn has(&self, property: Property) -> bool {
        self.0.contains_key(&property)
    }

    /// Whether the property is changed in this way.
    pub fn is(&self, property: Property, variant: &str) -> bool {
        self.0.get(&property).is_some_and(|found| found == variant)
    }
}

/// An explanation as its journal tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedExplain {
    /// What is run.
    pub run: Run,
    /// What was asked for.
    pub options: ExplainOptions,
    /// Every finished trial.
    pub trials: Vec<ExplainTrial>,
    /// How it ended, when it did.
    pub end: Option<End>,
    /// Bytes after the last newline: what a writer that goes on says in its `resume` entry.
    pub tail_bytes: u64,
}

impl JournalFile for LoadedExplain {
    type Entry = ExplainEntry;
    const FILE: &'static str = files::EXPLAIN_JOURNAL;
    const HINT: &'static str = "RUN is the directory of a `bench explain`";

    fn from_journal(journal: Journal<ExplainEntry>) -> Result<Self, ReadError> {
        let mut entries = journal.entries.into_iter();
        let Some((_, ExplainEntry::Run(run))) = entries.next() else {
            return Err(ReadError::NoStart { kind: "run", file: Self::FILE });
        };
        let mut loaded = Self {
            run: *run,
            options: ExplainOptions::default(),
            trials: Vec::new(),
            end: None,
            tail_bytes: journal.tail_bytes,
        };
        for (line, entry) in entries {
            match entry {
                ExplainEntry::Run(_) => return Err(ReadError::SecondStart { line, kind: "run" }),
                ExplainEntry::Explain(options) => loaded.options = options,
                ExplainEntry::Trial(trial) => loaded.trials.push(*trial),
                // The explanation goes on: an earlier end (an interruption) was not the end.
                ExplainEntry::Resume(_) => loaded.end = None,
                ExplainEntry::End(end) => loaded.end = Some(end),
            }
        }
        Ok(loaded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_property_is_listed_once_in_order_and_reads_back() {
        assert!(Property::ALL.is_sorted());
        for property in Property::ALL {
            assert_eq!(property.as_str().parse(), Ok(property));
            let json = serde_json::to_string(&property).unwrap();
            assert_eq!(json, format!("\"{property}\""));
            assert!(!property.variants().is_empty());
        }
        let error = "workspacepath".parse::<Property>().unwrap_err().to_string();
        assert!(error.contains("workspace-path"), "{error}");
    }
}
