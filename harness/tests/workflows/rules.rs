//! What holds for every workflow, whatever it does. actionlint and zizmor look further (scripts/ci/lint).

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::expression::Scope;
use crate::forge::project;
use crate::model::{Action, Workflow, read};

/// Those that a test of this directory runs in full (`Forge::assert_all_run`).
const RUN: [&str; 5] = ["ci.yml", "nightly.yml", "pr-comment.yml", "pr.yml", "release.yml"];

/// The same of actions.
const ACTIONS: [&str; 3] =
    [".forgejo/actions/bench", ".github/actions/bench", ".github/actions/comment"];

fn workflows() -> Vec<PathBuf> {
    let dir = project().join(".github/workflows");
    let mut files: Vec<PathBuf> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_workflow_is_one_that_a_test_runs() {
    let files = workflows();
    let names: Vec<_> =
        files.iter().map(|file| file.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, RUN);
}

#[test]
fn every_action_is_one_that_a_test_runs() {
    let mut found = Vec::new();
    for forge in [".forgejo", ".github"] {
        for entry in fs::read_dir(project().join(forge).join("actions")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            found.push(format!("{forge}/actions/{name}"));
        }
    }
    found.sort();
    assert_eq!(found, ACTIONS);
}

/// A script that no `run:` leads to is exercised by nothing.
#[test]
fn every_script_of_ci_is_called_by_a_workflow_or_an_action() {
    let mut texts = String::new();
    let actions = ACTIONS.map(|action| project().join(action).join("action.yml"));
    for file in workflows().into_iter().chain(actions) {
        texts.push_str(&fs::read_to_string(file).unwrap());
    }
    for dir in ["scripts/ci", "scripts/action"] {
        for entry in fs::read_dir(project().join(dir)).unwrap() {
            let path = entry.unwrap().path();
            let script = format!("{dir}/{}", path.file_name().unwrap().to_str().unwrap());
            let is_script = path.extension().is_none();
            assert!(!is_script || texts.contains(&script), "nothing calls {script}");
        }
    }
}

#[test]
fn workflows_allow_nothing_and_jobs_what_they_need() {
    for file in workflows() {
        let workflow: Workflow = read(&file);
        let name = file.display();
        assert_eq!(workflow.permissions, Some(serde_json::json!({})), "{name}");
        assert!(workflow.concurrency.is_some(), "{name}: a concurrency group");
        for (job, spec) in workflow.jobs {
            assert!(spec.timeout.is_some(), "{name}: {job} has a time-out");
            assert!(
                spec.permissions.is_some_and(|p| p.is_object()),
                "{name}: {job} says its permissions"
            );
        }
    }
}

/// Of one group a forge keeps one run waiting: a third push would cancel the second one's.
#[test]
fn pushes_to_the_default_branch_do_not_wait_for_each_other() {
    let group = |event: &str, run: u32| {
        let workflow: Workflow = read(&project().join(".github/workflows/ci.yml"));
        let github = json!({"event_name": event, "ref": "refs/x", "run_id": run.to_string()});
        let Value::Object(contexts) = json!({"github": github}) else { unreachable!() };
        let scope = Scope { contexts, success: true };
        scope.shown(&workflow.concurrency.unwrap()["group"])
    };
    assert_ne!(group("push", 1), group("push", 2));
    assert_eq!(group("pull_request", 1), group("pull_request", 2));
}

#[test]
fn what_runs_code_of_a_pull_request_may_write_nothing() {
    for file in ["ci.yml", "pr.yml"] {
        let workflow: Workflow = read(&project().join(".github/workflows").join(file));
        for (job, spec) in workflow.jobs {
            let permissions = spec.permissions.unwrap();
            let read_only = permissions.as_object().unwrap().values().all(|value| value == "read");
            assert!(read_only, "{file}: {job}: {permissions}");
        }
        let text = fs::read_to_string(project().join(".github/workflows").join(file)).unwrap();
        assert!(!text.contains("secrets.") && !text.contains("github.token"), "{file}");
    }
}

#[test]
fn actions_of_others_are_pinned_by_commit_with_their_version() {
    let actions = ACTIONS.map(|action| project().join(action).join("action.yml"));
    let mut seen = 0;
    for file in workflows().into_iter().chain(actions) {
        for line in fs::read_to_string(&file).unwrap().lines() {
            let Some((_, uses)) = line.split_once("uses: ") else { continue };
            if uses.starts_with("./") {
                continue;
            }
            let (_, rest) = uses.split_once('@').unwrap();
            let (commit, version) =
                rest.split_once(" # v").unwrap_or_else(|| panic!("no version: {line}"));
            let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
            assert!(commit.len() == 40 && commit.chars().all(hex), "{}: {line}", file.display());
            assert!(
                version.starts_with(|c: char| c.is_ascii_digit()),
                "{}: {line}",
                file.display()
            );
            seen += 1;
        }
    }
    assert!(seen > 10, "only {seen} were found");
}

#[test]
fn scripts_are_a_line_that_calls_bench_or_a_file_of_scripts() {
    for file in workflows() {
        let workflow: Workflow = read(&file);
        for script in
            workflow.jobs.into_values().flat_map(|job| job.steps).filter_map(|step| step.run)
        {
            let calls = ["scripts/ci/", ".ci/run", "bench ", "date "]
                .iter()
                .any(|lead| script.contains(lead));
            assert!(calls && script.lines().count() == 1, "{}: {script}", file.display());
        }
    }
}

#[test]
fn the_action_for_forgejo_is_the_one_for_github_without_the_upload() {
    let path = |dir: &str| project().join(dir).join("action.yml");
    let [forgejo, github, _] = ACTIONS;
    let text = fs::read_to_string(path(forgejo)).unwrap();
    assert!(!text.contains("uses:"), "an action of GitHub would be fetched before the first step");
    let (forgejo, github): (Value, Value) = (read(&path(forgejo)), read(&path(github)));
    let without = |mut action: Value| {
        action["inputs"].as_object_mut().unwrap().remove("artifact");
        action["runs"]["steps"].as_array_mut().unwrap().retain(|step| step.get("uses").is_none());
        action["description"] = Value::Null;
        action
    };
    assert_eq!(without(forgejo), without(github));
}

#[test]
fn every_input_is_described_in_the_action_and_in_the_docs() {
    let page = fs::read_to_string(project().join("docs/CI.md")).unwrap();
    let action: Action = read(&project().join(".github/actions/bench/action.yml"));
    for (name, input) in action.inputs {
        assert!(input.description.ends_with('.'), "{name}: {}", input.description);
        assert!(page.contains(&format!("`{name}`")), "docs/CI.md: {name}");
        assert!(input.required != input.default.is_some(), "{name} is required or has a default");
    }
}

#[test]
fn the_step_that_reads_the_artifact_has_no_token() {
    let action: Action = read(&project().join(".github/actions/comment/action.yml"));
    let reads = |step: &&crate::model::Step| {
        step.run.as_ref().is_some_and(|script| script.contains("scripts/action/receive"))
    };
    let steps: Vec<_> = action.runs.steps.iter().filter(reads).collect();
    assert_eq!(steps.len(), 1);
    assert!(steps[0].env.values().all(|value| !value.to_string().contains("token")));
}
