//! Runs of the days before.

use std::collections::BTreeMap;

use bench_record::Regime;
use bench_reports::trend::{Measure, Point, RunKind, Series};
use chrono::{DateTime, Duration};

/// Commit ids that differ where documents cut them.
pub(crate) fn commit(day: i64) -> String {
    format!("c{day:03}{}", "0".repeat(36))
}

/// One run per value, a day apart.
pub(crate) fn series(regime: Regime, values: &[Option<f64>]) -> Series {
    let points = values.iter().zip(0..).map(|(value, day)| Point {
        run: format!("run-{day:03}"),
        started: DateTime::from_timestamp(1_760_000_000, 0).unwrap() + Duration::days(day),
        source: Some(commit(day)),
        dirty: false,
        key: "77d0".to_owned(),
        median_s: *value,
        samples: 5,
        complete: true,
    });
    Series {
        scenario: "arduino-uno".to_owned(),
        params: BTreeMap::from([("launcher".to_owned(), "ccache".to_owned())]),
        kind: RunKind::One { key: "77d0".to_owned(), machine: "Example CPU, 2 cores".to_owned() },
        regime,
        measure: Measure::Total,
        points: points.collect(),
    }
}
