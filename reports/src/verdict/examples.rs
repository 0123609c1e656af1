//! Which examples changed apart from the others.
//!
//! What all examples have in common is judged by the comparison of the whole samples: it is removed first.

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{Arm, Change, Example, ExampleChange, LoadedRun, Outcome, Regime, Sample};

use super::judge::Judging;
use super::one_sided::{OneSided, listed};
use super::questions;
use crate::document::units;
use crate::stats::{EXAMPLE_LEVEL, ExampleTest, MIN_PAIRS, Sampling, median, moderate};

/// The fewest examples of a pair: with fewer there are no others to compare one with.
pub const MIN_EXAMPLES: usize = 3;

/// One example with its test.
#[derive(Clone, Debug)]
pub(crate) struct TestedExample {
    /// Name.
    pub(crate) name: String,
    /// Position in the candidate's order of execution, from 1.
    pub(crate) position: u32,
    /// The test.
    pub(crate) test: ExampleTest,
}

/// The examples of a regime.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExampleTests {
    /// Those with enough pairs.
    pub(crate) tested: Vec<TestedExample>,
    /// The others that both arms ran, with their positions.
    untested: Vec<(String, u32)>,
}

impl ExampleTests {
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

/// Why the examples of a regime cannot be tested.
#[derive(Clone, Debug)]
pub(crate) struct Untestable {
    /// In words.
    pub(crate) reason: String,
    /// More pairs would not help: the design or the regime is not what it has to be.
    pub(crate) unproven: bool,
}

/// The flagged examples of every measured regime; none where they cannot be tested.
pub(super) fn changes(judging: &Judging<'_>) -> Vec<ExampleChange> {
    let mut changes = Vec::new();
    for &regime in &judging.run.run.options.regimes {
        for tested in tests(judging, regime).unwrap_or_default().tested {
            let test = tested.test;
            let Some(flag) = test.flag else { continue };
            let (p, q) = match flag {
                Change::Slower => (test.p_greater, test.q_slower),
                Change::Faster => (test.p_less, test.q_faster),
            };
            changes.push(ExampleChange {
                name: tested.name,
                regime,
                ratio: test.estimate.exp(),
                low: (test.low < test.high).then(|| test.low.exp()),
                high: (test.low < test.high).then(|| test.high.exp()),
                level: EXAMPLE_LEVEL,
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
pub(crate) fn tests(judging: &Judging<'_>, regime: Regime) -> Result<ExampleTests, Untestable> {
    check(judging, regime)?;
    let times = PairedExamples::of(judging.run, regime);
    let names: BTreeSet<&str> = times.positions.keys().copied().collect();
    let rows: Vec<Vec<Option<f64>>> = times
        .by_block
        .values()
        .map(|block| names.iter().map(|name| log_ratio(block.get(name)?)).collect())
        // With one or two examples the median over them is the change itself.
        .filter(|row: &Vec<Option<f64>>| row.iter().flatten().count() >= MIN_EXAMPLES)
        .collect();
    let undecided = |reason| Untestable { reason, unproven: false };
    if rows.len() < MIN_PAIRS {
        return Err(undecided(format!(
            "verdicts on examples need {MIN_PAIRS} pairs with {MIN_EXAMPLES} or more examples, \
             there are {}",
            rows.len()
        )));
    }
    let moderated = moderate(&rows).map_err(|error| undecided(error.to_string()))?;
    let mut tests = ExampleTests::default();
    for (name, test) in names.into_iter().zip(moderated.examples) {
        let position = times.positions.get(name).copied().unwrap_or_default();
        match test.filter(|test| test.n >= MIN_PAIRS) {
            Some(test) => {
                tests.tested.push(TestedExample { name: name.to_owned(), position, test });
            }
            // An example that only one arm has cannot be slower or faster.
            None if times.in_baseline.contains(name) => {
                tests.untested.push((name.to_owned(), position));
            }
            None => {}
        }
    }
    Ok(tests)
}

/// Whether the examples of a regime can be tested at all.
fn check(judging: &Judging<'_>, regime: Regime) -> Result<(), Untestable> {
    if let Err(refusal) = &judging.design {
        let reason = format!("no verdict is possible: {refusal}");
        return Err(Untestable { reason, unproven: true });
    }
    let of = regimes_by_arm(judging.run, regime);
    let unproven =
        |sample: &Sample| sample.regime == of(sample.arm) && sample.outcome == Outcome::Unproven;
    if let Some((sample, _)) = judging.run.samples.iter().find(|(sample, _)| unproven(sample)) {
        let reason = format!("the regime of sample `{}` is not proven", sample.id);
        return Err(Untestable { reason, unproven: true });
    }
    if judging.sampling() == Sampling::Ongoing {
        let reason = "examples are judged when the run is over".to_owned();
        return Err(Untestable { reason, unproven: false });
    }
    Ok(())
}

/// The times of the examples of one regime.
#[derive(Default)]
struct PairedExamples<'a> {
    /// By block and name the logarithms of candidate and baseline: repeats inside a block are one value.
    by_block: BTreeMap<u32, BTreeMap<&'a str, [Vec<f64>; 2]>>,
    /// The first position of each example of the candidate.
    positions: BTreeMap<&'a str, u32>,
    /// The examples of the baseline.
    in_baseline: BTreeSet<&'a str>,
}

impl<'a> PairedExamples<'a> {
    fn of(run: &'a LoadedRun, regime: Regime) -> Self {
        let of = regimes_by_arm(run, regime);
        let mut found = Self::default();
        for (sample, examples) in &run.samples {
            if sample.regime != of(sample.arm) {
                continue;
            }
            for example in examples {
                if sample.arm == Arm::Candidate {
                    let known = found.positions.entry(&example.name).or_insert(example.position);
                    *known = example.position.min(*known);
                } else {
                    found.in_baseline.insert(&example.name);
                }
                if usable(example) {
                    let block = found.by_block.entry(sample.block).or_default();
                    let arms = block.entry(&example.name).or_default();
                    arms[usize::from(sample.arm == Arm::Baseline)]
                        .push((example.wall_ns as f64).ln());
                }
            }
        }
        found
    }
}

/// The selected examples that failed or timed out in the candidate where the baseline passed them in the same
/// block, in words. They have no time that could be tested, and leaving them out would pass them.
pub(crate) fn failed(
    run: &LoadedRun,
    regime: Regime,
    selects: impl Fn(&str, u32) -> bool,
) -> Option<String> {
    let of = regimes_by_arm(run, regime);
    let one_sided = OneSided::of(run, |arm, regime| regime == of(arm));
    let failed = one_sided.candidate.examples.iter();
    let (names, blocks): (Vec<&String>, Vec<u32>) = failed
        .filter(|(name, failed)| selects(name, failed.position))
        .map(|(name, failed)| (name, failed.blocks))
        .unzip();
    let most = blocks.into_iter().max()?;
    let blocks = units::counted(one_sided.blocks as usize, "block");
    Some(format!(
        "{} failed or timed out in the candidate where the baseline passed, in {most} of {blocks}",
        listed(names.into_iter())
    ))
}

/// The regime of each arm's samples.
fn regimes_by_arm(run: &LoadedRun, regime: Regime) -> impl Fn(Arm) -> Regime + use<> {
    let (candidate, against) = questions::compared_regimes(run, regime);
    move |arm| match arm {
        Arm::Candidate => candidate,
        Arm::Baseline => against,
    }
}

fn usable(example: &Example) -> bool {
    example.outcome == Outcome::Ok && example.wall_ns > 0
}

fn log_ratio([new, base]: &[Vec<f64>; 2]) -> Option<f64> {
    Some(median(new)? - median(base)?)
}
