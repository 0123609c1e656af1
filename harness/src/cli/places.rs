//! What every command needs to find its scenario: state root, places, params.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;

use super::Failure;
use crate::exit;
use crate::scenario::Scenario;
use crate::scenario::{self, FindError, LoadError, Places};
use crate::system::fs::state::StateRoot;

/// The scenario and its content hash; the binary's own scenarios are laid out in the state root.
pub(super) fn find(arg: &str, state: &StateRoot) -> Result<(Scenario, String), Failure> {
    let dir = with_places(state, |places| scenario::find(arg, places))?;
    let mut scenario = Scenario::load(&dir).map_err(invalid)?;
    // Commands run in the runner's directory: their arguments must not depend on ours.
    scenario.dir = std::path::absolute(&scenario.dir)?;
    let hash = scenario.content_hash().context("cannot read the scenario's files")?;
    Ok((scenario, hash))
}

/// Refuses `--state` together with `--resume`: the run says where it was laid out. `BENCH_STATE` is only a default.
pub(super) fn refuse_state(given: Option<&Path>) -> Result<(), Failure> {
    let default = std::env::var_os("BENCH_STATE");
    match given {
        Some(given) if default.as_deref() != Some(given.as_os_str()) => {
            Err(Failure::usage(anyhow::anyhow!(
                "`--state` cannot be used with `--resume`: the run goes on where it was laid out (hint: leave `--state` out)"
            )))
        }
        _ => Ok(()),
    }
}

/// An invalid scenario is shown as `bench check` shows it: every problem with its line and a caret.
fn invalid(error: LoadError) -> Failure {
    match error {
        LoadError::Invalid(problems) => {
            let colour =
                anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
            let text = problems.render(colour);
            Failure::usage(anyhow::anyhow!("the scenario is invalid\n{}", text.trim_end()))
        }
        other => Failure::usage(other),
    }
}

/// Calls `look` with the places where scenarios are looked for.
pub(super) fn with_places<T>(
    state: &StateRoot,
    look: impl FnOnce(Places<'_>) -> Result<T, FindError>,
) -> Result<T, Failure> {
    let cwd = std::env::current_dir()?;
    let shipped = state.dir(Path::new("scenarios"))?;
    look(Places { cwd: &cwd, shipped: &shipped }).map_err(Failure::usage)
}

/// The default params with `sets` on top, one value each.
pub(super) fn single_params(
    sets: &[String],
    scenario: &Scenario,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut combinations = scenario::param_product(&parse_sets("--set", sets, scenario)?);
    if combinations.len() > 1 {
        return Err(Failure::usage(anyhow::anyhow!(
            "`--set`: one value per param is expected here"
        )));
    }
    let mut params = scenario.default_params();
    params.extend(combinations.pop().unwrap_or_default());
    scenario.check_combination(&params).map_err(Failure::usage)?;
    Ok(params)
}

/// `--set` options (or those of another `option`) as names with their values, every one checked against the scenario.
pub(super) fn parse_sets(
    option: &str,
    sets: &[String],
    scenario: &Scenario,
) -> Result<Vec<(String, Vec<String>)>, Failure> {
    let mut parsed: Vec<(String, Vec<String>)> = Vec::new();
    for set in sets {
        let Some((name, values)) = set.split_once('=') else {
            let error = anyhow::anyhow!("`{option} {set}`: expected NAME=VALUE[,VALUE]");
            return Err(Failure::usage(error));
        };
        if parsed.iter().any(|(known, _)| known == name) {
            let error =
                anyhow::anyhow!("`{option} {name}` is given twice (hint: `{option} {name}=a,b`)");
            return Err(Failure::usage(error));
        }
        let values: Vec<String> = values.split(',').map(str::to_owned).collect();
        for value in &values {
            let mut params = scenario.default_params();
            params.insert(name.to_owned(), value.clone());
            scenario.check_params(&params).map_err(Failure::usage)?;
        }
        parsed.push((name.to_owned(), values));
    }
    Ok(parsed)
}

pub(super) fn open_state(path: &Path) -> Result<StateRoot, Failure> {
    StateRoot::open(path).map_err(|error| {
        let code = if error.is_refusal() { exit::USAGE } else { exit::INTERNAL };
        Failure { code, error: error.into() }
    })
}
