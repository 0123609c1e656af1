//! The catalogue of remedies: which setting or step removes a dependency, by tool and property.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use bench_record::Property;
use bench_reports::explain::Remedy;
use serde::Deserialize;

use crate::scenario::template::Template;
use crate::scenario::{ProbeFrom, Scenario};

const CATALOGUE: &str = include_str!("remedies.toml");
/// Stands for every tool.
const ANY: &str = "*";

/// An entry as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    tools: Vec<String>,
    property: Property,
    key: String,
    fix: String,
    #[serde(default)]
    env: BTreeMap<String, String>,
    link: Option<String>,
    risk: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    remedy: Vec<Entry>,
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    // The text is part of the binary, and a test reads it: it cannot be wrong in the hands of a user.
    toml::from_str(CATALOGUE).map(|catalogue: Catalogue| catalogue.remedy).unwrap_or_default()
});

/// The names by which a scenario's tools are known, those of its caches first.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Vec<String>);

impl Names {
    /// Names of what is active under `params`: a cache says most about what is reused, then a probe; a tool
    /// may only be a helper.
    pub(super) fn of(scenario: &Scenario, params: &BTreeMap<String, String>) -> Self {
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
        Self(all.map(|name| name.trim_start_matches('.').to_lowercase()).collect())
    }
}

/// The entry that fits best: of the first name that has one, else the general one.
pub(super) fn find(names: &Names, property: Property) -> Option<Remedy> {
    let of = |wanted: &str| {
        ENTRIES.iter().find(|entry| {
            entry.property == property && entry.tools.iter().any(|tool| tool == wanted)
        })
    };
    let (tool, entry) = names
        .0
        .iter()
        .find_map(|name| of(name).map(|entry| (Some(name.clone()), entry)))
        .or_else(|| of(ANY).map(|entry| (None, entry)))?;
    Some(Remedy {
        tool,
        key: entry.key.clone(),
        fix: entry.fix.clone(),
        env: entry.env.clone(),
        link: entry.link.clone(),
        risk: (entry.risk != "none").then(|| entry.risk.clone()),
    })
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
        // A value that is no template is left out; a test makes sure that there is none.
        if let Ok(template) = Template::parse(&joined) {
            all.insert(name, template);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_valid_and_has_general_advice_for_every_property() {
        let catalogue: Catalogue = toml::from_str(CATALOGUE).unwrap();
        let mut seen = BTreeSet::new();
        for entry in &catalogue.remedy {
            for tool in &entry.tools {
                assert!(seen.insert((tool.clone(), entry.property)), "{tool} {}", entry.property);
                assert_eq!(tool.as_str(), tool.to_lowercase());
                assert_eq!(entry.link.is_none(), tool == ANY, "{tool} {}", entry.property);
            }
            for value in entry.env.values() {
                let template = Template::parse(value).unwrap();
                for hole in template.placeholders() {
                    let known = ["{workspace}", "{home}", "{cache}"];
                    assert!(known.contains(&hole.to_string().as_str()), "{value}");
                }
            }
            assert!(entry.link.iter().all(|link| link.starts_with("https://")));
            assert!(!entry.fix.ends_with('.') && !entry.key.ends_with('.'), "{}", entry.fix);
        }
        for property in Property::ALL {
            assert!(seen.contains(&(ANY.to_owned(), property)), "{property}");
        }
    }

    #[test]
    fn the_cache_comes_before_the_tools_and_general_advice_is_last() {
        let names = Names(vec!["ccache".to_owned(), "make".to_owned()]);
        let found = find(&names, Property::SourceMtime).unwrap();
        assert_eq!(found.tool.as_deref(), Some("ccache"));
        let found = find(&names, Property::CacheMtime).unwrap();
        assert_eq!(found.tool.as_deref(), Some("make"));
        let found = find(&names, Property::Hostname).unwrap();
        assert_eq!((found.tool, found.link), (None, None));
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
