//! `customSmallerIsBetter` of github-action-benchmark.
//!
//! <https://github.com/benchmark-action/github-action-benchmark#examples>: a list of `name`, `unit`, `value`,
//! and as text `range` and `extra`.

use bench_record::LoadedRun;
use serde::Serialize;

use super::names::plain;
use super::{ExportError, Exporter, Input, json, series};

/// Writes one median per regime and arm, and one per example and regime, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct SmallerIsBetter;

#[derive(Serialize)]
struct Entry {
    name: String,
    unit: &'static str,
    value: f64,
    /// Half the width of the interval; the interval itself is in `extra`, because it is rarely symmetric.
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    extra: String,
}

impl Exporter for SmallerIsBetter {
    fn export(&self, input: &Input) -> Result<String, ExportError> {
        let entries: Vec<Entry> =
            series::all(input).into_iter().map(|one| entry(input, one)).collect();
        json(&entries)
    }

    fn notes(&self, run: &LoadedRun) -> Vec<String> {
        series::notes(run)
    }
}

fn entry(input: &Input, one: series::Series) -> Entry {
    let mut extra = Vec::new();
    if let Some(total) = one.total {
        extra.push(format!("n={}", total.samples));
    }
    extra.push(format!("regime={}", one.regime));
    extra.push(format!("arm={}", one.arm));
    if let Some((low, high, level)) = one.interval {
        extra.push(format!("interval={low}..{high} s at {level:.3}"));
    }
    extra.push(format!("run={}", plain(input.run.run.id.as_str())));
    if let Some(cpu) = &input.run.run.host.cpu {
        extra.push(format!("cpu={}", plain(cpu)));
    }
    Entry {
        unit: "s",
        value: one.median_s,
        range: one.interval.map(|(low, high, _)| format!("\u{b1} {:.3}", (high - low) / 2.0)),
        extra: extra.join("\n"),
        name: one.name,
    }
}
