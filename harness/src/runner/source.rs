//! Where the source of an arm comes from, and how it is laid out as a golden tree.

use std::path::{Path, PathBuf};

use super::git::Git;
use super::golden::{GoldenSource, SourceError, measured};
use crate::scenario::{Scenario, Source};
use crate::system::exec::Executor;
use crate::system::fs::state::StateRoot;

/// Lays out the scenario's source (or `--source`) in `rel` of the state root.
///
/// A pinned git source is fetched at depth 1 from its URL or from the local clone `given`; its shallow `.git` stays, as
/// in a CI checkout. Of a directory that is a git work tree, tracked files and untracked files that are not ignored are
/// copied; of any other directory, everything. Output of `bench` is copied only if git tracks it.
///
/// # Errors
/// See [`SourceError`].
pub fn lay_out_golden(
    executor: &mut dyn Executor,
    state: &StateRoot,
    rel: &Path,
    scenario: &Scenario,
    given: Option<&str>,
) -> Result<GoldenSource, SourceError> {
    let mut git = Git::new(executor, state, rel, scenario, given.is_some())?;
    let path = state.dir(&rel.join("tree"))?;
    let info = match (&scenario.source, given.map(split_revision)) {
        (Source::Git { rev, .. }, Some((origin, given))) => {
            git.checkout(origin, given.unwrap_or(rev), &path)?
        }
        (Source::Git { url, rev }, None) => git.checkout(url, rev, &path)?,
        (_, Some((url, rev))) if url.contains("://") => {
            git.checkout(url, rev.unwrap_or("HEAD"), &path)?
        }
        (_, Some((dir, None))) => git.directory(Path::new(dir), &path)?,
        (_, Some((dir, Some(rev)))) => return git.revision(Path::new(dir), rev, &path),
        (Source::Path(dir), None) => git.directory(dir, &path)?,
        (Source::Shipped, None) => {
            let mut info = git.directory(&scenario.workspace(), &path)?;
            // The path to which the binary unpacked its scenarios says nothing about the source.
            info.origin = None;
            info
        }
    };
    measured(scenario, path, info)
}

/// Lays out the baseline in `rel` of the state root. `wanted` is a directory, or else a revision of the repository that
/// the candidate comes from (`given`, if `--source` replaced the scenario's source).
///
/// # Errors
/// See [`SourceError`]; also when `wanted` is not a directory and the candidate's source is not in a git repository.
pub fn lay_out_baseline(
    executor: &mut dyn Executor,
    state: &StateRoot,
    rel: &Path,
    scenario: &Scenario,
    given: Option<&str>,
    wanted: &str,
) -> Result<GoldenSource, SourceError> {
    let mut git = Git::new(executor, state, rel, scenario, given.is_some())?;
    let path = state.dir(&rel.join("tree"))?;
    let directory = Path::new(wanted);
    if directory.is_dir() {
        let info = git.directory(directory, &path)?;
        return measured(scenario, path, info);
    }
    let given = given.map(|given| split_revision(given).0);
    let dir: PathBuf = match (&scenario.source, given) {
        (Source::Git { url, .. }, given) => {
            let info = git.checkout(given.unwrap_or(url), wanted, &path)?;
            return measured(scenario, path, info);
        }
        (_, Some(url)) if url.contains("://") => {
            let info = git.checkout(url, wanted, &path)?;
            return measured(scenario, path, info);
        }
        (_, Some(dir)) => dir.into(),
        (Source::Path(dir), None) => dir.clone(),
        (Source::Shipped, None) => scenario.workspace(),
    };
    git.revision(&dir, wanted, &path)
}

/// Splits `DIR#REV` or `URL#REV`, which name a revision other than the scenario's.
fn split_revision(given: &str) -> (&str, Option<&str>) {
    match given.rsplit_once('#') {
        Some((origin, rev)) if !rev.is_empty() && !Path::new(given).exists() => (origin, Some(rev)),
        _ => (given, None),
    }
}
