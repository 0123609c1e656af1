//! What the script shows of an example: its time in every sample.

use std::collections::BTreeMap;

use bench_record::{Arm, Outcome, Regime};
use serde::Serialize;

use super::input::Input;
use crate::document::text;

/// Longest name in the data, characters.
const LONGEST: usize = 1_000;

/// The data of the page.
#[derive(Debug, Serialize)]
pub(super) struct Data {
    samples: Vec<SampleData>,
    examples: Vec<ExampleData>,
}

#[derive(Debug, Serialize)]
struct SampleData {
    id: String,
    block: u32,
    regime: &'static str,
    arm: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Serialize)]
struct ExampleData {
    name: String,
    /// Microseconds, one place per sample; null where the example was not run.
    us: Vec<Option<u64>>,
    /// How it ended where not well, by the sample's place.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    ended: BTreeMap<usize, &'static str>,
}

/// The samples and, for each example of the summary, its times in them.
pub(super) fn of(input: &Input) -> Data {
    let samples = super::samples::in_order(input.run);
    let places: BTreeMap<&str, usize> = input
        .summary
        .examples
        .iter()
        .enumerate()
        .map(|(index, example)| (example.name.as_str(), index))
        .collect();
    let mut examples: Vec<ExampleData> = input
        .summary
        .examples
        .iter()
        .map(|example| ExampleData {
            name: text::visible(text::named(&example.name)).chars().take(LONGEST).collect(),
            us: vec![None; samples.len()],
            ended: BTreeMap::new(),
        })
        .collect();
    for (place, (_, run)) in samples.iter().enumerate() {
        for example in *run {
            let Some(data) = places.get(example.name.as_str()).and_then(|i| examples.get_mut(*i))
            else {
                continue;
            };
            data.us[place] = Some(example.wall_ns / 1_000);
            if example.outcome != Outcome::Ok {
                data.ended.insert(place, example.outcome.as_str());
            }
        }
    }
    let samples = samples
        .iter()
        .map(|(sample, _)| SampleData {
            id: text::visible(sample.id.as_str()).chars().take(LONGEST).collect(),
            block: sample.block,
            regime: Regime::as_str(sample.regime),
            arm: Arm::as_str(sample.arm),
            outcome: sample.outcome.as_str(),
        })
        .collect();
    Data { samples, examples }
}
