//! Takes one sample, from preparing its runner to its record.

use std::collections::BTreeMap;

use bench_record::{Arm, Evidence, Example, Noise, Outcome, Regime, Sample, Usage};
use chrono::Utc;

use super::finish::{Measured, finish};
use super::job::{Job, Start, make_logs};
use super::prepare::{ArmState, PreparedRunner, prepare_runner};
use super::session::{ArmSetup, Session, StepError, StepRequest};
use crate::cache::snapshot::ColdResult;
use crate::runner::{RunnerIdentity, Site, Tweaks};

/// Runs a step. A prime step gives a record, too, which is not written: a failure of it must be seen.
///
/// # Errors
/// [`StepError::Interrupted`], or what kept the sample from being taken; nothing is recorded then.
pub fn take_sample(
    session: &mut Session<'_>,
    request: StepRequest<'_>,
    state: &mut ArmState,
) -> Result<(Sample, Vec<Example>), StepError> {
    let regime = request.step.regime();
    let place = (request.block, request.step.arm());
    let setup = session.arms.get(&place.1).cloned().ok_or_else(|| StepError::Io {
        what: format!("arm `{}`", place.1),
        source: std::io::ErrorKind::NotFound.into(),
    })?;
    if regime.is_warm()
        && let Some(ColdResult::Failed { outcome, reason }) = &state.cold
    {
        return Ok((not_run(&request, *outcome, reason), Vec::new()));
    }
    // Whatever is alive now is left over from an earlier sample, unless hot wants it alive.
    let alive = if regime == Regime::Hot { Vec::new() } else { session.executor.sweep()?.killed };
    let alive = alive.into_iter().map(|stray| stray.name).collect();
    let away = Away { regime, place, alive };
    let Some(first) = state.first.as_ref().filter(|_| regime.is_other_runner()) else {
        return away.take(session, &setup, request, state, None);
    };
    // Another runner cannot reach the one that made its caches, and may stand at its paths.
    let identity = first.identity();
    let hidden = first.hide(session.state)?;
    let taken = away.take(session, &setup, request, state, Some(&identity));
    let unhidden = hidden.unhide(session.state);
    // The first error is the one to report.
    let recorded = taken?;
    unhidden?;
    Ok(recorded)
}

/// A sample whose first runner, if it needs to be, is away.
struct Away {
    regime: Regime,
    place: (u32, Arm),
    /// Processes of an earlier sample that were alive, by name.
    alive: Vec<String>,
}

impl Away {
    /// Prepares the runner, runs the phases and makes the record.
    fn take(
        self,
        session: &mut Session<'_>,
        setup: &ArmSetup,
        request: StepRequest<'_>,
        state: &mut ArmState,
        first: Option<&RunnerIdentity>,
    ) -> Result<(Sample, Vec<Example>), StepError> {
        let Self { regime, place, alive } = self;
        let mut prepared = prepare_runner(session, setup, regime, place, state)?;
        prepared.facts.alive = alive;
        let recorded = measure(session, setup, request, prepared, state, first)?;
        if regime.is_other_runner() {
            clear_other_runner(session, Site::of(regime), place)?;
        }
        Ok(recorded)
    }
}

/// Runs the phases on a prepared runner and makes the record.
fn measure(
    session: &mut Session<'_>,
    setup: &ArmSetup,
    request: StepRequest<'_>,
    mut prepared: PreparedRunner,
    state: &mut ArmState,
    first: Option<&RunnerIdentity>,
) -> Result<(Sample, Vec<Example>), StepError> {
    let id = request.id();
    prepared.facts.meets(first, &prepared.runner);
    let logs = make_logs(session, &id)?;
    let (runner, ports) = (&prepared.runner, &prepared.ports);
    let start = Start { runner, logs, tweaks: &Tweaks::default(), ports };
    let mut job = Job::new(session, setup, start)?;
    let started = Utc::now();
    job.run(session, setup, &id, runner)?;
    // Again, since a command may have brought it back.
    prepared.facts.meets(first, &prepared.runner);
    finish(session, state, job, Measured { request, setup, prepared, started })
}

/// Renames another runner of a block after its sample, so that its paths are free again.
fn clear_other_runner(
    session: &Session<'_>,
    site: Site,
    (block, arm): (u32, Arm),
) -> Result<(), StepError> {
    let from = session.run_rel.join(site.directory(block, arm));
    let to = session.run_rel.join(site.directory_after(block, arm));
    Ok(session.state.rename(&from, &to)?)
}

/// The record of a warm sample without a snapshot to start from: a reason, not a hole.
fn not_run(request: &StepRequest<'_>, outcome: Outcome, reason: &str) -> Sample {
    let (arm, regime) = (request.step.arm(), request.step.regime());
    Sample {
        id: request.id(),
        block: request.block,
        arm,
        regime,
        order: request.order,
        runner: Site::of(regime).runner(request.block, arm),
        snapshot_origin: None,
        outcome,
        reason: Some(format!("not run, because there is no snapshot: {reason}")),
        started: Utc::now(),
        wall_ns: 0,
        usage: Usage::default(),
        phases: Vec::new(),
        caches: BTreeMap::new(),
        evidence: Evidence::default(),
        output_digest: None,
        noise: Noise::default(),
    }
}
