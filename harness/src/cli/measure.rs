//! From a request to records on disk and a printed report; also `--resume`.

use std::collections::BTreeSet;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bench_record::Outcome::{Failed, TimedOut, Unproven};
use bench_record::files::{RECORDS, REPORT_PAGE};
use bench_record::{
    End, EndReason, JournalWriter, LoadedRun, Record, Resume, Run, SampleId, TimeShares,
};
use bench_reports::stats::MIN_PAIRS;
use bench_reports::summary::summarise;
use bench_reports::verdict::settled;
use chrono::Utc;

use super::machine::{Machine, make_logs, prepare_failure, refuse_foreign};
use super::places::{find, open_state};
use super::{Failure, Outcome, documents, gate, stage};
use crate::cli::progress::Progress;
use crate::exit;
use crate::plan::{Plan, PlanSpec};
use crate::run::{self, Event, ExecuteError, Finish, Handoff, Limits, Prepared, Request};
use crate::sample::Session;
use crate::system::exec::Executor as _;
use crate::system::fs::state::FreshDirs;

/// Where a new run goes.
pub(super) struct RunPlace<'a> {
    /// The state root.
    pub(super) root: &'a Path,
    /// The run directory; `None` for a new one named after the run.
    pub(super) out: Option<PathBuf>,
    /// Whether progress is printed.
    pub(super) quiet: bool,
}

/// Measures `request`, which plans `spec`; returns the exit code and the run directory.
pub(super) fn new_run(
    request: &Request,
    spec: PlanSpec,
    place: RunPlace<'_>,
) -> Result<(u8, PathBuf), Failure> {
    let RunPlace { root, out, quiet } = place;
    let started = Instant::now();
    let id = run::run_id(&request.scenario.name);
    let out = out.unwrap_or_else(|| Path::new(".bench/runs").join(id.as_str()));
    if out.join(RECORDS).exists() {
        let error = anyhow::anyhow!(
            "`{}` holds a run already (hint: `bench run --resume {}` continues it)",
            out.display(),
            out.display()
        );
        return Err(Failure::usage(error));
    }
    refuse_foreign(&out)?;
    let fresh = FreshDirs::note([out.join("logs"), out.clone()]);
    let logs = make_logs(&out)?;
    let plan_hash = Plan::new(&spec).hash();
    let staged = run::StagedPlan { scenario: &request.hash, plan: &plan_hash };
    let rel = run::run_directory(&id, request.stage.is_some().then_some(staged));
    let mut machine = Machine::open(root, &logs).inspect_err(|_| fresh.take_back())?;
    let ready = machine.prepare_planned(request, spec, id).and_then(|prepared| {
        let plan = stage::plan(Plan::new(&prepared.spec), request);
        let handoff = stage::handoff(request, &prepared, &plan, false)?;
        Ok((prepared, plan, handoff))
    });
    let (prepared, plan, handoff) = match ready {
        Ok(ready) => ready,
        Err(failure) => {
            // The reason for not starting matters more than a removal that fails.
            drop(machine.state.remove(&rel));
            fresh.take_back();
            return Err(failure);
        }
    };
    let first = Record::Run(Box::new(prepared.run.clone()));
    let writer = JournalWriter::create(&out.join(RECORDS), &[first])?;
    for line in notes(request, &prepared.run) {
        anstream::eprintln!("{line}");
    }
    let measuring = Measuring { out: &out, started, before: None, quiet, handoff: &handoff };
    let code = measure(machine, request, prepared, &plan, writer, &measuring)?;
    Ok((code, out))
}

