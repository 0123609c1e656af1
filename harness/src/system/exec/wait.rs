//! Waiting for the end of a process without taking its status.

use std::io;
use std::time::{Duration, Instant};

use super::interrupt::{Until, Wake};
use super::platform::Pidfd;

/// Pauses of the base level: the first is short since most commands are, the last keeps the wait cheap.
const FIRST_PAUSE: Duration = Duration::from_micros(250);
const LAST_PAUSE: Duration = Duration::from_millis(10);

/// Waits for the end of a process: by its pidfd where there is one, else by asking `has_ended` again and
/// again.
pub(crate) fn until_ended(
    pidfd: Option<&Pidfd>,
    has_ended: impl FnMut() -> io::Result<bool>,
    until: Until<'_>,
) -> io::Result<Wake> {
    match pidfd {
        Some(pidfd) => pidfd.wait(until),
        None => asking(has_ended, until),
    }
}

fn asking(mut has_ended: impl FnMut() -> io::Result<bool>, until: Until<'_>) -> io::Result<Wake> {
    let mut pause = FIRST_PAUSE;
    loop {
        if has_ended()? {
            return Ok(Wake::Ended);
        }
        if until.interrupt.is_some_and(|interrupt| interrupt.signal().is_some()) {
            return Ok(Wake::Interrupted);
        }
        let left = until.deadline.map(|at| at.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return Ok(Wake::Deadline);
        }
        let nap = left.map_or(pause, |left| left.min(pause));
        match until.interrupt {
            Some(interrupt) => interrupt.pause(nap),
            None => std::thread::sleep(nap),
        }
        pause = (pause * 2).min(LAST_PAUSE);
    }
}

/// Whether child `pid` has ended, without taking its status.
#[cfg(unix)]
pub(crate) fn has_ended(pid: u32) -> io::Result<bool> {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

    let pid = i32::try_from(pid)
        .ok()
        .and_then(Pid::from_raw)
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(pid), options)?.is_some())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn asking_sees_the_end_and_leaves_the_status_for_others() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let woken = asking(|| has_ended(child.id()), Until::default()).unwrap();
        assert_eq!(woken, Wake::Ended);
        assert!(child.wait().unwrap().success());
    }

    #[test]
    fn asking_ends_at_the_deadline() {
        let deadline = Some(Instant::now());
        let woken = asking(|| Ok(false), Until { deadline, interrupt: None }).unwrap();
        assert_eq!(woken, Wake::Deadline);
    }

    #[test]
    fn a_process_that_has_already_ended_is_seen_before_the_deadline_is() {
        let deadline = Some(Instant::now());
        let woken = asking(|| Ok(true), Until { deadline, interrupt: None }).unwrap();
        assert_eq!(woken, Wake::Ended);
    }
}
