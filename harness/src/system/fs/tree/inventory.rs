//! What is in a tree, and how two looks at it differ.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use globset::GlobSet;

use super::{Kind, TreeError, walk};

/// What was found at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    /// File, directory, link or other.
    pub kind: Kind,
    /// Bytes; 0 for a directory, whose size depends on its history and says nothing about its content.
    pub len: u64,
    /// Modification time in nanoseconds since 1970, negative before.
    pub mtime_ns: i128,
    /// Inode number; 0 where there is none.
    pub inode: u64,
    /// Permission bits, with set-id and sticky bits.
    pub mode: u32,
    /// Where a symbolic link points to, as written.
    pub target: Option<PathBuf>,
}

/// Everything inside a root, by relative path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The entries, without the root itself.
    pub entries: BTreeMap<PathBuf, TreeEntry>,
}

/// One way in which an entry differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryChange {
    /// Another kind of entry.
    Kind,
    /// Another length.
    Len,
    /// Another modification time.
    Mtime,
    /// Another inode: replaced, or in another tree.
    Inode,
    /// Other permissions.
    Mode,
    /// The link points elsewhere.
    Target,
}

/// How a later inventory differs from an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Only in the later one.
    pub added: BTreeSet<PathBuf>,
    /// Only in the earlier one.
    pub removed: BTreeSet<PathBuf>,
    /// In both, and different in at least one way.
    pub changed: BTreeMap<PathBuf, BTreeSet<EntryChange>>,
}

impl Diff {
    /// Whether both inventories are the same.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

impl Inventory {
    /// Lists everything inside `root` that is not excluded. A root that does not exist gives an empty inventory.
    ///
    /// # Errors
    /// When a directory or a link cannot be read.
    pub fn take(root: &Path, exclude: &GlobSet) -> Result<Self, TreeError> {
        let mut entries = BTreeMap::new();
        let Some(dir) = walk::root(root)? else { return Ok(Self::default()) };
        walk::walk(&dir, root, exclude, |found| {
            let stat = found.stat;
            let target = if stat.kind == Kind::Symlink {
                let target = found.dir.read_link(found.name);
                Some(target.map_err(TreeError::io("read link", &root.join(found.rel)))?)
            } else {
                None
            };
            let entry = TreeEntry {
                kind: stat.kind,
                len: if stat.kind == Kind::Dir { 0 } else { stat.len },
                mtime_ns: stat.mtime_ns,
                inode: stat.inode,
                mode: stat.mode,
                target,
            };
            entries.insert(found.rel.to_owned(), entry);
            Ok::<(), TreeError>(())
        })?;
        Ok(Self { entries })
    }

    /// What is different in `later`.
    pub fn diff(&self, later: &Self) -> Diff {
        let mut diff = Diff::default();
        for (path, before) in &self.entries {
            let Some(after) = later.entries.get(path) else {
                diff.removed.insert(path.clone());
                continue;
            };
            let ways = [
                (EntryChange::Kind, before.kind != after.kind),
                (EntryChange::Len, before.len != after.len),
                (EntryChange::Mtime, before.mtime_ns != after.mtime_ns),
                (EntryChange::Inode, before.inode != after.inode),
                (EntryChange::Mode, before.mode != after.mode),
                (EntryChange::Target, before.target != after.target),
            ];
            let ways: BTreeSet<EntryChange> =
                ways.into_iter().filter_map(|(way, differs)| differs.then_some(way)).collect();
            if !ways.is_empty() {
                diff.changed.insert(path.clone(), ways);
            }
        }
        let added = later.entries.keys().filter(|path| !self.entries.contains_key(*path));
        diff.added.extend(added.cloned());
        diff
    }
}