/// Continues a run that was cut short.
pub(super) fn resume_run(run: &Path, quiet: bool) -> Outcome {
    let started = Instant::now();
    let loaded = bench_record::load::<LoadedRun>(run).map_err(Failure::usage)?;
    let out = if run.is_dir() { run } else { run.parent().unwrap_or(Path::new(".")) };
    // A run that ended on purpose is not continued: another look at the results would cost unplanned error.
    if loaded.end.as_ref().is_some_and(|end| end.reason.is_complete()) {
        anstream::eprintln!("run `{}` is complete: nothing to resume", loaded.run.id);
        if loaded.run.options.stage.is_none() {
            documents::print_summary(out)?;
        }
        return Ok(exit::OK);
    }
    if !loaded.run.parts.is_empty() {
        return Err(Failure::usage(anyhow::anyhow!(
            "run `{}` was merged, so no job can continue it (hint: `bench plan --missing {}` says how to measure what it lacks)",
            loaded.run.id,
            out.display()
        )));
    }
    let root = PathBuf::from(&loaded.run.options.state);
    let (scenario, hash) = find(&loaded.run.options.scenario, &open_state(&root)?)?;
    let request = run::request_of(&loaded, scenario, hash);
    let mut machine = Machine::open(&root, &make_logs(out)?)?;
    let staged =
        run::StagedPlan { scenario: &loaded.run.scenario.hash, plan: &loaded.run.plan_hash };
    let staged = loaded.run.options.stage.is_some().then_some(staged);
    machine.clear_left_over(&run::run_directory(&loaded.run.id, staged))?;
    let prepared = machine.prepare(&request, loaded.run.id.clone())?;
    run::check_resumable(&loaded.run, &prepared.run).map_err(prepare_failure)?;
    let done: BTreeSet<SampleId> =
        loaded.samples.iter().map(|(sample, _)| sample.id.clone()).collect();
    let plan = stage::plan(Plan::without(&prepared.spec, &done), &request);
    tracing::info!(
        run = %loaded.run.id,
        samples_done = done.len(),
        torn_bytes = loaded.tail_bytes,
        blocks_left = plan.blocks.len(),
        "resuming"
    );
    let handoff = stage::handoff(&request, &prepared, &plan, true)?;
    let resume = Resume {
        at: Utc::now(),
        samples: done.len() as u32,
        torn_bytes: loaded.tail_bytes,
        shares: earlier_shares(&loaded),
    };
    let writer = JournalWriter::resume(&out.join(RECORDS), resume)?;
    let before = Some(&loaded);
    let measuring = Measuring { out, started, before, quiet, handoff: &handoff };
    measure(machine, &request, prepared, &plan, writer, &measuring)
}

/// What the user should know before the run starts.
fn notes(request: &Request, run: &Run) -> Vec<String> {
    let mut notes = Vec::new();
    if request.baseline.is_some() && (request.blocks as usize) < MIN_PAIRS {
        notes.push(format!(
            "note: a verdict takes {MIN_PAIRS} blocks, and this run has {} (hint: --auto)",
            request.blocks
        ));
    }
    if !run.left_out.is_empty() {
        notes.push(format!(
            "note: only one arm has these examples, so both do without them: {}",
            run.left_out.join(", ")
        ));
    }
    if run.caches.is_empty() && request.baseline.is_none() && request.regimes.is_none() {
        notes.push(
            "note: no cache is active with these params, so only cold is measured".to_owned(),
        );
    }
    notes
}

/// Time that earlier processes spent, from their last `end` or `resume` record. A process that was killed left no such
/// record: its time is lost, its samples are not.
fn earlier_shares(loaded: &LoadedRun) -> TimeShares {
    loaded
        .end
        .as_ref()
        .map(|end| end.shares)
        .or_else(|| loaded.resumes.last().map(|resume| resume.shares))
        .unwrap_or_default()
}

/// What a run is measured with.
struct Measuring<'a> {
    out: &'a Path,
    started: Instant,
    before: Option<&'a LoadedRun>,
    quiet: bool,
    handoff: &'a Handoff,
}

