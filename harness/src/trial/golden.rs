//! The caches that a cold run left, as a copy that nothing writes to any more.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bench_record::ProbeReading;

use crate::cache::snapshot::{self, SavedArchive, SavedCache, Seed};
use crate::runner::Runner;
use crate::sample::{StepError, Tried};
use crate::scenario::Bundle;
use crate::scenario::CacheSpec;
use crate::system::fs::state::StateRoot;
use crate::system::fs::tree::{self, CopyOptions, Mtimes, TreeError};

/// Copies and archives of all caches.
#[derive(Clone, Debug)]
pub struct GoldenSeed {
    dir: PathBuf,
    seed: Seed,
}

impl GoldenSeed {
    /// Copies and archives `caches` of `runner` beneath `rel` of the state root.
    ///
    /// # Errors
    /// When a cache cannot be read or a copy not be written.
    pub(super) fn take(
        state: &StateRoot,
        rel: &Path,
        runner: &Runner,
        caches: &[CacheSpec],
        tried: &Tried,
    ) -> Result<Self, StepError> {
        let dir = state.dir(rel)?;
        let (mut saved, mut archives) = (BTreeMap::new(), BTreeMap::new());
        for cache in caches {
            let from = runner.cache_path(cache);
            if from.is_dir() {
                let keep = CopyOptions { mtimes: Mtimes::Keep, exclude: &cache.exclude.set };
                tree::copy(&from, &dir.join(&cache.name), &keep)?;
            }
            let (sizes, archive) = snapshot::save(runner, &alone(cache), &dir)?;
            saved.insert(cache.name.clone(), sizes.first().copied().unwrap_or_default());
            archives.extend(archive.map(|archive| (cache.name.clone(), archive)));
        }
        let seed = Seed {
            origin: runner.id.clone(),
            caches: saved,
            archives,
            counters: tried.probes.clone(),
            passed: Vec::new(),
            brought: None,
        };
        Ok(Self { dir, seed })
    }

    /// The golden copy of a cache; nothing is there when the cache was absent.
    pub fn tree(&self, cache: &CacheSpec) -> PathBuf {
        self.dir.join(&cache.name)
    }

    /// What was saved of a cache.
    pub fn saved(&self, cache: &str) -> Option<&SavedCache> {
        self.seed.caches.get(cache)
    }

    /// The archive of a cache; `None` when the cache had no file.
    pub fn archive(&self, cache: &str) -> Option<&SavedArchive> {
        self.seed.archives.get(cache)
    }

    /// Probe counters at the time of the save.
    pub fn counters(&self) -> &BTreeMap<String, ProbeReading> {
        &self.seed.counters
    }

    /// Bytes of all caches, unpacked.
    pub fn bytes(&self) -> u64 {
        self.seed.bytes()
    }

    /// A fresh copy of the cache at its place on `runner`, where nothing may be.
    pub(super) fn copy_to(&self, cache: &CacheSpec, runner: &Runner) -> Result<(), StepError> {
        let (from, to) = (self.tree(cache), runner.cache_path(cache));
        if !from.is_dir() {
            return Ok(());
        }
        if let Some(above) = to.parent() {
            std::fs::create_dir_all(above).map_err(TreeError::io("create", above))?;
        }
        let keep = CopyOptions { mtimes: Mtimes::Keep, exclude: &globset::GlobSet::empty() };
        tree::copy(&from, &to, &keep)?;
        Ok(())
    }

    pub(super) fn restore_to(
        &self,
        state: &StateRoot,
        cache: &CacheSpec,
        runner: &Runner,
    ) -> Result<Option<u64>, StepError> {
        Ok(snapshot::restore(&self.seed, state, runner, &alone(cache))?)
    }
}

/// All caches of a runner in one archive.
pub(super) struct Pack {
    bundle: Bundle,
    seed: Seed,
    archive: SavedArchive,
}

/// Packs `caches` of `runner` into one archive in `dir`; `None` when they hold no file.
///
/// # Errors
/// When a cache cannot be read or the archive not be written.
pub(super) fn pack(
    runner: &Runner,
    caches: &[CacheSpec],
    dir: &Path,
) -> Result<Option<Pack>, StepError> {
    let bundle = Bundle { name: "all".to_owned(), caches: caches.to_vec() };
    let (_, archive) = snapshot::save(runner, &bundle, dir)?;
    let (Some(archive), Some(first)) = (archive, caches.first()) else { return Ok(None) };
    let seed = Seed {
        origin: runner.id.clone(),
        caches: BTreeMap::new(),
        archives: BTreeMap::from([(first.name.clone(), archive.clone())]),
        counters: BTreeMap::new(),
        passed: Vec::new(),
        brought: None,
    };
    Ok(Some(Pack { bundle, seed, archive }))
}

impl Pack {
    pub(super) fn into_archive(self) -> SavedArchive {
        self.archive
    }

    /// Restores all caches on `runner`, where none of them may be; the time it took, in nanoseconds.
    pub(super) fn restore_to(
        &self,
        state: &StateRoot,
        runner: &Runner,
    ) -> Result<Option<u64>, StepError> {
        Ok(snapshot::restore(&self.seed, state, runner, &self.bundle)?)
    }
}

/// The cache in an archive of its own: what each is worth is asked of each.
fn alone(cache: &CacheSpec) -> Bundle {
    Bundle { name: cache.name.clone(), caches: vec![cache.clone()] }
}
