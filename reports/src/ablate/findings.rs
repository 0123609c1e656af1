//! What a person should know, in sentences.

use std::collections::BTreeMap;

use bench_record::{CacheSet, Regime};

use super::document::Ablation;
use crate::document::text::quoted;
use crate::document::units;

/// From here on two caches cover the same work.
const REDUNDANT: f64 = 0.5;

/// The sentences; `noise` is the difference in seconds that each regime does not tell from nothing.
pub(super) fn findings(ablation: &Ablation, noise: &BTreeMap<Regime, f64>) -> Vec<String> {
    let mut findings = Vec::new();
    if ablation.caches.len() == 1 {
        findings.push(
            "one cache: there is nothing to leave out, so it was measured with and without"
                .to_owned(),
        );
    }
    for cache in &ablation.caches {
        for worth in &cache.regimes {
            let noise = noise.get(&worth.regime).copied().unwrap_or(0.0);
            let Some(net) = worth.net_s.filter(|net| *net <= noise) else { continue };
            let covered = ablation.pairs.iter().any(|pair| {
                pair.regime == worth.regime
                    && (pair.one == cache.name || pair.other == cache.name)
                    && pair.share.is_some_and(|share| share >= REDUNDANT)
            });
            if !covered {
                findings.push(format!(
                    "{}: {} does not pay off: {} per job, net of its transfer ({})",
                    worth.regime,
                    quoted(&cache.name),
                    units::seconds(net),
                    units::bytes(cache.archive_bytes)
                ));
            }
        }
    }
    for pair in &ablation.pairs {
        if let Some(share) = pair.share.filter(|share| *share >= REDUNDANT) {
            findings.push(format!(
                "{}: {} and {} cover the same work: {} alone, {} alone, {} together ({} of the smaller saving overlaps)",
                pair.regime,
                quoted(&pair.one),
                quoted(&pair.other),
                units::seconds(pair.one_s),
                units::seconds(pair.other_s),
                units::seconds(pair.both_s),
                units::percent(share)
            ));
        }
    }
    for cache in &ablation.caches {
        for worth in cache.regimes.iter().filter(|worth| worth.fails) {
            // The smallest set says why with the least beside it.
            let of_cache = ablation
                .sets
                .iter()
                .filter(|set| set.regime == worth.regime && set.caches.contains(&cache.name));
            let reason =
                of_cache.min_by_key(|set| set.caches.len()).and_then(|set| set.reason.as_deref());
            findings.push(format!(
                "{}: {} is not worth it: every trial with it fails: {}",
                worth.regime,
                quoted(&cache.name),
                reason.unwrap_or("no reason is known")
            ));
        }
    }
    for set in &ablation.sets {
        let fails = |name: &String| {
            let cache = ablation.caches.iter().find(|cache| cache.name == *name);
            cache.is_some_and(|c| c.regimes.iter().any(|w| w.regime == set.regime && w.fails))
        };
        if let Some(reason) = set.reason.as_ref().filter(|_| !set.caches.iter().any(fails)) {
            findings.push(format!("{}: fails with {}: {reason}", set.regime, named(&set.caches)));
        }
    }
    let few = ablation.caches.iter().flat_map(|cache| &cache.regimes);
    if few.filter_map(|worth| worth.saved).any(|saved| saved.low.is_none()) {
        findings.push("an interval takes 6 blocks (hint: --blocks 6)".to_owned());
    }
    findings
}

/// `a + b`, or `no cache`.
pub(crate) fn named(set: &CacheSet) -> String {
    if set.is_empty() {
        return "no cache".to_owned();
    }
    set.iter().map(String::as_str).collect::<Vec<_>>().join(" + ")
}
