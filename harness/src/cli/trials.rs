//! What the commands that make trials share: options, a prepared testbed, resuming, progress, a tidy end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use bench_record::files::{self, RECORDS};
use bench_record::{
    Arm, JournalEntry, JournalFile, JournalWriter, Resume, Run, RunId, TimeShares, WriteError,
};
use chrono::Utc;
use serde::Serialize;

use super::machine::{Machine, make_logs, prepare_failure, refuse_foreign};
use super::output::write_whole;
use super::places::{find, open_state, refuse_state, single_params};
use super::selection::{absolute_source, scenario_arg};
use super::trial_lines::TrialLines;
use super::{Failure, Outcome, default_state};
use crate::exit;
use crate::run::{self, Prepared, Request};
use crate::sample::{Now, Session, StepError};
use crate::scenario::Scenario;
use crate::system::exec::Executor as _;
use crate::system::fs::state::FreshDirs;
use crate::trial::{Testbed, TrialError};

/// Options that every such command has.
#[derive(Debug, clap::Args)]
pub(super) struct TrialArgs {
    /// Param value; one value per param
    #[arg(long, value_name = "K=V")]
    set: Vec<String>,
    /// Only the examples whose name or path matches
    #[arg(long, value_name = "GLOB")]
    examples: Option<String>,
    /// Source tree instead of the scenario's own: a directory, a local clone or a URL; with #REV another
    /// revision than the scenario's
    #[arg(long, value_name = "DIR|URL[#REV]")]
    source: Option<String>,
    /// Directory for results and logs [default: .bench/runs/RUN-ID]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Seed of everything random [default: random, recorded]
    #[arg(long)]
    seed: Option<u64>,
    /// Directory in which runners are laid out
    #[arg(long, value_name = "DIR", env = "BENCH_STATE")]
    state: Option<PathBuf>,
    /// Leave the runners on disk
    #[arg(long)]
    keep: bool,
    /// Print nothing but errors and the report
    #[arg(long, short)]
    quiet: bool,
}

/// What a command is called and where it writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct TrialCommand {
    /// Its name, which its documents have too: `NAME.json` and `NAME.md`.
    pub(super) name: &'static str,
    /// Its journal; `None` for a command that cannot be resumed.
    pub(super) journal: Option<&'static str>,
}

/// What an earlier process wrote down about its run.
pub(super) struct EarlierRun {
    pub(super) id: RunId,
    /// How the scenario was named on the command line.
    pub(super) scenario: String,
    pub(super) hash: String,
    pub(super) params: BTreeMap<String, String>,
    pub(super) blocks: u32,
    pub(super) seed: u64,
    pub(super) source: Option<String>,
    pub(super) examples: Option<String>,
    pub(super) state: String,
    pub(super) keep: bool,
    /// The whole record, where the journal has one: source, tools and host must be the same.
    pub(super) record: Option<Run>,
    /// Trials that are written down.
    pub(super) trials: usize,
    /// Bytes of a last line that was cut short.
    pub(super) torn_bytes: u64,
}

impl EarlierRun {
    /// What the record of a run says that has made this many trials.
    pub(super) fn of(run: &Run, trials: usize, torn_bytes: u64) -> Self {
        Self {
            id: run.id.clone(),
            scenario: run.options.scenario.clone(),
            hash: run.scenario.hash.clone(),
            params: run.params.clone(),
            blocks: run.options.blocks,
            seed: run.options.seed,
            source: run.options.source.clone(),
            examples: run.options.examples.clone(),
            state: run.options.state.clone(),
            keep: run.options.keep,
            record: Some(run.clone()),
            trials,
            torn_bytes,
        }
    }
}

/// A command that may start.
pub(super) struct TrialRun {
    command: TrialCommand,
    pub(super) request: Request,
    pub(super) id: RunId,
    pub(super) out: PathBuf,
    pub(super) state: PathBuf,
    quiet: bool,
    started: Instant,
    /// What an earlier process of the same run wrote down.
    earlier: Option<EarlierRun>,
}

