//! The shipped scenarios on their real tools: what each is there to show, it shows.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use bench_record::{Outcome, Regime};
use common::Finished;

/// Runs a scenario of the binary itself, from a directory in which no `scenarios/` is found.
/// All regimes but hot.
const EVERY_RUNNER: &str = "cold,same-runner,cross-runner,moved-runner";

fn run(scenario: &str, extra: &[&str]) -> (tempfile::TempDir, Finished) {
    run_with(scenario, Path::new("state"), extra)
}

fn run_with(scenario: &str, state: &Path, extra: &[&str]) -> (tempfile::TempDir, Finished) {
    let root = tempfile::tempdir().unwrap();
    let out: PathBuf = root.path().join("out");
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(["run", "--scenario", scenario, "--out", "out", "--blocks", "1", "--state"])
        .arg(state)
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
    assert!(cross.evidence.snapshot_bytes > 0, "target/ was restored");
    assert!(finished.stdout().contains("no more than cold's own"), "{}", finished.stdout());
}

#[test]
fn ccache_misses_at_other_paths_by_default_and_hits_when_made_portable() {
    let run = |tuning: &str| {
        let extra = [
            "--set",
            "launcher=ccache",
            "--set",
            tuning,
            "--examples",
            "eeprom_[c-g]*",
            "--regime",
            EVERY_RUNNER,
        ];
        let (root, finished) = run("arduino-uno", &extra);
        (root, finished.expect_code(0))
    };
    let (_root, default) = run("tuning=default");
    let (cold, misses) = default.hits(Regime::Cold);
    let all = (cold.zip(misses).map(|(hits, misses)| hits + misses), Some(0));
    assert!(misses > Some(0));
    assert_eq!(default.hits(Regime::SameRunner), all);
    assert_eq!(default.hits(Regime::CrossRunner), all, "the paths are the same");
    assert_eq!(default.hits(Regime::MovedRunner), (cold, misses));
    let (_root, portable) = run("tuning=portable");
    assert_eq!(portable.hits(Regime::SameRunner), all);
    assert_eq!(portable.hits(Regime::MovedRunner), all);
    let (sample, examples) = portable.sample(Regime::MovedRunner);
    assert!(sample.output_digest.is_some(), "hex files are compared");
    assert!(!examples.is_empty());
    assert!(examples.iter().all(|example| example.outcome == Outcome::Ok));
    let digests: std::collections::BTreeSet<_> =
        portable.records().samples.into_iter().map(|(sample, _)| sample.output_digest).collect();
    assert_eq!(digests.len(), 1, "warm hex files equal cold ones");
}

/// Makes nox and uv available as a user does. The state root stays from run to run of the tests: what is
/// installed once is found again. Only one test at a time may use it, until the lock that is returned is dropped.
fn nox_state() -> (PathBuf, std::fs::File) {
    let lock = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("nox-venv.lock");
    let lock = std::fs::File::create(lock).unwrap();
    lock.lock().unwrap();
    let state = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("nox-venv-state");
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(["doctor", "--scenario", "nox-venv", "--install", "--state"])
        .arg(&state)
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .env("CI", "1")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "uv and nox could not be installed; this test needs python3-venv and a package registry that pip reaches:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (state, lock)
}

#[test]
fn nox_environments_are_reused_at_the_same_paths_and_broken_at_others_where_uv_still_hits() {
    let (state, _lock) = nox_state();
    let run = |sets: &[&str]| {
        let mut extra = vec!["--set", "sessions=quick", "--regime", EVERY_RUNNER];
        extra.extend(sets.iter().flat_map(|set| ["--set", set]));
        run_with("nox-venv", &state, &extra)
    };
    let (_root, environments) = run(&["caches=uv+nox", "reuse=R"]);
    let environments = environments.expect_code(4);
    assert_eq!(environments.hits(Regime::Cold), (Some(0), Some(2)));
    assert_eq!(environments.hits(Regime::SameRunner), (Some(2), Some(0)));
    assert_eq!(environments.hits(Regime::CrossRunner), (Some(2), Some(0)));
    let (cold, examples) = environments.sample(Regime::Cold);
    let names: Vec<_> = examples.iter().map(|example| example.name.as_str()).collect();
    assert_eq!(names, ["lint", "typecheck"]);
    let (uv, nox) = (&cold.caches["uv"], &cold.caches["nox"]);
    assert!(nox.files > 1000 && nox.bytes < uv.bytes / 2, "environments are links into uv's cache");
    assert_eq!(nox.archived_with.as_deref(), Some("uv"));
    let (moved, examples) = environments.sample(Regime::MovedRunner);
    assert_eq!(moved.outcome, Outcome::Failed, "its interpreter is at another path");
    assert!(moved.reason.as_ref().unwrap().contains("No such file or directory"), "{moved:?}");
    assert_eq!(moved.evidence.contradictions, Vec::<String>::new());
    // ruff is a program, mypy a script whose first line names the interpreter.
    let outcomes: Vec<_> = examples.iter().map(|e| (e.name.as_str(), e.outcome)).collect();
    assert_eq!(outcomes, [("lint", Outcome::Ok), ("typecheck", Outcome::Failed)]);

    let (_root, packages) = run(&["caches=uv", "reuse=N"]);
    let packages = packages.expect_code(0);
    let (_, fetched) = packages.hits(Regime::Cold);
    // The project itself is built in every sample, everything else comes from the cache.
    assert!(fetched > Some(20), "{fetched:?}");
    for regime in [Regime::SameRunner, Regime::CrossRunner, Regime::MovedRunner] {
        assert_eq!(packages.hits(regime).1, Some(1), "{regime}");
    }
}

#[test]
fn tools_that_are_missing_are_named_with_the_scenario_and_the_way_to_get_them() {
    let root = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(["run", "--scenario", "nox-venv", "--state", "state", "--out", "out"])
        .current_dir(root.path())
        .env("PATH", root.path())
        .output()
        .unwrap();
    let finished = Finished { output, out: root.path().join("out") }.expect_code(2);
    let stderr = finished.stderr();
    for part in [
        "scenario `nox-venv` needs tools",
        "nox: `nox` is not on PATH",
        "-m pip install nox==",
        "bench doctor --scenario nox-venv --install",
    ] {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
}

#[test]
fn a_registry_that_is_out_of_reach_fails_the_run_and_is_named() {
    let (state, _lock) = nox_state();
    let root = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(["run", "--scenario", "nox-venv", "--set", "sessions=quick", "--regime", "cold"])
        .args(["--blocks", "1", "--out", "out", "--state"])
        .arg(&state)
        .current_dir(root.path())
        .env("CI", "1")
        // Nothing listens on the discard port.
        .env("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
        .output()
        .unwrap();
    let finished = Finished { output, out: root.path().join("out") }.expect_code(4);
    let (cold, _) = finished.sample(Regime::Cold);
    assert_eq!(cold.outcome, Outcome::Failed);
    let reason = cold.reason.unwrap();
    assert!(reason.contains("uv cannot reach its package registry (hint: "), "{reason}");
    assert!(finished.stderr().contains("uv cannot reach"), "{}", finished.stderr());
    assert!(finished.stdout().contains("nox-venv"), "{}", finished.stdout());
}

#[test]
fn a_source_that_cannot_be_had_is_named_with_the_way_to_give_one() {
    let (_root, finished) = run("fastled-uno", &["--source", "no-such-clone"]);
    let finished = finished.expect_code(2);
    assert!(finished.stderr().contains("--source DIR"), "{}", finished.stderr());
    assert!(!finished.out.exists());
}
