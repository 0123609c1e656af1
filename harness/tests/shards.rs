//! A plan in parts: measured by several jobs, merged in any order, and only what is missing measured again.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use bench::plan::merge::merge;
use bench_record::{EndReason, LoadedRun, Outcome, Part, Stage, StageOptions};
use common::scenarios::{MODES, storing};
use common::{Project, load};
use proptest::prelude::*;

const PLAN: [&str; 6] =
    ["--blocks", "5", "--seed", "7", "--regime", "cold,same-runner,cross-runner"];

fn project() -> Project {
    let script = "mkdir -p $STORE && echo {param.mode} > $STORE/entry";
    Project::new(&storing(script, MODES), &[("workspace/src.txt", "alpha")])
}

/// Measures one part into `parts/NAME`.
fn measure(project: &Project, name: &str, extra: &[&str]) -> LoadedRun {
    let out = format!("parts/{name}");
    let base = ["run", "--scenario", "scenario", "--state", "state", "--out", out.as_str(), "-q"];
    let args = [&base[..], &PLAN, extra].concat();
    let (code, _, stderr) = project.call(&args);
    assert_eq!(code, 0, "{stderr}");
    load(&project.path(&out))
}

fn ids(run: &LoadedRun) -> BTreeSet<String> {
    run.samples.iter().map(|(sample, _)| sample.id.to_string()).collect()
}

#[test]
fn the_parts_of_a_plan_are_the_plan() {
    let project = project();
    let whole = measure(&project, "whole", &[]);
    let parts: Vec<LoadedRun> = (1..=3)
        .map(|index| measure(&project, &index.to_string(), &["--shard", &format!("{index}/3")]))
        .collect();
    let mut all = BTreeSet::new();
    for part in &parts {
        assert_eq!(part.run.plan_hash, whole.run.plan_hash);
        assert!(all.is_disjoint(&ids(part)), "no sample is measured twice");
        all.extend(ids(part));
    }
    assert_eq!(all, ids(&whole));
    let (code, stdout, stderr) =
        project.call(&["merge", "parts/3", "parts/1", "parts/2", "--out", "merged"]);
    assert_eq!(code, 0, "{stderr}");
    let merged = load(&project.path("merged"));
    assert_eq!(ids(&merged), ids(&whole));
    assert_eq!(merged.end.as_ref().unwrap().reason, EndReason::Done);
    assert_eq!(merged.run.parts.len(), 3);
    assert_eq!(merged.run.parts.iter().map(|part| part.blocks.len()).sum::<usize>(), 5);
    assert!(stdout.contains("Evidence: 15 of 15 samples proven"), "{stdout}");
    let (code, stdout, _) = project.call(&["plan", "--missing", "merged"]);
    assert_eq!((code, stdout.as_str()), (0, ""), "nothing is missing");
}

