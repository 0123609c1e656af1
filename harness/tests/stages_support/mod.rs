//! A tool with two caches that share an archive by hard links and one of its own, with links, modes and times that a
//! restore may lose; measured in two stages.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};

use super::common::{Project, ended, load};
use bench_record::LoadedRun;

const SCENARIO: &str = r#"
[scenario]
title = "A tool whose caches hold everything that an archive can lose"
analysis = "None."

[params]
mode = ["fast", "slow", "broken"]
launcher = ["store", "none"]

[[cache]]
name = "store"
path = "{cache}/store"
env = "STORE"
exclude = ["lock"]
when = { launcher = "store" }

[[cache]]
name = "env"
path = "{workspace}/.env"
when = { launcher = "store" }

[[cache]]
name = "tool"
path = "{home}/.tool/cache"
env = "TOOL_HOME"
when = { launcher = "store" }

[[archive]]
name = "both"
caches = ["env", "store"]
when = { launcher = "store" }

[[phase]]
name = "compile"
measured = true
shell = true
run = '''
if [ "{param.mode}" = broken ]; then echo broken >&2; exit 7; fi
if [ "{param.launcher}" = none ]; then echo compiled; exit 0; fi
mkdir -p "$STORE/wheels" "$TOOL_HOME/bin" .env/lib
echo held > "$STORE/lock"
if [ .env/lib/big -ef "$STORE/wheels/big" ] && [ -x "$TOOL_HOME/bin/run" ] && [ "$(readlink "$TOOL_HOME/now")" = bin/run ] &&
   [ "$(stat -c %Y "$STORE/wheels/big")" = 1000000000 ]; then
  echo hit
else
  echo miss
  head -c 200000 /dev/urandom > "$STORE/wheels/big"
  touch -d @1000000000.123456789 "$STORE/wheels/big"
  ln -f "$STORE/wheels/big" .env/lib/big
  printf '#!/bin/sh\n' > "$TOOL_HOME/bin/run"
  chmod 750 "$TOOL_HOME/bin/run"
  ln -sfn bin/run "$TOOL_HOME/now"
fi
'''

[[probe]]
name = "fake"
phase = "compile"
hits = '(?m)^hit$'
misses = '(?m)^miss$'
"#;

/// Arguments that all parts of the plan share.
pub const PLAN: [&str; 6] =
    ["--blocks", "2", "--seed", "7", "--regime", "cold,same-runner,cross-runner"];

pub fn project() -> Project {
    Project::new(SCENARIO, &[("workspace/src.txt", "alpha")])
}

/// What a `bench` left.
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// The value of `NAME=` on standard output.
    #[track_caller]
    pub fn value(&self, name: &str) -> &str {
        let found = self.stdout.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        found
            .unwrap_or_else(|| panic!("no `{name}=` in {:?}; stderr: {}", self.stdout, self.stderr))
    }

    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

pub fn bench(project: &Project, args: &[&str]) -> Ended {
    let output = project.bench(args).env_remove("BENCH_RESTORE_SECONDS").output().unwrap();
    let (code, stdout, stderr) = ended(&output);
    Ended { code, stdout, stderr }
}

/// `bench run` of a stage into `parts/NAME`. Both machines have their state root at the same path.
pub fn stage(project: &Project, name: &str, extra: &[&str]) -> Ended {
    let out = format!("parts/{name}");
    let base = ["run", "--scenario", "scenario", "--state", "state", "--out", &out, "-q"];
    bench(project, &[&base[..], &PLAN, extra].concat())
}

/// Primes into `snapshots` under tag `one`.
pub fn prime(project: &Project, extra: &[&str]) -> Ended {
    let base = ["--stage", "prime", "--snapshot-tag", "one", "--snapshot-dir", "snapshots"];
    stage(project, "prime", &[&base[..], extra].concat())
}

/// Measures from `dir` under tag `one`.
pub fn measure(project: &Project, name: &str, dir: &str, extra: &[&str]) -> Ended {
    let base = ["--stage", "measure", "--snapshot-tag", "one", "--restored", dir];
    stage(project, name, &[&base[..], extra].concat())
}

pub fn part(project: &Project, name: &str) -> LoadedRun {
    load(&project.path(&format!("parts/{name}")))
}

/// `cp -a`: what a cache client that keeps everything would do.
pub fn carry(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let copied =
        std::process::Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status().unwrap();
    assert!(copied.success());
}

/// The only file named `name` beneath `dir`.
#[track_caller]
pub fn find(dir: &Path, name: &str) -> PathBuf {
    fn look(dir: &Path, name: &str, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().is_some_and(|own| own == name) {
                found.push(path.clone());
            }
            if path.is_dir() && !path.is_symlink() {
                look(&path, name, found);
            }
        }
    }
    let mut found = Vec::new();
    look(dir, name, &mut found);
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    found.remove(0)
}
