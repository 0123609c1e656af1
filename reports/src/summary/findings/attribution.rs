//! Findings that the difference between cold and a warm regime is not, or not only, the cache's doing.
//! A false alarm here would discredit a good result: every rule needs a clear difference and a cause that
//! can account for it. `docs/METHOD.md`, "Is it the cache?", states them.

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{Arm, LoadedRun, Regime, RegimeSummary, Sample};

use super::super::gain::{CLEAR, Gain};
use super::super::{Facts, blocks, label, regimes, seconds};
use crate::document::text::quoted;
use crate::document::units;
use crate::location::{median, median_interval};

/// An unmeasured phase whose difference is this share of the cold time is worth a word.
pub const UNMEASURED: f64 = 0.1;
/// A disturbance that accounts for this share of the difference makes the comparison doubtful.
pub const DISTURBED: f64 = 0.2;
/// Load average a core by which one regime must start above the other: more than a tool that uses every
/// core can leave behind.
pub const LOADED: f64 = 1.5;

/// Faster, although every cache has a probe and no probe counted more hits than cold had by itself.
pub(super) fn faster_without_hits(facts: &Facts) -> Vec<String> {
    facts
        .warm()
        // A hot regime is faster by its daemons and the page cache: that is what it is for.
        .filter(|warm| warm.regime != Regime::Hot && Gain::of(warm, facts.cold(warm.arm)) == Gain::Faster)
        .filter(|warm| every_cache_is_probed(facts.run, warm.arm))
        .filter_map(|warm| {
            super::no_more_hits(facts, warm)?;
            let cold = facts.cold(warm.arm)?;
            Some(format!(
                "{}: faster than cold ({} -> {}) with no more hits than cold's own: what made it faster is \
                 not what the probes count (hint: page cache, network, or a cache that is not declared)",
                label(warm),
                units::seconds(cold.wall_s?.median),
                units::seconds(warm.wall_s?.median),
            ))
        })
        .collect()
}

/// Only then do hits speak for all caches: a cache without a probe may be what saved the time. Where there is
/// one cache, any probe is about it; where there are more, each has a probe of its name.
fn every_cache_is_probed(run: &LoadedRun, arm: Arm) -> bool {
    let mut samples = run.samples.iter().filter(|(sample, _)| sample.arm == arm).peekable();
    samples.peek().is_some()
        && samples.all(|(sample, _)| {
            let probes = &sample.evidence.probes;
            let own = |cache: &String| probes.contains_key(cache);
            sample.caches.len() == 1 && !probes.is_empty() || sample.caches.keys().all(own)
        })
}

/// What the cache changes most is a phase that does not count.
pub(super) fn unmeasured_phase(facts: &Facts) -> Vec<String> {
    let mut findings = Vec::new();
    for warm in facts.warm() {
        let Some((cold_s, warm_s)) = walls(facts, warm) else { continue };
        let measured = (cold_s - warm_s).abs();
        let names: BTreeSet<&str> = regimes::proven(&facts.samples, warm.regime, warm.arm)
            .flat_map(|(sample, _)| &sample.phases)
            .filter(|phase| !phase.measured)
            .map(|phase| phase.name.as_str())
            .collect();
        for name in names {
            let of = |regime| {
                blocks::values(&facts.samples, regime, warm.arm, |sample| {
                    phase_seconds(sample, name)
                })
            };
            let Some((before, after)) = clear_difference(&of(Regime::Cold), &of(warm.regime))
            else {
                continue;
            };
            let difference = (before - after).abs();
            if difference > measured && difference >= UNMEASURED * cold_s {
                findings.push(format!(
                    "{}: the largest difference from cold lies in phase {}, which is not measured ({} -> {}; \
                     what is measured: {} -> {})",
                    label(warm),
                    quoted(name),
                    units::seconds(before),
                    units::seconds(after),
                    units::seconds(cold_s),
                    units::seconds(warm_s),
                ));
            }
        }
    }
    findings
}

fn phase_seconds(sample: &Sample, name: &str) -> Option<f64> {
    let mut times = sample.phases.iter().filter(|phase| phase.name == name).peekable();
    times.peek()?;
    Some(times.map(|phase| seconds(phase.wall_ns)).sum())
}

