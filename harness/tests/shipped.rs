//! The shipped scenarios on their real tools: what each is there to show, it shows.

mod common;

use std::path::PathBuf;
use std::process::Command;

use bench_record::{Outcome, Regime};
use common::Finished;

/// Runs a scenario of the binary itself, from a directory in which no `scenarios/` is found.
fn run(scenario: &str, extra: &[&str]) -> (tempfile::TempDir, Finished) {
    let root = tempfile::tempdir().unwrap();
    let out: PathBuf = root.path().join("out");
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(["run", "--scenario", scenario, "--state", "state", "--out", "out", "--blocks", "1"])
        .args(extra)
        .current_dir(root.path())
        .env("CI", "1")
        .output()
        .unwrap();
    (root, Finished { output, out })
}

#[test]
fn cargo_rebuilds_path_packages_on_another_runner_although_target_was_restored() {
    let (_root, finished) = run("cargo-workspace", &["--examples", "[a-g]*"]);
    let finished = finished.expect_code(0);
    let (cold, misses) = finished.hits(Regime::Cold);
    let (same, same_misses) = finished.hits(Regime::SameRunner);
    assert!(misses > Some(0), "a cold run builds");
    assert_eq!((same, same_misses), (cold.zip(misses).map(|(h, m)| h + m), Some(0)));
    assert_eq!(finished.hits(Regime::CrossRunner), (cold, misses));
    let (cross, _) = finished.sample(Regime::CrossRunner);
    assert!(cross.evidence.seed_bytes > 0, "target/ was restored");
    assert!(finished.stdout().contains("no more than cold's own"), "{}", finished.stdout());
}

#[test]
fn ccache_misses_on_another_runner_by_default_and_hits_when_made_portable() {
    let run = |tuning: &str| {
        let extra = ["--set", "launcher=ccache", "--set", tuning, "--examples", "eeprom_[c-g]*"];
        let (root, finished) = run("arduino-uno", &extra);
        (root, finished.expect_code(0))
    };
    let (_root, default) = run("tuning=default");
    let (cold, misses) = default.hits(Regime::Cold);
    let all = (cold.zip(misses).map(|(hits, misses)| hits + misses), Some(0));
    assert!(misses > Some(0));
    assert_eq!(default.hits(Regime::SameRunner), all);
    assert_eq!(default.hits(Regime::CrossRunner), (cold, misses));
    let (_root, portable) = run("tuning=portable");
    assert_eq!(portable.hits(Regime::SameRunner), all);
    assert_eq!(portable.hits(Regime::CrossRunner), all);
    let (sample, examples) = portable.sample(Regime::CrossRunner);
    assert!(sample.output_digest.is_some(), "hex files are compared");
    assert!(!examples.is_empty());
    assert!(examples.iter().all(|example| example.outcome == Outcome::Ok));
    let digests: std::collections::BTreeSet<_> =
        portable.records().samples.into_iter().map(|(sample, _)| sample.output_digest).collect();
    assert_eq!(digests.len(), 1, "warm hex files equal cold ones");
}

#[test]
fn a_source_that_cannot_be_had_is_named_with_the_way_to_give_one() {
    let (_root, finished) = run("fastled-uno", &["--source", "no-such-clone"]);
    let finished = finished.expect_code(2);
    assert!(finished.stderr().contains("--source DIR"), "{}", finished.stderr());
    assert!(!finished.out.exists());
}
