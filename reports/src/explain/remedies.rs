//! The catalogue of remedies: which setting or step removes a dependency, by tool and property. One entry of
//! `remedies.toml` is one remedy.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bench_record::Property;
use serde::Deserialize;

use super::document::Remedy;

const CATALOGUE: &str = include_str!("remedies.toml");
/// Stands for every tool.
const ANY: &str = "*";

/// An entry as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemedyEntry {
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
    remedy: Vec<RemedyEntry>,
}

static ENTRIES: LazyLock<Vec<RemedyEntry>> = LazyLock::new(|| {
    // The text is part of the binary, and a test reads it: it cannot be wrong in the hands of a user.
    toml::from_str(CATALOGUE).map(|catalogue: Catalogue| catalogue.remedy).unwrap_or_default()
});

impl RemedyEntry {
    /// The variables that it sets, before placeholders are replaced.
    pub const fn env(&self) -> &BTreeMap<String, String> {
        &self.env
    }
}

/// Every entry, in the order of the file.
pub fn remedy_entries() -> &'static [RemedyEntry] {
    &ENTRIES
}

/// The names by which the tools of a scenario are known, the most telling first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolNames(Vec<String>);

impl ToolNames {
    /// The names in lower case, without a leading dot: `.mypy_cache` is `mypy_cache`.
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        let plain = |name: String| name.trim_start_matches('.').to_lowercase();
        Self(names.into_iter().map(plain).collect())
    }
}

/// The entry that fits best: of the first name that has one, else the general one.
pub fn find_remedy(names: &ToolNames, property: Property) -> Option<Remedy> {
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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
            assert!(entry.link.iter().all(|link| link.starts_with("https://")));
            assert!(!entry.fix.ends_with('.') && !entry.key.ends_with('.'), "{}", entry.fix);
        }
        for property in Property::ALL {
            assert!(seen.contains(&(ANY.to_owned(), property)), "{property}");
        }
    }

    #[test]
    fn the_cache_comes_before_the_tools_and_general_advice_is_last() {
        let names = ToolNames(vec!["ccache".to_owned(), "make".to_owned()]);
        let found = find_remedy(&names, Property::SourceMtime).unwrap();
        assert_eq!(found.tool.as_deref(), Some("ccache"));
        let found = find_remedy(&names, Property::CacheMtime).unwrap();
        assert_eq!(found.tool.as_deref(), Some("make"));
        let found = find_remedy(&names, Property::Hostname).unwrap();
        assert_eq!((found.tool, found.link), (None, None));
    }
}
