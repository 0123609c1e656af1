//! Findings that the difference between cold and a warm regime is not, or not only, due to the cache. A false alarm
//! here would discredit a good result: every rule needs a clear difference and a cause that can account for it.
//! `docs/METHOD.md`, "Is it the cache?", states them.

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{Arm, LoadedRun, Regime, RegimeSummary, Sample};

use super::super::facts::{RunFacts, label};
use super::super::gain::{CLEAR, Gain};
use super::super::samples::{by_block, proven, seconds};
use super::cache::no_more_hits;
use crate::document::text::quoted;
use crate::document::units;
use crate::stats::{median, median_interval};

/// An unmeasured phase is reported when its difference from cold is this share of the cold time.
pub const UNMEASURED: f64 = 0.1;
/// A disturbance that accounts for this share of the difference makes the comparison doubtful.
pub const DISTURBED: f64 = 0.2;
/// Load average per core by which one regime must start above the other: more than a tool that uses every core
/// can leave behind.
pub const LOADED: f64 = 1.5;

/// It was faster, although every cache has a probe and the probes counted no more hits than in cold.
pub(super) fn faster_without_hits(facts: &RunFacts) -> Vec<String> {
    facts
        .warm()
        // A hot regime is faster because of its daemons and the page cache: that is what it is for.
        .filter(|warm| warm.regime != Regime::Hot && Gain::of(warm, facts.cold(warm.arm)) == Gain::Faster)
        .filter(|warm| every_cache_is_probed(facts.run, warm.arm))
        .filter_map(|warm| {
            no_more_hits(facts, warm)?;
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

/// Only then do hits say something about all caches: a cache without a probe may be what saved the time. Where
/// there is one cache, any probe is about it; where there are more, each has a probe of its name.
fn every_cache_is_probed(run: &LoadedRun, arm: Arm) -> bool {
    let mut samples = run.samples.iter().filter(|(sample, _)| sample.arm == arm).peekable();
    samples.peek().is_some()
        && samples.all(|(sample, _)| {
            let probes = &sample.evidence.probes;
            let has_probe = |cache: &String| probes.contains_key(cache);
            sample.caches.len() == 1 && !probes.is_empty() || sample.caches.keys().all(has_probe)
        })
}

/// The cache changes a phase that is not measured more than those that are.
pub(super) fn unmeasured_phase(facts: &RunFacts) -> Vec<String> {
    let mut findings = Vec::new();
    for warm in facts.warm() {
        let Some((cold_s, warm_s)) = walls(facts, warm) else { continue };
        let measured = (cold_s - warm_s).abs();
        let names: BTreeSet<&str> = proven(&facts.samples, warm.regime, warm.arm)
            .flat_map(|(sample, _)| &sample.phases)
            .filter(|phase| !phase.measured)
            .map(|phase| phase.name.as_str())
            .collect();
        for name in names {
            let of = |regime| {
                by_block(&facts.samples, regime, warm.arm, |sample| phase_seconds(sample, name))
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

/// The two medians, when the differences inside the blocks are clear: their interval does not reach 0, or without
/// one all have the same sign and the medians differ by at least the ratio [`CLEAR`].
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

/// The slower regime was measured while the machine was clearly more disturbed.
pub(super) fn slow_side_disturbed(facts: &RunFacts) -> Vec<String> {
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
                let values: Vec<f64> = proven(&facts.samples, regime, warm.arm)
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

/// The part of a disturbance that falls to the measured phases, in seconds: its counters span the unmeasured ones too.
fn measured_part(sample: &Sample, ns: Option<u64>) -> Option<f64> {
    let whole = sample.phases.iter().fold(0_u64, |sum, phase| sum.saturating_add(phase.wall_ns));
    let whole = whole.max(sample.wall_ns);
    (whole > 0).then_some(seconds(ns?) * sample.wall_ns as f64 / whole as f64)
}

fn walls(facts: &RunFacts, warm: &RegimeSummary) -> Option<(f64, f64)> {
    Some((facts.cold(warm.arm)?.wall_s?.median, warm.wall_s?.median))
}
