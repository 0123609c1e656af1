//! What a change works on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bench_record::{Property, Variation};
use globset::GlobSet;

use super::undo::Undo;
use crate::explain::isolate::{Disguise, Identities};
use crate::explain::toolbox::Toolbox;
use crate::runner::{Runner, Tweaks};
use crate::sample::ArmSetup;
use crate::scenario::Scenario;
use crate::system::fs::state::StateRoot;
use crate::system::fs::tree::{Inventory, TreeError};

/// Where the directories of a runner are.
#[derive(Clone, Debug)]
pub(super) struct Places {
    pub(super) workspace: PathBuf,
    pub(super) home: PathBuf,
    pub(super) cache: PathBuf,
    pub(super) temp: PathBuf,
}

impl Places {
    fn of(runner: &Runner) -> Self {
        Self {
            workspace: runner.workspace.clone(),
            home: runner.home.clone(),
            cache: runner.cache.clone(),
            temp: runner.temp.clone(),
        }
    }

    /// Says that the directories of `runner` are here again.
    pub(super) fn restore(&self, runner: &mut Runner) {
        runner.workspace.clone_from(&self.workspace);
        runner.home.clone_from(&self.home);
        runner.cache.clone_from(&self.cache);
        runner.temp.clone_from(&self.temp);
    }
}

/// The first runner as it was laid out, and what can be changed about its commands.
pub(in crate::explain) struct RunnerFacts {
    pub(super) places: Places,
    pub(super) layout: Inventory,
    /// Copies of the tools.
    pub(in crate::explain) toolbox: Toolbox,
    /// Variables of the scenario whose value lies in the home, with the path there.
    pub(in crate::explain) tool_homes: BTreeMap<String, PathBuf>,
    /// Host names and users that commands can have.
    pub(in crate::explain) identities: Identities,
}

impl RunnerFacts {
    /// The facts of a runner that was just laid out.
    pub(in crate::explain) fn of(
        runner: &Runner,
        scenario: &Scenario,
        setup: &ArmSetup,
        toolbox: Toolbox,
    ) -> Result<Self, TreeError> {
        Ok(Self {
            places: Places::of(runner),
            layout: Inventory::take(&runner.workspace, &GlobSet::empty())?,
            toolbox,
            tool_homes: tool_homes(scenario, &setup.params),
            identities: Identities::default(),
        })
    }
}

fn tool_homes(scenario: &Scenario, params: &BTreeMap<String, String>) -> BTreeMap<String, PathBuf> {
    let cases = scenario.env.cases.iter().filter(|case| case.when.holds(params));
    std::iter::once(&scenario.env.set)
        .chain(cases.map(|case| &case.set))
        .flatten()
        .filter_map(|(name, value)| {
            let rel = value.as_str().strip_prefix("{home}/")?;
            (!rel.is_empty() && !rel.contains(['{', '}'])).then(|| (name.clone(), rel.into()))
        })
        .collect()
}

/// A change while it is being made.
pub(super) struct Change<'c> {
    pub(super) state: &'c StateRoot,
    pub(super) scenario: &'c Scenario,
    pub(super) facts: &'c RunnerFacts,
    pub(super) variation: &'c Variation,
    pub(super) runner: &'c mut Runner,
    pub(super) undo: Undo,
    /// What commands need.
    pub(super) tweaks: Tweaks,
    /// What only these commands may inherit.
    pub(super) disguise: Disguise,
}

impl Change<'_> {
    /// Sets a variable of the commands.
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.tweaks.env.insert(name.to_owned(), value.into());
    }

    /// The same, to a path.
    pub(super) fn set_path(&mut self, name: &str, path: &Path) {
        self.set(name, path.to_string_lossy());
    }

    /// The directory that stands for the home in the variables of tool homes. It stays where it was when only the
    /// home is another one.
    pub(super) fn tool_home(&self) -> PathBuf {
        let home = &self.facts.places.home;
        if self.variation.has(Property::ToolHome) {
            home.join("other-tools/of-this-user")
        } else {
            home.clone()
        }
    }
}
