//! The store is older than the source: an edit after the save must be noticed.

use bench_reports::verify::{FailingEditEvidence, FaultSeen, judge_failing_edit, outcomes};
use filetime::FileTime;

use super::fault::Fault;
use super::fault_runs::{Expected, Injected, two_runs};
use super::verifier::{Reference, Verifier, Warm};
use crate::sample::Tried;
use crate::trial::{Attempt, GoldenSnapshot, SourceEdit, TrialError, succeeded, why_not};

/// A source was changed after the save.
pub(super) fn stale(
    verifier: &mut Verifier<'_, '_, '_>,
    snapshot: &GoldenSnapshot,
    reference: &Reference,
    warm: &Warm,
    fault: Fault,
) -> Result<(), TrialError> {
    let Some(edit) = SourceEdit::declared(verifier.testbed) else {
        verifier.not_tested(fault, "the scenario declares no edit (hint: `edit` in [explain])");
        return Ok(());
    };
    if let Some(why) = edit.obstacle() {
        verifier.not_tested(fault, &why);
        return Ok(());
    }
    verifier.testbed.clean(&[])?;
    let old = edit.apply()?;
    let cold = verifier.try_cold(&format!("{fault}-cold"))?;
    let fails = !succeeded(&cold);
    let shows = fails
        || outcomes(&cold.examples) != reference.examples
        || !reference.outputs.differ(verifier.testbed.first(), &verifier.rules)?.is_empty();
    if !shows {
        verifier.not_tested(
            fault,
            "the edit changes no output and no outcome of a cold build, so nothing would show whether it was noticed",
        );
        return Ok(());
    }
    let outputs = verifier.take_outputs(fault.as_str())?;
    let caches = verifier.testbed.caches.clone();
    verifier.testbed.start_from(snapshot, &caches)?;
    edit.apply()?;
    let time = if fault == Fault::StaleMtime { old } else { FileTime::now() };
    edit.set_time(time)?;
    let mut report = FaultSeen::new(fault.as_str());
    report.file = Some(edit.path().to_string_lossy().into_owned());
    if fails {
        try_failing_edit(verifier, &mut report, &cold, snapshot)?;
    } else {
        let injected = Injected {
            attempt: Attempt::warm(fault.as_str(), snapshot),
            mark: None,
            // An output of the edited source can only come from a build that saw it.
            met: Some("the change was noticed"),
        };
        let examples = outcomes(&cold.examples);
        let expected = Expected { outputs: &outputs, examples: &examples, hits: warm.hits };
        two_runs(verifier, &mut report, &expected, &injected, |_| {
            // Cleaning may have put the source back, and the next run is of the edited one again.
            edit.apply()?;
            Ok(edit.set_time(time)?)
        })?;
    }
    edit.put_back(old)?;
    verifier.report_fault(report);
    Ok(())
}

/// The warm run of a source that fails cold after the edit, as one that breaks a test does.
fn try_failing_edit(
    verifier: &mut Verifier<'_, '_, '_>,
    report: &mut FaultSeen,
    cold: &Tried,
    snapshot: &GoldenSnapshot,
) -> Result<(), TrialError> {
    let attempt = Attempt::warm(report.fault.as_str(), snapshot);
    let tried = verifier.testbed.try_on_first(&attempt)?;
    report.wall_s = Some(tried.wall_ns as f64 / 1e9);
    report.hits = tried.hits;
    let warm_failure = (!succeeded(&tried)).then(|| why_not(&tried));
    (report.outcome, report.reason) = judge_failing_edit(&FailingEditEvidence {
        cold_failure: &why_not(cold),
        cold: &outcomes(&cold.examples),
        warm_failure: warm_failure.as_deref(),
        warm: &outcomes(&tried.examples),
    });
    Ok(())
}
