//! Hypervisor and container, as far as they show.

use std::fs;
use std::path::Path;

/// `container docker on hypervisor QEMU`, either part alone, or `None` for bare metal and for platforms
/// that do not report it.
pub(super) fn describe(root: &Path) -> Option<String> {
    let container = container(root).map(|name| format!("container {name}"));
    let hypervisor = hypervisor(root).map(|name| format!("hypervisor {name}"));
    let parts: Vec<String> = container.into_iter().chain(hypervisor).collect();
    (!parts.is_empty()).then(|| parts.join(" on "))
}

fn container(root: &Path) -> Option<String> {
    if root.join(".dockerenv").exists() {
        return Some("docker".to_owned());
    }
    if root.join("run/.containerenv").exists() {
        return Some("podman".to_owned());
    }
    // systemd-nspawn, lxc and podman set a variable of their first process; only root may read it.
    let environ = fs::read(root.join("proc/1/environ")).unwrap_or_default();
    let named = environ
        .split(|byte| *byte == 0)
        .find_map(|variable| variable.strip_prefix(b"container="))
        .map(|name| String::from_utf8_lossy(name).into_owned());
    if named.is_some() {
        return named;
    }
    let groups = fs::read_to_string(root.join("proc/1/cgroup")).unwrap_or_default();
    ["kubepods", "docker", "libpod", "lxc"]
        .into_iter()
        .find(|name| groups.contains(name))
        .map(str::to_owned)
}

fn hypervisor(root: &Path) -> Option<String> {
    let read = |file: &str| {
        let text = fs::read_to_string(root.join(file)).ok()?;
        non_empty(text)
    };
    if let Some(kind) = read("sys/hypervisor/type") {
        return Some(kind);
    }
    let vendor = read("sys/class/dmi/id/sys_vendor").unwrap_or_default();
    let product = read("sys/class/dmi/id/product_name").unwrap_or_default();
    let flagged = read("proc/cpuinfo").is_some_and(|text| {
        text.lines()
            .filter(|line| line.starts_with("flags"))
            .any(|line| line.split_ascii_whitespace().any(|flag| flag == "hypervisor"))
    });
    // Without the CPU's flag (ARM has none) only names that no physical machine bears count.
    let known = ["QEMU", "KVM", "VMware", "VirtualBox", "Virtual Machine", "Amazon EC2", "Google"]
        .into_iter()
        .find(|name| vendor.contains(name) || product.contains(name));
    match (flagged, known) {
        (_, Some(name)) => Some(name.to_owned()),
        (true, None) => Some("unknown".to_owned()),
        (false, None) => None,
    }
}

/// What a file or the system says, unless that is nothing.
pub(super) fn non_empty(text: impl AsRef<str>) -> Option<String> {
    let trimmed = text.as_ref().trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

/// A root directory with these files, as a machine would have them.
#[cfg(test)]
pub(super) fn machine(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn container_and_hypervisor_are_named_together() {
        let machine = machine(&[
            (".dockerenv", ""),
            ("proc/cpuinfo", "flags\t\t: fpu hypervisor sse\n"),
            ("sys/class/dmi/id/sys_vendor", "Microsoft Corporation\n"),
            ("sys/class/dmi/id/product_name", "Virtual Machine\n"),
        ]);
        let found = describe(machine.path()).unwrap();
        assert_eq!(found, "container docker on hypervisor Virtual Machine");
    }

    #[test]
    fn a_hypervisor_without_a_name_is_still_one_and_bare_metal_is_none() {
        let virtual_machine = machine(&[("proc/cpuinfo", "flags : fpu hypervisor\n")]);
        assert_eq!(describe(virtual_machine.path()).as_deref(), Some("hypervisor unknown"));
        let metal = machine(&[
            ("proc/cpuinfo", "flags : fpu\n"),
            ("proc/1/cgroup", "0::/init.scope\n"),
            ("sys/class/dmi/id/sys_vendor", "LENOVO\n"),
        ]);
        assert_eq!(describe(metal.path()), None);
    }

    #[test]
    fn a_container_that_sets_a_variable_of_its_first_process_is_found() {
        let machine = machine(&[("proc/1/environ", "PATH=/bin\0container=lxc\0TERM=x\0")]);
        assert_eq!(describe(machine.path()).as_deref(), Some("container lxc"));
    }
}
