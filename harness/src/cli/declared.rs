//! What the scenario of a run declares: the paths, variables and daemons that a recipe names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bench_record::Run;
use bench_reports::document::text::quoted;
use bench_reports::recipe::{Declared, DeclaredCache, Root};

use super::places::{find, open_state};
use super::session::default_state;
use crate::error_text::with_causes;
use crate::scenario::template::{Placeholder, Template};
use crate::scenario::{self, ExamplesFrom, PhaseCommand, Places, Scenario, Source, When};

/// Files in which tools write the versions that they resolved.
const LOCKS: [&str; 14] = [
    "Cargo.lock",
    "Gemfile.lock",
    "MODULE.bazel.lock",
    "Pipfile.lock",
    "bun.lock",
    "composer.lock",
    "flake.lock",
    "go.sum",
    "gradle.lockfile",
    "package-lock.json",
    "pnpm-lock.yaml",
    "poetry.lock",
    "uv.lock",
    "yarn.lock",
];

/// What the scenario of a run declares, and whether it has changed since; `None` where it is not at hand. Prints
/// nothing and leaves nothing on disk.
pub(super) fn at_hand(run: &Run) -> Option<(Declared, bool)> {
    let shipped = tempfile::tempdir().ok()?;
    let cwd = std::env::current_dir().ok()?;
    let places = Places { cwd: &cwd, shipped: shipped.path() };
    let dir = scenario::find(&run.options.scenario, places).ok()?;
    let scenario = Scenario::load(&dir).ok()?;
    let hash = scenario.content_hash().ok()?;
    Some((of_scenario(&scenario, run), hash != run.scenario.hash))
}

/// What the run's scenario declares. Without the scenario there is still a recipe, without paths and steps.
pub(super) fn declared(run: &Run, state: Option<&Path>) -> Option<Declared> {
    let state = state.map_or_else(default_state, Path::to_owned);
    let found = open_state(&state).and_then(|state| find(&run.options.scenario, &state));
    match found {
        Ok((scenario, hash)) => {
            if hash != run.scenario.hash {
                anstream::eprintln!(
                    "warning: scenario {} has changed since the run: paths and variables are those of today",
                    quoted(&run.scenario.name)
                );
            }
            Some(of_scenario(&scenario, run))
        }
        Err(failure) => {
            anstream::eprintln!(
                "warning: the scenario of the run cannot be read, so no steps are written: {}",
                with_causes(failure.error.as_ref())
            );
            None
        }
    }
}

fn of_scenario(scenario: &Scenario, run: &Run) -> Declared {
    let params = &run.params;
    let caches = scenario.caches.iter().filter(|cache| cache.when.holds(params)).map(|cache| {
        DeclaredCache {
            name: cache.name.clone(),
            root: match cache.root {
                scenario::Root::Workspace => Root::Workspace,
                scenario::Root::Home => Root::Home,
                scenario::Root::Cache => Root::Cache,
            },
            path: slashed(&cache.path),
            env: cache.env.clone(),
            exclude: cache.exclude.patterns.clone(),
            when: cache.when.0.clone(),
        }
    });
    let of_measured = |phases: &[String]| {
        phases.is_empty() || phases.iter().any(|phase| run.phases.contains(phase))
    };
    let cases = scenario
        .env
        .cases
        .iter()
        .filter(|case| case.when.holds(params) && of_measured(&case.phases))
        .flat_map(|case| &case.set);
    let env = scenario.env.set.iter().chain(cases);
    let daemons = scenario.daemons.iter().filter(|daemon| daemon.when.holds(params));
    Declared {
        caches: caches.collect(),
        env: env.map(|(name, value)| (name.clone(), value.as_str().to_owned())).collect(),
        daemons: daemons
            .map(|daemon| {
                let words: Vec<&str> = daemon.stop.iter().map(Template::as_str).collect();
                words.join(" ")
            })
            .collect(),
        locks: locks(scenario, run),
        params: params_of_work(scenario),
    }
}

/// Params that change what is run: a command, a variable, or whether there is one. What only caches, archives, probes
/// or daemons depend on is not among them.
fn params_of_work(scenario: &Scenario) -> BTreeSet<String> {
    let mut whens: Vec<&When> = Vec::new();
    let mut templates: Vec<&Template> = scenario.env.set.values().collect();
    for tool in &scenario.tools {
        whens.push(&tool.when);
        templates.extend(&tool.provision);
    }
    for case in &scenario.env.cases {
        whens.push(&case.when);
        templates.extend(case.set.values());
    }
    for service in &scenario.services {
        whens.push(&service.when);
        templates.extend(service.run.iter().chain(service.env.values()));
    }
    for phase in &scenario.phases {
        whens.push(&phase.when);
        templates.extend(phase.cwd.iter().chain(phase.env.values()));
        match &phase.run {
            PhaseCommand::Argv(words) => templates.extend(words),
            PhaseCommand::Shell(script) => templates.push(script),
        }
    }
    if let Some(ExamplesFrom::Command(words)) = scenario.examples.as_ref().map(|of| &of.from) {
        templates.extend(words);
    }
    let named =
        templates.into_iter().flat_map(Template::placeholders).filter_map(|hole| match hole {
            Placeholder::Param(name) => Some(name),
            _ => None,
        });
    whens.into_iter().flat_map(|when| when.0.keys()).chain(named).cloned().collect()
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// Lock files in the root of the source, where it is a directory of this machine.
fn locks(scenario: &Scenario, run: &Run) -> Vec<String> {
    let root = match (&run.options.source, &scenario.source) {
        (Some(source), _) => PathBuf::from(source),
        (None, Source::Shipped) => scenario.workspace(),
        (None, Source::Path(path)) => path.clone(),
        (None, Source::Git { .. }) => return Vec::new(),
    };
    LOCKS.into_iter().filter(|name| root.join(name).is_file()).map(str::to_owned).collect()
}
