//! What a warm regime is worth: what a hit saves, what a miss costs, and from which share of hits on
//! that pays. `docs/METHOD.md`, "Economics", has the formulas.

use std::collections::BTreeSet;

use bench_record::{Arm, Assumptions, Economics, Month, Regime, Sample, Transfer};

use super::estimates::{around, of_median};
use super::{Taken, blocks, regimes, seconds};

/// Of one warm regime; `None` without a cache, and for hot: no job starts in it.
pub(crate) fn of(
    samples: &[Taken],
    regime: Regime,
    arm: Arm,
    assumptions: &Assumptions,
) -> Option<Economics> {
    if !matches!(regime, Regime::SameRunner | Regime::CrossRunner)
        || regimes::proven(samples, regime, arm).all(|(sample, _)| sample.caches.is_empty())
    {
        return None;
    }
    let moved = moved(samples, regime, arm);
    let network =
        |bytes: u64| assumptions.transfer_bytes_per_s.map_or(0.0, |rate| bytes as f64 / rate);
    let cold = blocks::walls(samples, Regime::Cold, arm);
    let warm = blocks::values(samples, regime, arm, |sample| {
        Some(seconds(sample.wall_ns) + restore(sample)? + network(archives(sample, &moved)))
    });
    let saves = blocks::values(samples, Regime::Cold, arm, |sample| {
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

/// Caches that came to the runner in an archive; the others stayed there.
fn moved<'a>(samples: &[Taken<'a>], regime: Regime, arm: Arm) -> BTreeSet<&'a str> {
    regimes::proven(samples, regime, arm)
        .flat_map(|(sample, _)| {
            // A cache step restores all at once: its time stands at one of them.
            let brought = sample.evidence.seed.is_some();
            sample.caches.iter().filter(move |(_, cache)| {
                let restored = brought && cache.archived_with.is_none() && cache.files_before > 0;
                restored
                    || cache.archive_bytes.is_some()
                    || cache.restore_ns.is_some_and(|ns| ns > 0)
            })
        })
        .map(|(name, _)| name.as_str())
        .collect()
}

/// Unknown where another job's cache step restored and nobody said how long it took.
fn restore(sample: &Sample) -> Option<f64> {
    let times = sample.caches.values().filter_map(|cache| cache.restore_ns).map(seconds);
    (!sample.restore_is_unknown()).then(|| times.sum())
}

/// Time to save what the warm regime restores; unknown when one of it was not saved.
fn save(sample: &Sample, moved: &BTreeSet<&str>) -> Option<f64> {
    moved.iter().map(|name| sample.caches.get(*name)?.save_ns.map(seconds)).sum()
}

fn archives(sample: &Sample, moved: &BTreeSet<&str>) -> u64 {
    moved
        .iter()
        .filter_map(|name| sample.caches.get(*name)?.archive_bytes)
        .fold(0, u64::saturating_add)
}
