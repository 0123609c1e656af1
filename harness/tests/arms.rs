//! Candidate and baseline in one run: both in every block, in random order, with nothing shared but the
//! other runner on which both restore.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use bench_record::{Arm, Baseline, EndReason, LoadedRun, Outcome, Regime};
use common::{Finished, Project};

/// A tool that caches the content of `src.txt`. Tells `{tools}/events` what it is run on and where.
const TOOL: &str = r#"#!/bin/sh
set -eu
content=$(cat src.txt)
entry=miss
if [ -n "${STORE:-}" ]; then
  mkdir -p "$STORE"
  key=$(printf %s "$content" | cksum | tr ' ' -)
  if [ -e "$STORE/$key" ]; then entry=hit; else cp src.txt "$STORE/$key"; fi
  find "$STORE" -type f | wc -l > /dev/null
fi
echo $entry
echo "$MODE|$content|$entry|$PWD|${STORE:-none}" >> "$EVENTS"
if [ "$MODE" = slow ]; then sleep 0.1; fi
"#;

const SCENARIO: &str = r#"
[scenario]
title = "A fake tool with a store"
analysis = "What differs is known."

[params]
store = ["yes", "no"]
mode = ["fast", "slow"]

[env]
set = { MODE = "{param.mode}", EVENTS = "{tools}/events" }

[[cache]]
name = "store"
path = "{cache}/store"
env = "STORE"
when = { store = "yes" }

[[phase]]
name = "compile"
measured = true
run = ["sh", "{scenario}/tool.sh"]

[[probe]]
name = "fake"
phase = "compile"
hits = '(?m)^hit$'
misses = '(?m)^miss$'
when = { store = "yes" }
"#;

fn project() -> Project {
    Project::new(SCENARIO, &[("tool.sh", TOOL), ("workspace/src.txt", "alpha")])
}

/// One line that the tool wrote.
#[derive(Debug, Clone)]
struct Event {
    content: String,
    entry: String,
    workspace: String,
}

fn events(project: &Project) -> Vec<Event> {
    let event = |line: String| {
        let parts: Vec<&str> = line.split('|').collect();
        Event {
            content: parts[1].to_owned(),
            entry: parts[2].to_owned(),
            workspace: parts[3].to_owned(),
        }
    };
    project.events().into_iter().map(event).collect()
}

/// Arms, regimes and outcomes of a block in the order in which they ran.
fn order(run: &LoadedRun, block: u32) -> Vec<(Arm, Regime)> {
    let mut samples: Vec<_> = run.samples.iter().filter(|(s, _)| s.block == block).collect();
    samples.sort_by_key(|(sample, _)| sample.order);
    samples.iter().map(|(sample, _)| (sample.arm, sample.regime)).collect()
}

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
fn both_arms_run_in_every_block_with_caches_of_their_own() {
    let project = project();
    project.write("base/src.txt", "beta");
    let finished = project
        .run(&[
            "--baseline",
            "base",
            "--blocks",
            "2",
            "--regime",
            "cold,same-runner,cross-runner,hot",
        ])
        .expect_code(3);
    let run = finished.records();
    assert_eq!(run.samples.len(), 16);
    for (sample, _) in &run.samples {
        assert_eq!(sample.outcome, Outcome::Ok, "{:?}", sample.reason);
        // One entry of its own content: nothing of the other arm was in the store.
        assert_eq!(sample.caches["store"].files, 1, "{}", sample.id);
        let hits = u64::from(sample.regime.is_warm());
        assert_eq!(sample.evidence.hits, Some(hits), "{}", sample.id);
        if let Some(origin) = &sample.seed_origin {
            assert!(origin.as_str().contains(sample.arm.as_str()), "{}: {origin}", sample.id);
        }
    }
    assert_eq!(
        run.run.options.baseline,
        Some(Baseline::Source(project.path("base").display().to_string()))
    );
    assert_eq!(run.run.arms.len(), 2);
    project.assert_home_untouched();
}

#[test]
fn both_arms_restore_on_the_same_other_runner_and_build_on_paths_of_one_length() {
    let project = project();
    project.write("base/src.txt", "beta");
    let finished = project.run(&["--baseline", "base", "--blocks", "1"]).expect_code(3);
    let all = events(&project);
    assert_eq!(all.len(), 6);
    let of = |content: &str, entry: &str| -> Vec<String> {
        let mut found: Vec<String> = all
            .iter()
            .filter(|event| event.content == content && event.entry == entry)
            .map(|event| event.workspace.clone())
            .collect();
        found.dedup();
        found
    };
    let elsewhere = |content| {
        let warm = of(content, "hit");
        warm.into_iter().find(|path| path.contains("agent-2")).expect("a cross-runner sample")
    };
    assert_eq!(elsewhere("alpha"), elsewhere("beta"), "one other runner for both arms");
    let (one, other) = (of("alpha", "miss"), of("beta", "miss"));
    assert_ne!(one, other, "each arm has a runner of its own");
    assert_eq!(one[0].len(), other[0].len(), "the length of a path must not tell arms apart");
    let run = finished.records();
    let cross: BTreeSet<_> = run
        .samples
        .iter()
        .filter(|(sample, _)| sample.regime == Regime::CrossRunner)
        .map(|(sample, _)| sample.runner.to_string())
        .collect();
    assert_eq!(cross, BTreeSet::from(["b001-b".to_owned()]));
}

