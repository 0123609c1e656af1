//! Outputs of two trials, file by file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use bench_reports::verify::Difference;
use globset::GlobSet;

use super::normalise::{Places, normalise};
use crate::runner::Runner;
use crate::scenario::{Globs, Normaliser};
use crate::system::fs::tree::{Inventory, Kind, TreeError};

/// Outputs of a trial, copied to where no later trial changes them.
#[derive(Clone, Debug)]
pub(super) struct Outputs {
    root: PathBuf,
    /// Symbolic links with what they point to, and files.
    files: BTreeMap<PathBuf, Option<PathBuf>>,
}

/// How outputs are compared.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) globs: Globs,
    pub(super) normalise: Vec<Normaliser>,
    pub(super) places: Places,
    /// Files that differ between two builds without any cache, and prove nothing.
    pub(super) left_out: BTreeSet<PathBuf>,
}

impl Outputs {
    /// Copies what the globs match in the workspace of `runner` into `to`.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub(super) fn take(runner: &Runner, globs: &Globs, to: &Path) -> Result<Self, TreeError> {
        let mut files = BTreeMap::new();
        for (path, link) in list(&runner.workspace, globs)? {
            if link.is_none() {
                let copy = to.join(&path);
                if let Some(parent) = copy.parent() {
                    fs::create_dir_all(parent).map_err(TreeError::io("create", parent))?;
                }
                let from = runner.workspace.join(&path);
                fs::copy(&from, &copy).map_err(TreeError::io("copy", &from))?;
            }
            files.insert(path, link);
        }
        Ok(Self { root: to.to_owned(), files })
    }

    /// Number of files.
    pub(super) fn count(&self) -> usize {
        self.files.len()
    }

    /// How the outputs in the workspace of `runner` differ from these: every file that does.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn differ(
        &self,
        runner: &Runner,
        rules: &Rules,
    ) -> Result<Vec<Difference>, TreeError> {
        let now = list(&runner.workspace, &rules.globs)?;
        let mut found = Vec::new();
        let all: BTreeSet<&PathBuf> = self.files.keys().chain(now.keys()).collect();
        for path in all.into_iter().filter(|path| !rules.left_out.contains(*path)) {
            let what = match (self.files.get(path), now.get(path)) {
                (Some(_), None) => Some((None, "missing")),
                (None, Some(_)) => Some((None, "only here")),
                (Some(None), Some(None)) => {
                    let (before, after) = (self.root.join(path), runner.workspace.join(path));
                    first_difference(path, &before, &after, rules)?
                        .map(|offset| (Some(offset), "content"))
                }
                (Some(before), Some(after)) => (before != after).then_some((None, "link")),
                (None, None) => None,
            };
            found.extend(what.map(|(offset, what)| Difference {
                file: path.to_string_lossy().into_owned(),
                what: what.to_owned(),
                offset,
            }));
        }
        Ok(found)
    }

    /// The files in the workspace of `runner` that name a directory of another runner.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn naming(
        runner: &Runner,
        globs: &Globs,
        other: &Runner,
    ) -> Result<Vec<PathBuf>, TreeError> {
        let places = Places::of(&[other]);
        let mut naming = Vec::new();
        for (path, link) in list(&runner.workspace, globs)? {
            if link.is_none() && places.occur_in(&read(&runner.workspace.join(&path))?) {
                naming.push(path);
            }
        }
        Ok(naming)
    }
}

/// The offset of the first byte that differs after normalising; the shorter length when one file is a prefix of
/// the other.
fn first_difference(
    name: &Path,
    before: &Path,
    after: &Path,
    rules: &Rules,
) -> Result<Option<u64>, TreeError> {
    let (before, after) = (read(before)?, read(after)?);
    if before == after {
        return Ok(None);
    }
    let plain = |content| normalise(name, content, &rules.normalise, &rules.places);
    let (before, after) = (plain(before), plain(after));
    if before == after {
        return Ok(None);
    }
    let same = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
    Ok(Some(same as u64))
}

fn read(path: &Path) -> Result<Vec<u8>, TreeError> {
    fs::read(path).map_err(TreeError::io("read", path))
}

fn list(root: &Path, globs: &Globs) -> Result<BTreeMap<PathBuf, Option<PathBuf>>, TreeError> {
    if globs.is_empty() {
        return Ok(BTreeMap::new());
    }
    let entries = Inventory::take(root, &GlobSet::empty())?.entries;
    Ok(entries
        .into_iter()
        .filter(|(path, entry)| {
            matches!(entry.kind, Kind::File | Kind::Symlink) && globs.set.is_match(path)
        })
        .map(|(path, entry)| (path, entry.target))
        .collect())
}
