//! From verdicts to `explain.json`: of each property the worst way of changing it, the controls, and the causes
//! in one sentence.

use std::fmt::Write as _;

use bench_record::{ExplainOptions, ExplainTrial, Outcome, Property, Run, TrialRole};

use super::document::{
    Control, DecidedBy, Explanation, Measurement, PropertySeen, ReuseVerdict, SCHEMA, Staleness,
};
use super::judge::{Experiment, Judge, Judged, variants, worst};
use super::remedies::{ToolNames, find_remedy};

/// Draws the verdicts from the trials. `tools` are the names by which the catalogue of remedies knows the scenario's
/// tools.
pub fn conclude(
    run: &Run,
    options: &ExplainOptions,
    tools: &ToolNames,
    experiment: &Experiment,
) -> Explanation {
    let Experiment { trials, decided_by, .. } = experiment;
    let judge = Judge { trials, remedied: false, evidence: *decided_by };
    let of = judge.base_hits().and_then(|(_, of)| of);
    let stale = stale(judge, experiment.no_edit.clone());
    let properties: Vec<(Property, PropertySeen)> = Property::ALL
        .into_iter()
        .filter(|property| options.properties.is_empty() || options.properties.contains(property))
        .map(|property| {
            let mut one = property_report(judge, property, of);
            if let Some(reason) = experiment.not_tested.get(&property) {
                one.reason = Some(reason.clone());
            } else if one.reason.is_none() {
                one.reason = experiment.notes.get(&property).cloned();
            }
            if one.verdict.is_cause() {
                one.remedy_details = find_remedy(tools, property);
                one.remedy = one.remedy_details.as_ref().map(|remedy| remedy.fix.clone());
            }
            if property == Property::SourceMtime {
                one.stale = stale.mtime_kept;
            }
            if property == Property::WorkspacePath {
                one.stale = stale.old_path;
            }
            let remedied = Judge { remedied: true, ..judge };
            one.remedied = variants(remedied, property).map(|all| point(&worst(&all).1, of));
            (property, one)
        })
        .collect();
    let controls = controls(judge, of);
    let valid = controls.len() == 3 && controls.iter().all(|control| control.passed);
    let together: Vec<String> = properties
        .iter()
        .filter(|(_, one)| !one.verdict.is_cause())
        .filter(|(property, _)| {
            judge
                .of_others_but(*property)
                .is_some_and(|judged| judged.verdict == ReuseVerdict::Keeps)
        })
        .map(|(property, _)| property.to_string())
        .collect();
    let everything = judge.of_role(TrialRole::Everything).map(|judged| point(&judged, of));
    let others = judge.of_role(TrialRole::Others).map(|judged| point(&judged, of));
    let mut report = Explanation {
        schema: SCHEMA.to_owned(),
        run_id: run.id.to_string(),
        scenario: run.scenario.name.clone(),
        scenario_hash: Some(run.scenario.hash.clone()),
        params: run.params.clone(),
        complete: experiment.interrupted.is_none(),
        valid,
        headline: String::new(),
        control: judge.of_role(TrialRole::Empty).map(|judged| judged.verdict),
        controls,
        decided_by: *decided_by,
        repeats: trials.iter().map(|trial| trial.repeat).max().unwrap_or(1),
        cold: reference(judge, TrialRole::Snapshot, of),
        same_runner: reference(judge, TrialRole::Nothing, of),
        properties: properties.into_iter().map(|(_, one)| one).collect(),
        everything,
        everything_but_causes: others,
        together,
        stale,
        found: experiment.found.clone(),
    };
    report.headline = headline(&report);
    report
}

fn property_report(judge: Judge<'_>, property: Property, of: Option<u64>) -> PropertySeen {
    let all = variants(judge, property);
    let worst = all.as_ref().map(|all| point(&worst(all).1, of)).unwrap_or_default();
    // What happened in another way than the worst one is said, too: a trial that failed once, for example.
    let mut reasons: Vec<String> = worst.reason.iter().cloned().collect();
    for (variant, judged) in all.iter().flatten() {
        let reason = judged.reason.as_ref().filter(|reason| !reasons.contains(reason));
        reasons.extend(reason.map(|reason| format!("{variant}: {reason}")));
    }
    PropertySeen {
        name: property.to_string(),
        verdict: worst.verdict.unwrap_or(ReuseVerdict::NotTested),
        hits: worst.hits,
        of: worst.of.filter(|_| worst.hits.is_some()),
        wall_s: worst.wall_s,
        saving_kept: worst.saving_kept,
        low: worst.low,
        high: worst.high,
        stale: None,
        remedy: None,
        remedy_details: None,
        remedied: None,
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
        variants: all
            .into_iter()
            .flatten()
            .map(|(variant, judged)| (variant.to_owned(), point(&judged, of)))
            .collect(),
    }
}

fn point(judged: &Judged, of: Option<u64>) -> Measurement {
    Measurement {
        verdict: Some(judged.verdict),
        hits: judged.hits,
        of: of.filter(|_| judged.hits.is_some()),
        wall_s: judged.wall_s,
        saving_kept: judged.share,
        low: judged.interval.map(|(low, _)| low),
        high: judged.interval.map(|(_, high)| high),
        reason: judged.reason.clone(),
    }
}

/// What is compared with rather than judged.
fn reference(judge: Judge<'_>, role: TrialRole, of: Option<u64>) -> Measurement {
    let judged = judge.of_role(role);
    let point = judged.map(|judged| point(&judged, of)).unwrap_or_default();
    Measurement { verdict: None, saving_kept: None, reason: None, ..point }
}

