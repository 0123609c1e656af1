//! `noxfile.py`.

use super::found::Found;
use super::project::Project;
use super::python::{TOOLS, pip, uv};

pub(super) fn detect(project: &Project) -> Option<Found> {
    let text = project.text("noxfile.py")?;
    let parts = format!(
        r#"{TOOLS}
[tools.nox]
version = ["nox", "--version"]
install = {{ pip = ["nox"] }}

[[phase]]
name = "sessions"
measured = true
run = ["nox", "--report", "nox-report.json"]
timeout = "30m"

[examples]
phase = "sessions"
extract = {{ format = "nox-report", path = "nox-report.json" }}
"#
    );
    Some(Found {
        what: "nox",
        because: "noxfile.py".to_owned(),
        parts,
        caches: vec![if text.contains("uv") { uv() } else { pip() }],
        unknown: vec!["which sessions your CI runs: nox runs its default ones".to_owned()],
        ..Found::default()
    })
}
