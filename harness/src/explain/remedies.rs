//! What the catalogue of remedies needs to know of a scenario, and its variables together.

use std::collections::{BTreeMap, BTreeSet};

use bench_reports::explain::ToolNames;

use crate::scenario::template::Template;
use crate::scenario::{ProbeFrom, Scenario};

/// Names of what is active under `params`: a cache says most about what is reused, then a probe; a tool
/// may only be a helper.
pub(crate) fn tool_names(scenario: &Scenario, params: &BTreeMap<String, String>) -> ToolNames {
    let caches = scenario.caches.iter().filter(|c| c.when.holds(params)).map(|c| &c.name);
    let probes = scenario.probes.iter().filter(|p| p.when.holds(params));
    let programs = probes.clone().filter_map(|probe| match &probe.from {
        ProbeFrom::Command(argv) => argv.first().map(|word| word.as_str().to_owned()),
        ProbeFrom::Phase(_) | ProbeFrom::Service(_) => None,
    });
    let tools = scenario.tools.iter().filter(|t| t.when.holds(params)).map(|t| &t.name);
    let all = caches
        .cloned()
        .chain(probes.clone().map(|probe| probe.name.clone()))
        .chain(programs)
        .chain(tools.cloned());
    ToolNames::new(all)
}

/// Adds the variables of one more remedy. A variable that several set is a list, as ccache's sloppiness is.
pub(super) fn merge(all: &mut BTreeMap<String, Template>, env: BTreeMap<String, String>) {
    for (name, value) in env {
        let joined = match all.get(&name) {
            Some(known) => {
                let words: BTreeSet<&str> =
                    known.as_str().split(',').chain(value.split(',')).collect();
                words.into_iter().collect::<Vec<_>>().join(",")
            }
            None => value,
        };
        // A value that is not a template is left out; a test makes sure that there is none.
        if let Ok(template) = Template::parse(&joined) {
            all.insert(name, template);
        }
    }
}

#[cfg(test)]
mod tests {
    use bench_reports::explain::remedy_entries;

    use super::*;

    #[test]
    fn variables_of_remedies_name_what_every_runner_has() {
        for value in remedy_entries().iter().flat_map(|entry| entry.env().values()) {
            for hole in Template::parse(value).unwrap().placeholders() {
                let known = ["{workspace}", "{home}", "{cache}"];
                assert!(known.contains(&hole.to_string().as_str()), "{value}");
            }
        }
    }

    #[test]
    fn variables_of_several_remedies_are_joined() {
        let mut all = BTreeMap::new();
        for value in ["b,a", "c,a"] {
            merge(&mut all, BTreeMap::from([("S".to_owned(), value.to_owned())]));
        }
        assert_eq!(all["S"].as_str(), "a,b,c");
    }
}
