//! The floor: what no cache can remove is what the hot regime still takes.

use bench_record::{Estimate, Regime, RegimeSummary};

use super::estimates::around;
use super::gain::Gain;
use super::{Taken, blocks};

/// Share of the possible saving, `(cold - warm) / (cold - hot)`, transfer left out: ratio of the medians'
/// differences, with the interval of the blocks' own shares. `None` unless hot is clearly faster than cold.
pub(crate) fn captured(
    samples: &[Taken],
    cold: &RegimeSummary,
    warm: &RegimeSummary,
    hot: &RegimeSummary,
) -> Option<Estimate> {
    if !matches!(warm.regime, Regime::SameRunner | Regime::CrossRunner)
        || Gain::of(hot, Some(cold)) != Gain::Faster
    {
        return None;
    }
    let (cold_s, warm_s, hot_s) = (cold.wall_s?.median, warm.wall_s?.median, hot.wall_s?.median);
    let walls = |regime| blocks::walls(samples, regime, warm.arm);
    let cold_blocks = walls(Regime::Cold);
    let hot_blocks = walls(Regime::Hot);
    let shares: Option<Vec<f64>> = walls(warm.regime)
        .into_iter()
        .filter_map(|(block, warm)| {
            Some((*cold_blocks.get(&block)?, warm, *hot_blocks.get(&block)?))
        })
        // A block without a possible saving has no share, and to leave it out would be a choice by outcome.
        .map(|(cold, warm, hot)| share(cold, warm, hot))
        .collect();
    share(cold_s, warm_s, hot_s).map(|value| around(value, &shares.unwrap_or_default()))
}

fn share(cold: f64, warm: f64, hot: f64) -> Option<f64> {
    (cold > hot).then(|| (cold - warm) / (cold - hot))
}
