//! `Cargo.toml`: cargo's own test runner, and cargo-nextest where its configuration is there or a workflow calls it.

use super::ci;
use super::detected::{Detected, ProposedCache};
use super::project::Project;

const TOOLS: &str = r#"
[tools.cargo]
version = ["cargo", "--version"]
# The runner has its own home: a cargo that is rustup's launcher would look for its toolchains there.
prefix = ["rustc", "--print", "sysroot"]
install = { note = "from https://rustup.rs" }

[tools.cc]
version = ["cc", "--version"]
install = { debian = ["gcc", "libc6-dev"], note = "rustc links with it" }
"#;

const PROBE: &str = r#"
# Hits are units that cargo found fresh, misses are units that it built.
[[probe]]
name = "cargo"
phase = "build"
hits = '"fresh":true'
misses = '"fresh":false'
counter = "sample"
"#;

/// Where nextest's phase takes the place of cargo's.
const TEST_PHASE: &str = "\n[[phase]]\nname = \"test\"";
/// Makes nextest write a report.
const REPORT: &str = "# Adds a report of every test's time to the project's own configuration.\n\
                      [profile.default.junit]\npath = \"junit.xml\"\n";

pub(super) fn cargo(project: &Project) -> Option<Detected> {
    let manifest = project.text("Cargo.toml")?;
    let workspace = manifest.lines().any(|line| line.trim_start().starts_with("[workspace"));
    let lock = project.text("Cargo.lock");
    let all = if workspace { r#""--workspace", "# } else { "" };
    let parts = format!(
        r#"{TOOLS}
[[phase]]
name = "build"
measured = true
run = ["cargo", "test", {all}"--no-run", "--message-format=json"]
timeout = "30m"

[[phase]]
name = "test"
measured = true
run = ["cargo", "test"{}]
timeout = "30m"
{PROBE}"#,
        if workspace { r#", "--workspace""# } else { "" },
    );
    let mut caches = vec![ProposedCache::new("target", "{workspace}/target", "What cargo built.")];
    let mut unknown = Vec::new();
    let fetches = lock.as_deref().is_none_or(|lock| lock.contains("source = \""));
    if lock.is_none() {
        unknown.push(
            "there is no Cargo.lock: versions of dependencies may change between samples (hint: \
             `cargo generate-lockfile`, and commit it)"
                .to_owned(),
        );
    }
    if fetches {
        caches.push(ProposedCache::new(
            "registry",
            "{home}/.cargo/registry",
            "Packages that cargo downloaded and unpacked.",
        ));
    }
    Some(Detected {
        what: if workspace { "cargo workspace" } else { "cargo" },
        because: "Cargo.toml".to_owned(),
        parts,
        env: vec![("CARGO_HOME", "{home}/.cargo"), ("CARGO_TERM_COLOR", "never")],
        caches,
        unknown,
        files: Vec::new(),
    })
}

pub(super) fn nextest(project: &Project) -> Option<Detected> {
    let because = if project.has(".config/nextest.toml") {
        ".config/nextest.toml".to_owned()
    } else {
        ci::workflows(project).find(|path| project.says(path, "nextest"))?
    };
    let mut found = cargo(project)?;
    let (head, tail) = found.parts.split_once(TEST_PHASE)?;
    let probe = &tail[tail.find("\n# Hits")?..];
    let all = if found.what == "cargo workspace" { r#""--workspace", "# } else { "" };
    found.parts = format!(
        r#"{head}
[tools.nextest]
version = ["cargo-nextest", "nextest", "--version"]
install = {{ cargo = ["cargo-nextest"], note = "or a binary from https://nexte.st" }}
{TEST_PHASE}
measured = true
run = ["cargo-nextest", "nextest", "run", {all}"--no-fail-fast", "--tool-config-file", "bench:{{scenario}}/nextest.toml"]
timeout = "30m"

[examples]
phase = "test"
extract = {{ format = "junit", path = "target/nextest/default/junit.xml" }}
{probe}"#
    );
    found.files = vec![("nextest.toml", REPORT)];
    Some(Detected { what: "cargo-nextest", because, ..found })
}
