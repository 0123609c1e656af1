//! Whether the samples were taken in a way that a comparison can rest on. The pairs themselves do not show how they
//! were measured, and with every wrong design the same test is wrong (`docs/METHOD-statistics.md` has the rates), so
//! the times of the records are checked too, not only the design that they state.

use std::collections::BTreeMap;

use bench_record::{Arm, Design, Instant, LoadedRun, Part, Regime, Sample};

use super::questions;

/// From this many blocks on, one arm that was always first is not taken for chance: it would be 2 in 4,096.
pub const FIXED_ORDER_BLOCKS: usize = 12;

/// The design of a run whose arms can be compared, in words.
pub(crate) const WORDS: &str = "randomised blocks, both arms in one job";

/// The same for a run whose arms cannot be compared; the reason is given elsewhere.
pub(crate) const REFUSED: &str = "refused";

/// Why two arms cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// The run states that nothing was randomised.
    #[error(
        "the samples were taken in `{0}` order, where drift of the machine looks like a change"
    )]
    NotRandomised(Design),
    /// Samples of an arm that the run did not measure.
    #[error(
        "sample `{sample}` belongs to the {arm}, which this run did not measure: another job did"
    )]
    ForeignArm {
        /// The sample.
        sample: String,
        /// Its arm.
        arm: Arm,
    },
    /// A sample from before or after the run.
    #[error(
        "sample `{sample}` was not taken between the start and the end of this run: another job took it, or the \
         clock was set meanwhile"
    )]
    ForeignTime {
        /// The sample.
        sample: String,
    },
    /// One arm after the other.
    #[error(
        "every {first} sample was taken before any of the other arm: drift looks like a change"
    )]
    ArmByArm {
        /// The arm that came first.
        first: Arm,
    },
    /// A block that began before the one before it had ended.
    #[error(
        "samples of blocks {earlier} and {later} overlap in time (or the clock was set meanwhile): their pairs are not of one \
         moment"
    )]
    Interleaved {
        /// The block that began first.
        earlier: u32,
        /// The block that overlaps with it.
        later: u32,
    },
    /// The order inside the blocks never changed.
    #[error("the {first} was first in all {blocks} blocks of {regime}: the order was not random")]
    FixedOrder {
        /// The arm.
        first: Arm,
        /// Regime of the candidate.
        regime: Regime,
        /// Blocks with both arms.
        blocks: usize,
    },
}

/// Refuses records for which no test is valid.
pub(crate) fn check(run: &LoadedRun) -> Result<(), Refusal> {
    if run.run.design != Design::Randomised {
        return Err(Refusal::NotRandomised(run.run.design));
    }
    one_job(run)?;
    // Jobs run at the same time; inside each, blocks follow one another.
    for job in jobs(run) {
        arm_by_arm(&job)?;
        blocks_in_order(&job)?;
    }
    random_order(run)
}

/// The samples of each job: of every part of a merged run, otherwise all of them. After a merge every block
/// belongs to a part.
fn jobs(run: &LoadedRun) -> Vec<Vec<&Sample>> {
    if run.run.parts.is_empty() {
        return vec![samples(run).collect()];
    }
    let of = |part: &Part| {
        samples(run)
            .filter(|s| part.blocks.contains(&s.block))
            .filter(|s| part.stage.is_none_or(|stage| stage.takes(s.regime)))
            .collect()
    };
    run.run.parts.iter().map(of).collect()
}

fn samples(run: &LoadedRun) -> impl Iterator<Item = &Sample> {
    run.samples.iter().map(|(sample, _)| sample)
}

fn one_job(run: &LoadedRun) -> Result<(), Refusal> {
    for sample in samples(run) {
        let id = || sample.id.to_string();
        if run.run.arms.iter().all(|arm| arm.arm != sample.arm) {
            return Err(Refusal::ForeignArm { sample: id(), arm: sample.arm });
        }
        let after = run.end.as_ref().is_some_and(|end| sample.started > end.at);
        if sample.started < run.run.started || after {
            return Err(Refusal::ForeignTime { sample: id() });
        }
    }
    Ok(())
}

/// First and last start of some samples.
type Span = (Instant, Instant);

fn span<'a>(samples: impl Iterator<Item = &'a Sample>) -> Option<Span> {
    samples.fold(None, |span, sample| {
        let (first, last) = span.unwrap_or((sample.started, sample.started));
        Some((first.min(sample.started), last.max(sample.started)))
    })
}

fn arm_by_arm(job: &[&Sample]) -> Result<(), Refusal> {
    let of = |arm| span(job.iter().copied().filter(move |sample| sample.arm == arm));
    let (Some(candidate), Some(baseline)) = (of(Arm::Candidate), of(Arm::Baseline)) else {
        return Ok(());
    };
    // Inside a single block one arm always comes first.
    let mut blocks = job.iter().map(|sample| sample.block);
    let first = blocks.next();
    if blocks.all(|block| Some(block) == first) {
        return Ok(());
    }
    if candidate.1 < baseline.0 {
        Err(Refusal::ArmByArm { first: Arm::Candidate })
    } else if baseline.1 < candidate.0 {
        Err(Refusal::ArmByArm { first: Arm::Baseline })
    } else {
        Ok(())
    }
}

fn blocks_in_order(job: &[&Sample]) -> Result<(), Refusal> {
    let mut blocks: BTreeMap<u32, Vec<&Sample>> = BTreeMap::new();
    for &sample in job {
        blocks.entry(sample.block).or_default().push(sample);
    }
    let mut spans: Vec<(Span, u32)> = blocks
        .into_iter()
        .filter_map(|(block, samples)| Some((span(samples.into_iter())?, block)))
        .collect();
    spans.sort_unstable();
    match spans.windows(2).find(|two| two[0].0.1 >= two[1].0.0) {
        None => Ok(()),
        Some(two) => Err(Refusal::Interleaved { earlier: two[0].1, later: two[1].1 }),
    }
}

fn random_order(run: &LoadedRun) -> Result<(), Refusal> {
    for &regime in &run.run.options.regimes {
        let (candidate, against) = questions::compared_regimes(run, regime);
        let mut starts: BTreeMap<u32, [Option<Instant>; 2]> = BTreeMap::new();
        for sample in samples(run) {
            let (side, wanted) = match sample.arm {
                Arm::Candidate => (0, candidate),
                Arm::Baseline => (1, against),
            };
            // A warm sample always comes after its own arm's cold one, so regimes are not mixed here.
            if sample.regime == wanted {
                let start = &mut starts.entry(sample.block).or_default()[side];
                *start = Some(start.map_or(sample.started, |known| known.min(sample.started)));
            }
        }
        let firsts: Vec<bool> = starts
            .values()
            .filter_map(|[candidate, baseline]| Some((*candidate)? < (*baseline)?))
            .collect();
        if firsts.len() < FIXED_ORDER_BLOCKS {
            continue;
        }
        let first = match (firsts.iter().all(|first| *first), firsts.iter().any(|first| *first)) {
            (true, _) => Arm::Candidate,
            (_, false) => Arm::Baseline,
            (false, true) => continue,
        };
        return Err(Refusal::FixedOrder { first, regime, blocks: firsts.len() });
    }
    Ok(())
}
