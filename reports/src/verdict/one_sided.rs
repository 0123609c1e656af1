//! What happened in one arm only: it failed where the other ran well, or it ran examples that the other does not
//! have.
//!
//! A pair with a failed side has no ratio, and an example that fails at once makes its sample short. The remaining
//! pairs would be judged as if nothing had happened, so these counts limit the verdict.

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{Arm, Example, LoadedRun, Outcome, Regime, Sample};

use super::pairs::blocks;
use crate::document::text::quoted;
use crate::document::units;

/// Number of examples that a sentence names; the others are counted.
const NAMED: usize = 3;

/// An example that failed or timed out in one arm and passed in the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FailedExample {
    /// Its first position in the arm that failed.
    pub(crate) position: u32,
    /// Blocks in which it failed.
    pub(crate) blocks: u32,
}

/// What failed in one arm where the other ran well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ArmFailures {
    /// Blocks in which the sample failed, or an example failed or timed out.
    pub(crate) blocks: u32,
    /// Each such example.
    pub(crate) examples: BTreeMap<String, FailedExample>,
}

/// The two arms of the blocks in which both were measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OneSided {
    /// Blocks with both arms.
    pub(crate) blocks: u32,
    /// What failed in the candidate only.
    pub(crate) candidate: ArmFailures,
    /// What failed in the baseline only.
    pub(crate) baseline: ArmFailures,
    /// Examples that only this arm had in a block in which both arms ran well.
    pub(crate) only: BTreeMap<Arm, BTreeSet<String>>,
}

impl OneSided {
    /// Compares the arms by their samples of those arms and regimes for which `concerns` is true.
    pub(crate) fn of(run: &LoadedRun, concerns: impl Fn(Arm, Regime) -> bool) -> Self {
        let examples: BTreeMap<_, &[Example]> =
            run.samples.iter().map(|(s, examples)| (&s.id, examples.as_slice())).collect();
        let mut found = Self::default();
        for block in blocks(run) {
            let side = |arm| {
                let samples = block.iter().filter(|s| s.arm == arm && concerns(arm, s.regime));
                ArmInBlock::of(
                    samples.map(|s| (*s, examples.get(&s.id).copied().unwrap_or_default())),
                )
            };
            let (candidate, baseline) = (side(Arm::Candidate), side(Arm::Baseline));
            if candidate.samples == 0 || baseline.samples == 0 {
                continue;
            }
            found.blocks += 1;
            found.candidate.add(&candidate, &baseline);
            found.baseline.add(&baseline, &candidate);
            if candidate.ran_well() && baseline.ran_well() {
                for (arm, this, other) in [
                    (Arm::Candidate, &candidate, &baseline),
                    (Arm::Baseline, &baseline, &candidate),
                ] {
                    let extra =
                        this.examples.keys().filter(|name| !other.examples.contains_key(*name));
                    let extra: Vec<String> = extra.map(|name| (*name).to_owned()).collect();
                    if !extra.is_empty() {
                        found.only.entry(arm).or_default().extend(extra);
                    }
                }
            }
        }
        found
    }

    /// Why no verdict in favour of the candidate is possible.
    pub(crate) fn candidate_failed(&self) -> Option<String> {
        self.candidate.describe(Arm::Candidate, Arm::Baseline, self.blocks)
    }

    /// Why no verdict against the candidate is possible.
    pub(crate) fn baseline_failed(&self) -> Option<String> {
        self.baseline.describe(Arm::Baseline, Arm::Candidate, self.blocks)
    }

    /// The examples of one arm only, in words.
    pub(crate) fn examples_of_one_arm(&self) -> Option<String> {
        let arms: Vec<String> = self
            .only
            .iter()
            .map(|(arm, names)| format!("{} in the {arm}", listed(names.iter())))
            .collect();
        (!arms.is_empty()).then(|| arms.join(", "))
    }
}

impl ArmFailures {
    fn add(&mut self, this: &ArmInBlock<'_>, other: &ArmInBlock<'_>) {
        let mut failed = this.failed && other.ran_well();
        for (name, (position, passed)) in &this.examples {
            let passed_there = other.examples.get(name).is_some_and(|(_, passed)| *passed);
            if !passed && passed_there {
                failed = true;
                let known = self.examples.entry((*name).to_owned()).or_default();
                known.blocks += 1;
                if known.blocks == 1 || *position < known.position {
                    known.position = *position;
                }
            }
        }
        self.blocks += u32::from(failed);
    }

    fn describe(&self, this: Arm, other: Arm, of: u32) -> Option<String> {
        if self.blocks == 0 {
            return None;
        }
        let names = if self.examples.is_empty() {
            String::new()
        } else {
            format!(" ({})", listed(self.examples.keys()))
        };
        let of = units::counted(of as usize, "block");
        Some(format!(
            "the {this} failed in {} of {of}{names} where the {other} ran well",
            self.blocks
        ))
    }
}

/// `` `one`, `two`, `three` and 4 more ``
pub(crate) fn listed<'a>(names: impl ExactSizeIterator<Item = &'a String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let shown: Vec<String> = names.take(NAMED).map(|name| quoted(name)).collect();
    let shown = shown.join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// One arm in one block.
struct ArmInBlock<'a> {
    samples: usize,
    /// Whether a sample failed. A time-out does not count: it is a time longer than every other.
    failed: bool,
    ok: usize,
    /// First position, and whether it passed each time.
    examples: BTreeMap<&'a str, (u32, bool)>,
}

impl<'a> ArmInBlock<'a> {
    fn of(samples: impl Iterator<Item = (&'a Sample, &'a [Example])>) -> Self {
        let mut side = Self { samples: 0, failed: false, ok: 0, examples: BTreeMap::new() };
        for (sample, examples) in samples {
            side.samples += 1;
            side.failed |= sample.outcome == Outcome::Failed;
            side.ok += usize::from(sample.outcome == Outcome::Ok);
            for example in examples {
                let known = side.examples.entry(&example.name).or_insert((example.position, true));
                known.0 = known.0.min(example.position);
                known.1 &= example.outcome == Outcome::Ok;
            }
        }
        side
    }

    fn ran_well(&self) -> bool {
        self.ok == self.samples
    }
}
