//! What `fastled-uno` says when something is not there: the scenario, the tool or tree, and what to do. All
//! without a network; tools are stand-ins on PATH.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

/// A directory with `bin/`, in which programs stand in for real ones.
struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn program(self, name: &str, script: &str) -> Self {
        let path = self.0.path().join("bin").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    fn bench(&self, command: &str, args: &[&str]) -> Output {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let dirs = std::iter::once(self.0.path().join("bin")).chain(std::env::split_paths(&path));
        Command::new(env!("CARGO_BIN_EXE_bench"))
            .args([command, "--scenario", "fastled-uno", "--state", "state"])
            .args(args)
            .current_dir(self.0.path())
            .env("PATH", std::env::join_paths(dirs).unwrap())
            .env("CI", "1")
            .output()
            .unwrap()
    }

    /// `bench run` refuses before anything is recorded, and says all of `parts`.
    #[track_caller]
    fn refuses(&self, args: &[&str], parts: &[&str]) {
        let output = self.bench("run", &[args, &["--out", "out"]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        for part in parts {
            assert!(said.contains(part), "`{part}` is not in: {said}");
        }
        assert!(!self.0.path().join("out").exists(), "nothing is recorded");
    }
}

#[test]
fn a_launcher_that_is_too_old_is_named_with_the_command_that_gets_a_newer_one() {
    let machine = Machine::new().program("sccache", "echo sccache 0.10.0");
    let parts = [
        "scenario `fastled-uno` needs tools",
        "sccache: found `sccache 0.10.0`, needs 0.16 or later",
        "uv tool install sccache",
    ];
    machine.refuses(&["--set", "launcher=sccache"], &parts);
}

#[test]
fn a_launcher_that_does_not_work_is_named_with_what_it_printed() {
    let machine = Machine::new().program("zccache", "echo cannot load libgcc >&2; exit 127");
    let parts = ["scenario `fastled-uno`", "`zccache --version` failed", "cannot load libgcc"];
    machine.refuses(&["--set", "launcher=zccache"], &parts);
}

#[test]
fn a_compiler_that_is_too_old_is_refused_for_every_builder() {
    let machine = Machine::new()
        .program("avr-g++", "echo 'avr-g++ (GCC) 4.9.2'")
        .program("fbuild", "echo fbuild 2.5.47");
    for builder in ["builder=avr-gcc", "builder=fbuild"] {
        let wrong = "avr-gcc: found `avr-g++ (GCC) 4.9.2`, needs 5.4 or later";
        machine.refuses(&["--set", builder], &[wrong, "gcc-avr"]);
    }
}

#[test]
fn zccache_is_portable_only_with_a_compiler_that_knows_its_option() {
    let machine = Machine::new().program("zccache", "echo zccache 1.15.8");
    let gcc = |version: &str| format!("echo 'avr-g++ (GCC) {version}'");
    let machine = machine.program("avr-g++", &gcc("5.4.0"));
    let params = ["--set", "launcher=zccache", "--set", "tuning=portable"];
    machine.refuses(&params, &["needs 8.0 or later", "-ffile-prefix-map", "tuning=default"]);
    let machine = machine.program("avr-g++", &gcc("14.2.0"));
    let output = machine.bench("doctor", &params);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!said.contains("missing  avr-gcc"), "{said}");
}

#[test]
fn doctor_says_what_to_type_for_every_tool() {
    let broken = "exit 1";
    let machine = Machine::new().program("sccache", broken).program("zccache", broken);
    let machine = machine.program("fbuild", broken);
    for (set, command) in [
        ("launcher=sccache", "install: uv tool install sccache"),
        ("launcher=zccache", "install: uv tool install zccache"),
        ("builder=fbuild", "install: uv tool install fbuild"),
    ] {
        let output = machine.bench("doctor", &["--set", set]);
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(2), "{set}: {said}");
        assert!(said.contains(command), "{set}: {said}");
    }
}

#[test]
fn a_tree_that_is_not_fastled_is_refused() {
    let machine = Machine::new();
    let clone = machine.0.path().join("clone");
    fs::create_dir_all(clone.join("examples/Blink")).unwrap();
    fs::write(clone.join("examples/Blink/Blink.ino"), "void setup() {}\n").unwrap();
    git(&clone, &["init", "--quiet"]);
    git(&clone, &["add", "."]);
    let who = ["-c", "user.name=a", "-c", "user.email=a@b"];
    git(&clone, &[&who[..], &["commit", "--quiet", "--message", "x"]].concat());
    git(&clone, &["tag", "3.6.0"]);
    let parts = ["scenario `fastled-uno`", "it has no `src/FastLED.h`", "FastLED/FastLED at 3.6.0"];
    machine.refuses(&["--source", "clone"], &parts);
}

fn git(dir: &Path, args: &[&str]) {
    let output = Command::new("git").args(args).current_dir(dir).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
