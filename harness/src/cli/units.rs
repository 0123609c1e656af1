//! The parts of a plan as commands, as JSON, and as the matrix of a workflow.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bench_record::{Baseline, Regime, RunOptions, Stage};
use serde::Serialize;

use super::Failure;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum PlanFormat {
    /// Commands to copy
    #[default]
    Text,
    /// `bench.plan/1`
    Json,
    /// `matrix` of a GitHub or Forgejo workflow; with stages one for each
    GithubMatrix,
}

/// Every part of a plan. Only stages divide a block: its arms, and the snapshot that its warm samples start
/// from, stay in one job.
#[derive(Debug, Serialize)]
struct PlanFile {
    schema: &'static str,
    units: Vec<Unit>,
}

/// What one job measures.
#[derive(Clone, Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "`unit` is the key in the file")]
pub(super) struct Unit {
    /// Its number and how many there are; the two stages of the same blocks have the same.
    pub(super) unit: String,
    /// The same with its stage, safe as the name of a file or an artifact.
    pub(super) id: String,
    pub(super) stage: Option<Stage>,
    /// The unit whose snapshots it starts from, on another runner.
    pub(super) needs: Option<String>,
    /// The entry of a CI's cache that carries the snapshots.
    pub(super) cache: Option<CacheEntry>,
    pub(super) scenario: String,
    pub(super) params: BTreeMap<String, String>,
    /// As text: a number of this size loses digits in JavaScript.
    pub(super) seed: String,
    /// Blocks of the whole plan.
    pub(super) blocks: u32,
    pub(super) only_blocks: Vec<u32>,
    /// Arguments of `bench` that measure this part.
    pub(super) args: Vec<String>,
}

/// Of a CI's cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct CacheEntry {
    pub(super) key: String,
    /// What the cache step may fall back on: snapshots of the same blocks of the same plan.
    pub(super) prefix: String,
}

/// A unit as a matrix entry: texts only, to be passed on by the environment.
#[derive(Debug, Serialize)]
struct MatrixEntry {
    unit: String,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<Stage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    scenario: String,
    only_blocks: String,
    /// The arguments as JSON.
    args: String,
}

impl MatrixEntry {
    fn of(unit: &Unit) -> Result<Self, serde_json::Error> {
        Ok(Self {
            only_blocks: joined(&unit.only_blocks),
            args: serde_json::to_string(&unit.args)?,
            unit: unit.unit.clone(),
            id: unit.id.clone(),
            stage: unit.stage,
            // Every entry of a matrix with stages has the same keys.
            needs: unit.stage.map(|_| unit.needs.clone().unwrap_or_default()),
            key: unit.cache.as_ref().map(|cache| cache.key.clone()),
            prefix: unit.cache.as_ref().map(|cache| cache.prefix.clone()),
            scenario: unit.scenario.clone(),
        })
    }
}

#[derive(Debug, Serialize)]
struct Matrix {
    include: Vec<MatrixEntry>,
}

impl Matrix {
    fn of(units: &[Unit], stage: Option<Stage>) -> Result<Self, serde_json::Error> {
        let include = units.iter().filter(|unit| unit.stage == stage).map(MatrixEntry::of);
        Ok(Self { include: include.collect::<Result<_, _>>()? })
    }
}

/// One matrix per stage: the jobs of measure wait for those of prime.
#[derive(Debug, Serialize)]
struct Matrices {
    prime: Matrix,
    measure: Matrix,
}

/// The arguments that make `bench` measure these blocks of this plan.
pub(super) fn arguments(
    options: &RunOptions,
    params: &BTreeMap<String, String>,
    only: &[u32],
) -> Vec<String> {
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

pub(super) fn show(units: Vec<Unit>, staged: bool, format: PlanFormat) -> Result<String, Failure> {
    Ok(match format {
        PlanFormat::Text => {
            let mut text = String::new();
            // What others wait for comes first.
            let (later, first): (Vec<&Unit>, Vec<&Unit>) =
                units.iter().partition(|unit| unit.stage == Some(Stage::Measure));
            for unit in first.into_iter().chain(later) {
                let words: Vec<String> = unit.args.iter().map(|word| quoted(word)).collect();
                // Writing to a String cannot fail.
                let _ = writeln!(text, "bench {}", words.join(" "));
            }
            text
        }
        PlanFormat::Json => {
            let file = PlanFile { schema: "bench.plan/1", units };
            serde_json::to_string_pretty(&file)? + "\n"
        }
        // One line: it goes into a step's output.
        PlanFormat::GithubMatrix if staged => {
            let of = |stage| Matrix::of(&units, Some(stage));
            let both = Matrices { prime: of(Stage::Prime)?, measure: of(Stage::Measure)? };
            serde_json::to_string(&both)? + "\n"
        }
        PlanFormat::GithubMatrix => serde_json::to_string(&Matrix::of(&units, None)?)? + "\n",
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
