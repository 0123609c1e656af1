//! What `bench` says when it cannot go on: once, where, and what to do.

mod common;

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
