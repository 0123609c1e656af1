//! `bench verify --fault full-disk` fills a small file system of its own, which has to be mounted.

use bench_reports::verify::{FaultOutcome, Verification};

use crate::common::Project;

/// Keeps two outputs, and goes on when the disk is full.
const TOOL: &str = r#"#!/bin/sh
set -eu
mkdir -p "$STORE" build
for name in a b; do
  if [ -e "$STORE/$name" ]; then
    echo hit; cat "$STORE/$name" > build/$name
  else
    echo miss; cat src/$name.txt > build/$name
    cat build/$name > "$STORE/$name" || echo "the disk is full, and the tool goes on"
  fi
done
"#;

const SCENARIO: &str = r#"
[scenario]
title = "A careless tool"
analysis = "It ignores that its entry could not be written whole."

[[cache]]
name = "store"
path = "{cache}/store"
env = "STORE"

[[phase]]
name = "compile"
measured = true
run = ["sh", "{scenario}/tool.sh"]

[[probe]]
name = "fake"
phase = "compile"
hits = '(?m)^hit$'
misses = '(?m)^miss$'

[outputs]
paths = ["build/**"]
"#;

pub(crate) fn a_tool_that_ignores_a_full_disk_gives_a_wrong_output_on_the_next_run() {
    let project = Project::new(
        SCENARIO,
        &[("tool.sh", TOOL), ("workspace/src/a.txt", "alpha\n"), ("workspace/src/b.txt", "beta\n")],
    );
    let (code, text, messages) = project.call(&[
        "verify",
        "--scenario",
        "scenario",
        "--state",
        "state",
        "--out",
        "out",
        "--seed",
        "1",
        "--fault",
        "full-disk",
    ]);
    assert_eq!(code, 10, "{text}\n{messages}");
    let json = std::fs::read(project.path("out/verify.json")).unwrap();
    let found: Verification = serde_json::from_slice(&json).unwrap();
    let [seen] = found.faults.as_slice() else { panic!("{found:?}") };
    assert_eq!((seen.fault.as_str(), seen.outcome), ("full-disk", FaultOutcome::WrongOutput));
    assert!(seen.reason.starts_with("on the next run"), "{seen:?}");
    assert_eq!(seen.damage.as_deref(), Some("a disk of 4096 bytes"));
    project.assert_home_untouched();
}
