//! Running commands: one small trait, the real executor and, in tests, a scripted fake.
//!
//! Everything else in `bench` asks an [`Executor`]; nothing else starts a process that is measured.

mod capture;
mod confine;
#[cfg(test)]
pub(crate) mod fake;
mod lookup;
mod mounts;
mod namespace;
mod platform;
mod probe;
mod real;
mod signals;
mod spawn;
mod sweep;
#[cfg(unix)]
mod sys;
mod wait;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bench_record::Usage;

pub use confine::{ConfineError, Confinement, ConfinementStatus};
pub use mounts::{OwnMounts, SmallDisk};
pub use namespace::{Entrance, NamespaceKind, Namespaces, Wanted};
pub use probe::Isolation;
pub use real::{RealExecutor, SetupError};
pub use sweep::kill_strays_of;

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

/// Runs commands. The seam behind which tests put a fake.
pub trait Executor {
    /// Runs a command to its end, measured.
    ///
    /// # Errors
    /// When it cannot be started, logged or waited for.
    fn run(&mut self, command: &Invocation) -> Result<Finished, ExecError>;

    /// Runs a short command, not measured, and returns what it printed. `stdout` and `stderr` of the
    /// invocation name scratch files. Without a time-out of its own it gets 60 seconds.
    ///
    /// # Errors
    /// When it cannot be started or waited for.
    fn capture(&mut self, command: &Invocation) -> Result<Captured, ExecError>;

    /// Makes namespaces for commands to enter, with logs in `scratch`; or tells why there are none. Not
    /// measured, and not confined: what is wanted must come from `bench`, never from a scenario.
    ///
    /// # Errors
    /// When the process that makes them cannot be waited for.
    fn namespaces(
        &mut self,
        wanted: Wanted<'_>,
        env: BTreeMap<String, String>,
        scratch: &Path,
    ) -> Result<Result<Namespaces, String>, ExecError>;

    /// Starts a service in the background, in a process group of its own.
    ///
    /// # Errors
    /// When it cannot be started.
    fn start(&mut self, command: &Invocation) -> Result<ServiceId, ExecError>;

    /// How a service ended, when it is no longer running.
    ///
    /// # Errors
    /// When the system cannot tell.
    fn ended(&mut self, service: ServiceId) -> Result<Option<Ended>, ExecError>;

    /// Asks a service's process group to end (SIGTERM), and kills it after `grace`.
    ///
    /// # Errors
    /// When it cannot be waited for.
    fn stop(&mut self, service: ServiceId, grace: Duration) -> Result<Finished, ExecError>;

    /// Kills every descendant that is still alive, whatever session or group it fled to, and waits until
    /// none is left. Services that are still running are strays too: stop them first.
    ///
    /// # Errors
    /// When a process survives.
    fn sweep(&mut self) -> Result<Swept, ExecError>;

    /// Lets time pass for `pause`, or less when `bench` was asked to stop: for readiness checks.
    fn pause(&mut self, pause: Duration);

    /// The signal that asked `bench` to stop, if one did.
    fn interrupted(&self) -> Option<i32>;
}
