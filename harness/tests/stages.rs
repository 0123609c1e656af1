//! A plan in two stages: one job makes the snapshots, another one measures cross-runner from what a cache step restored.

mod common;
mod stages_support;

use std::fs;

use bench_record::{KeyMatch, Outcome, Regime, RestoreTime, SnapshotForm, Stage};
use common::load;
use stages_support::{bench, carry, find, measure, part, prime, project, stage};

#[test]
fn two_stages_are_one_run_and_cross_runner_is_proven_from_the_other_jobs_seed() {
    let project = project();
    let primed = prime(&project, &[]).expect(0);
    let (key, prefix) = (primed.value("key"), primed.value("prefix"));
    assert_eq!((primed.value("path"), primed.value("snapshots")), ("snapshots", "2"));
    assert_eq!(key, format!("{prefix}one"));
    let made = part(&project, "prime");
    assert!(made.samples.iter().all(|(sample, _)| sample.regime != Regime::CrossRunner));
    assert_eq!((made.samples.len(), made.end.as_ref().unwrap().samples), (4, 4));
    for (sample, _) in made.samples.iter().filter(|(sample, _)| sample.regime == Regime::Cold) {
        assert!(sample.caches["env"].save_ns.is_some() || sample.caches["store"].save_ns.is_some());
    }

    carry(&project.path("snapshots"), &project.path("elsewhere/deep/snapshots"));
    let key = key.to_owned();
    let measured = measure(
        &project,
        "measure",
        "elsewhere/deep/snapshots",
        &["--matched-key", &key, "--restore-seconds", "b001-candidate=2.5"],
    )
    .expect(0);
    assert_eq!((measured.value("matched"), measured.value("key")), ("exact", key.as_str()));
    let there = part(&project, "measure");
    assert_eq!(there.run.plan_hash, made.run.plan_hash);
    assert_eq!(there.samples.len(), 2);
    for (sample, _) in &there.samples {
        assert_eq!(sample.outcome, Outcome::Ok, "{:?}", sample.reason);
        // The tool looks for hard links, modes, a symbolic link and a modification time.
        assert_eq!((sample.evidence.hits, sample.evidence.misses), (Some(1), Some(0)));
        let seed = sample.evidence.snapshot.as_ref().unwrap();
        assert_eq!((&seed.run, seed.matched), (&made.run.id, KeyMatch::Exact));
        assert_eq!(
            (seed.form, seed.changed_mtimes, seed.changed_modes),
            (SnapshotForm::Tree, 0, 0)
        );
        let origin = sample.snapshot_origin.as_ref().unwrap();
        assert_eq!(origin.as_str(), format!("b{:03}-candidate-a", sample.block));
        assert_ne!(origin, &sample.runner);
        let restores: Vec<u64> = sample.caches.values().filter_map(|c| c.restore_ns).collect();
        if sample.block == 1 {
            assert_eq!((seed.restore, restores), (RestoreTime::Given, vec![2_500_000_000]));
        } else {
            assert_eq!((seed.restore, restores), (RestoreTime::Unknown, Vec::new()), "never 0");
        }
    }

    for (out, parts) in [
        ("one", &["parts/prime", "parts/measure"][..]),
        ("two", &["parts/measure", "parts/prime", "parts/measure"]),
    ] {
        let merge = [&["merge"], parts, &["--out", out]].concat();
        let merged = bench(&project, &merge).expect(0);
        assert!(merged.stdout.contains("Evidence: 6 of 6 samples proven"), "{}", merged.stdout);
    }
    let merged = fs::read(project.path("one/records.ndjson")).unwrap();
    assert_eq!(merged, fs::read(project.path("two/records.ndjson")).unwrap());
    let merged = load(&project.path("one"));
    let stages: Vec<_> = merged.run.parts.iter().map(|part| part.stage.unwrap()).collect();
    // Parts stand in the order of their ids, which is chance where both began in one second.
    assert_eq!(stages.len(), 2, "{stages:?}");
    assert!(stages.contains(&Stage::Prime) && stages.contains(&Stage::Measure), "{stages:?}");
    assert!(merged.run.parts.iter().all(|part| part.snapshot_key.as_deref() == Some(key.as_str())));
    project.assert_home_untouched();
}

#[test]
fn archives_are_unpacked_and_timed_by_the_job_that_measures() {
    let project = project();
    prime(&project, &["--snapshot-as", "archive"]).expect(0);
    let data = project.path("snapshots/b001-candidate/data");
    let mut names: Vec<_> = fs::read_dir(&data).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["both.tar.zst", "tool.tar.zst"]);
    measure(&project, "measure", "snapshots", &[]).expect(0);
    for (sample, _) in &part(&project, "measure").samples {
        assert_eq!((sample.outcome, sample.evidence.hits), (Outcome::Ok, Some(1)));
        let seed = sample.evidence.snapshot.as_ref().unwrap();
        assert_eq!((seed.form, seed.restore), (SnapshotForm::Archive, RestoreTime::Measured));
        assert!(sample.caches["tool"].restore_ns.unwrap() > 0);
        assert!(sample.caches["tool"].archive_bytes.unwrap() > 0);
    }
    let refused =
        measure(&project, "given", "snapshots", &["--restore-seconds", "b001-candidate=1"]);
    assert!(refused.expect(2).stderr.contains("unpacked and timed here"));
}

