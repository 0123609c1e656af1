//! What `bench run` is to measure, and which samples that means.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use bench_record::{Arm, Baseline, LoadedRun, Regime, RunOptions, StageOptions};

use super::error::PrepareError;
use crate::plan::{PlanSpec, PlannedArm};
use crate::scenario::Scenario;

/// What `bench run` is to measure, after params were chosen.
#[derive(Clone, Debug)]
pub struct Request {
    /// The scenario.
    pub scenario: Scenario,
    /// Its name or directory on the command line.
    pub scenario_arg: String,
    /// Its content hash.
    pub hash: String,
    /// One value per param.
    pub params: BTreeMap<String, String>,
    /// `--regime`; `None` for the default.
    pub regimes: Option<Vec<Regime>>,
    /// `--blocks`; with `--auto`, the maximum.
    pub blocks: u32,
    /// The blocks to measure, if the run is a part of its plan.
    pub only_blocks: Option<Vec<u32>>,
    /// `--stage`: which samples of its blocks, if another job takes the others.
    pub stage: Option<StageOptions>,
    /// `--seed`, or a random one.
    pub seed: u64,
    /// What the candidate is compared with.
    pub baseline: Option<Baseline>,
    /// `--auto`.
    pub auto: bool,
    /// `--budget`.
    pub budget: Option<Duration>,
    /// `--source`.
    pub source: Option<String>,
    /// `--examples`.
    pub examples: Option<String>,
    /// `--max-failures`.
    pub max_failures: Option<u32>,
    /// `--keep`.
    pub keep: bool,
}

impl Request {
    /// The arms, the candidate first.
    pub fn arms(&self) -> impl Iterator<Item = Arm> {
        [Arm::Candidate].into_iter().chain(self.baseline.as_ref().map(|_| Arm::Baseline))
    }

    /// The params of an arm.
    pub fn params_of(&self, arm: Arm) -> BTreeMap<String, String> {
        let mut params = self.params.clone();
        if let (Arm::Baseline, Some(Baseline::Params(other))) = (arm, &self.baseline) {
            params.extend(other.clone());
        }
        params
    }

    /// The options as they are recorded.
    pub fn options(&self, regimes: &[Regime], state: &Path) -> RunOptions {
        RunOptions {
            scenario: self.scenario_arg.clone(),
            regimes: regimes.to_vec(),
            blocks: self.blocks,
            only_blocks: self.only_blocks.clone(),
            stage: self.stage.clone(),
            seed: self.seed,
            baseline: self.baseline.clone(),
            auto: self.auto,
            budget_ns: self.budget.map(|budget| budget.as_nanos() as u64),
            source: self.source.clone(),
            examples: self.examples.clone(),
            state: state.to_string_lossy().into_owned(),
            max_failures: self.max_failures,
            keep: self.keep,
        }
    }

    /// Whether an arm has an active cache.
    fn is_cached(&self, arm: Arm) -> bool {
        let params = self.params_of(arm);
        self.scenario.caches.iter().any(|cache| cache.when.holds(&params))
    }
}

/// The regimes that are measured: those of `--regime`, or the default ones. Without an active cache that is only cold, since
/// nothing could be warm.
fn regimes(request: &Request) -> Result<Vec<Regime>, PrepareError> {
    let active = request.arms().any(|arm| request.is_cached(arm));
    let name = &request.scenario.name;
    match &request.regimes {
        None if active => Ok(Regime::DEFAULT.to_vec()),
        None => Ok(vec![Regime::Cold]),
        Some(asked) => {
            if let Some(warm) = asked.iter().find(|regime| regime.is_warm())
                && !active
            {
                let hint = request
                    .scenario
                    .caches
                    .iter()
                    .flat_map(|cache| &cache.when.0)
                    .find_map(|(param, values)| Some(format!("--set {param}={}", values.first()?)))
                    .unwrap_or_else(|| {
                        "declare its caches as [[cache]], or leave --regime out".to_owned()
                    });
                return Err(PrepareError::Usage(format!(
                    "scenario `{name}` has no active cache with these params, so `{warm}` cannot be measured (hint: {hint})"
                )));
            }
            Ok(Regime::ALL.into_iter().filter(|regime| asked.contains(regime)).collect())
        }
    }
}

/// Which samples the request asks for.
///
/// # Errors
/// When `--regime` names a warm regime and no cache is active.
pub fn plan_spec(request: &Request) -> Result<PlanSpec, PrepareError> {
    for arm in request.arms() {
        let checked = request.scenario.check_combination(&request.params_of(arm));
        checked.map_err(|error| PrepareError::Usage(error.to_string()))?;
    }
    let several = request.baseline.is_some();
    let arms = request
        .arms()
        // For a single arm without a cache, the regimes say what is measured.
        .map(|arm| PlannedArm { arm, cached: !several || request.is_cached(arm) })
        .collect();
    Ok(PlanSpec { regimes: regimes(request)?, arms, blocks: request.blocks, seed: request.seed })
}

/// The compiled `--examples` filter.
///
/// # Errors
/// When it is not a valid glob.
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
        only_blocks: options.only_blocks.clone(),
        stage: options.stage.clone(),
        seed: options.seed,
        baseline: options.baseline.clone(),
        auto: options.auto,
        budget: options.budget_ns.map(Duration::from_nanos),
        source: options.source.clone(),
        examples: options.examples.clone(),
        max_failures: options.max_failures,
        keep: options.keep,
    }
}
