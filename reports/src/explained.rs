//! `explain.json`, as far as reports and recipes need it. What a document of an early version lacks has its
//! default; what it has beyond this is left alone.

use std::collections::BTreeMap;

use serde::Deserialize;

const SCHEMA: &str = "bench.explain/1";

/// Why a document is no explanation.
#[derive(Debug, thiserror::Error)]
pub enum ExplainedError {
    /// It is another document, or damaged.
    #[error("not an explanation (hint: `explain.json` of a `bench explain` run is expected)")]
    Json(#[from] serde_json::Error),
    /// It is of another version.
    #[error("schema `{found}`, expected `{SCHEMA}`")]
    Schema {
        /// What it says.
        found: String,
    },
}

/// The explanation.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Explained {
    schema: String,
    /// The run.
    pub run_id: String,
    /// The scenario.
    pub scenario: String,
    /// Its params.
    pub params: BTreeMap<String, String>,
    /// Whether everything that was asked for was tried.
    pub complete: bool,
    /// Whether the controls came out as they must. Without that the verdicts mean nothing.
    pub valid: bool,
    /// One sentence.
    pub headline: String,
    /// What had to come out as it did for the verdicts to hold.
    #[serde(default)]
    pub controls: Vec<Control>,
    /// Whether hits or seconds decide.
    #[serde(default)]
    pub decided_by: Evidence,
    /// Trials of each change.
    #[serde(default)]
    pub repeats: u32,
    /// A cold run: its own hits and its seconds.
    #[serde(default)]
    pub cold: Point,
    /// Nothing changed.
    #[serde(default)]
    pub same_runner: Point,
    /// One entry a property.
    pub properties: Vec<Property>,
    /// Everything changed at once.
    #[serde(default)]
    pub everything: Option<Point>,
    /// Everything changed but what breaks reuse alone.
    #[serde(default)]
    pub everything_but_causes: Option<Point>,
    /// Properties that break reuse only together.
    #[serde(default)]
    pub together: Vec<String>,
    /// What became of an edited source.
    #[serde(default)]
    pub stale: Staleness,
    /// What in the caches names the machine.
    #[serde(default)]
    pub found: Vec<Found>,
}

/// What decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Hits of the probes.
    #[default]
    Hits,
    /// Seconds of the measured phases.
    Seconds,
}

/// One control.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Control {
    /// Its name.
    #[serde(rename = "control")]
    pub name: String,
    /// Whether it came out as it must.
    pub passed: bool,
    /// What it showed.
    #[serde(default)]
    pub point: Point,
}

/// One measured point.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Point {
    /// The verdict; null for a reference.
    pub verdict: Option<Verdict>,
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
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Property {
    /// Its name.
    #[serde(rename = "property")]
    pub name: String,
    /// Its verdict: the worst of its variants.
    pub verdict: Verdict,
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
    /// What to do, in one sentence.
    #[serde(default)]
    pub remedy: Option<String>,
    /// The same with its parts.
    pub remedy_details: Option<Remedy>,
    /// What it came out as with the remedies in place.
    pub remedied: Option<Point>,
    /// Why it was not tested or failed, or what should be known about how it was changed.
    #[serde(default)]
    pub reason: Option<String>,
    /// Each way in which it was changed.
    #[serde(default)]
    pub variants: BTreeMap<String, Point>,
}

/// What a property does to reuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It was not changed.
    NotTested,
    /// Everything is reused.
    Keeps,
    /// The evidence cannot tell.
    Inconclusive,
    /// Some is reused.
    Partly,
    /// Nothing is reused.
    Breaks,
}

impl Verdict {
    /// As reports write it.
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

/// An entry of the catalogue.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Remedy {
    /// Why the property matters.
    pub key: String,
    /// The setting or step.
    pub fix: String,
    /// The same as variables.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// The tool's documentation.
    pub link: Option<String>,
    /// What it costs.
    pub risk: Option<String>,
}

/// The answer to an edit of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Staleness {
    /// Whether an old result was reused; null where it was not asked.
    pub stale: Option<bool>,
    /// With the mtime that the source had before the edit.
    pub mtime_kept: Option<bool>,
    /// With a fresh mtime.
    pub mtime_fresh: Option<bool>,
    /// Why it was not tested.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What names the machine.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Found {
    /// `workspace path`, `host name`, ...
    pub kind: String,
    /// Files that hold it.
    pub files: u64,
    /// The first of them.
    pub example: String,
}

impl Explained {
    /// Reads `explain.json`.
    ///
    /// # Errors
    /// [`ExplainedError`]: it is no JSON of this shape, or of another schema.
    pub fn parse(text: &str) -> Result<Self, ExplainedError> {
        let explained: Self = serde_json::from_str(text)?;
        if explained.schema != SCHEMA {
            return Err(ExplainedError::Schema { found: explained.schema });
        }
        Ok(explained)
    }

    /// The properties that cost reuse; none where a control failed.
    pub fn causes(&self) -> impl Iterator<Item = &Property> {
        self.properties.iter().filter(|property| self.valid && property.verdict.is_cause())
    }

    /// The properties of one verdict; none where a control failed.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = &Property> {
        self.properties.iter().filter(move |one| self.valid && one.verdict == verdict)
    }
}
