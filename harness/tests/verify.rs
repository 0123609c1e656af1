//! `bench verify` on a fake tool that treats its cache in known ways.

mod common;

use bench_reports::verify::{FaultOutcome, FaultSeen, RunVerdict, Truthfulness, Verification};
use common::Project;

/// Keeps outputs behind a checksum. `$MODE` says what it makes of one that is damaged, and what its key is.
const TOOL: &str = r#"#!/bin/sh
set -eu
mkdir -p "$STORE" build
[ -e "$STORE/unread.doc" ] || echo "nobody reads this" > "$STORE/unread.doc"
intact() { [ "$(head -n 1 "$1")" = "$(tail -n +2 "$1" | cksum)" ]; }
make_it() {
  printf 'made of: '; cat "$1"
  printf 'a long line, so that the middle of an entry is content: ..............................\n'
  case $MODE in path) pwd ;; random) od -An -N16 -tx1 /dev/urandom ;; esac
}
for file in src/*.txt; do
  case $MODE in
    by-name) key="$(basename "$file")" ;;
    by-mtime) key="$(stat -c %.Y "$file")" ;;
    *) key="$(cksum < "$file" | tr ' ' -)" ;;
  esac
  entry="$STORE/$key.obj"
  out="build/$(basename "$file").out"
  reuse=no
  if [ -e "$entry" ]; then
    if [ "$MODE" = trusting ] || [ "$MODE" = careless ] || intact "$entry"; then reuse=yes
    elif [ "$MODE" = loud ]; then echo "error: damaged entry" >&2; exit 1
    fi
  fi
  if [ $reuse = yes ]; then
    echo hit; tail -n +2 "$entry" > "$out"
  else
    echo miss; make_it "$file" > "$out"
    if [ "$MODE" = careless ]; then
      { cksum < "$out"; cat "$out"; } > "$entry" || echo "the disk is full, and nobody minds"
    elif [ "$MODE" != forgetful ] || [ ! -e "$entry" ]; then
      { cksum < "$out"; cat "$out"; } > "$entry.new"; mv "$entry.new" "$entry"
    fi
  fi
done
echo stable > build/stable
"#;

const SCENARIO: &str = r#"
[scenario]
title = "A fake tool"
analysis = "What it does with a damaged entry is known."

[params]
mode = ["healing", "careless", "trusting", "loud", "forgetful", "by-name", "by-mtime", "random", "path"]

[env]
set = { MODE = "{param.mode}" }

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
[explain]
edit = { file = "src/a.txt", find = "alpha", replace = "omega" }
"#;

fn project(scenario: &str) -> Project {
    let files =
        [("tool.sh", TOOL), ("workspace/src/a.txt", "alpha\n"), ("workspace/src/b.txt", "beta\n")];
    Project::new(scenario, &files)
}

#[track_caller]
fn verify(project: &Project, extra: &[&str], code: i32) -> (Verification, String) {
    let (ended, found, text) = run(project, extra);
    assert_eq!(ended, code, "{text}");
    (found, text)
}

/// The exit code, the document and what was printed.
#[track_caller]
fn run(project: &Project, extra: &[&str]) -> (i32, Verification, String) {
    let args =
        ["verify", "--scenario", "scenario", "--state", "state", "--out", "out", "--seed", "1"];
    let output = project.bench(&args).args(extra).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    let json = std::fs::read(project.path("out/verify.json"));
    let json = json.unwrap_or_else(|error| panic!("{error}, stdout:\n{text}\nstderr:\n{printed}"));
    project.assert_home_untouched();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "too wide:\n{text}");
    (output.status.code().unwrap(), serde_json::from_slice(&json).unwrap(), text)
}

#[track_caller]
fn fault<'a>(found: &'a Verification, name: &str, kind: &str) -> &'a FaultSeen {
    let wanted = |fault: &&FaultSeen| {
        fault.fault == name && fault.kind.as_deref().unwrap_or_default() == kind
    };
    found.faults.iter().find(wanted).unwrap_or_else(|| panic!("no {name} of {kind}: {found:?}"))
}

#[track_caller]
fn damaged(mode: &str, code: i32) -> Verification {
    let set = format!("mode={mode}");
    let (found, _) = verify(&project(SCENARIO), &["--set", &set, "--fault", "flip"], code);
    found
}

#[test]
fn a_tool_that_checks_its_entries_heals() {
    let (found, text) = verify(&project(SCENARIO), &[], 0);
    assert_eq!(found.verdict, Truthfulness::Truthful, "{found:?}");
    assert!(found.complete);
    assert_eq!(found.reproducible.other_runner, Some(true));
    let verdicts: Vec<RunVerdict> = found.runs.iter().map(|run| run.verdict).collect();
    let (reference, right) = (RunVerdict::Reference, RunVerdict::Right);
    assert_eq!(verdicts, [reference, reference, right, right]);
    for name in ["flip", "truncate", "empty", "delete"] {
        let seen = fault(&found, name, ".obj");
        assert_eq!(seen.outcome, FaultOutcome::Heals, "{seen:?}");
        assert_eq!((seen.hits, seen.again_hits, seen.expected_hits), (Some(1), Some(2), Some(2)));
    }
    for name in ["stale-entry", "stale-mtime", "half-restored", "read-only", "full-disk"] {
        let seen = fault(&found, name, "");
        // Where permissions do not bind the user, the fault says that it was not tested.
        let fine = [FaultOutcome::Heals, FaultOutcome::NotTested, FaultOutcome::FailsLoudly];
        assert!(
            fine[..if ["read-only", "full-disk"].contains(&name) { 3 } else { 1 }]
                .contains(&seen.outcome),
            "{seen:?}"
        );
    }
    let archive = fault(&found, "archive", "");
    assert_eq!(archive.outcome, FaultOutcome::FailsLoudly);
    assert!(archive.reason.contains("the restore refuses it"), "{}", archive.reason);
    assert_eq!(fault(&found, "live-daemon", "").reason, "the scenario declares no daemon");
    assert!(text.contains("tells the truth as far as it was tried"), "{text}");
}

#[test]
fn a_file_that_nothing_reads_is_not_exercised() {
    let (found, _) = verify(&project(SCENARIO), &["--fault", "flip,empty"], 0);
    for name in ["flip", "empty"] {
        let seen = fault(&found, name, ".doc");
        assert_eq!(seen.outcome, FaultOutcome::NotExercised, "{seen:?}");
    }
}

#[test]
fn a_tool_that_trusts_its_entries_lies() {
    let found = damaged("trusting", 10);
    assert_eq!(found.verdict, Truthfulness::WrongOutput);
    let seen = fault(&found, "flip", ".obj");
    assert_eq!(seen.outcome, FaultOutcome::WrongOutput);
    let difference = &seen.differences[0];
    assert!(difference.file.starts_with("build/") && difference.offset.is_some(), "{difference:?}");
}

#[test]
fn a_tool_that_fails_on_a_damaged_entry_is_loud() {
    let found = damaged("loud", 0);
    let seen = fault(&found, "flip", ".obj");
    assert_eq!(seen.outcome, FaultOutcome::FailsLoudly);
    assert!(
        seen.reason.contains("damaged entry") && seen.reason.contains("the next run fails too")
    );
}

#[test]
fn a_tool_that_never_replaces_an_entry_is_slower_for_ever() {
    let found = damaged("forgetful", 0);
    let seen = fault(&found, "flip", ".obj");
    assert_eq!(seen.outcome, FaultOutcome::SlowerForEver, "{seen:?}");
    assert_eq!((seen.again_hits, seen.expected_hits), (Some(1), Some(2)));
}

#[test]
fn a_key_that_misses_a_change_of_the_source_lies() {
    for (mode, lying) in [("by-name", "stale-entry"), ("by-mtime", "stale-mtime")] {
        let set = format!("mode={mode}");
        // A key of times misses on another runner, and that is not a wrong output.
        let (found, _) = verify(&project(SCENARIO), &["--set", &set, "--fault", lying], 10);
        assert_eq!(fault(&found, lying, "").outcome, FaultOutcome::WrongOutput, "{mode}");
    }
}

#[test]
fn a_build_that_is_not_reproducible_is_not_blamed_on_the_cache() {
    let set = ["--set", "mode=random", "--fault", "flip"];
    let (found, text) = verify(&project(SCENARIO), &set, 0);
    assert_eq!(found.reproducible.same_runner, Some(false));
    assert_eq!(found.reproducible.unstable.len(), 2, "{:?}", found.reproducible);
    assert!(text.contains("not reproducible by itself"), "{text}");
    let alone = SCENARIO.replace("build/**", "build/*.out");
    let (found, _) = verify(&project(&alone), &set, 5);
    assert_eq!(found.verdict, Truthfulness::NotEstablished);
}

#[test]
fn a_path_of_another_runner_is_wrong_unless_paths_are_declared_away() {
    let set = ["--set", "mode=path", "--fault", "none"];
    let (found, _) = verify(&project(SCENARIO), &set, 10);
    assert_eq!(found.reproducible.placed.len(), 2, "{:?}", found.reproducible);
    assert_eq!(found.runs.iter().filter(|run| run.verdict == RunVerdict::Wrong).count(), 1);
    let plain = SCENARIO.replace("[outputs]", "[outputs]\nnormalise = [\"paths\"]");
    let (found, text) = verify(&project(&plain), &set, 0);
    assert_eq!(found.reproducible.other_runner, Some(true));
    assert!(text.contains("name the runner that made the cache"), "{text}");
}

#[test]
fn an_example_that_passes_only_with_the_cache_is_a_lie() {
    let scenario = r#"
[scenario]
title = "False green"
[[cache]]
name = "results"
path = "{cache}/results"
[[phase]]
name = "test"
measured = true
run = ["sh", "-c", 'mkdir -p {cache}/results; [ -e {cache}/results/{example} ] && exit 0; echo done > {cache}/results/{example}; [ {example} = good ]']
[examples]
phase = "test"
list = ["good", "bad"]
"#;
    let (found, _) = verify(&project(scenario), &["--fault", "none"], 10);
    let reason = found.reason.unwrap();
    assert!(reason.contains("passes or is left out only with the cache: bad"), "{reason}");
    assert!(found.findings.iter().any(|finding| finding.contains("declares no outputs")));
}

#[test]
fn a_store_that_is_saved_while_its_daemon_lives_is_incomplete() {
    let scenario = r#"
[scenario]
title = "A daemon that writes when it is printed to stop"
[[cache]]
name = "store"
path = "{cache}/store"
[[phase]]
name = "compile"
measured = true
shell = true
run = '''
mkdir -p {cache}/store build
if [ -e {cache}/store/entry ]; then echo hit; cp {cache}/store/entry build/out; exit; fi
echo miss; echo content > build/out; echo something > {cache}/store/index
mkfifo {home}/in {home}/done
( read line < {home}/in; cp build/out {cache}/store/entry; echo done > {home}/done ) > /dev/null 2>&1 &
'''
[[daemon]]
stop = ["sh", "-c", "[ -p {home}/in ] && echo stop > {home}/in && cat {home}/done"]
[[probe]]
name = "fake"
phase = "compile"
hits = '(?m)^hit$'
misses = '(?m)^miss$'
[outputs]
paths = ["build/**"]
"#;
    let (found, _) = verify(&project(scenario), &["--fault", "live-daemon"], 0);
    let seen = fault(&found, "live-daemon", "");
    assert_eq!(seen.outcome, FaultOutcome::Heals, "{seen:?}");
    assert_eq!((seen.hits, seen.again_hits, seen.expected_hits), (Some(0), Some(1), Some(1)));
}

#[test]
fn a_cache_of_empty_files_is_a_cache() {
    let scenario = r#"
[scenario]
title = "Stamps"
[[cache]]
name = "stamps"
path = "{cache}/stamps"
[[phase]]
name = "compile"
measured = true
run = ["sh", "-c", 'mkdir -p {cache}/stamps build; echo out > build/out; touch {cache}/stamps/done']
[outputs]
paths = ["build/**"]
"#;
    let (found, _) = verify(&project(scenario), &["--fault", "none"], 0);
    assert_eq!(
        (found.runs.len(), found.verdict),
        (4, Truthfulness::Truthful),
        "{:?}",
        found.reason
    );
}

#[test]
fn wrong_use_is_refused_with_a_hint() {
    let without =
        SCENARIO.replace("env = \"STORE\"", "env = \"STORE\"\nwhen = { mode = \"loud\" }");
    for (scenario, extra, said) in [
        (SCENARIO, ["--fault", "flipp"], "unknown fault `flipp`"),
        (SCENARIO, ["--fault", "none,flip"], "cannot be combined with other faults (hint: leave"),
        (SCENARIO, ["--kinds", "0"], "expected a number from 1 (hint: `--fault`"),
        (&without, ["--fault", "flip"], "(hint: --set mode=loud)"),
    ] {
        let project = project(scenario);
        let args = ["verify", "--scenario", "scenario", "--state", "state"];
        let output = project.bench(&args).args(extra).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{extra:?}: {stderr}");
        assert!(stderr.contains(said), "{stderr}");
    }
}

/// A test of the source, whose success is kept. `$KEY` says what it is kept under.
const TESTED: &str = r#"#!/bin/sh
set -eu
mkdir -p "$STORE"
case $MODE in by-name) key=a ;; *) key="$(cksum < src/a.txt | tr ' ' -)" ;; esac
if [ -e "$STORE/$key" ]; then echo hit; exit 0; fi
echo miss
if grep -q omega src/a.txt; then echo "error: omega is wrong" >&2; exit 1; fi
touch "$STORE/$key"
echo kept > "$STORE/$key"
"#;

#[test]
fn an_edit_that_must_fail_is_noticed_or_passes_by_the_old_result() {
    for (mode, code, outcome) in
        [("by-name", 10, FaultOutcome::WrongOutput), ("healing", 0, FaultOutcome::Heals)]
    {
        let project = project(SCENARIO);
        project.write("scenario/tool.sh", TESTED);
        let set = format!("mode={mode}");
        let (found, _) =
            verify(&project, &["--set", &set, "--fault", "stale-entry,stale-mtime"], code);
        for name in ["stale-entry", "stale-mtime"] {
            let seen = fault(&found, name, "");
            assert_eq!(seen.outcome, outcome, "{mode}: {seen:?}");
        }
        let reason = &fault(&found, "stale-entry", "").reason;
        assert_eq!(
            reason.contains("a cold build of the edited source fails"),
            code == 10,
            "{reason}"
        );
    }
}
