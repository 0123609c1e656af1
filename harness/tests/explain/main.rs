//! `bench explain` on fake tools whose keys are known: every cause is named, and none that is not one.

mod causes;
mod command;
#[path = "../common/mod.rs"]
mod common;
mod controls;
mod documents;
mod stale;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use common::compiler::{self, CACHE, FILES, SCRIPT};
use common::scenarios::PROBE;
use common::{Finished, Project};
use serde_json::Value;

const EDIT: &str = r"
[explain]
edit = { file = 'src/b.txt', find = 'beta', replace = 'delta' }
";

fn scenario(key: &str, run: &str, more: &str) -> String {
    compiler::scenario(key, CACHE, run, more)
}

fn project(toml: &str) -> Project {
    Project::new(toml, &FILES)
}

fn fake(key: &str) -> Project {
    project(&scenario(key, SCRIPT, &format!("{PROBE}{EDIT}")))
}

fn explain(project: &Project, extra: &[&str]) -> Finished {
    let output = explain_command(project, extra).output().unwrap();
    Finished { output, out: project.path("out") }
}

/// `bench explain` of the scenario into `out/`, not started yet.
fn explain_command(project: &Project, extra: &[&str]) -> Command {
    let mut command =
        project.bench(&["explain", "--scenario", "scenario", "--state", "state", "--out", "out"]);
    command.args(extra);
    command
}

fn document(out: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(out.join("explain.json")).unwrap()).unwrap()
}

fn verdict<'d>(document: &'d Value, property: &str) -> &'d str {
    entry(document, property)["verdict"].as_str().unwrap()
}

fn entry<'d>(document: &'d Value, property: &str) -> &'d Value {
    let all = document["properties"].as_array().unwrap();
    all.iter().find(|one| one["property"] == property).unwrap_or_else(|| panic!("no {property}"))
}

fn causes(document: &Value) -> BTreeSet<String> {
    let all = document["properties"].as_array().unwrap();
    all.iter()
        .filter(|one| one["verdict"] == "breaks" || one["verdict"] == "partly")
        .map(|one| one["property"].as_str().unwrap().to_owned())
        .collect()
}

fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