#[test]
fn what_a_killed_job_lacks_is_named_and_measured_alone() {
    let project = project();
    measure(&project, "1", &["--shard", "1/2"]);
    measure(&project, "2", &["--shard", "2/2"]);
    // The second job was killed in its second block, number 4: one sample of it is on disk.
    let path = project.path("parts/2/records.ndjson");
    let text = fs::read_to_string(&path).unwrap();
    let kept: String = text.lines().take(5).flat_map(|line| [line, "\n"]).collect();
    fs::write(&path, kept).unwrap();
    let (code, _, stderr) = project.call(&["merge", "parts/1", "parts/2", "--out", "merged"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(
        stderr.contains("block 4: candidate same-runner, candidate cross-runner")
            || stderr.contains("block 4: candidate"),
        "{stderr}"
    );
    assert!(stderr.contains("bench plan --missing merged"), "{stderr}");
    assert!(load(&project.path("merged")).end.is_none(), "an incomplete run has no end");

    let (code, stdout, _) = project.call(&["plan", "--missing", "merged", "--format", "json"]);
    assert_eq!(code, 0);
    let plan: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(plan["units"].as_array().unwrap().len(), 1);
    assert_eq!(plan["units"][0]["only_blocks"], serde_json::json!([4]));
    let mut args: Vec<String> = serde_json::from_value(plan["units"][0]["args"].clone()).unwrap();
    args.extend(["--state", "state", "--out", "parts/again"].map(str::to_owned));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (code, _, stderr) = project.call(&args);
    assert_eq!(code, 0, "{stderr}");
    let again = load(&project.path("parts/again"));
    assert!(again.samples.iter().all(|(sample, _)| sample.block == 4), "only what was missing");

    let (code, _, stderr) = project.call(&["merge", "merged", "parts/again", "--out", "complete"]);
    assert_eq!(code, 0, "{stderr}");
    let complete = load(&project.path("complete"));
    assert_eq!(complete.samples.len(), 15);
    // The block of which a killed job had one sample is taken from the job that has all of it.
    let of_block_4 = complete.run.parts.iter().find(|part| part.blocks.contains(&4)).unwrap();
    assert_eq!(of_block_4.run, again.run.id);
}

#[test]
fn a_directory_that_a_dead_job_left_empty_is_named_and_left_out() {
    let project = project();
    for index in ["1", "2"] {
        measure(&project, index, &["--shard", &format!("{index}/3")]);
    }
    fs::create_dir_all(project.path("parts/3")).unwrap();
    let merge = ["merge", "parts/1", "parts/2", "parts/3", "--out", "merged"];
    let (code, _, stderr) = project.call(&merge);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("part `parts/3` has no records.ndjson"), "{stderr}");
    assert!(stderr.contains("missing:"), "{stderr}");
    measure(&project, "again", &["--shard", "3/3"]);
    let merge = ["merge", "merged", "parts/3", "parts/again", "--out", "whole"];
    let (code, _, stderr) = project.call(&merge);
    assert_eq!(code, 0, "{stderr}");
    // A path that is not there is a mistake, and nothing but empty directories is not a run.
    for wrong in ["parts/4", "parts/3"] {
        let (code, _, stderr) = project.call(&["merge", wrong, "--out", "none"]);
        assert_eq!(code, 2, "{stderr}");
    }
}

#[test]
fn parts_of_different_plans_are_refused_by_what_differs() {
    let project = project();
    measure(&project, "1", &["--shard", "1/2"]);
    measure(&project, "slow", &["--shard", "2/2", "--set", "mode=slow"]);
    let (code, _, stderr) = project.call(&["merge", "parts/1", "parts/slow", "--out", "m"]);
    assert_eq!(code, 2);
    let (fast, slow) = (load(&project.path("parts/1")), load(&project.path("parts/slow")));
    let mode = |run: &LoadedRun| format!("`mode={}` has `{}`", run.run.params["mode"], run.run.id);
    assert!(
        stderr.contains("the parts are of 2 combinations of params, and a run has one: ")
            && stderr.contains(&mode(&fast))
            && stderr.contains(&mode(&slow))
            && stderr.contains("(hint: call `bench merge` once per combination"),
        "{stderr}"
    );
    let other = ["--out", "parts/other", "--shard", "2/2", "--seed", "8", "--blocks", "5", "-q"];
    let base = ["run", "--scenario", "scenario", "--state", "state"];
    assert_eq!(project.call(&[&base[..], &other].concat()).0, 0);
    let (code, _, stderr) = project.call(&["merge", "parts/1", "parts/other", "--out", "m"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("are not parts of one plan: the plan"), "{stderr}");
    assert!(!project.path("m").exists());
}

#[test]
fn merging_again_changes_nothing_and_replaces_nothing_else() {
    let project = project();
    measure(&project, "1", &["--shard", "1/2"]);
    measure(&project, "2", &["--shard", "2/2"]);
    let both = ["merge", "parts/1", "parts/2", "--out", "merged"];
    assert_eq!(project.call(&both).0, 0);
    let text = fs::read(project.path("merged/records.ndjson")).unwrap();
    let twice = ["merge", "parts/2", "merged", "parts/1", "parts/2", "--out", "merged"];
    assert_eq!(project.call(&twice).0, 0);
    assert_eq!(fs::read(project.path("merged/records.ndjson")).unwrap(), text);
    let (code, _, stderr) = project.call(&["merge", "parts/1", "--out", "merged"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("holds other records"), "{stderr}");
    assert_eq!(fs::read(project.path("merged/records.ndjson")).unwrap(), text);
    let (code, _, stderr) = project.call(&["run", "--resume", "merged"]);
    // A complete run has nothing to resume; an incomplete merged one is told to plan what is missing.
    assert_eq!(code, 0, "{stderr}");
}

#[test]
fn the_matrix_is_one_line_of_texts_and_the_commands_quote_what_a_shell_would_change() {
    let project = project();
    let base = ["plan", "--scenario", "scenario", "--state", "state", "--shards", "2"];
    let with = |extra: &[&str]| project.call(&[&base[..], &PLAN, extra].concat());
    let (code, stdout, stderr) = with(&["--format", "github-matrix"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(stdout.lines().count(), 1);
    let matrix: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let entries = matrix["include"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    for entry in entries {
        assert!(entry.as_object().unwrap().values().all(serde_json::Value::is_string), "{entry}");
    }
    assert_eq!(entries[0]["only_blocks"], "1,3,5");
    assert_eq!(entries[1]["only_blocks"], "2,4");
    let (_, stdout, _) = with(&["--examples", "it's * here", "--aa"]);
    assert!(stdout.contains(r"--examples 'it'\''s * here'"), "{stdout}");
    assert!(stdout.lines().all(|line| line.ends_with("--aa")), "{stdout}");
    // No more parts than blocks, and that is said.
    let (code, stdout, stderr) = project.call(&[&base[..6], &["9"], &PLAN[..]].concat());
    assert_eq!((code, stdout.lines().count()), (0, 5), "{stdout}");
    assert_eq!(
        stderr,
        "note: `--shards 9`, but the plan has 5 blocks: 5 parts (hint: `--blocks 9` or more fills 9 parts)\n"
    );
    let (_, _, stderr) = with(&[]);
    assert_eq!(stderr, "");
}

#[test]
fn wrong_parts_are_refused() {
    let project = project();
    let run = |extra: &[&str]| {
        let base = ["run", "--scenario", "scenario", "--state", "state", "--out", "o"];
        project.call(&[&base[..], extra].concat())
    };
    for (extra, expected) in [
        (&["--shard", "3/2", "--seed", "1"][..], "2/4"),
        (&["--shard", "1/2"][..], "--seed"),
        (
            &["--only-blocks", "9", "--seed", "1", "--blocks", "3"][..],
            "there is no block 9 among 3",
        ),
        (&["--shard", "1/2", "--seed", "1", "--aa", "--auto"][..], "--auto"),
    ] {
        let (code, _, stderr) = run(extra);
        assert_eq!(code, 2, "{extra:?}");
        assert!(stderr.contains(expected), "{extra:?}: {stderr}");
    }
    assert!(!project.path("o").exists());
}

/// A run of `blocks` blocks of which `kept` samples are there, as the job `id` measured it.
fn part(template: &LoadedRun, id: &str, kept: &BTreeSet<usize>, failed: bool) -> LoadedRun {
    let mut run = template.clone();
    id.clone_into(&mut run.run.id.0);
    run.run.started += chrono::TimeDelta::seconds(i64::from(id.ends_with('1')));
    run.samples = template
        .samples
        .iter()
        .enumerate()
        .filter(|(index, _)| kept.contains(index))
        .map(|(_, (sample, examples))| {
            let mut sample = sample.clone();
            if failed {
                sample.outcome = Outcome::Failed;
            }
            (sample, examples.clone())
        })
        .collect();
    run
}

/// The same of a job that took one stage of its blocks only.
fn staged(template: &LoadedRun, id: &str, kept: &BTreeSet<usize>, stage: Stage) -> LoadedRun {
    let mut run = part(template, id, kept, false);
    run.samples.retain(|(sample, _)| stage.takes(sample.regime));
    run.run.options.stage = Some(StageOptions {
        stage,
        snapshots: "snapshots".to_owned(),
        key: format!("bench-snapshot-1-demo-{id}"),
        form: None,
        matched_key: None,
        restore_ns: BTreeMap::new(),
    });
    run
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Parts of either stage, in any order, any of them twice, merged at once or step by step: the same run, of which
    /// each block's samples of a stage are of one part.
    #[test]
    fn the_order_and_number_of_merges_of_stages_does_not_matter(
        kept in prop::collection::vec((prop::collection::btree_set(0_usize..15, 0..15), any::<bool>()), 1..6),
        order in prop::collection::vec(0_usize..6, 1..12),
        cut in 0_usize..12,
    ) {
        let template = bench_record::read(include_str!("data/shards/whole.ndjson")).unwrap();
        let parts: Vec<LoadedRun> = kept
            .iter()
            .enumerate()
            .map(|(index, (kept, prime))| {
                let stage = if *prime { Stage::Prime } else { Stage::Measure };
                staged(&template, &format!("part-{index}"), kept, stage)
            })
            .collect();
        let once = merge(&parts).unwrap();
        let mixed: Vec<LoadedRun> =
            order.iter().map(|index| &parts[index % parts.len()]).chain(&parts).rev().cloned().collect();
        prop_assert_eq!(&merge(&mixed).unwrap().run, &once.run);
        let (some, rest) = mixed.split_at(cut.clamp(1, mixed.len()));
        let mut steps = vec![merge(some).unwrap().run];
        steps.extend_from_slice(rest);
        prop_assert_eq!(&merge(&steps).unwrap().run, &once.run);
        for (sample, _) in &once.run.samples {
            let of = |part: &&Part| {
                part.blocks.contains(&sample.block) && part.stage.unwrap().takes(sample.regime)
            };
            prop_assert_eq!(once.run.run.parts.iter().filter(of).count(), 1);
        }
        let absent: usize = once.missing.values().map(Vec::len).sum();
        prop_assert_eq!(once.run.samples.len() + absent, 15, "every planned sample is there or named");
    }

    /// Any parts, in any order, any of them twice, merged at once or step by step: the same run.
    #[test]
    fn the_order_and_number_of_merges_does_not_matter(
        kept in prop::collection::vec((prop::collection::btree_set(0_usize..15, 0..15), any::<bool>()), 1..5),
        order in prop::collection::vec(0_usize..5, 1..12),
        cut in 0_usize..12,
    ) {
        let template = bench_record::read(include_str!("data/shards/whole.ndjson")).unwrap();
        let parts: Vec<LoadedRun> = kept
            .iter()
            .enumerate()
            .map(|(index, (kept, failed))| part(&template, &format!("part-{index}"), kept, *failed))
            .collect();
        let once = merge(&parts).unwrap();
        // Every part at least once, then any again.
        let mixed: Vec<LoadedRun> = order
            .iter()
            .map(|index| &parts[index % parts.len()])
            .chain(&parts)
            .rev()
            .cloned()
            .collect();
        let again = merge(&mixed).unwrap();
        prop_assert_eq!(&again.run, &once.run);
        let (some, rest) = mixed.split_at(cut.clamp(1, mixed.len()));
        let mut steps = vec![merge(some).unwrap().run];
        steps.extend_from_slice(rest);
        let stepwise = merge(&steps).unwrap();
        prop_assert_eq!(&stepwise.run, &once.run);
        prop_assert_eq!(&stepwise.missing, &once.missing);
        let present = once.run.samples.len();
        let absent: usize = once.missing.values().map(Vec::len).sum();
        prop_assert_eq!(present + absent, 15, "every planned sample is there or named");
        prop_assert_eq!(once.run.end.is_some(), absent == 0);
    }
}

#[test]
fn the_recorded_run_of_the_property_is_of_the_current_form() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/shards/whole.ndjson");
    let run = bench_record::read(fs::read(path).unwrap()).unwrap();
    assert_eq!((run.samples.len(), run.run.cells.len()), (15, 3));
}
