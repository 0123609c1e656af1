//! Which examples changed apart from the others.
//!
//! What all examples have in common is the business of the sample's own verdict: it is taken out first.

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{Arm, Change, Example, ExampleChange, LoadedRun, Outcome, Regime};

use super::asked;
use super::design::Refusal;
use super::failures::{OneSided, listed};
use super::judge::stage;
use crate::document::units;
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

/// The examples of a regime.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tests {
    /// Those with enough pairs.
    pub(crate) tested: Vec<Tested>,
    /// The others that both arms ran, with their position.
    untested: Vec<(String, u32)>,
}

impl Tests {
    /// The examples of a selection that could not be tested, in words.
    pub(crate) fn untested(&self, selects: impl Fn(&str, u32) -> bool) -> Option<String> {
        let names: Vec<&String> = self
            .untested
            .iter()
            .filter(|(name, position)| selects(name, *position))
            .map(|(name, _)| name)
            .collect();
        (!names.is_empty()).then(|| {
            format!(
                "{} passed in both arms in fewer than {MIN_PAIRS} blocks",
                listed(names.into_iter())
            )
        })
    }
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
        for tested in tests(run, design, regime).unwrap_or_default().tested {
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
) -> Result<Tests, Doubt> {
    let doubt = |reason: String, unproven| Err(Doubt { reason, unproven });
    if let Err(refusal) = design {
        return doubt(format!("no verdict is possible: {refusal}"), true);
    }
    let of = sides(run, regime);
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
    let mut in_baseline: BTreeSet<&str> = BTreeSet::new();
    for (sample, examples) in &run.samples {
        if sample.regime != of(sample.arm) {
            continue;
        }
        for example in examples {
            if sample.arm == Arm::Candidate {
                let known = positions.entry(&example.name).or_insert(example.position);
                *known = example.position.min(*known);
            } else {
                in_baseline.insert(&example.name);
            }
            if usable(example) {
                let sides =
                    times.entry(sample.block).or_default().entry(&example.name).or_default();
                sides[usize::from(sample.arm == Arm::Baseline)].push((example.wall_ns as f64).ln());
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
    let moderated = match moderate(&rows) {
        Ok(moderated) => moderated,
        Err(error) => return doubt(error.to_string(), false),
    };
    let mut tests = Tests::default();
    for (name, test) in names.into_iter().zip(moderated.examples) {
        let position = positions.get(name).copied().unwrap_or_default();
        match test.filter(|test| test.n >= MIN_PAIRS) {
            Some(test) => tests.tested.push(Tested { name: name.to_owned(), position, test }),
            // What only one arm has was never slower nor faster.
            None if in_baseline.contains(name) => {
                tests.untested.push((name.to_owned(), position));
            }
            None => {}
        }
    }
    Ok(tests)
}

/// The selected examples that the candidate failed, or that timed out, where the baseline passed them in the
/// same block, in words. They have no time that could be tested, and leaving them out would pass them.
pub(crate) fn failed(
    run: &LoadedRun,
    regime: Regime,
    selects: impl Fn(&str, u32) -> bool,
) -> Option<String> {
    let of = sides(run, regime);
    let one_sided = OneSided::of(run, |arm, regime| regime == of(arm));
    let failed = one_sided.candidate.examples.iter();
    let (names, blocks): (Vec<&String>, Vec<u32>) = failed
        .filter(|(name, wrong)| selects(name, wrong.position))
        .map(|(name, wrong)| (name, wrong.blocks))
        .unzip();
    let most = blocks.into_iter().max()?;
    let blocks = units::counted(one_sided.blocks as usize, "block");
    Some(format!(
        "{} failed or timed out in the candidate where the baseline passed, in {most} of {blocks}",
        listed(names.into_iter())
    ))
}

/// The regime of each arm's samples.
fn sides(run: &LoadedRun, regime: Regime) -> impl Fn(Arm) -> Regime + use<> {
    let (own, against) = asked::opposites(run, regime);
    move |arm| match arm {
        Arm::Candidate => own,
        Arm::Baseline => against,
    }
}

fn usable(example: &Example) -> bool {
    example.outcome == Outcome::Ok && example.wall_ns > 0
}

fn log_ratio([new, base]: &[Vec<f64>; 2]) -> Option<f64> {
    Some(median(new).ok()? - median(base).ok()?)
}
