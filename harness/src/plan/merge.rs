//! Many parts of one plan become one run.
//!
//! Whatever the order in which parts come, and however often the same part comes, the result is the same: each
//! block is taken as a whole from the part that has most of it, since a block is one job; of equals from the one
//! whose id is smaller. So a block that a killed job began and another job measured in full is never mixed.
//!
//! Of a staged run ([`Stage`]) a block is two jobs by design: the samples of each stage are taken as a whole.

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{
    Arm, CanonicalText, Cell, End, EndReason, Example, Host, LoadedRun, Outcome, Part, Run, RunId,
    RunOptions, Sample, Stage, TimeShares,
};
use chrono::{DateTime, Utc};

/// A sample with its examples.
type SampleWithExamples = (Sample, Vec<Example>);

/// Why parts cannot become one run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// Nothing was given.
    #[error("there is no part to merge")]
    Nothing,
    /// The parts are of several combinations of params.
    #[error(
        "the parts are of {} combinations of params, and a run has one: {} (hint: call `bench merge` once per \
         combination, each time with the parts of that one and an `--out` of its own)",
        runs.len(),
        listed(runs)
    )]
    Combinations {
        /// The params that differ, as `name=value`, and the runs that have them.
        runs: BTreeMap<String, Vec<String>>,
    },
    /// The parts are of different plans.
    #[error("runs `{one}` and `{other}` are not parts of one plan: {} differ", differ.join(", "))]
    Different {
        /// One run.
        one: String,
        /// Another.
        other: String,
        /// What differs.
        differ: Vec<&'static str>,
    },
    /// A run of whole blocks and one of a stage.
    #[error(
        "run `{whole}` measured whole blocks and run `{staged}` one stage of them: they are not parts of one run"
    )]
    Staged {
        /// The run without a stage.
        whole: String,
        /// The run of a stage.
        staged: String,
    },
    /// A part was stopped by its looks.
    #[error("run `{0}` looked at its results while it ran (`--auto`): it is not a part of a plan")]
    Looked(String),
}

/// Parts as one run, and what is missing.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The run; with an `end` only when nothing is missing.
    pub run: LoadedRun,
    /// Samples that the plan has and no part: the block and what is missing of it.
    pub missing: BTreeMap<u32, Vec<Cell>>,
}

/// Merges `parts`; one of them may be the result of an earlier merge.
///
/// # Errors
/// When the parts do not belong to one plan.
pub fn merge(parts: &[LoadedRun]) -> Result<Merged, MergeError> {
    let first = parts.iter().min_by_key(|part| key(part)).ok_or(MergeError::Nothing)?;
    one_combination(parts)?;
    for part in parts {
        if part.run.options.auto {
            return Err(MergeError::Looked(part.run.id.to_string()));
        }
        let differ = differences(&first.run, &part.run);
        if !differ.is_empty() {
            let (one, other) = (first.run.id.to_string(), part.run.id.to_string());
            return Err(MergeError::Different { one, other, differ });
        }
    }
    one_kind(parts)?;
    let inputs: Vec<&RunOptions> = parts.iter().map(|part| &part.run.options).collect();
    let mut jobs: Vec<Job> = parts.iter().flat_map(Job::of).collect();
    jobs.sort_by(|a, b| a.part.run.cmp(&b.part.run));
    let best = best_jobs(&jobs);
    let mut samples: Vec<SampleWithExamples> = Vec::new();
    let mut taken: BTreeMap<RunId, Part> = BTreeMap::new();
    for (&(block, _), &index) in &best {
        let job = &jobs[index];
        samples.extend(job.blocks[&block].values().cloned());
        let part = taken.entry(job.part.run.clone()).or_insert_with(|| job.part.clone());
        if !part.blocks.contains(&block) {
            part.blocks.push(block);
        }
    }
    samples.sort_by(|(a, _), (b, _)| (a.block, a.order, &a.id).cmp(&(b.block, b.order, &b.id)));
    let parts: Vec<Part> = taken.into_values().collect();
    let missing = missing(&first.run, &samples);
    let end = missing.is_empty().then(|| end(&parts, &samples));
    let run = Run { options: options(&inputs), ..whole(&first.run, parts) };
    Ok(Merged { run: LoadedRun { samples, end, ..LoadedRun::new(run) }, missing })
}

