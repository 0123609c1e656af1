//! Faults of single files: one of every kind, in every cache.

use std::path::PathBuf;

use bench_reports::verify::{FaultSeen, judge_unread};

use super::fault::Fault;
use super::fault_runs::{Expected, Injected, two_runs};
use super::kinds::{FileKind, kinds};
use super::touched::Mark;
use super::verifier::{Verifier, Warm};
use crate::scenario::CacheSpec;
use crate::trial::{Attempt, GoldenSnapshot, TrialError};

/// One file that is to be damaged.
pub(super) struct Target {
    fault: Fault,
    cache: CacheSpec,
    kind: String,
    file: PathBuf,
    /// Whether an undamaged warm run read a file of this kind; `None` where the mount does not tell.
    read: Option<bool>,
}

/// A file of every kind in every cache, for every fault that damages files.
pub(super) fn targets(
    verifier: &mut Verifier<'_, '_, '_>,
    snapshot: &GoldenSnapshot,
    warm: &Warm,
) -> Result<Vec<Target>, TrialError> {
    let options = verifier.options;
    let faults = || options.faults.iter().filter(|fault| fault.damage().is_some());
    let mut random = fastrand::Rng::with_seed(options.seed);
    let mut targets = Vec::new();
    for cache in &verifier.testbed.caches {
        let read = warm.read.as_ref().and_then(|read| read.get(&cache.name));
        let was_read =
            |kind: &FileKind| read.map(|read| kind.files.iter().any(|file| read.contains(file)));
        let mut all = kinds(&snapshot.tree(cache))?;
        // Those that a warm run reads first, then the largest.
        all.sort_by_key(|kind| (was_read(kind) == Some(false), std::cmp::Reverse(kind.bytes)));
        let left_out = all.split_off(all.len().min(options.kinds));
        if !left_out.is_empty() && faults().next().is_some() {
            let names = left_out.into_iter().map(|kind| kind.name).collect();
            verifier.found.kinds_left_out.insert(cache.name.clone(), names);
        }
        for kind in all {
            let read_ones: Vec<&PathBuf> = kind
                .files
                .iter()
                .filter(|file| read.is_none_or(|read| read.contains(*file)))
                .collect();
            let among = if read_ones.is_empty() { kind.files.iter().collect() } else { read_ones };
            let Some(file) = random.choice(among) else { continue };
            targets.extend(faults().map(|fault| Target {
                fault: *fault,
                cache: cache.clone(),
                kind: kind.name.clone(),
                file: file.clone(),
                read: was_read(&kind),
            }));
        }
    }
    Ok(targets)
}

/// Damages one file and reports what that leads to.
pub(super) fn damage(
    verifier: &mut Verifier<'_, '_, '_>,
    snapshot: &GoldenSnapshot,
    expected: &Expected<'_>,
    target: &Target,
    number: usize,
) -> Result<(), TrialError> {
    let Target { fault, cache, kind, file, read } = target;
    let Some(damage) = fault.damage() else { return Ok(()) };
    verifier.progress.started(&format!("{fault} of {kind} in {}", cache.name));
    let mut report = FaultSeen::new(fault.as_str());
    report.cache = Some(cache.name.clone());
    report.kind = Some(kind.clone());
    report.file = Some(file.to_string_lossy().into_owned());
    let known = judge_unread(*read).filter(|_| *fault == Fault::Flip);
    if let Some(judgement) = known {
        (report.outcome, report.reason) = judgement;
        verifier.report_fault(report);
        return Ok(());
    }
    let caches = verifier.testbed.caches.clone();
    verifier.testbed.start_from(snapshot, &caches)?;
    let path = verifier.testbed.first().cache_path(cache).join(file);
    report.damage = Some(damage.inflict(verifier.testbed.state(), &path)?);
    let injected = Injected {
        attempt: Attempt::warm(format!("{number:03}-{fault}"), snapshot),
        mark: Some(Mark::take(path, read.is_some())?),
        met: None,
    };
    two_runs(verifier, &mut report, expected, &injected, |_| Ok(()))?;
    verifier.report_fault(report);
    Ok(())
}
