//! Takes one sample from its staged runner to its record.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use bench_record::{Arm, Evidence, Example, Noise, Outcome, Regime, Sample, SampleId, Usage};
use chrono::Utc;

use super::phases::{PhaseError, PhaseRun, PhasesDone};
use super::service::{Running, ServiceError, choose_ports};
use super::stage::{ArmState, Staged, stage};
use super::{ArmSetup, Now, Session, StepError};
use crate::error_text::with_causes;
use crate::plan::Step;
use crate::runner::{Context, Runner, Site, Tweaks};
use crate::scenario::Bundle;
use crate::scenario::{CacheSpec, ServiceSpec};
use crate::system::host::NoiseProbe;

/// What a step is for, and what comes after it.
#[derive(Clone, Copy, Debug)]
pub struct Taken<'a> {
    /// The step.
    pub step: &'a Step,
    /// Its block.
    pub block: u32,
    /// Its position in the block, from 1.
    pub order: u32,
    /// The next step goes on with this runner's daemons alive (hot).
    pub hot_follows: bool,
    /// A later step restores this one's caches from archives.
    pub save: bool,
}

impl Taken<'_> {
    pub(super) fn id(&self) -> SampleId {
        match self.step {
            Step::Sample(sample) => sample.id.clone(),
            Step::Prime { arm, regime } => {
                SampleId(format!("b{:03}-{arm}-{regime}-prime", self.block))
            }
        }
    }
}

/// Runs a step. A prime gives a record too, which is not written: its failure must be seen.
///
/// # Errors
/// [`StepError::Interrupted`], or what kept the sample from being taken; nothing is recorded then.
pub fn take(
    session: &mut Session<'_>,
    taken: Taken<'_>,
    state: &mut ArmState,
) -> Result<(Sample, Vec<Example>), StepError> {
    let regime = taken.step.regime();
    let setup = session.arms.get(&taken.step.arm()).cloned().ok_or_else(|| StepError::Io {
        what: format!("arm `{}`", taken.step.arm()),
        source: std::io::ErrorKind::NotFound.into(),
    })?;
    if regime.is_warm()
        && let Some((outcome, reason)) = &state.seed_failure
    {
        return Ok((not_run(&taken, *outcome, reason), Vec::new()));
    }
    // Whatever lives now is left over from an earlier sample, unless hot wants it alive.
    let alive = if regime == Regime::Hot { Vec::new() } else { session.executor.sweep()?.killed };
    let place = (taken.block, taken.step.arm());
    let mut staged = stage(session, &setup, regime, place, state)?;
    staged.facts.alive = alive.into_iter().map(|stray| stray.name).collect();
    // Another runner cannot reach the one that made its caches.
    let home = state.home.as_ref().filter(|_| regime == Regime::CrossRunner);
    let hidden = home.map(|home| home.hide(session.state)).transpose()?;
    let measured = measure(session, &setup, taken, staged, state);
    let measured = measured.and_then(|measured| {
        if regime == Regime::CrossRunner {
            make_room(session, place)?;
        }
        Ok(measured)
    });
    if let Some(hidden) = hidden {
        let back = hidden.unhide(session.state);
        // What went wrong first is what is told.
        return measured.and_then(|measured| back.map(|()| measured).map_err(StepError::from));
    }
    measured
}

/// Runs the phases on a staged runner and writes down what happened.
fn measure(
    session: &mut Session<'_>,
    setup: &ArmSetup,
    taken: Taken<'_>,
    staged: Staged,
    state: &mut ArmState,
) -> Result<(Sample, Vec<Example>), StepError> {
    let id = taken.id();
    let logs = make_logs(session, &id)?;
    let start =
        Start { runner: &staged.runner, logs, tweaks: &Tweaks::default(), ports: &staged.ports };
    let mut job = Job::new(session, setup, start)?;
    let started = Utc::now();
    job.run(session, setup, &id, &staged.runner)?;
    let sample = job.finish(session, setup, &taken, staged, state, started)?;
    Ok((sample, job.done.examples))
}

/// Moves the other runner of a block out of the way, so that the other arm finds the same paths free.
fn make_room(session: &Session<'_>, (block, arm): (u32, Arm)) -> Result<(), StepError> {
    let site = Site::Elsewhere;
    let from = session.run_rel.join(site.directory(block, arm));
    let to = session.run_rel.join(site.directory_after(block, arm));
    Ok(session.state.rename(&from, &to)?)
}