/// The planned samples that are not there.
pub fn missing(run: &Run, samples: &[SampleWithExamples]) -> BTreeMap<u32, Vec<Cell>> {
    let found: BTreeSet<(u32, Cell)> =
        samples.iter().map(|(sample, _)| (sample.block, cell(sample))).collect();
    let all = 1..=run.options.blocks;
    all.filter_map(|block| {
        let cells: Vec<Cell> =
            run.cells.iter().filter(|cell| !found.contains(&(block, **cell))).copied().collect();
        (!cells.is_empty()).then_some((block, cells))
    })
    .collect()
}

/// Parts of one scenario with other params are parts of another run, and which ones belong together is known.
fn one_combination(parts: &[LoadedRun]) -> Result<(), MergeError> {
    let of_one_scenario = parts.windows(2).all(|pair| pair[0].run.scenario == pair[1].run.scenario);
    let differ = |name: &String| {
        parts.windows(2).any(|pair| pair[0].run.params.get(name) != pair[1].run.params.get(name))
    };
    let mut runs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for part in parts {
        let params = part.run.params.iter().filter(|(name, _)| differ(name));
        let words: Vec<String> = params.map(|(name, value)| format!("{name}={value}")).collect();
        runs.entry(words.join(" ")).or_default().push(part.run.id.to_string());
    }
    if of_one_scenario && runs.len() > 1 {
        return Err(MergeError::Combinations { runs });
    }
    Ok(())
}

/// `jobs=1`: `RUN`, `RUN`; `jobs=2`: `RUN`.
fn listed(runs: &BTreeMap<String, Vec<String>>) -> String {
    let quoted = |text: &String| format!("`{text}`");
    let groups = runs.iter().map(|(params, ids)| {
        let ids: Vec<String> = ids.iter().map(quoted).collect();
        format!("{} has {}", quoted(params), ids.join(", "))
    });
    groups.collect::<Vec<_>>().join("; ")
}

/// Whole blocks and stages of blocks are not mixed: a block would be of three jobs.
fn one_kind(parts: &[LoadedRun]) -> Result<(), MergeError> {
    let is_staged = |part: &&LoadedRun| {
        let merged = part.run.parts.iter().any(|part| part.stage.is_some());
        part.run.options.stage.is_some() || merged
    };
    let of = |staged| {
        parts
            .iter()
            .filter(|part| !part.samples.is_empty() && is_staged(part) == staged)
            .map(|part| part.run.id.to_string())
            .min()
    };
    match (of(false), of(true)) {
        (Some(whole), Some(staged)) => Err(MergeError::Staged { whole, staged }),
        _ => Ok(()),
    }
}

fn cell(sample: &Sample) -> Cell {
    Cell { arm: sample.arm, regime: sample.regime }
}

/// What one job measured.
struct Job {
    part: Part,
    blocks: BTreeMap<u32, BTreeMap<String, SampleWithExamples>>,
}

