//! `bench recipe` as a user sees it, and the page that is made with it.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use common::Project;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the harness lies in the project")
}

fn data(name: &str) -> String {
    root().join("docs/data/runs").join(name).to_string_lossy().into_owned()
}

/// A published run in which the other runner has the same paths. It was recorded in version 1, whose other runner had
/// other ones: in version 2 its words say what these tests need.
fn same_paths(project: &Project) -> String {
    let records = Path::new(&data("arduino-ccache-portable")).join("records.ndjson");
    let text = fs::read_to_string(records).unwrap();
    let text = text
        .replace("{\"v\":1,", "{\"v\":2,")
        .replace("\"seed_origin\":", "\"snapshot_origin\":")
        .replace("\"seed_bytes\":", "\"snapshot_bytes\":");
    fs::create_dir_all(project.path("same-paths")).unwrap();
    fs::write(project.path("same-paths/records.ndjson"), text).unwrap();
    "same-paths".to_owned()
}

#[test]
fn a_run_with_other_paths_alone_gives_no_advice_for_hosted_runners() {
    let project = Project::new("", &[]);
    let (code, page, _) = recipe(&project, &[&data("arduino-ccache-portable")]);
    assert_eq!(code, 0);
    assert!(page.contains("only a runner with other paths was measured"), "{page}");
    assert!(!page.contains("### Steps for"), "{page}");
}

/// Exit code, standard output and standard error.
fn recipe(project: &Project, args: &[&str]) -> (i32, String, String) {
    project.call(&[&["recipe", "--state", "state"], args].concat())
}

#[test]
fn the_page_of_this_project_is_what_its_inputs_say() {
    let dir = tempfile::tempdir().unwrap();
    let page = dir.path().join("page.md");
    let status = Command::new("sh")
        .arg(root().join("scripts/docs-recipes"))
        .arg(&page)
        .env("BENCH", env!("CARGO_BIN_EXE_bench"))
        .status()
        .unwrap();
    assert!(status.success());
    let (made, kept) =
        (fs::read_to_string(page), fs::read_to_string(root().join("docs/CI_CACHE.md")));
    similar(&made.unwrap(), &kept.unwrap(), "docs/CI_CACHE.md", "scripts/docs-recipes");
}

#[test]
fn the_results_are_what_their_records_say() {
    let dir = tempfile::tempdir().unwrap();
    let status = Command::new("python3")
        .arg(root().join("scripts/docs-results"))
        .arg(dir.path().join("results"))
        .env("BENCH", env!("CARGO_BIN_EXE_bench"))
        .status()
        .unwrap();
    assert!(status.success());
    let pages = |docs: &Path| -> BTreeMap<String, String> {
        let pages = fs::read_dir(docs.join("results")).unwrap().map(|entry| entry.unwrap().path());
        let all = pages.chain([docs.join("RESULTS.md")]);
        all.map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
    };
    let (made, kept) = (pages(dir.path()), pages(&root().join("docs")));
    assert!(made.keys().eq(kept.keys()), "{:?} {:?}", made.keys(), kept.keys());
    for (name, made) in &made {
        similar(made, &kept[name], name, "scripts/docs-results");
    }
}

#[track_caller]
fn similar(made: &str, kept: &str, page: &str, script: &str) {
    for (number, (made, kept)) in (1..).zip(made.lines().zip(kept.lines())) {
        assert_eq!(made, kept, "{page}:{number} is out of date (run {script})");
    }
    assert_eq!(made.len(), kept.len(), "{page} is out of date (run {script})");
}

#[test]
fn one_system_can_be_asked_for_and_the_file_is_written() {
    let project = Project::new("", &[]);
    let run = same_paths(&project);
    let (code, both, _) = recipe(&project, &[&run]);
    assert_eq!(code, 0);
    assert!(both.contains("### Steps for GitHub") && both.contains("### Steps for Forgejo"));
    let (code, stdout, _) = recipe(&project, &[&run, "--ci", "forgejo", "--out", "recipe.md"]);
    assert_eq!((code, stdout.as_str()), (0, ""));
    let written = fs::read_to_string(project.path("recipe.md")).unwrap();
    assert!(!written.contains("### Steps for GitHub"), "{written}");
    assert!(written.contains("### Steps for Forgejo"), "{written}");
    assert!(
        written.contains("CCACHE_DIR: \"${{ github.workspace }}/.ci-cache/ccache\""),
        "{written}"
    );
}

#[test]
fn a_stated_network_decides_with() {
    let project = Project::new("", &[]);
    let run = same_paths(&project);
    let (code, page, _) = recipe(&project, &[&run, "--transfer-rate", "1kB/s"]);
    assert_eq!(code, 0);
    assert!(page.contains("**Do not cache it in CI"), "{page}");
}

#[test]
fn an_explanation_of_something_else_is_refused() {
    let project = Project::new("", &[]);
    let (run, other) = (data("arduino-ccache-portable"), data("explain-cargo"));
    let (code, stdout, stderr) = recipe(&project, &[&run, "--explain", &other]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("is about") && stderr.contains("(hint:"), "{stderr}");
    let (code, _, stderr) = recipe(&project, &[&run, "--explain", "nowhere"]);
    assert_eq!(code, 2, "{stderr}");
    fs::write(project.path("explain.json"), "{}").unwrap();
    let (code, _, stderr) = recipe(&project, &[&run, "--explain", "explain.json"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("not a valid explanation"), "{stderr}");
}

#[test]
fn an_ablation_of_something_else_is_refused() {
    let project = Project::new("", &[]);
    let run = data("arduino-ccache-portable");
    let (code, stdout, stderr) = recipe(&project, &[&run, "--ablate", &data("nox-ablate")]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("is about") && stderr.contains("`bench ablate`"), "{stderr}");
    let (code, _, stderr) = recipe(&project, &[&run, "--ablate", "nowhere"]);
    assert_eq!(code, 2, "{stderr}");
    fs::write(project.path("ablate.json"), "{}").unwrap();
    let (code, _, stderr) = recipe(&project, &[&run, "--ablate", "ablate.json"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("not a valid ablation"), "{stderr}");
}

#[test]
fn without_its_scenario_a_run_gives_figures_but_no_steps() {
    let project = Project::new("", &[]);
    let records = fs::read_to_string(project.path(&same_paths(&project)).join("records.ndjson"));
    let changed = records.unwrap().replace("\"scenario\":\"arduino-uno\"", "\"scenario\":\"gone\"");
    fs::create_dir(project.path("run")).unwrap();
    fs::write(project.path("run/records.ndjson"), changed).unwrap();
    let (code, page, stderr) = recipe(&project, &["run"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("the scenario of the run cannot be read"), "{stderr}");
    assert!(page.contains("yes, path not known") && !page.contains("```yaml"), "{page}");
}
