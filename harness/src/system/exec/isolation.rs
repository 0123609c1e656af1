//! Optional isolation levels: which are in use, and which this machine would offer. Nothing is assumed:
//! a level counts only when it was tried.

use std::collections::BTreeMap;

use super::platform::Pidfd;
use super::real::RealExecutor;

/// Isolation levels by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Isolation {
    /// Every level that `bench` knows; `true` when it is in use for this run's commands.
    pub in_use: BTreeMap<String, bool>,
    /// Levels that this machine and this user could use, in use or not, sorted.
    pub available: Vec<String>,
}

impl RealExecutor {
    /// Probes the levels. Takes a few milliseconds, once per run.
    pub fn isolation(&self) -> Isolation {
        let pidfd = Pidfd::open(std::process::id()).is_some();
        let landlock = self.confinement_status().is_active();
        let subreaper = self.is_subreaper();
        // Name, in use, available.
        let levels = [
            ("cgroup-v2", false, offers::writable_cgroup()),
            ("cpu-pinning", false, offers::cpu_pinning()),
            ("landlock", landlock, landlock || offers::landlock()),
            ("pidfd", pidfd, pidfd),
            ("sub-reaper", subreaper, subreaper),
            ("user-namespace", false, offers::user_namespace()),
        ];
        let available = levels.iter().filter(|level| level.2).map(|level| level.0.to_owned());
        Isolation {
            available: available.collect(),
            in_use: levels.iter().map(|level| (level.0.to_owned(), level.1)).collect(),
        }
    }
}

#[cfg(target_os = "linux")]
mod offers {
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use rustix::fs::Access;
    use rustix::thread::{sched_getaffinity, sched_setaffinity};

    use crate::system::exec::short;
    use crate::system::exec::spawn::Spawner;

    /// Confines a thread that then ends.
    pub(super) fn landlock() -> bool {
        let confined = Spawner::confined(vec![PathBuf::from("/")]);
        confined.is_ok_and(|(_, status)| status.is_active())
    }

    /// Makes one, in a process of its own and outside the confinement of measured commands. Without `unshare` it
    /// was not tried, so it is not offered.
    pub(super) fn user_namespace() -> bool {
        let argv = ["unshare", "--user", "--map-root-user", "true"];
        short::succeeds(&argv, Duration::from_secs(5))
    }

    /// Our own group of the unified hierarchy may be given children. Asked, not done: `bench` writes
    /// nothing outside its state root.
    pub(super) fn writable_cgroup() -> bool {
        let Some(group) = crate::system::host::own_cgroup_v2() else { return false };
        let may_write = |path: &Path| rustix::fs::access(path, Access::WRITE_OK).is_ok();
        // On hybrid systems the older hierarchies hold the controllers that matter.
        let text = std::fs::read_to_string(group.join("cgroup.controllers")).unwrap_or_default();
        let has = |name| text.split_ascii_whitespace().any(|controller| controller == name);
        has("cpu") && has("memory") && may_write(&group) && may_write(&group.join("cgroup.procs"))
    }

    /// There is more than one CPU to choose from and the choice is accepted (it is the present one).
    pub(super) fn cpu_pinning() -> bool {
        let Ok(now) = sched_getaffinity(None) else { return false };
        now.count() > 1 && sched_setaffinity(None, &now).is_ok()
    }
}

#[cfg(not(target_os = "linux"))]
mod offers {
    pub(super) fn landlock() -> bool {
        false
    }

    pub(super) fn user_namespace() -> bool {
        false
    }

    pub(super) fn writable_cgroup() -> bool {
        false
    }

    pub(super) fn cpu_pinning() -> bool {
        false
    }
}
