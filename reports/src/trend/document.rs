//! The history for programs: `bench.trend/1`. A field that does not apply is null, never missing.

use std::collections::BTreeMap;

use bench_record::{Instant, Regime};
use serde::Serialize;

use super::series::{Measure, RunKind, Series};
use super::sparkline::sparkline;

/// Name and version of the document.
pub const SCHEMA: &str = "bench.trend/1";

/// What was found in a history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trend {
    /// Every measurement that was asked for, by scenario, params, kind, regime and measure.
    pub series: Vec<Series>,
    /// What is left out, and how to read the rest, in sentences; foreign text stands in backticks.
    pub notes: Vec<String>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    series: Vec<Measured<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Measured<'a> {
    scenario: &'a str,
    params: &'a BTreeMap<String, String>,
    /// Null where several are put together.
    comparability: Option<&'a str>,
    machine: Option<&'a str>,
    regime: Regime,
    phase: Option<&'a str>,
    example: Option<&'a str>,
    sparkline: String,
    points: Vec<Point<'a>>,
    steps: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Point<'a> {
    run_id: &'a str,
    started: Instant,
    source: Option<&'a str>,
    dirty: bool,
    comparability: &'a str,
    median_s: Option<f64>,
    samples: u32,
    complete: bool,
}

#[derive(Serialize)]
struct Step<'a> {
    run_id: &'a str,
    started: Instant,
    source: Option<&'a str>,
    previous_run_id: &'a str,
    previous_source: Option<&'a str>,
    before_s: f64,
    after_s: f64,
    ratio: f64,
    runs_before: usize,
    runs_after: usize,
    q_scaled: f64,
    /// Machine, tools or scenario files changed with it.
    other_kind: bool,
}

/// The document, final newline included.
///
/// # Errors
/// No content can cause one: every number that is not finite becomes null.
pub fn json(trend: &Trend) -> Result<String, serde_json::Error> {
    let series = trend.series.iter().map(measured).collect();
    let document = Document { schema: SCHEMA, series, notes: &trend.notes };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn measured(series: &Series) -> Measured<'_> {
    let (comparability, machine) = match &series.kind {
        RunKind::One { key, machine } => (Some(key.as_str()), Some(machine.as_str())),
        RunKind::Several(_) => (None, None),
    };
    let (phase, example) = match &series.measure {
        Measure::Total => (None, None),
        Measure::Phase(name) => (Some(name.as_str()), None),
        Measure::Example(name) => (None, Some(name.as_str())),
    };
    Measured {
        scenario: &series.scenario,
        params: &series.params,
        comparability,
        machine,
        regime: series.regime,
        phase,
        example,
        sparkline: sparkline(&series.medians(), usize::MAX),
        points: series
            .points
            .iter()
            .map(|point| Point {
                run_id: &point.run,
                started: point.started,
                source: point.source.as_deref(),
                dirty: point.dirty,
                comparability: &point.key,
                median_s: point.median_s,
                samples: point.samples,
                complete: point.complete,
            })
            .collect(),
        steps: series
            .steps()
            .into_iter()
            .map(|step| Step {
                run_id: &step.at.run,
                started: step.at.started,
                source: step.at.source.as_deref(),
                previous_run_id: &step.last.run,
                previous_source: step.last.source.as_deref(),
                before_s: step.before.median_s,
                after_s: step.after.median_s,
                ratio: step.ratio,
                runs_before: step.before.runs,
                runs_after: step.after.runs,
                q_scaled: step.q_scaled,
                other_kind: step.is_of_another_kind(),
            })
            .collect(),
    }
}
