//! `bench explain`: which runner property breaks reuse, and the remedy.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bench_record::files::{self, EXPLAIN_JOURNAL};
use bench_record::{
    Arm, End, EndReason, ExplainEntry, ExplainOptions, ExplainTrial, JournalWriter, LoadedExplain,
    LoadedRun, Outcome as Ended, Property, Resume, Run, TimeShares,
};
use chrono::Utc;

use super::machine::{Machine, make_logs, prepare_failure, refuse_foreign};
use super::output::write_whole;
use super::places::{find, open_state, refuse_state, single_params};
use super::selection::{absolute_source, scenario_arg};
use super::{Failure, Outcome, default_state, print};
use crate::exit;
use crate::explain::{Event, Experiment, ExplainError, Wish, explain, markdown, report, terminal};
use crate::run::{self, Prepared, Request};
use crate::sample::Session;
use crate::system::exec::Executor as _;
use crate::system::fs::state::FreshDirs;

/// Hits decide by themselves where there are any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum By {
    Seconds,
}

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario: a name (`bench list`) or a directory with a scenario.toml
    #[arg(long, required_unless_present = "resume", conflicts_with = "resume")]
    scenario: Option<String>,
    /// Go on with an explanation that was cut short; everything else is taken from its records
    #[arg(long, value_name = "RUN", conflicts_with_all = ["property", "set", "source", "examples", "out", "repeats", "by", "try_remedy", "seed"])]
    resume: Option<PathBuf>,
    /// Properties to change [default: all]
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    property: Vec<Property>,
    /// Param value
    #[arg(long, value_name = "K=V")]
    set: Vec<String>,
    /// Source tree instead of the scenario's own: a directory, a local clone or a URL; with #REV another
    /// revision than the scenario's
    #[arg(long, value_name = "DIR|URL[#REV]")]
    source: Option<String>,
    /// Only the examples whose name or path matches
    #[arg(long, value_name = "GLOB")]
    examples: Option<String>,
    /// Trials of each change [default: 1 where hits decide, else 7]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20))]
    repeats: Option<u32>,
    /// What decides [default: hits where a probe counts them]
    #[arg(long, value_enum, value_name = "EVIDENCE")]
    by: Option<By>,
    /// Try what breaks reuse once more with those remedies in place that are variables
    #[arg(long)]
    try_remedy: bool,
    /// Seed of the order of trials, where seconds decide [default: random, recorded]
    #[arg(long)]
    seed: Option<u64>,
    /// Run directory [default: .bench/runs/RUN-ID]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Directory in which runners are laid out
    #[arg(long, value_name = "DIR", env = "BENCH_STATE")]
    state: Option<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Leave the runner on disk
    #[arg(long)]
    keep: bool,
    /// Say nothing but errors and the report
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    #[default]
    Terminal,
    Markdown,
    Json,
}

pub(super) fn run(args: &Args) -> Outcome {
    match &args.resume {
        Some(run) => {
            refuse_state(args.state.as_deref())?;
            resume(run, args)
        }
        None => start(args),
    }
}

fn start(args: &Args) -> Outcome {
    let started = Instant::now();
    let root = args.state.clone().unwrap_or_else(default_state);
    let arg = args.scenario.clone().unwrap_or_default();
    let (scenario, hash) = find(&arg, &open_state(&root)?)?;
    let params = single_params(&args.set, &scenario)?;
    let id = run::run_id(&scenario.name);
    let request = Request {
        scenario,
        scenario_arg: scenario_arg(&arg),
        hash,
        params,
        regimes: None,
        blocks: 1,
        only_blocks: None,
        stage: None,
        seed: args.seed.unwrap_or_else(|| fastrand::u64(..)),
        baseline: None,
        auto: false,
        budget: None,
        source: args.source.as_deref().map(absolute_source),
        examples: args.examples.clone(),
        max_failures: None,
        keep: args.keep,
    };
    let asked = ExplainOptions {
        properties: args.property.clone(),
        repeats: args.repeats,
        by_seconds: args.by == Some(By::Seconds),
        try_remedy: args.try_remedy,
    };
    let out = args.out.clone().unwrap_or_else(|| Path::new(".bench/runs").join(id.as_str()));
    if out.join(EXPLAIN_JOURNAL).exists() {
        return Err(Failure::usage(anyhow::anyhow!(
            "`{}` holds an explanation already (hint: `bench explain --resume {}` goes on with it)",
            out.display(),
            out.display()
        )));
    }
    refuse_foreign(&out)?;
    let fresh = FreshDirs::note([out.join("logs"), out.clone()]);
    let logs = make_logs(&out)?;
    let rel = Path::new("runs").join(id.as_str());
    let mut stage = Machine::open(&root, &logs).inspect_err(|_| fresh.take_back())?;
    let prepared = match stage.prepare(&request, id) {
        Ok(prepared) => prepared,
        Err(failure) => {
            // Why it could not start matters more than a removal that fails.
            drop(stage.state.remove(&rel));
            fresh.take_back();
            return Err(failure);
        }
    };
    let writer = JournalWriter::create(
        &out.join(EXPLAIN_JOURNAL),
        &[ExplainEntry::Run(Box::new(prepared.run.clone())), ExplainEntry::Explain(asked.clone())],
    )?;
    let going = Going { out: &out, started, quiet: args.quiet, format: args.format };
    going.explain(stage, &request, prepared, &asked, writer, Vec::new())
}

