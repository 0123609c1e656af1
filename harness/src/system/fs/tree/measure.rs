//! How much a tree holds.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use globset::GlobSet;

use super::{TreeError, walk};
use crate::system::fs::rooted::Kind;

/// Names that are not directories, and the bytes of the regular files among them. A file with several names
/// in the tree counts its bytes once, as an archive of the tree would. No tree is `(0, 0)`.
///
/// # Errors
/// When a directory cannot be read.
pub fn measure(root: &Path, exclude: &GlobSet) -> Result<(u64, u64), TreeError> {
    measure_one(root, exclude, &mut HashSet::new())
}

/// [`measure`] for trees that share an archive: a file that several of them name by hard links counts its bytes
/// for the first.
///
/// # Errors
/// When a directory cannot be read.
pub fn measure_together<'a>(
    trees: impl IntoIterator<Item = (PathBuf, &'a GlobSet)>,
) -> Result<Vec<(u64, u64)>, TreeError> {
    let mut seen = HashSet::new();
    trees.into_iter().map(|(root, exclude)| measure_one(&root, exclude, &mut seen)).collect()
}

fn measure_one(
    root: &Path,
    exclude: &GlobSet,
    seen: &mut HashSet<(u64, u64)>,
) -> Result<(u64, u64), TreeError> {
    let (mut files, mut bytes) = (0, 0);
    let Some(dir) = walk::root(root)? else { return Ok((0, 0)) };
    walk::walk(&dir, root, exclude, |found| {
        let stat = found.stat;
        if stat.kind != Kind::Dir {
            files += 1;
        }
        if stat.kind == Kind::File && (stat.links < 2 || seen.insert((stat.dev, stat.inode))) {
            bytes += stat.len;
        }
        Ok::<(), TreeError>(())
    })?;
    Ok((files, bytes))
}
