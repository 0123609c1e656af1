//! Short commands that are not measured: versions, probes, git. The only home of duct.
//!
//! Their output goes to scratch files rather than pipes, so a daemon that they start and that keeps the
//! output open cannot make the wait endless.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::time::Duration;

use super::command::{Captured, Ended, ExecError, Invocation};
use super::interrupt::{Interrupt, Until, Wake};
use super::platform::Pidfd;
use super::spawn::{self, Spawner};
use super::sweep::Family;
use super::{reap, wait};

/// Time-out of a command that has none of its own.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Runs `command` and returns what it printed.
pub(crate) fn capture(
    spawner: &Spawner,
    interrupt: &Interrupt,
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
    let until = Until::after(Some(command.timeout.unwrap_or(TIMEOUT)), interrupt);
    let woken = wait::until_ended(pidfd.as_ref(), has_ended, until).map_err(failed("wait for"))?;
    if woken != Wake::Ended {
        Family::of_command(pid, shielded).kill().map_err(failed("kill"))?;
        #[cfg(not(unix))]
        handle.kill().map_err(failed("kill"))?;
    }
    let status = handle.wait().map_err(failed("wait for"))?.status;
    let ended = match woken {
        Wake::Ended => reap::ended(status),
        Wake::Deadline => Ended::TimedOut,
        Wake::Interrupted => Ended::Interrupted,
    };
    Ok(Captured { ended, stdout: text(&command.stdout)?, stderr: text(&command.stderr)? })
}

/// What was printed; bytes that are not UTF-8 are replaced.
fn text(path: &Path) -> Result<String, ExecError> {
    let bytes = std::fs::read(path)
        .map_err(|source: io::Error| ExecError::Log { path: path.to_owned(), source })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether a command ends with exit code 0 within `limit`. Its output is dropped, and it inherits only PATH.
#[cfg(target_os = "linux")]
pub(super) fn succeeds(argv: &[&str], limit: Duration) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    let started = duct::cmd(argv[0], &argv[1..])
        .full_env([("PATH", path)])
        .stdin_null()
        .stdout_null()
        .stderr_null()
        .unchecked()
        .start();
    let Ok(handle) = started else { return false };
    if let Ok(Some(output)) = handle.wait_timeout(limit) {
        return output.status.success();
    }
    // It is not waited for any longer; a sweep finds what does not end.
    drop(handle.kill());
    false
}

/// Runs an installer in the user's own environment, without a time limit, and shows what it prints on standard
/// error: it is a message, not data.
///
/// # Errors
/// When the program is missing or cannot be executed.
pub(crate) fn run_visibly(argv: &[String]) -> io::Result<std::process::ExitStatus> {
    let (program, arguments) = argv.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    Ok(duct::cmd(program, arguments).stdout_to_stderr().unchecked().run()?.status)
}
