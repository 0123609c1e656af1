//! From the lines to the document.

use std::collections::BTreeMap;

use bench_record::{CacheSet, LoadedAblation, Outcome, Regime};

use super::document::{
    Ablation, CacheWorth, Keep, PairSeen, QuotaForecast, RegimeWorth, SCHEMA, SetSeen,
};
use super::findings::findings;
use super::sets::{ALL_SETS, Candidate, best, designed, greedy, knapsack, overlap};
use super::sizes::{Sizes, archives};
use super::times::{Times, but, estimate};
use crate::quota::room;
use crate::stats::median;

/// A difference below this share of the time without caches may be noise.
const NOISE: f64 = 0.05;

/// What the document is asked for besides the figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of archives that may be kept; `None` for any.
    pub size: Option<u64>,
    /// Keys at a time on a branch.
    pub keys: u64,
    /// Branches.
    pub branches: u64,
    /// Bytes of the quota.
    pub quota: u64,
}

/// The greedy chain of a run, once its first block is complete; empty where every set is measured anyway.
pub fn chain(ledger: &LoadedAblation) -> Vec<CacheSet> {
    let caches = &ledger.start.caches;
    if caches.len() <= ALL_SETS {
        return Vec::new();
    }
    let first = Times::of(ledger.trials.iter().filter(|trial| trial.block == 1));
    let regime = ledger.start.regimes.last().copied().unwrap_or(Regime::CrossRunner);
    let all: CacheSet = caches.iter().cloned().collect();
    let worth: Option<Vec<f64>> = caches
        .iter()
        .map(|cache| {
            let without = first.differences(regime, &but(&all, cache), &all).first().copied();
            let alone = CacheSet::from([cache.clone()]);
            let alone = first.differences(regime, &CacheSet::new(), &alone).first().copied();
            // What fails says nothing; with neither figure there is no order.
            Some(without.unwrap_or(0.0) + alone.or(without)?)
        })
        .collect();
    worth.map_or_else(Vec::new, |worth| greedy(caches, &worth))
}

/// Every set that a block measures in each regime.
pub fn planned(ledger: &LoadedAblation) -> Vec<CacheSet> {
    let mut sets = designed(&ledger.start.caches);
    sets.extend(chain(ledger));
    sets
}

/// The document.
pub fn work_out(ledger: &LoadedAblation, limits: Limits) -> Ablation {
    let start = &ledger.start;
    let times = Times::of(&ledger.trials);
    let sizes = Sizes::of(ledger);
    let all: CacheSet = start.caches.iter().cloned().collect();
    let none = CacheSet::new();
    let caches: Vec<CacheWorth> = start
        .caches
        .iter()
        .map(|name| {
            let size = sizes.saved(name);
            let regimes = start.regimes.iter().map(|regime| {
                let broken = times.broken(ledger, *regime);
                let fails = broken.contains(name);
                let work: CacheSet = all.difference(&broken).cloned().collect();
                let saved = times.difference(*regime, &but(&work, name), &work).filter(|_| !fails);
                let alone = times.difference(*regime, &none, &CacheSet::from([name.clone()]));
                let net_s = saved.map(|saved| saved.seconds - sizes.cost(*regime, name));
                let megabytes = size.archive_bytes as f64 / 1e6;
                RegimeWorth {
                    regime: *regime,
                    fails,
                    saved,
                    alone,
                    net_s,
                    net_s_per_mb: net_s.filter(|_| megabytes > 0.0).map(|net| net / megabytes),
                }
            });
            CacheWorth {
                name: name.clone(),
                files: size.files,
                bytes: size.bytes,
                archive_bytes: size.archive_bytes,
                save_s: (size.save_ns > 0).then_some(size.save_ns as f64 / 1e9),
                restore_s: sizes.restore_s(name),
                growth_bytes: growth(ledger, &all, name, size.bytes),
                regimes: regimes.collect(),
            }
        })
        .collect();
    let sets = seen_sets(ledger, &times, &sizes);
    let keep = keep(ledger, &times, &sizes, &caches, &sets, limits.size);
    let quota = keep.iter().filter(|keep| !keep.caches.is_empty()).map(|keep| {
        let room = room(keep.archive_bytes, limits.keys, limits.branches, limits.quota);
        QuotaForecast {
            regime: keep.regime,
            keys: limits.keys,
            branches: limits.branches,
            limit_bytes: limits.quota,
            bytes: room.bytes,
            wanted: room.wanted,
            kept: room.kept,
        }
    });
    let wanted = planned(ledger).len() * start.regimes.len() * start.blocks as usize;
    let mut ablation = Ablation {
        schema: SCHEMA.to_owned(),
        run_id: start.run_id.clone(),
        scenario: start.scenario.clone(),
        scenario_hash: Some(start.hash.clone()),
        params: start.params.clone(),
        blocks: start.blocks,
        seed: start.seed,
        complete: ledger.trials.len() >= wanted,
        failed: ledger.trials.iter().filter(|trial| trial.outcome != Outcome::Ok).count() as u64,
        pairs: pairs(ledger, &times),
        quota: quota.collect(),
        archives: archives(ledger, &sizes),
        caches,
        sets,
        keep,
        findings: Vec::new(),
    };
    let noise: BTreeMap<Regime, f64> =
        start.regimes.iter().map(|regime| (*regime, NOISE * times.cold(*regime))).collect();
    ablation.findings = findings(&ablation, &noise);
    ablation
}

