//! The trait behind which every measured process is started: the seam where another executor can stand in.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::command::{Captured, Ended, ExecError, Finished, Invocation, ServiceId, Swept};
use super::namespace::{NamespaceRequest, Namespaces};

/// Runs commands.
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

    /// Makes namespaces for commands to enter, with logs in `scratch`; or says why there are none. Not
    /// measured, and not confined: the request must come from `bench`, never from a scenario.
    ///
    /// # Errors
    /// When the process that makes them cannot be waited for.
    fn namespaces(
        &mut self,
        wanted: NamespaceRequest<'_>,
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
    /// When the system does not know.
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
