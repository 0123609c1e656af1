//! The parts of workflows and composite actions that decide what runs, as the files have them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

pub(crate) type Map = BTreeMap<String, Value>;

#[derive(Debug, Deserialize)]
pub(crate) struct Workflow {
    pub(crate) permissions: Option<Value>,
    pub(crate) concurrency: Option<Value>,
    #[serde(default)]
    pub(crate) env: Map,
    pub(crate) jobs: BTreeMap<String, Job>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Job {
    #[serde(default)]
    pub(crate) needs: Option<Needs>,
    #[serde(default, rename = "if")]
    pub(crate) condition: Option<Value>,
    #[serde(rename = "timeout-minutes")]
    pub(crate) timeout: Option<u32>,
    pub(crate) permissions: Option<Value>,
    #[serde(default)]
    pub(crate) env: Map,
    #[serde(default)]
    pub(crate) strategy: Option<Strategy>,
    #[serde(default)]
    pub(crate) outputs: Map,
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Strategy {
    pub(crate) matrix: Value,
}

/// `needs: one` or `needs: [one, other]`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Needs {
    One(String),
    Several(Vec<String>),
}

impl Job {
    pub(crate) fn needs(&self) -> Vec<&str> {
        match &self.needs {
            None => Vec::new(),
            Some(Needs::One(job)) => vec![job],
            Some(Needs::Several(jobs)) => jobs.iter().map(String::as_str).collect(),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Step {
    pub(crate) id: Option<String>,
    #[serde(default, rename = "if")]
    pub(crate) condition: Option<Value>,
    pub(crate) run: Option<String>,
    pub(crate) shell: Option<String>,
    pub(crate) uses: Option<String>,
    #[serde(default)]
    pub(crate) with: Map,
    #[serde(default)]
    pub(crate) env: Map,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Action {
    #[serde(default)]
    pub(crate) inputs: BTreeMap<String, Input>,
    #[serde(default)]
    pub(crate) outputs: BTreeMap<String, Output>,
    pub(crate) runs: Runs,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) required: bool,
    pub(crate) default: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Output {
    pub(crate) value: Value,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Runs {
    pub(crate) steps: Vec<Step>,
}

/// Reads a YAML file.
pub(crate) fn read<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    parse(&text, &path.display().to_string())
}

pub(crate) fn parse<T: serde::de::DeserializeOwned>(text: &str, name: &str) -> T {
    serde_saphyr::from_str(text).unwrap_or_else(|e| panic!("{name}: {e}"))
}