fn controls(judge: Judge<'_>, of: Option<u64>) -> Vec<Control> {
    let keeps = |judged: &Judged| match judge.evidence {
        DecidedBy::Hits => judged.verdict == ReuseVerdict::Keeps,
        // Seconds of the same thing twice are rarely told apart; what matters is that they are not.
        DecidedBy::Seconds => !judged.verdict.is_cause(),
    };
    let first = judge.of_role(TrialRole::Nothing).map(|judged| {
        // By seconds, a saving is what the negative control shows.
        let passed = match judge.evidence {
            DecidedBy::Hits => judged.verdict == ReuseVerdict::Keeps,
            DecidedBy::Seconds => {
                judge.role(TrialRole::Nothing).all(|trial| trial.outcome == Outcome::Ok)
            }
        };
        let mut point = point(&judged, of);
        if passed {
            (point.verdict, point.reason) = (Some(ReuseVerdict::Keeps), None);
        }
        Control { name: "nothing-changed".to_owned(), passed, point }
    });
    let empty = judge.of_role(TrialRole::Empty).map(|judged| Control {
        name: "empty-caches".to_owned(),
        passed: judged.verdict == ReuseVerdict::Breaks,
        point: point(&judged, of),
    });
    let again = judge.of_role(TrialRole::NothingAgain).map(|judged| Control {
        name: "nothing-changed-again".to_owned(),
        passed: keeps(&judged),
        point: point(&judged, of),
    });
    [first, empty, again].into_iter().flatten().collect()
}

/// Whether an edit of a source went unnoticed. The result of a cold run of the edited source is right; any
/// other one is not.
fn stale(judge: Judge<'_>, not_tested: Option<String>) -> Staleness {
    let none = |reason: &str| Staleness { reason: Some(reason.to_owned()), ..Staleness::default() };
    if let Some(reason) = not_tested {
        return none(&reason);
    }
    let result = |role| judge.role(role).next().map(ExplainTrial::result);
    let (Some(before), Some(right)) = (result(TrialRole::Snapshot), result(TrialRole::EditedCold))
    else {
        return none("it was not reached");
    };
    if result(TrialRole::Empty).is_some_and(|again| again != before) {
        return none("two cold runs of the same source differ: the outputs cannot be compared");
    }
    if before == right {
        return none("the edit changes neither an output nor an outcome of what was run");
    }
    let passes = |role| judge.role(role).next().map(|trial| trial.outcome == Outcome::Ok);
    // One that fails where the right result does not has noticed, and says so: that is not an old result.
    let loud = |role| passes(TrialRole::EditedCold) == Some(true) && passes(role) == Some(false);
    let wrong = |role| result(role).map(|found| found != right && !loud(role));
    let (kept, fresh) = (wrong(TrialRole::EditedKept), wrong(TrialRole::EditedFresh));
    // Not any wrong result: one that names its path differs there, and a broken environment fails. The old
    // result is what must not come.
    let moved = result(TrialRole::EditedMoved).map(|found| found == before);
    let old_path = moved.filter(|_| fresh == Some(false));
    let asked = [kept, fresh, old_path];
    Staleness {
        stale: kept.or(fresh).map(|_| asked.contains(&Some(true))),
        mtime_kept: kept,
        mtime_fresh: fresh,
        old_path,
        reason: None,
    }
}

/// All causes in one sentence.
fn headline(report: &Explanation) -> String {
    if let Some(control) = report.controls.iter().find(|control| !control.passed) {
        let verdict = control.point.verdict.map_or("unknown", ReuseVerdict::as_str);
        let reason = control.point.reason.as_deref().unwrap_or("see the controls");
        return format!(
            "no answer: the control `{}` came out as {verdict}: {reason}",
            control.name
        );
    }
    if !report.complete {
        return "not finished: what was tried so far says nothing about the rest".to_owned();
    }
    let mut causes: Vec<String> = report
        .properties
        .iter()
        .filter(|one| one.verdict.is_cause())
        .map(|one| {
            let part = if one.verdict == ReuseVerdict::Partly { " in part" } else { "" };
            format!("{} alone{part}", one.name)
        })
        .collect();
    match report.together.as_slice() {
        [] => {}
        [one] => causes.push(format!("{one} together with others")),
        [first @ .., last] => {
            causes.push(format!("{} and {last} together", first.join(", ")));
        }
    }
    let beside = report.everything_but_causes.as_ref().or(report.everything.as_ref());
    let breaks = |point: &Measurement| point.verdict.is_some_and(ReuseVerdict::is_cause);
    let explained_all = report.everything_but_causes.is_some() || causes.is_empty();
    if explained_all && report.together.is_empty() && beside.is_some_and(breaks) {
        causes.push("several others together, no single one of which would help".to_owned());
    }
    let tested = report.properties.iter().filter(|p| p.verdict != ReuseVerdict::NotTested).count();
    let unclear: Vec<&str> = report
        .properties
        .iter()
        .filter(|one| one.verdict == ReuseVerdict::Inconclusive)
        .map(|one| one.name.as_str())
        .collect();
    let mut text = if tested == 0 {
        "nothing was tried: none of these properties can be changed here".to_owned()
    } else if causes.is_empty() {
        format!(
            "none of the {} properties {} breaks reuse on another runner",
            tested - unclear.len(),
            if unclear.is_empty() { "tested" } else { "with a clear result" }
        )
    } else {
        format!("reuse on another runner is broken by: {}", causes.join("; "))
    };
    if !unclear.is_empty() {
        // Writing to a String cannot fail.
        let _ = write!(text, " (cannot tell: {})", unclear.join(", "));
    }
    text
}
