//! `bench run`: measure a scenario in its cache regimes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use bench_record::{End, LoadedRun, Record, Regime, Resume, RunId, SampleId, TimeShares};
use chrono::Utc;

use super::{Failure, Outcome, default_state, print, report};
use crate::exec::{Confinement, RealExecutor};
use crate::exit;
use crate::plan::{self, Plan};
use crate::progress::Progress;
use crate::regime::Session;
use crate::run::{
    self, Event, Finish, PrepareError, Prepared, RECORDS, RecordWriter, Request, SUMMARY,
};
use crate::scenario::model::{ExamplesFrom, ExamplesSpec, PhaseCommand, Scenario};
use crate::scenario::template::Template;
use crate::scenario::{self, FindError, LoadError, Places};
use crate::state::StateRoot;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario: a name (`bench list`) or a directory with a scenario.toml
    #[arg(long, required_unless_present = "resume", conflicts_with = "resume")]
    scenario: Option<String>,
    /// Go on with a run that was cut short; everything else is taken from its records
    #[arg(long, value_name = "RUN", conflicts_with_all = ["regime", "blocks", "set", "source", "examples", "seed", "out", "state", "dry_run"])]
    resume: Option<PathBuf>,
    /// Regimes to measure [default: cold,same-runner,cross-runner]
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    regime: Vec<Regime>,
    /// Number of blocks: each regime once per block
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    blocks: u32,
    /// Param value; several values run their product, a run each
    #[arg(long, value_name = "K=V[,V]")]
    set: Vec<String>,
    /// Only the examples whose name or path matches
    #[arg(long, value_name = "GLOB")]
    examples: Option<String>,
    /// Source tree instead of the scenario's own: a directory, a local clone or a URL
    #[arg(long, value_name = "DIR|URL")]
    source: Option<String>,
    /// Run directory [default: .bench/runs/RUN-ID]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Seed of the random order inside blocks [default: random, recorded]
    #[arg(long)]
    seed: Option<u64>,
    /// Directory in which runners are laid out
    #[arg(long, value_name = "DIR", env = "BENCH_STATE")]
    state: Option<PathBuf>,
    /// End the run when more than N samples and examples have failed
    #[arg(long, value_name = "N")]
    max_failures: Option<u32>,
    /// Print what would run, and run nothing
    #[arg(long)]
    dry_run: bool,
    /// Leave the runners on disk
    #[arg(long)]
    keep: bool,
    /// Say nothing but errors and the report
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(args: Args) -> Outcome {
    if let Some(resume) = &args.resume {
        return resume_run(resume, args.quiet);
    }
    let state_path = args.state.clone().unwrap_or_else(default_state);
    let arg = args.scenario.clone().unwrap_or_default();
    let (scenario, hash) = find(&arg, &open_state(&state_path)?)?;
    let sets = parse_sets(&args.set, &scenario)?;
    let combinations = scenario::param_product(&sets);
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
    let several = combinations.len() > 1;
    let mut worst = exit::OK;
    for combination in combinations {
        let mut params = scenario.default_params();
        params.extend(combination.clone());
        scenario.check_params(&params).map_err(Failure::usage)?;
        let request = Request {
            scenario: scenario.clone(),
            scenario_arg: scenario_arg(&arg),
            hash: hash.clone(),
            params,
            regimes: (!args.regime.is_empty()).then(|| args.regime.clone()),
            blocks: args.blocks,
            seed,
            source: args.source.as_deref().map(absolute_source),
            examples: args.examples.clone(),
            max_failures: args.max_failures,
            keep: args.keep,
        };
        if args.dry_run {
            print(&dry_run(&request)?)?;
            continue;
        }
        let out = args.out.clone().map(|out| match (several, suffix(&combination)) {
            (true, suffix) => out.join(suffix),
            (false, _) => out,
        });
        let code = new_run(&request, &state_path, out, args.quiet)?;
        worst = worse(worst, code);
        if code >= 128 {
            break;
        }
    }
    Ok(worst)
}

/// The code that says most about several runs: a signal, then a failure, then an unproven regime.
fn worse(one: u8, other: u8) -> u8 {
    one.max(other)
}

