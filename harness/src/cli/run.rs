//! `bench run`: measure a scenario in its cache regimes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bench_record::{Baseline, Regime};
use bench_reports::stats::LOOKS;

use super::machine::prepare_failure;
use super::measure::{RunPlace, new_run, resume_run};
use super::places::{open_state, refuse_state};
use super::selection::{Chosen, Selection};
use super::stage;
use super::{Failure, Outcome, print};
use crate::exit;
use crate::plan::{self, Plan, PlanSpec};
use crate::run::{self, Request};
use crate::scenario;
use crate::scenario::template::Template;
use crate::scenario::{ExamplesFrom, ExamplesSpec, PhaseCommand};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,
    /// Continue a run that was cut short; everything else is taken from its records
    #[arg(long, value_name = "RUN", conflicts_with_all = ["scenario", "regime", "blocks", "auto", "budget", "set", "baseline", "baseline_set", "aa", "source", "examples", "seed", "out", "shard", "only_blocks", "stage", "dry_run"])]
    resume: Option<PathBuf>,
    /// Measure part K of N of the blocks; give all parts the same --seed, and `bench merge` them
    #[arg(long, value_name = "K/N", value_parser = parse_shard, requires = "seed", conflicts_with_all = ["auto", "only_blocks"])]
    shard: Option<(u32, u32)>,
    /// Measure only these blocks of the plan, as `bench plan` names them
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        requires = "seed",
        conflicts_with = "auto"
    )]
    only_blocks: Vec<u32>,
    #[command(flatten)]
    stage: stage::StageArgs,
    /// Run directory [default: .bench/runs/RUN-ID]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// End the run when more than N samples and examples have failed
    #[arg(long, value_name = "N")]
    max_failures: Option<u32>,
    /// Print what would run, and run nothing
    #[arg(long)]
    dry_run: bool,
    /// Leave the runners on disk
    #[arg(long)]
    keep: bool,
    /// Print nothing but errors and the report
    #[arg(long, short)]
    quiet: bool,
}

pub(super) fn run(args: &Args) -> Outcome {
    if let Some(resume) = &args.resume {
        refuse_state(args.selection.given_state())?;
        let code = resume_run(resume, args.quiet)?;
        let out = if resume.is_dir() { resume } else { resume.parent().unwrap_or(Path::new(".")) };
        stage::print_outputs(out, None)?;
        return Ok(code);
    }
    let state_path = args.selection.state();
    let chosen = args.selection.requests(&open_state(&state_path)?)?;
    let several = chosen.len() > 1;
    // All are refused or none: a mistake in the last one must not show after hours of measuring the others.
    let mut runs = Vec::new();
    for Chosen { request, combination } in chosen {
        let mut request = Request {
            only_blocks: only_blocks(args, request.blocks)?,
            max_failures: args.max_failures,
            keep: args.keep,
            ..request
        };
        let spec = run::plan_spec(&request).map_err(prepare_failure)?;
        request.stage = args.stage.options(&request, &spec)?;
        if several && request.stage.is_some() {
            return Err(Failure::usage(anyhow::anyhow!(
                "`--stage` measures one run: its snapshots need a directory of their own (hint: one value per param in `--set`)"
            )));
        }
        runs.push((request, spec, combination));
    }
    let mut worst = exit::OK;
    for (request, spec, combination) in runs {
        if args.dry_run {
            print(&dry_run(&request, &spec)?)?;
            continue;
        }
        let out = args.out.clone().map(|out| match (several, suffix(&combination)) {
            (true, suffix) => out.join(suffix),
            (false, _) => out,
        });
        let (code, out) =
            new_run(&request, spec, RunPlace { root: &state_path, out, quiet: args.quiet })?;
        if request.stage.is_some() {
            stage::print_outputs(&out, Some(&args.stage.path_text()))?;
        }
        worst = exit::worst([worst, code]);
        if exit::is_signalled(code) {
            break;
        }
    }
    Ok(worst)
}

/// The blocks that this process measures; `None` for all.
fn only_blocks(args: &Args, blocks: u32) -> Result<Option<Vec<u32>>, Failure> {
    if let Some((index, of)) = args.shard {
        return Ok(Some(plan::shard(blocks, index, of)));
    }
    if args.only_blocks.is_empty() {
        return Ok(None);
    }
    if let Some(block) = args.only_blocks.iter().find(|block| !(1..=blocks).contains(*block)) {
        return Err(Failure::usage(anyhow::anyhow!(
            "`--only-blocks`: there is no block {block} among {blocks} (hint: `--blocks` must be that of the whole plan)"
        )));
    }
    let mut only = args.only_blocks.clone();
    only.sort_unstable();
    only.dedup();
    Ok(Some(only))
}

fn parse_shard(text: &str) -> Result<(u32, u32), String> {
    text.split_once('/')
        .and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)))
        .filter(|(index, of)| (1..=*of).contains(index))
        .ok_or_else(|| "expected K/N with K from 1 to N, such as `2/4`".to_owned())
}

fn suffix(combination: &BTreeMap<String, String>) -> String {
    let parts: Vec<String> =
        combination.iter().map(|(name, value)| format!("{name}={value}")).collect();
    parts.join(",").replace(['/', '\\'], "_")
}

fn dry_run(request: &Request, spec: &PlanSpec) -> Result<String, Failure> {
    use std::fmt::Write as _;
    // A filter that is not a valid glob is refused now, not after the source was laid out.
    run::example_filter(request.examples.as_deref()).map_err(prepare_failure)?;
    let params: Vec<String> = request.params.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let mut text = format!("scenario {} ({})\n", request.scenario.name, request.scenario.title);
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "params: {}",
        if params.is_empty() { "none".to_owned() } else { params.join(" ") }
    );
    if let Some(baseline) = &request.baseline {
        let _ = writeln!(text, "baseline: {}", describe(baseline));
    }
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
    if request.auto {
        let looks = LOOKS.map(|n| n.to_string());
        let _ = writeln!(
            text,
            "looks after {} blocks; the first that decides is the last",
            looks.join(", ")
        );
    }
    if let Some(budget) = request.budget {
        let _ = writeln!(text, "budget: {}", scenario::show_duration(budget));
    }
    if spec.regimes == [Regime::Cold] && request.regimes.is_none() {
        let _ = writeln!(text, "only cold: no cache is active with these params");
    }
    text.push_str(&plan::show(&stage::plan(Plan::new(spec), request)));
    Ok(text)
}

/// What makes the baseline another arm.
fn describe(baseline: &Baseline) -> String {
    match baseline {
        Baseline::Source(source) => source.clone(),
        Baseline::Params(params) => {
            params.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" ")
        }
        Baseline::Same => "the candidate again, built anew".to_owned(),
    }
}

/// How the phase of the examples measures them.
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
