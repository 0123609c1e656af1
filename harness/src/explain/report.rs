//! `explain.json`: every verdict with what it rests on. A field that does not apply is null.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use bench_record::{Outcome, Run};
use serde::Serialize;

use super::engine::Explained;
use super::judge::{Evidence, Judge, Judged, Verdict};
use super::property::Property;
use super::remedies::{self, Names, Remedy};
use super::scan::Found;
use super::trials::{Asked, Role, TrialRecord};
use crate::scenario::model::Scenario;

/// The schema of `explain.json`.
const SCHEMA: &str = "bench.explain/1";

/// What `explain.json` holds.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// `bench.explain/1`
    pub schema: &'static str,
    /// The run.
    pub run_id: String,
    /// The scenario.
    pub scenario: String,
    /// Its params.
    pub params: BTreeMap<String, String>,
    /// Whether everything that was asked for was tried.
    pub complete: bool,
    /// Whether every control came out as it must. Without that the verdicts mean nothing.
    pub valid: bool,
    /// One sentence.
    pub headline: String,
    /// The negative control: what empty caches come out as; it must be `breaks`.
    pub control: Option<Verdict>,
    /// All controls.
    pub controls: Vec<Control>,
    /// Whether hits or seconds decide.
    pub decided_by: Evidence,
    /// Trials of each change.
    pub repeats: u32,
    /// A cold run: its own hits and its seconds.
    pub cold: Point,
    /// Nothing changed.
    pub same_runner: Point,
    /// One entry a property.
    pub properties: Vec<PropertyReport>,
    /// Everything changed at once.
    pub everything: Option<Point>,
    /// Everything changed but what breaks reuse alone: `keeps` says that no cause is missing.
    pub everything_but_causes: Option<Point>,
    /// Properties that break reuse only together.
    pub together: Vec<Property>,
    /// Whether an old result is reused for a changed source.
    pub stale: Staleness,
    /// What in the caches names this machine.
    pub found: Vec<Found>,
}

/// One measured point.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Point {
    /// The verdict; null for a reference.
    pub verdict: Option<Verdict>,
    /// Hits.
    pub hits: Option<u64>,
    /// Units in all when nothing is changed.
    pub of: Option<u64>,
    /// Seconds of the measured phases.
    pub wall_s: Option<f64>,
    /// Share of the saving that is left.
    pub saving_kept: Option<f64>,
    /// Its interval, where seconds decide.
    pub low: Option<f64>,
    /// See `low`.
    pub high: Option<f64>,
    /// Why.
    pub reason: Option<String>,
}

/// One control.
#[derive(Clone, Debug, Serialize)]
pub struct Control {
    /// `nothing-changed`, `empty-caches` or `nothing-changed-again`.
    #[serde(rename = "control")]
    pub name: &'static str,
    /// Whether it came out as it must.
    pub passed: bool,
    /// What it showed.
    pub point: Point,
}

/// One property.
#[derive(Clone, Debug, Serialize)]
pub struct PropertyReport {
    /// Which.
    pub property: Property,
    /// The worst of its variants.
    pub verdict: Verdict,
    /// Of the worst variant.
    pub hits: Option<u64>,
    /// Units in all when nothing is changed.
    pub of: Option<u64>,
    /// Seconds of the worst variant.
    pub wall_s: Option<f64>,
    /// Share of the saving that is left.
    pub saving_kept: Option<f64>,
    /// Its interval, where seconds decide.
    pub low: Option<f64>,
    /// See `low`.
    pub high: Option<f64>,
    /// Whether an old result is reused when the content of a source changes and this property does not;
    /// null where that cannot be asked of the property, or was not.
    pub stale: Option<bool>,
    /// What to do, in one sentence.
    pub remedy: Option<String>,
    /// The same with its parts.
    pub remedy_details: Option<Remedy>,
    /// What it came out as with the remedies in place.
    pub remedied: Option<Point>,
    /// Why it was not tested, why it failed, or what should be known about how it was changed.
    pub reason: Option<String>,
    /// Each way in which it was changed.
    pub variants: BTreeMap<String, Point>,
}

