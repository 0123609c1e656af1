//! `bench explain` with commands of another user and on a host of another name.

#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::process::Command;

use common::{Finished, Project};
use serde_json::Value;

/// A compiler whose cache key is made of the ingredients in `$KEY`. It fails when what it sees of its user does
/// not fit together, and tries to write to `$OUTSIDE`.
const TOOL: &str = r#"#!/bin/sh
set -eu
mkdir -p "$STORE"
key="$(cat src/a.txt)"
case "$KEY" in
  user) key="$key $(id -u) $(id -un)" ;;
  both) if [ "$(id -u)" != "$OWN" ] && [ "$(uname -n)" = another-runner ]; then key="$key far"; fi ;;
esac
if [ "$(id -u)" != "$OWN" ]; then
  test "$USER $LOGNAME" = "$(id -un) $(id -un)"
fi
# What belongs to the runner belongs to its user.
test "$(stat -c %u src/a.txt)" = "$(id -u)"
if ( echo x > "$OUTSIDE" ) 2>/dev/null; then echo outside; fi
entry="$STORE/$(printf %s "$key" | cksum | tr ' ' -)"
if [ -e "$entry" ]; then echo hit; else echo miss; cp src/a.txt "$entry"; fi
"#;

fn project(key: &str) -> Project {
    let toml = |own: u32, outside: &str| {
        format!(
            r#"
[scenario]
title = "A fake compiler"
analysis = "Its key is known."

[env]
set = {{ KEY = "{key}", OWN = "{own}", OUTSIDE = "{outside}" }}

[[cache]]
name = "store"
env = "STORE"
path = "{{cache}}/store"

[[phase]]
name = "compile"
measured = true
run = ["sh", "{{scenario}}/tool.sh"]

[[probe]]
name = "fake"
phase = "compile"
hits = '(?m)^hit$'
misses = '(?m)^miss$'
"#
        )
    };
    let project =
        Project::new(&toml(0, ""), &[("tool.sh", TOOL), ("workspace/src/a.txt", "alpha")]);
    let own = fs::metadata(project.path("home")).unwrap().uid();
    let outside = project.path("home/written");
    project.write("scenario/scenario.toml", &toml(own, outside.to_str().unwrap()));
    project
}

/// `bench explain` with `bin/` of the project first on PATH.
fn explain(project: &Project, properties: &str) -> (Finished, Value) {
    let mut command = project.bench(&["explain", "--scenario", "scenario", "--state", "state"]);
    command.args(["--out", "out", "--quiet", "--property", properties]);
    let path = std::env::var("PATH").unwrap();
    command.env("PATH", format!("{}:{path}", project.path("bin").display()));
    let finished = Finished { output: command.output().unwrap(), out: project.path("out") };
    let finished = finished.expect_code(0);
    let text = fs::read_to_string(finished.out.join("explain.json")).unwrap();
    (finished, serde_json::from_str(&text).unwrap())
}

fn entry<'d>(document: &'d Value, property: &str) -> &'d Value {
    let all = document["properties"].as_array().unwrap();
    all.iter().find(|one| one["property"] == property).unwrap()
}

/// What this machine says to a namespace of users: nothing, or why not.
fn refusal() -> Option<String> {
    let mut command = Command::new("unshare");
    let output = command.args(["--user", "--map-user=1", "--map-group=1", "id", "-un"]).output();
    let Ok(output) = output else { return Some("`unshare` is not here".to_owned()) };
    let said = String::from_utf8_lossy(&output.stderr).lines().next().map(str::to_owned);
    (!output.status.success()).then(|| said.unwrap_or_default())
}

/// The verdict, or that it is not tested for the reason that this machine has.
fn expect(document: &Value, property: &str, verdict: &str) {
    let found = entry(document, property);
    let Some(why) = refusal() else {
        assert_eq!(found["verdict"], verdict, "{found}");
        return;
    };
    assert_eq!(found["verdict"], "not-tested", "{found}");
    let reason = found["reason"].as_str().unwrap();
    assert!(reason.contains("namespace") && reason.contains(&why), "{reason}, not {why}");
}

/// Nothing of the runner is left, and nothing was written outside where the kernel can see to it.
fn expect_clean(project: &Project, finished: &Finished) {
    assert_eq!(fs::read_dir(project.path("state/runs")).unwrap().count(), 0);
    let trials = fs::read_to_string(finished.out.join("explain.ndjson")).unwrap();
    let run: Value = serde_json::from_str(trials.lines().next().unwrap()).unwrap();
    if run["host"]["isolation"]["landlock"] == true {
        project.assert_home_untouched();
    }
}

#[test]
fn a_tool_that_keys_on_its_user_breaks_and_one_that_does_not_keeps() {
    for (key, verdict) in [("user", "breaks"), ("content", "keeps")] {
        let project = project(key);
        let (finished, document) = explain(&project, "user,time-zone");
        expect(&document, "user", verdict);
        assert_eq!(entry(&document, "time-zone")["verdict"], "keeps");
        expect_clean(&project, &finished);
    }
}

#[test]
fn another_user_on_another_host_is_both_at_once() {
    let project = project("both");
    let (finished, document) = explain(&project, "user,hostname");
    expect(&document, "user", "keeps");
    if refusal().is_none() {
        assert_eq!(entry(&document, "hostname")["verdict"], "keeps");
        assert_eq!(document["together"], serde_json::json!(["user", "hostname"]));
    }
    expect_clean(&project, &finished);
}

/// Programs that come before those of the machine.
fn instead(project: &Project, name: &str, script: &str) {
    project.write(&format!("bin/{name}"), &format!("#!/bin/sh\n{script}\n"));
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(project.path(&format!("bin/{name}")), mode).unwrap();
}

#[test]
fn a_user_that_commands_cannot_have_is_not_tested_and_says_why() {
    // Takes its options for done and runs the rest.
    let pretends = "while [ \"${1#--}\" != \"$1\" ]; do shift; done; exec \"$@\"";
    let refuses = "echo 'nsenter: not for you' >&2; exit 1";
    let denied = "echo 'unshare: unshare failed: Operation not permitted' >&2; exit 1";
    for (unshare, nsenter, expected) in [
        (denied, pretends, "a namespace cannot be made here: unshare: unshare failed: Operation"),
        (pretends, refuses, "a namespace cannot be entered here: nsenter: not for you"),
        (pretends, pretends, "a namespace has no effect here"),
    ] {
        let project = project("user");
        instead(&project, "unshare", unshare);
        instead(&project, "nsenter", nsenter);
        let (_, document) = explain(&project, "user,time-zone");
        let found = entry(&document, "user");
        assert_eq!(found["verdict"], "not-tested", "{found}");
        assert!(found["reason"].as_str().unwrap().starts_with(expected), "{found}");
    }
}