#[test]
fn the_order_of_the_arms_changes_from_block_to_block() {
    let project = project();
    let finished = project
        .run(&["--aa", "--blocks", "8", "--regime", "cold", "--seed", "1", "--set", "store=no"]);
    let run = finished.records();
    let first: BTreeSet<Arm> = (1..=8).map(|block| order(&run, block)[0].0).collect();
    assert_eq!(first.len(), 2, "both arms come first in some block");
    for block in 1..=8 {
        assert_eq!(order(&run, block).len(), 2);
    }
}

#[test]
fn the_same_arm_twice_is_built_twice() {
    let project = project();
    let finished = project.run(&["--aa", "--blocks", "1", "--regime", "cold,same-runner"]);
    let run = finished.records();
    assert_eq!(run.run.options.baseline, Some(Baseline::Same));
    for (sample, _) in &run.samples {
        let expected = if sample.regime == Regime::Cold { (0, 1) } else { (1, 0) };
        assert_eq!(
            (sample.evidence.hits, sample.evidence.misses),
            (Some(expected.0), Some(expected.1))
        );
    }
    assert_eq!(run.run.arms[0].source, run.run.arms[1].source);
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
        assert!(text.contains("is no directory"), "{text}");
    }
    // The scenario's own workspace lies in no repository.
    let text = run(&["--baseline", "main"]);
    assert!(text.contains("`main` is not a directory"), "{text}");
    assert!(text.contains("scenario `scenario`"), "{text}");
}

#[test]
fn other_param_values_make_a_baseline_and_one_without_a_cache_runs_cold_only() {
    let project = project();
    let finished = project.run(&["--baseline-set", "store=no", "--blocks", "3", "--seed", "4"]);
    let run = finished.records();
    assert_eq!(run.run.params["store"], "yes");
    let baseline = run.run.arms.iter().find(|info| info.arm == Arm::Baseline).unwrap();
    assert_eq!(baseline.params, BTreeMap::from([("store".to_owned(), "no".to_owned())]));
    for block in 1..=3 {
        let order = order(&run, block);
        assert_eq!(order.len(), 4, "{order:?}");
        let place = order.iter().position(|one| *one == (Arm::Baseline, Regime::Cold)).unwrap();
        assert!(place == 0 || place == 3, "before or after the other arm: {order:?}");
    }
    assert!(run.samples.iter().all(|(sample, _)| sample.outcome == Outcome::Ok));
}

#[test]
fn a_baseline_that_is_the_candidate_by_accident_is_refused() {
    let finished = project().run(&["--baseline-set", "store=yes"]).expect_code(2);
    assert!(finished.stderr().contains("`--aa` compares it with itself"), "{}", finished.stderr());
    let finished = project().run(&["--baseline-set", "store=yes,no"]).expect_code(2);
    assert!(finished.stderr().contains("expected one value"), "{}", finished.stderr());
    let finished = project().run(&["--baseline-set", "store=maybe"]).expect_code(2);
    assert!(finished.stderr().contains("maybe"), "{}", finished.stderr());
    let finished = project().run(&["--aa", "--baseline", "."]).expect_code(2);
    assert!(finished.stderr().contains("--aa"), "{}", finished.stderr());
    let finished = project().run(&["--auto"]).expect_code(2);
    assert!(finished.stderr().contains("--baseline"), "{}", finished.stderr());
}

#[test]
fn examples_that_only_one_arm_has_are_left_out_of_both() {
    let toml = SCENARIO.replace(
        r#"run = ["sh", "{scenario}/tool.sh"]"#,
        r#"run = ["sh", "{scenario}/tool.sh", "{example}"]"#,
    ) + "\n[examples]\nphase = \"compile\"\nglob = \"parts/*.txt\"\n";
    let project = Project::new(
        &toml,
        &[
            ("tool.sh", TOOL),
            ("workspace/src.txt", "alpha"),
            ("workspace/parts/both.txt", ""),
            ("workspace/parts/new.txt", ""),
        ],
    );
    for file in ["src.txt", "parts/both.txt", "parts/old.txt"] {
        project.write(&format!("base/{file}"), "beta");
    }
    let finished = project.run(&["--baseline", "base", "--blocks", "1", "--regime", "cold"]);
    let run = finished.records();
    assert_eq!(run.run.left_out, ["new", "old"]);
    for (sample, examples) in &run.samples {
        let names: Vec<&str> = examples.iter().map(|example| example.name.as_str()).collect();
        assert_eq!(names, ["both"], "{}", sample.id);
    }
    assert!(finished.stderr().contains("both do without them: new, old"), "{}", finished.stderr());
}

