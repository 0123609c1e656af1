//! A scenario in a temporary directory, run by the real binary with a decoy home and a state root of its
//! own. Nothing here touches a real cache.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]

pub mod compiler;
pub mod scenarios;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bench_record::{Example, LoadedRun, Regime, Sample};

/// A directory with `scenario/`, `state/`, `home/` (the decoy) and `out/` (the run).
pub struct Project {
    root: tempfile::TempDir,
}

impl Project {
    /// A project with this scenario.toml and these files beneath the scenario's folder.
    pub fn new(toml: &str, files: &[(&str, &str)]) -> Self {
        let project =
            Self { root: tempfile::Builder::new().prefix("bench-test-").tempdir().unwrap() };
        project.write("scenario/scenario.toml", toml);
        for (path, content) in files {
            project.write(&format!("scenario/{path}"), content);
        }
        for dir in ["home", "scenario/workspace"] {
            fs::create_dir_all(project.path(dir)).unwrap();
        }
        project.write("home/precious", "decoy");
        project
    }

    pub fn path(&self, rel: &str) -> PathBuf {
        self.root.path().join(rel)
    }

    pub fn write(&self, rel: &str, content: &str) {
        let path = self.path(rel);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// `bench ARGS` in the project, with the decoy home.
    pub fn bench(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
        command
            .args(args)
            .current_dir(self.root.path())
            .env("HOME", self.path("home"))
            .env("CI", "1")
            .env_remove("BENCH_STATE");
        command
    }

    /// `bench ARGS`: exit code and both streams.
    pub fn call(&self, args: &[&str]) -> (i32, String, String) {
        ended(&self.bench(args).output().unwrap())
    }

    /// `bench run` of the scenario into `out/`, not started yet.
    pub fn run_command(&self, extra: &[&str]) -> Command {
        let mut command =
            self.bench(&["run", "--scenario", "scenario", "--state", "state", "--out", "out"]);
        command.args(extra);
        command
    }

    /// `bench run` of the scenario into `out/`.
    pub fn run(&self, extra: &[&str]) -> Finished {
        let output = self.run_command(extra).output().unwrap();
        Finished { output, out: self.path("out") }
    }

    /// What the scenario's commands appended to `{tools}/events`, whichever directory `{tools}` is.
    pub fn events(&self) -> Vec<String> {
        let tools = fs::read_dir(self.path("state/tools")).into_iter().flatten();
        let texts = tools.flatten().map(|dir| fs::read_to_string(dir.path().join("events")));
        let mut lines: Vec<String> = Vec::new();
        for text in texts.flatten() {
            lines.extend(text.lines().map(str::to_owned));
        }
        lines
    }

    /// Asserts that nothing was written to the decoy home.
    pub fn assert_home_untouched(&self) {
        let entries: Vec<_> =
            fs::read_dir(self.path("home")).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(entries, ["precious"], "the user's home was touched");
        assert_eq!(fs::read_to_string(self.path("home/precious")).unwrap(), "decoy");
    }
}

/// Exit code (-1 after a signal) and both streams.
pub fn ended(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// A finished `bench run`.
pub struct Finished {
    pub output: Output,
    pub out: PathBuf,
}

impl Finished {
    pub fn code(&self) -> i32 {
        self.output.status.code().unwrap_or(-1)
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    /// Standard output with its lines joined, for sentences that may be wrapped anywhere.
    pub fn stdout_unwrapped(&self) -> String {
        self.stdout().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code(), code, "stdout:\n{}\nstderr:\n{}", self.stdout(), self.stderr());
        self
    }

    pub fn records(&self) -> LoadedRun {
        load(&self.out)
    }

    #[track_caller]
    pub fn sample(&self, regime: Regime) -> (Sample, Vec<Example>) {
        let found = self.records().samples.into_iter().find(|(sample, _)| sample.regime == regime);
        found.unwrap_or_else(|| panic!("no {regime} sample; stderr:\n{}", self.stderr()))
    }

    /// Hits and misses of the first sample of a regime.
    #[track_caller]
    pub fn hits(&self, regime: Regime) -> (Option<u64>, Option<u64>) {
        let (sample, _) = self.sample(regime);
        assert_eq!(sample.outcome, bench_record::Outcome::Ok, "{regime}: {:?}", sample.reason);
        (sample.evidence.hits, sample.evidence.misses)
    }
}

pub fn load(out: &Path) -> LoadedRun {
    let text = fs::read(out.join("records.ndjson")).unwrap();
    bench_record::read(&text).unwrap()
}
