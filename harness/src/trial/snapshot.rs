//! The golden snapshot: the caches that a cold run left, copied to where nothing writes to them any more.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bench_record::ProbeReading;

use super::error::TrialError;
use crate::cache::archive;
use crate::cache::snapshot::{self, SavedArchive, SavedCache, Snapshot};
use crate::runner::Runner;
use crate::sample::StepError;
use crate::scenario::Bundle;
use crate::scenario::CacheSpec;
use crate::system::fs::state::StateRoot;
use crate::system::fs::tree::{self, CopyOptions, Mtimes, TreeError};

/// A copy and an archive of each cache. Trials start from fresh copies, never from hard links: tools write
/// through those.
#[derive(Clone, Debug)]
pub struct GoldenSnapshot {
    dir: PathBuf,
    caches: BTreeMap<String, SavedCache>,
    archives: BTreeMap<String, SavedArchive>,
    counters: BTreeMap<String, ProbeReading>,
}

impl GoldenSnapshot {
    /// Copies and archives `caches` of `runner` into `rel` of the state root.
    ///
    /// # Errors
    /// When a cache is a symbolic link or cannot be read, or a copy cannot be written.
    pub(super) fn take(
        state: &StateRoot,
        rel: &Path,
        runner: &Runner,
        caches: &[CacheSpec],
        counters: BTreeMap<String, ProbeReading>,
    ) -> Result<Self, TrialError> {
        if let Some((cache, path)) = runner.linked_caches(caches).into_iter().next() {
            return Err(TrialError::LinkedCache { cache: cache.to_owned(), path });
        }
        let dir = state.dir(rel)?;
        let (mut saved, mut archives) = (BTreeMap::new(), BTreeMap::new());
        for cache in caches {
            let from = runner.cache_path(cache);
            if from.is_dir() {
                let keep = CopyOptions { mtimes: Mtimes::Keep, exclude: &cache.exclude.set };
                tree::copy(&from, &dir.join(&cache.name), &keep)?;
            }
            let single = Bundle { name: cache.name.clone(), caches: vec![cache.clone()] };
            let (sizes, archive) = snapshot::save(runner, &single, &dir)?;
            saved.insert(cache.name.clone(), sizes.first().copied().unwrap_or_default());
            archives.extend(archive.map(|archive| (cache.name.clone(), archive)));
        }
        Ok(Self { dir, caches: saved, archives, counters })
    }

    /// The copy of a cache; nothing is there when the cold run left none.
    pub fn tree(&self, cache: &CacheSpec) -> PathBuf {
        self.dir.join(&cache.name)
    }

    /// What was saved of a cache.
    pub fn saved(&self, cache: &str) -> Option<&SavedCache> {
        self.caches.get(cache)
    }

    /// The archive of a cache; `None` when the cache had no file.
    pub fn archive(&self, cache: &str) -> Option<&SavedArchive> {
        self.archives.get(cache)
    }

    /// Probe counters at the time of the save.
    pub fn counters(&self) -> &BTreeMap<String, ProbeReading> {
        &self.counters
    }

    /// Whether no cache has a file. One that holds only empty files (stamps) is a cache.
    pub fn is_empty(&self) -> bool {
        self.caches.values().all(|cache| cache.files == 0)
    }

    /// A fresh copy of the cache at `to`, where nothing may be.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn copy(&self, cache: &CacheSpec, to: &Path, mtimes: Mtimes) -> Result<(), StepError> {
        let from = self.tree(cache);
        if !from.is_dir() {
            return Ok(());
        }
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).map_err(TreeError::io("create", parent))?;
        }
        tree::copy(&from, to, &CopyOptions { mtimes, exclude: &globset::GlobSet::empty() })?;
        Ok(())
    }

    /// Unpacks the archive of the cache at `to`, where nothing may be; the time it took, in nanoseconds, or
    /// `None` when there is no archive.
    ///
    /// # Errors
    /// When it cannot be unpacked.
    pub fn restore(&self, cache: &CacheSpec, to: &Path) -> Result<Option<u64>, StepError> {
        let Some(saved) = self.archive(&cache.name) else { return Ok(None) };
        let started = Instant::now();
        archive::restore(&saved.path, to)?;
        Ok(Some(started.elapsed().as_nanos() as u64))
    }
}

/// All caches of a runner in one archive.
pub(super) struct Pack {
    bundle: Bundle,
    snapshot: Snapshot,
    pub(super) archive: SavedArchive,
}

impl Pack {
    /// Packs `caches` of `runner` into one archive in `dir`; `None` when they hold no file.
    ///
    /// # Errors
    /// When a cache cannot be read or the archive cannot be written.
    pub(super) fn save(
        runner: &Runner,
        caches: &[CacheSpec],
        dir: &Path,
    ) -> Result<Option<Self>, StepError> {
        let bundle = Bundle { name: "all".to_owned(), caches: caches.to_vec() };
        let (_, archive) = snapshot::save(runner, &bundle, dir)?;
        let (Some(archive), Some(first)) = (archive, caches.first()) else { return Ok(None) };
        let snapshot = Snapshot {
            origin: runner.id.clone(),
            paths: runner.paths(),
            caches: BTreeMap::new(),
            archives: BTreeMap::from([(first.name.clone(), archive.clone())]),
            counters: BTreeMap::new(),
            passed: Vec::new(),
            transfer: None,
        };
        Ok(Some(Self { bundle, snapshot, archive }))
    }

    /// Restores all caches on `runner`, where none of them may be; the time it took, in nanoseconds.
    pub(super) fn restore(
        &self,
        state: &StateRoot,
        runner: &Runner,
    ) -> Result<Option<u64>, StepError> {
        Ok(snapshot::restore(&self.snapshot, state, runner, &self.bundle)?)
    }
}
