//! The times of single examples: one line each, and the first apart from the others.

use std::collections::BTreeMap;

use bench_record::{Arm, Example, ExampleSummary, Outcome, Regime};

use super::{Taken, seconds};
use crate::location::median;

/// One line an example of the candidate arm, in order of execution.
///
/// Times are medians of `ok` times from every sample whose regime is proven: when one example of a sample
/// fails, the sample's total is no estimate, but the other examples' own times are what they are.
pub(crate) fn all(samples: &[Taken]) -> Vec<ExampleSummary> {
    let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
    for (sample, examples) in samples.iter().filter(|(sample, _)| sample.arm == Arm::Candidate) {
        let proven =
            sample.outcome != Outcome::Unproven && sample.evidence.contradictions.is_empty();
        for example in *examples {
            let seen = seen.entry(&example.name).or_default();
            seen.positions.push(example.position);
            if proven && example.outcome == Outcome::Ok {
                seen.times.entry(sample.regime).or_default().push(seconds(example.wall_ns));
            }
            // Strictly worse, so that the reason is that of the earliest sample that ended so.
            if seen.worst.is_none_or(|worst| example.outcome > worst.outcome) {
                seen.worst = Some(example);
            }
        }
    }
    let mut summaries: Vec<ExampleSummary> =
        seen.into_iter().filter_map(|(name, seen)| seen.summary(name)).collect();
    summaries.sort_by(|a, b| (a.position, &a.name).cmp(&(b.position, &b.name)));
    summaries
}

#[derive(Default)]
struct Seen<'a> {
    positions: Vec<u32>,
    times: BTreeMap<Regime, Vec<f64>>,
    worst: Option<&'a Example>,
}

impl Seen<'_> {
    fn summary(mut self, name: &str) -> Option<ExampleSummary> {
        // The order of examples that a tool runs in parallel may vary: the lower median is one that was seen.
        self.positions.sort_unstable();
        let position = *self.positions.get(self.positions.len().checked_sub(1)? / 2)?;
        let time = |regime| self.times.get(&regime).and_then(|times| median(times));
        let worst = self.worst?;
        Some(ExampleSummary {
            name: name.to_owned(),
            position,
            cold_s: time(Regime::Cold),
            same_runner_s: time(Regime::SameRunner),
            cross_runner_s: time(Regime::CrossRunner),
            hot_s: time(Regime::Hot),
            unknown_s: time(Regime::Unknown),
            outcome: worst.outcome,
            reason: worst.reason.clone(),
        })
    }
}

/// Median over samples of the time of the example at position 1.
pub(crate) fn first(samples: &[Taken]) -> Option<f64> {
    over_samples(samples, |example| example.position == 1)
}

/// Median over samples of each sample's median of the later examples.
pub(crate) fn others(samples: &[Taken]) -> Option<f64> {
    over_samples(samples, |example| example.position > 1)
}

fn over_samples(samples: &[Taken], wanted: fn(&Example) -> bool) -> Option<f64> {
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
