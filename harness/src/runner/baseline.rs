//! The source that a candidate is compared with.

use std::path::{Path, PathBuf};

use super::source::{Git, Golden, SourceError, golden, split_revision};
use crate::scenario::{Scenario, Source};
use crate::system::exec::Executor;
use crate::system::fs::state::StateRoot;

/// Lays out the baseline beneath `rel` of the state root: `wanted` is a directory, or else a revision of the
/// repository that the candidate comes from (`given`, when `--source` replaced the scenario's own).
///
/// # Errors
/// See [`SourceError`]; also when the candidate's source is in no git repository and `wanted` is no
/// directory.
pub fn lay_out_baseline(
    executor: &mut dyn Executor,
    state: &StateRoot,
    rel: &Path,
    scenario: &Scenario,
    given: Option<&str>,
    wanted: &str,
) -> Result<Golden, SourceError> {
    let mut git = Git::new(executor, state, rel, scenario, given.is_some())?;
    let path = state.dir(&rel.join("tree"))?;
    let directory = Path::new(wanted);
    if directory.is_dir() {
        let info = git.directory(directory, &path)?;
        return golden(scenario, path, info);
    }
    let given = given.map(|given| split_revision(given).0);
    let dir: PathBuf = match (&scenario.source, given) {
        (Source::Git { url, .. }, given) => {
            let info = git.checkout(given.unwrap_or(url), wanted, &path)?;
            return golden(scenario, path, info);
        }
        (_, Some(url)) if url.contains("://") => {
            let info = git.checkout(url, wanted, &path)?;
            return golden(scenario, path, info);
        }
        (_, Some(dir)) => dir.into(),
        (Source::Path(dir), None) => dir.clone(),
        (Source::Shipped, None) => scenario.workspace(),
    };
    git.revision(&dir, wanted, &path)
}
