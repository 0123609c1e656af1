//! One summary per regime and arm.

use std::collections::BTreeMap;

use bench_record::{
    Arm, Assumptions, CacheSummary, CacheUse, LoadedRun, Outcome, PhaseSummary, Regime,
    RegimeSummary, Speedup,
};

use super::completeness::cold_only;
use super::estimates::{interval, pseudo_median};
use super::gain::Gain;
use super::samples::{MeasuredSample, NS, find, of, proven, seconds, walls_by_block};
use super::{economics, examples, makespan, model};
use crate::stats::{ConfidenceInterval, median, median_interval};

/// Every planned or recorded regime, in report order, cold before what is compared with it.
pub(super) fn all(
    run: &LoadedRun,
    samples: &[MeasuredSample],
    assumptions: &Assumptions,
) -> Vec<RegimeSummary> {
    let mut summaries = Vec::new();
    for (regime, arm) in pairs(run, samples) {
        summaries.push(one(samples, regime, arm));
    }
    let cold: Vec<RegimeSummary> =
        summaries.iter().filter(|summary| summary.regime == Regime::Cold).cloned().collect();
    for summary in &mut summaries {
        if let Some(cold) = find(&cold, Regime::Cold, summary.arm) {
            summary.speedup = speedup(samples, cold, summary);
            summary.net_saving_s = net_saving(samples, cold, summary);
            summary.economics = economics::of(samples, summary.regime, summary.arm, assumptions);
            share_out_difference(cold, summary);
        }
    }
    let hot: Vec<RegimeSummary> =
        summaries.iter().filter(|summary| summary.regime == Regime::Hot).cloned().collect();
    for summary in &mut summaries {
        let of_arm = |regimes, regime| find(regimes, regime, summary.arm);
        if let (Some(cold), Some(hot)) = (of_arm(&cold, Regime::Cold), of_arm(&hot, Regime::Hot)) {
            summary.saving_captured = economics::saving_captured(samples, cold, summary, hot);
        }
    }
    summaries
}

/// What was planned, in its order, then whatever else was recorded. An arm without a cache has no warm regime.
fn pairs(run: &LoadedRun, samples: &[MeasuredSample]) -> Vec<(Regime, Arm)> {
    let mut regimes = run.run.options.regimes.clone();
    let known = Regime::ALL.into_iter().chain([Regime::Unknown]);
    regimes.extend(known.filter(|r| samples.iter().any(|(s, _)| s.regime == *r)));
    let mut arms: Vec<Arm> = run.run.arms.iter().map(|arm| arm.arm).collect();
    arms.extend(samples.iter().map(|(sample, _)| sample.arm));
    arms.sort_unstable();
    arms.dedup();
    let cold_only = cold_only(run);
    let mut pairs = Vec::new();
    for regime in regimes {
        for &arm in &arms {
            let without = regime.is_warm() && cold_only.contains(&arm);
            if !without && !pairs.contains(&(regime, arm)) {
                pairs.push((regime, arm));
            }
        }
    }
    pairs
}

fn one(samples: &[MeasuredSample], regime: Regime, arm: Arm) -> RegimeSummary {
    let count = |wanted: &[Outcome]| {
        of(samples, regime, arm).filter(|(sample, _)| wanted.contains(&sample.outcome)).count()
            as u32
    };
    let ok: Vec<MeasuredSample> = proven(samples, regime, arm).collect();
    let walls: Vec<f64> = ok.iter().map(|(sample, _)| seconds(sample.wall_ns)).collect();
    let known = |value: fn(&bench_record::Evidence) -> Option<u64>| {
        let known: Vec<f64> = ok
            .iter()
            .filter_map(|(sample, _)| value(&sample.evidence))
            .map(|count| count as f64)
            .collect();
        median(&known)
    };
    RegimeSummary {
        regime,
        arm,
        samples: ok.len() as u32,
        unproven: count(&[Outcome::Unproven]),
        failed: count(&[Outcome::Failed, Outcome::TimedOut]),
        wall_s: interval(&walls),
        pseudo_median_s: pseudo_median(&walls),
        phases: phases(&ok),
        speedup: None,
        hits: known(|evidence| evidence.hits),
        misses: known(|evidence| evidence.misses),
        cache: cache(&ok),
        net_saving_s: None,
        economics: None,
        saving_captured: None,
        first_example_s: examples::first(&ok),
        other_examples_s: examples::others(&ok),
        example_model: model::of(&ok),
        makespan: makespan::of(&ok),
        example_times: examples::distribution(&ok),
    }
}

