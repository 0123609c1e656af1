//! Which properties break reuse, alone or together, and what helps.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::common::Finished;
use crate::common::compiler::{SCRIPT, TOOL};
use crate::common::scenarios::PROBE;
use crate::{
    causes, document, entry, explain, explain_command, fake, make_executable, project, scenario,
    verdict,
};

const INGREDIENTS: [(&str, Option<&str>); 5] = [
    ("path", Some("workspace-path")),
    ("mtime", Some("source-mtime")),
    ("home", Some("home")),
    ("env", Some("environment")),
    ("content", None),
];

/// A quarter of all keys, so that the quarters run beside each other.
fn every_key(quarter: u32) {
    for mask in (0..32_u32).filter(|mask| mask % 4 == quarter) {
        let picked: Vec<_> = INGREDIENTS
            .iter()
            .enumerate()
            .filter(|(bit, _)| mask & (1 << bit) != 0)
            .map(|(_, ingredient)| *ingredient)
            .collect();
        let key = picked.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
        let project = fake(&key);
        let list = "workspace-path,source-mtime,home,environment,time-zone";
        let finished = explain(&project, &["--property", list, "--quiet"]).expect_code(0);
        let document = document(&finished.out);
        let expected: BTreeSet<String> =
            picked.iter().filter_map(|(_, property)| Some((*property)?.to_owned())).collect();
        assert_eq!(causes(&document), expected, "key: {key}");
        let headline = document["headline"].as_str().unwrap();
        for property in &expected {
            assert!(headline.contains(&format!("{property} alone")), "key: {key}: {headline}");
        }
        assert_eq!(headline.contains("alone"), !expected.is_empty(), "key: {key}: {headline}");
        assert_eq!(document["together"].as_array().unwrap().len(), 0, "key: {key}");
        // An edit that keeps the mtime is noticed by content only, one with a fresh mtime by mtime as well.
        let has = |name| picked.iter().any(|(found, _)| *found == name);
        assert_eq!(document["stale"]["mtime_kept"], !has("content"), "key: {key}");
        let unnoticed = !has("content") && !has("mtime");
        assert_eq!(document["stale"]["mtime_fresh"], unnoticed, "key: {key}");
        // No key leads back to the old path; where an edit goes unnoticed anyway, that cannot be asked.
        let moved = if unnoticed { Value::Null } else { Value::Bool(false) };
        assert_eq!(document["stale"]["old_path"], moved, "key: {key}");
        project.assert_home_untouched();
    }
}

#[test]
fn every_combination_of_ingredients_is_diagnosed_without_error_first_quarter() {
    every_key(0);
}

#[test]
fn every_combination_of_ingredients_is_diagnosed_without_error_second_quarter() {
    every_key(1);
}

#[test]
fn every_combination_of_ingredients_is_diagnosed_without_error_third_quarter() {
    every_key(2);
}

#[test]
fn every_combination_of_ingredients_is_diagnosed_without_error_last_quarter() {
    every_key(3);
}

#[test]
fn two_properties_that_break_reuse_only_together_are_named_together() {
    let project = fake("content,either");
    let list = "source-mtime,home,temp-dir,time-zone";
    let finished = explain(&project, &["--property", list]).expect_code(0);
    let document = document(&finished.out);
    assert_eq!(causes(&document), BTreeSet::new());
    assert_eq!(document["together"], serde_json::json!(["home", "temp-dir"]));
    assert!(
        finished.stdout_unwrapped().contains("home and temp-dir together"),
        "{}",
        finished.stdout()
    );
}

