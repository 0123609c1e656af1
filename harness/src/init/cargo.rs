//! `Cargo.toml`: cargo's own test runner.

use super::found::{Cache, Found};
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

pub(super) fn detect(project: &Project) -> Option<Found> {
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
    let mut caches = vec![Cache::new("target", "{workspace}/target", "What cargo built.")];
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
        caches.push(Cache::new(
            "registry",
            "{home}/.cargo/registry",
            "Packages that cargo downloaded and unpacked.",
        ));
    }
    Some(Found {
        what: if workspace { "cargo workspace" } else { "cargo" },
        because: "Cargo.toml".to_owned(),
        parts,
        env: vec![("CARGO_HOME", "{home}/.cargo"), ("CARGO_TERM_COLOR", "never")],
        caches,
        unknown,
        files: Vec::new(),
    })
}
