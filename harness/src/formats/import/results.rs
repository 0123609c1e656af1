//! What a file of another tool contains: series of samples.

use std::collections::BTreeMap;

use bench_record::Outcome;

use crate::formats::extract::{ExampleTime, Malformed};

/// The samples of one thing that was measured: one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedSeries {
    /// What was measured, as the tool calls it.
    pub name: String,
    /// What the tool says about how.
    pub params: BTreeMap<String, String>,
    /// In the tool's order; never empty.
    pub samples: Vec<Reading>,
}

/// One sample of another tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Wall time.
    pub wall_ns: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, when it did not end `ok`.
    pub reason: Option<String>,
    /// Times inside it.
    pub examples: Vec<ExampleTime>,
}

impl Reading {
    pub(super) fn ok(wall_ns: u64) -> Self {
        Self { wall_ns, outcome: Outcome::Ok, reason: None, examples: Vec::new() }
    }
}

/// What a file contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Results {
    /// In the order of the file; never empty.
    pub series: Vec<ImportedSeries>,
    /// What was left out or made less exact, one sentence each.
    pub notes: Vec<String>,
}

/// A document of JSON; errors have line and column.
pub(super) fn json<'t, T: serde::Deserialize<'t>>(text: &'t str) -> Result<T, Malformed> {
    serde_json::from_str(text).map_err(|error| Malformed::json(&error, 0))
}
