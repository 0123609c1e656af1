//! What is written: the terminal, Markdown and JSON, and nothing that may be a secret.

use std::collections::BTreeSet;
use std::fs;

use bench_reports::answer::Answer as _;
use bench_reports::explain::Explanation;
use serde_json::Value;

use crate::common::compiler::TOOL;
use crate::{document, explain, fake};

#[test]
fn the_report_says_everything_on_eighty_columns_and_in_json() {
    let project = fake("content,path");
    let finished = explain(&project, &["--property", "workspace-path,source-mtime,daemon,jobs"]);
    let finished = finished.expect_code(0);
    let text = finished.stdout();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::with_settings!({filters => FILTERS.to_vec()}, {
        insta::assert_snapshot!("explain_terminal", text);
        let json = fs::read_to_string(finished.out.join("explain.json")).unwrap();
        // What reads the document for reports and recipes loses none of it.
        let read = Explanation::parse(&json).unwrap();
        assert_eq!(serde_json::to_string_pretty(&read).unwrap() + "\n", json);
        insta::assert_snapshot!("explain_json", json);
        let page = fs::read_to_string(finished.out.join("explain.md")).unwrap();
        insta::assert_snapshot!("explain_markdown", page);
    });
    let progress = finished.stderr();
    assert!(progress.contains("1-workspace-path-other-depth-1"), "{progress}");
}

/// What differs from run to run.
const FILTERS: [(&str, &str); 5] = [
    // The column is as wide as its times.
    (r"(?m) +time$", " time"),
    (r"\d{8}T\d{6}Z(-|&#45;)scenario(-|&#45;)[0-9a-z]{4}", "RUN"),
    (r" +\d+(\.\d+)? m?s\b", " TIME"),
    (r#""wall_s": [0-9.e-]+"#, r#""wall_s": 0"#),
    (r#""scenario_hash": "[0-9a-f]{64}""#, r#""scenario_hash": "HASH""#),
];

#[test]
fn a_scan_names_files_and_never_what_they_hold() {
    let project = fake("content");
    let tool =
        format!("{TOOL}\nprintf 'secret=%s path=%s' hunter2 \"$PWD\" > \"$STORE/note.txt\"\n");
    project.write("scenario/tool.sh", &tool);
    let finished = explain(&project, &["--property", "time-zone"]).expect_code(0);
    let found = document(&finished.out)["found"].clone();
    assert_eq!(found[0]["kind"], "workspace path");
    assert_eq!(found[0]["files"], 1);
    assert_eq!(found[0]["example"], "store: note.txt");
    assert!(!fs::read_to_string(finished.out.join("explain.json")).unwrap().contains("hunter2"));
    assert!(finished.stdout().contains("store: note.txt"));
}

/// The keys of every object, except of maps whose keys are data.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    const MAPS: [&str; 4] = ["params", "changed", "variants", "env"];
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                found.insert(key.clone());
                if !MAPS.contains(&key.as_str()) {
                    keys(value, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

#[test]
fn every_field_of_both_files_is_documented() {
    let project = fake("content,path");
    let finished = explain(&project, &["--property", "workspace-path,home"]).expect_code(0);
    let mut found = BTreeSet::new();
    keys(&document(&finished.out), &mut found);
    for line in fs::read_to_string(finished.out.join("explain.ndjson")).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if line["kind"] == "trial" || line["kind"] == "explain" {
            keys(&line, &mut found);
        }
    }
    let page = include_str!("../../../docs/RECORD.md");
    let page = &page[page.find("## `explain.ndjson`").unwrap()..];
    for key in found.iter().filter(|key| !["v", "kind"].contains(&key.as_str())) {
        assert!(page.contains(&format!("`{key}`")), "docs/RECORD.md does not name `{key}`");
    }
}
