//! `bench plan`: a run as parts that different jobs can measure, and `bench merge` can put together.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bench_record::{Cell, LoadedRun, RunOptions, Stage};
use bench_reports::document::units::counted;

use super::machine::prepare_failure;
use super::places::open_state;
use super::selection::{Chosen, Selection};
use super::stage::refuse_unstageable;
use super::units::{CacheEntry, PlanFormat, Unit, arguments, show};
use super::{Failure, Outcome, print};
use crate::cache::handoff::{Identity, check_tag};
use crate::plan::merge::{merge, missing};
use crate::plan::{Plan, shard};
use crate::{exit, run};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,
    /// Number of parts
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    shards: u32,
    /// Divide every part into two: one job makes the snapshots, another one on another machine measures cross-runner or moved-runner from them
    #[arg(long)]
    stages: bool,
    /// Last part of the keys of the snapshots, such as "$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT" [default: random]
    #[arg(long, value_name = "TAG")]
    snapshot_tag: Option<String>,
    /// Only what is missing in these runs (parts, or what was merged from them)
    #[arg(long, value_name = "RUN", num_args = 1.., conflicts_with_all = ["scenario", "regime", "blocks", "auto", "budget", "set", "baseline", "baseline_set", "aa", "source", "examples", "seed", "stages"])]
    missing: Vec<PathBuf>,
    /// Format
    #[arg(long, value_enum, default_value_t)]
    format: PlanFormat,
}

pub(super) fn run(args: &Args) -> Outcome {
    let tag = match &args.snapshot_tag {
        Some(tag) => {
            check_tag(tag).map_err(Failure::usage)?;
            tag.clone()
        }
        None => format!("{:08x}", fastrand::u32(..)),
    };
    let plans = if args.missing.is_empty() { chosen(args)? } else { left(args)? };
    let staged = args.stages || plans.iter().any(|plan| plan.work != Work::Whole);
    if let Some(note) = fewer_parts(args, &plans) {
        anstream::eprintln!("{note}");
    }
    let mut pairs: Vec<Vec<Unit>> = Vec::new();
    for plan in &plans {
        let shards = args.shards.min(plan.blocks.len() as u32);
        for index in 1..=shards {
            // Positions, not numbers: what is missing may be any blocks.
            let places = shard(plan.blocks.len() as u32, index, shards);
            let only: Vec<u32> = places.iter().map(|at| plan.blocks[*at as usize - 1]).collect();
            pairs.push(plan.units(&only, &tag)?);
        }
    }
    let of = pairs.len();
    for (index, pair) in pairs.iter_mut().enumerate() {
        number(pair, index + 1, of);
    }
    print(&show(pairs.into_iter().flatten().collect(), staged, args.format)?)?;
    Ok(exit::OK)
}

/// A block is never divided, so a short plan has fewer parts than were asked for. It is still a plan: the matrix of a
/// workflow has fewer jobs then.
fn fewer_parts(args: &Args, plans: &[Planned]) -> Option<String> {
    let blocks = plans.iter().map(|plan| plan.blocks.len() as u32).min()?;
    if blocks >= args.shards {
        return None;
    }
    let what = if args.missing.is_empty() { "the plan has" } else { "the runs lack" };
    let hint = if args.missing.is_empty() {
        format!(" (hint: `--blocks {}` or more fills {} parts)", args.shards, args.shards)
    } else {
        String::new()
    };
    let (blocks, parts) = (counted(blocks as usize, "block"), counted(blocks as usize, "part"));
    Some(format!("note: `--shards {}`, but {what} {blocks}: {parts}{hint}", args.shards))
}

/// Names the units of the same blocks, and says which waits for which.
fn number(pair: &mut [Unit], index: usize, of: usize) {
    for unit in pair.iter_mut() {
        let kind = unit.stage.map_or("part", Stage::as_str);
        unit.unit = format!("{index}/{of}");
        unit.id = format!("{kind}-{index}-of-{of}");
    }
    let prime = pair.iter().find(|unit| unit.stage == Some(Stage::Prime));
    let prime = prime.map(|unit| unit.id.clone());
    for unit in pair.iter_mut().filter(|unit| unit.stage == Some(Stage::Measure)) {
        unit.needs.clone_from(&prime);
    }
}

