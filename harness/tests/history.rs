//! `bench history` end to end, in a build that has it and in one that has not.

mod common;

use common::Project;
use common::scenarios::ARCHIVED;

fn measured() -> Project {
    let project = Project::new(ARCHIVED, &[("workspace/source", "s")]);
    project.run(&["--blocks", "2"]).expect_code(0);
    project
}

#[track_caller]
fn bench(project: &Project, args: &[&str], code: i32) -> (String, String) {
    let (found, stdout, stderr) = project.call(args);
    assert_eq!(found, code, "{stdout}{stderr}");
    (stdout, stderr)
}

#[test]
fn a_store_that_is_no_directory_is_refused_and_none_is_made() {
    let project = Project::new(ARCHIVED, &[]);
    for args in [
        &["history", "add", "out", "--store", "s3://bucket/history"][..],
        &["history", "trend", "--store", "s3://bucket/history"],
        &["history", "compact", "--store", "s3://bucket/history"],
    ] {
        let (_, stderr) = bench(&project, args, 2);
        assert!(stderr.contains("this build has no s3 stores"), "{stderr}");
    }
    assert!(!project.path("s3:").exists());
}

#[test]
fn a_history_has_no_place_in_a_format_for_programs() {
    let project = measured();
    for format in ["json", "csv", "trace"] {
        let args = ["report", "out", "--format", format, "--history", "history"];
        let (stdout, stderr) = bench(&project, &args, 2);
        assert!(stdout.is_empty() && stderr.contains("bench history trend"), "{stderr}");
    }
}

#[cfg(not(feature = "history"))]
#[test]
fn a_build_without_it_says_how_to_get_it() {
    let project = measured();
    for args in [
        &["history", "add", "out"][..],
        &["history", "trend"],
        &["history", "compact"],
        &["report", "out", "--history", "history"],
    ] {
        let (stdout, stderr) = bench(&project, args, 2);
        assert!(stderr.contains("--features history"), "{stderr}");
        assert!(stdout.is_empty(), "{stdout}");
    }
}

#[cfg(feature = "history")]
mod present {
    use std::fs;
    use std::path::PathBuf;

    use serde_json::Value;

    use super::*;

    fn files(project: &Project) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = fs::read_dir(project.path("history/scenario=scenario"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        found.sort();
        found
    }

    fn trend(project: &Project) -> Value {
        let args = ["history", "trend", "--store", "history", "--format", "json"];
        serde_json::from_str(&bench(project, &args, 0).0).unwrap()
    }

    /// The run's records under another id and day.
    fn another(project: &Project, day: u32) -> String {
        let text = fs::read_to_string(project.path("out/records.ndjson")).unwrap();
        let (first, rest) = text.split_once('\n').unwrap();
        let mut run: Value = serde_json::from_str(first).unwrap();
        run["id"] = format!("night-{day}").into();
        run["started"] = format!("2026-01-{day:02}T00:00:00Z").into();
        let name = format!("{day}.ndjson");
        // `v` and `kind` come first by contract, and the reader does not depend on it.
        project.write(&name, &format!("{run}\n{rest}"));
        name
    }

    #[test]
    fn runs_are_added_once_shown_and_compacted() {
        let project = measured();
        let add =
            |run: &str, code| bench(&project, &["history", "add", run, "--store", "history"], code);
        let (stdout, _) = add("out", 0);
        assert!(project.path(stdout.trim()).exists(), "{stdout}");
        let (stdout, stderr) = add("out", 0);
        assert!(stdout.is_empty() && stderr.contains("already"), "{stdout}{stderr}");
        assert_eq!(files(&project).len(), 1);
        for day in 1..=7 {
            add(&another(&project, day), 0);
        }
        let before = trend(&project);
        let series = before["series"].as_array().unwrap();
        assert_eq!(series.len(), 3, "{before}");
        for series in series {
            assert_eq!(series["points"].as_array().unwrap().len(), 8);
            assert_eq!(series["points"][0]["run_id"], "night-1");
            assert_eq!(series["steps"].as_array().unwrap().len(), 0);
        }
        let (stdout, _) = bench(&project, &["history", "compact", "--store", "history"], 0);
        assert!(stdout.contains("8 runs of 8 files"), "{stdout}");
        assert_eq!(files(&project).len(), 1);
        assert_eq!(trend(&project), before);
        let (_, stderr) = bench(&project, &["history", "compact", "--store", "history"], 0);
        assert!(stderr.contains("nothing to do"), "{stderr}");
        for (format, needle) in [("terminal", "\nwhat"), ("markdown", "| what | runs |")] {
            let args = ["history", "trend", "--store", "history", "--format", format];
            let (stdout, _) = bench(&project, &args, 0);
            assert!(stdout.contains(needle) && stdout.contains("No step."), "{stdout}");
        }
    }

    #[test]
    fn a_report_shows_the_runs_before_it() {
        let project = measured();
        for day in 1..=3 {
            let name = another(&project, day);
            bench(&project, &["history", "add", &name, "--store", "history"], 0);
        }
        for format in ["terminal", "markdown", "html"] {
            let args = ["report", "out", "--format", format, "--history", "history"];
            let (stdout, _) = bench(&project, &args, 0);
            assert!(stdout.contains("Recent runs"), "{format}: {stdout}");
            let (plain, _) = bench(&project, &args[..4], 0);
            assert!(!plain.contains("Recent runs"), "{format}");
        }
        let (_, stderr) = bench(&project, &["report", "out", "--history", "nowhere"], 2);
        assert!(stderr.contains("no history in `nowhere`"), "{stderr}");
    }

    #[test]
    fn a_damaged_file_is_named_and_nobody_takes_the_rest_for_all() {
        let project = measured();
        for day in 1..=2 {
            let name = another(&project, day);
            bench(&project, &["history", "add", &name, "--store", "history"], 0);
        }
        let torn = files(&project).remove(0);
        let content = fs::read(&torn).unwrap();
        fs::write(&torn, &content[..content.len() / 2]).unwrap();
        let name = torn.file_name().unwrap().to_str().unwrap();
        for args in [
            &["history", "trend", "--store", "history"][..],
            &["history", "add", "out", "--store", "history"],
            &["history", "compact", "--store", "history"],
            &["report", "out", "--history", "history"],
        ] {
            let (stdout, stderr) = bench(&project, args, 1);
            assert!(stderr.contains(name), "{args:?}: {stderr}");
            assert_eq!(stdout.is_empty(), args[1] == "compact", "{args:?}: {stdout}");
        }
        assert_eq!(files(&project).len(), 3, "the run was added, and nothing removed");
    }

    #[test]
    fn what_is_no_run_or_not_whole_is_refused_with_the_path() {
        let project = measured();
        project.write("no.ndjson", "{}\n");
        let whole = fs::read_to_string(project.path("out/records.ndjson")).unwrap();
        let cut: Vec<&str> = whole.lines().take(3).collect();
        project.write("cut.ndjson", &(cut.join("\n") + "\n"));
        for run in ["no.ndjson", "cut.ndjson", "missing"] {
            let (_, stderr) = bench(&project, &["history", "add", run, "--store", "history"], 2);
            assert!(stderr.contains(run), "{stderr}");
        }
        assert!(!project.path("history").exists());
        let args = ["history", "add", "cut.ndjson", "--store", "history", "--incomplete"];
        let (_, stderr) = bench(&project, &args, 0);
        assert!(stderr.contains("not complete"), "{stderr}");
    }
}
