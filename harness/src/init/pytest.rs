//! pytest: its configuration, wherever it is.

use super::found::Found;
use super::project::Project;
use super::python::{TOOLS, pip};

pub(super) fn detect(project: &Project) -> Option<Found> {
    let because = ["pytest.ini", "conftest.py", "tests/conftest.py"]
        .into_iter()
        .find(|path| project.has(path))
        .or_else(|| project.says("pyproject.toml", "[tool.pytest").then_some("pyproject.toml"))
        .or_else(|| project.says("setup.cfg", "[tool:pytest]").then_some("setup.cfg"))?;
    let mut unknown = Vec::new();
    let wanted = ["requirements-dev.txt", "requirements.txt"].into_iter().find(|p| project.has(p));
    let install = if let Some(file) = wanted {
        format!(".venv/bin/pip install pytest -r {file}")
    } else if project.has("pyproject.toml") || project.has("setup.py") {
        unknown.push("which extras the tests need: `pip install -e .` installs none".to_owned());
        ".venv/bin/pip install pytest -e .".to_owned()
    } else {
        unknown.push("what the tests need: only pytest is installed".to_owned());
        ".venv/bin/pip install pytest".to_owned()
    };
    let parts = format!(
        r#"{TOOLS}
[[phase]]
name = "install"
measured = true
shell = true
run = "python3 -m venv .venv && {install}"
timeout = "15m"

[[phase]]
name = "test"
measured = true
run = ["{{workspace}}/.venv/bin/python", "-m", "pytest", "--junitxml=report.xml"]
timeout = "30m"

[examples]
phase = "test"
extract = {{ format = "junit", path = "report.xml" }}
"#
    );
    let because = because.to_owned();
    Some(Found { what: "pytest", because, parts, caches: vec![pip()], unknown, ..Found::default() })
}
