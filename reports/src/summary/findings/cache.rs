//! Findings about what the cache did: whether it was used, what that saved, and what it cost.

use std::collections::BTreeSet;

use bench_record::{Arm, Regime, RegimeSummary, Transfer};

use super::super::facts::{RunFacts, label};
use super::super::gain::{Gain, basis, net_saving};
use super::super::samples::{find, proven};
use crate::document::text::quoted;
use crate::document::units;
use crate::stats::median;

/// A first example that takes this many times as long as the others stands out ...
const FIRST_TIMES: f64 = 3.0;
/// ... if the difference is also this share of the whole sample.
const FIRST_SHARE: f64 = 0.1;

/// The most valuable finding: the cache was put in place, and the tool found nothing in it.
pub(super) fn restored_without_hits(facts: &RunFacts) -> Vec<String> {
    facts
        .warm()
        .filter_map(|warm| {
            let restored = restored(facts, warm)?;
            let (hits, cold) = no_more_hits(facts, warm)?;
            let of = warm.misses.map_or_else(String::new, |misses| {
                format!(" of {}", units::count(warm.hits.unwrap_or(0.0) + misses))
            });
            let noun = if hits.total_cmp(&1.0).is_eq() && of.is_empty() { "hit" } else { "hits" };
            Some(format!(
                "{}: {restored}, {}{of} {noun}: no more than cold's own {}",
                label(warm),
                units::count(hits),
                units::count(cold),
            ))
        })
        .collect()
}

/// The warm and the cold hits, when both are known and the warm ones are no more.
pub(super) fn no_more_hits(facts: &RunFacts, warm: &RegimeSummary) -> Option<(f64, f64)> {
    let (hits, cold) = (warm.hits?, facts.cold(warm.arm)?.hits?);
    (hits <= cold).then_some((hits, cold))
}

/// The cache was restored, but the run was not faster. Without probes the cause is unknown. Where hits rose and the
/// time did not fall, the finding says so.
pub(super) fn restored_without_gain(facts: &RunFacts) -> Vec<String> {
    facts
        .warm()
        .filter_map(|warm| {
            let restored = restored(facts, warm)?;
            let gain = Gain::of(warm, facts.cold(warm.arm));
            if no_more_hits(facts, warm).is_some() || !gain.is_none() {
                return None;
            }
            let hits = warm.hits.map_or_else(String::new, |hits| {
                let noun = if hits.total_cmp(&1.0).is_eq() { "hit" } else { "hits" };
                format!(" and had {} {noun}", units::count(hits))
            });
            let against = match gain {
                Gain::Unclear => "no difference to cold could be shown",
                _ => "it was not faster than cold",
            };
            Some(format!(
                "{}: {restored}{hits}, but {against} ({} against {}, {}; {})",
                label(warm),
                units::seconds(warm.wall_s?.median),
                units::seconds(facts.cold(warm.arm)?.wall_s?.median),
                units::ratio(warm.speedup?.ratio),
                basis(warm, gain),
            ))
        })
        .collect()
}

/// What was put in place before the regime's samples, in words; `None` when nothing was.
fn restored(facts: &RunFacts, warm: &RegimeSummary) -> Option<String> {
    let restored: Vec<f64> = proven(&facts.samples, warm.regime, warm.arm)
        .map(|(sample, _)| sample.evidence.snapshot_bytes as f64)
        .collect();
    let bytes = median(&restored)?.round() as u64;
    let stayed = warm.economics.is_some_and(|economics| economics.transfer == Transfer::Stayed);
    let verb = if warm.regime == Regime::Hot || stayed { "kept" } else { "restored" };
    (bytes > 0).then(|| format!("{verb} {}", units::bytes(bytes)))
}

/// A cache that works on the runner that filled it only: a trap that only a second runner shows.
pub(super) fn same_runner_only(facts: &RunFacts) -> Vec<String> {
    let mut findings = Vec::new();
    for same in facts.warm().filter(|summary| summary.regime == Regime::SameRunner) {
        let others = [Regime::CrossRunner, Regime::MovedRunner];
        for other in others.into_iter().filter_map(|name| find(&facts.regimes, name, same.arm)) {
            findings.extend(works_only_there(facts, same, other));
        }
    }
    findings
}