fn resume(run: &Path, args: &Args) -> Outcome {
    let started = Instant::now();
    let loaded = bench_record::load::<LoadedExplain>(run).map_err(Failure::usage)?;
    if loaded.end.as_ref().is_some_and(|end| end.reason.is_complete()) {
        let text = format!("explanation `{}` is complete: nothing to resume", loaded.run.id);
        anstream::eprintln!(
            "{text} (its report: `{}`)",
            run.join(files::page("explain")).display()
        );
        return Ok(exit::OK);
    }
    let root = PathBuf::from(&loaded.run.options.state);
    let (scenario, hash) = find(&loaded.run.options.scenario, &open_state(&root)?)?;
    let request = run::request_of(&LoadedRun::new(loaded.run.clone()), scenario, hash);
    let mut stage = Machine::open(&root, &make_logs(run)?)?;
    stage.clear_left_over(&loaded.run.id)?;
    let prepared = stage.prepare(&request, loaded.run.id.clone())?;
    run::check_resumable(&loaded.run, &prepared.run).map_err(prepare_failure)?;
    let writer = JournalWriter::resume(
        &run.join(EXPLAIN_JOURNAL),
        Resume {
            at: Utc::now(),
            samples: loaded.trials.len() as u32,
            torn_bytes: loaded.tail_bytes,
            shares: TimeShares::default(),
        },
    )?;
    let going = Going { out: run, started, quiet: args.quiet, format: args.format };
    going.explain(stage, &request, prepared, &loaded.options, writer, loaded.trials)
}

/// Where and since when an explanation is made.
struct Going<'a> {
    out: &'a Path,
    started: Instant,
    quiet: bool,
    format: Format,
}

