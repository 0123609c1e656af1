//! What commands that make trials of their own share: a prepared session, progress, and a tidy end.

use std::cell::Cell;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bench_record::{RunId, TimeShares};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::measure::{Machine, make_logs, prepare_failure};
use super::places::{find, open_state, single_params};
use super::selection::{absolute_source, scenario_arg};
use super::{Failure, default_state};
use crate::cli::progress::human;
use crate::run::{self, Prepared, RECORDS, Request};
use crate::sample::{Now, Session, StepError};
use crate::system::exec::Executor as _;
use crate::system::fs::state::FreshDirs;

/// Options that every such command has.
#[derive(Debug, clap::Args)]
pub(super) struct Common {
    /// Param value, one a param
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
    pub(super) out: Option<PathBuf>,
    /// Seed of everything random [default: random, recorded]
    #[arg(long)]
    pub(super) seed: Option<u64>,
    /// Directory in which runners are laid out
    #[arg(long, value_name = "DIR", env = "BENCH_STATE")]
    pub(super) state: Option<PathBuf>,
    /// Leave the runners on disk
    #[arg(long)]
    pub(super) keep: bool,
    /// Say nothing but errors and the report
    #[arg(long, short)]
    pub(super) quiet: bool,
}

/// A command that may start.
pub(super) struct Ready {
    pub(super) request: Request,
    pub(super) id: RunId,
    pub(super) out: PathBuf,
    state: PathBuf,
    quiet: bool,
    /// Whether `out` belongs to an earlier process of the same run.
    resumed: bool,
}

impl Common {
    /// Finds the scenario and the place for the results.
    pub(super) fn ready(&self, scenario: &str, seed: u64, blocks: u32) -> Result<Ready, Failure> {
        let state = self.state.clone().unwrap_or_else(default_state);
        let arg = scenario;
        let (scenario, hash) = find(arg, &open_state(&state)?)?;
        let params = single_params(&self.set, &scenario)?;
        scenario.check_params(&params).map_err(Failure::usage)?;
        if !scenario.caches.iter().any(|cache| cache.when.holds(&params)) {
            let hint = scenario.caches.iter().flat_map(|cache| &cache.when.0).find_map(
                |(param, values)| Some(format!(" (hint: --set {param}={})", values.first()?)),
            );
            return Err(Failure::usage(anyhow::anyhow!(
                "scenario `{}` has no active cache with these params{}",
                scenario.name,
                hint.unwrap_or_default()
            )));
        }
        let id = run::run_id(&scenario.name);
        let out = self.out.clone().unwrap_or_else(|| Path::new(".bench/runs").join(id.as_str()));
        let request = Request {
            scenario_arg: scenario_arg(arg),
            hash,
            params,
            regimes: None,
            blocks,
            only_blocks: None,
            stage: None,
            seed,
            baseline: None,
            auto: false,
            budget: None,
            source: self.source.as_deref().map(absolute_source),
            examples: self.examples.clone(),
            max_failures: None,
            keep: self.keep,
            scenario,
        };
        Ok(Ready { request, id, out, state, quiet: self.quiet, resumed: false })
    }
}

impl Ready {
    /// A run that goes on.
    pub(super) fn resumed(
        request: Request,
        id: RunId,
        out: PathBuf,
        state: PathBuf,
        quiet: bool,
    ) -> Self {
        Self { request, id, out, state, quiet, resumed: true }
    }

    /// The state root.
    pub(super) fn state(&self) -> &Path {
        &self.state
    }

    /// Refuses a directory that already holds one of `files`, or a run.
    pub(super) fn refuse_used(&self, files: &[&str]) -> Result<(), Failure> {
        let used = files.iter().chain([&RECORDS]).find(|file| self.out.join(file).exists());
        match used {
            None => Ok(()),
            Some(file) => Err(Failure::usage(anyhow::anyhow!(
                "`{}` holds `{file}` already (hint: choose another --out)",
                self.out.display()
            ))),
        }
    }

