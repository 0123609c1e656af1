//! `bench run`: measure a scenario in its cache regimes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bench_record::{Baseline, Regime};
use bench_reports::stats::{MIN_PAIRS, Schedule};

use super::measure::{new_run, prepare_failure, resume_run};
use super::places::{find, open_state, parse_sets};
use super::{Failure, Outcome, default_state, print};
use crate::exit;
use crate::plan::{self, Plan};
use crate::run::{self, Request};
use crate::scenario;
use crate::scenario::model::{ExamplesFrom, ExamplesSpec, PhaseCommand, Scenario};
use crate::scenario::template::Template;

/// Blocks of a run that compares nothing: enough to see the regimes apart, few enough to wait for.
const DEFAULT_BLOCKS: u32 = 3;

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Args {
    /// Scenario: a name (`bench list`) or a directory with a scenario.toml
    #[arg(long, required_unless_present = "resume", conflicts_with = "resume")]
    scenario: Option<String>,
    /// Go on with a run that was cut short; everything else is taken from its records
    #[arg(long, value_name = "RUN", conflicts_with_all = ["regime", "blocks", "auto", "budget", "set", "baseline", "baseline_set", "aa", "source", "examples", "seed", "out", "state", "dry_run"])]
    resume: Option<PathBuf>,
    /// Regimes to measure [default: cold,same-runner,cross-runner]
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    regime: Vec<Regime>,
    /// Number of blocks: each arm and regime once per block [default: 3; with a baseline 7, the fewest for
    /// a verdict]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    blocks: Option<u32>,
    /// Look at the comparison after 7, 10, 14 and 20 blocks and end with the first that decides
    #[arg(long, conflicts_with = "blocks", requires = "comparison")]
    auto: bool,
    /// Start no block that would probably not end within this time
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    budget: Option<Duration>,
    /// Compare with another source, measured in the same job: a directory, or a revision of the same
    /// repository
    #[arg(long, value_name = "GIT-REF|DIR", group = "comparison")]
    baseline: Option<String>,
    /// Compare with other param values, measured in the same job
    #[arg(long, value_name = "K=V", group = "comparison")]
    baseline_set: Vec<String>,
    /// Compare the candidate with itself, built anew: what the noise of this machine does
    #[arg(long, group = "comparison")]
    aa: bool,
    /// Param value; several values run their product, a run each
    #[arg(long, value_name = "K=V[,V]")]
    set: Vec<String>,
    /// Only the examples whose name or path matches
    #[arg(long, value_name = "GLOB")]
    examples: Option<String>,
    /// Source tree instead of the scenario's own: a directory, a local clone or a URL; with #REV another
    /// revision than the scenario's
    #[arg(long, value_name = "DIR|URL[#REV]")]
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
    let sets = parse_sets("--set", &args.set, &scenario)?;
    let combinations = scenario::param_product(&sets);
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
    let several = combinations.len() > 1;
    let baseline = baseline(args, &scenario)?;
    let mut worst = exit::OK;
    for combination in combinations {
        let mut params = scenario.default_params();
        params.extend(combination.clone());
        scenario.check_params(&params).map_err(Failure::usage)?;
        refuse_same_params(baseline.as_ref(), &params)?;
        let request = Request {
            scenario: scenario.clone(),
            scenario_arg: scenario_arg(&arg),
            hash: hash.clone(),
            params,
            regimes: (!args.regime.is_empty()).then(|| args.regime.clone()),
            blocks: blocks(args, baseline.is_some()),
            seed,
            baseline: baseline.clone(),
            auto: args.auto,
            budget: args.budget,
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

/// What the candidate is compared with.
fn baseline(args: &Args, scenario: &Scenario) -> Result<Option<Baseline>, Failure> {
    if args.aa {
        return Ok(Some(Baseline::Same));
    }
    if let Some(source) = &args.baseline {
        return Ok(Some(Baseline::Source(absolute_source(source))));
    }
    if args.baseline_set.is_empty() {
        return Ok(None);
    }
    let mut params = BTreeMap::new();
    for (name, mut values) in parse_sets("--baseline-set", &args.baseline_set, scenario)? {
        let (Some(value), true) = (values.pop(), values.is_empty()) else {
            return Err(Failure::usage(anyhow::anyhow!(
                "`--baseline-set {name}`: expected one value, for there is one baseline (hint: `--set {name}=..` takes several, a run each)"
            )));
        };
        params.insert(name, value);
    }
    Ok(Some(Baseline::Params(params)))
}

/// Two arms that are the same by accident would be an answer to no question.
fn refuse_same_params(
    baseline: Option<&Baseline>,
    params: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    match baseline {
        Some(Baseline::Params(other))
            if other.iter().all(|(name, value)| params.get(name) == Some(value)) =>
        {
            let same: Vec<String> = other.iter().map(|(k, v)| format!("{k}={v}")).collect();
            Err(Failure::usage(anyhow::anyhow!(
                "`--baseline-set {}` is what the candidate has too (hint: `--set` changes the candidate, `--aa` compares it with itself)",
                same.join(" ")
            )))
        }
        _ => Ok(()),
    }
}

/// The number of blocks, at most.
fn blocks(args: &Args, compared: bool) -> u32 {
    let looks = Schedule::default();
    match args.blocks {
        Some(blocks) => blocks,
        None if args.auto => looks.last() as u32,
        None if compared => MIN_PAIRS as u32,
        None => DEFAULT_BLOCKS,
    }
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    scenario::parse_duration(text)
        .ok_or_else(|| "expected a time such as `30m` or `90s`".to_owned())
}

/// The code that says most about several runs: a signal, then a failure, then an unproven regime.
fn worse(one: u8, other: u8) -> u8 {
    one.max(other)
}

/// A directory is recorded as an absolute path, so that `--resume` works from anywhere.
pub(super) fn scenario_arg(arg: &str) -> String {
    let path = Path::new(arg);
    if path.is_dir() {
        std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned()
    } else {
        arg.to_owned()
    }
}

/// Likewise; of `DIR#REV` the directory.
pub(super) fn absolute_source(source: &str) -> String {
    if Path::new(source).exists() {
        return scenario_arg(source);
    }
    match source.rsplit_once('#') {
        Some((dir, rev)) if Path::new(dir).is_dir() => format!("{}#{rev}", scenario_arg(dir)),
        _ => source.to_owned(),
    }
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
        let looks: Vec<String> =
            Schedule::default().looks().iter().map(|(n, _)| n.to_string()).collect();
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
    text.push_str(&plan::show(&Plan::new(&spec)));
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
