//! The end of a sample: probes are read, what runs is stopped, the evidence is weighed.

use std::collections::BTreeMap;

use bench_record::{Evidence, Outcome, ProbeReading, Regime, Sample, Usage};
use chrono::{DateTime, Utc};

use super::evidence::contradictions;
use super::leave::Left;
use super::phases;
use super::sample::{Job, Taken};
use super::stage::{ArmState, Staged};
use super::{ArmSetup, Now, Session, StepError};
use crate::cache::probe;
use crate::error_text::with_causes;
use crate::runner::Runner;
use crate::scenario::{Counter, DaemonSpec, ProbeFrom, ProbeSpec};
use crate::system::fs::tree;

/// What is known once nothing of a sample runs any more.
pub(super) struct Ended {
    pub(super) probes: BTreeMap<String, ProbeReading>,
    /// Processes that were still alive after daemons were told to stop, and were killed.
    pub(super) killed: u32,
    /// Caches that a symbolic link leads away from where they are declared.
    pub(super) linked: Vec<String>,
    pub(super) output_digest: Option<String>,
}

impl Job {
    /// Reads the probes, stops what runs, saves what is to be saved, and writes the record down.
    pub(super) fn finish(
        &mut self,
        session: &mut Session<'_>,
        setup: &ArmSetup,
        taken: &Taken<'_>,
        mut staged: Staged,
        state: &mut ArmState,
        started: DateTime<Utc>,
    ) -> Result<Sample, StepError> {
        let regime = taken.step.regime();
        let counters = travelled(&session.scenario.probes, &staged.counters, regime);
        let Ended { probes, killed, linked, output_digest } =
            self.end(session, setup, &staged.runner, &counters, taken.hot_follows)?;
        staged.facts.linked = linked;
        staged.facts.filled = self
            .before
            .iter()
            .filter(|(_, (files, _))| *files > 0)
            .map(|(name, (_, bytes))| (name.clone(), *bytes))
            .collect();
        let (mut outcome, mut reason) = self.outcome(regime, state);
        let found = contradictions(regime, &staged.facts);
        if outcome == Outcome::Ok && !found.is_empty() {
            outcome = Outcome::Unproven;
            reason = Some(found.join("; "));
        }
        let evidence = Evidence {
            empty_at_start: staged.facts.filled.is_empty(),
            seed_bytes: staged.facts.seed_bytes,
            seed: staged.facts.seed.clone(),
            hits: add_up(&probes, |reading| reading.hits),
            misses: add_up(&probes, |reading| reading.misses),
            probes: probes.clone(),
            killed,
            contradictions: found,
        };
        let left = Left { taken, staged: &staged, probes, outcome, reason: reason.as_deref() };
        let caches = self.leave(session, state, left)?;
        let seed_origin = staged.facts.seed_origin.clone();
        let runner_id = staged.runner.id.clone();
        if regime != Regime::CrossRunner {
            state.ports = self.context.ports().clone();
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

    /// Reads the probes and stops what runs; daemons stay when `leave_daemons` says so.
    pub(super) fn end(
        &mut self,
        session: &mut Session<'_>,
        setup: &ArmSetup,
        runner: &Runner,
        counters: &BTreeMap<String, ProbeReading>,
        leave_daemons: bool,
    ) -> Result<Ended, StepError> {
        (session.announce)(Now::Finishing("read probes"));
        let linked = runner.linked_caches(&self.caches);
        let linked = linked.into_iter().map(|(name, _)| name.to_owned()).collect();
        let probes = self.read_probes(session, setup, counters)?;
        self.running.stop(session.executor)?;
        let mut killed = 0;
        if !leave_daemons {
            self.stop_daemons(session, setup)?;
            killed = session.executor.sweep()?.killed.len() as u32;
        }
        let output_digest = if session.scenario.outputs.is_empty() {
            None
        } else {
            tree::digest(&runner.workspace, &session.scenario.outputs.set)?
        };
        Ok(Ended { probes, killed, linked, output_digest })
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
}

/// The counters that a sample's own are the difference to. Those of a daemon start anew with the daemon: only hot
/// finds them as the last sample left them.
fn travelled(
    probes: &[ProbeSpec],
    counters: &BTreeMap<String, ProbeReading>,
    regime: Regime,
) -> BTreeMap<String, ProbeReading> {
    let anew = |name: &String| {
        probes.iter().any(|probe| probe.name == *name && probe.counter == Counter::Daemon)
    };
    counters
        .iter()
        .filter(|(name, _)| regime == Regime::Hot || !anew(name))
        .map(|(name, reading)| (name.clone(), reading.clone()))
        .collect()
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
pub(super) fn add_up(
    probes: &BTreeMap<String, ProbeReading>,
    of: impl Fn(&ProbeReading) -> Option<u64>,
) -> Option<u64> {
    if probes.is_empty() {
        return None;
    }
    probes.values().map(of).sum()
}