fn growth(ledger: &LoadedAblation, all: &CacheSet, name: &str, before: u64) -> Option<i64> {
    let after: Vec<f64> = ledger
        .trials
        .iter()
        .filter(|trial| trial.outcome == Outcome::Ok && trial.caches == *all)
        .filter_map(|trial| Some(*trial.after_bytes.get(name)? as f64))
        .collect();
    median(&after).map(|after| after as i64 - before.cast_signed())
}

fn seen_sets(ledger: &LoadedAblation, times: &Times<'_>, sizes: &Sizes) -> Vec<SetSeen> {
    let mut seen = Vec::new();
    for regime in &ledger.start.regimes {
        for set in planned(ledger) {
            let of_set = || ledger.trials.iter().filter(|t| t.regime == *regime && t.caches == set);
            if of_set().next().is_none() {
                continue;
            }
            let (cost, archive_bytes) = sizes.of_set(*regime, &set);
            let saved = times.difference(*regime, &CacheSet::new(), &set);
            seen.push(SetSeen {
                regime: *regime,
                wall: estimate(&times.of_set(*regime, &set)),
                saved,
                net_s: saved.map(|saved| saved.seconds - cost),
                archive_bytes,
                reason: of_set().find_map(|trial| trial.reason.clone()),
                caches: set,
            });
        }
    }
    seen
}

fn pairs(ledger: &LoadedAblation, times: &Times<'_>) -> Vec<PairSeen> {
    let mut pairs = Vec::new();
    let (names, none) = (&ledger.start.caches, CacheSet::new());
    for regime in &ledger.start.regimes {
        let noise = NOISE * times.cold(*regime);
        for (index, one) in names.iter().enumerate() {
            for other in &names[index + 1..] {
                let saved = |set: CacheSet| {
                    times.difference(*regime, &none, &set).map(|saved| saved.seconds)
                };
                let alone = |name: &String| saved(CacheSet::from([name.clone()]));
                let both = saved(CacheSet::from([one.clone(), other.clone()]));
                let (Some(one_s), Some(other_s), Some(both_s)) = (alone(one), alone(other), both)
                else {
                    continue;
                };
                let found = overlap(one_s, other_s, both_s);
                // In every block: a median of few blocks is no reason to call a cache redundant.
                let clear = [one, other].into_iter().all(|name| {
                    let set = CacheSet::from([name.clone()]);
                    times.differences(*regime, &none, &set).iter().all(|saved| *saved > noise)
                });
                pairs.push(PairSeen {
                    one: one.clone(),
                    other: other.clone(),
                    regime: *regime,
                    one_s,
                    other_s,
                    both_s,
                    overlap_s: found.overlap_s,
                    share: found.share.filter(|_| clear),
                });
            }
        }
    }
    pairs
}

fn keep(
    ledger: &LoadedAblation,
    times: &Times<'_>,
    sizes: &Sizes,
    caches: &[CacheWorth],
    sets: &[SetSeen],
    limit: Option<u64>,
) -> Vec<Keep> {
    let mut kept = Vec::new();
    for regime in &ledger.start.regimes {
        let measured: Vec<Candidate> = sets
            .iter()
            .filter(|set| set.regime == *regime && set.reason.is_none())
            .filter_map(|set| {
                Some(Candidate {
                    caches: set.caches.clone(),
                    net_s: set.net_s?,
                    bytes: set.archive_bytes,
                })
            })
            .collect();
        let tolerance = NOISE * times.cold(*regime);
        let Some(found) = best(&measured, limit.unwrap_or(u64::MAX), tolerance) else { continue };
        let mut keep = Keep {
            regime: *regime,
            limit_bytes: limit,
            caches: found.caches.clone(),
            net_s: found.net_s,
            archive_bytes: found.bytes,
            measured: true,
        };
        // Where not every set was measured, single savings may add up to a better one.
        if caches.len() > ALL_SETS {
            let items: Vec<(f64, u64)> = caches
                .iter()
                .map(|cache| {
                    let worth = cache.regimes.iter().find(|worth| worth.regime == *regime);
                    (worth.and_then(|worth| worth.net_s).unwrap_or(0.0), cache.archive_bytes)
                })
                .collect();
            let chosen = knapsack(&items, limit.unwrap_or(u64::MAX));
            let net_s: f64 = chosen.iter().map(|at| items[*at].0).sum();
            if net_s > keep.net_s + tolerance {
                keep.caches = chosen.iter().map(|at| caches[*at].name.clone()).collect();
                keep.net_s = net_s;
                keep.archive_bytes = sizes.of_set(*regime, &keep.caches).1;
                keep.measured = measured.iter().any(|set| set.caches == keep.caches);
            }
        }
        kept.push(keep);
    }
    kept
}
