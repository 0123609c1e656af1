//! What the actions of others do, as far as their inputs say so here.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use globset::Glob;
use serde_json::{Value, json};

use crate::forge::copy;
use crate::machine::Machine;

type With = BTreeMap<String, String>;

pub(crate) fn run(machine: &mut Machine<'_>, uses: &str, with: &With) -> (bool, Value) {
    let name = uses.split('@').next().unwrap_or_default();
    let name = name.trim_start_matches("https://data.forgejo.org/");
    match name {
        "actions/checkout" => checkout(machine, with),
        "actions/upload-artifact" | "forgejo/upload-artifact" => upload(machine, with),
        "actions/download-artifact" => download(machine, with),
        "actions/cache/save" => save(machine, with),
        "actions/cache/restore" => restore(machine, with),
        "actions/upload-pages-artifact" => {
            copy(&machine.workspace().join(&with["path"]), &machine.forge.path("pages"));
            (true, json!({}))
        }
        "actions/deploy-pages" => {
            let there = machine.forge.path("pages/index.html").is_file();
            (there, json!({"page_url": "https://example.org/"}))
        }
        "actions/attest" => attest(machine, with),
        other => panic!("nothing is known about the action `{other}`"),
    }
}

fn done(well: bool) -> (bool, Value) {
    (well, json!({}))
}

fn checkout(machine: &Machine<'_>, with: &With) -> (bool, Value) {
    // A token that stays in the work tree is one that every later step can read.
    assert_eq!(with.get("persist-credentials").map(String::as_str), Some("false"));
    let origin = format!("file://{}", machine.forge.origin().display());
    let depth = if with.get("fetch-depth").is_some_and(|depth| depth == "0") {
        None
    } else {
        Some("--depth=1")
    };
    let branch = with.get("ref").map(|branch| format!("--branch={branch}"));
    let to = with.get("path").map_or_else(|| machine.workspace(), |p| machine.workspace().join(p));
    let status = Command::new("git")
        .args(["clone", "--quiet"])
        .args(depth)
        .args(branch)
        .arg(origin)
        .arg(to)
        .status()
        .unwrap();
    done(status.success())
}

fn upload(machine: &Machine<'_>, with: &With) -> (bool, Value) {
    let from = machine.workspace().join(&with["path"]);
    let to = machine.forge.artifact(&with["name"]);
    if !from.exists() {
        return done(with.get("if-no-files-found").is_none_or(|what| what == "ignore"));
    }
    assert!(!to.exists(), "artifact `{}` is uploaded once", with["name"]);
    if from.is_dir() {
        copy(&from, &to);
    } else {
        copy(&from, &to.join(from.file_name().unwrap()));
    }
    forget_modes(&to);
    done(true)
}

/// An artifact has no modes.
fn forget_modes(path: &Path) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            forget_modes(&entry.unwrap().path());
        }
    } else {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    }
}

fn download(machine: &Machine<'_>, with: &With) -> (bool, Value) {
    let to = machine.workspace().join(&with["path"]);
    if let Some(name) = with.get("name") {
        let from = machine.forge.artifact(name);
        let there = from.is_dir();
        if there {
            copy(&from, &to);
        }
        return done(there);
    }
    let wanted = Glob::new(&with["pattern"]).unwrap().compile_matcher();
    for entry in fs::read_dir(machine.forge.path("artifacts")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if wanted.is_match(&name) {
            let flat = with.get("merge-multiple").is_some_and(|flat| flat == "true");
            copy(&entry.path(), &if flat { to.clone() } else { to.join(name) });
        }
    }
    done(true)
}

/// `tar` as the cache client calls it: relative to the workspace.
fn tar(machine: &Machine<'_>, args: &[&str]) -> bool {
    let status =
        Command::new("tar").arg("--posix").args(args).arg("-C").arg(machine.workspace()).status();
    status.unwrap().success()
}

fn save(machine: &Machine<'_>, with: &With) -> (bool, Value) {
    let archive = machine.forge.path("caches").join(&with["key"]);
    fs::create_dir_all(archive.parent().unwrap()).unwrap();
    let status = Command::new("tar")
        .args(["--posix", "-cf"])
        .arg(&archive)
        .arg("-C")
        .arg(machine.workspace())
        .arg(&with["path"])
        .status();
    done(status.unwrap().success())
}

fn restore(machine: &Machine<'_>, with: &With) -> (bool, Value) {
    let archive = machine.forge.path("caches").join(&with["key"]);
    if machine.forge.loses_caches || !archive.is_file() {
        return (true, json!({"cache-matched-key": "", "cache-hit": "false"}));
    }
    let well = tar(machine, &["-xf", &archive.display().to_string()]);
    (well, json!({"cache-matched-key": with["key"], "cache-hit": "true"}))
}

/// The checksums must be those of the files beside them.
fn attest(machine: &Machine<'_>, with: &With) -> (bool, Value) {
    let sums = machine.workspace().join(&with["subject-checksums"]);
    let status = Command::new("sha256sum")
        .args(["--check", "--quiet"])
        .arg(sums.file_name().unwrap())
        .current_dir(sums.parent().unwrap())
        .status();
    done(status.unwrap().success())
}
