//! A build without the feature: every command of the history says how to get it.

use std::path::Path;

use bench_record::LoadedRun;
use bench_reports::trend::Recent;

use super::super::session::{Failure, Outcome};
use super::args::{Add, Place, Trend};

fn absent() -> Failure {
    Failure::usage(anyhow::anyhow!(
        "this `bench` is built without histories (hint: `cargo install --path harness --features history`)"
    ))
}

pub(super) fn add(_: &Add) -> Outcome {
    Err(absent())
}

pub(super) fn trend(_: &Trend) -> Outcome {
    Err(absent())
}

pub(super) fn compact(_: &Place) -> Outcome {
    Err(absent())
}

/// Earlier runs for a report.
pub(in super::super) fn recent(_: &Path, _: &LoadedRun) -> Result<(Recent, u8), Failure> {
    Err(absent())
}
