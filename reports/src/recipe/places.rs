//! Where caches lie in CI and which variables its jobs need: the same on every runner.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Declared, DeclaredCache, Root};
use super::yaml;
use crate::explain::Explanation;

/// The directory in the workspace that stands for a runner's `{cache}`.
pub(super) const OURS: &str = ".ci-cache";
/// The one that stands for `{home}`.
const OUR_HOME: &str = ".ci-cache/home";
const WORKSPACE: &str = "${{ github.workspace }}";

/// Where a cache is in CI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Relative to the workspace: the same on every runner.
    Workspace(String),
    /// Beneath the home, because no variable is known that moves it.
    Home(String),
    /// A path that a workflow cannot hold safely.
    Refused,
}

impl Place {
    /// As the cache action gets it.
    pub(super) fn path(&self) -> Option<String> {
        match self {
            Self::Workspace(path) => Some(path.clone()),
            Self::Home(path) => Some(format!("~/{path}")),
            Self::Refused => None,
        }
    }
}

/// The place of a cache.
pub(super) fn place(cache: &DeclaredCache, declared: &Declared) -> Place {
    if !is_safe(&cache.path) {
        return Place::Refused;
    }
    let path = &cache.path;
    match cache.root {
        Root::Workspace => Place::Workspace(path.clone()),
        Root::Cache => Place::Workspace(format!("{OURS}/{path}")),
        Root::Home if cache.env.is_some() || is_moved(path, declared) => {
            Place::Workspace(format!("{OUR_HOME}/{path}"))
        }
        Root::Home => Place::Home(path.clone()),
    }
}

/// Some variable points to the cache or to a directory above it.
fn is_moved(path: &str, declared: &Declared) -> bool {
    declared.env.values().any(|value| moves(value, path))
}

