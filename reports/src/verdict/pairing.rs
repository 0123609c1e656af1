//! From samples to pairs: one a block, in the order in which the blocks ran.

use std::collections::BTreeMap;

use bench_record::{Arm, ComparisonOf, Instant, LoadedRun, Outcome, Regime, Sample};

use super::asked::Question;
use super::failures::OneSided;
use crate::stats::{Pairs, StatsError, Time, median};

/// One side of a block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Side {
    /// It has a time, or timed out.
    Time(Time),
    /// It failed, or its phase has no time.
    Failed,
}

/// A block in which both arms were measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pair {
    pub(super) base: Side,
    pub(super) new: Side,
}

/// Everything that the samples say about a question.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pairing {
    /// Blocks with both arms, in order of time.
    pub(super) pairs: Vec<Pair>,
    /// Blocks with one arm.
    pub(super) unpaired: u32,
    /// A sample that the question needs is not proven.
    pub(super) unproven: Option<String>,
    /// What only one arm failed, or has.
    pub(super) one_sided: OneSided,
}

impl Pairing {
    pub(super) fn new(run: &LoadedRun, question: &Question) -> Self {
        let one_sided = OneSided::of(run, |arm, regime| question.concerns(arm, regime));
        let mut pairing = Self { one_sided, ..Self::default() };
        for samples in blocks(run) {
            let unproven = samples
                .iter()
                .find(|s| s.outcome == Outcome::Unproven && question.concerns(s.arm, s.regime));
            if let (None, Some(sample)) = (&pairing.unproven, unproven) {
                pairing.unproven = Some(sample.id.to_string());
            }
            let new = question.side(&samples, Arm::Candidate, question.regime);
            let base = question.side(&samples, Arm::Baseline, question.against);
            match (base, new) {
                (Some(base), Some(new)) => pairing.pairs.push(Pair { base, new }),
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

    /// Base and new times of the other pairs.
    pub(super) fn usable(&self) -> impl Iterator<Item = (Time, Time)> {
        self.pairs.iter().filter_map(|pair| match (pair.base, pair.new) {
            (Side::Time(base), Side::Time(new)) => Some((base, new)),
            _ => None,
        })
    }

    /// What the test sees.
    pub(super) fn statistic(&self) -> Result<Pairs, StatsError> {
        Pairs::new(self.usable())
    }
}

impl Question {
    fn concerns(&self, arm: Arm, regime: Regime) -> bool {
        let own = match arm {
            Arm::Candidate => self.regime,
            Arm::Baseline => self.against,
        };
        regime == own || (self.of == ComparisonOf::WarmOverCold && regime == Regime::Cold)
    }

    /// The value of one arm in one block; `None` when it was not measured there.
    fn side(&self, block: &[&Sample], arm: Arm, regime: Regime) -> Option<Side> {
        let of = |regime| {
            one_value(
                block
                    .iter()
                    .filter(|sample| sample.arm == arm && sample.regime == regime)
                    .map(|sample| value(sample, self.phase.as_deref())),
            )
        };
        let own = of(regime)?;
        match self.of {
            ComparisonOf::Time => Some(own),
            ComparisonOf::WarmOverCold => Some(relation(own, of(Regime::Cold)?)),
        }
    }
}

/// Warm over cold; it has no value where cold has no time that anything could be related to.
fn relation(warm: Side, cold: Side) -> Side {
    match (warm, cold) {
        (Side::Time(warm), Side::Time(cold)) if !cold.is_timed_out() => {
            if warm.is_timed_out() {
                return Side::Time(Time::TIMED_OUT);
            }
            Time::from_seconds((warm.ln() - cold.ln()).exp()).map_or(Side::Failed, Side::Time)
        }
        _ => Side::Failed,
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

/// Repeats inside a block share its seed and its minute: they are one value, their median. One that failed
/// makes the value unknown.
fn one_value(sides: impl Iterator<Item = Side>) -> Option<Side> {
    let mut times = Vec::new();
    for side in sides {
        match side {
            Side::Time(time) => times.push(time),
            Side::Failed => return Some(Side::Failed),
        }
    }
    times.sort_by(|a, b| a.ln().total_cmp(&b.ln()));
    let middle = times.len() / 2;
    let upper = times.get(middle)?;
    if times.len() % 2 == 1 || upper.is_timed_out() {
        return Some(Side::Time(*upper));
    }
    let lower = times.get(middle.checked_sub(1)?)?;
    let seconds = median(&[lower.ln().exp(), upper.ln().exp()]).ok()?;
    Some(Time::from_seconds(seconds).map_or(Side::Failed, Side::Time))
}

/// What one sample took. An unproven one has no value either; it forbids the verdict by itself.
fn value(sample: &Sample, phase: Option<&str>) -> Side {
    let (outcome, wall_ns) = match (sample.outcome, phase) {
        (Outcome::Failed | Outcome::Unproven, _) => return Side::Failed,
        (outcome, None) => (outcome, sample.wall_ns),
        (_, Some(name)) => match sample.phases.iter().find(|phase| phase.name == name) {
            Some(phase) => (phase.outcome, phase.wall_ns),
            // It did not come to that phase.
            None => return Side::Failed,
        },
    };
    match outcome {
        Outcome::Ok => Time::from_seconds(wall_ns as f64 / 1e9).map_or(Side::Failed, Side::Time),
        Outcome::TimedOut => Side::Time(Time::TIMED_OUT),
        Outcome::Failed | Outcome::Unproven => Side::Failed,
    }
}
