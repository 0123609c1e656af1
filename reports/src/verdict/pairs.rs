//! From samples to pairs: one pair per block, in the order in which the blocks ran.

use std::collections::BTreeMap;

use bench_record::{Arm, ComparisonOf, Instant, LoadedRun, Outcome, Regime, Sample};

use super::questions::Question;
use crate::stats::{Pairs, StatsError, Time, median};

/// What one arm took in a block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ArmTime {
    /// A time, or a time-out.
    Time(Time),
    /// It failed, or the phase has no time.
    Failed,
}

/// A block in which both arms were measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BlockPair {
    base: ArmTime,
    new: ArmTime,
}

/// The samples that a question is about, in pairs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pairing {
    /// Blocks with both arms, in order of time.
    pairs: Vec<BlockPair>,
    /// Blocks with one arm.
    pub(super) unpaired: u32,
    /// The first sample that the question needs and that is not proven.
    pub(super) unproven: Option<String>,
}

impl Pairing {
    pub(super) fn new(run: &LoadedRun, question: &Question) -> Self {
        let mut pairing = Self::default();
        for samples in blocks(run) {
            let unproven = samples
                .iter()
                .find(|s| s.outcome == Outcome::Unproven && question.concerns(s.arm, s.regime));
            if let (None, Some(sample)) = (&pairing.unproven, unproven) {
                pairing.unproven = Some(sample.id.to_string());
            }
            let new = question.time_of(&samples, Arm::Candidate, question.regime);
            let base = question.time_of(&samples, Arm::Baseline, question.against);
            match (base, new) {
                (Some(base), Some(new)) => pairing.pairs.push(BlockPair { base, new }),
                (None, None) => {}
                _ => pairing.unpaired += 1,
            }
        }
        pairing
    }

    /// Pairs in which a side failed.
    pub(super) fn failed(&self) -> u32 {
        self.pairs.len() as u32 - self.usable().count() as u32
    }

    /// Base and new times of the pairs in which no side failed.
    pub(super) fn usable(&self) -> impl Iterator<Item = (Time, Time)> {
        self.pairs.iter().filter_map(|pair| match (pair.base, pair.new) {
            (ArmTime::Time(base), ArmTime::Time(new)) => Some((base, new)),
            _ => None,
        })
    }

    /// The pairs that are tested.
    pub(super) fn tested(&self) -> Result<Pairs, StatsError> {
        Pairs::new(self.usable())
    }
}

impl Question {
    /// Whether samples of this arm and regime enter the comparison.
    pub(super) fn concerns(&self, arm: Arm, regime: Regime) -> bool {
        let compared = match arm {
            Arm::Candidate => self.regime,
            Arm::Baseline => self.against,
        };
        regime == compared || (self.of == ComparisonOf::WarmOverCold && regime == Regime::Cold)
    }

    /// The value of one arm in one block; `None` when it was not measured there.
    fn time_of(&self, block: &[&Sample], arm: Arm, regime: Regime) -> Option<ArmTime> {
        let of = |regime| {
            one_value(
                block
                    .iter()
                    .filter(|sample| sample.arm == arm && sample.regime == regime)
                    .map(|sample| value(sample, self.phase.as_deref())),
            )
        };
        let time = of(regime)?;
        match self.of {
            ComparisonOf::Time => Some(time),
            ComparisonOf::WarmOverCold => Some(warm_over_cold(time, of(Regime::Cold)?)),
        }
    }
}

/// Warm divided by cold; without a finite cold time there is no ratio.
fn warm_over_cold(warm: ArmTime, cold: ArmTime) -> ArmTime {
    match (warm, cold) {
        (ArmTime::Time(warm), ArmTime::Time(cold)) if !cold.is_timed_out() => {
            if warm.is_timed_out() {
                return ArmTime::Time(Time::TIMED_OUT);
            }
            Time::from_seconds((warm.ln() - cold.ln()).exp()).map_or(ArmTime::Failed, ArmTime::Time)
        }
        _ => ArmTime::Failed,
    }
}

/// Samples by block, the blocks in the order in which they began.
pub(super) fn blocks(run: &LoadedRun) -> Vec<Vec<&Sample>> {
    let mut blocks: BTreeMap<u32, Vec<&Sample>> = BTreeMap::new();
    for (sample, _) in &run.samples {
        blocks.entry(sample.block).or_default().push(sample);
    }
    let mut blocks: Vec<(Option<Instant>, u32, Vec<&Sample>)> = blocks
        .into_iter()
        .map(|(block, samples)| (samples.iter().map(|s| s.started).min(), block, samples))
        .collect();
    blocks.sort_by_key(|(started, block, _)| (*started, *block));
    blocks.into_iter().map(|(_, _, samples)| samples).collect()
}

/// Repeats inside a block share its snapshot and its minute: they are one value, their median. If one failed, the
/// value is unknown.
fn one_value(repeats: impl Iterator<Item = ArmTime>) -> Option<ArmTime> {
    let mut times = Vec::new();
    for repeat in repeats {
        match repeat {
            ArmTime::Time(time) => times.push(time),
            ArmTime::Failed => return Some(ArmTime::Failed),
        }
    }
    times.sort_by(|a, b| a.ln().total_cmp(&b.ln()));
    let middle = times.len() / 2;
    let upper = times.get(middle)?;
    if times.len() % 2 == 1 || upper.is_timed_out() {
        return Some(ArmTime::Time(*upper));
    }
    let lower = times.get(middle.checked_sub(1)?)?;
    let seconds = median(&[lower.ln().exp(), upper.ln().exp()])?;
    Some(Time::from_seconds(seconds).map_or(ArmTime::Failed, ArmTime::Time))
}

/// What one sample took. An unproven one has no value either; it rules out a verdict by itself.
fn value(sample: &Sample, phase: Option<&str>) -> ArmTime {
    let (outcome, wall_ns) = match (sample.outcome, phase) {
        (Outcome::Failed | Outcome::Unproven, _) => return ArmTime::Failed,
        (outcome, None) => (outcome, sample.wall_ns),
        (_, Some(name)) => match sample.phases.iter().find(|phase| phase.name == name) {
            Some(phase) => (phase.outcome, phase.wall_ns),
            // It never reached that phase.
            None => return ArmTime::Failed,
        },
    };
    match outcome {
        Outcome::Ok => {
            Time::from_seconds(wall_ns as f64 / 1e9).map_or(ArmTime::Failed, ArmTime::Time)
        }
        Outcome::TimedOut => ArmTime::Time(Time::TIMED_OUT),
        Outcome::Failed | Outcome::Unproven => ArmTime::Failed,
    }
}
