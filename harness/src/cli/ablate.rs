//! `bench ablate`: what each cache is worth.

use std::path::{Path, PathBuf};

use bench_record::files::ABLATE_JOURNAL;
use bench_record::{AblateEntry, AblateStart, LoadedAblation, Regime};
use bench_reports::ablate::{Ablation, Limits, markdown, terminal, work_out};
use bench_reports::quota;

use super::output::width;
use super::trials::{
    EarlierRun, TrialArgs, TrialCommand, TrialRun, tell_complete, tell_results, write_documents,
};
use super::{Failure, Outcome, print};
use crate::ablate::ablate;
use crate::exit;
use crate::scenario;

const COMMAND: TrialCommand = TrialCommand { name: "ablate", journal: Some(ABLATE_JOURNAL) };

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario: a name (`bench list`) or a directory with a scenario.toml
    #[arg(long, required_unless_present = "resume", conflicts_with = "resume")]
    scenario: Option<String>,
    /// Go on with an ablation that was cut short; what is measured is taken from its records
    #[arg(long, value_name = "RUN", conflicts_with_all = ["set", "source", "examples", "seed", "out", "blocks", "regime"])]
    resume: Option<PathBuf>,
    /// Number of blocks: each set of caches once per block and regime; an interval takes 6
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    blocks: u32,
    /// Warm regimes to measure [default: same-runner,cross-runner]
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    regime: Vec<Regime>,
    /// Maximum total archive size, such as 500MB
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    size_limit: Option<u64>,
    /// Keys at a time on a branch, for the forecast of the quota
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = parse_count)]
    keys: u64,
    /// Branches, for the forecast of the quota
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = parse_count)]
    branches: u64,
    #[command(flatten)]
    trials: TrialArgs,
}

fn parse_size(text: &str) -> Result<u64, String> {
    scenario::parse_size(text).ok_or_else(|| "expected a size such as `500MB`".to_owned())
}

fn parse_count(text: &str) -> Result<u64, String> {
    let count = text.parse().ok().filter(|count| *count > 0);
    count.ok_or_else(|| {
        "expected a number from 1 (hint: one branch with one key is the least that a quota holds)"
            .to_owned()
    })
}

pub(super) fn run(args: &Args) -> Outcome {
    let limits = Limits {
        size: args.size_limit,
        keys: args.keys,
        branches: args.branches,
        quota: quota::LIMIT,
    };
    match &args.resume {
        Some(run) => resume(run, args, limits),
        None => start(args, limits),
    }
}

fn start(args: &Args, limits: Limits) -> Outcome {
    let regimes = regimes(&args.regime)?;
    let scenario = args.scenario.as_deref().unwrap_or_default();
    let run = args.trials.start(COMMAND, scenario, args.blocks)?;
    let request = &run.request;
    let active = request.scenario.caches.iter().filter(|cache| cache.when.holds(&request.params));
    let start = AblateStart {
        run_id: run.id.clone(),
        scenario: request.scenario.name.clone(),
        scenario_arg: request.scenario_arg.clone(),
        hash: request.hash.clone(),
        params: request.params.clone(),
        caches: active.map(|cache| cache.name.clone()).collect(),
        regimes,
        blocks: args.blocks,
        seed: request.seed,
        source: request.source.clone(),
        examples: request.examples.clone(),
        state: run.state.to_string_lossy().into_owned(),
    };
    measure(&run, LoadedAblation::new(start), limits)
}

fn regimes(asked: &[Regime]) -> Result<Vec<Regime>, Failure> {
    if let Some(other) = asked.iter().find(|regime| !regime.is_restored()) {
        return Err(Failure::usage(anyhow::anyhow!(
            "`--regime {other}`: expected same-runner, cross-runner or moved-runner (hint: the set without a cache is always measured)"
        )));
    }
    let restored = Regime::ALL.into_iter().filter(|regime| regime.is_restored());
    Ok(restored
        .filter(|regime| match asked {
            [] => Regime::DEFAULT.contains(regime),
            asked => asked.contains(regime),
        })
        .collect())
}

/// Goes on where an earlier process ended: nothing that is written down is measured again.
fn resume(out: &Path, args: &Args, limits: Limits) -> Outcome {
    let ledger: LoadedAblation = args.trials.load(out)?;
    if work_out(&ledger, limits).complete {
        tell_complete(&ledger.start.run_id);
        return conclude(out, &ledger, limits);
    }
    let start = ledger.start.clone();
    let earlier = EarlierRun {
        id: start.run_id,
        scenario: start.scenario_arg,
        hash: start.hash,
        params: start.params,
        blocks: start.blocks,
        seed: start.seed,
        source: start.source,
        examples: start.examples,
        state: start.state,
        keep: false,
        // The journal does not hold the record of a run, so source, tools and host are not compared as explain does
        // when it goes on. They are part of version 2 of the records.
        record: None,
        trials: ledger.trials.len(),
        torn_bytes: ledger.tail_bytes,
    };
    measure(&args.trials.resume(COMMAND, out, earlier)?, ledger, limits)
}

fn measure(run: &TrialRun, mut ledger: LoadedAblation, limits: Limits) -> Outcome {
    let lines = run.lines();
    let mut unwritten = None;
    let ended = run.on_testbed(&lines, |testbed, _| {
        let start = AblateEntry::Ablation(Box::new(ledger.start.clone()));
        let mut journal = run.open_journal(ABLATE_JOURNAL, &[start])?;
        let ended = ablate(testbed, &mut ledger, &mut journal, &mut |event| lines.show(event));
        // Before runners are deleted, which takes long after many trials of large caches.
        unwritten = write(&run.out, &work_out(&ledger, limits)).err();
        ended
    })?;
    if let Some(failure) = unwritten {
        return Err(failure);
    }
    match ended {
        Ok(()) => conclude(&run.out, &ledger, limits),
        Err(error) => run.ended_early(error),
    }
}

fn write(out: &Path, ablation: &Ablation) -> Result<(), Failure> {
    write_documents(COMMAND, out, ablation, &markdown(ablation))?;
    Ok(())
}

fn conclude(out: &Path, ledger: &LoadedAblation, limits: Limits) -> Outcome {
    let ablation = work_out(ledger, limits);
    write(out, &ablation)?;
    print(&terminal(&ablation, width()))?;
    tell_results(COMMAND, out);
    Ok(if ablation.failed > 0 { exit::COMMAND_FAILED } else { exit::OK })
}
