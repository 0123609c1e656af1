//! Findings about how far the run itself can be trusted: what failed, what is missing, what disturbed it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use bench_record::{Arm, Design, Outcome, Regime, Sample};

use super::super::facts::{RunFacts, label};
use super::super::samples::proven;
use crate::document::text::{quoted, word};
use crate::document::units;

/// Names and reasons listed before the rest is only counted.
const LISTED: usize = 5;

/// Share of the available CPU time from which on steal is reported: a neighbour may have decided a result.
const STEAL: f64 = 0.01;
/// Share of the samples' time in which some task waited for I/O, from which on it is reported.
const IO_PRESSURE: f64 = 0.2;
/// The same for waiting for memory.
const MEMORY_PRESSURE: f64 = 0.05;
/// The same for waiting for a CPU; a build with as many jobs as cores waits some of the time without any neighbour.
const CPU_PRESSURE: f64 = 0.8;
/// Load average before a sample, per core; what ran before decays in it, so 1 is nothing special.
const LOAD: f64 = 1.5;
/// Share of the run's wall time that the harness itself may take before it is reported.
const OWN_SHARE: f64 = 0.05;

/// Arms that were measured one after the other cannot be compared: what changed on the machine meanwhile cannot be
/// told from what changed in the code.
pub(super) fn sequential(facts: &RunFacts) -> Vec<String> {
    if facts.run.run.design == Design::Randomised {
        return Vec::new();
    }
    let from = facts.run.run.imported.as_ref();
    let from = from
        .map_or_else(String::new, |imported| format!("imported from {}: ", word(&imported.format)));
    vec![format!("{from}sequential, not randomised; no verdict can rest on it")]
}

/// Samples whose regime is contradicted, with the reasons.
pub(super) fn unproven_samples(facts: &RunFacts) -> Vec<String> {
    facts
        .regimes
        .iter()
        .filter(|summary| summary.unproven > 0)
        .map(|summary| {
            let reasons = facts
                .of(summary.regime, summary.arm)
                .filter(|(sample, _)| sample.outcome == Outcome::Unproven)
                .map(|(sample, _)| reason(sample));
            format!(
                "{}: {} of {} unproven and in no estimate: {}",
                label(summary),
                summary.unproven,
                units::counted(facts.of(summary.regime, summary.arm).count(), "sample"),
                tally(reasons),
            )
        })
        .collect()
}

/// Failed examples by name, and failed samples that no example explains.
pub(super) fn failed(facts: &RunFacts) -> Vec<String> {
    let mut findings = Vec::new();
    let mut names: BTreeMap<&str, ExampleFailures> = BTreeMap::new();
    let mut alone = Vec::new();
    for (sample, examples) in &facts.samples {
        let bad: Vec<_> = examples.iter().filter(|e| e.outcome != Outcome::Ok).collect();
        for example in &bad {
            let failures = names.entry(&example.name).or_default();
            failures.samples += 1;
            failures.regimes.insert(sample.regime);
            // That a failed example failed need not be repeated.
            let outcome =
                Some(example.outcome.as_str()).filter(|_| example.outcome != Outcome::Failed);
            let said = |reason: &&str| *reason != example.outcome.as_str();
            let own = example.reason.as_deref().filter(said);
            let of_sample = sample.reason.as_deref().filter(|_| example.outcome == Outcome::Failed);
            failures.reasons.extend(own.or(outcome).or(of_sample).map(quoted));
        }
        if bad.is_empty() && matches!(sample.outcome, Outcome::Failed | Outcome::TimedOut) {
            alone.push(format!("{}: {}", sample.regime, reason(sample)));
        }
    }
    if !names.is_empty() {
        let mut listed: Vec<String> = names
            .iter()
            .take(LISTED)
            .map(|(name, failures)| format!("{} in {failures}", quoted(name)))
            .collect();
        if names.len() > LISTED {
            listed.push(format!("{} more", names.len() - LISTED));
        }
        let count = units::counted(names.len(), "example");
        findings.push(format!("{count} failed: {}", listed.join("; ")));
    }
    if !alone.is_empty() {
        let count = units::counted(alone.len(), "sample");
        findings.push(format!("{count} failed: {}", tally(alone)));
    }
    findings
}

/// Where and why an example failed.
#[derive(Default)]
struct ExampleFailures {
    samples: u32,
    regimes: BTreeSet<Regime>,
    reasons: BTreeSet<String>,
}

impl fmt::Display for ExampleFailures {
    /// `7 samples of cross-runner (`exit code 1`)`; the regime only where it is one that is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&units::counted(self.samples as usize, "sample"))?;
        let known = self.regimes.first().filter(|regime| **regime != Regime::Unknown);
        if let (1, Some(regime)) = (self.regimes.len(), known) {
            write!(f, " of {regime}")?;
        }
        let reasons: Vec<&str> = self.reasons.iter().take(2).map(String::as_str).collect();
        if reasons.is_empty() { Ok(()) } else { write!(f, " ({})", reasons.join(", ")) }
    }
}

/// The reason of a sample that is not `ok`, quoted.
fn reason(sample: &Sample) -> String {
    match (&sample.reason, sample.evidence.contradictions.as_slice()) {
        (Some(reason), _) => quoted(reason),
        (None, []) => quoted(sample.outcome.as_str()),
        (None, contradictions) => quoted(&contradictions.join("; ")),
    }
}