impl TrialArgs {
    /// Finds the scenario and the place for the results of a new run.
    pub(super) fn start(
        &self,
        command: TrialCommand,
        arg: &str,
        blocks: u32,
    ) -> Result<TrialRun, Failure> {
        let state = self.state.clone().unwrap_or_else(default_state);
        let (scenario, hash) = find(arg, &open_state(&state)?)?;
        let params = single_params(&self.set, &scenario)?;
        if !scenario.caches.iter().any(|cache| cache.when.holds(&params)) {
            return Err(failure(TrialError::no_cache(&scenario)));
        }
        let id = run::run_id(&scenario.name);
        let out = self.out.clone().unwrap_or_else(|| Path::new(".bench/runs").join(id.as_str()));
        command.refuse_used(&out)?;
        let request = Request {
            blocks,
            seed: self.seed.unwrap_or_else(|| fastrand::u64(..)),
            source: self.source.as_deref().map(absolute_source),
            examples: self.examples.clone(),
            keep: self.keep,
            ..request(scenario, scenario_arg(arg), hash, params)
        };
        let (started, quiet) = (Instant::now(), self.quiet);
        Ok(TrialRun { command, request, id, out, state, quiet, started, earlier: None })
    }

    /// Loads the journal of the run in `out`, which [`TrialArgs::resume`] goes on with.
    pub(super) fn load<T: JournalFile>(&self, out: &Path) -> Result<T, Failure> {
        refuse_state(self.state.as_deref())?;
        bench_record::load(out).map_err(Failure::usage)
    }

    /// Goes on with the run in `out`: nothing that its journal holds is tried again.
    pub(super) fn resume(
        &self,
        command: TrialCommand,
        out: &Path,
        earlier: EarlierRun,
    ) -> Result<TrialRun, Failure> {
        let state = PathBuf::from(&earlier.state);
        let (scenario, hash) = find(&earlier.scenario, &open_state(&state)?)?;
        if hash != earlier.hash {
            return Err(Failure::usage(anyhow::anyhow!(
                "run `{}` cannot be resumed: the scenario's files have changed since (hint: start a new run)",
                earlier.id
            )));
        }
        let request = Request {
            blocks: earlier.blocks,
            seed: earlier.seed,
            source: earlier.source.clone(),
            examples: earlier.examples.clone(),
            keep: self.keep || earlier.keep,
            ..request(scenario, earlier.scenario.clone(), hash, earlier.params.clone())
        };
        Ok(TrialRun {
            command,
            request,
            id: earlier.id.clone(),
            out: out.to_owned(),
            state,
            quiet: self.quiet,
            started: Instant::now(),
            earlier: Some(earlier),
        })
    }
}

/// A request that asks for trials of one scenario and nothing that only `bench run` knows.
fn request(
    scenario: Scenario,
    scenario_arg: String,
    hash: String,
    params: BTreeMap<String, String>,
) -> Request {
    Request {
        scenario,
        scenario_arg,
        hash,
        params,
        regimes: None,
        blocks: 1,
        only_blocks: None,
        stage: None,
        seed: 0,
        baseline: None,
        auto: false,
        budget: None,
        source: None,
        examples: None,
        max_failures: None,
        keep: false,
    }
}

impl TrialCommand {
    /// Refuses a directory that holds a run, an earlier answer, or anything else.
    fn refuse_used(self, out: &Path) -> Result<(), Failure> {
        let document = files::document(self.name);
        let mut used = self.journal.into_iter().chain([document.as_str(), RECORDS]);
        let Some(file) = used.find(|file| out.join(file).exists()) else {
            return refuse_foreign(out);
        };
        let resume = if Some(file) == self.journal {
            format!("`bench {} --resume {}` goes on with it, or ", self.name, out.display())
        } else {
            String::new()
        };
        Err(Failure::usage(anyhow::anyhow!(
            "`{}` holds `{file}` already (hint: {resume}choose another --out)",
            out.display()
        )))
    }
}

/// Says that a run has nothing left to try.
pub(super) fn tell_complete(id: &RunId) {
    anstream::eprintln!("run `{id}` is complete: nothing to resume");
}