impl Job {
    /// The jobs of a run: itself, or those that it was merged from.
    fn of(run: &LoadedRun) -> Vec<Self> {
        let of_blocks = |wanted: &dyn Fn(&Sample) -> bool| {
            let mut blocks: BTreeMap<u32, BTreeMap<String, SampleWithExamples>> = BTreeMap::new();
            for taken in run.samples.iter().filter(|(sample, _)| wanted(sample)) {
                let id = taken.0.id.to_string();
                blocks.entry(taken.0.block).or_default().insert(id, taken.clone());
            }
            blocks
        };
        if run.run.parts.is_empty() {
            let part = Part {
                run: run.run.id.clone(),
                started: run.run.started,
                blocks: Vec::new(),
                stage: run.run.options.stage.as_ref().map(|options| options.stage),
                snapshot_key: run.run.options.stage.as_ref().map(|options| options.key.clone()),
                host: run.run.host.clone(),
                shares: shares(run),
            };
            return vec![Self { part, blocks: of_blocks(&|_| true) }];
        }
        let jobs = run.run.parts.iter().map(|part| Self {
            part: Part { blocks: Vec::new(), ..part.clone() },
            blocks: of_blocks(&|sample| {
                part.blocks.contains(&sample.block)
                    && part.stage.is_none_or(|stage| stage.takes(sample.regime))
            }),
        });
        jobs.collect()
    }
}

fn shares(run: &LoadedRun) -> TimeShares {
    let last = run.resumes.last().map(|resume| resume.shares);
    run.end.as_ref().map(|end| end.shares).or(last).unwrap_or_default()
}

/// For each block, and each stage of it, the job that it is taken from.
fn best_jobs(jobs: &[Job]) -> BTreeMap<(u32, Option<Stage>), usize> {
    let mut best: BTreeMap<(u32, Option<Stage>), usize> = BTreeMap::new();
    for (index, job) in jobs.iter().enumerate() {
        for (block, samples) in &job.blocks {
            let place = (*block, job.part.stage);
            let known = best.get(&place).map(|known| rank(&jobs[*known].blocks[block]));
            // Jobs come in the order of their ids, so of equals the first stays.
            if known.is_none_or(|known| rank(samples) > known) {
                best.insert(place, index);
            }
        }
    }
    best
}

/// More samples are better than fewer. How they ended does not matter: to choose by that would be to measure
/// until the result pleases.
fn rank(samples: &BTreeMap<String, SampleWithExamples>) -> usize {
    samples.len()
}

/// A fixed order of runs, so that the result does not depend on that of the arguments.
fn key(part: &LoadedRun) -> (DateTime<Utc>, RunId) {
    (part.run.started, part.run.id.clone())
}

/// What two runs must share to be parts of one plan.
fn differences(one: &Run, other: &Run) -> Vec<&'static str> {
    let (a, b) = (&one.options, &other.options);
    let same = [
        ("the scenario's files", one.scenario == other.scenario),
        ("params", one.params == other.params),
        ("the plan (regimes, blocks, seed)", one.plan_hash == other.plan_hash),
        ("the baseline", a.baseline == b.baseline),
        ("the examples", a.examples == b.examples && one.left_out == other.left_out),
        ("the sources", sources(one) == sources(other)),
        ("the tools", versions(one) == versions(other)),
        ("the gates", one.gates == other.gates),
        ("the version of bench", one.bench == other.bench),
    ];
    same.into_iter().filter(|(_, same)| !same).map(|(what, _)| what).collect()
}

/// Arm, revision, whether it was dirty, files and bytes.
type SourceId = (Arm, Option<String>, Option<bool>, u64, u64);

/// Which trees were measured; where they lay on each machine does not matter.
fn sources(run: &Run) -> Vec<SourceId> {
    run.arms
        .iter()
        .map(|arm| {
            let source = &arm.source;
            (arm.arm, source.revision.clone(), source.dirty, source.files, source.bytes)
        })
        .collect()
}

fn versions(run: &Run) -> BTreeMap<String, Option<String>> {
    run.tools.iter().map(|(name, tool)| (name.clone(), tool.version.clone())).collect()
}

/// The options of the whole plan. What concerned one job only is not said.
fn options(inputs: &[&RunOptions]) -> RunOptions {
    let first = inputs[0];
    let source = first.source.clone();
    RunOptions {
        only_blocks: None,
        stage: None,
        budget_ns: None,
        max_failures: None,
        keep: false,
        state: String::new(),
        source: source.filter(|_| inputs.iter().all(|other| other.source == first.source)),
        ..first.clone()
    }
}