fn phases(samples: &[MeasuredSample]) -> BTreeMap<String, PhaseSummary> {
    let mut times: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (sample, _) in samples {
        for phase in sample.phases.iter().filter(|phase| phase.measured) {
            times.entry(&phase.name).or_default().push(seconds(phase.wall_ns));
        }
    }
    times
        .into_iter()
        .filter_map(|(name, times)| {
            median(&times)
                .map(|median| (name.to_owned(), PhaseSummary { median, difference_share: None }))
        })
        .collect()
}

/// Medians over samples of the sums over caches. A sum is `None` only when no cache has the value.
fn cache(samples: &[MeasuredSample]) -> Option<CacheSummary> {
    let with: Vec<_> = samples
        .iter()
        .map(|(sample, _)| &sample.caches)
        .filter(|caches| !caches.is_empty())
        .collect();
    let over = |value: fn(&CacheUse) -> Option<u64>| {
        let sums: Vec<f64> = with
            .iter()
            .filter_map(|caches| {
                caches.values().filter_map(value).reduce(u64::saturating_add).map(|sum| sum as f64)
            })
            .collect();
        median(&sums)
    };
    Some(CacheSummary {
        files: over(|cache| Some(cache.files))?.round() as u64,
        bytes: over(|cache| Some(cache.bytes))?.round() as u64,
        archive_bytes: over(|cache| cache.archive_bytes).map(|bytes| bytes.round() as u64),
        save_s: over(|cache| cache.save_ns).map(|ns| ns / NS),
        restore_s: over(|cache| cache.restore_ns).map(|ns| ns / NS),
    })
}

/// Ratio of the medians; its interval is that of the median of the blocks' own log ratios, because cold
/// and warm of one block share a snapshot and a stretch of time.
fn speedup(
    samples: &[MeasuredSample],
    cold: &RegimeSummary,
    warm: &RegimeSummary,
) -> Option<Speedup> {
    let ratio = positive_ratio(cold.wall_s?.median, warm.wall_s?.median)?;
    if warm.regime == Regime::Cold {
        return Some(Speedup { ratio, low: None, high: None });
    }
    let cold = walls_by_block(samples, Regime::Cold, warm.arm);
    let logs: Vec<f64> = walls_by_block(samples, warm.regime, warm.arm)
        .into_iter()
        .filter_map(|(block, warm)| positive_ratio(*cold.get(&block)?, warm))
        .map(f64::ln)
        .collect();
    let around = median_interval(&logs).map(ConfidenceInterval::exp);
    Some(Speedup {
        ratio,
        low: around.map(|interval| interval.low),
        high: around.map(|interval| interval.high),
    })
}

fn positive_ratio(cold: f64, warm: f64) -> Option<f64> {
    (cold > 0.0 && warm > 0.0).then(|| cold / warm)
}

/// `None` without a cache, because then nothing could save time, and where the time of a restore is not known. Files
/// that were kept cost nothing.
fn net_saving(
    samples: &[MeasuredSample],
    cold: &RegimeSummary,
    warm: &RegimeSummary,
) -> Option<f64> {
    let unknown = || proven(samples, warm.regime, warm.arm).any(|(s, _)| s.restore_is_unknown());
    if warm.regime == Regime::Cold || unknown() {
        return None;
    }
    let restore = warm.cache?.restore_s.unwrap_or(0.0);
    Some(cold.wall_s?.median - (restore + warm.wall_s?.median))
}

/// Fills in the share of the difference from cold that lies in each measured phase: the difference of the phase's
/// medians, divided by the sum of these differences. Nothing where the regimes do not clearly differ.
fn share_out_difference(cold: &RegimeSummary, warm: &mut RegimeSummary) {
    if !matches!(Gain::of(warm, Some(cold)), Gain::Faster | Gain::Slower) {
        return;
    }
    let difference = |name: &str, median: f64| Some(cold.phases.get(name)?.median - median);
    let sum: f64 =
        warm.phases.iter().filter_map(|(name, phase)| difference(name, phase.median)).sum();
    if sum == 0.0 {
        return;
    }
    for (name, phase) in &mut warm.phases {
        phase.difference_share = difference(name, phase.median).map(|part| part / sum);
    }
}
