//! What caches hold, and what it takes to move them.

use std::collections::BTreeMap;

use bench_record::{CacheSet, LoadedAblation, Regime, SavedSize};

use super::document::{Archives, Packed};
use crate::stats::median;

/// Median sizes and transfer times.
pub(super) struct Sizes {
    saved: BTreeMap<String, SavedSize>,
    restore_s: BTreeMap<String, f64>,
}

impl Sizes {
    pub(super) fn of(ledger: &LoadedAblation) -> Self {
        let mut saved = BTreeMap::new();
        let mut restore_s = BTreeMap::new();
        for name in &ledger.start.caches {
            let middle = |of: fn(&SavedSize) -> u64| {
                let values: Vec<f64> = ledger
                    .snapshots
                    .iter()
                    .filter_map(|snapshot| Some(of(snapshot.caches.get(name)?) as f64))
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
            restore_s.extend(median(&each).map(|restore| (name.clone(), restore)));
        }
        Self { saved, restore_s }
    }

    pub(super) fn saved(&self, name: &str) -> SavedSize {
        self.saved.get(name).copied().unwrap_or_default()
    }

    pub(super) fn restore_s(&self, name: &str) -> Option<f64> {
        self.restore_s.get(name).copied()
    }

    /// What a job pays for a cache: on the same runner it stays where it is.
    pub(super) fn cost(&self, regime: Regime, name: &str) -> f64 {
        if regime == Regime::SameRunner {
            return 0.0;
        }
        self.restore_s(name).unwrap_or(0.0) + self.saved(name).save_ns as f64 / 1e9
    }

    pub(super) fn of_set(&self, regime: Regime, set: &CacheSet) -> (f64, u64) {
        let cost = set.iter().map(|name| self.cost(regime, name)).sum();
        (cost, set.iter().map(|name| self.saved(name).archive_bytes).sum())
    }
}

/// All caches in one archive against one each; `None` where no archive of all was made.
pub(super) fn archives(ledger: &LoadedAblation, sizes: &Sizes) -> Option<Archives> {
    let packed = || ledger.snapshots.iter().filter_map(|snapshot| snapshot.together);
    let middle = |values: Vec<f64>| median(&values);
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
