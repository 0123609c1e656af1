//! `bench explain`: which runner property breaks reuse, and the remedy.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bench_record::files::EXPLAIN_JOURNAL;
use bench_record::{
    End, EndReason, ExplainEntry, ExplainOptions, ExplainTrial, LoadedExplain, Outcome as Ended,
    Property, TimeShares,
};
use chrono::Utc;

use bench_reports::explain::{Experiment, conclude, markdown, terminal};

use super::output::{print, width};
use super::session::Outcome;
use super::trials::{EarlierRun, TrialArgs, TrialCommand, TrialRun, tell_complete, tell_results};
use crate::exit;
use crate::explain::{ExplainRequest, explain, tool_names};

const COMMAND: TrialCommand = TrialCommand { name: "explain", journal: Some(EXPLAIN_JOURNAL) };

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
    /// Trials of each change [default: 1 where hits decide, else 7]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=20))]
    repeats: Option<u32>,
    /// What decides [default: hits where a probe counts them]
    #[arg(long, value_enum, value_name = "EVIDENCE")]
    by: Option<By>,
    /// Try what breaks reuse once more with those remedies in place that are variables
    #[arg(long)]
    try_remedy: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    trials: TrialArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    #[default]
    Terminal,
    Markdown,
    Json,
}

pub(super) fn run(args: &Args) -> Outcome {
    let Some(out) = &args.resume else {
        let scenario = args.scenario.as_deref().unwrap_or_default();
        let run = args.trials.start(COMMAND, scenario, 1)?;
        let options = ExplainOptions {
            properties: args.property.clone(),
            repeats: args.repeats,
            by_seconds: args.by == Some(By::Seconds),
            try_remedy: args.try_remedy,
        };
        return explain_run(&run, &options, Vec::new(), args.format);
    };
    let loaded: LoadedExplain = args.trials.load(out)?;
    if loaded.end.as_ref().is_some_and(|end| end.reason.is_complete()) {
        tell_complete(&loaded.run.id);
        tell_results(COMMAND, out);
        return Ok(exit::OK);
    }
    let earlier = EarlierRun::of(&loaded.run, loaded.trials.len(), loaded.tail_bytes);
    let run = args.trials.resume(COMMAND, out, earlier)?;
    explain_run(&run, &loaded.options, loaded.trials, args.format)
}

fn explain_run(
    run: &TrialRun,
    options: &ExplainOptions,
    earlier: Vec<ExplainTrial>,
    format: Format,
) -> Outcome {
    let lines = run.lines();
    let ended = run.on_testbed(&lines, |testbed, prepared| {
        let start = [
            ExplainEntry::Run(Box::new(prepared.run.clone())),
            ExplainEntry::Explain(options.clone()),
        ];
        let mut journal = run.open_journal(EXPLAIN_JOURNAL, &start)?;
        let tools: BTreeMap<String, PathBuf> = prepared
            .run
            .tools
            .iter()
            .filter_map(|(name, tool)| Some((name.clone(), PathBuf::from(tool.path.as_ref()?))))
            .collect();
        let request = ExplainRequest { options, tools: &tools, seed: run.request.seed, earlier };
        let experiment = explain(testbed, request, &mut journal, &mut |event| lines.show(event))?;
        let end = end(&experiment, run.shares(testbed.session.shares));
        journal.append(&[ExplainEntry::End(end)])?;
        let tools = tool_names(&run.request.scenario, &prepared.run.params);
        let report = conclude(&prepared.run, options, &tools, &experiment);
        Ok((report, experiment.interrupted))
    })?;
    let (report, interrupted) = match ended {
        Ok(ended) => ended,
        Err(error) => return run.ended_early(error),
    };
    let page = markdown(&report);
    let json = run.write(&report, &page)?;
    if let Some(signal) = interrupted {
        return Ok(run.interrupted(signal));
    }
    print(&match format {
        Format::Terminal => terminal(&report, width()),
        Format::Markdown => page,
        Format::Json => json,
    })?;
    tell_results(COMMAND, &run.out);
    Ok(if report.valid { exit::OK } else { exit::UNPROVEN })
}

fn end(experiment: &Experiment, shares: TimeShares) -> End {
    let failed = experiment.trials.iter().filter(|trial| trial.outcome != Ended::Ok).count();
    let interrupted = experiment.interrupted.is_some();
    End {
        at: Utc::now(),
        samples: experiment.trials.len() as u32,
        failed: failed as u32,
        unproven: 0,
        examples: 0,
        reason: if interrupted { EndReason::Interrupted } else { EndReason::Done },
        shares,
    }
}
