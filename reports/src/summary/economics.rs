//! What a warm regime is worth: what a hit saves, what a miss costs, from which share of hits on that pays, and how
//! near the saving comes to what is possible. `docs/METHOD.md`, "Economics", has the formulas.

use std::collections::BTreeSet;

use bench_record::{
    Arm, Assumptions, Economics, Estimate, Month, Regime, RegimeSummary, Sample, Transfer,
};

use super::estimates::{around, of_median};
use super::gain::Gain;
use super::samples::{MeasuredSample, by_block, proven, seconds, walls_by_block};

/// The economics of one warm regime; `None` without a cache, and for hot: no job starts in it.
pub(super) fn of(
    samples: &[MeasuredSample],
    regime: Regime,
    arm: Arm,
    assumptions: &Assumptions,
) -> Option<Economics> {
    if !regime.is_restored()
        || proven(samples, regime, arm).all(|(sample, _)| sample.caches.is_empty())
    {
        return None;
    }
    let moved = moved(samples, regime, arm);
    let network =
        |bytes: u64| assumptions.transfer_bytes_per_s.map_or(0.0, |rate| bytes as f64 / rate);
    let cold = walls_by_block(samples, Regime::Cold, arm);
    let warm = by_block(samples, regime, arm, |sample| {
        Some(seconds(sample.wall_ns) + restore(sample)? + network(archives(sample, &moved)))
    });
    let saves = by_block(samples, Regime::Cold, arm, |sample| {
        Some(save(sample, &moved)? + network(archives(sample, &moved)))
    });
    let gains: Vec<(u32, f64)> =
        warm.iter().filter_map(|(block, warm)| Some((*block, cold.get(block)? - warm))).collect();
    let gain_values: Vec<f64> = gains.iter().map(|(_, gain)| *gain).collect();
    let hit_saves_s = of_median(&gain_values)?;
    let miss_costs_s = of_median(&saves.values().copied().collect::<Vec<_>>());
    let break_even_hit_rate = miss_costs_s.and_then(|miss| {
        let rates: Vec<f64> = gains
            .iter()
            .filter_map(|(block, gain)| {
                Some(break_even(*gain, *saves.get(block)?).unwrap_or(f64::INFINITY))
            })
            .collect();
        break_even(hit_saves_s.value, miss.value).map(|rate| around(rate, &rates))
    });
    let job_saves_s = assumptions
        .hit_rate
        .zip(miss_costs_s)
        .map(|(rate, miss)| rate * hit_saves_s.value - (1.0 - rate) * miss.value);
    let month = job_saves_s.zip(assumptions.jobs_per_month).map(|(saves, jobs)| {
        let minutes = saves * jobs / 60.0;
        Month { minutes, money: assumptions.price_per_minute.map(|price| minutes * price) }
    });
    Some(Economics {
        transfer: if moved.is_empty() { Transfer::Stayed } else { Transfer::Archive },
        blocks: gains.len() as u32,
        hit_saves_s,
        miss_costs_s,
        break_even_hit_rate,
        job_saves_s,
        month,
    })
}

/// The share of hits `h` with `h gain = (1 - h) miss`; `None` when a hit saves nothing.
fn break_even(gain: f64, miss: f64) -> Option<f64> {
    (gain > 0.0).then(|| miss / (gain + miss))
}

/// Caches that came to the runner in an archive; the others were kept there.
fn moved<'a>(samples: &[MeasuredSample<'a>], regime: Regime, arm: Arm) -> BTreeSet<&'a str> {
    proven(samples, regime, arm)
        .flat_map(|(sample, _)| {
            // A cache step restores all at once: its time is recorded with one of them.
            let from_snapshot = sample.evidence.snapshot.is_some();
            sample.caches.iter().filter(move |(_, cache)| {
                let restored =
                    from_snapshot && cache.archived_with.is_none() && cache.files_before > 0;
                restored
                    || cache.archive_bytes.is_some()
                    || cache.restore_ns.is_some_and(|ns| ns > 0)
            })
        })
        .map(|(name, _)| name.as_str())
        .collect()
}

/// Time to restore; unknown where another job's cache step restored and its time was not stated.
fn restore(sample: &Sample) -> Option<f64> {
    let times = sample.caches.values().filter_map(|cache| cache.restore_ns).map(seconds);
    (!sample.restore_is_unknown()).then(|| times.sum())
}

/// Time to save what the warm regime restores; unknown when one of these caches was not saved.
fn save(sample: &Sample, moved: &BTreeSet<&str>) -> Option<f64> {
    moved.iter().map(|name| sample.caches.get(*name)?.save_ns.map(seconds)).sum()
}

/// Bytes of the archives.
fn archives(sample: &Sample, moved: &BTreeSet<&str>) -> u64 {
    moved
        .iter()
        .filter_map(|name| sample.caches.get(*name)?.archive_bytes)
        .fold(0, u64::saturating_add)
}

/// Share of the possible saving, `(cold - warm) / (cold - hot)`, transfer left out: what hot still takes, no cache
/// can remove. The ratio of the medians' differences, with the interval of the blocks' own shares. `None` unless hot
/// is clearly faster than cold.
pub(super) fn saving_captured(
    samples: &[MeasuredSample],
    cold: &RegimeSummary,
    warm: &RegimeSummary,
    hot: &RegimeSummary,
) -> Option<Estimate> {
    if !warm.regime.is_restored() || Gain::of(hot, Some(cold)) != Gain::Faster {
        return None;
    }
    let (cold_s, warm_s, hot_s) = (cold.wall_s?.median, warm.wall_s?.median, hot.wall_s?.median);
    let walls = |regime| walls_by_block(samples, regime, warm.arm);
    let cold_blocks = walls(Regime::Cold);
    let hot_blocks = walls(Regime::Hot);
    let shares: Option<Vec<f64>> = walls(warm.regime)
        .into_iter()
        .filter_map(|(block, warm)| {
            Some((*cold_blocks.get(&block)?, warm, *hot_blocks.get(&block)?))
        })
        // A block without a possible saving has no share, and to leave it out would be a choice by outcome.
        .map(|(cold, warm, hot)| captured_share(cold, warm, hot))
        .collect();
    captured_share(cold_s, warm_s, hot_s).map(|value| around(value, &shares.unwrap_or_default()))
}

fn captured_share(cold: f64, warm: f64, hot: f64) -> Option<f64> {
    (cold > hot).then(|| (cold - warm) / (cold - hot))
}
