//! The times of single examples: one row each, the first apart from the others, and their distribution.

use std::collections::BTreeMap;

use bench_record::{Arm, Distribution, Example, ExampleSummary, Histogram, Outcome, Regime};

use super::samples::{MeasuredSample, seconds};
use crate::stats::median;

/// One row per example of the candidate arm, in order of execution.
///
/// Times are medians of `ok` times from every sample whose regime is proven: when one example of a sample fails,
/// the sample's total cannot be used, but the times of its other examples can.
pub(super) fn all(samples: &[MeasuredSample]) -> Vec<ExampleSummary> {
    let mut by_name: BTreeMap<&str, ExampleTimes> = BTreeMap::new();
    for (sample, examples) in samples.iter().filter(|(sample, _)| sample.arm == Arm::Candidate) {
        let proven =
            sample.outcome != Outcome::Unproven && sample.evidence.contradictions.is_empty();
        for example in *examples {
            let times = by_name.entry(&example.name).or_default();
            times.positions.push(example.position);
            if proven && example.outcome == Outcome::Ok {
                times.by_regime.entry(sample.regime).or_default().push(seconds(example.wall_ns));
            }
            // Strictly worse, so that the reason is that of the earliest sample that ended so.
            if times.worst.is_none_or(|worst| example.outcome > worst.outcome) {
                times.worst = Some(example);
            }
        }
    }
    let mut summaries: Vec<ExampleSummary> =
        by_name.into_iter().filter_map(|(name, times)| times.summary(name)).collect();
    summaries.sort_by(|a, b| (a.position, &a.name).cmp(&(b.position, &b.name)));
    summaries
}

/// One example in all samples.
#[derive(Default)]
struct ExampleTimes<'a> {
    positions: Vec<u32>,
    by_regime: BTreeMap<Regime, Vec<f64>>,
    /// The first of those with the worst outcome.
    worst: Option<&'a Example>,
}

impl ExampleTimes<'_> {
    fn summary(mut self, name: &str) -> Option<ExampleSummary> {
        // The order of examples that a tool runs in parallel may vary: the lower median is a position that occurred.
        self.positions.sort_unstable();
        let position = *self.positions.get(self.positions.len().checked_sub(1)? / 2)?;
        let time = |regime| self.by_regime.get(&regime).and_then(|times| median(times));
        let worst = self.worst?;
        Some(ExampleSummary {
            name: name.to_owned(),
            position,
            cold_s: time(Regime::Cold),
            same_runner_s: time(Regime::SameRunner),
            cross_runner_s: time(Regime::CrossRunner),
            moved_runner_s: time(Regime::MovedRunner),
            hot_s: time(Regime::Hot),
            unknown_s: time(Regime::Unknown),
            outcome: worst.outcome,
            reason: worst.reason.clone(),
        })
    }
}

/// Median over samples of the time of the example at position 1.
pub(super) fn first(samples: &[MeasuredSample]) -> Option<f64> {
    over_samples(samples, |example| example.position == 1)
}

/// Median over samples of each sample's median of the later examples.
pub(super) fn others(samples: &[MeasuredSample]) -> Option<f64> {
    over_samples(samples, |example| example.position > 1)
}

fn over_samples(samples: &[MeasuredSample], wanted: fn(&Example) -> bool) -> Option<f64> {
    let medians: Vec<f64> = samples
        .iter()
        .filter_map(|(_, examples)| {
            let times: Vec<f64> = examples
                .iter()
                .filter(|example| wanted(example) && example.outcome == Outcome::Ok)
                .map(|example| seconds(example.wall_ns))
                .collect();
            median(&times)
        })
        .collect();
    median(&medians)
}

/// The `ok` times of all examples of the samples, for display and for merging parts of a run; no interval comes
/// from here. `None` without one.
pub(super) fn distribution(samples: &[MeasuredSample]) -> Option<Distribution> {
    let mut histogram = Histogram::new();
    for example in samples.iter().flat_map(|(_, examples)| *examples) {
        if example.outcome == Outcome::Ok {
            histogram.record_ns(example.wall_ns);
        }
    }
    Some(Distribution {
        count: histogram.count(),
        p50_s: histogram.quantile_s(0.5)?,
        p90_s: histogram.quantile_s(0.9)?,
        p99_s: histogram.quantile_s(0.99)?,
        max_s: histogram.max_s()?,
        histogram: histogram.encode(),
    })
}