/// Executes the plan and prints the report.
fn measure(
    mut machine: Machine,
    request: &Request,
    prepared: Prepared,
    plan: &Plan,
    mut writer: JournalWriter<Record>,
    measuring: &Measuring<'_>,
) -> Outcome {
    let Measuring { out, started, before, quiet, handoff } = *measuring;
    let done = before.map_or(0, |loaded| loaded.samples.len() as u64);
    let terminal = std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
    let progress =
        std::cell::RefCell::new(Progress::new(plan, prepared.spec.blocks, done, terminal, quiet));
    let mut announce = |now: crate::sample::Now<'_>| progress.borrow_mut().now(now);
    let logs = std::path::absolute(out.join("logs"))?;
    let mut session = Session {
        scenario: &request.scenario,
        arms: prepared.arms,
        state: &machine.state,
        run_rel: prepared.run_rel.clone(),
        user: prepared.user,
        logs,
        only: run::example_filter(request.examples.as_deref()).map_err(prepare_failure)?,
        executor: &mut machine.executor,
        announce: &mut announce,
        shares: TimeShares { layout_ns: prepared.layout_ns, ..TimeShares::default() },
    };
    let mut recorded = before.cloned().unwrap_or_else(|| LoadedRun::new(prepared.run.clone()));
    // The run has not ended: this process continues it.
    recorded.end = None;
    let limits = Limits {
        max_failures: request.max_failures,
        budget: request.budget,
        started,
        settled: request.auto.then_some(&settled),
    };
    let mut events = |event: Event<'_>| match event {
        Event::Before { block, step } => progress.borrow_mut().before(block, step),
        Event::After { sample } => progress.borrow_mut().after(sample),
    };
    let executed =
        run::execute(&mut session, plan, handoff, &limits, &mut recorded, &mut writer, &mut events);
    let shares = session.shares;
    progress.borrow().finish();
    // No service or daemon outlives the run, however it ended.
    let swept = machine.executor.sweep();
    let finish = executed.map_err(|error| stopped(error, recorded.samples.len(), out))?;
    swept?;
    if !request.keep && finish.signal.is_some() {
        // Deleting many files takes long after a signal: the next run does it.
        machine.state.set_aside(&prepared.run_rel)?;
    } else if !request.keep {
        machine.state.remove(&prepared.run_rel)?;
        machine.state.empty_trash()?;
    }
    let shares = add(before.map(earlier_shares), shares, started);
    write_end(&mut writer, &finish, before, shares)?;
    conclude(out, &finish)
}

/// What stopped a run, and how it goes on: what was recorded is on disk.
fn stopped(error: ExecuteError, recorded: usize, out: &Path) -> anyhow::Error {
    let error = anyhow::Error::new(error);
    if recorded == 0 {
        return error;
    }
    let samples = bench_reports::document::units::counted(recorded, "sample");
    error.context(format!(
        "the run stopped after {samples} (hint: `bench run --resume {}` goes on)",
        out.display()
    ))
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
    writer: &mut JournalWriter<Record>,
    finish: &Finish,
    before: Option<&LoadedRun>,
    shares: TimeShares,
) -> Result<(), Failure> {
    let samples = || before.into_iter().flat_map(|loaded| &loaded.samples);
    let count = |wanted: &[bench_record::Outcome]| {
        samples().filter(|(sample, _)| wanted.contains(&sample.outcome)).count() as u32
    };
    writer.append(&[Record::End(End {
        at: Utc::now(),
        samples: finish.samples + samples().count() as u32,
        failed: finish.failed + count(&[Failed, TimedOut]),
        unproven: finish.unproven + count(&[Unproven]),
        examples: finish.examples
            + samples().map(|(_, examples)| examples.len() as u32).sum::<u32>(),
        reason: finish.reason,
        shares,
    })])?;
    Ok(())
}

/// Writes and prints the summary; the exit code says how the run ended.
fn conclude(out: &Path, finish: &Finish) -> Outcome {
    documents::write_derived(out)?;
    if let Some(signal) = finish.signal {
        anstream::eprintln!(
            "interrupted: what was measured is in `{}` (hint: `bench run --resume {}` goes on)",
            out.display(),
            out.display()
        );
        return Ok(exit::signalled(signal));
    }
    let loaded = bench_record::load::<LoadedRun>(out)?;
    let staged = loaded.run.options.stage.is_some();
    // A stage gives no result of its own: its standard output is for the cache step.
    if !staged {
        documents::print_summary(out)?;
    }
    anstream::eprintln!("records: {}", out.join(RECORDS).display());
    anstream::eprintln!("report: {}", out.join(REPORT_PAGE).display());
    let outcomes = || loaded.samples.iter().map(|(sample, _)| sample.outcome);
    let failing = |outcome| matches!(outcome, Failed | TimedOut);
    let examples = loaded.samples.iter().flat_map(|(_, examples)| examples);
    if finish.reason == EndReason::MaxFailures {
        anstream::eprintln!(
            "the run was given up: too many failures (hint: the logs are in `{}`)",
            out.join("logs").display()
        );
    }
    let failed =
        outcomes().any(failing) || examples.into_iter().any(|example| failing(example.outcome));
    let unproven = outcomes().any(|outcome| outcome == Unproven);
    let gates =
        (!staged).then(|| gate::code(&summarise(&loaded), &loaded, gate::Inconclusive::Fail));
    let codes = [failed.then_some(exit::COMMAND_FAILED), unproven.then_some(exit::UNPROVEN), gates];
    Ok(exit::worst(codes.into_iter().flatten()))
}
