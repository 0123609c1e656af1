//! Everything that must be right before the first record is written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bench_record::{
    Arm, ArmInfo, Design, Gate, GateRule, Ident, LoadedRun, Regime, Run, RunId, RunOptions,
};
use chrono::Utc;

use super::tools::{self, Found};
use crate::exec::{ExecError, Executor};
use crate::host;
use crate::plan::{Plan, PlanSpec};
use crate::regime::{ArmSetup, known_examples};
use crate::runner::{SourceError, UserEnvironment, lay_out_golden};
use crate::scenario::model::{self, GateSpec, Root, Scenario};
use crate::state::{StateError, StateRoot};
use crate::tree::TreeError;

/// What `bench run` was asked for, after params were chosen.
#[derive(Clone, Debug)]
pub struct Request {
    /// The scenario.
    pub scenario: Scenario,
    /// How it was named on the command line.
    pub scenario_arg: String,
    /// Its content hash.
    pub hash: String,
    /// One value a param.
    pub params: BTreeMap<String, String>,
    /// `--regime`; `None` for the default.
    pub regimes: Option<Vec<Regime>>,
    /// `--blocks`.
    pub blocks: u32,
    /// `--seed`, or a random one.
    pub seed: u64,
    /// `--source`.
    pub source: Option<String>,
    /// `--examples`.
    pub examples: Option<String>,
    /// `--max-failures`.
    pub max_failures: Option<u32>,
    /// `--keep`.
    pub keep: bool,
}

/// A run that can start.
pub struct Prepared {
    /// Its first record.
    pub run: Run,
    /// What it will do.
    pub spec: PlanSpec,
    /// Each arm's source, params and examples.
    pub arms: BTreeMap<Arm, ArmSetup>,
    /// What is taken from the person who runs `bench`.
    pub user: UserEnvironment,
    /// The run's directory beneath the state root.
    pub run_rel: PathBuf,
    /// `{tools}`
    pub tools: PathBuf,
    /// Time that laying out the source took.
    pub layout_ns: u64,
}

