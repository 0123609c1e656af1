//! Takes one sample from its staged runner to its record.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use bench_record::{
    CacheUse, Evidence, Example, Noise, Outcome, ProbeReading, Regime, RunnerId, Sample, SampleId,
    Usage,
};
use chrono::Utc;

use super::evidence::contradictions;
use super::phases::{self, PhaseError, PhaseRun, PhasesDone};
use super::service::{Running, ServiceError, choose_ports};
use super::stage::{ArmState, Staged, stage};
use super::{ArmSetup, Now, Session, StepError};
use crate::cache::{probe, seed};
use crate::host::NoiseProbe;
use crate::plan::Step;
use crate::runner::Context;
use crate::scenario::model::{CacheSpec, DaemonSpec, ProbeFrom, ProbeSpec, ServiceSpec, Transport};
use crate::tree;

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
    fn id(&self) -> SampleId {
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
    let name = format!("b{:03}-{}", taken.block, taken.step.arm());
    let mut staged = stage(session, &setup, regime, &name, state)?;
    staged.facts.alive = alive.into_iter().map(|stray| stray.name).collect();
    let id = taken.id();
    let logs = make_logs(session, &id)?;
    let mut job = Job::new(session, &setup, &staged, logs)?;
    let started = Utc::now();
    job.run(session, &setup, &id, &mut staged)?;
    if job.done.interrupted
        || (job.done.failure.is_some() && session.executor.interrupted().is_some())
    {
        job.running.stop(session.executor)?;
        session.executor.sweep()?;
        return Err(StepError::Interrupted(session.executor.interrupted().unwrap_or(2)));
    }
    let sample = job.finish(session, &setup, &taken, staged, state, started)?;
    Ok((sample, job.done.examples))
}

