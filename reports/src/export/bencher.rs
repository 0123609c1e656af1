//! Bencher Metric Format.
//!
//! <https://bencher.dev/docs/reference/bencher-metric-format/>: benchmark, measure, then `value` and optional
//! `lower_value` and `upper_value`. `latency` is in nanoseconds, `build-time` in seconds, `file-size` in bytes.

use std::collections::BTreeMap;

use bench_record::LoadedRun;
use serde::Serialize;

use super::series::Series;
use super::{ExportError, Exporter, Input, json, series};

/// Writes medians with the ends of their intervals, and the size of a regime's archives.
#[derive(Clone, Copy, Debug)]
pub struct Bencher;

#[derive(Serialize)]
struct Metric {
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lower_value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper_value: Option<f64>,
}

impl Exporter for Bencher {
    fn export(&self, input: &Input) -> Result<String, ExportError> {
        let benchmarks: BTreeMap<String, BTreeMap<&str, Metric>> = series::all(input)
            .into_iter()
            .map(|one| {
                let measures = measures(&one);
                (one.name, measures)
            })
            .collect();
        json(&benchmarks)
    }

    fn notes(&self, run: &LoadedRun) -> Vec<String> {
        series::notes(run)
    }
}

fn measures(one: &Series) -> BTreeMap<&'static str, Metric> {
    let time = |unit: fn(f64) -> f64| Metric {
        value: unit(one.median_s),
        lower_value: one.interval.map(|(low, ..)| unit(low)),
        upper_value: one.interval.map(|(_, high, _)| unit(high)),
    };
    let nanoseconds = |seconds: f64| (seconds * 1e9).round();
    let mut measures =
        BTreeMap::from([("latency", time(nanoseconds)), ("build-time", time(|seconds| seconds))]);
    let archive = one.total.and_then(|total| total.cache.as_ref()?.archive_bytes);
    if let Some(bytes) = archive {
        measures.insert(
            "file-size",
            Metric { value: bytes as f64, lower_value: None, upper_value: None },
        );
    }
    measures
}
