//! Why a property cannot be changed here.

use bench_record::Property;

use super::change::{RunnerFacts, other_jobs};
use crate::scenario::Root;
use crate::trial::Testbed;

/// The reason; `None` for a property that can be changed.
pub(super) fn obstacle(
    testbed: &Testbed<'_, '_>,
    facts: &RunnerFacts,
    property: Property,
) -> Option<String> {
    let scenario = testbed.session.scenario;
    let params = &testbed.setup.params;
    let measured = || scenario.phases.iter().filter(|p| p.measured && p.when.holds(params));
    let reason = match property {
        Property::ToolHome if facts.tool_homes.is_empty() => {
            "no variable of the scenario has a value in {home}"
        }
        Property::CachePath if testbed.caches.iter().all(|cache| cache.root != Root::Cache) => {
            "every cache has a fixed place in the workspace or the home"
        }
        Property::ToolMtime | Property::ToolPath if facts.toolbox.is_empty() => {
            let none = || "the scenario names no tool with a version command".to_owned();
            return Some(facts.toolbox.note().unwrap_or_else(none));
        }
        Property::WorkingDirectory if measured().all(|phase| phase.cwd.is_some()) => {
            "every measured phase names its own directory (`cwd`)"
        }
        Property::User => return facts.identities.no_user(),
        Property::Hostname => return facts.identities.no_host(),
        Property::Daemon if !scenario.daemons.iter().any(|d| d.when.holds(params)) => {
            "the scenario declares no daemon"
        }
        Property::Jobs if other_jobs(scenario, params).is_none() => {
            "the scenario has no param `jobs` with another value"
        }
        _ => return None,
    };
    Some(reason.to_owned())
}
