//! One simulated CI machine: its directories, and how it stands to the one that made the snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bench_record::{Arm, Regime, RunnerId};
use globset::GlobSet;

use super::golden::GoldenSource;
use crate::scenario::Bundle;
use crate::scenario::{CacheSpec, Root};
use crate::system::fs::state::{StateError, StateRoot};
use crate::system::fs::tree::{self, CopyOptions, Inventory, Kind, Mtimes, TreeError};

/// Which runner of a block, and where its directories are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// The runner that makes the snapshot.
    First,
    /// Another runner, at the paths of the first one. Only one of the two can be there.
    SamePaths,
    /// Another runner, which differs from the first one in every path, and in its length and depth.
    OtherPaths,
}

impl Site {
    /// Where samples of `regime` are taken.
    pub const fn of(regime: Regime) -> Self {
        match regime {
            Regime::CrossRunner => Self::SamePaths,
            Regime::MovedRunner => Self::OtherPaths,
            Regime::Cold | Regime::SameRunner | Regime::Hot | Regime::Unknown => Self::First,
        }
    }

    /// The id of the runner of a block.
    pub fn runner(self, block: u32, arm: Arm) -> RunnerId {
        let letter = match self {
            Self::First => 'a',
            Self::SamePaths => 'b',
            Self::OtherPaths => 'c',
        };
        RunnerId(format!("b{block:03}-{arm}-{letter}"))
    }

    /// The directory of that runner in the run's directory. It is equally long for both arms, so that they do not
    /// differ in the lengths of their paths. Both arms use the same one for the runner with other paths.
    pub fn directory(self, block: u32, arm: Arm) -> String {
        match (self, arm) {
            (Self::First | Self::SamePaths, Arm::Candidate) => format!("b{block:03}-c-a"),
            (Self::First | Self::SamePaths, Arm::Baseline) => format!("b{block:03}-b-a"),
            (Self::OtherPaths, _) => format!("b{block:03}-m"),
        }
    }

    /// Where a runner's directory is after its sample, relative to the run's directory: another runner's makes room,
    /// for the first one to come back to, or for the other arm.
    pub fn directory_after(self, block: u32, arm: Arm) -> PathBuf {
        match self {
            Self::First => self.directory(block, arm).into(),
            Self::SamePaths | Self::OtherPaths => {
                Path::new("after").join(self.runner(block, arm).as_str())
            }
        }
    }
}

/// Where the commands of a runner find its directories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunnerPaths {
    /// `{workspace}`
    pub workspace: PathBuf,
    /// `{home}`
    pub home: PathBuf,
    /// `{cache}`
    pub cache: PathBuf,
    /// `{temp}`
    pub temp: PathBuf,
}

impl RunnerPaths {
    /// The path of a declared cache.
    pub fn cache_path(&self, cache: &CacheSpec) -> PathBuf {
        let root = match cache.root {
            Root::Workspace => &self.workspace,
            Root::Home => &self.home,
            Root::Cache => &self.cache,
        };
        root.join(&cache.path)
    }

    /// Each of them.
    pub fn each(&self) -> [&Path; 4] {
        [&self.workspace, &self.home, &self.cache, &self.temp]
    }
}

/// What tells a runner from another one that stands at the same paths.
#[derive(Clone, Debug)]
pub struct RunnerIdentity {
    /// Where its directories are.
    pub paths: RunnerPaths,
    /// Device and inode of each of them.
    directories: Vec<(PathBuf, (u64, u64))>,
    /// Inodes of its source files.
    inodes: BTreeSet<u64>,
}

impl RunnerIdentity {
    /// The paths that lead to this runner now; none of them does while it is out of reach.
    pub fn reachable(&self) -> Vec<&Path> {
        let leads_there = |(path, inode): &&(PathBuf, (u64, u64))| inode_of(path) == Some(*inode);
        self.directories.iter().filter(leads_there).map(|(path, _)| path.as_path()).collect()
    }

    /// The source files of `runner` that are files of this one, too.
    pub fn shared_files<'r>(&self, runner: &'r Runner) -> Vec<&'r Path> {
        let shared = runner
            .layout
            .entries
            .iter()
            .filter(|(_, entry)| entry.kind != Kind::Dir && self.inodes.contains(&entry.inode));
        shared.map(|(path, _)| path.as_path()).collect()
    }
}

#[cfg(unix)]
fn inode_of(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.dev(), meta.ino()))
}

/// There are no inodes here: a path that exists counts as leading to the runner.
#[cfg(not(unix))]
fn inode_of(path: &Path) -> Option<(u64, u64)> {
    path.exists().then_some((0, 0))
}

/// One simulated CI machine.
#[derive(Debug)]
pub struct Runner {
    /// Names it.
    pub id: RunnerId,
    /// Its directory, relative to the state root.
    rel: PathBuf,
    /// Where its workspace lies.
    pub workspace: PathBuf,
    /// Where its home lies.
    pub home: PathBuf,
    /// Where `{cache}` lies.
    pub cache: PathBuf,
    /// Where `{temp}` lies.
    pub temp: PathBuf,
    /// Where its commands find these, if not there.
    seen: Option<RunnerPaths>,
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
            Site::First | Site::SamePaths => ("work", "home", "cache", "tmp"),
            Site::OtherPaths => (
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
            seen: None,
            layout,
        })
    }

    /// The runner's directory, relative to the state root.
    pub fn rel(&self) -> &Path {
        &self.rel
    }

    /// Where its commands find its directories.
    pub fn paths(&self) -> RunnerPaths {
        self.seen.clone().unwrap_or_else(|| RunnerPaths {
            workspace: self.workspace.clone(),
            home: self.home.clone(),
            cache: self.cache.clone(),
            temp: self.temp.clone(),
        })
    }

    /// Renames its directory to `rel` of the state root, where its files can be read while another runner is at its
    /// paths. It is not to run again.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn set_down(&mut self, state: &StateRoot, rel: PathBuf) -> Result<(), StateError> {
        let seen = self.paths();
        state.rename(&self.rel, &rel)?;
        let (from, to) = (state.path().join(&self.rel), state.path().join(&rel));
        for path in [&mut self.workspace, &mut self.home, &mut self.cache, &mut self.temp] {
            if let Ok(inside) = path.strip_prefix(&from) {
                *path = to.join(inside);
            }
        }
        self.seen = Some(seen);
        self.rel = rel;
        Ok(())
    }

    /// What tells this runner from another one.
    pub fn identity(&self) -> RunnerIdentity {
        let paths = self.paths();
        let directories = paths.each().into_iter();
        let directories =
            directories.filter_map(|path| Some((path.to_owned(), inode_of(path)?))).collect();
        let inodes = self
            .layout
            .entries
            .values()
            .map(|entry| entry.inode)
            .filter(|inode| *inode != 0)
            .collect();
        RunnerIdentity { paths, directories, inodes }
    }

    /// Where a declared cache of this runner lies.
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
