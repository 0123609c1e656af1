//! `bench explain` on fake tools whose keys are known: every cause is named, and none that is not one.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use bench_reports::explained::Explained;
use common::{Finished, Project};
use serde_json::Value;

/// A compiler whose cache key is made of the ingredients in `$KEY`. Prints `hit` or `miss` a unit; without
/// `content` in its key it gives an old result for a changed source.
const TOOL: &str = r#"#!/bin/sh
set -eu
mkdir -p "$STORE" build
for file in src/*.txt; do
  key="$file"
  case ",$KEY," in *,content,*) key="$key $(cat "$file")" ;; esac
  case ",$KEY," in *,path,*) key="$key $PWD" ;; esac
  case ",$KEY," in *,mtime,*) key="$key $(stat -c %.Y "$file")" ;; esac
  case ",$KEY," in *,home,*) key="$key $HOME" ;; esac
  case ",$KEY," in *,env,*) key="$key ${BUILD_NUMBER:-}" ;; esac
  case ",$KEY," in *,either,*)
    if [ "$HOME" != "${HOME#*elsewhere}" ] && [ "$TMPDIR" != "${TMPDIR#*elsewhere}" ]; then
      key="$key far from home"
    fi ;;
  esac
  entry="$STORE/$(printf %s "$key" | cksum | tr ' ' -)"
  if [ -e "$entry" ]; then echo hit; else echo miss; cp "$file" "$entry"; fi
  cp "$entry" "build/$(basename "$file").out"
done
"#;

const PROBE: &str = r"
[[probe]]
name = 'fake'
phase = 'compile'
hits = '(?m)^hit$'
misses = '(?m)^miss$'
";

const EDIT: &str = r"
[explain]
edit = { file = 'src/b.txt', find = 'beta', replace = 'delta' }
";

fn scenario(key: &str, run: &str, more: &str) -> String {
    format!(
        r#"
[scenario]
title = "A fake compiler"
analysis = "Its key is known."

[env]
set = {{ KEY = "{key}", TOOL_HOME = "{{home}}/.tool" }}

[[cache]]
name = "store"
env = "STORE"
path = "{{cache}}/store"

[[phase]]
name = "compile"
measured = true
run = {run}

[outputs]
paths = ["build/**"]
{more}"#
    )
}

const SCRIPT: &str = r#"["sh", "{scenario}/tool.sh"]"#;

fn project(toml: &str) -> Project {
    Project::new(
        toml,
        &[
            ("tool.sh", TOOL),
            ("workspace/src/a.txt", "alpha"),
            ("workspace/src/b.txt", "beta"),
            ("workspace/src/c.txt", "gamma"),
        ],
    )
}

fn fake(key: &str) -> Project {
    project(&scenario(key, SCRIPT, &format!("{PROBE}{EDIT}")))
}

fn explain(project: &Project, extra: &[&str]) -> Finished {
    let mut command =
        project.bench(&["explain", "--scenario", "scenario", "--state", "state", "--out", "out"]);
    command.args(extra);
    Finished { output: command.output().unwrap(), out: project.path("out") }
}

fn document(out: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(out.join("explain.json")).unwrap()).unwrap()
}

fn verdict<'d>(document: &'d Value, property: &str) -> &'d str {
    entry(document, property)["verdict"].as_str().unwrap()
}

fn entry<'d>(document: &'d Value, property: &str) -> &'d Value {
    let all = document["properties"].as_array().unwrap();
    all.iter().find(|one| one["property"] == property).unwrap_or_else(|| panic!("no {property}"))
}

fn causes(document: &Value) -> BTreeSet<String> {
    let all = document["properties"].as_array().unwrap();
    all.iter()
        .filter(|one| one["verdict"] == "breaks" || one["verdict"] == "partly")
        .map(|one| one["property"].as_str().unwrap().to_owned())
        .collect()
}

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
    assert!(finished.stdout().contains("home and temp-dir together"), "{}", finished.stdout());
}

#[test]
fn the_report_says_everything_on_eighty_columns_and_in_json() {
    let project = fake("content,path");
    let finished = explain(&project, &["--property", "workspace-path,source-mtime,daemon,jobs"]);
    let finished = finished.expect_code(0);
    let text = finished.stdout();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::with_settings!({filters => FILTERS.to_vec()}, {
        insta::assert_snapshot!("explain_terminal", text);
        let json = fs::read_to_string(finished.out.join("explain.json")).unwrap();
        // What reads the document for reports and recipes loses none of it.
        let read = Explained::parse(&json).unwrap();
        assert_eq!(serde_json::to_string_pretty(&read).unwrap() + "\n", json);
        insta::assert_snapshot!("explain_json", json);
        let page = fs::read_to_string(finished.out.join("explain.md")).unwrap();
        insta::assert_snapshot!("explain_markdown", page);
    });
    let progress = finished.stderr();
    assert!(progress.contains("1-workspace-path-other-depth-1"), "{progress}");
}

/// What differs from run to run.
const FILTERS: [(&str, &str); 3] = [
    (r"\d{8}T\d{6}Z-scenario-[0-9a-z]{4}", "RUN"),
    (r" +\d+(\.\d+)? m?s\b", " TIME"),
    (r#""wall_s": [0-9.e-]+"#, r#""wall_s": 0"#),
];

#[test]
fn a_cache_that_saves_nothing_fails_the_control() {
    let file = scenario("content", SCRIPT, PROBE);
    let project = project(&file);
    project.write("scenario/tool.sh", &TOOL.replace("[ -e \"$entry\" ]", "false"));
    let finished = explain(&project, &["--property", "home"]).expect_code(5);
    let text = finished.stdout();
    assert!(text.contains("No answer: the control `nothing-changed`"), "{text}");
    assert!(text.contains("no more hits than empty ones"), "{text}");
    let document = document(&finished.out);
    assert_eq!(document["valid"], false);
    assert_eq!(verdict(&document, "home"), "not-tested");
}

#[test]
fn a_cache_beside_the_declared_one_fails_the_negative_control() {
    let file = scenario("content", SCRIPT, PROBE);
    let project = project(&file);
    // A second store that no cache is declared for: empty caches hit all the same.
    let tool = TOOL.replace("mkdir -p \"$STORE\"", "STORE=$SHARED; mkdir -p \"$STORE\"");
    project.write("scenario/tool.sh", &tool);
    let file = file.replace("KEY =", "SHARED = \"{tools}/shared\", KEY =");
    project.write("scenario/scenario.toml", &file);
    let finished = explain(&project, &["--property", "home"]).expect_code(5);
    let document = document(&finished.out);
    assert_eq!(document["control"], "keeps");
    let text = finished.stdout();
    assert!(text.contains("the control `empty-caches` came out as keeps"), "{text}");
}

#[test]
fn a_state_that_trials_leave_behind_fails_the_closing_control() {
    let project = fake("content");
    // The tool forgets everything after its seventh run, wherever it keeps count.
    let tool = TOOL.replace(
        "set -eu",
        "set -eu\necho run >> \"$COUNT\"\n[ $(wc -l < \"$COUNT\") -le 7 ] || KEY=$KEY,env BUILD_NUMBER=worn",
    );
    project.write("scenario/tool.sh", &tool);
    let file = scenario("content", SCRIPT, &format!("{PROBE}{EDIT}"))
        .replace("KEY =", "COUNT = \"{tools}/count\", KEY =");
    project.write("scenario/scenario.toml", &file);
    let finished = explain(&project, &["--property", "home,temp-dir"]).expect_code(5);
    let text = finished.stdout();
    assert!(text.contains("the control `nothing-changed-again` came out as breaks"), "{text}");
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
    let finished = explain(&project, &["--property", "workspace-path,home"]).expect_code(0);
    let document = document(&finished.out);
    let one = entry(&document, "workspace-path");
    assert_eq!(one["verdict"], "breaks");
    assert!(one["reason"].as_str().unwrap().contains("not found"), "{one}");
    assert_eq!(verdict(&document, "home"), "keeps");
    assert!(finished.stdout().contains("not found"), "{}", finished.stdout());
}

fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_tool_that_looks_at_times_only_is_named_stale() {
    let project = fake("mtime");
    let finished = explain(&project, &["--property", "source-mtime"]).expect_code(0);
    let document = document(&finished.out);
    assert_eq!(document["stale"]["stale"], true);
    assert_eq!(entry(&document, "source-mtime")["stale"], true);
    let text = finished.stdout();
    assert!(text.contains("! stale: the old result is reused"), "{text}");
    assert!(text.contains("not newer than the"), "{text}");
}

/// As a virtual environment does: what is kept names the place in which it was made, by its absolute path.
const ENVIRONMENT: &str = r#"#!/bin/sh
set -eu
mkdir -p build
if [ -d .env ]; then echo hit; else
  echo miss
  mkdir .env
  printf '#!/bin/sh\n' > .env/interpreter
  printf 'cat %s/src/*.txt\n' "$PWD" > .env/program
  printf '%s/.env/interpreter\n' "$PWD" > .env/shebang
  chmod +x .env/interpreter
fi
"$(cat .env/shebang)" || exit 1
sh .env/program > build/out
"#;

#[test]
fn an_environment_that_leads_back_to_the_old_path_is_a_false_green() {
    let file = scenario("", SCRIPT, &format!("{PROBE}{EDIT}"))
        .replace("{cache}/store", "{workspace}/.env");
    let project = project(&file);
    project.write("scenario/tool.sh", ENVIRONMENT);
    let list = ["--property", "workspace-path,home"];
    let finished = explain(&project, &list).expect_code(0);
    let document = document(&finished.out);
    // Where the old path is gone it fails, which is told apart.
    assert_eq!(verdict(&document, "workspace-path"), "breaks");
    assert_eq!(verdict(&document, "home"), "keeps");
    assert_eq!(document["stale"]["mtime_kept"], false);
    assert_eq!(document["stale"]["mtime_fresh"], false);
    assert_eq!(document["stale"]["old_path"], true);
    assert_eq!(document["stale"]["stale"], true);
    assert_eq!(entry(&document, "workspace-path")["stale"], true);
    let text = finished.stdout();
    assert!(text.contains("! false green: at another path"), "{text}");
    assert!(!text.contains("! stale"), "{text}");
    let page = fs::read_to_string(finished.out.join("explain.md")).unwrap();
    assert!(page.to_lowercase().contains("false green"), "{page}");
    project.assert_home_untouched();
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
        let mut command = project.bench(&[
            "explain",
            "--scenario",
            "scenario",
            "--state",
            "state",
            "--out",
            "out",
            "--property",
            "tool-mtime,tool-path,home",
        ]);
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
    let args = ["--property", "workspace-path,home", "--try-remedy"];
    let finished = explain(&project, &args).expect_code(0);
    let document = document(&finished.out);
    let one = entry(&document, "workspace-path");
    assert_eq!(one["verdict"], "breaks");
    assert_eq!(one["remedy_details"]["tool"], "ccache");
    assert_eq!(one["remedied"]["verdict"], "keeps");
    assert!(entry(&document, "home")["remedied"].is_null());
    assert!(finished.stdout().contains("with the remedies in place: keeps"));
}

#[test]
fn without_a_probe_seconds_decide() {
    let project = project(&scenario("content,home", SCRIPT, ""));
    // One unit whose miss costs so much that the saving is far beyond any noise.
    for file in ["b", "c"] {
        fs::remove_file(project.path(&format!("scenario/workspace/src/{file}.txt"))).unwrap();
    }
    project.write("scenario/tool.sh", &TOOL.replace("echo miss;", "sleep 0.5;"));
    let finished = explain(&project, &["--property", "home", "--quiet"]).expect_code(0);
    let found = document(&finished.out);
    assert_eq!(found["decided_by"], "seconds");
    assert_eq!(found["repeats"], 7);
    assert_eq!(verdict(&found, "home"), "breaks");
    assert!(entry(&found, "home")["high"].as_f64().unwrap() <= 0.2);
}

#[test]
fn few_repeats_without_a_probe_are_inconclusive_and_no_answer() {
    let project = project(&scenario("content,path", SCRIPT, ""));
    let args = ["--property", "workspace-path", "--repeats", "2"];
    let finished = explain(&project, &args).expect_code(5);
    let found = document(&finished.out);
    assert_eq!(verdict(&found, "workspace-path"), "inconclusive");
    assert!(finished.stdout().contains("seconds need at\nleast 6"), "{}", finished.stdout());
}

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

#[test]
fn a_scan_names_files_and_never_what_they_hold() {
    let project = fake("content");
    let tool =
        format!("{TOOL}\nprintf 'secret=%s path=%s' hunter2 \"$PWD\" > \"$STORE/note.txt\"\n");
    project.write("scenario/tool.sh", &tool);
    let finished = explain(&project, &["--property", "time-zone"]).expect_code(0);
    let found = document(&finished.out)["found"].clone();
    assert_eq!(found[0]["kind"], "workspace path");
    assert_eq!(found[0]["files"], 1);
    assert_eq!(found[0]["example"], "store: note.txt");
    assert!(!fs::read_to_string(finished.out.join("explain.json")).unwrap().contains("hunter2"));
    assert!(finished.stdout().contains("store: note.txt"));
}

/// The keys of every object, except of maps whose keys are data.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    const MAPS: [&str; 4] = ["params", "changed", "variants", "env"];
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                found.insert(key.clone());
                if !MAPS.contains(&key.as_str()) {
                    keys(value, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

#[test]
fn every_field_of_both_files_is_documented() {
    let project = fake("content,path");
    let finished = explain(&project, &["--property", "workspace-path,home"]).expect_code(0);
    let mut found = BTreeSet::new();
    keys(&document(&finished.out), &mut found);
    for line in fs::read_to_string(finished.out.join("explain.ndjson")).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if line["kind"] == "trial" || line["kind"] == "explain" {
            keys(&line, &mut found);
        }
    }
    let page = include_str!("../../docs/RECORD.md");
    let page = &page[page.find("## `explain.ndjson`").unwrap()..];
    for key in found.iter().filter(|key| !["v", "kind"].contains(&key.as_str())) {
        assert!(page.contains(&format!("`{key}`")), "docs/RECORD.md does not name `{key}`");
    }
}
