//! The phases on a runner in any state: what `explain`, `ablate` and `verify` are made of.
//!
//! A sample claims a regime and proves it. A trial claims nothing: its caller has put the runner into a state on
//! purpose and knows what is different.

use std::collections::BTreeMap;

use bench_record::{Example, Noise, Outcome, PhaseTime, ProbeReading, SampleId, Usage};
use chrono::{DateTime, Utc};

use super::finish::{measured_total, sum};
use super::job::{Job, JobEnd, Start, make_logs};
use super::session::{ArmSetup, Session, StepError};
use crate::runner::{Runner, Tweaks};

/// How a trial is run.
#[derive(Debug)]
pub struct Trial<'a> {
    /// Names its logs.
    pub id: SampleId,
    /// What differs in its commands.
    pub tweaks: &'a Tweaks,
    /// Counters that came with the caches; a probe's hits are what was added to them.
    pub counters: &'a BTreeMap<String, ProbeReading>,
    /// Whether daemons stay alive when it is over.
    pub keep_daemons: bool,
}

/// What a trial showed.
#[derive(Clone, Debug)]
pub struct Tried {
    /// How it ended.
    pub outcome: Outcome,
    /// Why, when not `ok`.
    pub reason: Option<String>,
    /// Wall-clock start of the first phase.
    pub started: DateTime<Utc>,
    /// Sum of the measured phases' wall times.
    pub wall_ns: u64,
    /// Resources of the measured phases.
    pub usage: Usage,
    /// Every phase that ran.
    pub phases: Vec<PhaseTime>,
    /// Times of single examples.
    pub examples: Vec<Example>,
    /// Each probe's reading.
    pub probes: BTreeMap<String, ProbeReading>,
    /// Hits of all probes; `None` if there is no probe or one could not be read.
    pub hits: Option<u64>,
    /// Misses, likewise.
    pub misses: Option<u64>,
    /// Files and bytes of each cache when the measured phases started.
    pub before: BTreeMap<String, (u64, u64)>,
    /// Files and bytes of each cache at the end.
    pub after: BTreeMap<String, (u64, u64)>,
    /// Digest over the declared outputs.
    pub output_digest: Option<String>,
    /// Processes that had to be killed at the end.
    pub killed: u32,
    /// The machine's disturbance.
    pub noise: Noise,
}

/// Runs the phases on `runner`. Processes that an earlier trial left alive are killed first.
///
/// # Errors
/// [`StepError::Interrupted`], or what kept the phases from being run.
pub fn try_out(
    session: &mut Session<'_>,
    setup: &ArmSetup,
    runner: &Runner,
    trial: &Trial<'_>,
) -> Result<Tried, StepError> {
    session.executor.sweep()?;
    let logs = make_logs(session, &trial.id)?;
    let start = Start { runner, logs, tweaks: trial.tweaks, ports: &BTreeMap::new() };
    let mut job = Job::new(session, setup, start)?;
    let started = Utc::now();
    job.run(session, setup, &trial.id, runner)?;
    let JobEnd { probes, killed, output_digest, .. } =
        job.end(session, setup, runner, trial.counters, trial.keep_daemons)?;
    let after = runner.measure_caches(&job.bundles)?;
    let (outcome, reason) = match &job.done.failure {
        Some((outcome, reason)) => (*outcome, Some(reason.clone())),
        None => (Outcome::Ok, None),
    };
    let (wall_ns, usage) = measured_total(&job.done.phases);
    Ok(Tried {
        outcome,
        reason,
        started,
        wall_ns,
        usage,
        hits: sum(&probes, |reading| reading.hits),
        misses: sum(&probes, |reading| reading.misses),
        probes,
        before: job.before,
        after,
        output_digest,
        killed,
        noise: job.noise,
        phases: job.done.phases,
        examples: job.done.examples,
    })
}
