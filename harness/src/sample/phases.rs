//! Runs the phases of one sample and times the examples inside them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bench_record::{Example, Outcome, PhaseTime, SampleId, Usage};
use globset::GlobMatcher;

use super::examples::{self, ExampleValue};
use super::reason::{clip, reason_of, tail};
use crate::error_text::with_causes;
use crate::formats::extract;
use crate::runner::{Context, ContextError};
use crate::scenario::{ExamplesFrom, ExamplesSpec, ExtractSpec, PhaseSpec};
use crate::system::exec::{Ended, ExecError, Executor, Invocation};

/// What happened in the phases of a sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct PhasesDone {
    /// Every phase that was run.
    pub phases: Vec<PhaseTime>,
    /// Every example that was timed.
    pub examples: Vec<Example>,
    /// The failure that makes the whole sample fail: its outcome and reason.
    pub failure: Option<(Outcome, String)>,
    /// The run was interrupted.
    pub interrupted: bool,
}

/// Why phases could not be run at all.
#[derive(Debug, thiserror::Error)]
pub(super) enum PhaseError {
    /// A placeholder has no value.
    #[error(transparent)]
    Context(#[from] ContextError),
    /// The system failed, not the command.
    #[error(transparent)]
    Exec(#[from] ExecError),
}

/// Called before each command with the phase, and the example with its position and count.
pub(super) type Announce<'a> = dyn FnMut(&str, Option<(&str, usize, usize)>) + 'a;

/// What all phases of one sample share.
pub(super) struct PhaseRun<'a> {
    /// Runs the commands.
    pub executor: &'a mut dyn Executor,
    /// Values and environment.
    pub context: &'a Context,
    /// Names the records.
    pub sample: &'a SampleId,
    /// Where logs go.
    pub logs: &'a Path,
    /// Where the examples come from.
    pub examples: Option<&'a ExamplesSpec>,
    /// The examples, if they are known before the sample runs.
    pub known: Option<&'a [ExampleValue]>,
    /// `--examples`.
    pub only: Option<&'a GlobMatcher>,
    /// Reports progress.
    pub announce: &'a mut Announce<'a>,
    /// Filled as phases run.
    pub done: PhasesDone,
}

struct CommandResult {
    wall_ns: u64,
    usage: Usage,
    outcome: Outcome,
    reason: Option<String>,
}

impl PhaseRun<'_> {
    /// Runs one phase. Afterwards `done.failure` and `done.interrupted` say whether the next one may run.
    ///
    /// # Errors
    /// When the command could not be run; a command that fails is not an error.
    pub(super) fn run(&mut self, phase: &PhaseSpec) -> Result<(), PhaseError> {
        let spec = self.examples.filter(|spec| spec.phase == phase.name);
        match spec.map(|spec| (spec, &spec.from)) {
            None => self.once(phase).map(drop),
            Some((spec, ExamplesFrom::Extract(extract))) => self.extracted(phase, spec, extract),
            Some((spec, ExamplesFrom::Command(command))) => {
                let listed = self.list(spec, command)?;
                match listed {
                    Ok(values) => self.each(phase, &values),
                    Err(reason) => {
                        self.done.failure = Some((Outcome::Failed, reason));
                        Ok(())
                    }
                }
            }
            Some((_, ExamplesFrom::Glob(_) | ExamplesFrom::List(_))) => {
                let values = self.known.unwrap_or_default().to_vec();
                self.each(phase, &values)
            }
        }
    }

    /// Runs the phase as one command; if it fails, the sample fails.
    fn once(&mut self, phase: &PhaseSpec) -> Result<Option<u64>, PhaseError> {
        (self.announce)(&phase.name, None);
        let context = self.context;
        let result = self.run_command(phase, context)?;
        let Some(result) = result else { return Ok(None) };
        self.done.phases.push(PhaseTime {
            name: phase.name.clone(),
            measured: phase.measured,
            wall_ns: result.wall_ns,
            usage: result.usage,
            outcome: result.outcome,
            commands: 1,
        });
        if result.outcome != Outcome::Ok {
            let reason = result.reason.unwrap_or_default();
            self.done.failure = Some((result.outcome, format!("phase `{}`: {reason}", phase.name)));
        }
        Ok(Some(result.wall_ns))
    }

    /// Runs the phase once per example. A failed example is recorded; the sample fails only if all of them do.
    fn each(&mut self, phase: &PhaseSpec, values: &[ExampleValue]) -> Result<(), PhaseError> {
        let mut time = PhaseTime {
            name: phase.name.clone(),
            measured: phase.measured,
            wall_ns: 0,
            usage: Usage::default(),
            outcome: Outcome::Ok,
            commands: 0,
        };
        for (index, example) in values.iter().enumerate() {
            (self.announce)(&phase.name, Some((&example.name, index + 1, values.len())));
            let context = self.context.with_example(&example.value);
            let Some(result) = self.run_command(phase, &context)? else { break };
            time.wall_ns += result.wall_ns;
            time.usage = time.usage.plus(result.usage);
            time.outcome = time.outcome.max(result.outcome);
            time.commands += 1;
            self.done.examples.push(Example {
                sample: self.sample.clone(),
                name: example.name.clone(),
                position: index as u32 + 1,
                wall_ns: result.wall_ns,
                outcome: result.outcome,
                reason: result.reason,
                retries: 0,
            });
        }
        self.done.phases.push(time);
        if self.done.interrupted {
            return Ok(());
        }
        let first = self.done.examples.first();
        if values.is_empty() {
            let reason = format!("phase `{}` has no example to run for", phase.name);
            self.done.failure = Some((Outcome::Failed, reason));
        } else if let Some(first) = first
            && self.done.examples.iter().all(|example| example.outcome != Outcome::Ok)
        {
            let reason = first.reason.clone().unwrap_or_default();
            let reason = format!("all {} examples failed, the first: {reason}", values.len());
            self.done.failure = Some((first.outcome, reason));
        }
        Ok(())
    }

