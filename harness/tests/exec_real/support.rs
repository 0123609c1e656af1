//! A directory to run in, commands to run, and a look at which processes are alive.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use bench::system::exec::{Confinement, Executor, Finished, Invocation, RealExecutor};

/// Names the test that this process is for.
const ISOLATED: &str = "BENCH_TEST_ISOLATED";

/// Defines tests that each run in a process of their own.
macro_rules! isolated_tests {
    ($($(#[$meta:meta])* fn $name:ident() $body:block)+) => {
        $(
            $(#[$meta])*
            #[test]
            fn $name() {
                crate::support::isolated(concat!(module_path!(), "::", stringify!($name)), || $body);
            }
        )+
    };
}

/// Runs `body` in a process of its own: this test executable, started again for this test alone.
pub(crate) fn isolated(path: &str, body: impl FnOnce()) {
    let name = path.split_once("::").map_or(path, |(_crate, name)| name);
    if std::env::var(ISOLATED).is_ok_and(|isolated| isolated == name) {
        return body();
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(ISOLATED, name)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(
        output.status.success() && stdout.contains("1 passed"),
        "{}\n{stdout}\n{stderr}",
        output.status
    );
}

/// Starts this test once more in another process, which finds `role` in the variable `ROLE`.
pub(crate) fn start_role(test: &str, role: &str, bed: &Bed) -> Child {
    let name = test.split_once("::").map_or(test, |(_crate, name)| name);
    Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(ISOLATED, name)
        .env("ROLE", role)
        .env("BED", bed.path())
        .spawn()
        .unwrap()
}

/// The role of this process and the bed that it was given, if `start_role` started it.
pub(crate) fn role() -> Option<(String, Bed)> {
    let role = std::env::var("ROLE").ok()?;
    Some((role, Bed { dir: PathBuf::from(std::env::var_os("BED")?), owner: None }))
}

/// A directory that is HOME, working directory and place of the logs of its commands.
pub(crate) struct Bed {
    dir: PathBuf,
    owner: Option<tempfile::TempDir>,
}

impl Bed {
    pub(crate) fn new() -> Self {
        let owner = tempfile::tempdir().unwrap();
        Self { dir: owner.path().canonicalize().unwrap(), owner: Some(owner) }
    }

    /// The same directory for another thread.
    pub(crate) fn again(&self) -> Self {
        Self { dir: self.dir.clone(), owner: None }
    }

    pub(crate) fn path(&self) -> &Path {
        assert!(self.owner.as_ref().is_none_or(|owner| owner.path().is_dir()));
        &self.dir
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    pub(crate) fn stdout(&self) -> String {
        self.read("out.log")
    }

    pub(crate) fn stderr(&self) -> String {
        self.read("err.log")
    }

    pub(crate) fn command(&self, argv: &[&str]) -> Invocation {
        Invocation {
            argv: argv.iter().map(|&word| word.to_owned()).collect(),
            cwd: self.dir.clone(),
            env: BTreeMap::from([
                ("HOME".to_owned(), self.dir.display().to_string()),
                ("PATH".to_owned(), "/usr/bin:/bin".to_owned()),
            ]),
            stdout: self.file("out.log"),
            stderr: self.file("err.log"),
            timeout: Some(Duration::from_mins(1)),
        }
    }

    pub(crate) fn sh(&self, script: &str) -> Invocation {
        self.command(&["sh", "-c", script])
    }

    /// Writes an executable script.
    pub(crate) fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.file(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Command names of living processes whose HOME is this bed, sorted.
    pub(crate) fn alive(&self) -> Vec<String> {
        let home = format!("HOME={}", self.dir.display());
        let mut names: Vec<String> = fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .filter(|entry| {
                let environ = fs::read(entry.path().join("environ")).unwrap_or_default();
                environ.split(|byte| *byte == 0).any(|variable| variable == home.as_bytes())
            })
            // The environment of a process that has ended is empty, so these are alive.
            .filter_map(|entry| fs::read_to_string(entry.path().join("comm")).ok())
            .map(|name| name.trim().to_owned())
            .collect();
        names.sort();
        names
    }

    /// Waits until a file exists.
    pub(crate) fn wait_for(&self, name: &str) {
        wait_until(name, || self.file(name).exists());
    }
}

/// Waits until something holds; a minute is for ever.
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_mins(1), "waited a minute for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub(crate) fn free_executor() -> RealExecutor {
    RealExecutor::new(Confinement::Off).unwrap()
}

/// Runs with a new executor that does not confine.
pub(crate) fn run(command: &Invocation) -> Finished {
    free_executor().run(command).unwrap()
}

pub(crate) fn wait_for_exit(child: &mut Child) -> ExitStatus {
    let mut status = None;
    wait_until("a process to end", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    status.unwrap()
}

pub(crate) fn send(child: &Child, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, signal).unwrap();
}
