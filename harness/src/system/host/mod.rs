//! The machine: what it is, and how much it was disturbed. The only home of sysinfo.
//!
//! Whatever a platform does not report is null in the record, never a guess.

mod cgroup;
mod ci;
mod mounts;
mod noise;
mod virtualisation;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use bench_record::Host;
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

pub use ci::ci_variables;
pub use noise::NoiseProbe;
use virtualisation::non_empty;

/// The machine's name.
pub(crate) fn name() -> Option<String> {
    System::host_name().ok()
}

/// Describes this machine. `isolation` is left empty: the executor knows it.
pub fn snapshot(state_root: &Path) -> Host {
    let wanted = RefreshKind::nothing()
        .with_cpu(CpuRefreshKind::nothing())
        .with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(wanted).ok();
    let root = Path::new("/");
    let limits = cgroup::limits(root);
    Host {
        os: System::long_os_version().ok().and_then(non_empty),
        kernel: System::kernel_version().ok().and_then(non_empty),
        arch: std::env::consts::ARCH.to_owned(),
        cpu: system.as_ref().and_then(|system| non_empty(system.cpus().first()?.brand())),
        cores: system.as_ref().and_then(|system| u32::try_from(system.cpus().len()).ok()),
        cgroup_cores: limits.cores,
        cgroup_memory_bytes: limits.memory_bytes,
        memory_bytes: system.as_ref().map(System::total_memory).filter(|bytes| *bytes > 0),
        governor: governor(root),
        file_system: mounts::file_system(root, state_root).or_else(|| disk_of(state_root)),
        virtualisation: virtualisation::describe(root),
        boot: fs::read_to_string("/proc/sys/kernel/random/boot_id").ok().map(|id| digest(&id)),
        isolation: BTreeMap::new(),
    }
}

/// The directory of this process's group in the unified cgroup hierarchy, when there is one.
#[cfg(target_os = "linux")]
pub(crate) fn own_cgroup_v2() -> Option<std::path::PathBuf> {
    cgroup::own_v2(Path::new("/"))
}

/// Tells two texts apart without naming them: 16 of blake3's 64 hexadecimal digits.
fn digest(text: &str) -> String {
    blake3::hash(text.trim().as_bytes()).to_hex()[..16].to_owned()
}

/// The governor of the CPUs; several, joined by `+`, where they differ.
fn governor(root: &Path) -> Option<String> {
    let cpus = fs::read_dir(root.join("sys/devices/system/cpu")).ok()?;
    let governors: BTreeSet<String> = cpus
        .flatten()
        .filter_map(|cpu| fs::read_to_string(cpu.path().join("cpufreq/scaling_governor")).ok())
        .filter_map(non_empty)
        .collect();
    let joined = Vec::from_iter(governors).join("+");
    (!joined.is_empty()).then_some(joined)
}

/// Where there is no mount table to read: the type of the disk with the longest mount point above `path`.
fn disk_of(path: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    let disks = sysinfo::Disks::new_with_refreshed_list().ok()?;
    let above = disks.iter().filter(|disk| path.starts_with(disk.mount_point()));
    let disk = above.max_by_key(|disk| disk.mount_point().components().count())?;
    non_empty(disk.file_system().to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::virtualisation::machine;
    use super::*;

    #[test]
    fn the_governors_of_all_cpus_are_listed_once_and_sorted() {
        let machine = machine(&[
            ("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n"),
            ("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "performance\n"),
            ("sys/devices/system/cpu/cpu2/cpufreq/scaling_governor", "powersave\n"),
        ]);
        assert_eq!(governor(machine.path()).as_deref(), Some("performance+powersave"));
        assert_eq!(governor(&machine.path().join("nothing")), None);
    }

    #[test]
    fn the_boot_digest_tells_boots_apart_and_does_not_hold_the_id() {
        let id = "3c1f0f2e-7d64-4a1e-9a55-2f0a0b0c0d0e\n";
        assert_eq!(digest(id).len(), 16);
        assert_ne!(digest(id), digest("other"));
        assert!(!id.contains(&digest(id)));
    }

    #[test]
    fn a_snapshot_of_this_machine_knows_its_size() {
        let temp = tempfile::tempdir().unwrap();
        let host = snapshot(temp.path());
        assert!(host.cores.unwrap() >= 1);
        assert!(host.memory_bytes.unwrap() > 16 << 20);
        assert!(host.kernel.is_some() && host.os.is_some() && !host.arch.is_empty());
        #[cfg(target_os = "linux")]
        assert!(host.boot.is_some() && host.file_system.is_some());
    }
}