/// `A (2 times), B`, the most frequent first.
fn tally(reasons: impl IntoIterator<Item = String>) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason).or_default() += 1;
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let more = counts.len().saturating_sub(LISTED);
    let mut listed: Vec<String> = counts
        .into_iter()
        .take(LISTED)
        .map(|(reason, count)| match count {
            1 => reason,
            _ => format!("{reason} ({count} times)"),
        })
        .collect();
    if more > 0 {
        listed.push(format!("{more} more"));
    }
    listed.join(", ")
}

/// A warm build whose output differs from a cold one is an error, not a saving.
pub(super) fn outputs_differ(facts: &RunFacts) -> Vec<String> {
    let mut findings = Vec::new();
    for arm in [Arm::Candidate, Arm::Baseline] {
        let digests = |regime| -> Vec<Option<&str>> {
            proven(&facts.samples, regime, arm)
                .map(|(sample, _)| sample.output_digest.as_deref())
                .collect()
        };
        let cold: BTreeSet<Option<&str>> = digests(Regime::Cold).into_iter().collect();
        if cold.len() > 1 {
            findings.push(format!(
                "outputs of cold samples differ from each other ({} kinds): warm outputs cannot be compared \
                 with them",
                cold.len()
            ));
            continue;
        }
        let Some(cold) = cold.into_iter().next() else { continue };
        let different: Vec<String> = facts
            .warm()
            .filter(|summary| summary.arm == arm)
            .filter_map(|summary| {
                let warm = digests(summary.regime);
                let count = warm.iter().filter(|digest| **digest != cold).count();
                let of = units::counted(warm.len(), "sample");
                (count > 0).then(|| format!("{} in {count} of {of}", label(summary)))
            })
            .collect();
        if !different.is_empty() {
            findings.push(format!("warm output differs from cold: {}", different.join(", ")));
        }
    }
    findings
}

/// An interrupted write left bytes that are skipped.
pub(super) fn torn_bytes(facts: &RunFacts) -> Vec<String> {
    let mut what = Vec::new();
    if facts.run.torn_bytes > 0 {
        what.push(format!(
            "{} of a torn line",
            units::counted(facts.run.torn_bytes as usize, "byte")
        ));
    }
    if facts.run.orphans > 0 {
        what.push(format!(
            "{} of a sample that was never finished",
            units::counted(facts.run.orphans as usize, "example line")
        ));
    }
    if what.is_empty() {
        return Vec::new();
    }
    vec![format!("skipped {}: no finished sample is lost", what.join(" and "))]
}

/// Other work on the machine while samples ran.
pub(super) fn noise(facts: &RunFacts) -> Vec<String> {
    let samples = || facts.samples.iter().map(|(sample, _)| *sample);
    let cores = f64::from(facts.run.run.host.cores.unwrap_or(1).max(1));
    // The noise counters span a sample with its unmeasured phases; so must the time they are set against.
    let share = |value: fn(&Sample) -> Option<u64>| {
        let (mut part, mut whole) = (0.0, 0.0);
        for sample in samples() {
            if let Some(ns) = value(sample) {
                part += ns as f64;
                whole += sample
                    .phases
                    .iter()
                    .fold(0, |sum: u64, phase| sum.saturating_add(phase.wall_ns))
                    .max(sample.wall_ns) as f64;
            }
        }
        if whole > 0.0 { part / whole } else { 0.0 }
    };
    let mut high = Vec::new();
    let steal = share(|sample| sample.noise.steal_ns) / cores;
    if steal >= STEAL {
        high.push(format!(
            "{} of the CPU time was stolen by the hypervisor",
            units::percent(steal)
        ));
    }
    let pressures: [(&str, f64, f64); 3] = [
        ("a CPU", share(|sample| sample.noise.pressure.cpu_ns), CPU_PRESSURE),
        ("I/O", share(|sample| sample.noise.pressure.io_ns), IO_PRESSURE),
        ("memory", share(|sample| sample.noise.pressure.memory_ns), MEMORY_PRESSURE),
    ];
    for (what, share, limit) in pressures {
        if share >= limit {
            high.push(format!("tasks waited for {what} {} of the time", units::percent(share)));
        }
    }
    let loads: Vec<f64> = samples().filter_map(|sample| sample.noise.load_before).collect();
    let load = crate::stats::median(&loads).unwrap_or(0.0);
    if facts.run.run.host.cores.is_some() && load >= LOAD * cores {
        high.push(format!(
            "load {load:.1} on {} before samples",
            units::counted(cores as usize, "core")
        ));
    }
    if high.is_empty() {
        return Vec::new();
    }
    vec![format!("noise: {}: times are less certain than they look", high.join(", "))]
}

/// `bench` itself took so much time that the duration of the run says little.
pub(super) fn own_share(facts: &RunFacts) -> Vec<String> {
    facts
        .harness_share
        .filter(|share| *share >= OWN_SHARE)
        .map(|share| {
            format!(
                "{} of the run's wall time was neither a command, a cache transfer nor laying out sources \
                 (expected: under {})",
                units::percent(share),
                units::percent(OWN_SHARE)
            )
        })
        .into_iter()
        .collect()
}
