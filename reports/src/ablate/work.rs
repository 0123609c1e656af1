//! From the lines to the document.

use std::collections::BTreeMap;

use bench_record::{Outcome, Regime};

use super::document::{
    Ablation, Archives, CacheWorth, Estimate, Keep, Packed, PairSeen, Quota, RegimeWorth, SCHEMA,
    SetSeen,
};
use super::findings::findings;
use super::ledger::{CacheSet, Ledger, SavedSize, TrialLine};
use super::sets::{ALL_SETS, Candidate, best, designed, greedy, knapsack, overlap};
use crate::quota::room;
use crate::stats::{median, pseudo_median, signed_rank_interval};

/// Level of the intervals.
const ALPHA: f64 = 0.05;
/// A difference below this share of the time without caches is not told from noise.
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
pub fn chain(ledger: &Ledger) -> Vec<CacheSet> {
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
pub fn planned(ledger: &Ledger) -> Vec<CacheSet> {
    let mut sets = designed(&ledger.start.caches);
    sets.extend(chain(ledger));
    sets
}

/// The document.
pub fn work_out(ledger: &Ledger, limits: Limits) -> Ablation {
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
                let saved = times.difference(*regime, &but(&all, name), &all);
                let alone = times.difference(*regime, &none, &CacheSet::from([name.clone()]));
                let net_s = saved.map(|saved| saved.seconds - sizes.cost(*regime, name));
                let megabytes = size.archive_bytes as f64 / 1e6;
                RegimeWorth {
                    regime: *regime,
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
        Quota {
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

fn but(all: &CacheSet, cache: &str) -> CacheSet {
    let mut set = all.clone();
    set.remove(cache);
    set
}

/// Times of trials that ended well: regime, set, block to seconds.
struct Times<'a>(BTreeMap<(Regime, &'a CacheSet), BTreeMap<u32, f64>>);

impl<'a> Times<'a> {
    fn of(trials: impl IntoIterator<Item = &'a TrialLine>) -> Self {
        let mut times: BTreeMap<_, BTreeMap<u32, f64>> = BTreeMap::new();
        for trial in trials.into_iter().filter(|trial| trial.outcome == Outcome::Ok) {
            let of_set = times.entry((trial.regime, &trial.caches)).or_default();
            of_set.insert(trial.block, trial.wall_ns as f64 / 1e9);
        }
        Self(times)
    }

    fn of_set(&self, regime: Regime, set: &CacheSet) -> Vec<f64> {
        self.0.get(&(regime, set)).map(|of| of.values().copied().collect()).unwrap_or_default()
    }

    /// How much slower `slow` is than `fast` in each block that has both.
    fn differences(&self, regime: Regime, slow: &CacheSet, fast: &CacheSet) -> Vec<f64> {
        let (Some(slow), Some(fast)) = (self.0.get(&(regime, slow)), self.0.get(&(regime, fast)))
        else {
            return Vec::new();
        };
        slow.iter().filter_map(|(block, slow)| Some(slow - fast.get(block)?)).collect()
    }

    fn difference(&self, regime: Regime, slow: &CacheSet, fast: &CacheSet) -> Option<Estimate> {
        estimate(&self.differences(regime, slow, fast))
    }

    /// Median time without any cache.
    fn cold(&self, regime: Regime) -> f64 {
        median(&self.of_set(regime, &CacheSet::new())).unwrap_or(0.0)
    }
}

fn estimate(values: &[f64]) -> Option<Estimate> {
    let seconds = pseudo_median(values).ok()?;
    let interval = signed_rank_interval(values, ALPHA).ok().flatten();
    Some(Estimate {
        seconds,
        low: interval.map(|interval| interval.low),
        high: interval.map(|interval| interval.high),
        confidence: interval.map(|interval| interval.confidence),
        n: values.len() as u64,
    })
}

/// Median sizes and transfer times.
struct Sizes {
    saved: BTreeMap<String, SavedSize>,
    restore_s: BTreeMap<String, f64>,
}

impl Sizes {
    fn of(ledger: &Ledger) -> Self {
        let mut saved = BTreeMap::new();
        let mut restore_s = BTreeMap::new();
        for name in &ledger.start.caches {
            let middle = |of: fn(&SavedSize) -> u64| {
                let values: Vec<f64> = ledger
                    .seeds
                    .iter()
                    .filter_map(|seed| Some(of(seed.caches.get(name)?) as f64))
                    .collect();
                median(&values).unwrap_or(0.0) as u64
            };
            let size = SavedSize {
                files: middle(|size| size.files),
                bytes: middle(|size| size.bytes),
                archive_bytes: middle(|size| size.archive_bytes),
                save_ns: middle(|size| size.save_ns),
            };
            saved.insert(name.clone(), size);
            let each: Vec<f64> = ledger
                .trials
                .iter()
                .filter_map(|trial| Some(*trial.restore_ns.get(name)? as f64 / 1e9))
                .collect();
            restore_s.extend(median(&each).ok().map(|restore| (name.clone(), restore)));
        }
        Self { saved, restore_s }
    }

    fn saved(&self, name: &str) -> SavedSize {
        self.saved.get(name).copied().unwrap_or_default()
    }

    fn restore_s(&self, name: &str) -> Option<f64> {
        self.restore_s.get(name).copied()
    }

    /// What a job pays for a cache: on the same runner it stays where it is.
    fn cost(&self, regime: Regime, name: &str) -> f64 {
        if regime == Regime::SameRunner {
            return 0.0;
        }
        self.restore_s(name).unwrap_or(0.0) + self.saved(name).save_ns as f64 / 1e9
    }

    fn of_set(&self, regime: Regime, set: &CacheSet) -> (f64, u64) {
        let cost = set.iter().map(|name| self.cost(regime, name)).sum();
        (cost, set.iter().map(|name| self.saved(name).archive_bytes).sum())
    }
}

fn archives(ledger: &Ledger, sizes: &Sizes) -> Option<Archives> {
    let packed = || ledger.seeds.iter().filter_map(|seed| seed.together);
    let middle = |values: Vec<f64>| median(&values).ok();
    let together = Packed {
        bytes: middle(packed().map(|one| one.archive_bytes as f64).collect())? as u64,
        save_s: middle(packed().map(|one| one.save_ns as f64 / 1e9).collect())?,
        restore_s: middle(packed().filter_map(|one| Some(one.restore_ns? as f64 / 1e9)).collect()),
    };
    let each = || ledger.start.caches.iter().map(|name| (name, sizes.saved(name)));
    let separate = Packed {
        bytes: each().map(|(_, size)| size.archive_bytes).sum(),
        save_s: each().map(|(_, size)| size.save_ns as f64 / 1e9).sum(),
        // An empty cache has no archive, and costs nothing; any other one must have been restored.
        restore_s: each()
            .filter(|(_, size)| size.archive_bytes > 0)
            .map(|(name, _)| sizes.restore_s(name))
            .sum(),
    };
    Some(Archives { together, separate })
}

fn growth(ledger: &Ledger, all: &CacheSet, name: &str, before: u64) -> Option<i64> {
    let after: Vec<f64> = ledger
        .trials
        .iter()
        .filter(|trial| trial.outcome == Outcome::Ok && trial.caches == *all)
        .filter_map(|trial| Some(*trial.after_bytes.get(name)? as f64))
        .collect();
    median(&after).ok().map(|after| after as i64 - before.cast_signed())
}

fn seen_sets(ledger: &Ledger, times: &Times<'_>, sizes: &Sizes) -> Vec<SetSeen> {
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
                net_s: saved.map(|saved| saved.seconds - cost),
                archive_bytes,
                reason: of_set().find_map(|trial| trial.reason.clone()),
                caches: set,
            });
        }
    }
    seen
}

fn pairs(ledger: &Ledger, times: &Times<'_>) -> Vec<PairSeen> {
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
    ledger: &Ledger,
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
