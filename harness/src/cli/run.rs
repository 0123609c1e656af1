//! `bench run`: measure a scenario in its cache regimes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bench_record::Regime;

use super::measure::{new_run, prepare_failure, resume_run};
use super::places::{find, open_state, parse_sets};
use super::{Failure, Outcome, default_state, print};
use crate::exit;
use crate::plan::{self, Plan};
use crate::run::{self, Request};
use crate::scenario;
use crate::scenario::model::{ExamplesFrom, ExamplesSpec, PhaseCommand};
use crate::scenario::template::Template;

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
pub(super) fn run(args: &Args) -> Outcome {
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

fn suffix(combination: &BTreeMap<String, String>) -> String {
    let parts: Vec<String> =
        combination.iter().map(|(name, value)| format!("{name}={value}")).collect();
    parts.join(",").replace(['/', '\\'], "_")
}

fn dry_run(request: &Request) -> Result<String, Failure> {
    use std::fmt::Write as _;
    let spec = run::plan_spec(request).map_err(prepare_failure)?;
    // A filter that is no glob is refused now, not after the source was laid out.
    run::example_filter(request.examples.as_deref()).map_err(prepare_failure)?;
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