impl TrialRun {
    /// Prepares a testbed and calls `work` with it; afterwards nothing runs any more, and the runners are gone.
    pub(super) fn on_testbed<T>(
        &self,
        lines: &TrialLines,
        work: impl FnOnce(&mut Testbed<'_, '_>, &Prepared) -> Result<T, TrialError>,
    ) -> Result<Result<T, TrialError>, Failure> {
        let only =
            run::example_filter(self.request.examples.as_deref()).map_err(prepare_failure)?;
        let fresh = FreshDirs::note([self.out.join("logs"), self.out.clone()]);
        let logs = make_logs(&self.out)?;
        let rel = run::run_directory(&self.id, None);
        let mut machine = Machine::open(&self.state, &logs).inspect_err(|_| fresh.take_back())?;
        if self.earlier.is_some() {
            machine.clear_left_over(&rel)?;
        }
        let prepared = self.prepare(&mut machine).inspect_err(|_| {
            // Why it could not start matters more than a removal that fails.
            drop(machine.state.remove(&rel));
            fresh.take_back();
        })?;
        let setup = prepared.arms.get(&Arm::Candidate).cloned();
        let setup = setup.context("a run always has a candidate")?;
        let mut announce = |now: Now<'_>| lines.now(now);
        let mut session = Session {
            scenario: &self.request.scenario,
            arms: prepared.arms.clone(),
            state: &machine.state,
            run_rel: prepared.run_rel.clone(),
            user: prepared.user.clone(),
            logs,
            only,
            executor: &mut machine.executor,
            announce: &mut announce,
            shares: TimeShares { layout_ns: prepared.layout_ns, ..TimeShares::default() },
        };
        let worked =
            Testbed::new(&mut session, setup).and_then(|mut testbed| work(&mut testbed, &prepared));
        // However it ended: no service or daemon outlives it.
        let swept = machine.executor.sweep();
        if !self.request.keep {
            // Takes minutes after hundreds of trials with large caches.
            lines.now(Now::Finishing("delete the runners"));
            machine.state.remove(&rel)?;
            machine.state.empty_trash()?;
        }
        lines.finish();
        swept?;
        Ok(worked)
    }

    fn prepare(&self, machine: &mut Machine) -> Result<Prepared, Failure> {
        let prepared = machine.prepare(&self.request, self.id.clone())?;
        if let Some(recorded) = self.earlier.as_ref().and_then(|run| run.record.as_ref()) {
            run::check_resumable(recorded, &prepared.run).map_err(prepare_failure)?;
        }
        Ok(prepared)
    }

    /// Where the time went, until now.
    pub(super) fn shares(&self, session: TimeShares) -> TimeShares {
        TimeShares { wall_ns: self.started.elapsed().as_nanos() as u64, ..session }
    }

    /// Opens the journal: a new one that starts with `first`, or that of the process that was cut short.
    pub(super) fn open_journal<E: JournalEntry>(
        &self,
        name: &str,
        first: &[E],
    ) -> Result<JournalWriter<E>, WriteError> {
        let path = self.out.join(name);
        let Some(earlier) = &self.earlier else { return JournalWriter::create(&path, first) };
        let resume = Resume {
            at: Utc::now(),
            samples: earlier.trials as u32,
            torn_bytes: earlier.torn_bytes,
            shares: TimeShares::default(),
        };
        JournalWriter::resume(&path, resume)
    }

    /// Progress on standard error.
    pub(super) fn lines(&self) -> TrialLines {
        TrialLines::new(self.quiet)
    }

    /// Writes the answer for programs, which is returned, and for people.
    pub(super) fn write<T: Serialize>(&self, document: &T, page: &str) -> Result<String, Failure> {
        write_documents(self.command, &self.out, document, page)
    }

    /// What a command that ended early says, and its exit code.
    pub(super) fn ended_early(&self, error: TrialError) -> Outcome {
        match error {
            TrialError::Step(StepError::Interrupted(signal)) => Ok(self.interrupted(signal)),
            error => Err(failure(error)),
        }
    }

    /// Says how an interrupted command goes on; the exit code.
    pub(super) fn interrupted(&self, signal: i32) -> u8 {
        let out = self.out.display();
        let hint = match self.command.journal {
            Some(_) => format!(" (hint: `bench {} --resume {out}` goes on)", self.command.name),
            None => String::new(),
        };
        anstream::eprintln!("interrupted: what was found so far is in `{out}`{hint}");
        exit::signalled(signal)
    }
}

/// Writes the answer for programs, which is returned, and for people.
pub(super) fn write_documents<T: Serialize>(
    command: TrialCommand,
    out: &Path,
    document: &T,
    page: &str,
) -> Result<String, Failure> {
    let json = serde_json::to_string_pretty(document)? + "\n";
    write_whole(&out.join(files::document(command.name)), &json)?;
    write_whole(&out.join(files::page(command.name)), page)?;
    Ok(json)
}

/// Says where the answer of a command was written.
pub(super) fn tell_results(command: TrialCommand, out: &Path) {
    anstream::eprintln!("results: {}", out.join(files::document(command.name)).display());
}

fn failure(error: TrialError) -> Failure {
    let code = match &error {
        TrialError::NoCache { .. } | TrialError::LinkedCache { .. } => exit::USAGE,
        TrialError::ColdRun { .. } => exit::COMMAND_FAILED,
        TrialError::Step(_) | TrialError::Write(_) => exit::INTERNAL,
    };
    Failure { code, error: error.into() }
}
