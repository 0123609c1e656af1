//! Examples that ran one after another: a fixed cost that the first one pays, and a rate.

use std::collections::BTreeSet;

use bench_record::{Example, ExampleModel, ExampleOrder, Outcome, Sample};

use super::estimates::of_median;
use super::samples::{MeasuredSample, NS, seconds};
use crate::stats::median;

/// Examples are taken to have run one after another when their sum is this near to the time of a measured
/// phase, as a share of it. If it is above the time of all measured phases by more than that, they ran in parallel.
pub const SEQUENTIAL: f64 = 0.05;
/// With fewer examples than this the rate cannot be told from the fixed cost.
pub const MIN_EXAMPLES: usize = 3;

/// The model of one regime from its `ok` samples; `None` where it does not apply.
pub(super) fn of(samples: &[MeasuredSample]) -> Option<ExampleModel> {
    if order(samples) != ExampleOrder::Sequential {
        return None;
    }
    let parts: Vec<ModelParts> =
        samples.iter().map(|(sample, examples)| parts(sample, examples)).collect::<Option<_>>()?;
    let over =
        |part: fn(&ModelParts) -> f64| of_median(&parts.iter().map(part).collect::<Vec<_>>());
    Some(ExampleModel {
        examples: samples.first()?.1.len() as u32,
        fixed_s: over(|parts| parts.fixed)?,
        rate_s: over(|parts| parts.rate)?,
        unexplained_s: over(|parts| parts.unexplained)?,
    })
}

/// How the examples of the samples ran.
pub(super) fn order(samples: &[MeasuredSample]) -> ExampleOrder {
    let timed: Vec<&MeasuredSample> =
        samples.iter().filter(|(_, examples)| !examples.is_empty()).collect();
    let orders: BTreeSet<Vec<&str>> = timed.iter().map(|(_, examples)| names(examples)).collect();
    let sequential = |(sample, examples): &&MeasuredSample| phase(sample, examples).is_some();
    let parallel = |(sample, examples): &&MeasuredSample| {
        sum(examples) > seconds(sample.wall_ns) * (1.0 + SEQUENTIAL)
    };
    if timed.is_empty() {
        ExampleOrder::Unknown
    } else if orders.len() == 1 && timed.iter().all(sequential) {
        ExampleOrder::Sequential
    } else if timed.iter().all(parallel) {
        ExampleOrder::Parallel
    } else {
        ExampleOrder::Unknown
    }
}

/// The parts of one sample's time, seconds.
struct ModelParts {
    fixed: f64,
    rate: f64,
    unexplained: f64,
}

fn parts(sample: &Sample, examples: &[Example]) -> Option<ModelParts> {
    if examples.len() < MIN_EXAMPLES
        || examples.iter().any(|example| example.outcome != Outcome::Ok)
    {
        return None;
    }
    let sorted = in_order(examples);
    let (first, later) = sorted.split_first()?;
    let rate = median(&later.iter().map(|e| seconds(e.wall_ns)).collect::<Vec<_>>())?;
    let fixed = seconds(first.wall_ns) - rate;
    let total = phase(sample, examples)?;
    let unexplained = total - fixed - examples.len() as f64 * rate;
    Some(ModelParts { fixed, rate, unexplained: to_nanoseconds(unexplained) })
}

/// Nothing below a nanosecond was recorded: what a subtraction leaves there is rounding, not time.
fn to_nanoseconds(seconds: f64) -> f64 {
    (seconds * NS).round() / NS + 0.0
}

/// Seconds of the measured phase that the examples add up to; `None` when there is none.
fn phase(sample: &Sample, examples: &[Example]) -> Option<f64> {
    let sum = sum(examples);
    sample
        .phases
        .iter()
        .filter(|phase| phase.measured)
        .map(|phase| seconds(phase.wall_ns))
        .filter(|wall| (wall - sum).abs() <= SEQUENTIAL * wall)
        .min_by(|a, b| (a - sum).abs().total_cmp(&(b - sum).abs()))
}

fn sum(examples: &[Example]) -> f64 {
    examples.iter().map(|example| seconds(example.wall_ns)).sum()
}

fn in_order(examples: &[Example]) -> Vec<&Example> {
    let mut sorted: Vec<&Example> = examples.iter().collect();
    sorted.sort_by_key(|example| example.position);
    sorted
}

fn names(examples: &[Example]) -> Vec<&str> {
    in_order(examples).into_iter().map(|example| example.name.as_str()).collect()
}
