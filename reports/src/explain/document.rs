//! `explain.json`: every verdict with what it rests on. A field that does not apply is null.
//!
//! `bench explain` writes it; reports and recipes read it. What a document of an early version lacks has its
//! default; what it has beyond this is left alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::answer::{Answer, Subject};

/// The schema of `explain.json`.
pub const SCHEMA: &str = "bench.explain/1";

/// The explanation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// [`SCHEMA`].
    pub schema: String,
    /// The run.
    pub run_id: String,
    /// The scenario.
    pub scenario: String,
    /// Its content hash; null in documents of earlier versions.
    #[serde(default)]
    pub scenario_hash: Option<String>,
    /// Its params.
    pub params: BTreeMap<String, String>,
    /// Whether everything that was asked for was tried.
    pub complete: bool,
    /// Whether every control came out as it must. Without that the verdicts mean nothing.
    pub valid: bool,
    /// All causes in one sentence.
    pub headline: String,
    /// The negative control: what empty caches come out as; it must be `breaks`.
    #[serde(default)]
    pub control: Option<ReuseVerdict>,
    /// What had to come out as it did for the verdicts to hold.
    #[serde(default)]
    pub controls: Vec<Control>,
    /// Whether hits or seconds decide.
    #[serde(default)]
    pub decided_by: DecidedBy,
    /// Trials of each change.
    #[serde(default)]
    pub repeats: u32,
    /// A cold run: its own hits and its seconds.
    #[serde(default)]
    pub cold: Measurement,
    /// Nothing changed.
    #[serde(default)]
    pub same_runner: Measurement,
    /// One entry per property.
    pub properties: Vec<PropertySeen>,
    /// Everything changed at once.
    #[serde(default)]
    pub everything: Option<Measurement>,
    /// Everything changed but what breaks reuse alone: `keeps` says that no cause is missing.
    #[serde(default)]
    pub everything_but_causes: Option<Measurement>,
    /// Properties that break reuse only together.
    #[serde(default)]
    pub together: Vec<String>,
    /// Whether an old result is reused for an edited source.
    #[serde(default)]
    pub stale: Staleness,
    /// What in the caches names the machine.
    #[serde(default)]
    pub found: Vec<NamedInCache>,
}

/// What decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecidedBy {
    /// A probe's hits.
    #[default]
    Hits,
    /// Seconds of repeated trials.
    Seconds,
}

/// One control.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Control {
    /// `nothing-changed`, `empty-caches` or `nothing-changed-again`.
    #[serde(rename = "control")]
    pub name: String,
    /// Whether it came out as it must.
    pub passed: bool,
    /// What it showed.
    #[serde(default)]
    pub point: Measurement,
}

/// One measured point.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// The verdict; null for a reference.
    pub verdict: Option<ReuseVerdict>,
    /// Hits.
    pub hits: Option<u64>,
    /// Units in all when nothing is changed.
    pub of: Option<u64>,
    /// Seconds of the measured phases.
    pub wall_s: Option<f64>,
    /// Share of the saving that is left, 0 to 1.
    pub saving_kept: Option<f64>,
    /// Its interval, where seconds decide.
    pub low: Option<f64>,
    /// See `low`.
    pub high: Option<f64>,
    /// Why.
    pub reason: Option<String>,
}

/// One property.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PropertySeen {
    /// Its name.
    #[serde(rename = "property")]
    pub name: String,
    /// Its verdict: the worst of its variants.
    pub verdict: ReuseVerdict,
    /// Hits of the worst variant.
    pub hits: Option<u64>,
    /// Units in all when nothing is changed.
    pub of: Option<u64>,
    /// Seconds of the worst variant.
    #[serde(default)]
    pub wall_s: Option<f64>,
    /// Share of the saving that is left, 0 to 1.
    pub saving_kept: Option<f64>,
    /// Its interval, where seconds decide.
    pub low: Option<f64>,
    /// See `low`.
    pub high: Option<f64>,
    /// Whether an old result is reused when the content of a source changes and this property does not;
    /// null where that cannot be asked of the property, or was not.
    #[serde(default)]
    pub stale: Option<bool>,
    /// What to do, in one sentence.
    #[serde(default)]
    pub remedy: Option<String>,
    /// The same with its parts.
    pub remedy_details: Option<Remedy>,
    /// What it came out as with the remedies in place.
    pub remedied: Option<Measurement>,
    /// Why it was not tested, why it failed, or what should be known about how it was changed.
    #[serde(default)]
    pub reason: Option<String>,
    /// Each way in which it was changed.
    #[serde(default)]
    pub variants: BTreeMap<String, Measurement>,
}

/// What a property does to reuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReuseVerdict {
    /// It was not changed; the reason says why.
    NotTested,
    /// (Nearly) everything is reused.
    Keeps,
    /// The evidence cannot tell.
    Inconclusive,
    /// Some is reused.
    Partly,
    /// (Nearly) nothing is reused, or it fails.
    Breaks,
}

impl ReuseVerdict {
    /// As pages write it; the document has the same with hyphens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotTested => "not tested",
            Self::Keeps => "keeps",
            Self::Inconclusive => "inconclusive",
            Self::Partly => "partly",
            Self::Breaks => "breaks",
        }
    }

    /// Whether it costs reuse.
    pub const fn is_cause(self) -> bool {
        matches!(self, Self::Breaks | Self::Partly)
    }
}

/// What to do about a property: an entry of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remedy {
    /// The tool; null for general advice.
    #[serde(default)]
    pub tool: Option<String>,
    /// Why the property matters.
    pub key: String,
    /// The setting or step.
    pub fix: String,
    /// The same as variables, before placeholders are replaced; empty where it is a step.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// The tool's own documentation.
    pub link: Option<String>,
    /// What it costs.
    pub risk: Option<String>,
}

/// The answer to an edit of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staleness {
    /// Whether an old result was reused; null where it was not asked.
    pub stale: Option<bool>,
    /// With the mtime that the source had before the edit.
    pub mtime_kept: Option<bool>,
    /// With a fresh mtime.
    pub mtime_fresh: Option<bool>,
    /// At another path, with a fresh mtime, while the old workspace is still there, unedited: a false green. Null
    /// where an edit goes unnoticed without that, too.
    #[serde(default)]
    pub old_path: Option<bool>,
    /// Why it was not tested.
    #[serde(default)]
    pub reason: Option<String>,
}

/// One kind of text in the caches that names the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedInCache {
    /// `workspace path`, `host name`, ...
    pub kind: String,
    /// Files that hold it.
    pub files: u64,
    /// The first of them.
    pub example: String,
}

impl Answer for Explanation {
    const SCHEMA: &'static str = SCHEMA;
    const COMMAND: &'static str = "explain";
    const NOUN: &'static str = "explanation";

    fn subject(&self) -> Subject<'_> {
        let Self { scenario, params, scenario_hash, .. } = self;
        Subject { scenario, params, hash: scenario_hash.as_deref() }
    }
}

impl Explanation {
    /// The properties that cost reuse; none where a control failed.
    pub fn causes(&self) -> impl Iterator<Item = &PropertySeen> {
        self.properties.iter().filter(|property| self.valid && property.verdict.is_cause())
    }

    /// The properties of one verdict; none where a control failed.
    pub fn with(&self, verdict: ReuseVerdict) -> impl Iterator<Item = &PropertySeen> {
        self.properties.iter().filter(move |one| self.valid && one.verdict == verdict)
    }
}