/// The first line of the merged run.
fn whole(first: &Run, parts: Vec<Part>) -> Run {
    let hosts: Vec<&Host> = parts.iter().map(|part| &part.host).collect();
    Run {
        id: RunId(format!("merged-{}-{}", first.scenario.name, digest(first, &parts))),
        started: parts.iter().map(|part| part.started).min().unwrap_or(first.started),
        host: common(&hosts),
        // No path of one of several machines, and no variables of one of several jobs.
        ci: BTreeMap::new(),
        arms: first
            .arms
            .iter()
            .map(|arm| {
                let mut arm = arm.clone();
                arm.source.origin = None;
                arm
            })
            .collect(),
        tools: first
            .tools
            .iter()
            .map(|(name, tool)| (name.clone(), bench_record::Tool { path: None, ..tool.clone() }))
            .collect(),
        comparability: String::new(),
        parts,
        ..first.clone()
    }
}

/// Tells merged runs of one plan apart by what they are made of.
fn digest(first: &Run, parts: &[Part]) -> String {
    let mut text = CanonicalText::new("bench.merged/1").with("plan", &first.plan_hash);
    for part in parts {
        text = text.with("run", &part.run).with_each("block", &part.blocks);
    }
    blake3::hash(text.as_bytes()).to_hex().chars().take(12).collect()
}

/// What all hosts have in common; the rest is null.
fn common(hosts: &[&Host]) -> Host {
    let Some((first, rest)) = hosts.split_first() else { return Host::default() };
    let mut host = (*first).clone();
    for other in rest {
        fn keep<T: PartialEq>(value: &mut Option<T>, other: Option<&T>) {
            if value.as_ref() != other {
                *value = None;
            }
        }
        keep(&mut host.os, other.os.as_ref());
        keep(&mut host.kernel, other.kernel.as_ref());
        keep(&mut host.cpu, other.cpu.as_ref());
        keep(&mut host.cores, other.cores.as_ref());
        keep(&mut host.cgroup_cores, other.cgroup_cores.as_ref());
        keep(&mut host.cgroup_memory_bytes, other.cgroup_memory_bytes.as_ref());
        keep(&mut host.memory_bytes, other.memory_bytes.as_ref());
        keep(&mut host.governor, other.governor.as_ref());
        keep(&mut host.file_system, other.file_system.as_ref());
        keep(&mut host.virtualisation, other.virtualisation.as_ref());
        keep(&mut host.boot, other.boot.as_ref());
        host.isolation.retain(|name, used| other.isolation.get(name) == Some(used));
        if host.arch != other.arch {
            host.arch = String::new();
        }
    }
    host
}

fn end(parts: &[Part], samples: &[SampleWithExamples]) -> End {
    let count = |wanted: &dyn Fn(Outcome) -> bool| {
        samples.iter().filter(|(sample, _)| wanted(sample.outcome)).count() as u32
    };
    End {
        // Of the records, not of the merge: the same parts give the same bytes whenever they are merged.
        at: samples.iter().map(|(sample, _)| sample.started).max().unwrap_or_default(),
        samples: samples.len() as u32,
        failed: count(&|outcome| matches!(outcome, Outcome::Failed | Outcome::TimedOut)),
        unproven: count(&|outcome| outcome == Outcome::Unproven),
        examples: samples.iter().map(|(_, examples)| examples.len() as u32).sum(),
        reason: EndReason::Done,
        shares: parts.iter().fold(TimeShares::default(), |sum, part| TimeShares {
            wall_ns: sum.wall_ns.saturating_add(part.shares.wall_ns),
            commands_ns: sum.commands_ns.saturating_add(part.shares.commands_ns),
            transfer_ns: sum.transfer_ns.saturating_add(part.shares.transfer_ns),
            layout_ns: sum.layout_ns.saturating_add(part.shares.layout_ns),
        }),
    }
}
