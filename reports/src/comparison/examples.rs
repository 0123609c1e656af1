//! Which examples changed apart from the others.
//!
//! What all examples have in common is the business of the sample's own verdict: it is taken out first.

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{Arm, Change, Example, ExampleChange, LoadedRun, Outcome, Regime};

use super::asked;
use super::design::Refusal;
use super::judge::stage;
use crate::stats::{Direction, EXAMPLE_LEVEL, ExampleTest, MIN_PAIRS, Stage, median, moderate};

/// Confidence of the interval of one example.
pub(crate) const LEVEL: f64 = EXAMPLE_LEVEL;
/// The fewest examples of a pair: below there are no others to be unlike.
pub const MIN_EXAMPLES: usize = 3;

/// One example with its test.
#[derive(Clone, Debug)]
pub(crate) struct Tested {
    /// Name.
    pub(crate) name: String,
    /// Position in the candidate's order of execution, from 1.
    pub(crate) position: u32,
    /// The test.
    pub(crate) test: ExampleTest,
}

/// Why the examples of a regime are not tested.
#[derive(Clone, Debug)]
pub(crate) struct Doubt {
    /// In words.
    pub(crate) reason: String,
    /// More pairs would not help.
    pub(crate) unproven: bool,
}

/// The flagged examples of every measured regime; none where they cannot be tested.
pub(super) fn changes(run: &LoadedRun, design: &Result<(), Refusal>) -> Vec<ExampleChange> {
    let mut changes = Vec::new();
    for &regime in &run.run.options.regimes {
        for tested in tests(run, design, regime).unwrap_or_default() {
            let test = tested.test;
            let Some(flag) = test.flag else { continue };
            let (flag, p, q) = match flag {
                Direction::Slower => (Change::Slower, test.p_greater, test.q_slower),
                Direction::Faster => (Change::Faster, test.p_less, test.q_faster),
            };
            changes.push(ExampleChange {
                name: tested.name,
                regime,
                ratio: test.estimate.exp(),
                low: (test.low < test.high).then(|| test.low.exp()),
                high: (test.low < test.high).then(|| test.high.exp()),
                level: LEVEL,
                p,
                q,
                n: test.n as u32,
                flag,
            });
        }
    }
    changes
}

/// The test of every example with enough pairs in one regime. They are tested once, when the run is over:
/// no level is set aside for looks on the way.
pub(crate) fn tests(
    run: &LoadedRun,
    design: &Result<(), Refusal>,
    regime: Regime,
) -> Result<Vec<Tested>, Doubt> {
    let doubt = |reason: String, unproven| Err(Doubt { reason, unproven });
    if let Err(refusal) = design {
        return doubt(format!("no verdict is possible: {refusal}"), true);
    }
    let (own, against) = asked::opposites(run, regime);
    let of = |arm: Arm| match arm {
        Arm::Candidate => own,
        Arm::Baseline => against,
    };
    let unproven =
        |s: &bench_record::Sample| s.regime == of(s.arm) && s.outcome == Outcome::Unproven;
    if let Some((sample, _)) = run.samples.iter().find(|(sample, _)| unproven(sample)) {
        return doubt(format!("the regime of sample `{}` is not proven", sample.id), true);
    }
    if stage(run) == Stage::Running {
        return doubt("examples are judged when the run is over".to_owned(), false);
    }
    // Block, name, arm: repeats of one block are one value.
    let mut times: BTreeMap<u32, BTreeMap<&str, [Vec<f64>; 2]>> = BTreeMap::new();
    let mut positions: BTreeMap<&str, u32> = BTreeMap::new();
    for (sample, examples) in &run.samples {
        if sample.regime != of(sample.arm) {
            continue;
        }
        for example in examples.iter().filter(|example| usable(example)) {
            let sides = times.entry(sample.block).or_default().entry(&example.name).or_default();
            sides[usize::from(sample.arm == Arm::Baseline)].push((example.wall_ns as f64).ln());
            if sample.arm == Arm::Candidate {
                let known = positions.entry(&example.name).or_insert(example.position);
                *known = example.position.min(*known);
            }
        }
    }
    let names: BTreeSet<&str> = positions.keys().copied().collect();
    let rows: Vec<Vec<Option<f64>>> = times
        .values()
        .map(|block| names.iter().map(|name| log_ratio(block.get(name)?)).collect())
        // With one or two the median over them is the change itself.
        .filter(|row: &Vec<Option<f64>>| row.iter().flatten().count() >= MIN_EXAMPLES)
        .collect();
    if rows.len() < MIN_PAIRS {
        return doubt(
            format!(
                "verdicts on examples need {MIN_PAIRS} pairs with {MIN_EXAMPLES} or more examples, \
                 there are {}",
                rows.len()
            ),
            false,
        );
    }
    let tested = match moderate(&rows) {
        Ok(tested) => tested,
        Err(error) => return doubt(error.to_string(), false),
    };
    Ok(names
        .into_iter()
        .zip(tested.examples)
        .filter_map(|(name, test)| {
            let test = test.filter(|test| test.n >= MIN_PAIRS)?;
            let position = positions.get(name).copied().unwrap_or_default();
            Some(Tested { name: name.to_owned(), position, test })
        })
        .collect())
}

fn usable(example: &Example) -> bool {
    example.outcome == Outcome::Ok && example.wall_ns > 0
}

fn log_ratio([new, base]: &[Vec<f64>; 2]) -> Option<f64> {
    Some(median(new).ok()? - median(base).ok()?)
}
