//! `bench ablate`: what each cache is worth.

use std::path::{Path, PathBuf};

use bench_record::Regime;
use bench_reports::ablate::{
    Ablation, Ledger, Limits, Start, VERSION, markdown, terminal, work_out,
};
use bench_reports::quota;

use super::output::{width, write_whole};
use super::places::{find, open_state, refuse_state};
use super::trials::{Common, Ready};
use super::{Failure, Outcome, print};
use crate::ablate::{AblateError, LedgerWriter, TRIALS, Told, ablate, load};
use crate::exit;
use crate::run::Request;
use crate::sample::StepError;
use crate::scenario;

/// What was worked out, for programs.
const JSON: &str = "ablate.json";
/// And for people.
const MARKDOWN: &str = "ablate.md";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario: a name (`bench list`) or a directory with a scenario.toml
    #[arg(long, required_unless_present = "resume", conflicts_with = "resume")]
    scenario: Option<String>,
    /// Go on with an ablation that was cut short; what is measured is taken from its records
    #[arg(long, value_name = "RUN", conflicts_with_all = ["set", "source", "examples", "seed", "out", "blocks", "regime"])]
    resume: Option<PathBuf>,
    /// Number of blocks: each set of caches once a block and regime; an interval takes 6
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    blocks: u32,
    /// Warm regimes to measure [default: same-runner,cross-runner]
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    regime: Vec<Regime>,
    /// Most bytes of archives that may be kept, such as 500MB
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    size_limit: Option<u64>,
    /// Keys at a time on a branch, for the forecast of the quota
    #[arg(long, value_name = "N", default_value_t = 1)]
    keys: u64,
    /// Branches, for the forecast of the quota
    #[arg(long, value_name = "N", default_value_t = 10)]
    branches: u64,
    #[command(flatten)]
    common: Common,
}

fn parse_size(text: &str) -> Result<u64, String> {
    scenario::parse_size(text).ok_or_else(|| "expected a size such as `500MB`".to_owned())
}

pub(super) fn run(args: &Args) -> Outcome {
    let limits = Limits {
        size: args.size_limit,
        keys: args.keys,
        branches: args.branches,
        quota: quota::LIMIT,
    };
    match &args.resume {
        Some(run) => {
            refuse_state(args.common.state.as_deref())?;
            resume(run, args.common.keep, args.common.quiet, limits)
        }
        None => begin(args, limits),
    }
}

fn begin(args: &Args, limits: Limits) -> Outcome {
    let seed = args.common.seed.unwrap_or_else(|| fastrand::u64(..));
    let regimes = regimes(&args.regime)?;
    let scenario = args.scenario.clone().unwrap_or_default();
    let ready = args.common.ready(&scenario, seed, args.blocks)?;
    ready.refuse_used(&[TRIALS])?;
    let request = &ready.request;
    let active = request.scenario.caches.iter().filter(|cache| cache.when.holds(&request.params));
    let start = Start {
        v: VERSION,
        run_id: ready.id.clone(),
        scenario: request.scenario.name.clone(),
        scenario_arg: request.scenario_arg.clone(),
        hash: request.hash.clone(),
        params: request.params.clone(),
        caches: active.map(|cache| cache.name.clone()).collect(),
        regimes,
        blocks: args.blocks,
        seed,
        source: request.source.clone(),
        examples: request.examples.clone(),
        state: ready.state().to_string_lossy().into_owned(),
    };
    let ledger = Ledger { start, seeds: Vec::new(), trials: Vec::new(), intact_bytes: 0 };
    measure(&ready, ledger, limits)
}

fn regimes(asked: &[Regime]) -> Result<Vec<Regime>, Failure> {
    let warm = [Regime::SameRunner, Regime::CrossRunner];
    if let Some(other) = asked.iter().find(|regime| !warm.contains(regime)) {
        return Err(Failure::usage(anyhow::anyhow!(
            "`--regime {other}`: expected same-runner or cross-runner (hint: the set without a cache is always measured)"
        )));
    }
    Ok(warm.into_iter().filter(|regime| asked.is_empty() || asked.contains(regime)).collect())
}

