//! One simulated CI machine: directories that differ in every path from those of the other one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bench_record::{Arm, Regime, RunnerId};
use globset::GlobSet;

use super::golden::GoldenSource;
use crate::scenario::Bundle;
use crate::scenario::{CacheSpec, Root};
use crate::system::fs::state::{StateError, StateRoot};
use crate::system::fs::tree::{self, CopyOptions, Inventory, Mtimes, TreeError};

/// Where a runner's directories are. The two kinds differ in every path, and in its length and depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// The runner that makes the snapshot.
    Home,
    /// The other runner, which restores it.
    Elsewhere,
}

impl Site {
    /// Where samples of `regime` are taken.
    pub const fn of(regime: Regime) -> Self {
        match regime {
            Regime::CrossRunner => Self::Elsewhere,
            Regime::Cold | Regime::SameRunner | Regime::Hot | Regime::Unknown => Self::Home,
        }
    }

    /// The id of the runner of a block. Both arms of a block restore on the same other runner.
    pub fn runner(self, block: u32, arm: Arm) -> RunnerId {
        RunnerId(match self {
            Self::Home => format!("b{block:03}-{arm}-a"),
            Self::Elsewhere => format!("b{block:03}-b"),
        })
    }

    /// The directory of that runner in the run's directory. It is equally long for both arms, so that they do not
    /// differ in the lengths of their paths.
    pub fn directory(self, block: u32, arm: Arm) -> String {
        match (self, arm) {
            (Self::Home, Arm::Candidate) => format!("b{block:03}-c-a"),
            (Self::Home, Arm::Baseline) => format!("b{block:03}-b-a"),
            (Self::Elsewhere, _) => format!("b{block:03}-b"),
        }
    }

    /// The name of a runner's directory after its sample, when the other arm needs its place.
    pub fn directory_after(self, block: u32, arm: Arm) -> String {
        match self {
            Self::Home => self.directory(block, arm),
            Self::Elsewhere => format!("{}-{arm}", self.directory(block, arm)),
        }
    }
}

/// One simulated CI machine.
#[derive(Debug)]
pub struct Runner {
    /// Names it.
    pub id: RunnerId,
    /// Its directory, relative to the state root.
    rel: PathBuf,
    /// `{workspace}`
    pub workspace: PathBuf,
    /// `{home}`
    pub home: PathBuf,
    /// `{cache}`
    pub cache: PathBuf,
    /// `{temp}`
    pub temp: PathBuf,
    /// The workspace as it was laid out: paths, inodes, mtimes.
    pub(super) layout: Inventory,
}

