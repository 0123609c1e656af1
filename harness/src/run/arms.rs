//! The arms of a run: the source, params and examples of each.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

use bench_record::{Arm, ArmInfo, Baseline};

use super::error::PrepareError;
use super::provision::tools_dir;
use super::request::{Request, example_filter};
use crate::runner::{GoldenSource, lay_out_baseline, lay_out_golden};
use crate::sample::{ArmSetup, ExampleValue, known_examples};
use crate::scenario::{Root, Scenario, Source};
use crate::system::exec::Executor;
use crate::system::fs::state::StateRoot;

/// Every arm, laid out.
pub(super) struct Arms {
    pub(super) setups: BTreeMap<Arm, ArmSetup>,
    pub(super) infos: Vec<ArmInfo>,
    /// Examples that only one arm has; they are not measured.
    pub(super) left_out: Vec<String>,
    /// Time that laying out the sources took, in nanoseconds.
    pub(super) layout_ns: u64,
}

/// Lays out the source of every arm in `run_rel` of the state root.
///
/// # Errors
/// When a source cannot be laid out or does not fit the scenario.
pub(super) fn lay_out(
    executor: &mut dyn Executor,
    state: &StateRoot,
    request: &Request,
    run_rel: &Path,
) -> Result<Arms, PrepareError> {
    let started = Instant::now();
    let scenario = &request.scenario;
    let given = request.source.as_deref();
    let golden = lay_out_golden(executor, state, &run_rel.join("source"), scenario, given)?;
    let baseline = match &request.baseline {
        None => None,
        Some(Baseline::Source(source)) => {
            let rel = run_rel.join("baseline-source");
            Some(lay_out_baseline(executor, state, &rel, scenario, given, source)?)
        }
        // A golden tree is never written to, so arms with the same source share it. They have separate runners,
        // caches and builds.
        Some(Baseline::Params(_) | Baseline::Same) => Some(golden.clone()),
    };
    let layout_ns = started.elapsed().as_nanos() as u64;
    let goldens: BTreeMap<Arm, GoldenSource> = [(Arm::Candidate, golden)]
        .into_iter()
        .chain(baseline.map(|golden| (Arm::Baseline, golden)))
        .collect();
    let mut setups = BTreeMap::new();
    let mut infos = Vec::new();
    for (arm, golden) in goldens {
        refuse_other_trees(scenario, &golden)?;
        refuse_linked_caches(scenario, golden.path())?;
        let examples = examples(request, golden.path())?;
        let params = request.params_of(arm);
        let differing =
            params.iter().filter(|(name, value)| request.params.get(*name) != Some(value));
        infos.push(ArmInfo {
            arm,
            source: golden.info.clone(),
            params: differing.map(|(name, value)| (name.clone(), value.clone())).collect(),
        });
        let tools = tools_dir(state, scenario, &params)?;
        setups.insert(arm, ArmSetup { golden, params, tools, examples });
    }
    let left_out = keep_common_examples(&mut setups);
    if setups.values().any(|setup| setup.examples.as_ref().is_some_and(Vec::is_empty)) {
        return Err(PrepareError::Usage(format!(
            "scenario `{}`: candidate and baseline have no example in common, so there is nothing to compare",
            scenario.name
        )));
    }
    Ok(Arms { setups, infos, left_out, layout_ns })
}

/// Removes the examples that only one arm has, and returns their names: totals of different work cannot be compared.
fn keep_common_examples(setups: &mut BTreeMap<Arm, ArmSetup>) -> Vec<String> {
    let names = |setup: &ArmSetup| -> Option<BTreeSet<String>> {
        Some(setup.examples.as_ref()?.iter().map(|example| example.name.clone()).collect())
    };
    let all: Vec<BTreeSet<String>> = setups.values().filter_map(names).collect();
    let [one, other] = all.as_slice() else { return Vec::new() };
    let left_out: BTreeSet<String> = one.symmetric_difference(other).cloned().collect();
    for examples in setups.values_mut().filter_map(|setup| setup.examples.as_mut()) {
        examples.retain(|example| !left_out.contains(&example.name));
    }
    left_out.into_iter().collect()
}

/// Refuses a source that lacks files that the scenario requires.
fn refuse_other_trees(scenario: &Scenario, golden: &GoldenSource) -> Result<(), PrepareError> {
    let lacking = scenario.requires.iter().find(|path| !golden.path().join(path).exists());
    let Some(lacking) = lacking else { return Ok(()) };
    let origin = golden.info.origin.as_deref().unwrap_or("workspace/");
    let expected = match &scenario.source {
        Source::Git { url, rev } => format!("a clone of {url} at {rev}"),
        Source::Path(path) => format!("a copy of `{}`", path.display()),
        Source::Shipped => "a copy of the scenario's own `workspace/`".to_owned(),
    };
    Err(PrepareError::Usage(format!(
        "source `{origin}` is not what scenario `{}` works on: it has no `{}` (hint: give {expected} with `--source DIR`)",
        scenario.name,
        lacking.display()
    )))
}

/// Refuses a source in which the path of a cache is a symbolic link, which could lead out of the runner.
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

fn examples(request: &Request, golden: &Path) -> Result<Option<Vec<ExampleValue>>, PrepareError> {
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
