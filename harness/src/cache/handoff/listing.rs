//! Every file of a snapshot, so that what was restored can be compared with what was saved.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use globset::GlobSet;
use serde::{Deserialize, Serialize};

use crate::system::fs::rooted::{Dir, Kind, name_bytes};
use crate::system::fs::tree::{TreeError, walk};

const BUFFER: usize = 256 * 1024;

/// Every entry of a tree, by its path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listing(BTreeMap<String, ListedEntry>);

/// One entry. Paths are relative, with `/` between names; bytes that are not plain text are written as `%` and two hex
/// digits each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedEntry {
    path: String,
    kind: EntryKind,
    mode: u32,
    mtime_ns: i64,
    /// Bytes of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    len: Option<u64>,
    /// BLAKE3 of its content, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    /// Where a symbolic link points to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    /// The first name of the same inode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    same_as: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum EntryKind {
    File,
    Directory,
    Link,
    /// A socket, fifo or device, which no archive carries.
    Other,
}

/// How what was restored differs from what was saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Differences {
    /// Paths that are not there.
    pub(super) missing: Vec<String>,
    /// Paths that were not saved.
    pub(super) extra: Vec<String>,
    /// Paths whose content changed, and what differs.
    pub(super) changed: Vec<(String, &'static str)>,
    /// Entries with another modification time that are complete otherwise.
    pub(super) mtimes: u64,
    /// Entries with other permission bits that are complete otherwise.
    pub(super) modes: u64,
}

impl Listing {
    /// Lists everything in `root`, and reads every file. The list is empty if `root` does not exist.
    ///
    /// # Errors
    /// When something cannot be read.
    pub(super) fn take(root: &Path) -> Result<Self, TreeError> {
        let Some(dir) = walk::root(root)? else { return Ok(Self::default()) };
        let mut lines = BTreeMap::new();
        let mut first_names: HashMap<(u64, u64), String> = HashMap::new();
        let mut buffer = vec![0; BUFFER];
        walk::walk(&dir, root, &GlobSet::empty(), |found| {
            let stat = found.stat;
            let path = plain(found.rel);
            let mut line = ListedEntry {
                path: path.clone(),
                kind: match stat.kind {
                    Kind::File => EntryKind::File,
                    Kind::Dir => EntryKind::Directory,
                    Kind::Symlink => EntryKind::Link,
                    Kind::Other => EntryKind::Other,
                },
                mode: stat.mode,
                mtime_ns: i64::try_from(stat.mtime_ns).unwrap_or(i64::MAX),
                len: None,
                digest: None,
                target: None,
                same_as: None,
            };
            let at = root.join(found.rel);
            if stat.kind == Kind::Symlink {
                let target = found.dir.read_link(found.name);
                line.target = Some(plain(&target.map_err(TreeError::io("read link", &at))?));
            }
            if stat.kind == Kind::File {
                line.len = Some(stat.len);
                let first = (stat.links > 1)
                    .then(|| first_names.get(&(stat.dev, stat.inode)).cloned())
                    .flatten();
                if first.is_some() {
                    line.same_as = first;
                } else {
                    first_names.insert((stat.dev, stat.inode), path.clone());
                    let digest = digest(found.dir, found.name, &mut buffer);
                    line.digest = Some(digest.map_err(TreeError::io("read", &at))?);
                }
            }
            lines.insert(path, line);
            Ok::<(), TreeError>(())
        })?;
        Ok(Self(lines))
    }

    /// Number of entries.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The list as text, one JSON object per line.
    ///
    /// # Errors
    /// Never in practice: every field has a JSON form.
    pub(super) fn to_text(&self) -> Result<String, serde_json::Error> {
        let mut text = String::new();
        for line in self.0.values() {
            text.push_str(&serde_json::to_string(line)?);
            text.push('\n');
        }
        Ok(text)
    }

    /// # Errors
    /// When a line is not an entry of a list.
    pub(super) fn from_text(text: &str) -> Result<Self, serde_json::Error> {
        let lines = text.lines().map(|line| {
            let line: ListedEntry = serde_json::from_str(line)?;
            Ok((line.path.clone(), line))
        });
        lines.collect::<Result<_, _>>().map(Self)
    }

    /// How `restored` differs.
    pub(super) fn differences(&self, restored: &Self) -> Differences {
        let mut found = Differences::default();
        for (path, saved) in &self.0 {
            let Some(there) = restored.0.get(path) else {
                found.missing.push(path.clone());
                continue;
            };
            let other = [
                ("it is of another kind", saved.kind != there.kind),
                ("its length differs", saved.len != there.len),
                ("its hard link is lost", saved.same_as != there.same_as),
                ("its content differs", saved.digest != there.digest),
                ("it points elsewhere", saved.target != there.target),
            ];
            if let Some((why, _)) = other.into_iter().find(|(_, differs)| *differs) {
                found.changed.push((path.clone(), why));
                continue;
            }
            found.mtimes += u64::from(saved.mtime_ns != there.mtime_ns);
            found.modes += u64::from(saved.mode != there.mode);
        }
        let extra = restored.0.keys().filter(|path| !self.0.contains_key(*path));
        found.extra.extend(extra.cloned());
        found
    }
}

