//! The jobs of nightly.yml in a repository that is not bench's, changed as docs/CI.md says.

use bench_record::Regime;
use serde_json::{Value, json};

use crate::forge::{Forge, project};
use crate::model::{parse, read};
use crate::pages::Page;
use crate::scenarios::{PROBE, storing};
use crate::stranger::{RELEASE, release};

/// Steps that work in bench's own repository only, or read a branch that the reader does not have.
fn is_left_out(step: &Value) -> bool {
    let run = step["run"].as_str().unwrap_or_default();
    let with = &step["with"];
    ["build", "toolchain", "use", "history"].iter().any(|name| run == format!("scripts/ci/{name}"))
        || with["name"] == "bench"
        || with["ref"] == "bench-data"
}

/// nightly.yml with the four jobs that are to be copied, each with the step `install` after its checkout.
fn copied(install: &[Value]) -> Value {
    let mut file: Value = read(&project().join(".github/workflows/nightly.yml"));
    file["env"]["SCENARIO"] = json!("ci");
    let jobs = file["jobs"].as_object_mut().unwrap();
    jobs.retain(|name, _| ["plan", "prime", "measure", "merge"].contains(&name.as_str()));
    assert_eq!(jobs.len(), 4);
    for job in jobs.values_mut() {
        let steps = job["steps"].as_array_mut().unwrap();
        steps.retain(|step| !is_left_out(step));
        assert!(steps[0]["uses"].as_str().unwrap().starts_with("actions/checkout@"));
        steps.splice(1..1, install.iter().cloned());
    }
    file
}

#[test]
fn cross_runner_is_measured_on_other_machines_with_a_released_binary() {
    let script = "if test -f $STORE/entry; then echo hit; else mkdir -p $STORE; echo made > $STORE/entry; echo miss; fi";
    let scenario = storing(script, &format!("{PROBE}\n[source]\npath = \"../..\"\n"));
    let files = [("scenarios/ci/scenario.toml", scenario.as_str()), ("src/main.c", "")];
    let mut forge = Forge::new(&["scripts/ci", "scripts/action"], &files);
    forge.tools.answer("caches.json", r#"{"total_count":0,"actions_caches":[]}"#);
    let (url, sum) = release(&forge.path("."));
    let page = Page::new(&[(RELEASE, &url), ("CHECKSUM", &sum)]);
    let install: Vec<Value> = parse(&page.file("install-step.yml"), "install-step.yml");
    let results = forge.run_text("nightly.yml", &copied(&install).to_string());
    assert!(results.values().all(|result| result == "success"), "{results:?}\n{}", forge.log);
    for tool in ["cargo", "rustup"] {
        assert!(forge.tools.calls_of(tool).is_empty(), "the released binary is used");
    }
    let records = std::fs::read(forge.artifact("run").join("records.ndjson")).unwrap();
    let run = bench_record::read(records).unwrap();
    let crossed = run.samples.iter().filter(|(sample, _)| sample.regime == Regime::CrossRunner);
    let hits: Vec<_> = crossed.map(|(sample, _)| sample.evidence.hits).collect();
    assert_eq!(hits, [Some(1); 4], "one per block");
    // What a cache step restored beneath the source does not count as source.
    assert_eq!(run.run.arms[0].source.dirty, Some(false));
    assert!(forge.summary.contains("cross-runner"), "{}", forge.summary);
}
