//! docs/RECORD.md names every field of every record and of summary.json, and no other.

mod common;

use std::collections::BTreeSet;

use serde_json::Value;

const PAGE: &str = include_str!("../../../docs/RECORD.md");

/// Objects whose keys are data, not fields: in paths every key is `*`.
const MAPS: [&str; 11] = [
    "params",
    "arms[].params",
    "host.isolation",
    "parts[].host.isolation",
    "tools",
    "ci",
    "caches",
    "evidence.probes",
    "regimes[].phases",
    "options.params",
    "options.stage.restore_ns",
];

/// Paths of all values that are not objects, `arms[].source.files`.
fn fields(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let key = if MAPS.contains(&path) { "*" } else { key };
                let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                fields(value, &path, found);
            }
        }
        Value::Array(items) => {
            assert!(!items.is_empty(), "`{path}` is empty in the full record");
            for item in items {
                fields(item, &format!("{path}[]"), found);
            }
        }
        Value::Null => panic!("`{path}` is null in the full record"),
        _ => {
            found.insert(path.to_owned());
        }
    }
}

/// Names in the first column of the tables of one section, with the rest of their lines.
fn documented(section: &str) -> Vec<(String, String)> {
    let heading = format!("\n## `{section}`");
    let start = PAGE.find(&heading).unwrap_or_else(|| panic!("no section `{section}`"));
    let body = &PAGE[start + heading.len()..];
    let body = &body[..body.find("\n## ").unwrap_or(body.len())];
    body.lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .map(|(name, rest)| (name.to_owned(), rest.to_owned()))
        .collect()
}

fn assert_documented(section: &str, value: &Value) {
    let mut expected = BTreeSet::new();
    fields(value, "", &mut expected);
    let rows = documented(section);
    for (name, rest) in &rows {
        assert!(
            rest.trim_end_matches('|').trim().len() > 5,
            "`{name}` of `{section}` has no explanation"
        );
    }
    let names: BTreeSet<String> = rows.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names.len(), rows.len(), "a field of `{section}` is documented twice");
    let missing: Vec<_> = expected.difference(&names).collect();
    let surplus: Vec<_> = names.difference(&expected).collect();
    assert!(missing.is_empty(), "docs/RECORD.md, section `{section}`, lacks {missing:?}");
    assert!(surplus.is_empty(), "docs/RECORD.md, section `{section}`, has too much: {surplus:?}");
}

#[test]
fn every_field_of_every_record_is_documented() {
    for record in common::every_kind() {
        let mut value: Value = serde_json::from_str(&record.to_line().unwrap()).unwrap();
        let kind = value["kind"].as_str().unwrap().to_owned();
        // `v` and `kind` belong to the line; they are explained once, above.
        value.as_object_mut().unwrap().retain(|key, _| key != "v" && key != "kind");
        assert_documented(&kind, &value);
    }
    let mut envelope = BTreeSet::new();
    fields(&serde_json::json!({"v": bench_record::VERSION, "kind": "run"}), "", &mut envelope);
    let names: BTreeSet<String> =
        documented("records.ndjson").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, envelope);
}

#[test]
fn every_field_of_the_summary_is_documented() {
    assert_documented("summary.json", &serde_json::to_value(common::summary()).unwrap());
}

#[test]
fn the_page_quotes_the_versions_that_the_code_has() {
    assert!(PAGE.contains(&format!("version {}", bench_record::VERSION)));
    assert!(PAGE.contains(bench_record::Summary::SCHEMA));
    for regime in bench_record::Regime::ALL.into_iter().chain([bench_record::Regime::Unknown]) {
        assert!(PAGE.contains(&format!("`{regime}`")), "{regime}");
    }
}
