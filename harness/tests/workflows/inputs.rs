//! Every input of the composite action reaches `bench`, and every output the job.

use std::fs;

use bench_record::Regime;

use crate::SCRIPTS;
use crate::forge::Forge;

const SCENARIO: &str = r#"
[scenario]
title = "Prints"

[params]
mode = ["fast", "slow"]
size = ["1", "2 3"]

[[cache]]
name = "store"
path = "{cache}/store"

[[phase]]
name = "work"
measured = true
run = ["sh", "-c", "mkdir -p {cache}/store; echo {param.mode} >{cache}/store/entry"]

[[gate]]
regime = "cold"
max = "1h"
"#;

/// A workflow with one step of the action; `with` are lines of its inputs.
fn workflow(with: &str) -> String {
    format!(
        "jobs:
  measure:
    steps:
      - uses: actions/checkout@v0
        with: {{ persist-credentials: false }}
      - id: bench
        uses: ./.github/actions/bench
        with:
          scenario: scenarios/ci
{with}
      - if: always()
        run: echo \"said $RUN $CODE $COMMENT.\"
        env:
          RUN: ${{{{ steps.bench.outputs.run }}}}
          CODE: ${{{{ steps.bench.outputs.exit-code }}}}
          COMMENT: ${{{{ steps.bench.outputs.comment }}}}
"
    )
}

fn forge() -> Forge {
    let files = [
        ("scenarios/ci/scenario.toml", SCENARIO),
        ("scenarios/ci/workspace/a", "a"),
        ("other/b", "b"),
        ("other/c", "c"),
        ("limits.toml", "[[gate]]\nregime = \"cold\"\nmax = \"1ns\"\n"),
    ];
    Forge::new(&SCRIPTS, &files)
}

#[test]
fn what_is_measured_is_what_the_inputs_say() {
    let mut forge = forge();
    let with = "          source: other
          regime: cold,same-runner
          blocks: 2
          budget: 1h
          set: |
            mode=slow
            size=2 3
          out: elsewhere
          artifact: kept";
    let results = forge.run_text("inputs.yml", &workflow(with));
    assert_eq!(results["measure"], "success", "{}", forge.log);
    let records = fs::read(forge.artifact("kept").join("records.ndjson")).unwrap();
    let run = bench_record::read(records).unwrap().run;
    assert_eq!(run.options.regimes, [Regime::Cold, Regime::SameRunner]);
    assert_eq!((run.options.blocks, run.options.budget_ns), (2, Some(3_600_000_000_000)));
    assert_eq!((&*run.params["mode"], &*run.params["size"]), ("slow", "2 3"));
    assert_eq!(run.arms[0].source.files, 2, "of the other source");
    assert!(forge.log.contains("said elsewhere 0 elsewhere/comment.md."), "{}", forge.log);
}

#[test]
fn another_policy_judges_and_what_it_stops_is_reported_first() {
    let mut forge = forge();
    let with = "          regime: cold
          blocks: 1
          policy: limits.toml
          artifact: \"\"";
    let results = forge.run_text("inputs.yml", &workflow(with));
    assert_eq!(results["measure"], "failure", "{}", forge.log);
    assert!(forge.log.contains("-> exit status: 10"), "the limit of 1 ns: {}", forge.log);
    assert!(forge.log.contains("said bench-run 0 bench-run/comment.md."), "{}", forge.log);
    assert!(!forge.path("artifacts").exists(), "nothing is uploaded");

    let without = workflow(&format!("{with}\n          gate: false"));
    forge.log.clear();
    assert_eq!(forge.run_text("inputs.yml", &without)["measure"], "success", "{}", forge.log);
}

#[test]
fn an_inconclusive_gate_passes_unless_the_input_says_otherwise() {
    let mut forge = forge();
    // One block decides nothing.
    let with = "          baseline: HEAD\n          regime: cold\n          blocks: 1\n          source: .";
    forge.write(
        "scenarios/ci/scenario.toml",
        &SCENARIO
            .replace("max = \"1h\"", "baseline = { margin = \"5%\" }")
            .replace("regime = \"cold\"\n", ""),
    );
    forge.commit();
    assert_eq!(
        forge.run_text("inputs.yml", &workflow(with))["measure"],
        "success",
        "{}",
        forge.log
    );
    assert!(forge.log.contains("inconclusive"), "{}", forge.log);
    forge.next_run();
    let strict = workflow(&format!("{with}\n          inconclusive: fail"));
    assert_eq!(forge.run_text("inputs.yml", &strict)["measure"], "failure", "{}", forge.log);
    assert!(forge.log.contains("-> exit status: 3"), "{}", forge.log);
}

#[test]
fn a_run_that_fails_ends_the_job_with_its_code() {
    let mut forge = forge();
    forge.write(
        "scenarios/ci/scenario.toml",
        &SCENARIO.replace("echo {param.mode}", "exit 7; echo"),
    );
    forge.commit();
    let with = "          regime: cold\n          blocks: 1";
    assert_eq!(
        forge.run_text("inputs.yml", &workflow(with))["measure"],
        "failure",
        "{}",
        forge.log
    );
    assert!(forge.log.contains("said bench-run 4 bench-run/comment.md."), "{}", forge.log);
    assert!(forge.artifact("bench-run").join("records.ndjson").is_file(), "it is uploaded");
}