/// The scenario and its content hash; the binary's own scenarios are laid out in the state root.
pub(super) fn find(arg: &str, state: &StateRoot) -> Result<(Scenario, String), Failure> {
    let dir = with_places(state, |places| scenario::find(arg, places))?;
    let mut scenario = Scenario::load(&dir).map_err(invalid)?;
    // Commands run in the runner's directory: what they are given must not depend on ours.
    scenario.dir = std::path::absolute(&scenario.dir)?;
    let hash = scenario.content_hash().context("cannot read the scenario's files")?;
    Ok((scenario, hash))
}

/// An invalid scenario is shown as `bench check` shows it: every problem with its line and a caret.
fn invalid(error: LoadError) -> Failure {
    match error {
        LoadError::Invalid(problems) => {
            let colour =
                anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
            let text = problems.render(colour);
            Failure::usage(anyhow::anyhow!("the scenario is invalid\n{}", text.trim_end()))
        }
        other => Failure::usage(other),
    }
}

/// Calls `look` with the places where scenarios are looked for.
pub(super) fn with_places<T>(
    state: &StateRoot,
    look: impl FnOnce(Places<'_>) -> Result<T, FindError>,
) -> Result<T, Failure> {
    let cwd = std::env::current_dir()?;
    let shipped = state.dir(Path::new("scenarios"))?;
    look(Places { cwd: &cwd, shipped: &shipped }).map_err(Failure::usage)
}

/// The default params with `sets` on top, one value each.
pub(super) fn single_params(
    sets: &[String],
    scenario: &Scenario,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut combinations = scenario::param_product(&parse_sets(sets, scenario)?);
    if combinations.len() > 1 {
        return Err(Failure::usage(anyhow::anyhow!("`--set`: one value a param is expected here")));
    }
    let mut params = scenario.default_params();
    params.extend(combinations.pop().unwrap_or_default());
    Ok(params)
}

/// A directory is recorded as an absolute path, so that `--resume` works from anywhere.
fn scenario_arg(arg: &str) -> String {
    let path = Path::new(arg);
    if path.is_dir() {
        std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned()
    } else {
        arg.to_owned()
    }
}

fn absolute_source(source: &str) -> String {
    let path = Path::new(source);
    if path.exists() { scenario_arg(source) } else { source.to_owned() }
}

fn parse_sets(sets: &[String], scenario: &Scenario) -> Result<Vec<(String, Vec<String>)>, Failure> {
    let mut parsed: Vec<(String, Vec<String>)> = Vec::new();
    for set in sets {
        let Some((name, values)) = set.split_once('=') else {
            let error = anyhow::anyhow!("`--set {set}`: expected NAME=VALUE[,VALUE]");
            return Err(Failure::usage(error));
        };
        if parsed.iter().any(|(known, _)| known == name) {
            let error = anyhow::anyhow!("`--set {name}` is given twice (hint: `--set {name}=a,b`)");
            return Err(Failure::usage(error));
        }
        let values: Vec<String> = values.split(',').map(str::to_owned).collect();
        for value in &values {
            let mut params = scenario.default_params();
            params.insert(name.to_owned(), value.clone());
            scenario.check_params(&params).map_err(Failure::usage)?;
        }
        parsed.push((name.to_owned(), values));
    }
    Ok(parsed)
}

fn suffix(combination: &BTreeMap<String, String>) -> String {
    let parts: Vec<String> =
        combination.iter().map(|(name, value)| format!("{name}={value}")).collect();
    parts.join(",").replace(['/', '\\'], "_")
}

fn dry_run(request: &Request) -> Result<String, Failure> {
    use std::fmt::Write as _;
    let spec = run::plan_spec(request).map_err(prepare_failure)?;
    let params: Vec<String> = request.params.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let mut text = format!("scenario {} ({})\n", request.scenario.name, request.scenario.title);
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "params: {}",
        if params.is_empty() { "none".to_owned() } else { params.join(" ") }
    );
    let _ = writeln!(text, "seed: {}", request.seed);
    for phase in request.scenario.phases.iter().filter(|p| p.when.holds(&request.params)) {
        let what = if phase.measured { "measured" } else { "not measured" };
        let examples = request.scenario.examples.as_ref().filter(|e| e.phase == phase.name);
        let _ = writeln!(
            text,
            "phase {} ({what}{}): {}",
            phase.name,
            examples.map_or("", per_example),
            command_line(&phase.run)
        );
    }
    text.push_str(&plan::show(&Plan::new(&spec)));
    Ok(text)
}

