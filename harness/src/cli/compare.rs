//! `bench compare`: the verdict on a run that measured a baseline, or two runs side by side without one.

use std::path::PathBuf;

use bench_record::LoadedRun;
use bench_reports::report::{Beside, Input, ReportFormat, comparison_only, side_by_side};
use bench_reports::side_by_side::side_by_side as beside_each_other;
use bench_reports::summary::summarise;

use super::gate;
use super::output::{colour, print, width};
use super::session::{Failure, Outcome};
use crate::exit;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A run with a baseline; or, when a second run is given, the base of the pair
    run: PathBuf,
    /// Another run. Two runs are two jobs: they are printed side by side, without a verdict, exit code 5
    candidate: Option<PathBuf>,
    /// Form of the comparison: terminal, markdown or json
    #[arg(long, default_value = "terminal")]
    format: ReportFormat,
    /// What an inconclusive comparison means for the exit code
    #[arg(long, value_enum, default_value_t)]
    inconclusive: gate::Inconclusive,
}

pub(super) fn run(args: &Args) -> Outcome {
    let loaded = bench_record::load::<LoadedRun>(&args.run).map_err(Failure::usage)?;
    match &args.candidate {
        None => judge(&loaded, args),
        Some(candidate) => {
            let candidate = bench_record::load::<LoadedRun>(candidate).map_err(Failure::usage)?;
            show(&loaded, &candidate, args)
        }
    }
}

fn judge(loaded: &LoadedRun, args: &Args) -> Outcome {
    let summary = summarise(loaded);
    if summary.comparisons.is_empty() {
        return Err(Failure::usage(anyhow::anyhow!(
            "run `{}` measured no baseline (hint: `bench run --baseline REV`, or \
             `bench compare BASE-RUN CANDIDATE-RUN` to look at two runs)",
            loaded.run.id
        )));
    }
    let input = Input {
        summary: &summary,
        run: loaded,
        width: width(),
        colour: colour(),
        beside: Beside::default(),
    };
    let text = comparison_only(args.format, &input).ok_or_else(|| no_comparison(args.format))??;
    print(&text)?;
    Ok(gate::code(&summary, loaded, args.inconclusive))
}

fn show(base: &LoadedRun, candidate: &LoadedRun, args: &Args) -> Outcome {
    if base.run.id == candidate.run.id {
        return Err(Failure::usage(anyhow::anyhow!(
            "both are run `{}` (hint: `bench compare RUN` judges a run with a baseline)",
            base.run.id
        )));
    }
    let sides = beside_each_other(base, candidate);
    let text =
        side_by_side(args.format, &sides, width()).ok_or_else(|| no_comparison(args.format))??;
    print(&text)?;
    Ok(exit::UNPROVEN)
}

fn no_comparison(format: ReportFormat) -> Failure {
    Failure::usage(anyhow::anyhow!(
        "there is no {format} comparison (hint: terminal, markdown or json; `bench report --format {format}` has \
         every sample)"
    ))
}
