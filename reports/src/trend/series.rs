//! The same measurement in one run after another: plain data, whoever stored it.
//!
//! A value is the median of a run's proven samples. A run without one is a gap: it is shown and never guessed.

use std::collections::BTreeMap;

use bench_record::{Instant, Regime};

/// One measurement of one scenario over its runs, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Scenario name.
    pub scenario: String,
    /// Params of its runs.
    pub params: BTreeMap<String, String>,
    /// Where it was measured.
    pub kind: RunKind,
    /// Regime (candidate arm).
    pub regime: Regime,
    /// What was timed.
    pub measure: Measure,
    /// The runs, by start.
    pub points: Vec<Point>,
}

/// What the runs of a series have in common besides scenario and params.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunKind {
    /// All runs have one comparability key: the same sort of machine, the same tools and scenario files.
    One {
        /// The key.
        key: String,
        /// The machine in words.
        machine: String,
    },
    /// Runs of several keys, put together on demand.
    Several(usize),
}

/// What of a sample a series is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// All measured phases together.
    Total,
    /// One phase.
    Phase(String),
    /// One example.
    Example(String),
}

/// One run.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The run.
    pub run: String,
    /// Wall-clock start.
    pub started: Instant,
    /// Commit id of the candidate's source; `None` where it is not known.
    pub source: Option<String>,
    /// Whether that source had changes that are in no commit.
    pub dirty: bool,
    /// Comparability key.
    pub key: String,
    /// Seconds, the median of the proven samples; `None` without one.
    pub median_s: Option<f64>,
    /// Proven samples behind it.
    pub samples: u32,
    /// Whether the run measured everything it was meant to.
    pub complete: bool,
}

impl Series {
    /// One value per run.
    pub fn medians(&self) -> Vec<Option<f64>> {
        self.points.iter().map(|point| point.median_s).collect()
    }
}

/// Earlier runs that a report can show beside its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recent {
    /// Whole samples of each regime, earlier runs of the same comparability key and params only.
    pub series: Vec<Series>,
    /// Earlier runs of the same scenario and params that are left out because their key differs.
    pub incomparable: u32,
    /// Files of the history that could not be trusted: their runs are missing here.
    pub damaged: u32,
}