/// How the phase of the examples relates to them.
fn per_example(examples: &ExamplesSpec) -> &'static str {
    match examples.from {
        ExamplesFrom::Extract(_) => ", example times from its report",
        ExamplesFrom::Glob(_) | ExamplesFrom::List(_) | ExamplesFrom::Command(_) => {
            ", once per example"
        }
    }
}

fn command_line(run: &PhaseCommand) -> String {
    match run {
        PhaseCommand::Argv(argv) => argv.iter().map(Template::as_str).collect::<Vec<_>>().join(" "),
        PhaseCommand::Shell(script) => format!("sh -c '{}'", script.as_str()),
    }
}

fn prepare_failure(error: PrepareError) -> Failure {
    let code = match &error {
        PrepareError::Tools(_) | PrepareError::Usage(_) | PrepareError::Source(_) => exit::USAGE,
        PrepareError::State(error) if error.is_refusal() => exit::USAGE,
        PrepareError::State(_) | PrepareError::Tree(_) | PrepareError::Exec(_) => exit::INTERNAL,
    };
    Failure { code, error: error.into() }
}

pub(super) fn open_state(path: &Path) -> Result<StateRoot, Failure> {
    StateRoot::open(path).map_err(|error| {
        let code = if error.is_refusal() { exit::USAGE } else { exit::INTERNAL };
        Failure { code, error: error.into() }
    })
}

fn new_run(request: &Request, state: &Path, out: Option<PathBuf>, quiet: bool) -> Outcome {
    let started = Instant::now();
    let id = run_id(&request.scenario.name);
    let out = out.unwrap_or_else(|| Path::new(".bench/runs").join(id.as_str()));
    if out.join(RECORDS).exists() {
        let error = anyhow::anyhow!(
            "`{}` holds a run already (hint: `bench run --resume {}` goes on with it)",
            out.display(),
            out.display()
        );
        return Err(Failure::usage(error));
    }
    let logs = make_logs(&out)?;
    let rel = Path::new("runs").join(id.as_str());
    let mut stage = Stage::open(state, &logs).inspect_err(|_| leave_nothing(&out))?;
    let prepared = match stage.prepare(request, id) {
        Ok(prepared) => prepared,
        Err(failure) => {
            // Why it could not start matters more than a removal that fails.
            drop(stage.state.remove(&rel));
            leave_nothing(&out);
            return Err(failure);
        }
    };
    let mut writer = RecordWriter::create(&out.join(RECORDS))?;
    writer.write(&Record::Run(Box::new(prepared.run.clone())))?;
    let plan = Plan::new(&prepared.spec);
    stage.measure(
        request,
        prepared,
        &plan,
        writer,
        &Going { out: &out, started, before: None, quiet },
    )
}

fn resume_run(run: &Path, quiet: bool) -> Outcome {
    let started = Instant::now();
    let loaded = run::load(run).map_err(Failure::usage)?;
    let out = if run.is_dir() { run } else { run.parent().unwrap_or(Path::new(".")) };
    if loaded.end.as_ref().is_some_and(|end| end.reason == "done") {
        anstream::eprintln!("run `{}` is complete: nothing to resume", loaded.run.id);
        return report::print_summary(out).map(|()| exit::OK);
    }
    let state = PathBuf::from(&loaded.run.options.state);
    let (scenario, hash) = find(&loaded.run.options.scenario, &open_state(&state)?)?;
    let request = run::request_of(&loaded, scenario, hash);
    let mut stage = Stage::open(&state, &make_logs(out)?)?;
    stage.clear_left_over(&loaded.run.id)?;
    let prepared = stage.prepare(&request, loaded.run.id.clone())?;
    run::check_resumable(&loaded.run, &prepared.run).map_err(prepare_failure)?;
    let done: BTreeSet<SampleId> =
        loaded.samples.iter().map(|(sample, _)| sample.id.clone()).collect();
    let plan = Plan::without(&prepared.spec, &done);
    let resume = Resume {
        at: Utc::now(),
        samples: done.len() as u32,
        torn_bytes: loaded.tail_bytes,
        shares: earlier_shares(&loaded),
    };
    let writer = RecordWriter::resume(&out.join(RECORDS), resume)?;
    let before = Some(&loaded);
    stage.measure(&request, prepared, &plan, writer, &Going { out, started, before, quiet })
}