/// The sentence about one kind of `other` runner; `None` where the cache works there, or nowhere.
fn works_only_there(
    facts: &RunFacts,
    same: &RegimeSummary,
    other: &RegimeSummary,
) -> Option<String> {
    let cold = facts.cold(same.arm)?;
    let (same_wall, other_wall, cold_wall) = (same.wall_s?, other.wall_s?, cold.wall_s?);
    // Where the other runner is no slower than the same one, reuse does not end at the runner.
    let slower = other_wall.median > same_wall.median;
    let ends = Gain::of(same, Some(cold)) == Gain::Faster && Gain::of(other, Some(cold)).is_none();
    if !slower || !ends {
        return None;
    }
    let arm = if same.arm == Arm::Baseline { "baseline: " } else { "" };
    let shown = if Gain::of(other, Some(cold)) == Gain::Unclear {
        "that could not be shown on"
    } else {
        "not on"
    };
    let runner = if other.regime == Regime::MovedRunner {
        "a runner with other paths"
    } else {
        "another one"
    };
    Some(format!(
        "{arm}the cache works on the same runner ({} -> {}) but {shown} {runner} ({})",
        units::seconds(cold_wall.median),
        units::seconds(same_wall.median),
        units::seconds(other_wall.median),
    ))
}

/// A declared cache that is empty after cold: a wrong path, or a tool that does not know about it.
pub(super) fn saved_nothing(facts: &RunFacts) -> Vec<String> {
    let mut findings = Vec::new();
    for cold in facts.regimes.iter().filter(|summary| summary.regime == Regime::Cold) {
        let samples: Vec<_> =
            proven(&facts.samples, Regime::Cold, cold.arm).map(|(s, _)| s).collect();
        let names: BTreeSet<&String> =
            samples.iter().flat_map(|sample| sample.caches.keys()).collect();
        for name in names {
            let empty = samples
                .iter()
                .filter_map(|sample| sample.caches.get(name))
                .all(|cache| cache.files == 0 && cache.bytes == 0);
            if empty {
                findings.push(format!(
                    "{}: cache {} saved nothing: no file in it after {} (hint: is its path the one that \
                     the tool writes to?)",
                    label(cold),
                    quoted(name),
                    units::counted(samples.len(), "sample"),
                ));
            }
        }
    }
    findings
}

/// It was faster, but by no more than the restore takes.
pub(super) fn transfer_eats_saving(facts: &RunFacts) -> Vec<String> {
    facts
        .warm()
        .filter_map(|warm| {
            warm.cache?.restore_s?;
            let net = net_saving(warm)?;
            let saved = facts.cold(warm.arm)?.wall_s?.median - warm.wall_s?.median;
            (Gain::of(warm, facts.cold(warm.arm)) == Gain::Faster && net <= 0.0).then(|| {
                format!(
                    "{}: the transfer eats the saving: {} saved, {} to restore",
                    label(warm),
                    units::seconds(saved),
                    units::seconds(saved - net),
                )
            })
        })
        .collect()
}

/// A start-up cost that only the first example pays hides in every total.
pub(super) fn first_example_dominates(facts: &RunFacts) -> Vec<String> {
    let regimes: Vec<String> = facts
        .regimes
        .iter()
        .filter_map(|summary| {
            let (first, others) = (summary.first_example_s?, summary.other_examples_s?);
            let share = (first - others) / summary.wall_s?.median;
            (first >= FIRST_TIMES * others && share >= FIRST_SHARE).then(|| {
                format!(
                    "{} against {} ({})",
                    units::seconds(first),
                    units::seconds(others),
                    label(summary),
                )
            })
        })
        .collect();
    if regimes.is_empty() {
        return Vec::new();
    }
    vec![format!("the first example dominates: {} for each later one", regimes.join(", "))]
}
