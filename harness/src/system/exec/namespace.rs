//! Namespaces that commands enter, to be another user or on a host of another name.
//!
//! They are made outside of the confinement, since a confined process cannot make a user namespace usable: its
//! map of ids is a file of its own in /proc, and that lies in no directory which it may write to. A process
//! stays in them just until `bench` holds them open. Commands enter them confined, which writes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use super::command::{ExecError, Invocation};
use super::interrupt::{Interrupt, Until, Wake};
use super::platform;
use super::spawn::{Process, Spawner, open_log};
use super::sweep::Family;

/// The last line that the process in the namespaces prints: all is as it should be.
const READY: &str = "in-its-namespaces";
/// How long that may take; names of users may come over a network.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often its output is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// A kind of namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamespaceKind {
    /// User and group ids.
    User,
    /// The host name.
    Uts,
}

impl NamespaceKind {
    /// Its file in `/proc/PID/ns`, and its option of unshare(1) and nsenter(1).
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Uts => "uts",
        }
    }
}

/// Which namespaces are request.
#[derive(Clone, Copy, Debug)]
pub struct NamespaceRequest<'w> {
    /// Each of them.
    pub kinds: &'w [NamespaceKind],
    /// Further options of unshare(1), such as the map of ids.
    pub options: &'w [String],
    /// Shell script that runs in them once.
    pub script: &'w str,
}

/// Namespaces held open: they exist as long as this does.
#[derive(Debug)]
pub struct Namespaces {
    open: Vec<(NamespaceKind, platform::Namespace)>,
}

/// A way in, for commands that are started while this exists: they inherit what it holds open.
#[derive(Debug)]
pub struct Entrance {
    words: Vec<String>,
    _inherited: Vec<platform::Namespace>,
}

impl Entrance {
    /// Words in front of a command that run it in the namespaces, as the user that started it.
    pub fn words(&self) -> &[String] {
        &self.words
    }
}

impl Namespaces {
    /// Opens a way in.
    ///
    /// # Errors
    /// When there are too many open files.
    pub fn entrance(&self) -> Result<Entrance, ExecError> {
        let mut words = vec!["nsenter".to_owned(), "--preserve-credentials".to_owned()];
        let mut inherited = Vec::new();
        for (kind, namespace) in &self.open {
            let (path, open) = namespace.inherited().map_err(|source| ExecError::System {
                what: "hold namespaces open for",
                program: words[0].clone(),
                source,
            })?;
            words.push(format!("--{}={path}", kind.name()));
            inherited.push(open);
        }
        Ok(Entrance { words, _inherited: inherited })
    }
}

/// Makes them with unshare(1), with logs and working directory in `scratch`; or says why there are none.
///
/// # Errors
/// When a process cannot be waited for or a log not be written.
pub(super) fn make(
    interrupt: &Interrupt,
    shielded: BTreeSet<u32>,
    request: NamespaceRequest<'_>,
    env: BTreeMap<String, String>,
    scratch: &Path,
) -> Result<Result<Namespaces, String>, ExecError> {
    let options = request.kinds.iter().map(|kind| format!("--{}", kind.name()));
    // It waits much longer than anybody looks, and is killed as soon as its namespaces are open here.
    let script = format!("{} && echo {READY} && exec sleep 60", request.script);
    let argv = std::iter::once("unshare".to_owned()).chain(options);
    let argv = argv.chain(request.options.iter().cloned());
    let command = Invocation {
        argv: argv.chain(["sh".to_owned(), "-c".to_owned(), script]).collect(),
        cwd: scratch.to_owned(),
        env,
        stdout: scratch.join("namespaces.out"),
        stderr: scratch.join("namespaces.err"),
        timeout: None,
    };
    for log in [&command.stdout, &command.stderr] {
        drop(open_log(log, true)?);
    }
    let mut process = match Process::start(&Spawner::Here, &command) {
        Ok(process) => process,
        Err(ExecError::Spawn { program, .. }) => {
            return Ok(Err(format!("`{program}` is not here")));
        }
        Err(error) => return Err(error),
    };
    let made = opened(&mut process, interrupt, request.kinds, &command);
    let killed = Family::of_command(process.pid, shielded).kill();
    killed.map_err(|source| failed("kill", &process, source))?;
    let reaped = process.reap();
    reaped.map_err(|source| failed("wait for", &process, source))?;
    made
}

fn failed(what: &'static str, process: &Process, source: io::Error) -> ExecError {
    ExecError::System { what, program: process.program.clone(), source }
}

/// Waits until the process is where it should be and opens its namespaces.
fn opened(
    process: &mut Process,
    interrupt: &Interrupt,
    kinds: &[NamespaceKind],
    command: &Invocation,
) -> Result<Result<Namespaces, String>, ExecError> {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let woken = process.until_ended(Until::after(Some(LOOK), interrupt));
        let woken = woken.map_err(|source| failed("wait for", process, source))?;
        if read(&command.stdout)?.lines().any(|line| line == READY) {
            let open = |kind: &NamespaceKind| {
                platform::Namespace::of(process.pid, kind.name()).map(|open| (*kind, open))
            };
            let open: io::Result<Vec<_>> = kinds.iter().map(open).collect();
            return Ok(open.map(|open| Namespaces { open }).map_err(|error| error.to_string()));
        }
        match woken {
            Wake::Ended => {
                let said = read(&command.stderr)?;
                return Ok(Err(said.lines().next().unwrap_or("it says no reason").to_owned()));
            }
            Wake::Interrupted => return Ok(Err("interrupted".to_owned())),
            Wake::Deadline if Instant::now() >= give_up => {
                return Ok(Err(format!("it took longer than {} s", PATIENCE.as_secs())));
            }
            Wake::Deadline => {}
        }
    }
}

fn read(log: &Path) -> Result<String, ExecError> {
    let bytes =
        std::fs::read(log).map_err(|source| ExecError::Log { path: log.to_owned(), source })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
