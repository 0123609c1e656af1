//! The samples of a run by regime and arm: what every part of a summary looks up.

use std::collections::BTreeMap;

use bench_record::{Arm, Example, Outcome, Regime, RegimeSummary, Sample};

use crate::stats::median;

/// Nanoseconds in a second.
pub(super) const NS: f64 = 1e9;

/// A sample with its examples.
pub(super) type MeasuredSample<'a> = (&'a Sample, &'a [Example]);

/// Nanoseconds as seconds.
pub(super) fn seconds(ns: u64) -> f64 {
    ns as f64 / NS
}

/// Samples of one regime and arm, whatever their outcome.
pub(super) fn of<'s, 'a>(
    samples: &'s [MeasuredSample<'a>],
    regime: Regime,
    arm: Arm,
) -> impl Iterator<Item = MeasuredSample<'a>> + use<'s, 'a> {
    samples.iter().filter(move |(sample, _)| sample.regime == regime && sample.arm == arm).copied()
}

/// The samples that enter estimates.
pub(super) fn proven<'s, 'a>(
    samples: &'s [MeasuredSample<'a>],
    regime: Regime,
    arm: Arm,
) -> impl Iterator<Item = MeasuredSample<'a>> + use<'s, 'a> {
    of(samples, regime, arm).filter(|(sample, _)| sample.outcome == Outcome::Ok)
}

/// For each block the median of `value` over its `ok` samples; a sample without a value is left out.
///
/// One value per block, because warm repeats of one snapshot are not replicates, and cold and warm of one block
/// share a snapshot and a stretch of time.
pub(super) fn by_block(
    samples: &[MeasuredSample],
    regime: Regime,
    arm: Arm,
    value: impl Fn(&Sample) -> Option<f64>,
) -> BTreeMap<u32, f64> {
    let mut values: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for (sample, _) in proven(samples, regime, arm) {
        values.entry(sample.block).or_default().extend(value(sample));
    }
    values.into_iter().filter_map(|(block, values)| Some((block, median(&values)?))).collect()
}

/// Total seconds of each block.
pub(super) fn walls_by_block(
    samples: &[MeasuredSample],
    regime: Regime,
    arm: Arm,
) -> BTreeMap<u32, f64> {
    by_block(samples, regime, arm, |sample| Some(seconds(sample.wall_ns)))
}

/// The summary of one regime and arm.
pub(crate) fn find(regimes: &[RegimeSummary], regime: Regime, arm: Arm) -> Option<&RegimeSummary> {
    regimes.iter().find(|summary| summary.regime == regime && summary.arm == arm)
}
