//! What proves the regimes, in one line.

use bench_record::{LoadedRun, Outcome, Regime, Sample};

use crate::document::text::word;

/// Whether what a sample started from is what its regime claims.
pub(crate) fn holds(sample: &Sample) -> bool {
    match sample.regime {
        Regime::Cold => sample.evidence.empty_at_start,
        Regime::SameRunner | Regime::Hot => sample.snapshot_origin.as_ref() == Some(&sample.runner),
        Regime::CrossRunner => {
            sample.snapshot_origin.as_ref().is_some_and(|origin| *origin != sample.runner)
        }
        Regime::Unknown => false,
    }
}

/// Whether a sample is proven to be in its regime. One that never ran contradicts nothing and proves nothing.
pub(crate) fn proven(sample: &Sample) -> bool {
    sample.outcome != Outcome::Unproven
        && sample.evidence.contradictions.is_empty()
        && holds(sample)
}

/// Counts of what the records prove.
pub(crate) fn line(run: &LoadedRun) -> String {
    if let Some(imported) = &run.run.imported {
        return format!("none: {} does not say what the caches held", word(&imported.format));
    }
    let count = |wanted: &dyn Fn(&Sample) -> bool| {
        run.samples.iter().filter(|(sample, _)| wanted(sample)).count()
    };
    let part = |name: &str, regime: Regime| {
        let all = count(&|sample| sample.regime == regime);
        let proof = count(&|sample| sample.regime == regime && holds(sample));
        (all > 0).then(|| format!("{regime} {name} {proof} of {all}"))
    };
    let parts: Vec<String> = [
        part("started empty", Regime::Cold),
        part("had its own seed", Regime::SameRunner),
        part("had another runner's seed", Regime::CrossRunner),
        part("had its own seed", Regime::Hot),
    ]
    .into_iter()
    .flatten()
    .collect();
    let proven = count(&proven);
    let all = run.samples.len();
    let mut line = format!("{proven} of {all} samples proven");
    if !parts.is_empty() {
        line.push_str(": ");
        line.push_str(&parts.join(", "));
    }
    let killed: u64 = run.samples.iter().map(|(sample, _)| u64::from(sample.evidence.killed)).sum();
    if killed > 0 {
        line.push_str("; leftover processes killed: ");
        line.push_str(&killed.to_string());
    }
    line
}
