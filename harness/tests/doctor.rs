//! `bench doctor`: what is missing, and what installs it.

mod common;

use common::{Project, ended};

/// A tool that is nowhere, installed by `uv`.
const SCENARIO: &str = r#"
[scenario]
title = "Needs a tool"
analysis = "None."

[tools.imaginary]
version = ["imaginary-tool", "--version"]
install = { uv = ["imaginary-package"] }

[[phase]]
name = "build"
measured = true
run = ["true"]
"#;

#[cfg(unix)]
fn install(programs: &[(&str, &str)]) -> (i32, String, String) {
    use std::os::unix::fs::PermissionsExt as _;

    let project = Project::new(SCENARIO, &[("workspace/file", "x")]);
    std::fs::create_dir(project.path("bin")).unwrap();
    for (name, script) in programs {
        let path = project.path("bin").join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let args = ["doctor", "--scenario", "scenario", "--install", "--state", "state"];
    ended(&project.bench(&args).env("PATH", project.path("bin")).output().unwrap())
}

#[cfg(unix)]
#[test]
fn an_installer_that_is_missing_is_named_with_the_way_to_get_it() {
    let (code, stdout, stderr) = install(&[]);
    assert_eq!(code, 2, "{stderr}");
    assert!(stdout.contains("missing  imaginary"), "{stdout}");
    let expected = "error: cannot install `imaginary`: `uv` is missing (hint: install `uv` first from \
                    https://docs.astral.sh/uv, or with `python3 -m pip install uv`; or run `python3 -m pip install \
                    imaginary-package` in a virtual environment that is on PATH)\n";
    assert!(stderr.ends_with(expected), "{stderr}");
}

#[cfg(unix)]
#[test]
fn an_installer_runs_in_sight_and_its_failure_is_exit_code_4() {
    let (code, stdout, stderr) = install(&[("uv", "echo $*; exit 3")]);
    assert_eq!(code, 4, "{stderr}");
    assert!(
        stderr.contains("+ uv tool install imaginary-package\ntool install imaginary-package\n"),
        "{stderr}"
    );
    assert!(
        stderr.ends_with("error: `uv tool install imaginary-package` failed: exit status: 3\n"),
        "{stderr}"
    );
    assert!(!stdout.contains("tool install imaginary-package\ntool"), "{stdout}");
}
