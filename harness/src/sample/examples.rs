//! Which examples there are, and their names.

use std::collections::BTreeMap;
use std::path::Path;

use globset::{GlobMatcher, GlobSet};

use crate::scenario::{ExamplesFrom, ExamplesSpec};
use crate::system::fs::tree::{Inventory, Kind, TreeError};

/// One example that a phase is run for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleValue {
    /// What `{example}` stands for.
    pub value: String,
    /// Its name in reports.
    pub name: String,
}

/// The examples that are known before a sample runs, from a glob over the source tree or from a list, in the order in
/// which they will run. Only those whose name or value `only` matches are returned. `None` if they come from a command
/// or a report.
///
/// # Errors
/// When the source tree cannot be listed.
pub fn known(
    spec: &ExamplesSpec,
    golden: &Path,
    only: Option<&GlobMatcher>,
) -> Result<Option<Vec<ExampleValue>>, TreeError> {
    let values: Vec<String> = match &spec.from {
        ExamplesFrom::Glob(globs) => Inventory::take(golden, &GlobSet::empty())?
            .entries
            .iter()
            .filter(|(path, entry)| entry.kind == Kind::File && globs.set.is_match(path))
            .map(|(path, _)| path.to_string_lossy().into_owned())
            .collect(),
        ExamplesFrom::List(values) => values.clone(),
        ExamplesFrom::Command(_) | ExamplesFrom::Extract(_) => return Ok(None),
    };
    Ok(Some(select(spec, values, only)))
}

/// Names the values, without those that the scenario excludes or `only` does not match.
pub(super) fn select(
    spec: &ExamplesSpec,
    values: Vec<String>,
    only: Option<&GlobMatcher>,
) -> Vec<ExampleValue> {
    let values: Vec<String> =
        values.into_iter().filter(|value| !spec.exclude.set.is_match(value)).collect();
    name(spec, values)
        .into_iter()
        .filter(|e| only.is_none_or(|only| only.is_match(&e.name) || only.is_match(&e.value)))
        .collect()
}

/// The name is the first group of the scenario's expression. Without an expression it is the file stem, or the whole
/// value if several files have the same stem.
fn name(spec: &ExamplesSpec, values: Vec<String>) -> Vec<ExampleValue> {
    let short = |value: &str| {
        let matched = spec.name.as_ref().and_then(|name| name.captures(value)?.get(1));
        match (&spec.name, matched, &spec.from) {
            (_, Some(group), _) => group.as_str().to_owned(),
            (None, None, ExamplesFrom::Glob(_)) => Path::new(value)
                .file_stem()
                .map_or_else(|| value.to_owned(), |stem| stem.to_string_lossy().into_owned()),
            _ => value.to_owned(),
        }
    };
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for value in &values {
        *seen.entry(short(value)).or_default() += 1;
    }
    values
        .into_iter()
        .map(|value| {
            let short = short(&value);
            let name = if seen.get(&short) == Some(&1) { short } else { value.clone() };
            ExampleValue { value, name }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Globs;

    fn spec(from: ExamplesFrom, name: Option<&str>) -> ExamplesSpec {
        ExamplesSpec {
            phase: "compile".to_owned(),
            from,
            name: name.map(|text| regex::Regex::new(text).unwrap()),
            exclude: Globs::default(),
        }
    }

    fn names(spec: &ExamplesSpec, values: &[&str]) -> Vec<String> {
        let values = values.iter().map(ToString::to_string).collect();
        select(spec, values, None).into_iter().map(|example| example.name).collect()
    }

    #[test]
    fn a_glob_example_is_named_by_its_stem_unless_that_is_ambiguous() {
        let spec = spec(ExamplesFrom::Glob(Globs::default()), None);
        assert_eq!(
            names(&spec, &["a/Blink/Blink.ino", "a/Fade/Fade.ino", "b/Fade/Fade.ino"]),
            ["Blink", "a/Fade/Fade.ino", "b/Fade/Fade.ino"]
        );
    }

    #[test]
    fn the_expression_of_the_scenario_names_it() {
        let spec = spec(ExamplesFrom::Glob(Globs::default()), Some("([^/]+)/Cargo.toml$"));
        assert_eq!(names(&spec, &["crates/a/Cargo.toml", "crates/b/Cargo.toml"]), ["a", "b"]);
    }

    #[test]
    fn a_filter_matches_names_and_values() {
        let spec = spec(ExamplesFrom::List(Vec::new()), None);
        let only = globset::Glob::new("le*").unwrap().compile_matcher();
        let found = select(&spec, vec!["lint".into(), "left".into(), "lex".into()], Some(&only));
        assert_eq!(found.len(), 2);
    }
}
