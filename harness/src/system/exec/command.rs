//! A command, how it ended, and why it could not be run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use bench_record::Usage;

/// One command, complete: nothing is inherited from the environment of `bench`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// Program and arguments; the program is looked up on `env`'s PATH.
    pub argv: Vec<String>,
    /// Working directory.
    pub cwd: PathBuf,
    /// The whole environment.
    pub env: BTreeMap<String, String>,
    /// File that standard output is appended to.
    pub stdout: PathBuf,
    /// File that standard error is appended to.
    pub stderr: PathBuf,
    /// The command and everything it started in its process group is killed after this time.
    pub timeout: Option<Duration>,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With this exit code.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
    /// Killed at its time-out.
    TimedOut,
    /// Killed because `bench` was asked to stop.
    Interrupted,
}

impl Ended {
    /// Whether it ended with exit code 0.
    pub const fn success(self) -> bool {
        matches!(self, Self::Exited(0))
    }
}

/// What a command took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished {
    /// How it ended.
    pub ended: Ended,
    /// Monotonic time from just before the spawn until the wait returned.
    pub wall_ns: u64,
    /// CPU time and memory of the command and its waited-for descendants, and of orphans that ended with it.
    pub usage: Usage,
}

/// What a short, unmeasured command printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured {
    /// How it ended.
    pub ended: Ended,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// A running service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub u32);

/// A process that outlived its sample and was killed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// Process id.
    pub pid: u32,
    /// Its command name, as the kernel knows it.
    pub name: String,
}

/// What a sweep found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Processes that were alive and are dead now.
    pub killed: Vec<Stray>,
    /// Their resources, and those of orphans that had ended by themselves.
    pub usage: Usage,
}

/// Why a command could not be run at all (a command that ran and failed is [`Finished`]).
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    /// The program is not there or cannot be executed.
    #[error("cannot start `{program}` in `{}` (hint: `bench doctor` says what is missing)", cwd.display())]
    Spawn {
        /// argv\[0\].
        program: String,
        /// Working directory.
        cwd: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// A log file cannot be opened.
    #[error("cannot write log `{}`", path.display())]
    Log {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// Waiting or killing failed.
    #[error("cannot {what} `{program}`")]
    System {
        /// What was tried.
        what: &'static str,
        /// argv\[0\].
        program: String,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
}
