//! `explain.json`, as far as a recipe needs it.

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
    /// One entry a property.
    pub properties: Vec<Property>,
    /// What became of an edited source.
    #[serde(default)]
    pub stale: Staleness,
}

/// One property.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Property {
    /// Its name.
    #[serde(rename = "property")]
    pub name: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// Hits of the worst variant.
    pub hits: Option<u64>,
    /// Units in all when nothing is changed.
    pub of: Option<u64>,
    /// Share of the saving that is left.
    pub saving_kept: Option<f64>,
    /// Its interval, where seconds decide.
    pub low: Option<f64>,
    /// See `low`.
    pub high: Option<f64>,
    /// What to do.
    pub remedy_details: Option<Remedy>,
    /// What it came out as with the remedies in place.
    pub remedied: Option<Remedied>,
}

/// What a property does to reuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
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

/// A property with the remedies in place.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Remedied {
    /// Its verdict then.
    pub verdict: Option<Verdict>,
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
        self.properties.iter().filter(|property| {
            self.valid && matches!(property.verdict, Verdict::Breaks | Verdict::Partly)
        })
    }

    /// The properties of one verdict; none where a control failed.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = &Property> {
        self.properties.iter().filter(move |one| self.valid && one.verdict == verdict)
    }
}
