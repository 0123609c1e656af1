//! What a job of a stage refuses: snapshots that are missing, incomplete or of something else, and plans that cannot be
//! staged at all.

mod common;
mod stages_support;

use std::fs;

use bench_record::KeyMatch;
use common::load;
use stages_support::{PLAN, bench, carry, find, measure, part, prime, project, stage};

#[test]
fn a_snapshot_that_was_not_restored_ends_the_job_and_is_never_a_cold_sample() {
    let project = project();
    let key = prime(&project, &[]).expect(0).value("key").to_owned();
    let expect = |name: &str, dir: &str, extra: &[&str], texts: &[&str]| {
        let ended = measure(&project, name, dir, extra).expect(5);
        for text in texts {
            assert!(ended.stderr.contains(text), "{name}: no `{text}` in {}", ended.stderr);
        }
        assert_eq!(ended.stdout, "");
        assert!(!project.path(&format!("parts/{name}")).exists(), "{name} left records");
    };
    // The cache step found nothing, and says so.
    expect("nothing", "snapshots", &["--matched-key", ""], &["are missing", &key]);
    // It says that it restored, and nothing is in place.
    let place = project.path("wrong/place/b001-candidate/snapshot.json");
    let place = format!("expected `{}`", place.display());
    expect(
        "absent",
        "wrong/place",
        &[],
        &["`b001-candidate` is missing", "`b002-candidate`", &place],
    );
    expect(
        "claimed",
        "wrong/place",
        &["--matched-key", &key],
        &[&place, "workspace: give both jobs"],
    );
    // One block of two.
    carry(&project.path("snapshots/b001-candidate"), &project.path("half/b001-candidate"));
    expect("half", "half", &[], &["`b002-candidate` is missing"]);

    // Files that were lost, changed or added.
    let damaged = |name: &str, damage: &dyn Fn(&std::path::Path), texts: &[&str]| {
        let dir = project.path(&format!("damaged-{name}"));
        carry(&project.path("snapshots"), &dir);
        damage(&dir.join("b002-candidate"));
        expect(name, &format!("damaged-{name}"), &[], texts);
    };
    let lost = project.path("damaged-lost/b002-candidate/data/tool/now");
    damaged(
        "lost",
        &|seed| fs::remove_file(find(seed, "now")).unwrap(),
        &["`b002-candidate` is not what was saved", "1 of", &lost.display().to_string()],
    );
    damaged(
        "gone",
        &|seed| fs::remove_dir_all(seed.join("data")).unwrap(),
        &["entries are missing"],
    );
    damaged(
        "changed",
        &|seed| {
            let run = find(seed, "run");
            fs::write(run, "#!/bin/xx\n").unwrap();
        },
        &["1 changed", "its content differs"],
    );
    damaged(
        "added",
        &|seed| fs::write(seed.join("data/tool/new"), "").unwrap(),
        &["1 were not saved by anyone"],
    );
    damaged(
        "unlinked",
        &|seed| {
            let big = seed.join("data/both/store/wheels/big");
            let content = fs::read(&big).unwrap();
            fs::remove_file(&big).unwrap();
            fs::write(&big, content).unwrap();
        },
        &["its hard link is lost"],
    );
    damaged(
        "list",
        &|seed| fs::write(seed.join("files.ndjson"), "").unwrap(),
        &["is not the list"],
    );
    damaged(
        "newer",
        &|seed| {
            let text = fs::read_to_string(seed.join("snapshot.json")).unwrap();
            fs::write(seed.join("snapshot.json"), text.replace("bench.snapshot/1", "bench.seed/2"))
                .unwrap();
        },
        &["its schema is `bench.seed/2`", "reads `bench.snapshot/1`"],
    );
    // A cache that somebody else could write to: nothing but the scenario's own archives is looked for.
    damaged(
        "hostile",
        &|seed| {
            let text = fs::read_to_string(seed.join("snapshot.json")).unwrap();
            let text = text.replace("\"name\": \"tool\"", "\"name\": \"../../../home\"");
            fs::write(seed.join("snapshot.json"), text).unwrap();
        },
        &["the archives of its caches differ"],
    );
}

#[test]
fn another_jobs_key_of_the_same_plan_is_allowed_and_said_and_any_other_is_refused() {
    let project = project();
    prime(&project, &[]).expect(0);
    let other = ["--stage", "measure", "--restored", "snapshots", "--snapshot-tag", "two"];
    let ended = stage(&project, "measure", &other).expect(0);
    assert_eq!(ended.value("matched"), "prefix");
    assert!(ended.stderr.contains("only has the same prefix"), "{}", ended.stderr);
    for (sample, _) in &part(&project, "measure").samples {
        assert_eq!(sample.evidence.snapshot.as_ref().unwrap().matched, KeyMatch::Prefix);
    }
    // In a part all that is known is the key; next to the job that made the snapshot nothing is wrong.
    let report = bench(&project, &["report", "parts/measure"]).expect(0);
    assert!(
        report.stdout.contains("started from the snapshot of another job"),
        "{}",
        report.stdout
    );
    let merged = bench(&project, &["merge", "parts/prime", "parts/measure", "--out", "one"]);
    assert!(!merged.expect(0).stdout.contains("started from the snapshot"));

    // What the step says it restored is not what is there.
    let claim =
        measure(&project, "claim", "snapshots", &["--matched-key", "bench-snapshot-1-other"]);
    assert!(claim.expect(5).stderr.contains("was not restored from"));
    // A scenario that changed since is another plan: nothing of it fits.
    project.write("scenario/workspace/src.txt", "beta");
    let changed = measure(&project, "changed", "snapshots", &[]).expect(5);
    assert!(changed.stderr.contains("has key `bench-snapshot-1-"), "{}", changed.stderr);
    let foreign = ["--stage", "measure", "--restored", "snapshots", "--snapshot-key", "some-key"];
    let foreign = stage(&project, "foreign", &foreign).expect(2);
    assert!(foreign.stderr.contains("keys of this plan start with"), "{}", foreign.stderr);
}

