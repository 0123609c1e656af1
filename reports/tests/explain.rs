//! `explain.json` is read and written by one set of types.

use bench_reports::answer::Answer as _;
use bench_reports::explain::Explanation;

/// Documents that `bench explain` wrote, the first before `old_path` was a field.
const WRITTEN: [&str; 4] = [
    include_str!("data/documents/explain.json"),
    include_str!("../../docs/data/runs/explain-ccache/explain.json"),
    include_str!("../../docs/data/runs/explain-ccache-portable/explain.json"),
    include_str!("../../docs/data/runs/explain-cargo/explain.json"),
];

fn written_again(text: &str) -> String {
    serde_json::to_string_pretty(&Explanation::parse(text).unwrap()).unwrap() + "\n"
}

#[test]
fn a_document_that_is_read_is_written_as_it_was() {
    for text in WRITTEN {
        let mut again = written_again(text);
        let mut text = text.to_owned();
        for since in ["    \"old_path\": null,\n", "  \"scenario_hash\": null,\n"] {
            (again, text) = (again.replace(since, ""), text.replace(since, ""));
        }
        assert_eq!(again, text);
    }
}

#[test]
fn what_an_early_document_lacks_is_written_as_unknown() {
    let early = r#"{"schema": "bench.explain/1", "run_id": "run", "scenario": "scenario", "params": {},
        "complete": true, "valid": true, "headline": "", "properties": [{"property": "home",
        "verdict": "breaks", "remedy_details": {"key": "HOME", "fix": "one home"}}], "more": 1}"#;
    insta::assert_snapshot!("explain-early", written_again(early));
}
