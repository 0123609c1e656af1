//! cargo-nextest: its configuration, or a workflow that calls it.

use super::found::Found;
use super::project::Project;
use super::{cargo, ci};

const FROM: &str = "\n[[phase]]\nname = \"test\"";
const REPORT: &str = "# Adds a report of every test's time to the project's own configuration.\n\
                      [profile.default.junit]\npath = \"junit.xml\"\n";

pub(super) fn detect(project: &Project) -> Option<Found> {
    let because = if project.has(".config/nextest.toml") {
        ".config/nextest.toml".to_owned()
    } else {
        ci::workflows(project).find(|path| project.says(path, "nextest"))?
    };
    let mut found = cargo::detect(project)?;
    let (head, tail) = found.parts.split_once(FROM)?;
    let probe = &tail[tail.find("\n# Hits")?..];
    let all = if found.what == "cargo workspace" { r#""--workspace", "# } else { "" };
    found.parts = format!(
        r#"{head}
[tools.nextest]
version = ["cargo-nextest", "nextest", "--version"]
install = {{ cargo = ["cargo-nextest"], note = "or a binary from https://nexte.st" }}
{FROM}
measured = true
run = ["cargo-nextest", "nextest", "run", {all}"--no-fail-fast", "--tool-config-file", "bench:{{scenario}}/nextest.toml"]
timeout = "30m"

[examples]
phase = "test"
extract = {{ format = "junit", path = "target/nextest/default/junit.xml" }}
{probe}"#
    );
    found.files = vec![("nextest.toml", REPORT)];
    Some(Found { what: "cargo-nextest", because, ..found })
}
