//! Findings about runs whose snapshots came from another job: what is then known, and what a ratio contains besides
//! the effect of the cache.

use std::collections::BTreeSet;

use bench_record::{KeyMatch, Part, Sample, SnapshotUse, Stage};

use super::super::facts::RunFacts;
use crate::document::text::quoted;
use crate::document::units;

/// Samples that started from a snapshot of another job than the one that was asked for, or, in a merged run, than the
/// one whose cold samples they are compared with.
pub(super) fn other_snapshot(facts: &RunFacts) -> Vec<String> {
    let parts = &facts.run.run.parts;
    let other = |sample: &Sample, snapshot: &SnapshotUse| {
        let primes = parts.iter().filter(|part| part.stage == Some(Stage::Prime));
        let prime = primes.into_iter().find(|part| part.blocks.contains(&sample.block));
        prime.map_or(snapshot.matched == KeyMatch::Prefix, |prime| prime.run != snapshot.run)
    };
    let snapshots = from_elsewhere(facts);
    let count = snapshots.iter().filter(|(sample, snapshot)| other(sample, snapshot)).count();
    if count == 0 {
        return Vec::new();
    }
    vec![format!(
        "cross-runner: {} of {} started from the snapshot of another job than planned; the scenario, the sources and the plan \
         are the same",
        count,
        units::counted(snapshots.len(), "sample"),
    )]
}

/// What the cache step did not preserve, although the contents of all files are unchanged.
pub(super) fn changed_on_the_way(facts: &RunFacts) -> Vec<String> {
    let snapshots = from_elsewhere(facts);
    let most = |value: fn(&SnapshotUse) -> u64| {
        snapshots.iter().map(|(_, snapshot)| value(snapshot)).max()
    };
    let mtimes = most(|snapshot| snapshot.changed_mtimes).unwrap_or(0);
    let modes = most(|snapshot| snapshot.changed_modes).unwrap_or(0);
    let parts: Vec<String> = [(mtimes, "modification times"), (modes, "permission bits")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{what} of {count} files and directories"))
        .collect();
    if parts.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "cross-runner: the cache step changed {} (at most, in one snapshot); tools that look at them may miss",
        parts.join(" and ")
    )]
}

/// Cold on one machine and cross-runner on another: their ratio does not show the cache alone.
pub(super) fn unlike_machines(facts: &RunFacts) -> Vec<String> {
    let kind = |part: &Part| {
        let host = &part.host;
        let cores = host.cores.map_or_else(String::new, |cores| format!(", {cores} CPUs"));
        format!("{}{cores}", host.cpu.as_deref().map_or("unknown CPU".to_owned(), quoted))
    };
    let of = |stage| -> BTreeSet<String> {
        let parts = facts.run.run.parts.iter();
        parts.filter(|part| part.stage == Some(stage)).map(kind).collect()
    };
    let (primes, measures) = (of(Stage::Prime), of(Stage::Measure));
    if measures.is_empty() || primes.is_empty() || (primes.len() == 1 && primes == measures) {
        return Vec::new();
    }
    let list = |kinds: BTreeSet<String>| kinds.into_iter().collect::<Vec<_>>().join(", ");
    vec![format!(
        "cold and same-runner ran on {}, cross-runner on {}: their ratio contains the difference between the machines, too",
        list(primes),
        list(measures)
    )]
}

/// The samples that started from a snapshot of another job.
fn from_elsewhere<'a>(facts: &'a RunFacts) -> Vec<(&'a Sample, &'a SnapshotUse)> {
    facts
        .samples
        .iter()
        .filter_map(|(sample, _)| Some((*sample, sample.evidence.snapshot.as_ref()?)))
        .collect()
}