/// The run directory's `logs`, absolute.
fn make_logs(out: &Path) -> Result<PathBuf, Failure> {
    let logs = std::path::absolute(out.join("logs"))?;
    std::fs::create_dir_all(&logs)
        .with_context(|| format!("cannot make run directory `{}`", out.display()))?;
    Ok(logs)
}

/// Takes back the directories of a run that could not start. Only empty ones can go this way.
fn leave_nothing(out: &Path) {
    for dir in [out.join("logs"), out.to_owned()] {
        drop(std::fs::remove_dir(dir));
    }
}

/// What earlier processes spent, as their last `end` or `resume` record says. A process that was killed
/// left no such record: its own time is lost, its samples are not.
fn earlier_shares(loaded: &LoadedRun) -> TimeShares {
    loaded
        .end
        .as_ref()
        .map(|end| end.shares)
        .or_else(|| loaded.resumes.last().map(|resume| resume.shares))
        .unwrap_or_default()
}

/// UTC time, scenario, and enough random characters that two runs of one second differ.
fn run_id(scenario: &str) -> RunId {
    let random: String = std::iter::repeat_with(fastrand::alphanumeric).take(4).collect();
    RunId(format!("{}-{scenario}-{}", Utc::now().format("%Y%m%dT%H%M%SZ"), random.to_lowercase()))
}

/// Where and since when a run goes on.
struct Going<'a> {
    out: &'a Path,
    started: Instant,
    before: Option<&'a LoadedRun>,
    quiet: bool,
}

/// The machine's side of a run: its state root, held alone, and its executor.
struct Stage {
    state: StateRoot,
    executor: RealExecutor,
    _alone: crate::state::Lock,
}

impl Stage {
    /// `logs` stays writable for commands that open their own standard error again.
    fn open(path: &Path, logs: &Path) -> Result<Self, Failure> {
        let state = open_state(path)?;
        let alone = state.lock(Path::new("measuring.lock")).map_err(|error| {
            Failure::usage(anyhow::Error::new(error).context(format!(
                "state root `{}` is in use: two runs at once would disturb each other's times",
                state.path().display()
            )))
        })?;
        let roots = vec![state.path().to_owned(), logs.to_owned()];
        let executor = RealExecutor::new(Confinement::WriteBeneath(roots))?;
        Ok(Self { state, executor, _alone: alone })
    }

    fn prepare(&mut self, request: &Request, id: RunId) -> Result<Prepared, Failure> {
        let isolation = self.executor.isolation().in_use;
        run::prepare(&mut self.executor, &self.state, request, id, &isolation)
            .map_err(prepare_failure)
    }

    /// Ends processes and removes runners that an earlier process of this run left when it was killed.
    fn clear_left_over(&mut self, id: &RunId) -> Result<(), Failure> {
        let rel = Path::new("runs").join(id.as_str());
        let dir = self.state.path().join(&rel);
        for stray in crate::exec::kill_strays_of(&dir)? {
            anstream::eprintln!(
                "killed `{}` ({}), left over from the interrupted run",
                stray.name,
                stray.pid
            );
        }
        if dir.exists() {
            self.state.remove(&rel)?;
        }
        self.state.empty_trash()?;
        Ok(())
    }

