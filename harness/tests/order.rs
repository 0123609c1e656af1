//! The order of events, proven by commands that append to a log.

mod common;

use bench_record::{EndReason, Outcome, Regime};
use common::Project;

/// Every command appends its name. The store makes the warm regimes provable.
const TOML: &str = r#"
[scenario]
title = "Events"
analysis = "Every command writes its name to a log."

[[cache]]
name = "store"
path = "{cache}/store"
env = "STORE"

[[service]]
name = "web"
run = ["sh", "-c", "echo service-start >> {tools}/events; trap 'echo service-stop >> {tools}/events; exit 0' TERM; touch {temp}/ready; while :; do sleep 0.02; done"]
ready = { file = "{temp}/ready", within = "20s" }

[[phase]]
name = "setup"
run = ["sh", "-c", "echo setup >> {tools}/events"]

[[phase]]
name = "compile"
measured = true
run = ["sh", "-c", "echo compile-{example} >> {tools}/events; mkdir -p $STORE; echo x > $STORE/{example}"]

[[phase]]
name = "test"
measured = true
run = ["sh", "-c", "echo test >> {tools}/events"]

[examples]
phase = "compile"
list = ["one", "two"]

[[daemon]]
stop = ["sh", "-c", "echo daemon-stop >> {tools}/events"]

[[probe]]
name = "p"
run = ["sh", "-c", "echo probe >> {tools}/events; echo hits 1"]
hits = 'hits (\d+)'
counter = "sample"
"#;

const SAMPLE: &[&str] = &[
    "setup",
    "service-start",
    "compile-one",
    "compile-two",
    "test",
    "probe",
    "service-stop",
    "daemon-stop",
];

#[test]
fn every_sample_runs_its_phases_services_probes_and_daemons_in_order() {
    let project = Project::new(TOML, &[("workspace/file", "x")]);
    let finished = project.run(&["--blocks", "2"]).expect_code(0);
    let expected: Vec<&str> = std::iter::repeat_n(SAMPLE, 6).flatten().copied().collect();
    assert_eq!(project.events(), expected);
    let records = finished.records();
    let regimes: Vec<Regime> = records.samples.iter().map(|(sample, _)| sample.regime).collect();
    assert_eq!(regimes[0], Regime::Cold);
    assert_eq!(regimes[3], Regime::Cold);
    let (sample, examples) = &records.samples[0];
    let phases: Vec<_> = sample.phases.iter().map(|p| (p.name.as_str(), p.measured)).collect();
    assert_eq!(phases, [("setup", false), ("compile", true), ("test", true)]);
    let names: Vec<_> = examples.iter().map(|e| (e.name.as_str(), e.position)).collect();
    assert_eq!(names, [("one", 1), ("two", 2)]);
    let measured: u64 = sample.phases.iter().filter(|p| p.measured).map(|p| p.wall_ns).sum();
    assert_eq!(sample.wall_ns, measured, "unmeasured phases are not in the sample's time");
    assert!(examples.iter().map(|e| e.wall_ns).sum::<u64>() <= sample.wall_ns);
}

#[test]
fn hot_follows_same_runner_before_its_daemons_are_stopped() {
    let project = Project::new(TOML, &[("workspace/file", "x")]);
    project.run(&["--blocks", "1", "--regime", "cold,same-runner,hot"]).expect_code(0);
    let without_stop = &SAMPLE[..SAMPLE.len() - 1];
    let expected: Vec<&str> = [SAMPLE, without_stop, SAMPLE].concat();
    assert_eq!(project.events(), expected);
}

#[test]
fn a_dry_run_runs_nothing_and_writes_no_run() {
    let project = Project::new(TOML, &[("workspace/file", "x")]);
    let finished = project.run(&["--dry-run", "--seed", "1", "--blocks", "2"]).expect_code(0);
    assert!(finished.stdout().contains("block 2: cold"), "{}", finished.stdout());
    assert!(project.events().is_empty());
    assert!(!finished.out.exists());
}

#[test]
fn a_service_that_never_becomes_ready_fails_the_sample_and_says_why() {
    let toml = TOML.replace("touch {temp}/ready;", "echo port taken >&2;").replace("20s", "100ms");
    let project = Project::new(&toml, &[("workspace/file", "x")]);
    let finished = project.run(&["--blocks", "1"]).expect_code(4);
    let (sample, _) = finished.sample(Regime::Cold);
    assert_eq!(sample.outcome, Outcome::Failed);
    let reason = sample.reason.unwrap();
    assert!(reason.contains("service `web`") && reason.contains("port taken"), "{reason}");
    assert!(!project.events().contains(&"compile-one".to_owned()));
}

#[test]
fn an_example_that_fails_is_a_record_and_does_not_stop_the_run() {
    let toml = TOML.replace(
        "echo x > $STORE/{example}",
        "echo x > $STORE/{example}; [ {example} = one ] || (echo 'error: no two' >&2; exit 3)",
    );
    let project = Project::new(&toml, &[("workspace/file", "x")]);
    let finished = project.run(&["--blocks", "1"]).expect_code(4);
    let records = finished.records();
    assert_eq!(records.samples.len(), 3);
    for (sample, examples) in &records.samples {
        assert_eq!(sample.outcome, Outcome::Ok, "{:?}", sample.reason);
        assert_eq!(examples[1].outcome, Outcome::Failed);
        assert_eq!(examples[1].reason.as_deref(), Some("exit code 3: error: no two"));
    }
}

#[test]
fn an_example_that_fails_only_with_the_restored_cache_fails_the_sample() {
    let toml =
        TOML.replace("mkdir -p $STORE;", "[ ! -e $STORE/{example} ] || exit 9; mkdir -p $STORE;");
    let toml = toml.replace("list = [\"one\", \"two\"]", "list = [\"one\"]");
    let project = Project::new(&toml, &[("workspace/file", "x")]);
    let finished = project.run(&["--blocks", "1"]).expect_code(4);
    let (sample, _) = finished.sample(Regime::CrossRunner);
    assert_eq!(sample.outcome, Outcome::Failed);
}

#[test]
fn too_many_failures_end_the_run() {
    let toml = TOML.replace("echo compile-{example}", "exit 1; echo compile-{example}");
    let project = Project::new(&toml, &[("workspace/file", "x")]);
    let finished = project.run(&["--blocks", "9", "--max-failures", "1"]).expect_code(4);
    let records = finished.records();
    assert!(records.samples.len() <= 2);
    assert_eq!(records.end.unwrap().reason, EndReason::MaxFailures);
}

#[test]
fn a_failed_cold_run_leaves_reasons_and_no_holes() {
    let toml = TOML.replace("echo test >> {tools}/events", "echo 'fatal error: no' >&2; exit 2");
    let project = Project::new(&toml, &[("workspace/file", "x")]);
    let finished = project.run(&["--blocks", "1"]).expect_code(4);
    let records = finished.records();
    assert_eq!(records.samples.len(), 3);
    for (sample, _) in &records.samples {
        assert_eq!(sample.outcome, Outcome::Failed);
        assert!(sample.reason.as_ref().unwrap().contains("fatal error: no"), "{:?}", sample.reason);
    }
}
