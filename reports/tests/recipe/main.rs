//! The recipe of runs that people will meet, and of names that want out of it.

mod advice;
#[path = "../common/mod.rs"]
mod common;
#[path = "../html_support/mod.rs"]
mod html_support;
mod key;
mod page;
mod several;

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{Assumptions, LoadedRun, Regime, Tool};
use bench_reports::answer::Answer as _;
use bench_reports::explain::Explanation;
use bench_reports::recipe::{
    Advice, Ci, Declared, DeclaredCache, HOSTED_RESTORE, Input, Root, decide, recipe,
};
use bench_reports::summary::summarise_with;
use serde_json::Value;

const SYSTEMS: [Ci; 2] = [Ci::GitHub, Ci::Forgejo];

fn assumed() -> Assumptions {
    Assumptions { transfer_bytes_per_s: Some(HOSTED_RESTORE), ..Assumptions::default() }
}

fn declared() -> Declared {
    Declared {
        caches: vec![DeclaredCache {
            name: "ccache".to_owned(),
            root: Root::Cache,
            path: "ccache".to_owned(),
            env: Some("CCACHE_DIR".to_owned()),
            when: BTreeMap::new(),
            exclude: vec!["tmp/**".to_owned()],
        }],
        env: BTreeMap::from([
            ("LC_ALL".to_owned(), "C.UTF-8".to_owned()),
            ("TOOL_HOME".to_owned(), "{home}/.tool".to_owned()),
        ]),
        daemons: vec!["sccache --stop-server".to_owned()],
        locks: vec!["Cargo.lock".to_owned()],
        params: BTreeSet::from(["launcher".to_owned()]),
    }
}

fn page(run: &LoadedRun, declared: Option<&Declared>, explanation: Option<&Explanation>) -> String {
    let summary = summarise_with(run, &assumed());
    recipe(&Input {
        run,
        summary: &summary,
        declared,
        explanation,
        ablation: None,
        systems: &SYSTEMS,
    })
}

fn advice(run: &LoadedRun, explanation: Option<&Explanation>) -> Advice {
    decide(&summarise_with(run, &assumed()), explanation, None).advice
}

/// Every fenced block of YAML as a document.
fn workflows(page: &str) -> Vec<Value> {
    page.split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().expect("it is closed"))
        .map(|text| serde_saphyr::from_str(text).expect("it is YAML"))
        .collect()
}

fn tool(version: &str) -> Tool {
    Tool { version: Some(version.to_owned()), path: None }
}

fn explanation() -> Explanation {
    let text = r#"{"schema": "bench.explain/1", "run_id": "20260101T000000-explain",
        "scenario": "arduino-uno", "params": {"launcher": "ccache"}, "complete": true, "valid": true,
        "headline": "reuse on another runner is broken by: workspace-path alone; locale alone",
        "properties": [
          {"property": "workspace-path", "verdict": "breaks", "hits": 0, "of": 55, "saving_kept": 0.0,
           "remedied": {"verdict": "keeps"},
           "remedy_details": {"tool": "ccache", "key": "absolute paths", "fix": "set CCACHE_BASEDIR",
             "env": {"CCACHE_BASEDIR": "{workspace}"}, "risk": null,
             "link": "https://ccache.dev/manual/latest.html#_compiling_in_different_directories"}},
          {"property": "locale", "verdict": "partly", "saving_kept": 0.5, "low": 0.4, "high": 0.6,
           "remedy_details": {"tool": null, "key": "LANG", "fix": "one locale", "env": {},
             "link": "javascript:alert(1)", "risk": "none | <b>"}},
          {"property": "jobs", "verdict": "keeps"},
          {"property": "user", "verdict": "not-tested", "reason": "no namespace"}],
        "stale": {"stale": false, "mtime_kept": false, "mtime_fresh": false}}"#;
    Explanation::parse(text).expect("it is an explanation")
}