impl Going<'_> {
    fn explain(
        &self,
        mut stage: Machine,
        request: &Request,
        prepared: Prepared,
        asked: &ExplainOptions,
        mut writer: JournalWriter<ExplainEntry>,
        earlier: Vec<ExplainTrial>,
    ) -> Outcome {
        let tools: BTreeMap<String, PathBuf> = prepared
            .run
            .tools
            .iter()
            .filter_map(|(name, tool)| Some((name.clone(), PathBuf::from(tool.path.as_ref()?))))
            .collect();
        let mut announce = |_: crate::sample::Now<'_>| {};
        let mut session = Session {
            scenario: &request.scenario,
            arms: prepared.arms,
            state: &stage.state,
            run_rel: prepared.run_rel.clone(),
            user: prepared.user,
            logs: std::path::absolute(self.out.join("logs"))?,
            only: run::example_filter(request.examples.as_deref()).map_err(prepare_failure)?,
            executor: &mut stage.executor,
            announce: &mut announce,
            shares: TimeShares { layout_ns: prepared.layout_ns, ..TimeShares::default() },
        };
        let setup =
            session.arms.get(&Arm::Candidate).cloned().context("a run always has a candidate")?;
        let mut progress = Progress::new(self.quiet);
        let wish = Wish { asked, tools: &tools, seed: request.seed, earlier };
        let experiment = explain(&mut session, &setup, wish, &mut writer, &mut |event| {
            progress.tell(event);
        });
        let shares =
            TimeShares { wall_ns: self.started.elapsed().as_nanos() as u64, ..session.shares };
        // However it ended: no service or daemon outlives it.
        let swept = stage.executor.sweep();
        if !request.keep {
            stage.state.remove(&prepared.run_rel)?;
            stage.state.empty_trash()?;
        }
        let experiment = experiment.map_err(failure)?;
        swept?;
        writer.append(&[ExplainEntry::End(end(&experiment, shares))])?;
        self.conclude(&prepared.run, request, asked, &experiment)
    }

    /// Writes the documents and prints one; the exit code says whether there is an answer.
    fn conclude(
        &self,
        run: &Run,
        request: &Request,
        asked: &ExplainOptions,
        experiment: &Experiment,
    ) -> Outcome {
        let report = report(run, &request.scenario, asked, experiment);
        let json = serde_json::to_string_pretty(&report)? + "\n";
        let page = markdown(&report);
        for (name, content) in
            [(files::document("explain"), &json), (files::page("explain"), &page)]
        {
            write_whole(&self.out.join(name), content)?;
        }
        if let Some(signal) = experiment.interrupted {
            anstream::eprintln!(
                "interrupted: what was tried is in `{}` (hint: `bench explain --resume {}` goes on)",
                self.out.display(),
                self.out.display()
            );
            return Ok(exit::signalled(signal));
        }
        print(&match self.format {
            Format::Terminal => terminal(&report),
            Format::Markdown => page,
            Format::Json => json,
        })?;
        anstream::eprintln!("details: {}", self.out.join(files::document("explain")).display());
        Ok(if report.valid { exit::OK } else { exit::UNPROVEN })
    }
}

fn failure(error: ExplainError) -> Failure {
    let code = match &error {
        ExplainError::NoCache { .. } | ExplainError::LinkedCache { .. } => exit::USAGE,
        ExplainError::Base { .. } => exit::COMMAND_FAILED,
        _ => exit::INTERNAL,
    };
    Failure { code, error: error.into() }
}

fn end(experiment: &Experiment, shares: TimeShares) -> End {
    let failed = experiment.trials.iter().filter(|trial| trial.outcome != Ended::Ok).count();
    End {
        at: Utc::now(),
        samples: experiment.trials.len() as u32,
        failed: failed as u32,
        unproven: 0,
        examples: 0,
        reason: if experiment.interrupted.is_some() {
            EndReason::Interrupted
        } else {
            EndReason::Done
        },
        shares,
    }
}

/// A line a trial on standard error, with the time that is left.
struct Progress {
    quiet: bool,
    planned: usize,
    done: usize,
    spent: Duration,
    since: Instant,
}

impl Progress {
    fn new(quiet: bool) -> Self {
        Self { quiet, planned: 0, done: 0, spent: Duration::ZERO, since: Instant::now() }
    }

    fn tell(&mut self, event: Event<'_>) {
        match event {
            Event::Planned(trials) => self.planned = self.done + trials,
            Event::Before(_) => self.since = Instant::now(),
            Event::After(trial) => {
                self.done += 1;
                self.spent += self.since.elapsed();
                if !self.quiet {
                    anstream::eprintln!("{}", self.line(trial));
                }
            }
        }
    }

    fn line(&self, trial: &ExplainTrial) -> String {
        let hits = match (trial.hits, trial.misses) {
            (Some(hits), Some(misses)) => format!("  {hits}/{} hits", hits + misses),
            (Some(hits), None) => format!("  {hits} hits"),
            _ => String::new(),
        };
        let outcome = match trial.outcome {
            Ended::Ok => String::new(),
            outcome => format!("  {outcome}"),
        };
        let left = self.planned.saturating_sub(self.done);
        let seconds = self.spent.as_secs() * left as u64 / self.done.max(1) as u64;
        let left = if self.planned == 0 || left == 0 {
            String::new()
        } else {
            format!("  (about {} min {:02} s left)", seconds / 60, seconds % 60)
        };
        let seconds = trial.wall_ns as f64 / 1e9;
        format!("[{}] {:<34}{seconds:>8.2} s{hits}{outcome}{left}", self.done, trial.id)
    }
}
