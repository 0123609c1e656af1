//! Candidate and baseline in one run: both in every block, in random order, with nothing shared but the
//! other runner on which both restore.

mod blocks;
#[path = "../common/mod.rs"]
mod common;
mod looks;
mod sources;

use bench_record::{Arm, LoadedRun, Regime};
use common::Project;

/// A tool that caches the content of `src.txt`. Tells `{tools}/events` what it is run on and where.
const TOOL: &str = r#"#!/bin/sh
set -eu
content=$(cat src.txt)
entry=miss
if [ -n "${STORE:-}" ]; then
  mkdir -p "$STORE"
  key=$(printf %s "$content" | cksum | tr ' ' -)
  if [ -e "$STORE/$key" ]; then entry=hit; else cp src.txt "$STORE/$key"; fi
  find "$STORE" -type f | wc -l > /dev/null
fi
echo $entry
echo "$MODE|$content|$entry|$PWD|${STORE:-none}" >> "$EVENTS"
if [ "$MODE" = slow ]; then sleep 0.1; fi
"#;

const SCENARIO: &str = r#"
[scenario]
title = "A fake tool with a store"
analysis = "What differs is known."

[params]
store = ["yes", "no"]
mode = ["fast", "slow"]

[env]
set = { MODE = "{param.mode}", EVENTS = "{tools}/events" }

[[cache]]
name = "store"
path = "{cache}/store"
env = "STORE"
when = { store = "yes" }

[[phase]]
name = "compile"
measured = true
run = ["sh", "{scenario}/tool.sh"]

[[probe]]
name = "fake"
phase = "compile"
hits = '(?m)^hit$'
misses = '(?m)^miss$'
when = { store = "yes" }
"#;

fn project() -> Project {
    Project::new(SCENARIO, &[("tool.sh", TOOL), ("workspace/src.txt", "alpha")])
}

/// One line that the tool wrote.
#[derive(Debug, Clone)]
struct Event {
    content: String,
    entry: String,
    workspace: String,
}

fn events(project: &Project) -> Vec<Event> {
    let event = |line: String| {
        let parts: Vec<&str> = line.split('|').collect();
        Event {
            content: parts[1].to_owned(),
            entry: parts[2].to_owned(),
            workspace: parts[3].to_owned(),
        }
    };
    project.events().into_iter().map(event).collect()
}

/// Arms, regimes and outcomes of a block in the order in which they ran.
fn order(run: &LoadedRun, block: u32) -> Vec<(Arm, Regime)> {
    let mut samples: Vec<_> = run.samples.iter().filter(|(s, _)| s.block == block).collect();
    samples.sort_by_key(|(sample, _)| sample.order);
    samples.iter().map(|(sample, _)| (sample.arm, sample.regime)).collect()
}