    /// Runs the phase once and reads the times of its examples from a report. If the report cannot be read, the sample
    /// fails.
    fn extracted(
        &mut self,
        phase: &PhaseSpec,
        spec: &ExamplesSpec,
        extract: &ExtractSpec,
    ) -> Result<(), PhaseError> {
        if self.once(phase)?.is_none() {
            return Ok(());
        }
        let path = match &extract.path {
            Some(path) => {
                let path = self.context.expand("examples.extract.path", path)?;
                self.context.workspace().join(path)
            }
            None => self.log(&phase.name, "out"),
        };
        let read = fs::File::open(&path)
            .map_err(|error| format!("report `{}`: {error}", path.display()))
            .and_then(|mut file| {
                extract::extract(&extract.format, &mut file, &path.to_string_lossy())
                    .map_err(|error| with_causes(&error))
            });
        let times = match read {
            Ok(times) => times,
            Err(error) => {
                // A failed command often writes no report: then its own failure is the reason.
                let reason = format!("phase `{}`: no example times: {error}", phase.name);
                self.done.failure.get_or_insert((Outcome::Failed, reason));
                return Ok(());
            }
        };
        let wanted = |name: &str| {
            !spec.exclude.set.is_match(name) && self.only.is_none_or(|only| only.is_match(name))
        };
        for (index, time) in times.into_iter().filter(|time| wanted(&time.name)).enumerate() {
            self.done.examples.push(Example {
                sample: self.sample.clone(),
                name: time.name,
                position: index as u32 + 1,
                wall_ns: time.wall_ns,
                outcome: time.outcome,
                reason: time.reason.map(|reason| clip(&reason)),
                retries: time.retries,
            });
        }
        Ok(())
    }

    /// Runs the command that lists the examples, one per line.
    fn list(
        &mut self,
        spec: &ExamplesSpec,
        command: &[crate::scenario::template::Template],
    ) -> Result<Result<Vec<ExampleValue>, String>, PhaseError> {
        let argv = self.context.argv("examples.command", command)?;
        let captured =
            self.executor.capture(&self.context.invocation(argv, self.logs, "examples"))?;
        if !captured.ended.success() {
            let reason = reason_of(captured.ended, &captured.stderr, None);
            return Ok(Err(format!("examples.command: {reason}")));
        }
        let values = captured
            .stdout
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(str::to_owned);
        Ok(Ok(examples::select(spec, values.collect(), self.only)))
    }

    /// Runs one command of a phase; `None` if the run was interrupted.
    fn run_command(
        &mut self,
        phase: &PhaseSpec,
        context: &Context,
    ) -> Result<Option<CommandResult>, PhaseError> {
        let what = format!("phase `{}`", phase.name);
        let mut invocation = Invocation {
            env: context.in_phase(&phase.name).env_with(&what, &phase.env)?,
            timeout: Some(phase.timeout),
            ..context.invocation(context.command(&what, &phase.run)?, self.logs, &phase.name)
        };
        if let Some(cwd) = &phase.cwd {
            invocation.cwd = PathBuf::from(context.expand(&what, cwd)?);
        }
        let offset = fs::metadata(&invocation.stderr).map_or(0, |meta| meta.len());
        let finished = match self.executor.run(&invocation) {
            Ok(finished) => finished,
            // A missing program makes this command fail, not the run.
            Err(error @ ExecError::Spawn { .. }) => {
                return Ok(Some(CommandResult {
                    wall_ns: 0,
                    usage: Usage::default(),
                    outcome: Outcome::Failed,
                    reason: Some(clip(&with_causes(&error))),
                }));
            }
            Err(error) => return Err(error.into()),
        };
        let outcome = match finished.ended {
            Ended::Exited(0) => Outcome::Ok,
            Ended::Exited(_) | Ended::Signalled(_) => Outcome::Failed,
            Ended::TimedOut => Outcome::TimedOut,
            Ended::Interrupted => {
                self.done.interrupted = true;
                return Ok(None);
            }
        };
        let reason = (outcome != Outcome::Ok).then(|| {
            reason_of(finished.ended, &tail(&invocation.stderr, offset), Some(phase.timeout))
        });
        Ok(Some(CommandResult {
            wall_ns: finished.wall_ns,
            usage: finished.usage,
            outcome,
            reason,
        }))
    }

    fn log(&self, phase: &str, stream: &str) -> PathBuf {
        self.logs.join(format!("{phase}.{stream}"))
    }
}

/// What a phase printed in this sample, on both streams.
pub(super) fn printed(logs: &Path, phase: &str) -> Option<String> {
    let mut text = String::new();
    for stream in ["out", "err"] {
        let bytes = fs::read(logs.join(format!("{phase}.{stream}"))).ok()?;
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    Some(text)
}

/// The examples that passed before and do not pass now.
pub(super) fn newly_failing(passed_before: &[String], now: &[Example]) -> Vec<String> {
    let outcome: BTreeMap<&str, Outcome> =
        now.iter().map(|example| (example.name.as_str(), example.outcome)).collect();
    passed_before
        .iter()
        .filter(|name| outcome.get(name.as_str()).is_some_and(|outcome| *outcome != Outcome::Ok))
        .cloned()
        .collect()
}
