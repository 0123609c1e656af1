//! What a run was to measure, and whether all of it is there.

use std::collections::BTreeSet;

use bench_record::{Arm, EndReason, LoadedRun, Regime};

/// The samples of a run compared with its plan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Completeness {
    /// Planned samples; in a run that may end early those up to the last recorded block.
    pub(super) samples: usize,
    /// How many of these were recorded, whatever their outcome.
    pub(super) found: usize,
    /// Blocks that count.
    pub(super) blocks: u32,
    /// Why the run ended before its last block, though it ended as it was meant to.
    pub(super) early: Option<EndReason>,
    /// Whether the run ended as it was meant to and no planned sample is missing.
    pub(super) complete: bool,
}

impl Completeness {
    pub(super) fn of(run: &LoadedRun) -> Self {
        let options = &run.run.options;
        let reason = run.end.as_ref().map(|end| end.reason);
        let last = run.samples.iter().map(|(sample, _)| sample.block).max().unwrap_or(0);
        // A part of a plan is complete when its own blocks are.
        let only = options.only_blocks.as_deref();
        let (blocks, early) = match reason {
            Some(reason @ (EndReason::Decided | EndReason::Budget)) => {
                (last.min(options.blocks), (last < options.blocks).then_some(reason))
            }
            _ => (options.blocks, None),
        };
        let mut each = per_block(run);
        // A job of one stage is complete when its own samples are.
        if let Some(options) = &options.stage {
            each.retain(|(regime, _)| options.stage.takes(*regime));
        }
        let found: BTreeSet<_> = run
            .samples
            .iter()
            .map(|(sample, _)| (sample.block, sample.regime, sample.arm))
            .filter(|(block, regime, arm)| {
                (1..=blocks).contains(block) && each.contains(&(*regime, *arm))
            })
            .collect();
        let wanted = (1..=blocks).filter(|block| only.is_none_or(|only| only.contains(block)));
        let samples = wanted.count() * each.len();
        let ended = reason.is_some_and(EndReason::is_complete);
        Self {
            samples,
            found: found.len(),
            blocks,
            early,
            complete: ended && found.len() == samples && (last > 0 || early.is_none()),
        }
    }
}

/// The planned regimes and arms of a block: as recorded, or, where the records do not say, derived from the
/// options and from what was measured.
fn per_block(run: &LoadedRun) -> BTreeSet<(Regime, Arm)> {
    if !run.run.cells.is_empty() {
        return run.run.cells.iter().map(|cell| (cell.regime, cell.arm)).collect();
    }
    let cold_only = cold_only(run);
    let regimes = &run.run.options.regimes;
    run.run
        .arms
        .iter()
        .flat_map(|arm| regimes.iter().map(move |regime| (*regime, arm.arm)))
        .filter(|(regime, arm)| !(regime.is_warm() && cold_only.contains(arm)))
        .collect()
}

/// Arms of other param values under which no cache is active: they are measured only cold. Recognised by their
/// records: not one warm sample, where the other arm has some.
pub(super) fn cold_only(run: &LoadedRun) -> BTreeSet<Arm> {
    let warm: BTreeSet<Arm> = run
        .samples
        .iter()
        .filter(|(sample, _)| sample.regime.is_warm())
        .map(|(sample, _)| sample.arm)
        .collect();
    let differ = run.run.arms.iter().any(|arm| !arm.params.is_empty());
    if warm.is_empty() || !differ {
        return BTreeSet::new();
    }
    run.run.arms.iter().map(|arm| arm.arm).filter(|arm| !warm.contains(arm)).collect()
}
