//! What is to be measured, as the command line says it: the part of `run` that `plan` shares.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bench_record::{Baseline, Regime};
use bench_reports::stats::{LAST_LOOK, MAX_PAIRS, MIN_PAIRS};

use super::places::{find, parse_sets};
use super::{Failure, default_state};
use crate::run::Request;
use crate::scenario;
use crate::scenario::Scenario;
use crate::system::fs::state::StateRoot;

/// Blocks of a run that compares nothing: enough to see the regimes apart, few enough to wait for.
const DEFAULT_BLOCKS: u32 = 3;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Selection {
    /// Scenario: a name (`bench list`) or a directory with a scenario.toml
    #[arg(long)]
    scenario: Option<String>,
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
    /// Param value; several values run their product, one run each
    #[arg(long, value_name = "K=V[,V]")]
    set: Vec<String>,
    /// Only the examples whose name or path matches
    #[arg(long, value_name = "GLOB")]
    examples: Option<String>,
    /// Source tree instead of the scenario's own: a directory, a local clone or a URL; with #REV another
    /// revision than the scenario's
    #[arg(long, value_name = "DIR|URL[#REV]")]
    source: Option<String>,
    /// Seed of the random order inside blocks [default: random, recorded]
    #[arg(long)]
    seed: Option<u64>,
    /// Directory in which runners are laid out
    #[arg(long, value_name = "DIR", env = "BENCH_STATE")]
    state: Option<PathBuf>,
}

/// One combination of param values.
#[derive(Clone, Debug)]
pub(super) struct Chosen {
    /// What is to be measured.
    pub(super) request: Request,
    /// The values that were chosen on the command line.
    pub(super) combination: BTreeMap<String, String>,
}

impl Selection {
    /// Where runners are laid out, where that was said.
    pub(super) fn given_state(&self) -> Option<&Path> {
        self.state.as_deref()
    }

    /// Where runners are laid out.
    pub(super) fn state(&self) -> PathBuf {
        self.state.clone().unwrap_or_else(default_state)
    }

    /// A request for each combination of `--set` values.
    pub(super) fn requests(&self, state: &StateRoot) -> Result<Vec<Chosen>, Failure> {
        let Some(arg) = &self.scenario else {
            return Err(Failure::usage(anyhow::anyhow!(
                "`--scenario NAME|DIR` is missing (hint: `bench list` shows what there is)"
            )));
        };
        let (scenario, hash) = find(arg, state)?;
        let sets = parse_sets("--set", &self.set, &scenario)?;
        let seed = self.seed.unwrap_or_else(|| fastrand::u64(..));
        let baseline = self.baseline(&scenario)?;
        let blocks = self.blocks(baseline.is_some());
        if baseline.is_some() && blocks as usize > MAX_PAIRS {
            return Err(Failure::usage(anyhow::anyhow!(
                "`--blocks {blocks}` with a baseline: a comparison is computed for at most {MAX_PAIRS} (hint: \
                 `--auto` measures as many as it takes)"
            )));
        }
        let mut chosen = Vec::new();
        for combination in scenario::param_product(&sets) {
            let mut params = scenario.default_params();
            params.extend(combination.clone());
            scenario.check_params(&params).map_err(Failure::usage)?;
            refuse_same_params(baseline.as_ref(), &params)?;
            let request = Request {
                scenario: scenario.clone(),
                scenario_arg: scenario_arg(arg),
                hash: hash.clone(),
                params,
                regimes: (!self.regime.is_empty()).then(|| self.regime.clone()),
                blocks,
                only_blocks: None,
                stage: None,
                seed,
                baseline: baseline.clone(),
                auto: self.auto,
                budget: self.budget,
                source: self.source.as_deref().map(absolute_source),
                examples: self.examples.clone(),
                max_failures: None,
                keep: false,
            };
            for arm in request.arms() {
                scenario.check_combination(&request.params_of(arm)).map_err(Failure::usage)?;
            }
            chosen.push(Chosen { request, combination });
        }
        Ok(chosen)
    }

    /// What the candidate is compared with.
    fn baseline(&self, scenario: &Scenario) -> Result<Option<Baseline>, Failure> {
        if self.aa {
            return Ok(Some(Baseline::Same));
        }
        if let Some(source) = &self.baseline {
            refuse_no_baseline(source)?;
            return Ok(Some(Baseline::Source(absolute_source(source))));
        }
        if self.baseline_set.is_empty() {
            return Ok(None);
        }
        let mut params = BTreeMap::new();
        for (name, mut values) in parse_sets("--baseline-set", &self.baseline_set, scenario)? {
            let (Some(value), true) = (values.pop(), values.is_empty()) else {
                return Err(Failure::usage(anyhow::anyhow!(
                    "`--baseline-set {name}`: expected one value, for there is one baseline (hint: `--set {name}=..` takes several, one run each)"
                )));
            };
            params.insert(name, value);
        }
        Ok(Some(Baseline::Params(params)))
    }

    /// The number of blocks, at most.
    fn blocks(&self, compared: bool) -> u32 {
        match self.blocks {
            Some(blocks) => blocks,
            None if self.auto => LAST_LOOK as u32,
            None if compared => MIN_PAIRS as u32,
            None => DEFAULT_BLOCKS,
        }
    }
}

/// Refuses what can be neither a directory nor a revision before anything is laid out.
fn refuse_no_baseline(source: &str) -> Result<(), Failure> {
    let path = Path::new(source);
    let looks_like_a_path =
        path.is_absolute() || source.starts_with("./") || source.starts_with("../");
    if source.is_empty() || ((looks_like_a_path || path.is_file()) && !path.is_dir()) {
        return Err(Failure::usage(anyhow::anyhow!(
            "`--baseline {source}` is not a directory (hint: a directory, or a revision such as `origin/main`)"
        )));
    }
    Ok(())
}

/// Two arms that are the same by accident would not answer any question.
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

fn parse_duration(text: &str) -> Result<Duration, String> {
    scenario::parse_duration(text)
        .ok_or_else(|| "expected a time such as `30m` or `90s`".to_owned())
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