#[test]
fn arms_without_a_common_example_are_refused() {
    let toml = SCENARIO.replace(
        r#"run = ["sh", "{scenario}/tool.sh"]"#,
        r#"run = ["sh", "{scenario}/tool.sh", "{example}"]"#,
    ) + "\n[examples]\nphase = \"compile\"\nglob = \"parts/*.txt\"\n";
    let files = [("tool.sh", TOOL), ("workspace/src.txt", "a"), ("workspace/parts/new.txt", "")];
    let project = Project::new(&toml, &files);
    project.write("base/parts/old.txt", "");
    let finished = project.run(&["--baseline", "base"]).expect_code(2);
    assert!(finished.stderr().contains("no example in common"), "{}", finished.stderr());
}

#[test]
fn a_budget_ends_a_run_between_two_blocks() {
    let project = project();
    // Less than any block takes: the first one runs, since a run without a sample is none.
    let finished = project.run(&["--blocks", "5", "--budget", "1ms"]).expect_code(0);
    let run = finished.records();
    assert_eq!(run.samples.len(), 3);
    assert_eq!(run.end.unwrap().reason, EndReason::Budget);
    let resumed = project.bench(&["run", "--resume", "out"]).output().unwrap();
    assert!(resumed.status.success());
    assert_eq!(finished_samples(&project), 3, "a run that ended on purpose is not taken up");
    let finished = project.run(&["--budget", "soon"]).expect_code(2);
    assert!(finished.stderr().contains("30m"), "{}", finished.stderr());
}

fn finished_samples(project: &Project) -> usize {
    common::load(&project.path("out")).samples.len()
}

#[test]
fn a_clear_slowdown_ends_auto_at_a_look_with_exit_10() {
    let project = project();
    let finished = project
        .run(&["--auto", "--set", "mode=slow", "--baseline-set", "mode=fast", "--regime", "cold"])
        .expect_code(10);
    let run = finished.records();
    // On a machine that is busy with something else it may take a later look than the first.
    assert!([7, 10, 14].contains(&(run.samples.len() / 2)), "{} samples", run.samples.len());
    assert_eq!(run.end.unwrap().reason, EndReason::Decided);
    assert_eq!(run.run.options.blocks, 20, "what there could have been");
    assert!(finished.stdout().contains("regressed"), "{}", finished.stdout());
}

#[test]
fn the_mirror_image_is_improved_and_exit_0() {
    let project = project();
    let finished = project
        .run(&["--auto", "--baseline-set", "mode=slow", "--regime", "same-runner"])
        .expect_code(0);
    let blocks = finished.records().samples.len() / 2;
    assert!([7, 10, 14].contains(&blocks), "{blocks} blocks");
    assert!(finished.stdout().contains("improved"), "{}", finished.stdout());
}

#[test]
fn a_run_that_was_cut_short_goes_on_with_both_arms_and_decides_at_a_look() {
    let project = project();
    let finished = project
        .run(&["--auto", "--set", "mode=slow", "--baseline-set", "mode=fast", "--regime", "cold"])
        .expect_code(10);
    let path = finished.out.join("records.ndjson");
    let text = fs::read_to_string(&path).unwrap();
    // The run and nine samples: the tenth, of block 5, is missing.
    let kept: String = text.lines().take(10).flat_map(|line| [line, "\n"]).collect();
    fs::write(&path, kept).unwrap();
    let resumed = project.bench(&["run", "--resume", "out"]).output().unwrap();
    assert_eq!(resumed.status.code(), Some(10), "{}", String::from_utf8_lossy(&resumed.stderr));
    let run = common::load(&project.path("out"));
    assert!([7, 10, 14].contains(&(run.samples.len() / 2)), "{} samples", run.samples.len());
    let ids: BTreeSet<_> = run.samples.iter().map(|(sample, _)| sample.id.clone()).collect();
    assert_eq!(ids.len(), run.samples.len(), "no sample twice");
    assert_eq!(run.end.unwrap().reason, EndReason::Decided);
}

#[test]
fn a_dry_run_says_what_is_compared_and_when_it_looks() {
    let text = project().run(&["--dry-run", "--aa", "--auto"]).stdout();
    assert!(text.contains("baseline: the candidate again, built anew"), "{text}");
    assert!(text.contains("looks after 7, 10, 14, 20 blocks"), "{text}");
    assert!(text.contains("block 20: "), "{text}");
    assert!(text.contains("baseline cold"), "{text}");
}
