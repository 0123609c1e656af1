//! `hyperfine --export-json`: one result per regime and arm.

use std::collections::BTreeMap;

use bench_record::{Arm, LoadedRun, Outcome, Regime, Sample};
use serde::Serialize;

use super::names::{Unique, plain, series};
use super::{ExportError, Exporter, Input, cut_short, json, without_bad_samples};
use crate::stats::median;

/// Writes the time of every `ok` sample in the order in which they were taken.
#[derive(Clone, Copy, Debug)]
pub struct Hyperfine;

#[derive(Serialize)]
struct Export {
    results: Vec<Benchmark>,
}

/// Times are seconds.
#[derive(Serialize)]
struct Benchmark {
    command: String,
    mean: f64,
    /// Null for a single time, as hyperfine has it.
    stddev: Option<f64>,
    median: f64,
    /// Means; missing where nobody measured them.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<f64>,
    min: f64,
    max: f64,
    times: Vec<f64>,
    exit_codes: Vec<i32>,
    parameters: BTreeMap<String, String>,
}

impl Exporter for Hyperfine {
    fn export(&self, input: &Input) -> Result<String, ExportError> {
        let results = input
            .summary
            .regimes
            .iter()
            .filter_map(|regime| benchmark(input.run, regime.regime, regime.arm))
            .collect();
        json(&Export { results })
    }

    fn notes(&self, run: &LoadedRun) -> Vec<String> {
        without_bad_samples(run).into_iter().chain(cut_short(run)).collect()
    }
}

/// `None` without an `ok` sample.
fn benchmark(run: &LoadedRun, regime: Regime, arm: Arm) -> Option<Benchmark> {
    let mut samples: Vec<&Sample> = run
        .samples
        .iter()
        .map(|(sample, _)| sample)
        .filter(|sample| (sample.regime, sample.arm) == (regime, arm))
        .filter(|sample| sample.outcome == Outcome::Ok)
        .collect();
    samples.sort_by_key(|sample| (sample.block, sample.order));
    let seconds = |ns: u64| ns as f64 / 1e9;
    let times: Vec<f64> = samples.iter().map(|sample| seconds(sample.wall_ns)).collect();
    let mean = mean(times.iter().copied())?;
    let squares: f64 = times.iter().map(|time| (time - mean).powi(2)).sum();
    let imported = run.run.imported.is_some();
    let usage = |of: fn(&Sample) -> u64| {
        let values = samples.iter().map(|sample| seconds(of(sample)));
        if imported { None } else { self::mean(values) }
    };
    Some(Benchmark {
        mean,
        stddev: (times.len() > 1).then(|| (squares / (times.len() - 1) as f64).sqrt()),
        median: median(&times)?,
        user: usage(|sample| sample.usage.user_ns),
        system: usage(|sample| sample.usage.system_ns),
        min: times.iter().copied().reduce(f64::min)?,
        max: times.iter().copied().reduce(f64::max)?,
        exit_codes: vec![0; times.len()],
        times,
        // What another tool measured keeps its name.
        command: if imported {
            run.run.scenario.name.clone()
        } else {
            series(run, None, regime, arm)
        },
        parameters: parameters(run, regime, arm),
    })
}

/// The params of the arm, then regime and arm where they are known. A param of that name keeps it: the command
/// names them, too.
fn parameters(run: &LoadedRun, regime: Regime, arm: Arm) -> BTreeMap<String, String> {
    let mut parameters = run.run.params.clone();
    if let Some(info) = run.run.arms.iter().find(|info| info.arm == arm) {
        parameters.extend(info.params.clone());
    }
    // What another tool named comes out as it went in.
    if run.run.imported.is_none() {
        let mut unique = Unique::default();
        parameters = parameters
            .into_iter()
            .map(|(name, value)| (unique.take(&plain(&name)), plain(&value)))
            .collect();
        parameters.entry("regime".to_owned()).or_insert_with(|| regime.to_string());
        parameters.entry("arm".to_owned()).or_insert_with(|| arm.to_string());
    }
    parameters
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let count = values.len();
    (count > 0).then(|| values.sum::<f64>() / count as f64)
}
