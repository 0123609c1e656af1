//! What the arms are made of: directories, revisions, URLs.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use bench_record::{Arm, SourceInfo};

use crate::common::{Finished, Project, load};
use crate::{TOOL, events, project};

fn git(dir: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
        .args(["-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(dir)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A work tree in `repo/` whose commit says `old` and whose files say `new`.
fn repository(project: &Project, prefix: &str) -> String {
    let repo = project.path("repo");
    project.write(&format!("repo/{prefix}src.txt"), "old");
    git(&repo, &["init", "--quiet"]);
    git(&repo, &["add", "."]);
    git(&repo, &["commit", "--quiet", "-m", "old"]);
    project.write(&format!("repo/{prefix}src.txt"), "new");
    git(&repo, &["rev-parse", "HEAD"])
}

#[test]
fn a_revision_is_compared_with_the_dirty_work_tree_it_is_the_ancestor_of() {
    let project = project();
    let commit = repository(&project, "");
    let finished = project
        .run(&["--source", "repo", "--baseline", "HEAD", "--blocks", "1", "--regime", "cold"])
        .expect_code(3);
    let run = finished.records();
    let info = |arm| run.run.arms.iter().find(|info| info.arm == arm).unwrap().source.clone();
    assert_eq!(info(Arm::Candidate).dirty, Some(true));
    assert_eq!(info(Arm::Candidate).revision.as_deref(), Some(commit.as_str()));
    assert_eq!(info(Arm::Baseline).dirty, Some(false));
    assert_eq!(info(Arm::Baseline).revision.as_deref(), Some(commit.as_str()));
    let seen: BTreeSet<String> = events(&project).into_iter().map(|event| event.content).collect();
    assert_eq!(seen, BTreeSet::from(["new".to_owned(), "old".to_owned()]));
    assert_eq!(fs::read_to_string(project.path("repo/src.txt")).unwrap(), "new");
}

#[test]
fn the_folder_of_a_revision_is_taken_when_the_source_is_a_folder() {
    let project = project();
    repository(&project, "deep/er/");
    let source = ["--source", "repo/deep/er", "--baseline", "main"];
    project.run(&[&source[..], &["--blocks", "1", "--regime", "cold"]].concat()).expect_code(3);
    let seen: BTreeSet<String> = events(&project).into_iter().map(|event| event.content).collect();
    assert_eq!(seen, BTreeSet::from(["new".to_owned(), "old".to_owned()]));
}

#[test]
fn a_folder_of_a_work_tree_is_taken_as_git_sees_it() {
    let project = project();
    let commit = repository(&project, "deep/er/");
    project.write("repo/.gitignore", "target/\n");
    project.write("repo/deep/er/target/old", "built before");
    // Dirty elsewhere is not dirty here.
    let run =
        project.run(&["--source", "repo/deep/er", "--blocks", "1", "--regime", "cold", "--keep"]);
    let source = run.expect_code(0).records().run.arms[0].source.clone();
    assert_eq!(source.revision.as_deref(), Some(commit.as_str()));
    assert_eq!((source.dirty, source.files), (Some(true), 1), "without what git ignores");
    git(&project.path("repo"), &["checkout", "--quiet", "deep/er/src.txt"]);
    fs::remove_dir_all(project.path("out")).unwrap();
    let run = project.run(&["--source", "repo/deep/er", "--blocks", "1", "--regime", "cold"]);
    assert_eq!(run.expect_code(0).records().run.arms[0].source.dirty, Some(false));
}

/// Runs the tool on `repo/` with its records inside of it; what was taken as source.
#[track_caller]
fn beneath(project: &Project, out: &str) -> SourceInfo {
    let args = ["run", "--scenario", "scenario", "--state", "state", "--source", "repo", "-q"];
    let (code, _, stderr) =
        project.call(&[&args[..], &["--blocks", "1", "--regime", "cold", "--out", out]].concat());
    assert_eq!(code, 0, "{stderr}");
    load(&project.path(out)).run.arms[0].source.clone()
}

#[test]
fn what_bench_wrote_beneath_a_source_is_no_part_of_it() {
    for tracked in [false, true] {
        let project = project();
        repository(&project, "");
        let repo = project.path("repo");
        if tracked {
            git(&repo, &["checkout", "--quiet", "src.txt"]);
        } else {
            fs::remove_dir_all(repo.join(".git")).unwrap();
        }
        let first = beneath(&project, "repo/parts/1");
        assert_eq!((first.files, first.dirty), (1, tracked.then_some(false)));
        for (path, content) in [
            (".bench/bin/bench", "fetched by the job"),
            ("snapshots/b001-candidate/snapshot.json", r#"{"schema": "bench.snapshot/1"}"#),
            ("snapshots/b001-candidate/data/store/entry", "cached"),
            ("ablation/trials.ndjson", "{\"kind\":\"ablation\",\"v\":1}\n"),
            ("explained/explain.ndjson", "{\"v\":1,\"kind\":\"run\"}\n"),
        ] {
            project.write(&format!("repo/{path}"), content);
        }
        assert_eq!(beneath(&project, "repo/parts/2"), first, "in git: {tracked}");
        // Files of these names that somebody else wrote are source like every other.
        project.write("repo/data/records.ndjson", "{\"name\":\"a\"}\n");
        project.write("repo/data/snapshot.json", "[]");
        let more = beneath(&project, "repo/parts/3");
        assert_eq!((more.files, more.dirty), (3, tracked.then_some(true)));
        if tracked {
            git(&repo, &["add", "parts/1/records.ndjson"]);
            let more = beneath(&project, "repo/parts/4");
            assert!(more.files > 3, "what is committed is source: {}", more.files);
        }
    }
}

#[test]
fn how_git_keeps_a_commit_is_no_part_of_the_source() {
    let project = project();
    repository(&project, "");
    let first = beneath(&project, "1");
    let repo = project.path("repo");
    git(&repo, &["branch", "another"]);
    git(&repo, &["gc", "--quiet"]);
    assert_eq!(beneath(&project, "2"), first);
}

#[test]
fn a_folder_that_its_repository_ignores_is_a_plain_folder() {
    let project = project();
    repository(&project, "");
    project.write("repo/.gitignore", "state/\n");
    project.write("repo/state/tree/src.txt", "ignored as a whole");
    let run = project.run(&["--source", "repo/state/tree", "--blocks", "1", "--regime", "cold"]);
    let source = run.expect_code(0).records().run.arms[0].source.clone();
    assert_eq!((source.revision, source.dirty, source.files), (None, None, 1));
}

#[test]
fn a_url_is_fetched_whatever_the_scenario_has_as_its_source() {
    let project = project();
    repository(&project, "");
    let url = format!("file://{}", project.path("repo").display());
    let run =
        project.run(&["--source", &url, "--baseline", "HEAD", "--blocks", "1", "--regime", "cold"]);
    let run = run.expect_code(3).records();
    assert!(run.run.arms.iter().all(|arm| arm.source.dirty == Some(false)));
    assert!(events(&project).iter().all(|event| event.content == "old"));
}

#[test]
fn a_revision_brings_its_submodules() {
    let project = project();
    repository(&project, "");
    let (repo, part) = (project.path("repo"), project.path("part"));
    project.write("part/inside.txt", "inside");
    git(&part, &["init", "--quiet"]);
    git(&part, &["add", "."]);
    git(&part, &["commit", "--quiet", "-m", "part"]);
    let url = part.display().to_string();
    git(&repo, &["submodule", "--quiet", "add", &url, "sub"]);
    git(&repo, &["commit", "--quiet", "-am", "with a part"]);
    project.write("scenario/tool.sh", &format!("{TOOL}\ncat sub/inside.txt >> \"$EVENTS\"\n"));
    let mut command = project.run_command(&[
        "--source",
        "repo",
        "--baseline",
        "HEAD",
        "--blocks",
        "1",
        "--regime",
        "cold",
    ]);
    // git refuses local paths as submodules unless told otherwise.
    command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "protocol.file.allow");
    command.env("GIT_CONFIG_VALUE_0", "always");
    let finished = Finished { output: command.output().unwrap(), out: project.path("out") };
    finished.expect_code(3);
    let text = project.events().concat();
    assert_eq!(text.matches("inside").count(), 2, "{text}");
}

#[test]
fn another_revision_of_the_source_can_be_the_candidate() {
    let project = project();
    repository(&project, "");
    project.run(&["--source", "repo#HEAD", "--blocks", "1", "--regime", "cold"]).expect_code(0);
    assert_eq!(events(&project)[0].content, "old");
}

#[test]
fn what_is_neither_a_directory_nor_a_revision_is_refused_and_leaves_nothing() {
    let project = project();
    repository(&project, "");
    let run = |extra: &[&str]| {
        let finished = project.run(extra).expect_code(2);
        assert!(!finished.out.exists(), "nothing is left");
        finished.stderr()
    };
    let text = run(&["--source", "repo", "--baseline", "no-such-branch"]);
    assert!(text.contains("`no-such-branch` must name a commit"), "{text}");
    for no_path in ["", "/no/such/place", "./nothing", "scenario/tool.sh"] {
        let text = run(&["--baseline", no_path, "--dry-run"]);
        assert!(text.contains("is not a directory"), "{text}");
    }
    // The scenario's own workspace lies in no repository.
    let text = run(&["--baseline", "main"]);
    assert!(text.contains("`main` is not a directory"), "{text}");
    assert!(text.contains("scenario `scenario`"), "{text}");
}
