//! What `bench` says when it cannot go on: once, where, and what to do.

mod common;

use std::fs;
use std::path::Path;

use common::Project;

const TOML: &str = r#"
[scenario]
title = "Refusals"
analysis = "A command that takes next to no time."

[[phase]]
name = "compile"
measured = true
run = ["true"]
"#;

/// The text after the last `: ` chain of a message must not stand in it twice.
#[track_caller]
fn assert_told_once(stderr: &str) {
    let line = stderr.lines().find(|line| line.starts_with("error: ")).unwrap_or(stderr);
    let body = line.split(" (hint: ").next().unwrap();
    let parts: Vec<&str> = body.split(": ").collect();
    for (index, part) in parts.iter().enumerate() {
        assert!(!parts[..index].contains(part), "`{part}` is said twice: {stderr}");
    }
}

fn fail(project: &Project, args: &[&str], code: i32) -> String {
    let output = project.bench(args).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {stderr}");
    stderr
}

#[test]
fn the_cause_of_an_error_is_said_once_and_the_hint_last() {
    let project = Project::new(TOML, &[("workspace/file", "x")]);
    project.write("damaged/records.ndjson", "{\"v\":1}\n");
    project.write("file", "x");
    let stderr = fail(&project, &["report", "absent"], 2);
    assert!(stderr.contains("No such file or directory (os error 2) (hint: RUN is"), "{stderr}");
    assert_told_once(&stderr);
    for (args, code) in [
        (&["report", "damaged"][..], 2),
        (&["import", "absent"], 2),
        (&["show", "./absent"], 2),
        (&["run", "--scenario", "scenario", "--state", "file/state"], 1),
        (&["run", "--scenario", "scenario", "--state", "state", "--out", "file/out"], 1),
    ] {
        assert_told_once(&fail(&project, args, code));
    }
}

#[test]
fn a_scenario_that_ships_no_file_is_refused_by_check_and_by_run_with_the_folders_name() {
    let project = Project::new(TOML, &[]);
    let output = project.bench(&["check", "scenario"]).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(2), "{stdout}");
    assert!(stdout.contains("scenario/workspace` has no files"), "{stdout}");
    let finished = project.run(&[]).expect_code(2);
    assert!(finished.stderr().contains("scenario/workspace` of scenario `scenario` has no files"));
    project.write("scenario/workspace/deep/file", "x");
    let output = project.bench(&["check", "scenario"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_source_that_was_asked_for_and_is_not_there_is_blamed_on_the_option() {
    let pinned = format!(
        "{TOML}\n[source]\ngit = \"https://example.invalid/x\"\nrev = \"{}\"\n",
        "0123456789".repeat(4)
    );
    for toml in [TOML, &format!("{TOML}\n[source]\npath = \"/tmp\"\n"), &pinned] {
        let project = Project::new(toml, &[("workspace/file", "x")]);
        let stderr = project.run(&["--source", "nowhere"]).expect_code(2).stderr();
        assert!(stderr.contains("source `nowhere`"), "{stderr}");
        assert!(stderr.contains("(hint: `--source` takes"), "{stderr}");
    }
}

#[test]
fn a_directory_that_holds_something_and_no_run_is_not_taken_for_one() {
    let project = Project::new(TOML, &[("workspace/file", "x")]);
    project.write("out/notes.txt", "mine");
    let stderr = project.run(&[]).expect_code(2).stderr();
    assert!(stderr.contains("`out` holds `notes.txt` and not a run"), "{stderr}");
    let entries: Vec<_> = fs::read_dir(project.path("out")).unwrap().collect();
    assert_eq!(entries.len(), 1, "the directory was touched");
    fs::remove_file(project.path("out/notes.txt")).unwrap();
    project.run(&[]).expect_code(0);
}

#[test]
fn a_run_that_cannot_start_takes_back_only_what_it_made() {
    let project = Project::new(TOML, &[]);
    project.run(&[]).expect_code(2);
    assert!(!project.path("out").exists(), "an empty run directory was left");
    fs::create_dir(project.path("out")).unwrap();
    project.run(&[]).expect_code(2);
    assert!(project.path("out").is_dir(), "a directory of the user was deleted");
    assert!(!project.path("out/logs").exists());
}

/// All deletion goes through one module.
#[test]
fn only_the_state_module_deletes() {
    fn visit(dir: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(&path, found);
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            // What stands in test modules deletes its own temporary files.
            let code = source.split("#[cfg(test)]\nmod").next().unwrap();
            for call in ["remove_dir", "remove_file", "unlink(", "unlinkat"] {
                if code.contains(call) {
                    found.push(format!("{}: {call}", path.display()));
                }
            }
        }
    }
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    visit(&src, &mut found);
    let allowed = ["system/fs/state", "system/fs/rooted"]
        .map(|module| src.join(module).display().to_string());
    assert!(found.iter().any(|place| place.starts_with(&allowed[0])), "nothing was looked at");
    found.retain(|place| !allowed.iter().any(|module| place.starts_with(module)));
    assert!(found.is_empty(), "deletion outside `state`: {found:#?}");
}

#[test]
fn a_run_that_breaks_off_says_how_to_go_on() {
    // The first sample takes away the source from which the second block's runner is laid out.
    let script = "shell = true\nrun = \"rm -rf ../../source ../source ../../../source\"";
    let toml = TOML.replace("run = [\"true\"]", script);
    let project = Project::new(&toml, &[("workspace/file", "x")]);
    let stderr = project.run(&["--blocks", "2"]).expect_code(1).stderr();
    assert!(
        stderr.contains("the run stopped after 1 sample: block 2, candidate cold: "),
        "{stderr}"
    );
    assert!(stderr.trim_end().ends_with("(hint: `bench run --resume out` goes on)"), "{stderr}");
    assert_told_once(&stderr);
}

#[test]
fn a_folders_name_with_spaces_and_worse_becomes_a_safe_run_id() {
    let project = Project::new(TOML, &[]);
    project.write("my scenario; $(x)/scenario.toml", TOML);
    project.write("my scenario; $(x)/workspace/file", "x");
    let output = project
        .bench(&["run", "--scenario", "my scenario; $(x)", "--state", "state", "--blocks", "1"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let entry = fs::read_dir(project.path(".bench/runs")).unwrap().next().unwrap().unwrap();
    let id = entry.file_name().into_string().unwrap();
    assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)), "{id}");
    assert!(id.contains("-my-scenario-x-"), "{id}");
    assert_eq!(common::load(&entry.path()).run.id.as_str(), id);
}

/// A report of a test runner that stopped: whole lines, but its suite or package does not end.
#[test]
fn a_report_that_is_cut_at_a_line_end_fails_its_sample() {
    for (format, line) in [
        ("libtest-json", r#"{"type":"suite","event":"started","test_count":2}"#),
        ("go-test-json", r#"{"Action":"start","Package":"example.org/a"}"#),
    ] {
        let toml = TOML.replace(r#"["true"]"#, r#"["cat", "report"]"#)
            + &format!("[examples]\nphase = \"compile\"\nextract = {{ format = \"{format}\" }}\n");
        let project = Project::new(&toml, &[("workspace/report", &format!("{line}\n"))]);
        let finished = project.run(&["--regime", "cold", "--blocks", "1"]).expect_code(4);
        let (cold, _) = finished.sample(bench_record::Regime::Cold);
        let reason = cold.reason.unwrap();
        assert!(reason.contains("the report is incomplete"), "{format}: {reason}");
    }
}