/// A tool with an ingredient for every property that the quarters above leave out.
const OTHER: &str = r#"#!/bin/sh
set -eu
mkdir -p "$STORE" "$STORE/pending"
file=src/a.txt
key="$(cat "$file")"
has() { case ",$KEY," in *,"$1",*) return 0 ;; esac; return 1; }
if has source-inode; then key="$key $(stat -c %i "$file" src/link)"; fi
if has cache-path; then key="$key $STORE"; fi
if has locale; then key="$key $LC_ALL"; fi
if has temp-dir; then key="$key $TMPDIR"; fi
if has jobs; then key="$key $JOBS"; fi
if has hostname; then key="$key $(uname -n)"; fi
if has tool-home; then key="$key $TOOL_HOME"; fi
if has time-zone; then key="$key ${TZ:-}"; fi
if has working-directory && [ -L "$PWD" ]; then key="$key link"; fi
if has environment; then key="$key $PATH"; fi
entry="$STORE/$(printf %s "$key" | cksum | tr ' ' -)"
if has cache-mtime && [ -e "$entry" ] && [ "$(stat -c %Y "$entry")" != 1000 ]; then entry="$entry-old"; fi
if [ -e "$entry" ]; then echo hit; else
  echo miss
  if has daemon; then cp "$file" "$STORE/pending/"; entry="$STORE/pending/$(basename "$entry")"; fi
  cp "$file" "$entry"
  touch -d @1000 "$entry"
fi
"#;

#[test]
fn every_other_property_is_named_when_it_is_in_the_key_and_only_then() {
    let halves = [
        "source-inode,cache-path,locale,temp-dir,jobs,hostname",
        "tool-home,cache-mtime,time-zone,working-directory,environment,daemon",
    ];
    for key in halves {
        let stop = "[[daemon]]\nstop = ['sh', '-c', 'mv $STORE/pending/* $STORE/ || true']\n";
        let file = scenario(key, SCRIPT, &format!("{PROBE}{stop}"))
            .replace("[env]", "[params]\njobs = [1, 2]\n\n[env]")
            .replace("KEY =", "LC_ALL = \"C.UTF-8\", JOBS = \"{param.jobs}\", KEY =");
        let project = project(&file);
        project.write("scenario/tool.sh", OTHER);
        // A link cannot be written back in place: its own times must be given back.
        std::os::unix::fs::symlink("a.txt", project.path("scenario/workspace/src/link")).unwrap();
        let finished = explain(&project, &["--quiet"]).expect_code(0);
        let document = document(&finished.out);
        let mut expected: BTreeSet<String> = key.split(',').map(str::to_owned).collect();
        // Not every machine lets a process have a host name of its own.
        if verdict(&document, "hostname") == "not-tested" && expected.remove("hostname") {
            let why = entry(&document, "hostname")["reason"].as_str().unwrap();
            assert!(why.contains("namespace cannot be made"), "{why}");
        }
        assert_eq!(causes(&document), expected, "{}", finished.stdout());
        let variants = &entry(&document, "environment")["variants"];
        assert_eq!(variants["variable"]["verdict"], "keeps");
    }
}

#[test]
fn a_trial_that_fails_breaks_and_says_why() {
    let project = fake("content");
    // The cache holds the path of an interpreter in the workspace, as a virtual environment does.
    let tool = r#"#!/bin/sh
set -eu
mkdir -p "$STORE" build
if [ -e "$STORE/interpreter" ]; then
  "$(cat "$STORE/interpreter")" src/a.txt
  echo hit
else
  echo "$PWD/python" > "$STORE/interpreter"
  echo miss
fi
"#;
    project.write("scenario/tool.sh", tool);
    project.write("scenario/workspace/python", "#!/bin/sh\ncat \"$1\" >seen\n");
    make_executable(&project.path("scenario/workspace/python"));
    let finished =
        explain(&project, &["--property", "workspace-path,home,temp-dir"]).expect_code(0);
    let document = document(&finished.out);
    let one = entry(&document, "workspace-path");
    assert_eq!(one["verdict"], "breaks");
    assert!(one["reason"].as_str().unwrap().contains("not found"), "{one}");
    assert_eq!(verdict(&document, "home"), "keeps");
    assert!(finished.stdout_unwrapped().contains("not found"), "{}", finished.stdout());
}

/// Fails when `$HOME` is another one: once, or whenever `$FLAKY` does not say that once is enough.
const FAILING: &str = r#"set -eu
if [ "$HOME" != "${HOME#*elsewhere}" ] && ! { [ "$FLAKY" = once ] && [ -e "$MARK" ]; }; then
  echo failed >> "$MARK"; echo "error: no connection" >&2; exit 1