    fn measure(
        mut self,
        request: &Request,
        prepared: Prepared,
        plan: &Plan,
        mut writer: RecordWriter,
        going: &Going<'_>,
    ) -> Outcome {
        let Going { out, started, before, quiet } = *going;
        let done = before.map_or(0, |loaded| loaded.samples.len() as u64);
        let terminal = std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
        let progress = std::cell::RefCell::new(Progress::new(
            plan,
            prepared.spec.blocks,
            done,
            terminal,
            quiet,
        ));
        let mut announce = |now: crate::regime::Now<'_>| progress.borrow_mut().now(now);
        let logs = std::path::absolute(out.join("logs"))?;
        let mut session = Session {
            scenario: &request.scenario,
            arms: prepared.arms,
            state: &self.state,
            run_rel: prepared.run_rel.clone(),
            user: prepared.user,
            tools: prepared.tools,
            logs,
            only: run::example_filter(request.examples.as_deref()).map_err(prepare_failure)?,
            executor: &mut self.executor,
            announce: &mut announce,
            shares: TimeShares { layout_ns: prepared.layout_ns, ..TimeShares::default() },
        };
        let mut events = |event: Event<'_>| match event {
            Event::Before { block, step } => progress.borrow_mut().before(block, step),
            Event::After { sample } => progress.borrow_mut().after(sample),
        };
        let executed =
            run::execute(&mut session, plan, request.max_failures, &mut writer, &mut events);
        let shares = session.shares;
        progress.borrow().finish();
        let finish = executed?;
        if !request.keep {
            self.state.remove(&prepared.run_rel)?;
            self.state.empty_trash()?;
        }
        let shares = add(before.map(earlier_shares), shares, started);
        write_end(&mut writer, &finish, before, shares)?;
        conclude(out, &finish)
    }
}

fn add(before: Option<TimeShares>, now: TimeShares, started: Instant) -> TimeShares {
    let before = before.unwrap_or_default();
    TimeShares {
        wall_ns: before.wall_ns + started.elapsed().as_nanos() as u64,
        commands_ns: before.commands_ns + now.commands_ns,
        transfer_ns: before.transfer_ns + now.transfer_ns,
        layout_ns: before.layout_ns + now.layout_ns,
    }
}

fn write_end(
    writer: &mut RecordWriter,
    finish: &Finish,
    before: Option<&LoadedRun>,
    shares: TimeShares,
) -> Result<(), Failure> {
    let samples = || before.into_iter().flat_map(|loaded| &loaded.samples);
    let count = |wanted: &[bench_record::Outcome]| {
        samples().filter(|(sample, _)| wanted.contains(&sample.outcome)).count() as u32
    };
    use bench_record::Outcome::{Failed, TimedOut, Unproven};
    writer.write(&Record::End(End {
        at: Utc::now(),
        samples: finish.samples + samples().count() as u32,
        failed: finish.failed + count(&[Failed, TimedOut]),
        unproven: finish.unproven + count(&[Unproven]),
        examples: finish.examples
            + samples().map(|(_, examples)| examples.len() as u32).sum::<u32>(),
        reason: finish.reason.clone(),
        shares,
    }))?;
    Ok(())
}

/// Writes and prints the summary; the exit code says how the run ended.
fn conclude(out: &Path, finish: &Finish) -> Outcome {
    report::write_summary(out, SUMMARY)?;
    if let Some(signal) = finish.signal {
        anstream::eprintln!(
            "interrupted: what was measured is in `{}` (hint: `bench run --resume {}` goes on)",
            out.display(),
            out.display()
        );
        return Ok(exit::signalled(signal));
    }
    report::print_summary(out)?;
    anstream::eprintln!("records: {}", out.join(RECORDS).display());
    let loaded = run::load(out)?;
    let outcomes = || loaded.samples.iter().map(|(sample, _)| sample.outcome);
    let failing = |outcome| {
        matches!(outcome, bench_record::Outcome::Failed | bench_record::Outcome::TimedOut)
    };
    let examples = loaded.samples.iter().flat_map(|(_, examples)| examples);
    if finish.reason == "max-failures" {
        anstream::eprintln!(
            "the run was given up: too many failures (hint: the logs are in `{}`)",
            out.join("logs").display()
        );
    }
    if outcomes().any(failing) || examples.into_iter().any(|example| failing(example.outcome)) {
        return Ok(exit::COMMAND_FAILED);
    }
    if outcomes().any(|outcome| outcome == bench_record::Outcome::Unproven) {
        return Ok(exit::UNPROVEN);
    }
    Ok(exit::OK)
}
