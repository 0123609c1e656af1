//! A history as a document: what each measurement did from run to run, and the runs at which it changed.

mod json;
mod markdown;
mod terminal;

use crate::series::Series;

pub use json::{SCHEMA, json};
pub use markdown::markdown;
pub use terminal::terminal;

/// What was found in a history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trend {
    /// Every measurement that was asked for, by scenario, params, kind, regime and measure.
    pub series: Vec<Series>,
    /// What is left out, and how to read the rest, in sentences; foreign text stands in backticks.
    pub notes: Vec<String>,
}

/// Series that share everything but regime and measure, in the order in which they stand.
fn groups(trend: &Trend) -> impl Iterator<Item = &[Series]> {
    trend.series.chunk_by(|one, other| {
        (&one.scenario, &one.params, &one.kind) == (&other.scenario, &other.params, &other.kind)
    })
}

/// `name=value` of every param and the machine.
fn facts(series: &Series) -> Vec<String> {
    let params = series.params.iter().map(|(name, value)| format!("{name}={value}"));
    params.chain([series.kind.to_string()]).collect()
}

/// Steps of a group, a sentence each.
fn steps(group: &[Series]) -> Vec<String> {
    group
        .iter()
        .flat_map(|series| series.steps().iter().map(|step| series.told(step)).collect::<Vec<_>>())
        .collect()
}

/// Said where a group has no step, and how many runs one would have needed.
fn no_step(group: &[Series]) -> String {
    let most = group
        .iter()
        .map(|series| series.medians().into_iter().flatten().count())
        .max()
        .unwrap_or(0);
    let least = 2 * crate::stats::MIN_SEGMENT;
    if most < least {
        format!(
            "No step can be shown: that takes {least} runs with a proven sample, here are {most}."
        )
    } else {
        "No step.".to_owned()
    }
}

/// What the columns mean.
const BASIS: &str = "Each character is a run, a dot one without a proven sample; now: the median since the last step. \
A step stands out of the noise of its own series (1 % of series without one show one) and is 3 % at least.";
