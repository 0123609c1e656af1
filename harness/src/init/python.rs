//! Python's test runners: nox (`noxfile.py`), tox (`tox.ini`, `tox.toml`, or its table in another file), and pytest
//! (its configuration, wherever it is).

use super::detected::{Detected, ProposedCache};
use super::project::Project;

const TOOLS: &str = r#"
[tools.python3]
version = ["python3", "--version"]
# A launcher such as pyenv's looks for its home, which a runner does not have.
prefix = ["python3", "-c", "import sys; print(sys.base_prefix)"]
install = { debian = ["python3", "python3-venv"], fedora = ["python3"], macos = ["python"] }
"#;

fn pip() -> ProposedCache {
    ProposedCache::new(
        "pip",
        "{cache}/pip",
        "Packages that pip downloaded and wheels that it built.",
    )
    .env("PIP_CACHE_DIR", &["~/.cache/pip"])
}

fn uv() -> ProposedCache {
    ProposedCache::new("uv", "{cache}/uv", "Packages that uv downloaded and unpacked.")
        .env("UV_CACHE_DIR", &["~/.cache/uv"])
}

pub(super) fn nox(project: &Project) -> Option<Detected> {
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
    Some(Detected {
        what: "nox",
        because: "noxfile.py".to_owned(),
        parts,
        caches: vec![if text.contains("uv") { uv() } else { pip() }],
        unknown: vec!["which sessions your CI runs: nox runs its default ones".to_owned()],
        ..Detected::default()
    })
}

pub(super) fn tox(project: &Project) -> Option<Detected> {
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
    Some(Detected {
        what: "tox",
        because: because.to_owned(),
        parts,
        caches: vec![pip()],
        unknown: vec![
            "which environments your CI runs: `-e NAME` in the phase chooses".to_owned(),
            "times of single tests: tox prints none (hint: `[examples]` with a JUnit report that the tests write)"
                .to_owned(),
        ],
        ..Detected::default()
    })
}

pub(super) fn pytest(project: &Project) -> Option<Detected> {
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
    Some(Detected {
        what: "pytest",
        because,
        parts,
        caches: vec![pip()],
        unknown,
        ..Detected::default()
    })
}