/// The record of a warm sample whose seed does not exist: a reason, not a hole.
fn not_run(taken: &Taken<'_>, outcome: Outcome, reason: &str) -> Sample {
    Sample {
        id: taken.id(),
        block: taken.block,
        arm: taken.step.arm(),
        regime: taken.step.regime(),
        order: taken.order,
        runner: Site::of(taken.step.regime()).runner(taken.block, taken.step.arm()),
        seed_origin: None,
        outcome,
        reason: Some(format!("not run, for want of a seed: {reason}")),
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

pub(super) fn make_logs(session: &Session<'_>, id: &SampleId) -> Result<PathBuf, StepError> {
    let logs = session.logs.join(id.as_str());
    let error =
        |source| StepError::Io { what: format!("log directory `{}`", logs.display()), source };
    // A sample that was cut short left its logs; they are not this sample's.
    if logs.exists() {
        let mut attempt = 1;
        while session.logs.join(format!("{id}.cut-short-{attempt}")).exists() {
            attempt += 1;
        }
        fs::rename(&logs, session.logs.join(format!("{id}.cut-short-{attempt}"))).map_err(error)?;
    }
    fs::create_dir_all(&logs).map_err(error)?;
    Ok(logs)
}

/// A sample while it runs.
pub(super) struct Job {
    pub(super) context: Context,
    pub(super) logs: PathBuf,
    pub(super) running: Running,
    pub(super) done: PhasesDone,
    pub(super) noise: Noise,
    pub(super) before: BTreeMap<String, (u64, u64)>,
    pub(super) caches: Vec<CacheSpec>,
    pub(super) bundles: Vec<Bundle>,
}

/// Where and how a job starts.
pub(super) struct Start<'a> {
    pub(super) runner: &'a Runner,
    pub(super) logs: PathBuf,
    pub(super) tweaks: &'a Tweaks,
    /// Ports on which daemons of this runner listen already.
    pub(super) ports: &'a BTreeMap<String, u16>,
}

impl Job {
    pub(super) fn new(
        session: &Session<'_>,
        setup: &ArmSetup,
        start: Start<'_>,
    ) -> Result<Self, StepError> {
        let Start { runner, logs, tweaks, ports } = start;
        // A port that the scenario fixes, then one on which a daemon listens already, then a free one.
        let fixed = services(session, setup)
            .into_iter()
            .filter_map(|service| Some((service.name.clone(), service.port?)));
        let kept = ports.clone().into_iter().chain(fixed).collect();
        let ports = choose_ports(port_names(session, setup), &kept)
            .map_err(|source| StepError::Io { what: "a port for a service".to_owned(), source })?;
        let context = Context::new(
            session.scenario,
            runner,
            &session.user,
            &setup.params,
            ports,
            &setup.tools,
        )?
        .tweaked(tweaks);
        Ok(Self {
            context,
            logs,
            running: Running::default(),
            done: PhasesDone::default(),
            noise: Noise::default(),
            before: BTreeMap::new(),
            caches: session.caches(setup),
            bundles: session.bundles(setup),
        })
    }

    /// All phases in order; services run from the first measured phase on.
    ///
    /// # Errors
    /// [`StepError::Interrupted`] when the run was asked to stop, after everything was stopped.
    pub(super) fn run(
        &mut self,
        session: &mut Session<'_>,
        setup: &ArmSetup,
        id: &SampleId,
        runner: &Runner,
    ) -> Result<(), StepError> {
        let mut noise = None;
        for phase in session.scenario.phases.iter().filter(|p| p.when.holds(&setup.params)) {
            if phase.measured && noise.is_none() {
                // Before services start: one that keeps a cache writes into it at once.
                self.before = runner.measure_caches(&self.bundles)?;
                if let Err(reason) = self.start_services(session, setup)? {
                    self.done.failure = Some((Outcome::Failed, reason));
                    break;
                }
                noise = Some(NoiseProbe::before());
            }
            let announce = &mut session.announce;
            let mut run = PhaseRun {
                executor: session.executor,
                context: &self.context,
                sample: id,
                logs: &self.logs,
                examples: session.scenario.examples.as_ref(),
                known: setup.examples.as_deref(),
                only: session.only.as_ref(),
                announce: &mut |phase, example| announce(Now::Phase(phase, example)),
                done: std::mem::take(&mut self.done),
            };
            let ran = run.run(phase);
            self.done = run.done;
            match ran {
                Ok(()) => {}
                Err(PhaseError::Context(error)) => return Err(error.into()),
                Err(PhaseError::Exec(error)) => return Err(error.into()),
            }
            if self.done.failure.is_some() || self.done.interrupted {
                break;
            }
        }
        if let Some(noise) = noise {
            self.noise = noise.after();
        }
        session.shares.commands_ns +=
            self.done.phases.iter().map(|phase| phase.wall_ns).sum::<u64>();
        let failed = self.done.failure.is_some();
        if self.done.interrupted || (failed && session.executor.interrupted().is_some()) {
            self.running.stop(session.executor)?;
            session.executor.sweep()?;
            return Err(StepError::Interrupted(session.executor.interrupted().unwrap_or(2)));
        }
        Ok(())
    }

    fn start_services(
        &mut self,
        session: &mut Session<'_>,
        setup: &ArmSetup,
    ) -> Result<Result<(), String>, StepError> {
        let services = services(session, setup);
        match self.running.start(session.executor, &self.context, &services, &self.logs) {
            Ok(()) => Ok(Ok(())),
            Err(ServiceError::Context(error)) => Err(error.into()),
            Err(
                error @ (ServiceError::NotReady { .. }
                | ServiceError::PortTaken { .. }
                | ServiceError::Exec { .. }),
            ) => Ok(Err(with_causes(&error))),
        }
    }
}

/// What has a port: services, and daemons with a name.
fn port_names<'a>(session: &Session<'a>, setup: &ArmSetup) -> impl Iterator<Item = &'a str> {
    let services = services(session, setup).into_iter().map(|service| service.name.as_str());
    let daemons = session.scenario.daemons.iter().filter(|daemon| daemon.when.holds(&setup.params));
    services.chain(daemons.filter_map(|daemon| daemon.name.as_deref()))
}

fn services<'a>(session: &Session<'a>, setup: &ArmSetup) -> Vec<&'a ServiceSpec> {
    session.scenario.services.iter().filter(|s| s.when.holds(&setup.params)).collect()
}
