//! The status of a child that has ended, and what it used.
//!
//! That takes the one system call that no safe wrapper offers: `wait4`, which reports the resources of one child.
//!
//! `getrusage(RUSAGE_CHILDREN)` would be safe but sums over all children ever waited for, so its peak
//! memory belongs to the largest of them, not to the last.

#[cfg(unix)]
use std::io;
use std::process::ExitStatus;

use bench_record::Usage;

use super::command::Ended;

/// A child whose status has been taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reaped {
    /// How it ended.
    pub(crate) status: ExitStatus,
    /// Its own resources and those of the descendants that it waited for.
    pub(crate) usage: Usage,
}

impl Reaped {
    /// How it ended, by itself or by a signal from anybody.
    pub(crate) fn ended(&self) -> Ended {
        ended(self.status)
    }
}

/// How a process ended, by itself or by a signal from anybody.
pub(crate) fn ended(status: ExitStatus) -> Ended {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return Ended::Signalled(signal);
    }
    // Without a signal there is a code: a status that was waited for is never "stopped".
    Ended::Exited(status.code().unwrap_or(-1))
}

/// Waits for the end of child `pid` and frees its process id.
///
/// # Errors
/// `ECHILD` when `pid` is not a child of this process, or has been waited for.
#[cfg(unix)]
#[expect(unsafe_code, reason = "wait4 has no safe wrapper in rustix, nix or std")]
pub(crate) fn wait4(pid: u32) -> io::Result<Reaped> {
    let pid = libc::pid_t::try_from(pid)
        .ok()
        // 0 and negative numbers would mean groups: another child's status would be taken.
        .filter(|pid| *pid > 0)
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut status = 0;
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    loop {
        // SAFETY: both pointers are to live, writable memory of the right type; the kernel keeps neither.
        let waited = unsafe { libc::wait4(pid, &raw mut status, 0, usage.as_mut_ptr()) };
        if waited == pid {
            break;
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    // SAFETY: zeroed memory is a valid `rusage` (integers only), and wait4 has filled it in.
    let usage = unsafe { usage.assume_init() };
    Ok(Reaped {
        status: std::os::unix::process::ExitStatusExt::from_raw(status),
        usage: to_usage(&usage),
    })
}

#[cfg(unix)]
fn to_usage(usage: &libc::rusage) -> Usage {
    // Linux and the BSDs count kibibytes, macOS bytes.
    let unit = if cfg!(target_vendor = "apple") { 1 } else { 1024 };
    Usage {
        user_ns: to_ns(usage.ru_utime),
        system_ns: to_ns(usage.ru_stime),
        peak_rss_bytes: u64::try_from(usage.ru_maxrss).unwrap_or(0) * unit,
    }
}

#[cfg(unix)]
fn to_ns(time: libc::timeval) -> u64 {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let micros = u64::try_from(time.tv_usec).unwrap_or(0);
    seconds * 1_000_000_000 + micros * 1_000
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_group_or_an_impossible_process_id_is_refused() {
        assert_eq!(wait4(0).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        assert_eq!(wait4(u32::MAX).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn a_process_that_is_no_child_cannot_be_waited_for() {
        assert_eq!(wait4(1).unwrap_err().raw_os_error(), Some(libc::ECHILD));
    }
}
