//! Short commands that are not measured: versions, probes, git. The only home of duct.
//!
//! Their output goes to scratch files rather than pipes, so a daemon that they start and that keeps the
//! output open cannot make the wait endless.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::platform::Pidfd;
use super::signals::Signals;
use super::spawn::{self, Spawner};
use super::sweep::Family;
use super::wait::{self, Until, Wake};
use super::{Captured, Ended, ExecError, Invocation};

/// Time-out of a command that has none of its own.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Runs `command` and returns what it printed.
pub(crate) fn capture(
    spawner: &Spawner,
    signals: &Signals,
    shielded: BTreeSet<u32>,
    command: &Invocation,
) -> Result<Captured, ExecError> {
    let (program, file) = spawn::find_program(command)?;
    let name = program.clone();
    let expression = duct::cmd(file, &command.argv[1..])
        .dir(&command.cwd)
        .full_env(&command.env)
        .stdin_null()
        .stdout_file(spawn::open_log(&command.stdout, true)?)
        .stderr_file(spawn::open_log(&command.stderr, true)?)
        // A failure is an answer, not an error.
        .unchecked()
        .before_spawn(move |prepared| {
            spawn::detach(prepared, &name);
            Ok(())
        });
    let handle = spawner
        .run(move || expression.start())
        .and_then(|started| started)
        .map_err(|source| spawn::cannot_start(&program, &command.cwd, source))?;
    let failed = |what| {
        let program = program.clone();
        move |source| ExecError::System { what, program, source }
    };
    // One command has one process.
    let pid = handle.pids().first().copied().unwrap_or_default();
    let pidfd = Pidfd::open(pid);
    #[cfg(unix)]
    let has_ended = || wait::has_ended(pid);
    #[cfg(not(unix))]
    let has_ended = || handle.try_wait().map(|output| output.is_some());
    let until = Until::after(Some(command.timeout.unwrap_or(TIMEOUT)), signals);
    let woken = wait::until_ended(pidfd.as_ref(), has_ended, until).map_err(failed("wait for"))?;
    if woken != Wake::Ended {
        Family::of_command(pid, shielded).kill().map_err(failed("kill"))?;
        #[cfg(not(unix))]
        handle.kill().map_err(failed("kill"))?;
    }
    let status = handle.wait().map_err(failed("wait for"))?.status;
    let ended = match woken {
        Wake::Ended => wait::ended(status),
        Wake::Deadline => Ended::TimedOut,
        Wake::Interrupted => Ended::Interrupted,
    };
    Ok(Captured { ended, stdout: text(&command.stdout)?, stderr: text(&command.stderr)? })
}

/// What was printed; bytes that are no UTF-8 are replaced.
fn text(path: &Path) -> Result<String, ExecError> {
    let bytes = std::fs::read(path)
        .map_err(|source: io::Error| ExecError::Log { path: path.to_owned(), source })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