/// The two medians, when the blocks' own differences are clear: their interval does not reach 0, or without
/// one all point the same way and the medians differ by the ratio that is called a difference elsewhere.
fn clear_difference(cold: &BTreeMap<u32, f64>, warm: &BTreeMap<u32, f64>) -> Option<(f64, f64)> {
    let pairs: Vec<(f64, f64)> =
        warm.iter().filter_map(|(block, warm)| Some((*cold.get(block)?, *warm))).collect();
    let differences: Vec<f64> = pairs.iter().map(|(cold, warm)| cold - warm).collect();
    let before = median(&pairs.iter().map(|(cold, _)| *cold).collect::<Vec<_>>())?;
    let after = median(&pairs.iter().map(|(_, warm)| *warm).collect::<Vec<_>>())?;
    let one_sided = |low: f64, high: f64| low > 0.0 || high < 0.0;
    let clear = if let Some(interval) = median_interval(&differences) {
        one_sided(interval.low, interval.high)
    } else {
        let smallest = differences.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = differences.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        one_sided(smallest, largest) && before.max(after) >= CLEAR * before.min(after)
    };
    clear.then_some((before, after))
}

/// The slower regime was measured while the machine was clearly worse off.
pub(super) fn slow_side_disturbed(facts: &Facts) -> Vec<String> {
    let Some(cores) = facts.run.run.host.cores.filter(|cores| *cores > 0).map(f64::from) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for warm in facts.warm() {
        let slow_is_cold = match Gain::of(warm, facts.cold(warm.arm)) {
            Gain::Faster => true,
            Gain::Slower => false,
            Gain::Same | Gain::Unclear | Gain::Unknown => continue,
        };
        let Some((cold_s, warm_s)) = walls(facts, warm) else { continue };
        let (slow, fast) =
            if slow_is_cold { (Regime::Cold, warm.regime) } else { (warm.regime, Regime::Cold) };
        let more = |value: fn(&Sample) -> Option<f64>| {
            let of = |regime| {
                let values: Vec<f64> = regimes::proven(&facts.samples, regime, warm.arm)
                    .filter_map(|(sample, _)| value(sample))
                    .collect();
                median(&values)
            };
            Some(of(slow)? - of(fast)?)
        };
        let least = DISTURBED * (cold_s - warm_s).abs();
        let mut causes = Vec::new();
        // Steal is summed over CPUs: divided by their number it is the least that the sample lost.
        if let Some(lost) = more(|sample| measured_part(sample, sample.noise.steal_ns))
            && lost / cores >= least
        {
            causes.push(format!("{} more stolen by the hypervisor", units::seconds(lost)));
        }
        if let Some(lost) = more(|sample| measured_part(sample, sample.noise.pressure.memory_ns))
            && lost >= least
        {
            causes.push(format!("{} more of waiting for memory", units::seconds(lost)));
        }
        if let Some(load) = more(|sample| sample.noise.load_before)
            && load >= LOADED * cores
        {
            causes.push(format!("a load {load:.1} higher before its samples"));
        }
        if !causes.is_empty() {
            findings.push(format!(
                "{} against cold: the slower of the two, {slow}, had {}: part of the difference is the \
                 machine's (hint: measure again on a quiet machine)",
                label(warm),
                causes.join(" and "),
            ));
        }
    }
    findings
}

/// Seconds of a disturbance that fall to the measured phases: its counters span the unmeasured ones too.
fn measured_part(sample: &Sample, ns: Option<u64>) -> Option<f64> {
    let whole = sample.phases.iter().fold(0_u64, |sum, phase| sum.saturating_add(phase.wall_ns));
    let whole = whole.max(sample.wall_ns);
    (whole > 0).then_some(seconds(ns?) * sample.wall_ns as f64 / whole as f64)
}

fn walls(facts: &Facts, warm: &RegimeSummary) -> Option<(f64, f64)> {
    Some((facts.cold(warm.arm)?.wall_s?.median, warm.wall_s?.median))
}
