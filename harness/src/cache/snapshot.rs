//! A snapshot: the caches that a cold sample left behind, saved for the warm samples of its block.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bench_record::{Outcome, ProbeReading, RunnerId, SnapshotUse};
use globset::GlobSet;
use serde::{Deserialize, Serialize};

use super::archive::{self, ArchiveError, ArchivePart};
use crate::runner::{Runner, RunnerPaths};
use crate::scenario::Bundle;
use crate::system::fs::state::{StateError, StateRoot};
use crate::system::fs::tree::{self, CopyOptions, Mtimes, TreeError};

/// What the cold run of an arm left behind for the warm samples of its block.
#[derive(Clone, Debug)]
pub enum ColdResult {
    /// Its caches.
    Snapshot(Box<Snapshot>),
    /// Nothing, because it failed.
    Failed {
        /// How it ended.
        outcome: Outcome,
        /// Why.
        reason: String,
    },
}

/// The caches of one arm as its cold sample left them.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The runner that made it.
    pub origin: RunnerId,
    /// Where its directories were.
    pub paths: RunnerPaths,
    /// Each cache.
    pub caches: BTreeMap<String, SavedCache>,
    /// The archives, if a planned sample restores from them, each under the cache that it is counted for: the first
    /// one that it holds.
    pub archives: BTreeMap<String, SavedArchive>,
    /// Probe counters at the time of the save: they travel with the caches.
    pub counters: BTreeMap<String, ProbeReading>,
    /// Examples that passed when the snapshot was made.
    pub passed: Vec<String>,
    /// How it got here, if another job made it.
    pub transfer: Option<Transfer>,
}

/// How a snapshot of another job got here.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// Where it comes from, for the evidence.
    pub used: SnapshotUse,
    /// Files that a CI's cache step put in place, instead of archives: a directory with the content that the archive
    /// would have, under the cache that the archive is counted for.
    pub trees: BTreeMap<String, PathBuf>,
    /// Time that the cache step took for all of it, in nanoseconds, if the caller gave it.
    pub restore_ns: Option<u64>,
}

/// One cache of a snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedCache {
    /// Files.
    pub files: u64,
    /// Bytes, unpacked; a file that an earlier cache of the same archive also holds is not counted again.
    pub bytes: u64,
}

/// An archive on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedArchive {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Time that it took to write.
    pub save_ns: u64,
}

impl Snapshot {
    /// Files of all caches.
    pub fn files(&self) -> u64 {
        self.caches.values().map(|cache| cache.files).sum()
    }

    /// Bytes of all caches, unpacked.
    pub fn bytes(&self) -> u64 {
        self.caches.values().map(|cache| cache.bytes).sum()
    }
}

/// Saves the caches of `bundle` on `runner` as an archive in `dir`; returns the size of each cache, and the archive.
/// Caches without a file give no archive: a CI's cache step would save none.
///
/// # Errors
/// When a cache cannot be read or the archive cannot be written.
pub fn save(
    runner: &Runner,
    bundle: &Bundle,
    dir: &Path,
) -> Result<(Vec<SavedCache>, Option<SavedArchive>), ArchiveError> {
    let path = dir.join(format!("{}.tar.zst", bundle.name));
    let started = Instant::now();
    let roots: Vec<PathBuf> = bundle.caches.iter().map(|cache| runner.cache_path(cache)).collect();
    if !roots.iter().any(|root| root.is_dir()) {
        return Ok((vec![SavedCache::default(); roots.len()], None));
    }
    let alone = bundle.caches.len() == 1;
    let parts: Vec<ArchivePart<'_>> = bundle
        .caches
        .iter()
        .zip(&roots)
        .map(|(cache, root)| ArchivePart {
            name: if alone { "" } else { &cache.name },
            root,
            exclude: &cache.exclude.set,
        })
        .collect();
    let (saved, sizes) = archive::save_together(&parts, &path)?;
    let save_ns = started.elapsed().as_nanos() as u64;
    tracing::info!(
        cache = bundle.name,
        files = saved.files,
        archive_bytes = saved.archive_bytes,
        seconds = save_ns as f64 / 1e9,
        "snapshot saved"
    );
    let archive =
        (saved.files > 0).then_some(SavedArchive { path, bytes: saved.archive_bytes, save_ns });
    let sizes = sizes.iter().map(|size| SavedCache { files: size.files, bytes: size.bytes });
    Ok((sizes.collect(), archive))
}

/// Restores the caches of `bundle` from the snapshot onto `runner`. Returns the time it took in nanoseconds; `None` if
/// there is nothing to restore, or if a CI's cache step restored the files and they are only copied to the runner here.
///
/// # Errors
/// When the archive is damaged or the files cannot be written.
pub fn restore(
    snapshot: &Snapshot,
    state: &StateRoot,
    runner: &Runner,
    bundle: &Bundle,
) -> Result<Option<u64>, RestoreError> {
    let first = bundle.caches.first().map(|cache| &cache.name);
    let archive = first.and_then(|first| snapshot.archives.get(first));
    let tree = first.and_then(|first| snapshot.transfer.as_ref()?.trees.get(first));
    let put = |to: &Path| -> Result<(), RestoreError> {
        if let Some(archive) = archive {
            archive::restore(&archive.path, to)?;
        } else if let Some(tree) = tree {
            if let Some(above) = to.parent() {
                std::fs::create_dir_all(above).map_err(TreeError::io("create", above))?;
            }
            let keep = CopyOptions { mtimes: Mtimes::Keep, exclude: &GlobSet::empty() };
            tree::copy(tree, to, &keep)?;
        }
        Ok(())
    };
    if archive.is_none() && tree.is_none() {
        return Ok(None);
    }
    let started = Instant::now();
    match bundle.caches.as_slice() {
        [cache] => put(&runner.cache_path(cache))?,
        caches => {
            // Unpacked into one directory and then renamed to their places: hard links between the caches survive,
            // and the archive is written to a directory that no link leads out of.
            let rel = runner.rel().join("restoring").join(&bundle.name);
            put(&state.dir(&rel)?)?;
            for cache in caches {
                let from = rel.join(&cache.name);
                if state.path().join(&from).is_dir() {
                    let to = runner.cache_path(cache);
                    state.rename(&from, to.strip_prefix(state.path()).unwrap_or(&to))?;
                }
            }
        }
    }
    let took = started.elapsed();
    tracing::info!(
        cache = bundle.name,
        archive_bytes = archive.map(|archive| archive.bytes),
        seconds = took.as_secs_f64(),
        "snapshot restored"
    );
    Ok(archive.map(|_| took.as_nanos() as u64))
}

/// Why caches were not restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The archive is not what it should be, or cannot be unpacked.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A cache could not be put in its place.
    #[error(transparent)]
    State(#[from] StateError),
    /// Files that another job left could not be copied.
    #[error(transparent)]
    Tree(#[from] TreeError),
}