#[test]
fn what_a_cache_step_changes_besides_the_content_is_measured_and_recorded() {
    let project = project();
    prime(&project, &[]).expect(0);
    for block in ["b001", "b002"] {
        let run = find(&project.path(&format!("snapshots/{block}-candidate")), "run");
        let touched = std::process::Command::new("touch").arg(&run).status().unwrap();
        assert!(touched.success());
        let mode = std::process::Command::new("chmod").arg("700").arg(&run).status().unwrap();
        assert!(mode.success());
    }
    measure(&project, "measure", "snapshots", &[]).expect(0);
    let (sample, _) = &part(&project, "measure").samples[0];
    let seed = sample.evidence.snapshot.as_ref().unwrap();
    assert_eq!((seed.changed_mtimes, seed.changed_modes), (1, 1));
    let report = bench(&project, &["report", "parts/measure"]).expect(0);
    assert!(report.stdout.contains("the cache step changed"), "{}", report.stdout);
}

#[test]
fn a_cold_run_that_failed_is_handed_over_as_its_reason() {
    let project = project();
    let broken = ["--set", "mode=broken", "--max-failures", "9"];
    let primed = prime(&project, &broken).expect(4);
    assert_eq!(primed.value("snapshots"), "2");
    measure(&project, "measure", "snapshots", &broken).expect(4);
    let why = part(&project, "prime").samples[0].0.reason.clone().unwrap();
    assert!(why.contains('7'), "its exit code: {why}");
    for (sample, _) in &part(&project, "measure").samples {
        assert_eq!(sample.outcome, Outcome::Failed);
        let reason = sample.reason.as_deref().unwrap();
        assert_eq!(reason, format!("not run, because there is no snapshot: {why}"));
    }
    let merged = bench(&project, &["merge", "parts/prime", "parts/measure", "--out", "one"]);
    assert_eq!(merged.expect(0).stdout.matches("parts are missing").count(), 0);
}

#[test]
fn both_arms_of_a_comparison_are_handed_over_and_measured_in_one_job_each() {
    let project = project();
    let primed = prime(&project, &["--aa"]).expect(0);
    assert_eq!(primed.value("snapshots"), "4");
    measure(&project, "measure", "snapshots", &["--aa"]).expect(0);
    let there = part(&project, "measure");
    assert_eq!(there.samples.len(), 4);
    let one = bench(&project, &["merge", "parts/prime", "parts/measure", "--out", "one"]).expect(0);
    assert!(one.stdout.contains("Evidence: 12 of 12 samples proven"), "{}", one.stdout);
}

#[test]
fn a_prime_that_was_interrupted_goes_on_and_saves_what_it_lacks() {
    let project = project();
    prime(&project, &[]).expect(0);
    // As a job that was killed before the second block's samples were whole leaves it.
    let path = project.path("parts/prime/records.ndjson");
    let text = fs::read_to_string(&path).unwrap();
    let kept: Vec<&str> = text.lines().take(4).collect();
    fs::write(&path, kept.join("\n") + "\n").unwrap();
    fs::remove_dir_all(project.path("snapshots/b002-candidate")).unwrap();
    let first = fs::read(project.path("snapshots/b001-candidate/snapshot.json")).unwrap();
    // And what it had begun to save when it was killed.
    fs::create_dir(project.path("snapshots/.draft-x")).unwrap();
    let resumed = bench(&project, &["run", "--resume", "parts/prime"]).expect(0);
    assert_eq!(resumed.value("snapshots"), "2");
    assert_eq!(fs::read(project.path("snapshots/b001-candidate/snapshot.json")).unwrap(), first);
    measure(&project, "measure", "snapshots", &[]).expect(0);
    bench(&project, &["merge", "parts/prime", "parts/measure", "--out", "one"]).expect(0);
}

