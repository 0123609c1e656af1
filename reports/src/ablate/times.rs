//! Times of trials, and what they say of one another.

use std::collections::BTreeMap;

use bench_record::{AblateTrial, CacheSet, LoadedAblation, Outcome, Regime};

use super::document::TimeEstimate;
use crate::stats::{median, pseudo_median, signed_rank_interval};

/// Level of the intervals.
const ALPHA: f64 = 0.05;

/// A set without one of its caches.
pub(super) fn but(all: &CacheSet, cache: &str) -> CacheSet {
    let mut set = all.clone();
    set.remove(cache);
    set
}

/// Times of trials that ended well: regime, set, block to seconds.
pub(super) struct Times<'a>(BTreeMap<(Regime, &'a CacheSet), BTreeMap<u32, f64>>);

impl<'a> Times<'a> {
    pub(super) fn of(trials: impl IntoIterator<Item = &'a AblateTrial>) -> Self {
        let mut times: BTreeMap<_, BTreeMap<u32, f64>> = BTreeMap::new();
        for trial in trials.into_iter().filter(|trial| trial.outcome == Outcome::Ok) {
            let of_set = times.entry((trial.regime, &trial.caches)).or_default();
            of_set.insert(trial.block, trial.wall_ns as f64 / 1e9);
        }
        Self(times)
    }

    pub(super) fn of_set(&self, regime: Regime, set: &CacheSet) -> Vec<f64> {
        self.0.get(&(regime, set)).map(|of| of.values().copied().collect()).unwrap_or_default()
    }

    /// How much slower `slow` is than `fast` in each block that has both.
    pub(super) fn differences(&self, regime: Regime, slow: &CacheSet, fast: &CacheSet) -> Vec<f64> {
        let (Some(slow), Some(fast)) = (self.0.get(&(regime, slow)), self.0.get(&(regime, fast)))
        else {
            return Vec::new();
        };
        slow.iter().filter_map(|(block, slow)| Some(slow - fast.get(block)?)).collect()
    }

    pub(super) fn difference(
        &self,
        regime: Regime,
        slow: &CacheSet,
        fast: &CacheSet,
    ) -> Option<TimeEstimate> {
        estimate(&self.differences(regime, slow, fast))
    }

    /// Caches that no trial of a regime ended well with, while trials without them did. What they are worth there is
    /// known, and the worth of the others is worked out without them.
    pub(super) fn broken(&self, ledger: &LoadedAblation, regime: Regime) -> CacheSet {
        let ended_well = |with: bool, name: &String| {
            self.0.keys().any(|(of, set)| *of == regime && set.contains(name) == with)
        };
        let tried = |name: &String| {
            ledger.trials.iter().any(|t| t.regime == regime && t.caches.contains(name))
        };
        let names = ledger.start.caches.iter();
        names
            .filter(|name| tried(name) && !ended_well(true, name) && ended_well(false, name))
            .cloned()
            .collect()
    }

    /// Median time without any cache.
    pub(super) fn cold(&self, regime: Regime) -> f64 {
        median(&self.of_set(regime, &CacheSet::new())).unwrap_or(0.0)
    }
}

/// Pseudo-median and interval; `None` without values.
pub(super) fn estimate(values: &[f64]) -> Option<TimeEstimate> {
    let seconds = pseudo_median(values).ok()?;
    let interval = signed_rank_interval(values, ALPHA).ok().flatten();
    Some(TimeEstimate {
        seconds,
        low: interval.map(|interval| interval.low),
        high: interval.map(|interval| interval.high),
        confidence: interval.map(|interval| interval.confidence),
        n: values.len() as u64,
    })
}
