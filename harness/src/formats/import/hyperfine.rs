//! `hyperfine --export-json`.
//!
//! A result is one command, all runs of which come before those of the next command. So each command is a
//! series of its own, and one of its runs is a sample: nothing ran together that could be
//! examples of one sample. `user` and `system` are means over all runs and belong to no sample: not taken.

use std::collections::BTreeMap;

use bench_record::Outcome;
use serde::Deserialize;

use super::results::{ImportedSeries, Reading, Results, json};
use crate::formats::extract::{Malformed, Position, from_seconds, short};

#[derive(Deserialize)]
struct HyperfineExport {
    results: Vec<HyperfineResult>,
}

#[derive(Deserialize)]
struct HyperfineResult {
    command: String,
    times: Vec<Seconds>,
    /// One per run; null for a run that a signal ended. Old versions wrote none.
    #[serde(default)]
    exit_codes: Option<Vec<Option<i32>>>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

/// Nanoseconds out of seconds: refused while JSON is read, so that the error knows its line.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "f64")]
struct Seconds(u64);

impl TryFrom<f64> for Seconds {
    type Error = String;

    fn try_from(seconds: f64) -> Result<Self, Self::Error> {
        from_seconds(seconds)
            .map(Self)
            .ok_or_else(|| format!("time {}, expected seconds from 0 to 1e9", short(seconds)))
    }
}

pub(super) fn read(text: &str) -> Result<Results, Malformed> {
    let export: HyperfineExport = json(text)?;
    let series: Result<Vec<ImportedSeries>, Malformed> = export
        .results
        .into_iter()
        .zip(1..)
        .map(|(benchmark, number)| one(benchmark, number))
        .collect();
    Ok(Results { series: series?, notes: Vec::new() })
}

fn one(benchmark: HyperfineResult, number: u64) -> Result<ImportedSeries, Malformed> {
    let runs = benchmark.times.len();
    let codes = benchmark.exit_codes.unwrap_or_else(|| vec![Some(0); runs]);
    if codes.len() != runs {
        let message = format!(
            "`{}` has {runs} `times` and {} `exit_codes`, expected the same number",
            benchmark.command,
            codes.len()
        );
        return Err(Malformed::new(Position::Unit(number), message));
    }
    let samples = benchmark.times.iter().zip(codes).map(|(time, code)| {
        let reason = match code {
            Some(0) => return Reading::ok(time.0),
            Some(code) => format!("exit code {code}"),
            None => "ended by a signal".to_owned(),
        };
        Reading { outcome: Outcome::Failed, reason: Some(reason), ..Reading::ok(time.0) }
    });
    Ok(ImportedSeries {
        name: benchmark.command,
        params: benchmark.parameters,
        samples: samples.collect(),
    })
}
