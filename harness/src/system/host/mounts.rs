//! The file system that a path lies on, by `/proc/self/mountinfo`.

use std::fs;
use std::path::{Path, PathBuf};

/// One line of mountinfo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// The directory of the file system that is mounted.
    pub(super) root: PathBuf,
    /// Where it is mounted.
    pub(super) point: PathBuf,
    /// Options of the mount.
    options: String,
    /// Type.
    pub(super) kind: String,
    /// Options of the file system.
    pub(super) super_options: String,
}

/// The mounts that the process sees, in the order in which they were made.
pub(super) fn mounts(root: &Path) -> Vec<Mount> {
    let text = fs::read_to_string(root.join("proc/self/mountinfo")).unwrap_or_default();
    text.lines().filter_map(parse).collect()
}

/// Reads `id parent major:minor root point options [tag]... - type source super-options`.
fn parse(line: &str) -> Option<Mount> {
    let (before, after) = line.split_once(" - ")?;
    let before: Vec<&str> = before.split(' ').collect();
    let after: Vec<&str> = after.split(' ').collect();
    Some(Mount {
        root: unescape(before.get(3)?),
        point: unescape(before.get(4)?),
        options: (*before.get(5)?).to_owned(),
        kind: (*after.first()?).to_owned(),
        super_options: (*after.get(2)?).to_owned(),
    })
}

/// The kernel writes blanks, tabs, newlines and backslashes in paths as three octal digits.
fn unescape(field: &str) -> PathBuf {
    let mut text = field.to_owned();
    for (escaped, plain) in [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")] {
        text = text.replace(escaped, plain);
    }
    PathBuf::from(text)
}

/// Type and options of the file system that `path` lies on: `ext4 rw,relatime,discard`.
pub(super) fn file_system(root: &Path, path: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    // Of two mounts on one point the later one covers the earlier one.
    let mounts = mounts(root);
    let above = mounts.iter().filter(|mount| path.starts_with(&mount.point));
    let mount = above.max_by_key(|mount| mount.point.components().count())?;
    let mut options: Vec<&str> = Vec::new();
    for option in mount.options.split(',').chain(mount.super_options.split(',')) {
        // Layers of an overlay are paths of this machine, of no use to a reader.
        if !options.contains(&option) && !option.contains('/') {
            options.push(option);
        }
    }
    Some(format!("{} {}", mount.kind, options.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(mountinfo: &str) -> tempfile::TempDir {
        let temp = tempfile::tempdir().unwrap();
        fs::create_dir_all(temp.path().join("proc/self")).unwrap();
        fs::write(temp.path().join("proc/self/mountinfo"), mountinfo).unwrap();
        temp
    }

    #[test]
    fn the_innermost_and_latest_mount_above_the_path_counts() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path().canonicalize().unwrap();
        let parent = place.parent().unwrap().display();
        let machine = machine(&format!(
            "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard\n\
             30 22 0:30 / {parent} rw,nosuid - tmpfs none rw,size=4k\n\
             31 22 0:31 / {parent} rw,noatime shared:2 master:3 - overlay overlay rw,lowerdir=/a:/b,xino=off\n\
             32 22 0:32 / {parent}x rw - xfs none rw\n",
        ));
        let found = file_system(machine.path(), &place).unwrap();
        assert_eq!(found, "overlay rw,noatime,xino=off");
    }

    #[test]
    fn escaped_blanks_in_a_mount_point_are_read() {
        let machine = machine("30 22 0:30 / /a\\040b rw - tmpfs none rw\nnonsense\n");
        let mounts = mounts(machine.path());
        assert_eq!(mounts.len(), 1);
        assert_eq!(mounts[0].point, Path::new("/a b"));
    }
}