fn moves(value: &str, path: &str) -> bool {
    value.strip_prefix("{home}/").is_some_and(|above| {
        path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// The lines of the action's `path` are patterns: none of their characters may be in a path, nor a line break.
fn is_safe(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/+@=-".contains(c);
    path.chars().all(plain)
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

/// Variables of the job, and those that are left to the reader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    /// Name and value; the value is ready for a workflow but for its quotes.
    pub(super) env: BTreeMap<String, String>,
    /// Name and value as written, where it names what a workflow does not know.
    pub(super) left: BTreeMap<String, String>,
}

/// Those that the run had, those that point to its caches, and the remedies that are variables.
pub(super) fn settings(
    declared: &Declared,
    params: &BTreeMap<String, String>,
    explanation: Option<&Explanation>,
) -> Settings {
    let mut settings = Settings::default();
    let homes: Vec<&str> = declared
        .caches
        .iter()
        .filter(|cache| cache.root == Root::Home)
        .map(|cache| cache.path.as_str())
        .collect();
    for (name, value) in &declared.env {
        let home = homes.iter().any(|path| moves(value, path));
        settings.add(name, value, expression(value, params, home));
    }
    for cache in &declared.caches {
        if let (Some(name), Place::Workspace(path)) = (&cache.env, place(cache, declared)) {
            settings.add(name, &path, Some(format!("{WORKSPACE}/{path}")));
        }
    }
    for (name, value) in remedies(declared, explanation) {
        settings.add(&name, &value, expression(&value, params, false));
    }
    settings
}

/// The remedies that are variables, with what the scenario sets already where that is a list.
fn remedies(declared: &Declared, explanation: Option<&Explanation>) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    let causes = explanation.into_iter().flat_map(Explanation::causes);
    for remedy in causes.filter_map(|cause| cause.remedy_details.as_ref()) {
        for (name, value) in &remedy.env {
            // What several remedies set is a list, as ccache's sloppiness is.
            let joined = all.get(name).map_or_else(|| value.clone(), |known| join(known, value));
            all.insert(name.clone(), joined);
        }
    }
    for (name, value) in &mut all {
        if let Some(known) = declared.env.get(name)
            && (known.contains(',') || value.contains(','))
        {
            *value = join(known, value);
        }
    }
    all
}

/// Two lists as one.
fn join(one: &str, other: &str) -> String {
    let words: BTreeSet<&str> = one.split(',').chain(other.split(',')).collect();
    words.into_iter().collect::<Vec<_>>().join(",")
}

impl Settings {
    /// Whether a remedy is among the variables of the job.
    pub(super) fn remedied(&self, explanation: Option<&Explanation>) -> bool {
        let causes = explanation.into_iter().flat_map(Explanation::causes);
        causes
            .filter_map(|cause| cause.remedy_details.as_ref())
            .any(|remedy| remedy.env.keys().any(|name| self.env.contains_key(name)))
    }

    fn add(&mut self, name: &str, written: &str, value: Option<String>) {
        match value.filter(|_| is_variable(name)) {
            Some(value) => {
                self.left.remove(name);
                self.env.insert(name.to_owned(), value);
            }
            None => {
                self.left.insert(name.to_owned(), written.to_owned());
            }
        }
    }
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A value with the scenario's placeholders as one with the workflow's; the home only with `homes`. `None` where one has no counterpart that
/// is the same on every runner.
fn expression(value: &str, params: &BTreeMap<String, String>, homes: bool) -> Option<String> {
    let mut text = String::new();
    let mut literal = String::new();
    let mut rest = value;
    while let Some(brace) = rest.find(['{', '}']) {
        literal.push_str(&rest[..brace]);
        let after = &rest[brace..];
        if let Some(tail) = after.strip_prefix("{{").or_else(|| after.strip_prefix("}}")) {
            literal.push_str(&after[..1]);
            rest = tail;
            continue;
        }
        let end = after.find('}').filter(|_| after.starts_with('{'))?;
        let found = match &after[1..end] {
            "workspace" => WORKSPACE.to_owned(),
            "cache" => format!("{WORKSPACE}/{OURS}"),
            "home" if homes => format!("{WORKSPACE}/{OUR_HOME}"),
            name => {
                // Part of the text around it: an expression must not come about at the seam.
                literal.push_str(params.get(name.strip_prefix("param.")?)?);
                rest = &after[end + 1..];
                continue;
            }
        };
        text.push_str(&yaml::literal(&std::mem::take(&mut literal)));
        text.push_str(&found);
        rest = &after[end + 1..];
    }
    literal.push_str(rest);
    text.push_str(&yaml::literal(&literal));
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_become_expressions_and_foreign_ones_stay_text() {
        let params = BTreeMap::from([("p".to_owned(), "{{ secrets.A }}".to_owned())]);
        let of = |value: &str| expression(value, &params, false);
        assert_eq!(of("{workspace}/a").as_deref(), Some("${{ github.workspace }}/a"));
        assert_eq!(of("{cache}").as_deref(), Some("${{ github.workspace }}/.ci-cache"));
        assert_eq!(of("${param.p}").as_deref(), Some("${{ '${{' }} secrets.A }}"));
        assert_eq!(of("{{x}}").as_deref(), Some("{x}"));
        for unknown in ["{home}/x", "{port.a}", "{tools}", "{param.q}", "{", "}"] {
            assert_eq!(of(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_cache_beneath_home_moves_only_where_a_variable_moves_it() {
        let cache = |env: Option<&str>| DeclaredCache {
            name: "registry".to_owned(),
            root: Root::Home,
            path: ".cargo/registry".to_owned(),
            env: env.map(str::to_owned),
            exclude: Vec::new(),
            when: BTreeMap::new(),
        };
        let mut declared = Declared::default();
        assert_eq!(place(&cache(None), &declared), Place::Home(".cargo/registry".to_owned()));
        let moved = Place::Workspace(".ci-cache/home/.cargo/registry".to_owned());
        assert_eq!(place(&cache(Some("X")), &declared), moved);
        declared.env.insert("CARGO_HOME".to_owned(), "{home}/.cargo".to_owned());
        declared.caches.push(cache(None));
        assert_eq!(place(&cache(None), &declared), moved);
        let settings = settings(&declared, &BTreeMap::new(), None);
        assert_eq!(settings.env["CARGO_HOME"], "${{ github.workspace }}/.ci-cache/home/.cargo");
        declared.env.insert("CARGO_HOME".to_owned(), "{home}/.car".to_owned());
        assert_eq!(place(&cache(None), &declared), Place::Home(".cargo/registry".to_owned()));
    }

    #[test]
    fn a_path_that_is_a_pattern_is_refused() {
        for path in ["a\nb", "!a", "a*", "../a", "a//b", "", "~/a", "a b", "${{ x }}"] {
            assert!(!is_safe(path), "{path}");
        }
    }
}