fn digest(dir: &Dir, name: &std::ffi::OsStr, buffer: &mut [u8]) -> std::io::Result<String> {
    let mut file = dir.read(name)?;
    let mut hasher = blake3::Hasher::new();
    loop {
        let read = file.read(buffer)?;
        if read == 0 {
            return Ok(hasher.finalize().to_hex().to_string());
        }
        hasher.update(&buffer[..read]);
    }
}

/// A path as text that stands for no other path.
fn plain(path: &Path) -> String {
    let mut text = String::new();
    for (index, name) in path.iter().enumerate() {
        if index > 0 && !text.ends_with('/') {
            text.push('/');
        }
        let bytes = name_bytes(name);
        for chunk in bytes.utf8_chunks() {
            for c in chunk.valid().chars() {
                if c == '%' || c.is_control() {
                    let mut utf8 = [0; 4];
                    c.encode_utf8(&mut utf8).bytes().for_each(|byte| escape(&mut text, byte));
                } else {
                    text.push(c);
                }
            }
            chunk.invalid().iter().for_each(|byte| escape(&mut text, *byte));
        }
    }
    text
}

fn escape(text: &mut String, byte: u8) {
    // Writing to a String cannot fail.
    let _ = write!(text, "%{byte:02x}");
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use filetime::{FileTime, set_file_mtime};

    use super::*;

    /// A tree with one of everything, and another that is a copy of it with the same times.
    fn pair() -> (tempfile::TempDir, tempfile::TempDir) {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(one.path().join("dir")).unwrap();
        fs::write(one.path().join("dir/file"), "content").unwrap();
        fs::hard_link(one.path().join("dir/file"), one.path().join("name")).unwrap();
        symlink("dir/file", one.path().join("link")).unwrap();
        fs::write(one.path().join(OsStr::from_bytes(b"100%\xff\n")), "odd").unwrap();
        let archive = other.path().join("archive");
        crate::cache::archive::save(one.path(), &GlobSet::empty(), &archive).unwrap();
        crate::cache::archive::restore(&archive, &other.path().join("tree")).unwrap();
        (one, other)
    }

    fn differences(one: &Path, other: &Path) -> Differences {
        let saved = Listing::take(one).unwrap();
        let read = Listing::from_text(&saved.to_text().unwrap()).unwrap();
        assert_eq!(read, saved, "nothing is lost in the file");
        read.differences(&Listing::take(other).unwrap())
    }

    #[test]
    fn what_an_archive_carried_is_the_same_and_every_loss_is_named() {
        let (one, other) = pair();
        let tree = other.path().join("tree");
        assert_eq!(differences(one.path(), &tree), Differences::default());

        fs::set_permissions(tree.join("dir/file"), fs::Permissions::from_mode(0o600)).unwrap();
        set_file_mtime(tree.join("dir"), FileTime::from_unix_time(1, 0)).unwrap();
        let found = differences(one.path(), &tree);
        // Both names of the one file have its mode.
        assert_eq!((found.mtimes, found.modes), (1, 2));
        assert!(found.missing.is_empty() && found.extra.is_empty() && found.changed.is_empty());

        let elsewhere = tempfile::tempdir().unwrap();
        fs::rename(tree.join("link"), elsewhere.path().join("link")).unwrap();
        fs::write(tree.join("new"), "").unwrap();
        let found = differences(one.path(), &tree);
        assert_eq!((found.missing, found.extra), (vec!["link".to_owned()], vec!["new".to_owned()]));

        fs::write(tree.join("dir/file"), "CONTENT").unwrap();
        let found = differences(one.path(), &tree);
        assert_eq!(found.changed, [("dir/file".to_owned(), "its content differs")]);

        fs::rename(tree.join("name"), elsewhere.path().join("name")).unwrap();
        fs::write(tree.join("name"), "content").unwrap();
        let found = differences(one.path(), &tree);
        assert_eq!(found.changed.last().unwrap().1, "its hard link is lost");
    }

    #[test]
    fn no_two_paths_have_the_same_text() {
        assert_eq!(plain(Path::new(OsStr::from_bytes(b"a/100%\xff\n"))), "a/100%25%ff%0a");
        assert_eq!(plain(Path::new("/abs/gebäude")), "/abs/gebäude");
    }
}