/// Goes on where an earlier process ended: nothing that is written down is measured again.
fn resume(run: &Path, keep: bool, quiet: bool, limits: Limits) -> Outcome {
    let ledger = load(run).map_err(Failure::usage)?;
    let start = &ledger.start;
    if work_out(&ledger, limits).complete {
        anstream::eprintln!("run `{}` is complete: nothing to resume", start.run_id);
        return conclude(run, &ledger, limits);
    }
    let state = PathBuf::from(&start.state);
    let (scenario, hash) = find(&start.scenario_arg, &open_state(&state)?)?;
    if hash != start.hash {
        return Err(Failure::usage(anyhow::anyhow!(
            "run `{}` cannot go on: the scenario's files have changed since (hint: start a new one)",
            start.run_id
        )));
    }
    let request = Request {
        scenario,
        scenario_arg: start.scenario_arg.clone(),
        hash,
        params: start.params.clone(),
        regimes: None,
        blocks: start.blocks,
        only_blocks: None,
        stage: None,
        seed: start.seed,
        baseline: None,
        auto: false,
        budget: None,
        source: start.source.clone(),
        examples: start.examples.clone(),
        max_failures: None,
        keep,
    };
    let ready = Ready::resumed(request, start.run_id.clone(), run.to_owned(), state, quiet);
    measure(&ready, ledger, limits)
}

fn measure(ready: &Ready, mut ledger: Ledger, limits: Limits) -> Outcome {
    let lines = ready.lines();
    let mut told = |told: Told<'_>| match told {
        Told::Begins(what, done, total) => lines.begins(what, done, total),
        Told::Trial(trial) => {
            let names: Vec<&str> = trial.caches.iter().map(String::as_str).collect();
            let with = if names.is_empty() { "no cache".to_owned() } else { names.join(" + ") };
            let reason = trial.reason.as_deref().map(|why| format!("  {}: {why}", trial.outcome));
            lines.ended(&format!(
                "block {} {:<12} {:>8.2} s  {with}{}",
                trial.block,
                trial.regime,
                trial.wall_ns as f64 / 1e9,
                reason.unwrap_or_default()
            ));
        }
    };
    let (mut failed, mut unwritten) = (None, None);
    let worked = ready.session(&lines, |session, _| {
        let opened = if ledger.intact_bytes > 0 {
            LedgerWriter::resume(&ready.out, &ledger)
        } else {
            LedgerWriter::create(&ready.out).and_then(|mut writer| {
                let start = bench_reports::ablate::Line::Ablation(Box::new(ledger.start.clone()));
                writer.append(&start)?;
                Ok(writer)
            })
        };
        let ended = opened
            .map_err(AblateError::from)
            .and_then(|mut writer| ablate(session, &mut ledger, &mut writer, &mut told));
        // Before runners are deleted, which takes long after many trials of large caches.
        unwritten = write(&ready.out, &work_out(&ledger, limits)).err();
        match ended {
            Err(AblateError::Step(error)) => return Err(error),
            Err(other) => failed = Some(other),
            Ok(()) => {}
        }
        Ok(())
    });
    let worked = worked?;
    if let Some(failure) = unwritten {
        return Err(failure);
    }
    match (worked, failed) {
        (Err(StepError::Interrupted(signal)), _) => {
            anstream::eprintln!(
                "interrupted: what was measured is in `{}` (hint: `bench ablate --resume {}` goes on)",
                ready.out.display(),
                ready.out.display()
            );
            Ok(exit::signalled(signal))
        }
        (Err(error), _) => Err(error.into()),
        (Ok(()), Some(error @ AblateError::Cold { .. })) => {
            Err(Failure { code: exit::COMMAND_FAILED, error: error.into() })
        }
        (Ok(()), Some(error)) => Err(error.into()),
        (Ok(()), None) => conclude(&ready.out, &ledger, limits),
    }
}

fn write(out: &Path, ablation: &Ablation) -> Result<(), Failure> {
    let mut json = serde_json::to_string_pretty(ablation)?;
    json.push('\n');
    write_whole(&out.join(JSON), &json)?;
    write_whole(&out.join(MARKDOWN), &markdown(ablation))
}

fn conclude(out: &Path, ledger: &Ledger, limits: Limits) -> Outcome {
    let ablation = work_out(ledger, limits);
    write(out, &ablation)?;
    print(&terminal(&ablation, width()))?;
    anstream::eprintln!("results: {}", out.join(JSON).display());
    Ok(if ablation.failed > 0 { exit::COMMAND_FAILED } else { exit::OK })
}
