//! Linux: pidfd, /proc and the sub-reaper.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, Signal};

use super::table::{ProcessEntry, ProcessTable};
use crate::system::exec::interrupt::{Until, Wake};

/// A process that cannot be confused with a later one of the same id.
#[derive(Debug)]
pub(crate) struct Pidfd(OwnedFd);

impl Pidfd {
    /// Opens one; `None` when the process is gone or the kernel (before 5.3, or under an old seccomp
    /// profile) has none.
    pub(crate) fn open(pid: u32) -> Option<Self> {
        rustix::process::pidfd_open(to_pid(pid)?, PidfdFlags::empty()).ok().map(Self)
    }

    /// Sends SIGKILL. A process that is gone is not an error.
    pub(crate) fn kill(&self) -> io::Result<()> {
        match rustix::process::pidfd_send_signal(&self.0, Signal::KILL) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits until the process has ended (without taking its status), until `deadline`, or until a signal
    /// asked `bench` to stop.
    pub(crate) fn wait(&self, until: Until<'_>) -> io::Result<Wake> {
        loop {
            let left = until.deadline.map(|at| at.saturating_duration_since(Instant::now()));
            // A time beyond what the system's clock type holds means no limit.
            let timeout = left.and_then(|left| Timespec::try_from(left).ok());
            let mut fds = vec![PollFd::new(&self.0, PollFlags::IN)];
            fds.extend(until.interrupt.map(|i| PollFd::from_borrowed_fd(i.wake(), PollFlags::IN)));
            match rustix::event::poll(&mut fds, timeout.as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            // An end that came together with a signal or the deadline is an end.
            if !fds[0].revents().is_empty() {
                return Ok(Wake::Ended);
            }
            if fds.get(1).is_some_and(|fd| !fd.revents().is_empty()) {
                return Ok(Wake::Interrupted);
            }
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(Wake::Deadline);
            }
        }
    }
}

fn to_pid(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().filter(|pid| *pid > 0).and_then(Pid::from_raw)
}

/// Makes this process the one that orphans of its descendants are handed to. Returns whether it is.
pub(crate) fn become_subreaper() -> bool {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).is_ok()
        && rustix::process::child_subreaper().is_ok_and(|set| set.is_some())
}

