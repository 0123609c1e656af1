//! The order of trials: controls, one property at a time, everything, everything but the causes, an edit, remedies.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bench_record::{
    ExplainEntry, ExplainOptions, ExplainTrial, JournalWriter, OLD_PATH_STAYS, Property, TrialRole,
    Variation,
};
use bench_reports::explain::{
    DecidedBy, Experiment, REPEATS_SECONDS, ReuseVerdict, find_remedy, property_verdict,
};

use super::change::RunnerFacts;
use super::explainer::{Explainer, TrialSpec};
use super::isolate::Identities;
use super::obstacles::obstacle;
use super::remedies;
use super::toolbox::{self, Toolbox};
use crate::sample::StepError;
use crate::trial::{Progress, SourceEdit, Testbed, TrialError, TrialEvent};

/// Trials in addition to those of single properties, when nothing unusual happens.
const OTHER_TRIALS: usize = 8;

/// What is to be tried.
#[derive(Debug)]
pub struct ExplainRequest<'a> {
    /// What was asked for.
    pub options: &'a ExplainOptions,
    /// The executables of the scenario's tools, by tool.
    pub tools: &'a BTreeMap<String, PathBuf>,
    /// Seed of the order of trials, where seconds decide.
    pub seed: u64,
    /// Trials that earlier processes made.
    pub earlier: Vec<ExplainTrial>,
}