#[test]
fn a_snapshot_of_another_source_is_refused_by_what_differs() {
    let project = project();
    project.write("one/src.txt", "alpha");
    project.write("two/src.txt", "alpha and more");
    prime(&project, &["--source", "one"]).expect(0);
    let ended = measure(&project, "measure", "snapshots", &["--source", "two"]).expect(5);
    assert!(ended.stderr.contains("the source differ"), "{}", ended.stderr);
}

#[test]
fn the_runner_that_made_the_snapshot_must_be_out_of_reach() {
    let project = project();
    let run = |state: &str, extra: &[&str]| {
        let base = ["run", "--scenario", "scenario", "--state", state, "--snapshot-tag", "one"];
        bench(&project, &[&base[..], &PLAN, extra].concat())
    };
    let prime = ["--stage", "prime", "--snapshot-dir", "snapshots", "--out", "one", "--keep"];
    run("one-state", &prime).expect(0);
    let measure = ["--stage", "measure", "--restored", "snapshots", "--out", "two"];
    let ended = run("other-state", &measure).expect(5);
    assert!(ended.stderr.contains("is within reach: `"), "{}", ended.stderr);
}

#[test]
fn a_machine_with_other_paths_is_a_moved_runner_and_proves_no_cross_runner() {
    let project = project();
    let run = |state: &str, regime: &str, extra: &[&str]| {
        let base = ["run", "--scenario", "scenario", "--state", state, "--blocks", "1"];
        let plan = ["--seed", "7", "--regime", regime, "--snapshot-tag", "one"];
        bench(&project, &[&base[..], &plan, extra].concat())
    };
    for (regime, code) in [("cold,cross-runner", 5), ("cold,moved-runner", 0)] {
        let (from, to) = (format!("{regime}-snapshots"), format!("{regime}-out"));
        let prime = ["--stage", "prime", "--snapshot-dir", &from, "--out", "one"];
        run("one-state", regime, &prime).expect(0);
        fs::remove_dir_all(project.path("one")).unwrap();
        let measure = ["--stage", "measure", "--restored", &from, "--out", &to];
        run("other-state", regime, &measure).expect(code);
        let (sample, _) = &load(&project.path(&to)).samples[0];
        let said = sample.reason.as_deref().unwrap_or_default().contains("that is moved-runner");
        assert_eq!(said, code == 5, "{:?}", sample.reason);
    }
    // Nor is one machine both.
    let both = ["--stage", "prime", "--out", "both"];
    let refused = run("one-state", "cold,cross-runner,moved-runner", &both).expect(2);
    assert!(refused.stderr.contains("not both (hint: "), "{}", refused.stderr);
}

#[test]
fn what_cannot_be_staged_is_refused_before_anything_runs() {
    let project = project();
    project.write("full/file", "");
    let stage = |extra: &[&str]| {
        let base =
            ["run", "--scenario", "scenario", "--state", "state", "--out", "o", "--blocks", "2"];
        bench(&project, &[&base[..], extra].concat())
    };
    let seeded = |extra: &[&str]| stage(&[&["--seed", "7"], extra].concat());
    let prime =
        |extra: &[&str]| seeded(&[&["--stage", "prime", "--snapshot-tag", "x"], extra].concat());
    let measure = |extra: &[&str]| {
        let base = ["--stage", "measure", "--snapshot-tag", "x", "--restored", "d"];
        seeded(&[&base[..], extra].concat())
    };
    for (ended, text) in [
        (stage(&["--stage", "prime", "--snapshot-tag", "x"]), "--seed"),
        (seeded(&["--stage", "prime"]), "--snapshot-tag"),
        (seeded(&["--stage", "prime", "--snapshot-tag", "a,b"]), "`a,b`"),
        (seeded(&["--stage", "measure", "--snapshot-tag", "x"]), "--restored"),
        (measure(&["--snapshot-dir", "e"]), "is not an option of"),
        (prime(&["--restored", "d"]), "is not an option of"),
        (prime(&["--regime", "cold"]), "neither of which is among the regimes"),
        (prime(&["--set", "launcher=none"]), "neither of which is among the regimes"),
        (prime(&["--baseline-set", "launcher=none"]), "the baseline has no active cache"),
        (prime(&["--set", "mode=fast,slow"]), "one value per param"),
        (prime(&["--budget", "1h"]), "--budget"),
        (prime(&["--snapshot-dir", "full"]), "holds `file`"),
        (measure(&["--restore-seconds", "3"]), "one time for 2 snapshots"),
        (
            measure(&["--restore-seconds", "b009-candidate=3"]),
            "there is no snapshot `b009-candidate`",
        ),
        (measure(&["--restore-seconds", "b001-candidate=0"]), "above 0"),
    ] {
        let ended = ended.expect(2);
        assert!(ended.stderr.contains(text), "no `{text}` in {}", ended.stderr);
    }
    assert!(!project.path("o").exists() && !project.path(".bench").exists());
}