/// Blocks of a plan, and what is to be done with them.
struct Planned {
    options: RunOptions,
    params: BTreeMap<String, String>,
    /// Name and content hash of the scenario.
    scenario: bench_record::Ident,
    plan_hash: String,
    blocks: Vec<u32>,
    work: Work,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Work {
    /// All samples in one job.
    Whole,
    /// Both stages.
    Stages,
    /// The first stage; the other one is there.
    Prime,
    /// The second stage, from snapshots that were saved under this key.
    Measure(String),
}

impl Planned {
    fn identity(&self) -> Identity<'_> {
        Identity {
            scenario: &self.scenario.name,
            hash: &self.scenario.hash,
            params: &self.params,
            baseline: self.options.baseline.as_ref(),
            examples: self.options.examples.as_deref(),
            plan_hash: &self.plan_hash,
        }
    }

    /// The jobs that measure these blocks.
    fn units(&self, only: &[u32], tag: &str) -> Result<Vec<Unit>, Failure> {
        let own = || -> Result<CacheEntry, Failure> {
            let identity = self.identity();
            let key = identity.key(only, tag).map_err(Failure::usage)?;
            Ok(CacheEntry { key, prefix: identity.prefix(only) })
        };
        Ok(match &self.work {
            Work::Whole => vec![self.unit(only, None)],
            Work::Prime => vec![self.unit(only, Some((Stage::Prime, own()?)))],
            Work::Stages => [Stage::Prime, Stage::Measure]
                .into_iter()
                .map(|stage| Ok(self.unit(only, Some((stage, own()?)))))
                .collect::<Result<_, Failure>>()?,
            // Snapshots of another job would not be of the same blocks: there is nothing to fall back on.
            Work::Measure(key) => {
                let entry = CacheEntry { key: key.clone(), prefix: key.clone() };
                vec![self.unit(only, Some((Stage::Measure, entry)))]
            }
        })
    }

    fn unit(&self, only: &[u32], stage: Option<(Stage, CacheEntry)>) -> Unit {
        let mut args = arguments(&self.options, &self.params, only);
        if let Some((stage, entry)) = &stage {
            let words = ["--stage", stage.as_str(), "--snapshot-key", &entry.key];
            args.extend(words.map(str::to_owned));
        }
        let (stage, cache) = stage.unzip();
        Unit {
            unit: String::new(),
            id: String::new(),
            stage,
            needs: None,
            cache,
            scenario: self.options.scenario.clone(),
            params: self.params.clone(),
            seed: self.options.seed.to_string(),
            blocks: self.options.blocks,
            only_blocks: only.to_vec(),
            args,
        }
    }
}

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
            if args.stages {
                refuse_unstageable(&request, &spec)?;
            }
            Ok(Planned {
                options: request.options(&spec.regimes, state.path()),
                scenario: bench_record::Ident {
                    name: request.scenario.name.clone(),
                    hash: request.hash.clone(),
                },
                plan_hash: Plan::new(&spec).hash(),
                blocks: (1..=request.blocks).collect(),
                work: if args.stages { Work::Stages } else { Work::Whole },
                params: request.params,
            })
        })
        .collect()
}

/// What the given runs lack.
fn left(args: &Args) -> Result<Vec<Planned>, Failure> {
    let parts: Vec<LoadedRun> = args
        .missing
        .iter()
        .map(|path| bench_record::load(path).map_err(Failure::usage))
        .collect::<Result<_, _>>()?;
    let whole = merge(&parts).map_err(Failure::usage)?;
    let run = &whole.run.run;
    let staged = parts.iter().any(|part| {
        part.run.options.stage.is_some() || part.run.parts.iter().any(|part| part.stage.is_some())
    });
    let mut by_work: BTreeMap<Work, Vec<u32>> = BTreeMap::new();
    for (block, cells) in missing(run, &whole.run.samples) {
        let work = if staged { lacking(&whole.run, block, &cells) } else { Work::Whole };
        by_work.entry(work).or_default().push(block);
    }
    let planned = by_work.into_iter().map(|(work, blocks)| Planned {
        options: run.options.clone(),
        params: run.params.clone(),
        scenario: run.scenario.clone(),
        plan_hash: run.plan_hash.clone(),
        blocks,
        work,
    });
    Ok(planned.collect())
}

/// What has to be done for the missing samples of one block of a staged run.
fn lacking(run: &LoadedRun, block: u32, cells: &[Cell]) -> Work {
    let crosses = |cell: &Cell| cell.regime.is_other_runner();
    if !cells.iter().any(crosses) {
        return Work::Prime;
    }
    let primes = run.run.parts.iter().filter(|part| part.stage == Some(Stage::Prime));
    let key = primes
        .filter(|part| part.blocks.contains(&block))
        .find_map(|part| part.snapshot_key.clone())
        .filter(|_| cells.iter().all(crosses));
    key.map_or(Work::Stages, Work::Measure)
}
