//! Starting processes: from a thread that may be confined, in a process group of their own, by
//! `posix_spawn`.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;

use super::command::{ExecError, Invocation};
use super::confine::{self, ConfinementStatus};
use super::interrupt::{Until, Wake};
use super::platform::{self, Pidfd};
use super::reap::Reaped;
use super::{lookup, wait};
use crate::system::clock::Stopwatch;

type Work = Box<dyn FnOnce() + Send>;

/// Where processes are started from. A confined thread hands its confinement down to every process that
/// it starts, while the rest of `bench` stays free.
#[derive(Debug)]
pub(crate) enum Spawner {
    /// The calling thread.
    Here,
    /// A thread that waits for work; it ends with the sender.
    Thread(mpsc::Sender<Work>),
}

impl Spawner {
    /// Starts the thread and confines it to writing within `roots`.
    ///
    /// # Errors
    /// When the thread cannot be started or a root cannot be opened.
    pub(crate) fn confined(
        roots: Vec<PathBuf>,
    ) -> Result<(Self, ConfinementStatus), confine::ConfineError> {
        let (sender, receiver) = mpsc::channel::<Work>();
        let (report, outcome) = mpsc::channel();
        std::thread::Builder::new()
            .name("spawner".to_owned())
            .spawn(move || {
                let confined = confine::confine_this_thread(&roots);
                let go_on = confined.is_ok();
                if report.send(confined).is_ok() && go_on {
                    for work in receiver {
                        work();
                    }
                }
            })
            .map_err(confine::ConfineError::Thread)?;
        let status = outcome
            .recv()
            .map_err(|_| confine::ConfineError::Thread(thread_is_gone()))
            .flatten()?;
        Ok((Self::Thread(sender), status))
    }

    /// Does `work` where processes are to be started from, and waits for it.
    ///
    /// # Errors
    /// When the thread is gone, which only a panic inside `work` can cause.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<T> {
        match self {
            Self::Here => Ok(work()),
            Self::Thread(inbox) => {
                let (reply, result) = mpsc::sync_channel(1);
                // A failed reply means that we no longer wait, which does not happen.
                let send = Box::new(move || drop(reply.send(work())));
                inbox.send(send).map_err(|_| thread_is_gone())?;
                result.recv().map_err(|_| thread_is_gone())
            }
        }
    }
}

fn thread_is_gone() -> io::Error {
    io::Error::other("the thread that starts processes has ended")
}

/// A child whose status has not been taken yet.
#[derive(Debug)]
pub(crate) struct Process {
    /// argv\[0\].
    pub(crate) program: String,
    /// Process id, and the id of its process group.
    pub(crate) pid: u32,
    /// Started just before the spawn.
    pub(crate) watch: Stopwatch,
    pidfd: Option<Pidfd>,
    #[cfg(not(unix))]
    child: std::process::Child,
}

impl Process {
    /// Starts `command`.
    ///
    /// # Errors
    /// When its program is missing or cannot be executed, or a log cannot be opened.
    pub(crate) fn start(spawner: &Spawner, command: &Invocation) -> Result<Self, ExecError> {
        let (program, file) = find_program(command)?;
        let mut prepared = Command::new(file);
        prepared
            .args(&command.argv[1..])
            .current_dir(&command.cwd)
            .env_clear()
            .envs(&command.env)
            .stdin(Stdio::null())
            .stdout(open_log(&command.stdout, false)?)
            .stderr(open_log(&command.stderr, false)?);
        detach(&mut prepared, &program);
        platform::forget_own_peak();
        let (watch, started) = spawner
            .run(move || {
                let watch = Stopwatch::start();
                (watch, prepared.spawn())
            })
            .map_err(|source| cannot_start(&program, &command.cwd, source))?;
        let child = started.map_err(|source| cannot_start(&program, &command.cwd, source))?;
        let pid = child.id();
        platform::note_group(pid);
        Ok(Self {
            program,
            pid,
            watch,
            pidfd: Pidfd::open(pid),
            #[cfg(not(unix))]
            child,
        })
    }

    /// Waits for its end without taking its status.
    pub(crate) fn until_ended(&mut self, until: Until<'_>) -> io::Result<Wake> {
        #[cfg(unix)]
        let has_ended = || wait::has_ended(self.pid);
        #[cfg(not(unix))]
        let has_ended = || self.child.try_wait().map(|status| status.is_some());
        wait::until_ended(self.pidfd.as_ref(), has_ended, until)
    }

    /// Waits for its end and takes its status.
    #[cfg(unix)]
    pub(crate) fn reap(&mut self) -> io::Result<Reaped> {
        super::reap::wait4(self.pid)
    }

    /// Waits for its end and takes its status. Resources are not known here.
    #[cfg(not(unix))]
    pub(crate) fn reap(&mut self) -> io::Result<Reaped> {
        Ok(Reaped { status: self.child.wait()?, usage: bench_record::Usage::default() })
    }

    /// Kills the process itself where there are no process groups.
    #[cfg(not(unix))]
    pub(crate) fn kill(&mut self) -> io::Result<()> {
        self.child.kill()
    }
}

/// The program's name as given and the file that it means.
pub(crate) fn find_program(command: &Invocation) -> Result<(String, PathBuf), ExecError> {
    let program = command.argv.first().cloned().unwrap_or_default();
    match lookup::resolve(&program, &command.cwd, &command.env) {
        Ok(file) => Ok((program, file)),
        Err(source) => Err(cannot_start(&program, &command.cwd, source)),
    }
}

/// Puts the process into a group of its own and lets it see the name that it was called by, as a shell
/// would. Neither makes the standard library fork.
pub(crate) fn detach(command: &mut Command, program: &str) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::arg0(command, program);
    #[cfg(not(unix))]
    let _ = (command, program);
}

/// The error of a spawn, which names a missing working directory rather than a missing program.
pub(crate) fn cannot_start(program: &str, cwd: &Path, source: io::Error) -> ExecError {
    let source = if source.kind() == io::ErrorKind::NotFound && !cwd.is_dir() {
        io::Error::new(source.kind(), "the working directory does not exist")
    } else {
        source
    };
    ExecError::Spawn { program: program.to_owned(), cwd: cwd.to_owned(), source }
}

/// Opens a log for appending; `empty` drops what is in it.
pub(crate) fn open_log(path: &Path, empty: bool) -> Result<File, ExecError> {
    let log = |source| ExecError::Log { path: path.to_owned(), source };
    let file = OpenOptions::new().append(true).create(true).open(path).map_err(log)?;
    if empty {
        file.set_len(0).map_err(log)?;
    }
    Ok(file)
}