/// Why a runner could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    /// A directory could not be made.
    #[error(transparent)]
    State(#[from] StateError),
    /// The source could not be copied.
    #[error("cannot lay out the source")]
    Tree(#[from] TreeError),
}

impl Runner {
    /// Makes a new runner in `run_dir` of the state root and lays out the source with fresh mtimes, as after a
    /// checkout.
    ///
    /// # Errors
    /// When a directory or a copy cannot be made.
    pub fn lay_out(
        state: &StateRoot,
        run_dir: &Path,
        site: Site,
        (block, arm): (u32, Arm),
        golden: &GoldenSource,
    ) -> Result<Self, RunnerError> {
        let rel = run_dir.join(site.directory(block, arm));
        let (workspace, home, cache, temp) = match site {
            Site::Home => ("work", "home", "cache", "tmp"),
            Site::Elsewhere => (
                "agent-2/builds/project/checkout",
                "agent-2/users/other",
                "agent-2/store/cache",
                "agent-2/scratch/tmp",
            ),
        };
        let make = |part: &str| state.dir(&rel.join(part));
        let workspace = make(workspace)?;
        tree::copy(
            golden.path(),
            &workspace,
            &CopyOptions { mtimes: Mtimes::Fresh, exclude: &GlobSet::empty() },
        )?;
        let layout = Inventory::take(&workspace, &GlobSet::empty())?;
        tracing::info!(dir = %rel.display(), files = layout.entries.len(), "runner laid out");
        Ok(Self {
            id: site.runner(block, arm),
            workspace,
            home: make(home)?,
            cache: make(cache)?,
            temp: make(temp)?,
            rel,
            layout,
        })
    }

    /// The runner's directory, relative to the state root.
    pub fn rel(&self) -> &Path {
        &self.rel
    }

    /// The path of a declared cache on this runner.
    pub fn cache_path(&self, cache: &CacheSpec) -> PathBuf {
        let root = match cache.root {
            Root::Workspace => &self.workspace,
            Root::Home => &self.home,
            Root::Cache => &self.cache,
        };
        root.join(&cache.path)
    }

    /// The caches whose path leads through a symbolic link, which could lead out of the runner, and that link.
    pub fn linked_caches<'a>(
        &self,
        caches: impl IntoIterator<Item = &'a CacheSpec>,
    ) -> Vec<(&'a str, PathBuf)> {
        let mut linked = Vec::new();
        for cache in caches {
            let path = self.cache_path(cache);
            let link = path
                .ancestors()
                .take(cache.path.components().count())
                .find(|part| std::fs::symlink_metadata(part).is_ok_and(|meta| meta.is_symlink()));
            linked.extend(link.map(|link| (cache.name.as_str(), link.to_owned())));
        }
        linked
    }

    /// Files and bytes of each cache now. The bytes of a file that several caches of an archive hold by hard links are
    /// counted for the first one.
    ///
    /// # Errors
    /// When a cache cannot be read.
    pub fn measure_caches<'a>(
        &self,
        bundles: impl IntoIterator<Item = &'a Bundle>,
    ) -> Result<BTreeMap<String, (u64, u64)>, TreeError> {
        let mut sizes = BTreeMap::new();
        for bundle in bundles {
            let trees =
                bundle.caches.iter().map(|cache| (self.cache_path(cache), &cache.exclude.set));
            let measured = tree::measure_together(trees)?;
            sizes.extend(bundle.caches.iter().map(|cache| cache.name.clone()).zip(measured));
        }
        Ok(sizes)
    }
}

/// A runner that no path leads to.
///
/// On real CI the machine that made a cache is gone when another one restores it. Here both lie on one disk: a
/// path that a restored cache holds (an interpreter line, an editable install) would still lead to the first
/// runner, whose old sources would then be built or tested with success. So the first runner is renamed while
/// the other one's sample is taken. A rename keeps every inode and time that `same-runner` is proven by.
#[derive(Debug)]
#[must_use = "a runner that stays hidden cannot be measured again"]
pub struct HiddenRunner {
    rel: PathBuf,
    hidden_rel: PathBuf,
}

impl Runner {
    /// Renames the runner's directory, so that none of its paths exists. Nothing of it may be running.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn hide(&self, state: &StateRoot) -> Result<HiddenRunner, StateError> {
        let parent = self.rel.parent().unwrap_or(Path::new(""));
        let hidden_rel = parent.join("hidden").join(self.id.as_str());
        state.rename(&self.rel, &hidden_rel)?;
        tracing::info!(dir = %self.rel.display(), to = %hidden_rel.display(), "runner renamed");
        Ok(HiddenRunner { rel: self.rel.clone(), hidden_rel })
    }
}

impl HiddenRunner {
    /// Renames the runner back to its place.
    ///
    /// # Errors
    /// When it cannot be renamed, or something that was written at its place cannot be set aside.
    pub fn unhide(self, state: &StateRoot) -> Result<(), StateError> {
        // What another runner's sample wrote to this path is not part of this runner.
        state.set_aside(&self.rel)?;
        state.rename(&self.hidden_rel, &self.rel)?;
        tracing::info!(dir = %self.rel.display(), "runner renamed back");
        Ok(())
    }
}