#[test]
fn the_plan_says_which_unit_waits_for_which_and_under_which_key() {
    let project = project();
    let base = ["plan", "--scenario", "scenario", "--state", "state", "--shards", "2", "--stages"];
    let plan =
        |extra: &[&str]| bench(&project, &[&base[..], &stages_support::PLAN, extra].concat());
    let json = plan(&["--snapshot-tag", "77-1", "--format", "json"]).expect(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let units = json["units"].as_array().unwrap();
    assert_eq!(units.len(), 4);
    assert_eq!(
        (&units[0]["id"], &units[1]["id"]),
        (&"prime-1-of-2".into(), &"measure-1-of-2".into())
    );
    assert_eq!(
        (&units[0]["needs"], &units[1]["needs"]),
        (&serde_json::Value::Null, &"prime-1-of-2".into())
    );
    assert_eq!(units[0]["cache"], units[1]["cache"]);
    let key = units[0]["cache"]["key"].as_str().unwrap();
    assert!(key.ends_with("-b1-77-1"), "{key}");
    assert_ne!(units[0]["cache"]["key"], units[2]["cache"]["key"]);

    let matrix = plan(&["--snapshot-tag", "77-1", "--format", "github-matrix"]).expect(0).stdout;
    assert_eq!(matrix.lines().count(), 1);
    let matrix: serde_json::Value = serde_json::from_str(&matrix).unwrap();
    for stage in ["prime", "measure"] {
        let entries = matrix[stage]["include"].as_array().unwrap();
        assert_eq!(entries.len(), 2);
        for entry in entries {
            let texts = entry.as_object().unwrap();
            assert!(texts.values().all(serde_json::Value::is_string), "{entry}");
            assert_eq!((texts.len(), &entry["stage"]), (9, &stage.into()));
        }
    }
    assert_eq!(matrix["measure"]["include"][0]["key"], key);

    let text = plan(&[]).expect(0).stdout;
    let stages: Vec<bool> = text.lines().map(|line| line.contains("--stage prime")).collect();
    assert_eq!(stages, [true, true, false, false], "{text}");

    // The commands of the plan are commands.
    let run = |index: usize, extra: &[&str]| {
        let args: Vec<String> = serde_json::from_value(units[index]["args"].clone()).unwrap();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        bench(&project, &[&args[..], extra].concat())
    };
    let primed =
        run(0, &["--state", "state", "--out", "p1", "--snapshot-dir", "snapshots"]).expect(0);
    assert_eq!(primed.value("key"), key);
    assert_eq!(primed.value("prefix"), units[0]["cache"]["prefix"].as_str().unwrap());
    let measured =
        run(1, &["--state", "state", "--out", "p2", "--restored", "snapshots"]).expect(0);
    assert_eq!(measured.value("matched"), "exact");
}

#[test]
fn only_what_is_missing_of_a_staged_run_is_planned_again() {
    let project = project();
    let key = prime(&project, &[]).expect(0).value("key").to_owned();
    let missing = |runs: &[&str]| -> serde_json::Value {
        let args =
            [&["plan", "--missing"], runs, &["--snapshot-tag", "x", "--format", "json"]].concat();
        serde_json::from_str(&bench(&project, &args).expect(0).stdout).unwrap()
    };
    // Both snapshots are there: only cross-runner is to be measured, from their key.
    let plan = missing(&["parts/prime"]);
    let units = plan["units"].as_array().unwrap();
    assert_eq!(units.len(), 1);
    assert_eq!(
        (&units[0]["stage"], &units[0]["cache"]["key"]),
        (&"measure".into(), &key.as_str().into())
    );
    assert_eq!(units[0]["only_blocks"], serde_json::json!([1, 2]));
    let args: Vec<String> = serde_json::from_value(units[0]["args"].clone()).unwrap();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let extra = ["--state", "state", "--out", "parts/measure", "--restored", "snapshots"];
    assert_eq!(bench(&project, &[&args[..], &extra].concat()).expect(0).value("matched"), "exact");
    let all = bench(&project, &["merge", "parts/prime", "parts/measure", "--out", "all"]);
    all.expect(0);
    assert_eq!(missing(&["all"])["units"], serde_json::json!([]));

    // A block that was not even primed takes both stages.
    let path = project.path("parts/prime/records.ndjson");
    let text = fs::read_to_string(&path).unwrap();
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains("\"b002-") && !line.contains("\"end\""))
        .collect();
    fs::write(&path, kept.join("\n") + "\n").unwrap();
    let plan = missing(&["parts/prime"]);
    let stages: Vec<_> =
        plan["units"].as_array().unwrap().iter().map(|u| u["stage"].clone()).collect();
    assert_eq!(stages, ["prime", "measure", "measure"]);
    let merged = bench(&project, &["merge", "parts/prime", "--out", "some"]).expect(6);
    assert!(merged.stderr.contains("block 1: candidate cross-runner"), "{}", merged.stderr);
    assert!(merged.stderr.contains("block 2: all of it"), "{}", merged.stderr);
}

#[test]
fn whole_blocks_and_stages_of_blocks_are_not_mixed() {
    let project = project();
    prime(&project, &[]).expect(0);
    stage(&project, "whole", &[]).expect(0);
    let merged =
        bench(&project, &["merge", "parts/prime", "parts/whole", "--out", "one"]).expect(2);
    assert!(merged.stderr.contains("one stage of them"), "{}", merged.stderr);
}