/// The record of a warm sample whose seed does not exist: a reason, not a hole.
fn not_run(taken: &Taken<'_>, outcome: Outcome, reason: &str) -> Sample {
    Sample {
        id: taken.id(),
        block: taken.block,
        arm: taken.step.arm(),
        regime: taken.step.regime(),
        order: taken.order,
        runner: RunnerId(format!("b{:03}-{}-a", taken.block, taken.step.arm())),
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

fn make_logs(session: &Session<'_>, id: &SampleId) -> Result<PathBuf, StepError> {
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
struct Job {
    context: Context,
    logs: PathBuf,
    running: Running,
    done: PhasesDone,
    noise: Noise,
    before: BTreeMap<String, (u64, u64)>,
    caches: Vec<CacheSpec>,
}

impl Job {
    fn new(
        session: &Session<'_>,
        setup: &ArmSetup,
        staged: &Staged,
        logs: PathBuf,
    ) -> Result<Self, StepError> {
        let ports = choose_ports(services(session, setup))
            .map_err(|source| StepError::Io { what: "a port for a service".to_owned(), source })?;
        let context = Context::new(
            session.scenario,
            &staged.runner,
            &session.user,
            &setup.params,
            ports,
            &session.tools,
        )?;
        Ok(Self {
            context,
            logs,
            running: Running::default(),
            done: PhasesDone::default(),
            noise: Noise::default(),
            before: BTreeMap::new(),
            caches: session.caches(setup),
        })
    }

    /// All phases in order; services run from the first measured phase on.
    fn run(
        &mut self,
        session: &mut Session<'_>,
        setup: &ArmSetup,
        id: &SampleId,
        staged: &mut Staged,
    ) -> Result<(), StepError> {
        let mut noise = None;
        for phase in session.scenario.phases.iter().filter(|p| p.when.holds(&setup.params)) {
            if phase.measured && noise.is_none() {
                if let Err(reason) = self.start_services(session, setup)? {
                    self.done.failure = Some((Outcome::Failed, reason));
                    break;
                }
                self.before = staged.runner.measure_caches(&self.caches)?;
                staged.facts.filled = self
                    .before
                    .iter()
                    .filter(|(_, (files, _))| *files > 0)
                    .map(|(name, (_, bytes))| (name.clone(), *bytes))
                    .collect();
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
            Err(error @ (ServiceError::NotReady { .. } | ServiceError::Exec { .. })) => {
                Ok(Err(error.to_string()))
            }
        }
    }

    /// Reads the probes, stops what runs, saves what is to be saved, and writes the record down.
    fn finish(
        &mut self,
        session: &mut Session<'_>,
        setup: &ArmSetup,
        taken: &Taken<'_>,
        mut staged: Staged,
        state: &mut ArmState,
        started: chrono::DateTime<Utc>,
    ) -> Result<Sample, StepError> {
        let regime = taken.step.regime();
        (session.announce)(Now::Finishing("read probes"));
        let linked = staged.runner.linked_caches(&self.caches);
        staged.facts.linked = linked.into_iter().map(|(name, _)| name.to_owned()).collect();
        let probes = self.read_probes(session, setup, &staged)?;
        self.running.stop(session.executor)?;
        let mut killed = 0;
        if !taken.hot_follows {
            self.stop_daemons(session, setup)?;
            killed = session.executor.sweep()?.killed.len() as u32;
        }
        let output_digest = if session.scenario.outputs.is_empty() {
            None
        } else {
            tree::digest(&staged.runner.workspace, &session.scenario.outputs.set)?
        };
        let (mut outcome, mut reason) = self.outcome(regime, state);
        let found = contradictions(regime, &staged.facts);
        if outcome == Outcome::Ok && !found.is_empty() {
            outcome = Outcome::Unproven;
            reason = Some(found.join("; "));
        }
        let evidence = Evidence {
            empty_at_start: staged.facts.filled.is_empty(),
            seed_bytes: staged.facts.seed_bytes,
            hits: add_up(&probes, |reading| reading.hits),
            misses: add_up(&probes, |reading| reading.misses),
            probes: probes.clone(),
            killed,
            contradictions: found,
        };
        let caches =
            self.caches_after(session, taken, &staged, state, probes, outcome, reason.as_ref())?;
        let seed_origin = staged.facts.seed_origin.clone();
        let runner_id = staged.runner.id.clone();
        if regime != Regime::CrossRunner {
            state.home = Some(staged.runner);
        }
        let measured = || self.done.phases.iter().filter(|phase| phase.measured);
        Ok(Sample {
            id: taken.id(),
            block: taken.block,
            arm: taken.step.arm(),
            regime,
            order: taken.order,
            runner: runner_id,
            seed_origin,
            outcome,
            reason,
            started,
            wall_ns: measured().map(|phase| phase.wall_ns).sum(),
            usage: measured().fold(Usage::default(), |sum, phase| sum.plus(phase.usage)),
            phases: self.done.phases.clone(),
            caches,
            evidence,
            output_digest,
            noise: self.noise,
        })
    }

    /// The sample's own outcome, before its evidence is weighed. An example that its seed's cold run could
    /// build and this one cannot makes the sample fail; one that always fails does not.
    fn outcome(&self, regime: Regime, state: &ArmState) -> (Outcome, Option<String>) {
        if let Some((outcome, reason)) = &self.done.failure {
            return (*outcome, Some(reason.clone()));
        }
        if regime.is_warm()
            && let Some(seed) = &state.seed
        {
            let newly = phases::newly_failing(&seed.passed, &self.done.examples);
            if !newly.is_empty() {
                let reason = format!("fails only with the restored cache: {}", newly.join(", "));
                return (Outcome::Failed, Some(reason));
            }
        }
        (Outcome::Ok, None)
    }

    fn read_probes(
        &self,
        session: &mut Session<'_>,
        setup: &ArmSetup,
        staged: &Staged,
    ) -> Result<BTreeMap<String, ProbeReading>, StepError> {
        let mut readings = BTreeMap::new();
        for spec in session.scenario.probes.iter().filter(|p| p.when.holds(&setup.params)) {
            let before = staged.counters.get(&spec.name);
            let reading = match &spec.from {
                ProbeFrom::Command(command) => {
                    let argv = self.context.argv(&format!("probe `{}`", spec.name), command)?;
                    let log = format!("probe-{}", spec.name);
                    match session.executor.capture(&self.context.invocation(argv, &self.logs, &log))
                    {
                        Ok(captured) => probe::read_command(spec, &captured, before),
                        Err(error) => probe::unknown(error.to_string()),
                    }
                }
                ProbeFrom::Phase(phase) => {
                    read_text(spec, phases::printed(&self.logs, phase), phase, before)
                }
                ProbeFrom::Service(service) => {
                    read_text(spec, self.running.output(service), service, before)
                }
            };
            readings.insert(spec.name.clone(), reading);
        }
        Ok(readings)
    }

    /// Asks every daemon to stop. A stop command that fails is no error: what still lives is killed.
    fn stop_daemons(&self, session: &mut Session<'_>, setup: &ArmSetup) -> Result<(), StepError> {
        let daemons: Vec<&DaemonSpec> =
            session.scenario.daemons.iter().filter(|d| d.when.holds(&setup.params)).collect();
        for (index, daemon) in daemons.into_iter().enumerate() {
            let log = format!("daemon-stop-{}", index + 1);
            let argv = self.context.argv("daemon", &daemon.stop)?;
            // Ignored on purpose: `finish` sweeps whatever is still alive.
            drop(session.executor.capture(&self.context.invocation(argv, &self.logs, &log)));
        }
        Ok(())
    }

    /// Sizes of the caches now, and, after a cold run, the seed.
    #[expect(
        clippy::too_many_arguments,
        reason = "all of it belongs to the one sample that ends here"
    )]
    fn caches_after(
        &self,
        session: &mut Session<'_>,
        taken: &Taken<'_>,
        staged: &Staged,
        state: &mut ArmState,
        probes: BTreeMap<String, ProbeReading>,
        outcome: Outcome,
        reason: Option<&String>,
    ) -> Result<BTreeMap<String, CacheUse>, StepError> {
        let own: Vec<&CacheSpec> =
            self.caches.iter().filter(|c| !staged.facts.linked.contains(&c.name)).collect();
        let after = staged.runner.measure_caches(own.iter().copied())?;
        let size = |sizes: &BTreeMap<String, (u64, u64)>, name: &str| {
            sizes.get(name).copied().unwrap_or_default()
        };
        let mut uses: BTreeMap<String, CacheUse> = BTreeMap::new();
        for cache in &self.caches {
            let (files_before, bytes_before) = size(&self.before, &cache.name);
            let (files, bytes) = size(&after, &cache.name);
            let archive =
                state.seed.as_ref().and_then(|seed| seed.caches.get(&cache.name)?.archive.as_ref());
            let restore_ns = staged.restore_ns.get(&cache.name).copied();
            let from_archive = restore_ns.is_some_and(|ns| ns > 0);
            uses.insert(
                cache.name.clone(),
                CacheUse {
                    files_before,
                    bytes_before,
                    files,
                    bytes,
                    archive_bytes: archive.filter(|_| from_archive).map(|archive| archive.bytes),
                    save_ns: None,
                    restore_ns,
                },
            );
        }
        if taken.step.regime() == Regime::Cold {
            // A cache that is a link elsewhere is not read: what lies there is not ours.
            let whole = staged.facts.linked.is_empty();
            if whole && matches!(outcome, Outcome::Ok | Outcome::Unproven) {
                let seed =
                    self.save_seed(session, taken, staged, probes.clone(), &after, &mut uses)?;
                state.seed = Some(seed);
                state.seed_failure = None;
            } else {
                state.seed = None;
                state.seed_failure = Some((outcome, reason.cloned().unwrap_or_default()));
            }
        }
        if taken.step.regime() != Regime::CrossRunner {
            state.counters = probes;
        }
        Ok(uses)
    }

    fn save_seed(
        &self,
        session: &mut Session<'_>,
        taken: &Taken<'_>,
        staged: &Staged,
        counters: BTreeMap<String, ProbeReading>,
        after: &BTreeMap<String, (u64, u64)>,
        uses: &mut BTreeMap<String, CacheUse>,
    ) -> Result<seed::Seed, StepError> {
        (session.announce)(Now::Finishing("save caches"));
        let rel = staged.runner.rel().join("saved");
        let dir = session.state.dir(&rel)?;
        let mut caches = BTreeMap::new();
        for cache in &self.caches {
            let saved = if taken.save || cache.transport == Transport::Archive {
                let saved = seed::save(&staged.runner, cache, &dir)?;
                if let (Some(archive), Some(cache_use)) =
                    (&saved.archive, uses.get_mut(&cache.name))
                {
                    session.shares.transfer_ns += archive.save_ns;
                    cache_use.save_ns = Some(archive.save_ns);
                    cache_use.archive_bytes = Some(archive.bytes);
                }
                saved
            } else {
                let (files, bytes) = after.get(&cache.name).copied().unwrap_or_default();
                seed::SavedCache { files, bytes, archive: None }
            };
            caches.insert(cache.name.clone(), saved);
        }
        let passed = self
            .done
            .examples
            .iter()
            .filter(|example| example.outcome == Outcome::Ok)
            .map(|example| example.name.clone())
            .collect();
        Ok(seed::Seed { origin: staged.runner.id.clone(), caches, counters, passed })
    }
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

/// The sum over all probes; unknown when there is none or one of them is unknown.
fn add_up(
    probes: &BTreeMap<String, ProbeReading>,
    of: impl Fn(&ProbeReading) -> Option<u64>,
) -> Option<u64> {
    if probes.is_empty() {
        return None;
    }
    probes.values().map(of).sum()
}