/// Why a run cannot start.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// Tools are missing.
    #[error("{0}")]
    Tools(String),
    /// The request contradicts the scenario.
    #[error("{0}")]
    Usage(String),
    /// The source cannot be had.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The state root said no.
    #[error(transparent)]
    State(#[from] StateError),
    /// A tree cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// Processes cannot be run.
    #[error(transparent)]
    Exec(#[from] ExecError),
}

/// The regimes that are measured: what was asked for, or all but hot; without an active cache only cold,
/// since there is nothing that could be warm.
fn regimes(request: &Request) -> Result<Vec<Regime>, PrepareError> {
    let active = request.scenario.caches.iter().any(|cache| cache.when.holds(&request.params));
    let name = &request.scenario.name;
    match &request.regimes {
        None if active => Ok(vec![Regime::Cold, Regime::SameRunner, Regime::CrossRunner]),
        None => Ok(vec![Regime::Cold]),
        Some(asked) => {
            if let Some(warm) =
                asked.iter().find(|r| matches!(r, Regime::SameRunner | Regime::CrossRunner))
                && !active
            {
                let hint = request
                    .scenario
                    .caches
                    .iter()
                    .flat_map(|cache| &cache.when.0)
                    .find_map(|(param, values)| {
                        Some(format!(" (hint: --set {param}={})", values.first()?))
                    })
                    .unwrap_or_default();
                return Err(PrepareError::Usage(format!(
                    "scenario `{name}` has no active cache with these params, so `{warm}` cannot be measured{hint}"
                )));
            }
            Ok(Regime::ALL.into_iter().filter(|regime| asked.contains(regime)).collect())
        }
    }
}

/// Which samples the request asks for.
///
/// # Errors
/// When a warm regime is asked for and no cache is active.
pub fn plan_spec(request: &Request) -> Result<PlanSpec, PrepareError> {
    Ok(PlanSpec {
        regimes: regimes(request)?,
        arms: vec![Arm::Candidate],
        blocks: request.blocks,
        seed: request.seed,
    })
}

/// Finds the tools, lays out the source, and writes down what the run is.
///
/// # Errors
/// See [`PrepareError`]; nothing of the run is on disk then but its directory beneath the state root.
pub fn prepare(
    executor: &mut dyn Executor,
    state: &StateRoot,
    request: &Request,
    id: RunId,
    isolation: &BTreeMap<String, bool>,
) -> Result<Prepared, PrepareError> {
    let scenario = &request.scenario;
    let spec = plan_spec(request)?;
    let run_rel = Path::new("runs").join(id.as_str());
    let scratch = state.dir(&run_rel.join("scratch"))?;
    let tools_dir = state.dir(&tools_rel(scenario))?;
    let Found { tools: versions, bins, missing } =
        tools::find_tools(executor, scenario, &request.params, &scratch, &tools_dir)?;
    if !missing.is_empty() {
        return Err(PrepareError::Tools(tools::missing(&scenario.name, &missing)));
    }
    let started = std::time::Instant::now();
    let golden = lay_out_golden(
        executor,
        state,
        &run_rel.join("source"),
        scenario,
        request.source.as_deref(),
    )?;
    let layout_ns = started.elapsed().as_nanos() as u64;
    refuse_linked_caches(scenario, golden.path())?;
    let examples = examples(request, golden.path())?;
    let arms =
        vec![ArmInfo { arm: Arm::Candidate, source: golden.info.clone(), params: BTreeMap::new() }];
    let host = bench_record::Host { isolation: isolation.clone(), ..host::snapshot(state.path()) };
    let run = Run {
        id,
        bench: env!("CARGO_PKG_VERSION").to_owned(),
        started: Utc::now(),
        scenario: Ident { name: scenario.name.clone(), hash: request.hash.clone() },
        params: request.params.clone(),
        plan_hash: Plan::new(&spec).hash(),
        options: RunOptions {
            scenario: request.scenario_arg.clone(),
            regimes: spec.regimes.clone(),
            blocks: request.blocks,
            seed: request.seed,
            baseline: None,
            auto: false,
            budget_ns: None,
            source: request.source.clone(),
            examples: request.examples.clone(),
            state: state.path().to_string_lossy().into_owned(),
            max_failures: request.max_failures,
            keep: request.keep,
        },
        arms,
        caches: scenario
            .caches
            .iter()
            .filter(|cache| cache.when.holds(&request.params))
            .map(|cache| cache.name.clone())
            .collect(),
        phases: scenario
            .phases
            .iter()
            .filter(|phase| phase.measured && phase.when.holds(&request.params))
            .map(|phase| phase.name.clone())
            .collect(),
        design: Design::Randomised,
        gates: scenario.gates.iter().map(recorded).collect(),
        examples: examples.as_ref().map(|examples| examples.len() as u32),
        comparability: comparability(&host, &versions, &request.hash),
        host,
        tools: versions,
        ci: host::ci_variables(),
    };
    let setup = ArmSetup { golden, params: request.params.clone(), examples };
    Ok(Prepared {
        run,
        spec,
        arms: BTreeMap::from([(Arm::Candidate, setup)]),
        user: UserEnvironment::take(&scenario.env, bins),
        tools: tools_dir,
        run_rel,
        layout_ns,
    })
}

/// Where the tools of a scenario's runners lie beneath the state root.
pub(crate) fn tools_rel(scenario: &Scenario) -> PathBuf {
    Path::new("tools").join(&scenario.name)
}

/// A gate as it is written into the run.
fn recorded(gate: &GateSpec) -> Gate {
    let rule = match &gate.rule {
        model::GateRule::MaxTime(limit) => GateRule::MaxSeconds(limit.as_secs_f64()),
        model::GateRule::MinSpeedup(limit) => GateRule::MinSpeedup(*limit),
        model::GateRule::MinHitRate(limit) => GateRule::MinHitRate(*limit),
        model::GateRule::MaxRestore(limit) => GateRule::MaxRestoreSeconds(limit.as_secs_f64()),
        model::GateRule::MaxBytes(limit) => GateRule::MaxBytes(*limit),
        model::GateRule::Baseline { margin, floor } => {
            GateRule::Baseline { margin: *margin, floor: *floor }
        }
    };
    Gate { regime: gate.regime, phase: gate.phase.clone(), examples: gate.examples.clone(), rule }
}

/// A source in which a cache's path is a symbolic link could lead out of the runner.
fn refuse_linked_caches(scenario: &Scenario, golden: &Path) -> Result<(), PrepareError> {
    for cache in scenario.caches.iter().filter(|cache| cache.root == Root::Workspace) {
        let mut path = golden.to_owned();
        for part in &cache.path {
            path.push(part);
            if std::fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_symlink()) {
                return Err(PrepareError::Usage(format!(
                    "cache `{}` of scenario `{}` lies behind a symbolic link of the source, `{}`; expected a path of the workspace itself",
                    cache.name,
                    scenario.name,
                    cache.path.display()
                )));
            }
        }
    }
    Ok(())
}