fi"#;

/// Fails once where the workspace is of another length.
const FAILING_WAY: &str = r#"set -eu
case "$PWD" in *another-workspace*)
  if [ ! -e "$MARK" ]; then echo failed >> "$MARK"; echo "error: no connection" >&2; exit 1; fi
esac"#;

#[test]
fn a_failure_in_one_way_of_changing_a_property_is_said_of_the_property() {
    let variables = "MARK = \"{tools}/mark\", KEY =";
    let project = project(&scenario("content", SCRIPT, PROBE).replace("KEY =", variables));
    project.write("scenario/tool.sh", &TOOL.replace("set -eu", FAILING_WAY));
    let finished = explain(&project, &["--property", "workspace-path"]).expect_code(0);
    let found = document(&finished.out);
    assert_eq!(verdict(&found, "workspace-path"), "keeps", "{found}");
    let reason = entry(&found, "workspace-path")["reason"].as_str().unwrap_or_default();
    assert!(reason.starts_with("other-length: one of two trials failed"), "{reason}");
}

#[test]
fn a_trial_that_fails_once_is_repeated_and_is_no_cause() {
    for (flaky, verdict_of_home, count) in [("once", "keeps", 1), ("always", "breaks", 2)] {
        let variables = format!("MARK = \"{{tools}}/mark\", FLAKY = \"{flaky}\", KEY =");
        let project = project(&scenario("content", SCRIPT, PROBE).replace("KEY =", &variables));
        project.write("scenario/tool.sh", &TOOL.replace("set -eu", FAILING));
        let finished = explain(&project, &["--property", "home"]).expect_code(0);
        let found = document(&finished.out);
        assert_eq!(verdict(&found, "home"), verdict_of_home, "{found}");
        let reason = entry(&found, "home")["reason"].as_str().unwrap();
        assert!(reason.contains("no connection"), "{reason}");
        assert_eq!(reason.contains("one of two trials failed"), flaky == "once", "{reason}");
        let of_home = |line: &Value| line["changed"]["home"].is_string() && line["role"] == "one";
        let lines = fs::read_to_string(finished.out.join("explain.ndjson")).unwrap();
        let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let trials: Vec<Value> = lines.filter(of_home).collect();
        assert_eq!(trials.len(), 2, "both are recorded: {trials:?}");
        let failed = trials.iter().filter(|trial| trial["outcome"] == "failed").count();
        assert_eq!(failed, count, "{trials:?}");
    }
}

#[test]
fn what_cannot_be_changed_here_is_not_tested_and_says_why() {
    let file = scenario("content", SCRIPT, PROBE).replace("{cache}/store", "{workspace}/.store");
    let file = file.replace(", TOOL_HOME = \"{home}/.tool\"", "");
    let project = project(&file);
    let list = "cache-path,tool-home,tool-mtime,daemon,jobs,time-zone";
    let finished = explain(&project, &["--property", list]).expect_code(0);
    let document = document(&finished.out);
    for (property, why) in [
        ("cache-path", "fixed place"),
        ("tool-home", "no variable"),
        ("tool-mtime", "no tool with a version command"),
        ("daemon", "declares no daemon"),
        ("jobs", "no param `jobs`"),
    ] {
        assert_eq!(verdict(&document, property), "not-tested");
        let reason = entry(&document, property)["reason"].as_str().unwrap();
        assert!(reason.contains(why), "{property}: {reason}");
    }
    assert_eq!(verdict(&document, "time-zone"), "keeps");
    let why = document["stale"]["reason"].as_str().unwrap();
    assert!(why.contains("[explain] edit"), "{why}");
}