/// The answer to the edit of a source.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Staleness {
    /// Whether an old result was reused; null where it was not asked.
    pub stale: Option<bool>,
    /// With the mtime that the source had before the edit.
    pub mtime_kept: Option<bool>,
    /// With a fresh mtime.
    pub mtime_fresh: Option<bool>,
    /// At another path, with a fresh mtime, while the old workspace is still there, unedited: a false green. Null
    /// where an edit goes unnoticed without that, too.
    pub old_path: Option<bool>,
    /// Why it was not tested.
    pub reason: Option<String>,
}

/// The verdict on a property: the worst of its variants.
pub(super) fn property_verdict(judge: Judge<'_>, property: Property) -> Verdict {
    variants(judge, property).map_or(Verdict::NotTested, |all| worst(&all).1.verdict)
}

type Variants = Vec<(&'static str, Judged)>;

/// Every way in which the property was changed; `None` when it was not.
fn variants(judge: Judge<'_>, property: Property) -> Option<Variants> {
    let all: Variants = property
        .variants()
        .iter()
        .filter_map(|variant| Some((*variant, judge.of_variant(property, variant)?)))
        .collect();
    (!all.is_empty()).then_some(all)
}

/// The worst; of equals the one that keeps least.
fn worst(all: &Variants) -> &(&'static str, Judged) {
    let kept = |judged: &Judged| judged.share.unwrap_or(0.0);
    let mut worst = &all[0];
    for one in all {
        let (a, b) = (&one.1, &worst.1);
        if (a.verdict, -kept(a)).partial_cmp(&(b.verdict, -kept(b))).is_some_and(Ordering::is_gt) {
            worst = one;
        }
    }
    worst
}

/// Draws the verdicts from the trials.
pub fn report(run: &Run, scenario: &Scenario, asked: &Asked, explained: &Explained) -> Report {
    let Explained { trials, scene, evidence, interrupted } = explained;
    let judge = Judge { trials, remedied: false, evidence: *evidence };
    let of = judge.base_hits().and_then(|(_, of)| of);
    let names = Names::of(scenario, &run.params);
    let stale = stale(judge, scene.no_edit.clone());
    let properties: Vec<PropertyReport> = Property::ALL
        .into_iter()
        .filter(|property| asked.properties.is_empty() || asked.properties.contains(property))
        .map(|property| {
            let mut one = property_report(judge, property, of);
            if let Some(reason) = scene.not_tested.get(&property) {
                one.reason = Some(reason.clone());
            } else if one.reason.is_none() {
                one.reason = scene.notes.get(&property).cloned();
            }
            if one.verdict.is_cause() {
                one.remedy_details = remedies::find(&names, property);
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
            one
        })
        .collect();
    let controls = controls(judge, of);
    let valid = controls.len() == 3 && controls.iter().all(|control| control.passed);
    let together: Vec<Property> = properties
        .iter()
        .filter(|one| !one.verdict.is_cause())
        .filter(|one| {
            judge.of_others_but(one.property).is_some_and(|judged| judged.verdict == Verdict::Keeps)
        })
        .map(|one| one.property)
        .collect();
    let everything = judge.of_role(Role::Everything).map(|judged| point(&judged, of));
    let others = judge.of_role(Role::Others).map(|judged| point(&judged, of));
    let mut report = Report {
        schema: SCHEMA,
        run_id: run.id.to_string(),
        scenario: run.scenario.name.clone(),
        params: run.params.clone(),
        complete: interrupted.is_none(),
        valid,
        headline: String::new(),
        control: judge.of_role(Role::Empty).map(|judged| judged.verdict),
        controls,
        decided_by: *evidence,
        repeats: trials.iter().map(|trial| trial.repeat).max().unwrap_or(1),
        cold: reference(judge, Role::Seed, of),
        same_runner: reference(judge, Role::Nothing, of),
        properties,
        everything,
        everything_but_causes: others,
        together,
        stale,
        found: scene.found.clone(),
    };
    report.headline = headline(&report);
    report
}

fn property_report(judge: Judge<'_>, property: Property, of: Option<u64>) -> PropertyReport {
    let all = variants(judge, property);
    let worst = all.as_ref().map(|all| point(&worst(all).1, of)).unwrap_or_default();
    PropertyReport {
        property,
        verdict: worst.verdict.unwrap_or(Verdict::NotTested),
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
        reason: worst.reason,
        variants: all
            .into_iter()
            .flatten()
            .map(|(variant, judged)| (variant.to_owned(), point(&judged, of)))
            .collect(),
    }
}

fn point(judged: &Judged, of: Option<u64>) -> Point {
    Point {
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
fn reference(judge: Judge<'_>, role: Role, of: Option<u64>) -> Point {
    let judged = judge.of_role(role);
    let point = judged.map(|judged| point(&judged, of)).unwrap_or_default();
    Point { verdict: None, saving_kept: None, reason: None, ..point }
}

fn controls(judge: Judge<'_>, of: Option<u64>) -> Vec<Control> {
    let keeps = |judged: &Judged| match judge.evidence {
        Evidence::Hits => judged.verdict == Verdict::Keeps,
        // Seconds of the same thing twice are rarely told apart; what matters is that they are not.
        Evidence::Seconds => !judged.verdict.is_cause(),
    };
    let first = judge.of_role(Role::Nothing).map(|judged| {
        // By seconds, a saving is what the negative control shows.
        let passed = match judge.evidence {
            Evidence::Hits => judged.verdict == Verdict::Keeps,
            Evidence::Seconds => {
                judge.role(Role::Nothing).all(|trial| trial.outcome == Outcome::Ok)
            }
        };
        let mut point = point(&judged, of);
        if passed {
            (point.verdict, point.reason) = (Some(Verdict::Keeps), None);
        }
        Control { name: "nothing-changed", passed, point }
    });
    let empty = judge.of_role(Role::Empty).map(|judged| Control {
        name: "empty-caches",
        passed: judged.verdict == Verdict::Breaks,
        point: point(&judged, of),
    });
    let again = judge.of_role(Role::NothingAgain).map(|judged| Control {
        name: "nothing-changed-again",
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
    let result = |role| judge.role(role).next().map(TrialRecord::result);
    let (Some(before), Some(right)) = (result(Role::Seed), result(Role::EditedCold)) else {
        return none("it was not reached");
    };
    if result(Role::Empty).is_some_and(|again| again != before) {
        return none("two cold runs of the same source differ: the outputs cannot be compared");
    }
    if before == right {
        return none("the edit changes neither an output nor an outcome of what was run");
    }
    let wrong = |role| result(role).map(|found| found != right);
    let (kept, fresh) = (wrong(Role::EditedKept), wrong(Role::EditedFresh));
    // Not any wrong result: one that names its path differs there, and a broken environment fails. The old
    // result is what must not come.
    let moved = result(Role::EditedMoved).map(|found| found == before);
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
fn headline(report: &Report) -> String {
    if let Some(control) = report.controls.iter().find(|control| !control.passed) {
        let verdict = control.point.verdict.map_or("unknown", Verdict::as_str);
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
            let part = if one.verdict == Verdict::Partly { " in part" } else { "" };
            format!("{} alone{part}", one.property)
        })
        .collect();
    let names: Vec<&str> = report.together.iter().map(|p| p.as_str()).collect();
    match names.as_slice() {
        [] => {}
        [one] => causes.push(format!("{one} together with others")),
        [.., last] => {
            let first = names[..names.len() - 1].join(", ");
            causes.push(format!("{first} and {last} together"));
        }
    }
    let beside = report.everything_but_causes.as_ref().or(report.everything.as_ref());
    let breaks = |point: &Point| point.verdict.is_some_and(Verdict::is_cause);
    let explained_all = report.everything_but_causes.is_some() || causes.is_empty();
    if explained_all && names.is_empty() && beside.is_some_and(breaks) {
        causes.push("several others together, no single one of which would help".to_owned());
    }
    let tested = report.properties.iter().filter(|p| p.verdict != Verdict::NotTested).count();
    let unclear: Vec<&str> = report
        .properties
        .iter()
        .filter(|one| one.verdict == Verdict::Inconclusive)
        .map(|one| one.property.as_str())
        .collect();
    let mut text = if causes.is_empty() {
        format!(
            "reuse on another runner: none of the {tested} properties that were changed breaks it"
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