/// Tries everything that was asked for and not tried before. A snapshot and an opening control are made in every
/// process: a runner does not survive the one that made it.
///
/// # Errors
/// See [`TrialError`]; every finished trial is on disk then. An interruption is not an error.
pub fn explain(
    testbed: &mut Testbed<'_, '_>,
    request: ExplainRequest<'_>,
    journal: &mut JournalWriter<ExplainEntry>,
    listener: &mut dyn FnMut(TrialEvent<'_>),
) -> Result<Experiment, TrialError> {
    let ExplainRequest { options, tools, seed, earlier } = request;
    let process =
        earlier.iter().filter(|t| t.role == TrialRole::Snapshot && !t.remedied).count() + 1;
    let facts = facts(testbed, tools)?;
    let mut explainer = Explainer {
        testbed,
        facts,
        experiment: Experiment { trials: earlier, ..Experiment::default() },
        progress: Progress::new(listener),
        repeats: 1,
        seed,
        process,
        journal,
        snapshot: None,
        live_snapshot: None,
        remedy: None,
    };
    match run(&mut explainer, options) {
        Ok(()) => {}
        Err(TrialError::Step(StepError::Interrupted(signal))) => {
            explainer.experiment.interrupted = Some(signal);
        }
        Err(error) => return Err(error),
    }
    Ok(explainer.experiment)
}

fn facts(
    testbed: &mut Testbed<'_, '_>,
    paths: &BTreeMap<String, PathBuf>,
) -> Result<RunnerFacts, TrialError> {
    let (scenario, state) = (testbed.session.scenario, testbed.state());
    let rel = testbed.first().rel().join("tools");
    let tools: Vec<_> = toolbox::tools(scenario, &testbed.setup.params).collect();
    let toolbox = Toolbox::fill(testbed.session.executor, state, &rel, &tools, paths)?;
    Ok(RunnerFacts::of(testbed.first(), scenario, &testbed.setup, toolbox)?)
}

fn run(explainer: &mut Explainer<'_, '_, '_>, options: &ExplainOptions) -> Result<(), TrialError> {
    explainer.take_snapshot()?;
    let counted = explainer.judge().own_hits().is_some();
    explainer.experiment.decided_by =
        if counted && !options.by_seconds { DecidedBy::Hits } else { DecidedBy::Seconds };
    explainer.repeats = options.repeats.unwrap_or(match explainer.experiment.decided_by {
        DecidedBy::Hits => 1,
        DecidedBy::Seconds => REPEATS_SECONDS,
    });
    let wanted: Vec<Property> = Property::ALL
        .into_iter()
        .filter(|p| options.properties.is_empty() || options.properties.contains(p))
        .collect();
    let testable = testable(explainer, &wanted)?;
    let single: Vec<TrialSpec> = testable.iter().copied().flat_map(TrialSpec::of).collect();
    explainer.progress.expect((single.len() + OTHER_TRIALS) * explainer.repeats as usize);
    if !first_round(explainer, &single)? {
        return Ok(());
    }
    together(explainer, &testable)?;
    edited(explainer)?;
    explainer.round(4, &[TrialSpec::plain(TrialRole::NothingAgain, "nothing-again")])?;
    if options.try_remedy {
        try_remedies(explainer, &testable)?;
    }
    Ok(())
}

/// The properties that can be changed here; why the others cannot is noted.
fn testable(
    explainer: &mut Explainer<'_, '_, '_>,
    wanted: &[Property],
) -> Result<Vec<Property>, TrialError> {
    let scratch = explainer.testbed.dir("isolate")?;
    let executor = &mut *explainer.testbed.session.executor;
    explainer.facts.identities = Identities::find(executor, &scratch, wanted)?;
    let mut testable = Vec::new();
    for property in wanted.iter().copied() {
        let mut reason = obstacle(explainer.testbed, &explainer.facts, property);
        if reason.is_none() && property == Property::Daemon {
            reason = explainer.take_live_snapshot()?;
        }
        match reason {
            Some(reason) => {
                explainer.experiment.not_tested.insert(property, reason);
            }
            None => testable.push(property),
        }
    }
    for property in [Property::ToolMtime, Property::ToolPath] {
        let note = explainer.facts.toolbox.note().filter(|_| testable.contains(&property));
        explainer.experiment.notes.extend(note.map(|note| (property, note)));
    }
    Ok(testable)
}

/// Controls and one property at a time; whether there is a saving that anything can break.
fn first_round(
    explainer: &mut Explainer<'_, '_, '_>,
    single: &[TrialSpec],
) -> Result<bool, TrialError> {
    if explainer.experiment.decided_by == DecidedBy::Seconds {
        explainer.compared_round(1, single)?;
        return Ok(true);
    }
    // An earlier process' runner is gone: this one has to show that it reuses, too.
    let label = match explainer.process {
        1 => "nothing".to_owned(),
        process => format!("nothing-{process}"),
    };
    explainer.round(1, &[TrialSpec::plain(TrialRole::Nothing, &label)])?;
    explainer.round(1, &[TrialSpec::plain(TrialRole::Empty, "empty-caches")])?;
    let kept = explainer.judge().of_role(TrialRole::Nothing).map(|judged| judged.verdict);
    if kept != Some(ReuseVerdict::Keeps) {
        return Ok(false);
    }
    explainer.round(1, single)?;
    Ok(true)
}

/// Everything at once; then everything but the causes; then, while that still breaks reuse, what of the
/// rest must stay as it was.
fn together(
    explainer: &mut Explainer<'_, '_, '_>,
    testable: &[Property],
) -> Result<(), TrialError> {
    if testable.len() < 2 {
        return Ok(());
    }
    let everything = Variation::all(testable.iter().copied());
    explainer
        .compared_round(2, &[TrialSpec::new(TrialRole::Everything, "everything", everything)])?;
    let rest: Vec<Property> = testable
        .iter()
        .copied()
        .filter(|p| !property_verdict(explainer.judge(), *p).is_cause())
        .collect();
    let role = if rest.len() == testable.len() {
        TrialRole::Everything
    } else if rest.is_empty() {
        return Ok(());
    } else {
        let others = Variation::all(rest.iter().copied());
        let spec = TrialSpec::new(TrialRole::Others, "everything-but-the-causes", others);
        explainer.compared_round(3, &[spec])?;
        TrialRole::Others
    };
    let broken = explainer.judge().of_role(role).is_some_and(|judged| judged.verdict.is_cause());
    if !broken {
        return Ok(());
    }
    let specs: Vec<TrialSpec> = rest
        .iter()
        .map(|kept| {
            let changed = Variation::all(rest.iter().copied().filter(|p| p != kept));
            TrialSpec::new(TrialRole::OthersBut, &format!("but-{kept}"), changed)
        })
        .collect();
    explainer.compared_round(5, &specs)
}

/// A source is edited: the old result must not be reused.
fn edited(explainer: &mut Explainer<'_, '_, '_>) -> Result<(), TrialError> {
    explainer.experiment.no_edit = match SourceEdit::declared(explainer.testbed) {
        Some(edit) => edit.obstacle(),
        None => Some("the scenario has no `[explain] edit`".to_owned()),
    };
    if explainer.experiment.no_edit.is_some() {
        return Ok(());
    }
    let moved = Variation::one(Property::WorkspacePath, OLD_PATH_STAYS);
    let specs = [
        TrialSpec::plain(TrialRole::EditedCold, "edited-cold"),
        TrialSpec::plain(TrialRole::EditedKept, "edited-mtime-kept"),
        TrialSpec::plain(TrialRole::EditedFresh, "edited-mtime-fresh"),
        TrialSpec::new(TrialRole::EditedMoved, "edited-beside-the-old-path", moved),
    ];
    // What decides here is the result, which one trial shows.
    let repeats = std::mem::replace(&mut explainer.repeats, 1);
    let tried = explainer.round(6, &specs);
    explainer.repeats = repeats;
    tried
}

/// The causes once more with those remedies in place that are variables.
fn try_remedies(
    explainer: &mut Explainer<'_, '_, '_>,
    testable: &[Property],
) -> Result<(), TrialError> {
    let names =
        remedies::tool_names(explainer.testbed.session.scenario, &explainer.testbed.setup.params);
    let causes =
        testable.iter().copied().filter(|p| property_verdict(explainer.judge(), *p).is_cause());
    let mut remedy = BTreeMap::new();
    let mut treated = Vec::new();
    for property in causes {
        let env = find_remedy(&names, property).map(|found| found.env);
        if let Some(env) = env.filter(|env| !env.is_empty()) {
            remedies::merge(&mut remedy, env);
            treated.push(property);
        }
    }
    if treated.is_empty() {
        return Ok(());
    }
    explainer.remedy = Some(remedy);
    let tried = try_treated(explainer, &treated);
    explainer.remedy = None;
    match tried {
        // A remedy that makes the cold run fail is an answer too: nothing is recorded for it.
        Err(TrialError::ColdRun { .. }) => Ok(()),
        other => other,
    }
}

fn try_treated(
    explainer: &mut Explainer<'_, '_, '_>,
    treated: &[Property],
) -> Result<(), TrialError> {
    explainer.take_snapshot()?;
    let single: Vec<TrialSpec> = treated.iter().copied().flat_map(TrialSpec::of).collect();
    if explainer.experiment.decided_by == DecidedBy::Hits {
        let label = format!("nothing-{}", explainer.process);
        explainer.round(1, &[TrialSpec::plain(TrialRole::Nothing, &label)])?;
    }
    explainer.compared_round(1, &single)
}