/// Forgets the peak of our own memory, keeping what is in use now.
///
/// `posix_spawn` lets the child run in our memory until it executes its program, and the kernel counts
/// that memory's peak as the child's: without this a child's `ru_maxrss` would never be less than the most
/// that `bench` ever used. What it uses at the moment remains the least that can be measured.
pub(crate) fn forget_own_peak() {
    // Kernels without the file only make the floor higher.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// The process table.
///
/// # Errors
/// When /proc cannot be listed.
pub(crate) fn processes() -> io::Result<ProcessTable> {
    let mut entries = Vec::new();
    for item in fs::read_dir("/proc")? {
        let item = item?;
        let pid = item.file_name().to_str().and_then(|name| name.parse().ok());
        // A process that ended between the listing and the reading is no longer of interest.
        entries.extend(pid.and_then(process));
    }
    Ok(ProcessTable(entries))
}

/// One process, or `None` when it is gone.
pub(crate) fn process(pid: u32) -> Option<ProcessEntry> {
    parse_stat(pid, &fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// Reads `pid (name) state ppid pgrp ... starttime ...`; the name may hold anything, `)` and blanks
/// included, and need not be UTF-8, so it ends at the last `)`.
fn parse_stat(pid: u32, stat: &[u8]) -> Option<ProcessEntry> {
    let open = stat.iter().position(|byte| *byte == b'(')?;
    let close = stat.iter().rposition(|byte| *byte == b')')?;
    let name = String::from_utf8_lossy(stat.get(open + 1..close)?).into_owned();
    let rest = std::str::from_utf8(stat.get(close + 1..)?).ok()?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    Some(ProcessEntry {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        // Field 22 of proc(5), counted from 1 with the id and the name before `rest`.
        start: fields.get(19)?.parse().ok()?,
        ended: matches!(*fields.first()?, "Z" | "X"),
        name,
    })
}

/// Sends SIGKILL to exactly this process, not to a later one of the same id.
///
/// # Errors
/// When it may not be killed.
pub(crate) fn kill_exactly(entry: &ProcessEntry) -> io::Result<()> {
    let Some(fd) = Pidfd::open(entry.pid) else {
        return kill_by_id(entry);
    };
    // The descriptor was opened by id: only the start time proves that it is still the same process.
    match process(entry.pid) {
        Some(now) if now.key() == entry.key() => fd.kill(),
        _ => Ok(()),
    }
}

/// Where there are no pidfds: the window between the check and the signal cannot be closed.
fn kill_by_id(entry: &ProcessEntry) -> io::Result<()> {
    let Some(pid) = to_pid(entry.pid) else { return Ok(()) };
    if process(entry.pid).is_none_or(|now| now.key() != entry.key()) {
        return Ok(());
    }
    match rustix::process::kill_process(pid, Signal::KILL) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The home (variable HOME at its start) and the working directory of a process that belongs to us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Whereabouts {
    pub(crate) home: Option<PathBuf>,
    pub(crate) cwd: Option<PathBuf>,
}

/// Where a process of our own user lives; `None` for another user's, or when it is gone.
pub(crate) fn whereabouts(pid: u32) -> Option<Whereabouts> {
    let directory = PathBuf::from(format!("/proc/{pid}"));
    if fs::metadata(&directory).ok()?.uid() != rustix::process::geteuid().as_raw() {
        return None;
    }
    let environ = fs::read(directory.join("environ")).unwrap_or_default();
    let home = environ
        .split(|byte| *byte == 0)
        .find_map(|variable| variable.strip_prefix(b"HOME="))
        .map(|value| PathBuf::from(OsString::from_vec(value.to_vec())));
    Some(Whereabouts { home, cwd: fs::read_link(directory.join("cwd")).ok() })
}

/// Whether `signal` was set to be ignored when this process started (`nohup`, a background job of a
/// script): then it must stay so.
pub(crate) fn is_ignored(signal: i32) -> bool {
    let Ok(status) = fs::read_to_string("/proc/self/status") else { return false };
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// A namespace held open.
#[derive(Debug)]
pub(crate) struct Namespace(OwnedFd);

impl Namespace {
    /// The namespace of kind `name` that a process is in.
    ///
    /// # Errors
    /// When the process is gone or another user's.
    pub(crate) fn of(pid: u32, name: &str) -> io::Result<Self> {
        fs::File::open(format!("/proc/{pid}/ns/{name}")).map(|file| Self(file.into()))
    }

    /// A second descriptor that children inherit, with the path by which each child finds it. By our own
    /// id they could not: a confined process may not look into one that is not.
    ///
    /// # Errors
    /// When there are too many open files.
    pub(crate) fn inherited(&self) -> io::Result<(String, Self)> {
        // Unlike every descriptor that the standard library makes, a plain duplicate outlives exec.
        let copy = rustix::io::dup(&self.0)?;
        Ok((format!("/proc/self/fd/{}", copy.as_raw_fd()), Self(copy)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_blanks_and_parentheses_does_not_shift_the_fields() {
        let tail = "S 7 8 9 0 -1 4194560 1 0 0 0 1 2 3 4 20 0 1 0 4242 1000 2";
        let stat = format!("12 (a) b (c) {tail}\n");
        let entry = parse_stat(12, stat.as_bytes()).unwrap();
        assert_eq!((entry.parent, entry.group, entry.start, entry.ended), (7, 8, 4242, false));
        assert_eq!(entry.name, "a) b (c");
        assert_eq!(parse_stat(12, b"12 (torn"), None);
    }

    #[test]
    fn this_process_is_in_the_table_with_its_parent() {
        let table = processes().unwrap();
        let me = table.get(std::process::id()).unwrap();
        assert_eq!(me.parent, std::os::unix::process::parent_id());
        assert!(!me.ended);
    }

    #[test]
    fn a_process_with_another_start_time_is_not_killed() {
        let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let mut entry = process(child.id()).unwrap();
        entry.start += 1;
        kill_exactly(&entry).unwrap();
        kill_by_id(&entry).unwrap();
        assert!(child.try_wait().unwrap().is_none());
        entry.start -= 1;
        kill_exactly(&entry).unwrap();
        assert!(!child.wait().unwrap().success());
    }
}
