//! What can be changed here, and what the caches say of this machine.

use std::path::PathBuf;

use bench_record::Property;
use bench_reports::explain::NamedInCache;

use super::Engine;
use crate::explain::ExplainError;
use crate::explain::isolate::Identities;
use crate::explain::machine::other_jobs;
use crate::explain::scan::{self, Wanted};
use crate::scenario::Root;

impl Engine<'_, '_> {
    /// The properties that can be changed here; why the others cannot goes into the scene.
    pub(super) fn testable(&mut self, wanted: &[Property]) -> Result<Vec<Property>, ExplainError> {
        let scratch = self.session.state.dir(&self.machine.runner.rel().join("isolate"))?;
        self.machine.identities = Identities::look(self.session.executor, &scratch, wanted)?;
        let mut testable = Vec::new();
        for property in wanted {
            match self.obstacle(*property) {
                Some(reason) => {
                    self.scene.not_tested.insert(*property, reason);
                }
                None => testable.push(*property),
            }
        }
        for property in [Property::ToolMtime, Property::ToolPath] {
            if testable.contains(&property)
                && let Some(note) = self.machine.toolbox.note()
            {
                self.scene.notes.insert(property, note);
            }
        }
        if testable.contains(&Property::Daemon) {
            self.make_live_seed()?;
        }
        Ok(testable)
    }

    pub(super) fn obstacle(&self, property: Property) -> Option<String> {
        let scenario = self.session.scenario;
        let caches = self.session.caches(&self.setup);
        let params = &self.setup.params;
        let measured = || scenario.phases.iter().filter(|p| p.measured && p.when.holds(params));
        match property {
            Property::ToolHome if self.machine.tool_homes.is_empty() => {
                Some("no variable of the scenario has a value beneath {home}".to_owned())
            }
            Property::CachePath if caches.iter().all(|cache| cache.root != Root::Cache) => {
                Some("every cache has a fixed place in the workspace or the home".to_owned())
            }
            Property::ToolMtime | Property::ToolPath if self.machine.toolbox.is_empty() => {
                Some(self.machine.toolbox.note().unwrap_or_else(|| {
                    "the scenario names no tool with a version command".to_owned()
                }))
            }
            Property::WorkingDirectory if measured().all(|phase| phase.cwd.is_some()) => {
                Some("every measured phase names its own directory (`cwd`)".to_owned())
            }
            Property::User => self.machine.identities.no_user(),
            Property::Hostname => self.machine.identities.no_host(),
            Property::Daemon if !scenario.daemons.iter().any(|d| d.when.holds(params)) => {
                Some("the scenario declares no daemon".to_owned())
            }
            Property::Jobs if other_jobs(self.session, &self.setup).is_none() => {
                Some("the scenario has no param `jobs` with another value".to_owned())
            }
            _ => None,
        }
    }

    pub(super) fn scan(&self, seed: &str) -> Vec<NamedInCache> {
        let runner = &self.machine.runner;
        let host = crate::system::host::name();
        let wanted = Wanted::new(
            &[
                ("workspace path", runner.workspace.as_path()),
                ("home path", runner.home.as_path()),
                ("cache path", runner.cache.as_path()),
                ("temp path", runner.temp.as_path()),
            ],
            host.as_deref(),
        );
        let caches: Vec<(String, PathBuf)> =
            self.seed.trees.iter().map(|(name, path)| (name.clone(), path.clone())).collect();
        scan::scan(&wanted, &caches, &self.session.logs.join(seed), &runner.workspace)
    }
}