fn examples(
    request: &Request,
    golden: &Path,
) -> Result<Option<Vec<crate::regime::ExampleValue>>, PrepareError> {
    let only = example_filter(request.examples.as_deref())?;
    let Some(spec) = &request.scenario.examples else {
        if request.examples.is_some() {
            let name = &request.scenario.name;
            return Err(PrepareError::Usage(format!(
                "scenario `{name}` declares no examples, so `--examples` has nothing to choose from"
            )));
        }
        return Ok(None);
    };
    let known = known_examples(spec, golden, only.as_ref())?;
    if !known.as_ref().is_some_and(Vec::is_empty) {
        return Ok(known);
    }
    let name = &request.scenario.name;
    let all = known_examples(spec, golden, None)?.unwrap_or_default();
    Err(PrepareError::Usage(match &request.examples {
        Some(filter) if !all.is_empty() => {
            let names: Vec<&str> = all.iter().map(|example| example.name.as_str()).collect();
            format!(
                "no example of scenario `{name}` matches `--examples {filter}` (hint: there are {})",
                names.join(", ")
            )
        }
        _ => format!(
            "scenario `{name}` has no examples: its glob matches no file of the source (hint: is `--source` the tree that the scenario expects?)"
        ),
    }))
}

/// The compiled `--examples` filter.
///
/// # Errors
/// When it is no glob.
pub(crate) fn example_filter(
    filter: Option<&str>,
) -> Result<Option<globset::GlobMatcher>, PrepareError> {
    filter
        .map(|text| {
            globset::Glob::new(text)
                .map(|glob| glob.compile_matcher())
                .map_err(|error| PrepareError::Usage(format!("`--examples {text}`: {error}")))
        })
        .transpose()
}

/// What must agree before two runs may be set side by side.
fn comparability(host: &bench_record::Host, tools: &bench_record::Tools, scenario: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    let parts = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {scenario}",
        host.cpu,
        host.cores,
        host.cgroup_cores,
        host.memory_bytes,
        host.kernel,
        host.file_system,
        tools
    );
    hasher.update(parts.as_bytes());
    hasher.finalize().to_hex().to_string()
}

/// The request that made a recorded run, for `--resume`.
pub fn request_of(loaded: &LoadedRun, scenario: Scenario, hash: String) -> Request {
    let options = &loaded.run.options;
    Request {
        scenario,
        scenario_arg: options.scenario.clone(),
        hash,
        params: loaded.run.params.clone(),
        regimes: Some(options.regimes.clone()),
        blocks: options.blocks,
        seed: options.seed,
        source: options.source.clone(),
        examples: options.examples.clone(),
        max_failures: options.max_failures,
        keep: options.keep,
    }
}

/// Whether what was prepared now is what the recorded run measured.
///
/// # Errors
/// Names everything that changed since.
pub fn check_resumable(recorded: &Run, now: &Run) -> Result<(), PrepareError> {
    let mut changed = Vec::new();
    let mut compare = |what: &str, same: bool| {
        if !same {
            changed.push(what.to_owned());
        }
    };
    compare("the scenario's files", recorded.scenario == now.scenario);
    compare("the plan (another version of bench?)", recorded.plan_hash == now.plan_hash);
    compare("the source", recorded.arms == now.arms);
    compare("the tools", recorded.tools == now.tools);
    compare("the host", recorded.comparability == now.comparability);
    if changed.is_empty() {
        return Ok(());
    }
    Err(PrepareError::Usage(format!(
        "run `{}` cannot be resumed: {} changed since it started (hint: start a new run)",
        recorded.id,
        changed.join(", ")
    )))
}
