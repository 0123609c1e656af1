//! Every `run:` script of the workflows and actions, executed outside a forge with the variables that it sets.

mod actions;
mod expression;
mod forge;
mod inputs;
mod machine;
mod model;
mod nightly;
mod pages;
mod pull_request;
mod rules;
#[expect(dead_code, unreachable_pub, reason = "it is also part of other test binaries")]
#[path = "../common/scenarios.rs"]
mod scenarios;
mod stranger;
mod stranger_machines;
mod tools;

use forge::Forge;
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

#[test]
fn a_release_is_self_contained_and_carries_checksums() {
    let mut forge = Forge::new(&[&SCRIPTS[..], &["LICENSE-APACHE", "README.md"]].concat(), &[]);
    forge.github["ref"] = json!("refs/tags/v0.1.0");
    // One line each of what readelf says about a binary that is not self-contained.
    for dynamic in [
        "0x1 (NEEDED) Shared library: [libc.so.6]",
        "INTERP 0x000350 0x00350 0x00350 0x01c 0x01c R 0x1",
    ] {
        forge.tools.add("readelf", &format!("echo '{dynamic}'"));
        forge.log.clear();
        let results = forge.run(".github/workflows/release.yml");
        assert_eq!((&*results["build"], &*results["publish"]), ("failure", "skipped"), "{dynamic}");
        assert!(forge.log.contains("the binary needs shared libraries"), "{}", forge.log);
    }

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
