//! What a scenario says about its runner's image, its daemons and its params: provisioned once, a port of its
//! own, counters in a daemon's memory, trees and combinations that are refused.

mod common;

use bench_record::{Outcome, Regime};
use common::Project;

const BASE: &str = r#"
[scenario]
title = "t"
[[phase]]
name = "build"
measured = true
"#;

/// Counts the runs of the provisioning command; the phase needs what it made.
fn provisioned(command: &str) -> Project {
    let toml = format!(
        r#"{BASE}run = ["cat", "{{tools}}/image"]
[tools.image]
version = ["sh", "-c", "echo 1.0"]
provision = {command}
install = {{ note = "call the owner of the image" }}
"#
    );
    let files = [
        ("workspace/a.txt", "a"),
        ("make.sh", "echo image >\"$1/image\"; echo made >>\"$1/events\"\n"),
    ];
    Project::new(&toml, &files)
}

const MAKE: &str = r#"["sh", "{scenario}/make.sh", "{tools}"]"#;

#[test]
fn the_image_is_made_once_and_again_when_the_scenario_changes() {
    let project = provisioned(MAKE);
    project.run(&["--blocks", "2"]).expect_code(0);
    assert_eq!(project.events(), ["made"]);
    let again = |out: &str| {
        let args = ["run", "--scenario", "scenario", "--state", "state", "--blocks", "1"];
        let output = project.bench(&args).args(["--out", out]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    again("second");
    assert_eq!(project.events(), ["made"], "another run finds it");
    project.write("scenario/more.txt", "the content hash changes");
    again("third");
    assert_eq!(project.events(), ["made", "made"]);
}

#[test]
fn what_a_failed_provisioning_left_is_not_taken_for_whole() {
    let project = provisioned(MAKE);
    project.run(&["--blocks", "1"]).expect_code(0);
    let make = std::fs::read_to_string(project.path("scenario/make.sh")).unwrap();
    let run = |out: &str, code: i32| {
        let args = ["run", "--scenario", "scenario", "--state", "state", "--blocks", "1"];
        let output = project.bench(&args).args(["--out", out]).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    };
    project.write("scenario/make.sh", "echo half >\"$1/image\"; exit 7\n");
    run("second", 2);
    project.write("scenario/make.sh", &make);
    run("third", 0);
    assert_eq!(project.events(), ["made", "made"], "it was made anew, not found half made");
}

/// A scenario whose provisioning command writes `value` to the image, and whose phase wants to find `kind` there.
fn provisioned_by_param(value: &str) -> Project {
    let toml = format!(
        r#"{BASE}run = ["sh", "-c", "test \"$(cat \"$0\")\" = \"$1\"", "{{tools}}/image", "{value}"]
[params]
kind = ["one", "two"]
[tools.image]
version = ["sh", "-c", "echo 1.0"]
provision = ["sh", "{{scenario}}/make.sh", "{{tools}}", "{value}"]
"#
    );
    let script = "echo \"$2\" >\"$1/image\"; echo \"made $2\" >>\"$1/events\"\n";
    Project::new(&toml, &[("workspace/a.txt", "a"), ("make.sh", script)])
}

#[test]
fn each_arm_finds_the_image_that_was_made_with_its_own_params() {
    let project = provisioned_by_param("{param.kind}");
    let arms = ["--blocks", "1", "--baseline-set", "kind=two"];
    for out in ["out", "again"] {
        let args = ["--out", out];
        let args = ["run", "--scenario", "scenario", "--state", "state"].iter().chain(&args);
        let args: Vec<&str> = args.chain(&arms).copied().collect();
        let (_, _, stderr) = project.call(&args);
        for (sample, _) in common::load(&project.path(out)).samples {
            assert_eq!(sample.outcome, Outcome::Ok, "{}: {:?}\n{stderr}", sample.id, sample.reason);
        }
    }
    let mut made = project.events();
    made.sort();
    assert_eq!(made, ["made one", "made two"], "each once; the second run finds them");
}

#[test]
fn arms_that_are_provisioned_by_the_same_commands_share_what_they_made() {
    let project = provisioned_by_param("fixed");
    project.run(&["--blocks", "1", "--baseline-set", "kind=two"]);
    assert_eq!(project.events(), ["made fixed"]);
    for (sample, _) in common::load(&project.path("out")).samples {
        assert_eq!(sample.outcome, Outcome::Ok, "{}: {:?}", sample.id, sample.reason);
    }
}

#[test]
fn making_the_image_is_in_no_sample() {
    let project = provisioned(MAKE);
    let finished = project.run(&["--blocks", "1"]).expect_code(0);
    let (sample, _) = finished.sample(Regime::Cold);
    assert_eq!(sample.phases.len(), 1);
    assert_eq!(sample.phases[0].name, "build");
}

#[test]
fn an_image_that_cannot_be_made_is_an_error_before_anything_is_recorded() {
    let project = provisioned(r#"["sh", "-c", "echo no network >&2; exit 3"]"#);
    for _ in 0..2 {
        let finished = project.run(&["--blocks", "1"]).expect_code(2);
        let said = finished.stderr();
        for part in ["tool `image` of scenario `scenario`", "no network", "call the owner"] {
            assert!(said.contains(part), "`{part}` is not in: {said}");
        }
        assert!(!finished.out.join("records.ndjson").exists());
    }
}

/// A daemon that is nothing but a counter beside its port: it lives in a file of the machine, not of the
/// runner, and so is as good as memory.
const DAEMON: &str = r#"#!/bin/sh
set -eu
mkdir -p "$STORE"
echo x >"$STORE/entry"
sleep 100 >/dev/null 2>&1 &
echo hit >>"$TOOLS/port-$PORT"
echo "$PORT" >>"$TOOLS/events"
"#;

#[test]
fn a_named_daemon_has_a_port_a_runner_that_hot_keeps_and_counters_that_start_anew() {
    let toml = format!(
        r#"{BASE}run = ["sh", "{{scenario}}/daemon.sh"]
[env]
set = {{ TOOLS = "{{tools}}", PORT = "{{port.counter}}" }}
[[cache]]
name = "store"
path = "{{cache}}/store"
env = "STORE"
[[daemon]]
name = "counter"
stop = ["rm", "-f", "{{tools}}/port-{{port.counter}}"]
[[probe]]
name = "counter"
run = ["cat", "{{tools}}/port-{{port.counter}}"]
hits = '(?m)^hit$'
counter = "daemon"
"#
    );
    // Without a group, matches are counted: the counter is the number of lines.
    let project = Project::new(&toml, &[("workspace/a.txt", "a"), ("daemon.sh", DAEMON)]);
    let regimes = ["--blocks", "1", "--regime", "cold,same-runner,hot,cross-runner"];
    let finished = project.run(&regimes).expect_code(0);
    for regime in [Regime::Cold, Regime::SameRunner, Regime::Hot, Regime::CrossRunner] {
        assert_eq!(finished.hits(regime).0, Some(1), "{regime}: one hit of its own");
    }
    let records = finished.records();
    let regimes: Vec<Regime> = records.samples.iter().map(|(sample, _)| sample.regime).collect();
    let ports = project.events();
    let port = |regime| &ports[regimes.iter().position(|r| *r == regime).unwrap()];
    assert_eq!(port(Regime::SameRunner), port(Regime::Hot), "the daemon is still there");
    assert!(port(Regime::Cold).parse::<u16>().unwrap() > 0);
}

#[test]
fn a_source_that_lacks_what_is_required_is_refused_with_what_to_give() {
    let toml = format!("{BASE}run = [\"true\"]\n[source]\nrequires = [\"src/main.h\"]\n");
    let project = Project::new(&toml, &[("workspace/src/main.h", "x")]);
    project.run(&["--blocks", "1"]).expect_code(0);
    project.write("other/readme", "not it");
    let args = ["run", "--scenario", "scenario", "--state", "state", "--source", "other"];
    let output = project.bench(&args).args(["--out", "refused"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    for part in ["scenario `scenario`", "`src/main.h`", "--source DIR"] {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
    assert!(!project.path("refused").exists(), "nothing is recorded");
}

#[test]
fn a_combination_that_makes_no_sense_is_refused_wherever_it_is_asked_for() {
    let toml = format!(
        r#"{BASE}run = ["true"]
[params]
builder = ["one", "two"]
launcher = ["none", "some"]
[[refuse]]
when = {{ builder = "two", launcher = "some" }}
reason = "two has its own (hint: leave launcher=none)"
"#
    );
    let project = Project::new(&toml, &[("workspace/a.txt", "a")]);
    let bad = ["--set", "builder=two", "--set", "launcher=some"];
    let commands: [&[&str]; 3] = [
        &["run", "--scenario", "scenario", "--state", "state", "--out", "out"],
        &["run", "--scenario", "scenario", "--state", "state", "--dry-run"],
        &["doctor", "--scenario", "scenario", "--state", "state"],
    ];
    for command in commands {
        let output = project.bench(command).args(bad).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{command:?}: {said}");
        let message = "cannot run with builder=two and launcher=some: two has its own";
        assert!(said.contains(message), "{command:?}: {said}");
    }
    assert!(!project.path("out").exists());
    let arms = ["run", "--scenario", "scenario", "--state", "state", "--dry-run"];
    let baseline = ["--set", "builder=two", "--baseline-set", "launcher=some"];
    let output = project.bench(&arms).args(baseline).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "the baseline arm is checked too");
    project.run(&["--blocks", "1", "--set", "builder=two"]).expect_code(0);
}
