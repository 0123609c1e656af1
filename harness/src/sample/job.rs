//! The commands of one sample or trial: starts services, runs the phases, reads the probes, stops what runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use bench_record::{Noise, Outcome, ProbeReading, SampleId};

use super::phases::{self, PhaseError, PhaseRun, PhasesDone};
use super::services::{Running, ServiceError, choose_ports};
use super::session::{ArmSetup, Now, Session, StepError};
use crate::cache::probe;
use crate::error_text::with_causes;
use crate::runner::{Context, Runner, Tweaks};
use crate::scenario::{Bundle, CacheSpec, DaemonSpec, ProbeFrom, ProbeSpec, ServiceSpec};
use crate::system::fs::tree;
use crate::system::host::NoiseProbe;

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
        // First choice is a port that the scenario fixes, then one on which a daemon already listens, then a free one.
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

    /// Reads the probes and stops what runs; with `keep_daemons`, daemons stay alive.
    pub(super) fn end(
        &mut self,
        session: &mut Session<'_>,
        setup: &ArmSetup,
        runner: &Runner,
        counters: &BTreeMap<String, ProbeReading>,
        keep_daemons: bool,
    ) -> Result<JobEnd, StepError> {
        (session.announce)(Now::Finishing("read probes"));
        let linked = runner.linked_caches(&self.caches);
        let linked = linked.into_iter().map(|(name, _)| name.to_owned()).collect();
        let probes = self.read_probes(session, setup, counters)?;
        self.running.stop(session.executor)?;
        let mut killed = 0;
        if !keep_daemons {
            self.stop_daemons(session, setup)?;
            killed = session.executor.sweep()?.killed.len() as u32;
        }
        let output_digest = if session.scenario.outputs.is_empty() {
            None
        } else {
            tree::digest(&runner.workspace, &session.scenario.outputs.set)?
        };
        Ok(JobEnd { probes, killed, linked, output_digest })
    }

    fn read_probes(
        &self,
        session: &mut Session<'_>,
        setup: &ArmSetup,
        counters: &BTreeMap<String, ProbeReading>,
    ) -> Result<BTreeMap<String, ProbeReading>, StepError> {
        let mut readings = BTreeMap::new();
        for spec in session.scenario.probes.iter().filter(|p| p.when.holds(&setup.params)) {
            let before = counters.get(&spec.name);
            let reading = match &spec.from {
                ProbeFrom::Command(command) => {
                    let argv = self.context.argv(&format!("probe `{}`", spec.name), command)?;
                    let log = format!("probe-{}", spec.name);
                    match session.executor.capture(&self.context.invocation(argv, &self.logs, &log))
                    {
                        Ok(captured) => probe::read_command(spec, &captured, before),
                        Err(error) => probe::unknown(with_causes(&error)),
                    }
                }
                ProbeFrom::Phase(phase) => {
                    read_text(spec, phases::printed(&self.logs, phase), phase, before)
                }
                ProbeFrom::Service(service) => {
                    read_text(spec, self.running.output(service), service, before)
                }
            };
            let (hits, misses) = (reading.hits, reading.misses);
            tracing::info!(probe = spec.name, hits, misses, error = reading.error, "probe read");
            readings.insert(spec.name.clone(), reading);
        }
        Ok(readings)
    }

    /// Runs the stop command of every daemon. One that fails is not an error: what is still alive is killed.
    fn stop_daemons(&self, session: &mut Session<'_>, setup: &ArmSetup) -> Result<(), StepError> {
        let daemons: Vec<&DaemonSpec> =
            session.scenario.daemons.iter().filter(|d| d.when.holds(&setup.params)).collect();
        for (index, daemon) in daemons.into_iter().enumerate() {
            let log = format!("daemon-stop-{}", index + 1);
            let argv = self.context.argv("daemon", &daemon.stop)?;
            // Ignored on purpose: whatever is still alive is killed next.
            drop(session.executor.capture(&self.context.invocation(argv, &self.logs, &log)));
        }
        Ok(())
    }
}

/// What is known once the commands of a sample have ended.
pub(super) struct JobEnd {
    pub(super) probes: BTreeMap<String, ProbeReading>,
    /// Processes that were still alive after the daemons' stop commands, and were killed.
    pub(super) killed: u32,
    /// Caches that a symbolic link leads away from where they are declared.
    pub(super) linked: Vec<String>,
    /// Digest of the declared outputs; `None` if the scenario declares none.
    pub(super) output_digest: Option<String>,
}

/// The names that get a port: services, and daemons with a name.
fn port_names<'a>(session: &Session<'a>, setup: &ArmSetup) -> impl Iterator<Item = &'a str> {
    let services = services(session, setup).into_iter().map(|service| service.name.as_str());
    let daemons = session.scenario.daemons.iter().filter(|daemon| daemon.when.holds(&setup.params));
    services.chain(daemons.filter_map(|daemon| daemon.name.as_deref()))
}

fn services<'a>(session: &Session<'a>, setup: &ArmSetup) -> Vec<&'a ServiceSpec> {
    session.scenario.services.iter().filter(|s| s.when.holds(&setup.params)).collect()
}

fn read_text(
    spec: &ProbeSpec,
    text: Option<String>,
    from: &str,
    before: Option<&ProbeReading>,
) -> ProbeReading {
    text.map_or_else(
        || {
            probe::unknown(format!(
                "probe `{}`: `{from}` printed nothing in this sample",
                spec.name
            ))
        },
        |text| probe::read(spec, &text, before),
    )
}

pub(super) fn make_logs(session: &Session<'_>, id: &SampleId) -> Result<PathBuf, StepError> {
    let logs = session.logs.join(id.as_str());
    let error =
        |source| StepError::Io { what: format!("log directory `{}`", logs.display()), source };
    // Logs of an earlier attempt that was cut short are not this sample's.
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
