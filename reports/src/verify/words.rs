//! Verdict and findings, in words.

use super::{Difference, FaultOutcome, RunVerdict, Verdict, Verification};
use crate::document::text::quoted;
use crate::document::units;

/// The verdict and why.
pub(super) fn verdict(found: &Verification) -> (Verdict, Option<String>) {
    let lying = found.runs.iter().find(|run| run.verdict == RunVerdict::Wrong);
    if let Some(run) = lying {
        let how = run.reason.clone().unwrap_or_else(|| first(&run.differences));
        return (Verdict::WrongOutput, Some(format!("{}: {how}", run.regime)));
    }
    if let Some(fault) = found.faults.iter().find(|f| f.outcome == FaultOutcome::WrongOutput) {
        let place = fault.kind.as_deref().map(|kind| format!(" of {}", quoted(kind)));
        return (
            Verdict::WrongOutput,
            Some(format!("{}{}: {}", fault.fault, place.unwrap_or_default(), fault.reason)),
        );
    }
    if let Some(run) = found.runs.iter().find(|run| run.verdict == RunVerdict::Failed) {
        let why = run.reason.clone().unwrap_or_default();
        return (Verdict::NotEstablished, Some(format!("{} fails: {why}", run.regime)));
    }
    if !found.complete {
        return (Verdict::NotEstablished, None);
    }
    let nothing_left =
        found.outputs > 0 && found.reproducible.unstable.len() as u64 >= found.outputs;
    if nothing_left {
        let reason = "no output is reproducible without a cache, so none can be compared";
        return (Verdict::NotEstablished, Some(reason.to_owned()));
    }
    if found.reason.is_some() {
        return (Verdict::NotEstablished, None);
    }
    (Verdict::Truthful, None)
}

/// The first difference as part of a sentence.
pub fn first(differences: &[Difference]) -> String {
    let Some(difference) = differences.first() else { return "nothing differs".to_owned() };
    let what = match (difference.what.as_str(), difference.offset) {
        ("content", Some(offset)) => format!("differs from byte {offset} on"),
        ("content", None) => "differs".to_owned(),
        ("link", _) => "points elsewhere".to_owned(),
        ("missing", _) => "is missing".to_owned(),
        (_, _) => "is not made by a cold build".to_owned(),
    };
    let more = match differences.len() {
        1 => String::new(),
        n => format!(", and {} more", units::counted(n - 1, "file")),
    };
    format!("{} {what}{more}", quoted(&difference.file))
}

pub(super) fn findings(found: &Verification) -> Vec<String> {
    let mut findings = Vec::new();
    let reproducible = &found.reproducible;
    if !reproducible.unstable.is_empty() {
        findings.push(format!(
            "the build is not reproducible by itself, whatever the cache: two cold runs on one runner differ: {} (left out of every comparison)",
            first(&reproducible.unstable)
        ));
    }
    if !reproducible.placed.is_empty() {
        findings.push(format!(
            "the build depends on where it runs: cold runs on two runners differ: {} (each runner is compared with its own cold run)",
            first(&reproducible.placed)
        ));
    }
    for run in &found.runs {
        let foreign = run.foreign_paths.first();
        findings.extend(foreign.map(|file| {
            format!(
                "{}: {} of the outputs name the runner that made the cache, the first is {}",
                run.regime,
                run.foreign_paths.len(),
                quoted(file)
            )
        }));
    }
    for fault in &found.faults {
        if matches!(fault.outcome, FaultOutcome::WrongOutput | FaultOutcome::SlowerForEver) {
            let kind = fault.kind.as_deref().map(|kind| format!(" of {}", quoted(kind)));
            findings.push(format!(
                "{}: {}{}: {}",
                fault.outcome,
                fault.fault,
                kind.unwrap_or_default(),
                fault.reason
            ));
        }
    }
    for (cache, kinds) in &found.kinds_left_out {
        findings.push(format!(
            "{}: {} of files were not damaged: {} (hint: --kinds)",
            quoted(cache),
            units::counted(kinds.len(), "kind"),
            kinds.join(", ")
        ));
    }
    if found.outputs == 0 {
        findings.push(
            "the scenario declares no outputs, or made none: only how commands and examples end was compared".to_owned(),
        );
    }
    findings
}

/// One sentence for the end of a report.
pub(crate) fn conclusion(found: &Verification) -> String {
    let seen: Vec<String> = FaultOutcome::ALL
        .into_iter()
        .filter(|outcome| found.count(*outcome) > 0)
        .map(|outcome| format!("{} {outcome}", found.count(outcome)))
        .collect();
    let faults = if seen.is_empty() {
        String::new()
    } else {
        format!(" {}: {}.", units::counted(found.faults.len(), "fault"), seen.join(", "))
    };
    match (&found.verdict, &found.reason) {
        (Verdict::Truthful, _) => {
            format!("The warm build tells the truth as far as it was tried.{faults}")
        }
        (Verdict::WrongOutput, reason) => {
            format!("The warm build lies: {}.{faults}", reason.as_deref().unwrap_or("see above"))
        }
        (Verdict::NotEstablished, reason) => format!(
            "Whether the warm build tells the truth could not be established: {}.{faults}",
            reason.as_deref().unwrap_or("it was cut short")
        ),
    }
}

/// `62/62`, `62`, or a dash.
pub(super) fn hits(hits: Option<u64>, misses: Option<u64>) -> String {
    match (hits, misses) {
        (Some(hits), Some(misses)) => format!("{hits}/{}", hits + misses),
        (Some(hits), None) => hits.to_string(),
        (None, _) => "-".to_owned(),
    }
}
