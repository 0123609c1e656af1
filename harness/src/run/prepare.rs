//! Everything that must be right before the first record is written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bench_record::{Arm, CanonicalText, Design, Gate, Ident, Run, RunId};
use chrono::Utc;

use super::arms;
use super::error::PrepareError;
use super::name::{StagedPlan, run_directory};
use super::provision::{Provisioning, tools_rel};
use super::request::Request;
use super::tools::{self, FoundTools};
use crate::plan::{Plan, PlanSpec};
use crate::runner::UserEnvironment;
use crate::sample::ArmSetup;
use crate::system::exec::{ExecError, Executor};
use crate::system::fs::state::StateRoot;
use crate::system::host;

/// A run that can start.
pub struct Prepared {
    /// Its first record.
    pub run: Run,
    /// Which samples it takes.
    pub spec: PlanSpec,
    /// Each arm's source, params and examples.
    pub arms: BTreeMap<Arm, ArmSetup>,
    /// What the environment of its commands takes from the user's.
    pub user: UserEnvironment,
    /// The run's directory, relative to the state root.
    pub run_rel: PathBuf,
    /// Time that laying out the sources took, in nanoseconds.
    pub layout_ns: u64,
}

/// What is to be prepared.
pub struct Wanted<'a> {
    /// What was asked for.
    pub request: &'a Request,
    /// Which samples that means.
    pub spec: PlanSpec,
    /// Names the run.
    pub id: RunId,
    /// Which means of isolation the executor uses.
    pub isolation: &'a BTreeMap<String, bool>,
}

/// Finds the tools, lays out the source, and makes the first record of the run; `spec` is what its request plans.
///
/// # Errors
/// See [`PrepareError`]; nothing of the run is on disk then but its directory in the state root.
pub fn prepare(
    executor: &mut dyn Executor,
    state: &StateRoot,
    wanted: Wanted<'_>,
) -> Result<Prepared, PrepareError> {
    let Wanted { request, spec, id, isolation } = wanted;
    let scenario = &request.scenario;
    let plan_hash = Plan::new(&spec).hash();
    let staged = request.stage.is_some();
    let plan = StagedPlan { scenario: &request.hash, plan: &plan_hash };
    let run_rel = run_directory(&id, staged.then_some(plan));
    if staged {
        // What an earlier job of this plan kept, or was killed before it removed.
        state.set_aside(&run_rel)?;
    }
    let scratch = state.dir(&run_rel.join("scratch"))?;
    let found = find_tools(executor, request, &scratch, &state.dir(&tools_rel(scenario))?)?;
    if !found.missing.is_empty() {
        return Err(PrepareError::Tools(tools::missing_message(&scenario.name, &found.missing)));
    }
    let arms = arms::lay_out(executor, state, request, &run_rel)?;
    let provisioning =
        Provisioning { scenario, hash: &request.hash, found: &found, scratch: &scratch };
    for setup in arms.setups.values() {
        provisioning.fill(executor, &setup.tools, &setup.params)?;
    }
    let FoundTools { tools: versions, bins, .. } = found;
    let examples = arms.setups.get(&Arm::Candidate).and_then(|setup| setup.examples.as_ref());
    let host = bench_record::Host { isolation: isolation.clone(), ..host::snapshot(state.path()) };
    let run = Run {
        id,
        bench: env!("CARGO_PKG_VERSION").to_owned(),
        started: Utc::now(),
        scenario: Ident { name: scenario.name.clone(), hash: request.hash.clone() },
        params: request.params.clone(),
        plan_hash,
        options: request.options(&spec.regimes, state.path()),
        arms: arms.infos,
        cells: spec.cells(),
        parts: Vec::new(),
        left_out: arms.left_out,
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
        imported: None,
        gates: scenario.gates.iter().map(Gate::from).collect(),
        examples: examples.map(|examples| examples.len() as u32),
        comparability: comparability(&host, &versions, &request.hash),
        host,
        tools: versions,
        ci: host::ci_variables(),
    };
    Ok(Prepared {
        run,
        spec,
        arms: arms.setups,
        user: UserEnvironment::take(&scenario.env, bins),
        run_rel,
        layout_ns: arms.layout_ns,
    })
}

/// The tools of every arm.
fn find_tools(
    executor: &mut dyn Executor,
    request: &Request,
    scratch: &Path,
    tools_dir: &Path,
) -> Result<FoundTools, ExecError> {
    let mut all = FoundTools::default();
    for arm in request.arms() {
        let found = tools::find_tools(
            executor,
            &request.scenario,
            &request.params_of(arm),
            scratch,
            tools_dir,
        )?;
        all.tools.extend(found.tools);
        for bin in found.bins {
            if !all.bins.contains(&bin) {
                all.bins.push(bin);
            }
        }
        for missing in found.missing {
            if !all.missing.contains(&missing) {
                all.missing.push(missing);
            }
        }
    }
    Ok(all)
}

/// Digest of what must be equal before two runs may be compared.
fn comparability(host: &bench_record::Host, tools: &bench_record::Tools, scenario: &str) -> String {
    let mut text = CanonicalText::new("bench.comparability/1")
        .with_optional("cpu", host.cpu.as_ref())
        .with_optional("cores", host.cores)
        .with_optional("cgroup_cores", host.cgroup_cores)
        .with_optional("memory_bytes", host.memory_bytes)
        .with_optional("kernel", host.kernel.as_ref())
        .with_optional("file_system", host.file_system.as_ref());
    for (name, tool) in tools {
        text = text
            .with("tool", name)
            .with_optional("version", tool.version.as_ref())
            .with_optional("path", tool.path.as_ref());
    }
    blake3::hash(text.with("scenario", scenario).as_bytes()).to_hex().to_string()
}

/// Checks that what was prepared now is what the recorded run measured.
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

#[cfg(test)]
mod tests {
    use bench_record::{Host, Tool};

    use super::*;

    #[test]
    fn two_runs_of_one_machine_are_comparable_in_every_version_of_bench() {
        // Another value here means that series of earlier runs end with this version.
        let host = Host { cores: Some(2), cgroup_cores: Some(1.5), ..Host::default() };
        let tool = Tool { version: Some("gcc 13".to_owned()), path: None };
        let tools = [("gcc".to_owned(), tool)].into();
        assert_eq!(
            comparability(&host, &tools, "5c1e"),
            "c32290886ecf17c0123e72cec1855e906e10be64ca1439f4d5875c7b275024df"
        );
    }
}
