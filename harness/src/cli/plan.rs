//! `bench plan`: a run as parts that different jobs can measure, and `bench merge` can put together.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use bench_record::{Baseline, LoadedRun, Regime, Run, RunOptions};
use serde::Serialize;

use super::measure::prepare_failure;
use super::places::open_state;
use super::selection::{Chosen, Selection};
use super::{Failure, Outcome, print};
use crate::merge::{merge, missing};
use crate::plan::shard;
use crate::{exit, run};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,
    /// Number of parts
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    shards: u32,
    /// Only what is missing in these runs (parts, or what was merged from them)
    #[arg(long, value_name = "RUN", num_args = 1.., conflicts_with_all = ["scenario", "regime", "blocks", "auto", "budget", "set", "baseline", "baseline_set", "aa", "source", "examples", "seed"])]
    missing: Vec<PathBuf>,
    /// Format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Commands to copy
    #[default]
    Text,
    /// `bench.plan/1`
    Json,
    /// `matrix` of a GitHub or Forgejo workflow
    GithubMatrix,
}

/// Every part of a plan. A block is never divided: its arms, and the seed that its warm samples start from,
/// stay in one job.
#[derive(Debug, Serialize)]
struct PlanFile {
    schema: &'static str,
    units: Vec<Unit>,
}

/// What one job measures.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "`unit` is the key in the file")]
struct Unit {
    /// Its number and how many there are.
    unit: String,
    scenario: String,
    params: BTreeMap<String, String>,
    /// As text: a number of this size loses digits in JavaScript.
    seed: String,
    /// Blocks of the whole plan.
    blocks: u32,
    only_blocks: Vec<u32>,
    /// Arguments of `bench` that measure this part.
    args: Vec<String>,
}

/// A unit as a matrix entry: texts only, to be passed on by the environment.
#[derive(Debug, Serialize)]
struct Entry {
    unit: String,
    scenario: String,
    only_blocks: String,
    /// The arguments as JSON.
    args: String,
}

#[derive(Debug, Serialize)]
struct Matrix {
    include: Vec<Entry>,
}

pub(super) fn run(args: &Args) -> Outcome {
    let plans = if args.missing.is_empty() { chosen(args)? } else { left(args)? };
    let mut units = Vec::new();
    for (options, params, blocks) in &plans {
        let shards = args.shards.min(blocks.len() as u32);
        for index in 1..=shards {
            // Positions, not numbers: what is missing may be any blocks.
            let places = shard(blocks.len() as u32, index, shards);
            let only: Vec<u32> = places.iter().map(|at| blocks[*at as usize - 1]).collect();
            units.push(unit(options, params, &only));
        }
    }
    let of = units.len();
    for (index, unit) in units.iter_mut().enumerate() {
        unit.unit = format!("{}/{of}", index + 1);
    }
    print(&show(units, args.format)?)?;
    Ok(exit::OK)
}

type Planned = (RunOptions, BTreeMap<String, String>, Vec<u32>);

/// Everything that the command line asks for.
fn chosen(args: &Args) -> Result<Vec<Planned>, Failure> {
    let path = args.selection.state();
    let state = open_state(&path)?;
    args.selection
        .requests(&state)?
        .into_iter()
        .map(|Chosen { request, .. }| {
            if request.auto {
                return Err(Failure::usage(anyhow::anyhow!(
                    "`--auto` looks at all results while they come, so such a run has no parts (hint: --blocks N)"
                )));
            }
            let spec = run::plan_spec(&request).map_err(prepare_failure)?;
            let options = request.options(&spec.regimes, state.path());
            Ok((options, request.params, (1..=request.blocks).collect()))
        })
        .collect()
}

/// What the given runs lack.
fn left(args: &Args) -> Result<Vec<Planned>, Failure> {
    let parts: Vec<LoadedRun> = args
        .missing
        .iter()
        .map(|path| run::load(path).map_err(Failure::usage))
        .collect::<Result<_, _>>()?;
    let whole = merge(&parts).map_err(Failure::usage)?;
    let Run { options, params, .. } = &whole.run.run;
    let blocks = missing(&whole.run.run, &whole.run.samples).into_keys().collect();
    Ok(vec![(options.clone(), params.clone(), blocks)])
}

fn unit(options: &RunOptions, params: &BTreeMap<String, String>, only: &[u32]) -> Unit {
    Unit {
        unit: String::new(),
        scenario: options.scenario.clone(),
        params: params.clone(),
        seed: options.seed.to_string(),
        blocks: options.blocks,
        only_blocks: only.to_vec(),
        args: arguments(options, params, only),
    }
}

/// The arguments that make `bench` measure these blocks of this plan.
fn arguments(options: &RunOptions, params: &BTreeMap<String, String>, only: &[u32]) -> Vec<String> {
    let mut args = vec!["run".to_owned()];
    let mut add = |option: &str, value: String| args.extend([option.to_owned(), value]);
    add("--scenario", options.scenario.clone());
    let regimes: Vec<&str> = options.regimes.iter().copied().map(Regime::as_str).collect();
    add("--regime", regimes.join(","));
    add("--blocks", options.blocks.to_string());
    add("--only-blocks", joined(only));
    add("--seed", options.seed.to_string());
    for (name, value) in params {
        add("--set", format!("{name}={value}"));
    }
    match &options.baseline {
        // The same again is a flag: it has no value.
        None | Some(Baseline::Same) => {}
        Some(Baseline::Source(source)) => add("--baseline", source.clone()),
        Some(Baseline::Params(other)) => {
            for (name, value) in other {
                add("--baseline-set", format!("{name}={value}"));
            }
        }
    }
    if let Some(source) = &options.source {
        add("--source", source.clone());
    }
    if let Some(examples) = &options.examples {
        add("--examples", examples.clone());
    }
    if let Some(budget) = options.budget_ns {
        add("--budget", crate::scenario::show_duration(std::time::Duration::from_nanos(budget)));
    }
    if options.baseline == Some(Baseline::Same) {
        args.push("--aa".to_owned());
    }
    args
}

fn joined(blocks: &[u32]) -> String {
    blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn show(units: Vec<Unit>, format: Format) -> Result<String, Failure> {
    Ok(match format {
        Format::Text => {
            let mut text = String::new();
            for unit in &units {
                let words: Vec<String> = unit.args.iter().map(|word| quoted(word)).collect();
                // Writing to a String cannot fail.
                let _ = writeln!(text, "bench {}", words.join(" "));
            }
            text
        }
        Format::Json => {
            let file = PlanFile { schema: "bench.plan/1", units };
            serde_json::to_string_pretty(&file)? + "\n"
        }
        Format::GithubMatrix => {
            let entry = |unit: Unit| -> Result<Entry, serde_json::Error> {
                Ok(Entry {
                    only_blocks: joined(&unit.only_blocks),
                    args: serde_json::to_string(&unit.args)?,
                    unit: unit.unit,
                    scenario: unit.scenario,
                })
            };
            let include = units.into_iter().map(entry).collect::<Result<_, _>>()?;
            // One line: it goes into a step's output.
            serde_json::to_string(&Matrix { include })? + "\n"
        }
    })
}

/// A word that a POSIX shell reads as it is.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
