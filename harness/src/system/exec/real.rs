//! The executor that really starts processes.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::time::Duration;

use bench_record::Usage;

use super::command::{Captured, Ended, ExecError, Finished, Invocation, ServiceId, Stray, Swept};
use super::confine::{ConfineError, Confinement, ConfinementStatus};
use super::executor::Executor;
use super::interrupt::{Interrupt, Until, Wake};
use super::namespace::{self, NamespaceRequest, Namespaces};
use super::reap::Reaped;
use super::spawn::{Process, Spawner};
use super::sweep::{self, Family};
use super::{platform, short, signals};

/// Why no executor could be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The signal handlers could not be installed.
    #[error("cannot install signal handlers")]
    Signals(#[source] io::Error),
    /// Confinement could not be tried.
    #[error(transparent)]
    Confine(#[from] ConfineError),
}

/// Starts, measures and kills real processes.
///
/// Every command runs in a process group of its own, started by `posix_spawn` (never `fork`, whose cost
/// grows with the memory of `bench`), with its output in files. `wall_ns` of a [`Finished`] is monotonic
/// time from just before the spawn until the wait returned. `usage` is what `wait4` reports: the command
/// and those descendants that were waited for. The CPU time of orphans is counted when they are killed
/// with their command, and otherwise by [`Executor::sweep`]; `peak_rss_bytes` is that of the largest
/// single process, and on Linux never less than what `bench` itself used when the command was started.
///
/// On Linux this process becomes a sub-reaper and every descendant is found, whatever session or group it
/// fled to. That is a property of the whole process: a program that uses this type must not start
/// children by other means while a command runs or a sweep is made.
///
/// SIGINT, SIGTERM and SIGHUP no longer end this process: a running command is killed, [`Executor::run`]
/// and [`Executor::capture`] return [`Ended::Interrupted`] from then on without starting anything, and
/// [`Executor::interrupted`] returns the signal. A second signal that is a SIGINT kills every descendant
/// and exits with code 130 at once.
#[derive(Debug)]
pub struct RealExecutor {
    spawner: Spawner,
    confinement: ConfinementStatus,
    subreaper: bool,
    interrupt: &'static Interrupt,
    services: BTreeMap<ServiceId, ServiceState>,
    started: u32,
}

#[derive(Debug)]
enum ServiceState {
    Running(Process),
    Ended(Finished),
}

impl RealExecutor {
    /// Installs the signal handlers, becomes a sub-reaper where there is such a thing, and prepares the
    /// confinement.
    ///
    /// A kernel that cannot confine is not an error: see [`Self::confinement_status`].
    ///
    /// # Errors
    /// When the signal handlers cannot be installed or a directory of the confinement cannot be opened.
    pub fn new(confinement: Confinement) -> Result<Self, SetupError> {
        let interrupt = signals::handled().map_err(SetupError::Signals)?;
        let subreaper = platform::become_subreaper();
        let (spawner, confinement) = match confinement {
            Confinement::Off => (Spawner::Here, ConfinementStatus::Off),
            Confinement::WriteWithin(roots) => Spawner::confined(roots)?,
        };
        tracing::info!(?confinement, subreaper, "executor ready");
        let services = BTreeMap::new();
        Ok(Self { spawner, confinement, subreaper, interrupt, services, started: 0 })
    }

    /// Whether commands are confined, and why not.
    pub fn confinement_status(&self) -> &ConfinementStatus {
        &self.confinement
    }

    /// Whether orphans of commands are handed to this process and so cannot hide from a sweep.
    pub fn is_subreaper(&self) -> bool {
        self.subreaper
    }

    /// Process ids of running services other than `except`.
    fn shielded(&self, except: Option<ServiceId>) -> BTreeSet<u32> {
        self.services
            .iter()
            .filter(|(id, _)| Some(**id) != except)
            .filter_map(|(_, service)| match service {
                ServiceState::Running(process) => Some(process.pid),
                ServiceState::Ended(_) => None,
            })
            .collect()
    }

    /// Runs `command` to its end.
    fn run_measured(&self, command: &Invocation) -> Result<Finished, ExecError> {
        if self.interrupted().is_some() {
            let usage = Usage::default();
            return Ok(Finished { ended: Ended::Interrupted, wall_ns: 0, usage });
        }
        let mut process = Process::start(&self.spawner, command)?;
        let until = Until::after(command.timeout, self.interrupt);
        let woken = process.until_ended(until).map_err(failed("wait for", &process))?;
        let by_us = match woken {
            Wake::Ended => return finish(&mut process, Usage::default(), None),
            Wake::Deadline => Ended::TimedOut,
            Wake::Interrupted => Ended::Interrupted,
        };
        let mut family = Family::of_command(process.pid, self.shielded(None));
        let orphans = kill(&mut process, &mut family)?;
        finish(&mut process, orphans, Some(by_us))
    }
}

/// An error about one process.
fn failed(what: &'static str, process: &Process) -> impl FnOnce(io::Error) -> ExecError {
    let program = process.program.clone();
    move |source| ExecError::System { what, program, source }
}

/// Takes the status of a process; `by_us` replaces how it ended when we ended it.
fn finish(
    process: &mut Process,
    orphans: Usage,
    by_us: Option<Ended>,
) -> Result<Finished, ExecError> {
    let reaped = process.reap().map_err(failed("wait for", process))?;
    let wall_ns = process.watch.elapsed_ns();
    let ended = by_us.unwrap_or_else(|| reaped.ended());
    Ok(Finished { ended, wall_ns, usage: reaped.usage.plus(orphans) })
}

/// Kills a process and its family; returns what the orphans among them used.
fn kill(process: &mut Process, family: &mut Family) -> Result<Usage, ExecError> {
    #[cfg(not(unix))]
    process.kill().map_err(failed("kill", process))?;
    family.kill().map_err(failed("kill", process))
}

impl Executor for RealExecutor {
    fn run(&mut self, command: &Invocation) -> Result<Finished, ExecError> {
        let program = command.argv.first().map_or("", String::as_str);
        tracing::debug!(program, cwd = %command.cwd.display(), "command starts");
        let finished = self.run_measured(command)?;
        let wall_s = finished.wall_ns as f64 / 1e9;
        tracing::info!(program, ended = ?finished.ended, wall_s, "command ended");
        Ok(finished)
    }

    fn capture(&mut self, command: &Invocation) -> Result<Captured, ExecError> {
        if self.interrupted().is_some() {
            let (stdout, stderr) = (String::new(), String::new());
            return Ok(Captured { ended: Ended::Interrupted, stdout, stderr });
        }
        let captured = short::capture(&self.spawner, self.interrupt, self.shielded(None), command)?;
        let program = command.argv.first().map_or("", String::as_str);
        tracing::debug!(program, ended = ?captured.ended, "short command ended");
        Ok(captured)
    }

    fn namespaces(
        &mut self,
        request: NamespaceRequest<'_>,
        env: BTreeMap<String, String>,
        scratch: &Path,
    ) -> Result<Result<Namespaces, String>, ExecError> {
        namespace::make(self.interrupt, self.shielded(None), request, env, scratch)
    }

    fn start(&mut self, command: &Invocation) -> Result<ServiceId, ExecError> {
        let process = Process::start(&self.spawner, command)?;
        let id = ServiceId(self.started);
        self.started += 1;
        tracing::info!(program = process.program, pid = process.pid, "service started");
        self.services.insert(id, ServiceState::Running(process));
        Ok(id)
    }

    fn ended(&mut self, service: ServiceId) -> Result<Option<Ended>, ExecError> {
        let Some(entry) = self.services.get_mut(&service) else {
            return Err(unknown(service));
        };
        match entry {
            ServiceState::Ended(finished) => Ok(Some(finished.ended)),
            ServiceState::Running(process) => {
                let now = Until { deadline: Some(std::time::Instant::now()), interrupt: None };
                match process.until_ended(now).map_err(failed("wait for", process))? {
                    Wake::Ended => {
                        let finished = finish(process, Usage::default(), None)?;
                        *entry = ServiceState::Ended(finished);
                        Ok(Some(finished.ended))
                    }
                    Wake::Deadline | Wake::Interrupted => Ok(None),
                }
            }
        }
    }

    fn stop(&mut self, service: ServiceId, grace: Duration) -> Result<Finished, ExecError> {
        let shielded = self.shielded(Some(service));
        let process = match self.services.get_mut(&service) {
            None => return Err(unknown(service)),
            Some(ServiceState::Ended(finished)) => return Ok(*finished),
            Some(ServiceState::Running(process)) => process,
        };
        let mut family = Family::of_service(process.pid, shielded);
        // Before it ends: a child that outlives it is no longer recognisable afterwards.
        family.look().map_err(failed("find the children of", process))?;
        platform::ask_group(process.pid);
        // An interruption does not shorten the grace: a service must not lose its work.
        let deadline = std::time::Instant::now().checked_add(grace);
        process
            .until_ended(Until { deadline, interrupt: None })
            .map_err(failed("wait for", process))?;
        let orphans = kill(process, &mut family)?;
        let finished = finish(process, orphans, None)?;
        tracing::info!(pid = process.pid, ended = ?finished.ended, "service stopped");
        self.services.insert(service, ServiceState::Ended(finished));
        Ok(finished)
    }

    fn sweep(&mut self) -> Result<Swept, ExecError> {
        let services = &mut self.services;
        let mut note = |pid: u32, reaped: Reaped| {
            let owner = services.values_mut().find_map(|service| match service {
                ServiceState::Running(process) if process.pid == pid => Some(service),
                _ => None,
            });
            if let Some(service) = owner
                && let ServiceState::Running(process) = &*service
            {
                let wall_ns = process.watch.elapsed_ns();
                let ended = reaped.ended();
                *service = ServiceState::Ended(Finished { ended, wall_ns, usage: reaped.usage });
            }
        };
        let swept = sweep::everything(&mut note)?;
        // Where nothing is found by its parents, at least the services are known.
        for service in self.services.values_mut() {
            if let ServiceState::Running(process) = service {
                let mut family = Family::of_service(process.pid, BTreeSet::new());
                let orphans = kill(process, &mut family)?;
                *service = ServiceState::Ended(finish(process, orphans, None)?);
            }
        }
        for Stray { pid, name } in &swept.killed {
            tracing::info!(pid, name, "stray process killed");
        }
        Ok(swept)
    }

    fn pause(&mut self, pause: Duration) {
        self.interrupt.pause(pause);
    }

    fn interrupted(&self) -> Option<i32> {
        self.interrupt.signal()
    }
}

/// An id that this executor never gave out.
fn unknown(service: ServiceId) -> ExecError {
    ExecError::System {
        what: "find",
        program: format!("service {}", service.0),
        source: io::ErrorKind::NotFound.into(),
    }
}

impl Drop for RealExecutor {
    /// Leaves no service behind, even when an error ended the run early.
    fn drop(&mut self) {
        for service in self.services.values_mut() {
            if let ServiceState::Running(process) = service {
                let mut family = Family::of_service(process.pid, BTreeSet::new());
                // Nobody is left to report to; the next run finds what survives.
                let _ = kill(process, &mut family)
                    .and_then(|_| finish(process, Usage::default(), None));
            }
        }
    }
}
