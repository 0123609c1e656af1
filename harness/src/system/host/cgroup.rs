//! CPU and memory limits of the enclosing control groups, version 1 and 2.

use std::fs;
use std::path::{Path, PathBuf};

use super::mounts::{self, Mount};

/// The tightest limit of the own group and every group above it; `None` for unlimited.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct CgroupLimits {
    /// CPU time per time: cores.
    pub(super) cores: Option<f64>,
    /// Memory.
    pub(super) memory_bytes: Option<u64>,
}

/// Version 1 writes "unlimited" as the largest multiple of the page size; no machine has half of that.
const V1_UNLIMITED: u64 = 1 << 62;

/// The limits that apply to this process on the machine whose root directory is `root`.
pub(super) fn limits(root: &Path) -> CgroupLimits {
    let mounts = mounts::mounts(root);
    let own = fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let v2 = chain(root, &own, &mounts, None);
    let v1_cpu = chain(root, &own, &mounts, Some("cpu"));
    let v1_memory = chain(root, &own, &mounts, Some("memory"));
    let cores = v2.iter().filter_map(|dir| cpu_max(dir));
    let cores = cores.chain(v1_cpu.iter().filter_map(|dir| cfs_quota(dir)));
    let memory = v2.iter().filter_map(|dir| number(&dir.join("memory.max")));
    let memory = memory.chain(
        v1_memory
            .iter()
            .filter_map(|dir| number(&dir.join("memory.limit_in_bytes")))
            .filter(|bytes| *bytes < V1_UNLIMITED),
    );
    CgroupLimits { cores: cores.min_by(f64::total_cmp), memory_bytes: memory.min() }
}

/// The directory of the own group in the unified hierarchy.
#[cfg(any(test, target_os = "linux"))]
pub(super) fn own_v2(root: &Path) -> Option<PathBuf> {
    let own = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    chain(root, &own, &mounts::mounts(root), None).into_iter().next()
}

/// The directories of the own group and every visible group above it, innermost first, in the hierarchy
/// of `controller`, or in the unified one.
fn chain(root: &Path, own: &str, mounts: &[Mount], controller: Option<&str>) -> Vec<PathBuf> {
    let Some(path) = own.lines().find_map(|line| own_path(line, controller)) else {
        return Vec::new();
    };
    let is_hierarchy = |mount: &&Mount| match controller {
        None => mount.kind == "cgroup2",
        Some(name) => {
            mount.kind == "cgroup" && mount.super_options.split(',').any(|option| option == name)
        }
    };
    let Some(mount) = mounts.iter().find(is_hierarchy) else { return Vec::new() };
    let top = root.join(mount.point.strip_prefix("/").unwrap_or(&mount.point));
    // Inside a container the path may be the host's while only its own part is mounted.
    let path = Path::new(path);
    let below = path.strip_prefix(&mount.root).or_else(|_| path.strip_prefix("/")).unwrap_or(path);
    let innermost = top.join(below);
    let levels = innermost.ancestors().take_while(|dir| dir.starts_with(&top));
    levels.filter(|dir| dir.is_dir()).map(Path::to_owned).collect()
}

/// The path in one line of `/proc/self/cgroup` (`id:controllers:path`), when it is the right hierarchy.
fn own_path<'a>(line: &'a str, controller: Option<&str>) -> Option<&'a str> {
    let mut fields = line.splitn(3, ':');
    let (id, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
    let matches = match controller {
        None => id == "0" && controllers.is_empty(),
        Some(name) => controllers.split(',').any(|controller| controller == name),
    };
    matches.then_some(path)
}

/// `cpu.max` is `QUOTA PERIOD` in microseconds, or `max PERIOD`.
fn cpu_max(dir: &Path) -> Option<f64> {
    let text = fs::read_to_string(dir.join("cpu.max")).ok()?;
    let (quota, period) = text.trim().split_once(' ')?;
    ratio(quota.parse().ok()?, period.parse().ok()?)
}

fn cfs_quota(dir: &Path) -> Option<f64> {
    // -1 is unlimited, and no number here.
    ratio(number(&dir.join("cpu.cfs_quota_us"))?, number(&dir.join("cpu.cfs_period_us"))?)
}

fn ratio(quota: u64, period: u64) -> Option<f64> {
    (period > 0).then(|| quota as f64 / period as f64)
}

fn number(file: &Path) -> Option<u64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::virtualisation::machine;
    use super::*;

    #[test]
    fn the_tightest_limit_of_any_enclosing_v2_group_counts() {
        let machine = machine(&[
            ("proc/self/cgroup", "0::/a/b\n"),
            ("proc/self/mountinfo", "1 0 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"),
            ("sys/fs/cgroup/a/cpu.max", "150000 100000\n"),
            ("sys/fs/cgroup/a/memory.max", "max\n"),
            ("sys/fs/cgroup/a/b/cpu.max", "max 100000\n"),
            ("sys/fs/cgroup/a/b/memory.max", "1048576\n"),
        ]);
        let found = limits(machine.path());
        assert_eq!(found, CgroupLimits { cores: Some(1.5), memory_bytes: Some(1_048_576) });
        assert_eq!(own_v2(machine.path()), Some(machine.path().join("sys/fs/cgroup/a/b")));
    }

    #[test]
    fn v1_limits_are_read_per_controller_and_unlimited_is_none() {
        let machine = machine(&[
            ("proc/self/cgroup", "4:memory:/docker/x\n3:cpu,cpuacct:/docker/x\n0::/\n"),
            (
                "proc/self/mountinfo",
                "1 0 0:1 /docker/x /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n\
                 2 0 0:2 /docker/x /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
            ),
            ("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n"),
            ("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
        ]);
        assert_eq!(limits(machine.path()), CgroupLimits { cores: Some(0.5), memory_bytes: None });
        fs::write(machine.path().join("sys/fs/cgroup/cpu/cpu.cfs_quota_us"), "-1\n").unwrap();
        assert_eq!(limits(machine.path()), CgroupLimits::default());
    }

    #[test]
    fn without_control_groups_nothing_is_limited() {
        assert_eq!(limits(machine(&[]).path()), CgroupLimits::default());
    }
}
