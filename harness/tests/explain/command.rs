//! The command around it: interruption, resumption, wrong usage.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::Finished;
use crate::common::compiler::{SCRIPT, TOOL};
use crate::common::scenarios::PROBE;
use crate::{EDIT, causes, document, explain, fake, scenario};

#[test]
fn an_interrupted_explanation_goes_on_and_repeats_nothing() {
    let project = fake("content,home");
    // The tool interrupts bench in its fifth run: a known place, however fast the machine is.
    let tool = TOOL.replace(
        "set -eu",
        "set -eu\necho run >> \"$COUNT\"\n[ $(wc -l < \"$COUNT\") -ne 5 ] || { kill -INT $PPID; sleep 10; }",
    );
    project.write("scenario/tool.sh", &tool);
    let file = scenario("content,home", SCRIPT, &format!("{PROBE}{EDIT}"))
        .replace("KEY =", "COUNT = \"{tools}/count\", KEY =");
    project.write("scenario/scenario.toml", &file);
    let list = "workspace-path,home,time-zone";
    let first = explain(&project, &["--property", list]);
    let first = first.expect_code(130);
    assert!(first.stderr().contains("bench explain --resume"), "{}", first.stderr());
    let before = trials(&first.out);
    assert!((3..=4).contains(&before.len()), "{before:?}");
    let output = project.bench(&["explain", "--resume", "out"]).output().unwrap();
    let second = Finished { output, out: project.path("out") }.expect_code(0);
    let after = trials(&second.out);
    assert_eq!(after[..before.len()], before);
    let unique: BTreeSet<&String> = after.iter().collect();
    assert_eq!(unique.len(), after.len(), "{after:?}");
    assert_eq!(causes(&document(&second.out)), BTreeSet::from(["home".to_owned()]));
    let again = project.bench(&["explain", "--resume", "out"]).output().unwrap();
    let again = Finished { output: again, out: project.path("out") }.expect_code(0);
    assert!(again.stderr().contains("nothing to resume"), "{}", again.stderr());
}

/// Ids of the finished trials, in order.
fn trials(out: &Path) -> Vec<String> {
    fs::read_to_string(out.join("explain.ndjson"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["kind"] == "trial")
        .map(|line| line["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn an_explanation_of_a_newer_bench_is_called_newer_whatever_its_lines_are() {
    let project = fake("content");
    let finished = explain(&project, &["--property", "home"]).expect_code(0);
    let path = finished.out.join("explain.ndjson");
    let text = fs::read_to_string(&path).unwrap();
    let newer = text.replace("\"v\":2", "\"v\":3").replace("\"kind\":\"trial\"", "\"kind\":{}");
    fs::write(&path, newer).unwrap();
    let output = project.bench(&["explain", "--resume", "out"]).output().unwrap();
    let again = Finished { output, out: finished.out }.expect_code(2);
    assert!(again.stderr().contains("record version 3 is newer than 2"), "{}", again.stderr());
    assert!(!again.stderr().contains("cannot be read"), "{}", again.stderr());
}

#[test]
fn wrong_usage_is_refused_before_anything_runs() {
    let project = fake("content");
    let finished = explain(&project, &["--property", "workspacepath"]).expect_code(2);
    assert!(finished.stderr().contains("workspace-path"), "{}", finished.stderr());
    let file = scenario("content", SCRIPT, PROBE)
        .replace("[env]", "[params]\nlauncher = [\"none\", \"store\"]\n\n[env]")
        .replace("env = \"STORE\"", "env = \"STORE\"\nwhen = { launcher = \"store\" }");
    project.write("scenario/scenario.toml", &file);
    let finished = explain(&project, &["--property", "home"]).expect_code(2);
    assert!(finished.stderr().contains("--set launcher=store"), "{}", finished.stderr());
}
