//! `sample.json` of criterion.rs.
//!
//! Sample `i` is a batch of `iters[i]` iterations that took `times[i]` nanoseconds together. What can be
//! compared with other times is the time of one iteration, `times[i] / iters[i]`: with linear sampling the batches
//! differ in size.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::results::{ImportedSeries, Reading, Results, json};
use crate::formats::extract::{Malformed, Position, from_nanos};

/// Below this a whole nanosecond is more than half a percent of the time.
const COARSE_NS: u64 = 100;

#[derive(Deserialize)]
struct Samples {
    iters: Vec<f64>,
    times: Vec<f64>,
}

pub(super) fn read(text: &str, name: &str) -> Result<Results, Malformed> {
    let value: serde_json::Value = json(text)?;
    if value.get("median").is_some() && value.get("times").is_none() {
        let message =
            "estimates, not samples (hint: import the `sample.json` of the same directory)";
        return Err(Malformed::new(Position::LineColumn(1, 1), message));
    }
    let Samples { iters, times } = json(text)?;
    if iters.len() != times.len() {
        let message = format!(
            "{} `times` and {} `iters`, expected the same number",
            times.len(),
            iters.len()
        );
        return Err(Malformed::new(Position::LineColumn(1, 1), message));
    }
    let samples: Result<Vec<Reading>, Malformed> = times
        .iter()
        .zip(&iters)
        .zip(1..)
        .map(|((time, iterations), number)| {
            let wrong = |message: String| Malformed::new(Position::Unit(number), message);
            if *iterations < 1.0 {
                return Err(wrong(format!("{iterations} iterations, expected at least 1")));
            }
            let wall_ns = from_nanos(time / iterations).ok_or_else(|| {
                wrong(format!("time {time}, expected nanoseconds from 0 to 1e18 per iteration"))
            })?;
            Ok(Reading::ok(wall_ns))
        })
        .collect();
    let samples = samples?;
    let mut notes = Vec::new();
    if samples.iter().any(|sample| sample.wall_ns < COARSE_NS) {
        notes.push(format!(
            "times of `{name}` below {COARSE_NS} ns lose digits: records have whole nanoseconds"
        ));
    }
    let series = ImportedSeries { name: name.to_owned(), params: BTreeMap::new(), samples };
    Ok(Results { series: vec![series], notes })
}
