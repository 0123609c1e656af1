//! tox: `tox.ini`, `tox.toml`, or its table in another file.

use super::found::Found;
use super::project::Project;
use super::python::{TOOLS, pip};

pub(super) fn detect(project: &Project) -> Option<Found> {
    let because = ["tox.ini", "tox.toml"]
        .into_iter()
        .find(|path| project.has(path))
        .or_else(|| project.says("pyproject.toml", "[tool.tox").then_some("pyproject.toml"))
        .or_else(|| project.says("setup.cfg", "[tox:tox]").then_some("setup.cfg"))?;
    let parts = format!(
        r#"{TOOLS}
[tools.tox]
version = ["tox", "--version"]
install = {{ pip = ["tox"] }}

[[phase]]
name = "environments"
measured = true
run = ["tox", "run", "--skip-missing-interpreters", "true"]
timeout = "30m"
"#
    );
    Some(Found {
        what: "tox",
        because: because.to_owned(),
        parts,
        caches: vec![pip()],
        unknown: vec![
            "which environments your CI runs: `-e NAME` in the phase chooses".to_owned(),
            "times of single tests: tox prints none (hint: `[examples]` with a JUnit report that the tests write)"
                .to_owned(),
        ],
        ..Found::default()
    })
}