#[test]
fn a_copied_tool_can_be_touched_and_moved() {
    let tool = "[tools.mk]\nversion = [\"mk\", \"--version\"]\n";
    let script = TOOL.replace(
        "key=\"$file\"",
        "key=\"$file $(stat -c %.Y \"$(command -v mk)\") $(case $KEY in *where*) command -v mk ;; esac)\"",
    );
    for (key, expected) in
        [("content", vec!["tool-mtime"]), ("content,where", vec!["tool-mtime", "tool-path"])]
    {
        let project = project(&scenario(key, SCRIPT, &format!("{tool}{PROBE}")));
        project.write("scenario/tool.sh", &script);
        project.write("image/bin/mk", "#!/bin/sh\necho mk 1.0\n");
        make_executable(&project.path("image/bin/mk"));
        let path = std::env::var("PATH").unwrap();
        let mut command = explain_command(&project, &["--property", "tool-mtime,tool-path,home"]);
        command.env("PATH", format!("{}:{path}", project.path("image/bin").display()));
        let finished = Finished { output: command.output().unwrap(), out: project.path("out") };
        let document = document(&finished.expect_code(0).out);
        let expected: BTreeSet<String> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(causes(&document), expected, "{key}");
        let note = entry(&document, "tool-mtime")["reason"].as_str().unwrap();
        assert!(note.contains("changed: mk"), "{note}");
    }
}

#[test]
fn a_remedy_that_is_a_variable_is_tried() {
    // Named like ccache, and obeying the same variable.
    let file = scenario("content,path", SCRIPT, PROBE).replace("\"store\"", "\"ccache\"");
    let project = project(&file);
    let tool = TOOL.replace("key=\"$key $PWD\"", "key=\"$key ${PWD#\"${CCACHE_BASEDIR:-}\"}\"");
    project.write("scenario/tool.sh", &tool);
    let args = ["--property", "workspace-path,home,temp-dir", "--try-remedy"];
    let finished = explain(&project, &args).expect_code(0);
    let document = document(&finished.out);
    let one = entry(&document, "workspace-path");
    assert_eq!(one["verdict"], "breaks");
    assert_eq!(one["remedy_details"]["tool"], "ccache");
    assert_eq!(one["remedied"]["verdict"], "keeps");
    assert!(entry(&document, "home")["remedied"].is_null());
    assert!(finished.stdout_unwrapped().contains("With the remedies in place: keeps"));
}

/// Knows results by content, and keeps objects of its own by path: what it has it does not look up, but for one unit.
const TWO_LEVELS: &str = r#"#!/bin/sh
set -eu
objects="$STORE/objects-$(pwd | cksum | tr ' ' -)"
mkdir -p "$objects" "$STORE/results"
for file in src/a.txt src/b.txt src/c.txt; do
  object="$objects/$(basename "$file")"
  if [ "$file" != src/a.txt ] && [ -e "$object" ]; then continue; fi
  result="$STORE/results/$(cksum < "$file" | tr ' ' -)"
  if [ -e "$result" ]; then echo hit; else echo miss; cp "$file" "$result"; fi
  cp "$file" "$object"
done
"#;

#[test]
fn hits_do_not_tell_where_more_is_looked_up_than_with_nothing_changed() {
    let project = project(&scenario("content", SCRIPT, PROBE));
    project.write("scenario/tool.sh", TWO_LEVELS);
    let finished =
        explain(&project, &["--property", "workspace-path,home,temp-dir"]).expect_code(0);
    let found = document(&finished.out);
    assert_eq!(verdict(&found, "workspace-path"), "inconclusive");
    let why = entry(&found, "workspace-path")["reason"].as_str().unwrap();
    assert!(why.starts_with("3 lookups instead of 1;"), "{why}");
    assert_eq!(verdict(&found, "home"), "keeps");
    let headline = "none of the 2 properties with a clear result breaks reuse on another runner (cannot tell: workspace-path)";
    assert!(found["headline"].as_str().unwrap().ends_with(headline), "{}", found["headline"]);
    fs::remove_dir_all(&finished.out).unwrap();
    let seconds = ["--property", "workspace-path", "--by", "seconds", "--repeats", "6"];
    let output = explain(&project, &seconds);
    assert_eq!(document(&output.out)["decided_by"], "seconds");
}
