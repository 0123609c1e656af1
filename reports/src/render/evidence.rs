//! What proves the regimes, in one line.

use bench_record::{LoadedRun, Outcome, Regime, Sample};

use crate::text::word;

/// Counts of what the records prove.
pub(crate) fn line(run: &LoadedRun) -> String {
    if let Some(imported) = &run.run.imported {
        return format!("none: {} does not say what the caches held", word(&imported.format));
    }
    let count = |wanted: &dyn Fn(&Sample) -> bool| {
        run.samples.iter().filter(|(sample, _)| wanted(sample)).count()
    };
    let part = |name: &str, regime: Regime, holds: fn(&Sample) -> bool| {
        let all = count(&|sample| sample.regime == regime);
        let proof = count(&|sample| sample.regime == regime && holds(sample));
        (all > 0).then(|| format!("{regime} {name} {proof} of {all}"))
    };
    let own_seed = |sample: &Sample| sample.seed_origin.as_ref() == Some(&sample.runner);
    let parts: Vec<String> = [
        part("started empty", Regime::Cold, |sample| sample.evidence.empty_at_start),
        part("had its own seed", Regime::SameRunner, own_seed),
        part("had another runner's seed", Regime::CrossRunner, |sample| {
            sample.seed_origin.as_ref().is_some_and(|origin| *origin != sample.runner)
        }),
        part("had its own seed", Regime::Hot, own_seed),
    ]
    .into_iter()
    .flatten()
    .collect();
    let contradicted = count(&|sample| {
        sample.outcome == Outcome::Unproven || !sample.evidence.contradictions.is_empty()
    });
    let proven = run.samples.len() - contradicted;
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
