//! Process groups: signalled as a whole, and remembered where there is no process table to find them in.

#[cfg(not(target_os = "linux"))]
use std::collections::BTreeSet;
#[cfg(not(target_os = "linux"))]
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Sends SIGKILL to every member of a process group at once. Returns whether there was one.
#[cfg(unix)]
pub(crate) fn kill_group(group: u32) -> bool {
    signal_group(group, rustix::process::Signal::KILL)
}

/// Sends SIGTERM to every member of a process group.
#[cfg(unix)]
pub(crate) fn ask_group(group: u32) -> bool {
    signal_group(group, rustix::process::Signal::TERM)
}

#[cfg(unix)]
fn signal_group(group: u32, signal: rustix::process::Signal) -> bool {
    // Group 1 would be everything that may be signalled, 0 our own.
    let group = i32::try_from(group).ok().filter(|group| *group > 1);
    let group = group.and_then(rustix::process::Pid::from_raw);
    group.is_some_and(|group| rustix::process::kill_process_group(group, signal).is_ok())
}

/// There are no process groups here.
#[cfg(not(unix))]
pub(crate) fn kill_group(_group: u32) -> bool {
    false
}

/// There are no process groups here.
#[cfg(not(unix))]
pub(crate) fn ask_group(_group: u32) -> bool {
    false
}

/// Not needed: the process table knows.
#[cfg(target_os = "linux")]
pub(crate) fn note_group(_group: u32) {}

/// Not needed: the process table knows.
#[cfg(target_os = "linux")]
pub(crate) fn kill_noted_groups() -> Vec<u32> {
    Vec::new()
}

/// Process groups that were started here and may still have members.
#[cfg(not(target_os = "linux"))]
static GROUPS: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

#[cfg(not(target_os = "linux"))]
fn groups() -> MutexGuard<'static, BTreeSet<u32>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Remembers a group that was started.
#[cfg(not(target_os = "linux"))]
pub(crate) fn note_group(group: u32) {
    groups().insert(group);
}

/// Kills every group that was started and still has members; the leader's id stands for the group. The
/// id of a group is not given to another process while the group has members, but may be afterwards:
/// that risk is the price of having no process table.
#[cfg(not(target_os = "linux"))]
pub(crate) fn kill_noted_groups() -> Vec<u32> {
    let noted = std::mem::take(&mut *groups());
    noted.into_iter().filter(|group| kill_group(*group)).collect()
}