    /// Prepares a session and calls `work` with it; afterwards nothing runs any more, and the runners are gone.
    pub(super) fn session<T>(
        &self,
        lines: &Lines,
        work: impl FnOnce(&mut Session<'_>, &Prepared) -> Result<T, StepError>,
    ) -> Result<Result<T, StepError>, Failure> {
        let fresh = FreshDirs::note([self.out.join("logs"), self.out.clone()]);
        let logs = make_logs(&self.out)?;
        let rel = Path::new("runs").join(self.id.as_str());
        let nothing = || fresh.take_back();
        let mut stage = Machine::open(&self.state, &logs).inspect_err(|_| nothing())?;
        if self.resumed {
            stage.clear_left_over(&self.id)?;
        }
        let prepared = match stage.prepare(&self.request, self.id.clone()) {
            Ok(prepared) => prepared,
            Err(failure) => {
                // Why it could not start matters more than a removal that fails.
                drop(stage.state.remove(&rel));
                nothing();
                return Err(failure);
            }
        };
        let only =
            run::example_filter(self.request.examples.as_deref()).map_err(prepare_failure)?;
        let mut announce = |now: Now<'_>| lines.now(now);
        let mut session = Session {
            scenario: &self.request.scenario,
            arms: prepared.arms.clone(),
            state: &stage.state,
            run_rel: prepared.run_rel.clone(),
            user: prepared.user.clone(),
            logs,
            only,
            executor: &mut stage.executor,
            announce: &mut announce,
            shares: TimeShares::default(),
        };
        let worked = work(&mut session, &prepared);
        // However it ended: no service or daemon outlives it.
        let swept = stage.executor.sweep();
        if !self.request.keep {
            // Takes minutes after hundreds of trials with large caches.
            lines.now(Now::Finishing("delete the runners"));
            stage.state.remove(&rel)?;
            stage.state.empty_trash()?;
        }
        lines.finish();
        swept?;
        Ok(worked)
    }

    /// Lines on standard error.
    pub(super) fn lines(&self) -> Lines {
        Lines::new(self.quiet)
    }
}

/// Progress: what is done now, what is left and for how long; a bar on a terminal, else a line a trial.
pub(super) struct Lines {
    bar: Option<ProgressBar>,
    quiet: bool,
    started: Instant,
    /// Steps that have begun, and how many there are.
    steps: Cell<(usize, usize)>,
}

impl Lines {
    fn new(quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
        let bar = (terminal && !quiet).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            // The template is a constant; if it were wrong the default style would do.
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
        Self { bar, quiet, started: Instant::now(), steps: Cell::default() }
    }

    /// A step begins; `done` steps of `total` are behind.
    pub(super) fn begins(&self, what: &str, done: usize, total: usize) {
        self.steps.set((done + 1, total));
        if let Some(bar) = &self.bar {
            bar.set_prefix(format!("[{}/{total}]{} {what}", done + 1, self.left(done, total)));
        }
    }

    /// A line about the step that began last.
    pub(super) fn ended(&self, what: &str) {
        let (done, total) = self.steps.get();
        let line = format!("[{done}/{total}] {what}{}", self.left(done, total));
        match &self.bar {
            Some(bar) => bar.println(line),
            None if !self.quiet => anstream::eprintln!("{line}"),
            None => {}
        }
    }

    /// The mean time of a step, times those that are left.
    fn left(&self, done: usize, total: usize) -> String {
        if done == 0 || done >= total {
            return String::new();
        }
        let each = self.started.elapsed() / done as u32;
        format!("  ({} left)", human(each * (total - done) as u32))
    }

    fn now(&self, now: Now<'_>) {
        let Some(bar) = &self.bar else { return };
        bar.set_message(match now {
            Now::Preparing(what) | Now::Finishing(what) => what.to_owned(),
            Now::Phase(phase, None) => phase.to_owned(),
            Now::Phase(phase, Some((example, position, count))) => {
                format!("{phase} {example} ({position}/{count})")
            }
        });
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
