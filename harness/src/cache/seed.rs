//! The seed of a block: what a cold sample left in its caches, saved for the warm samples.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bench_record::{ProbeReading, RunnerId};

use super::archive::{self, ArchiveError};
use crate::runner::Runner;
use crate::scenario::model::CacheSpec;

/// The caches of one arm as its cold sample left them.
#[derive(Clone, Debug)]
pub struct Seed {
    /// The runner that made it.
    pub origin: RunnerId,
    /// Each cache.
    pub caches: BTreeMap<String, SavedCache>,
    /// Probe counters at the time of the save: they travel with the caches.
    pub counters: BTreeMap<String, ProbeReading>,
    /// Examples that passed when the seed was made.
    pub passed: Vec<String>,
}

/// One cache of a seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedCache {
    /// Files.
    pub files: u64,
    /// Bytes, unpacked.
    pub bytes: u64,
    /// Its archive, where a planned sample restores from one.
    pub archive: Option<SavedArchive>,
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

impl Seed {
    /// Bytes of all caches, unpacked.
    pub fn bytes(&self) -> u64 {
        self.caches.values().map(|cache| cache.bytes).sum()
    }
}

/// Saves `cache` of `runner` into `dir`. An absent or empty cache gives no archive, as CI's cache step
/// would save none.
///
/// # Errors
/// When the cache cannot be read or the archive not be written.
pub fn save(runner: &Runner, cache: &CacheSpec, dir: &Path) -> Result<SavedCache, ArchiveError> {
    let path = dir.join(format!("{}.tar.zst", cache.name));
    let started = Instant::now();
    let root = runner.cache_path(cache);
    if !root.is_dir() {
        return Ok(SavedCache { files: 0, bytes: 0, archive: None });
    }
    let saved = archive::save(&root, &cache.exclude.set, &path)?;
    let save_ns = started.elapsed().as_nanos() as u64;
    let archive =
        (saved.files > 0).then_some(SavedArchive { path, bytes: saved.archive_bytes, save_ns });
    Ok(SavedCache { files: saved.files, bytes: saved.bytes, archive })
}

/// Restores `cache` of the seed onto `runner`; the time it took, or `None` when there is nothing to
/// restore.
///
/// # Errors
/// When the archive is damaged or the files cannot be written.
pub fn restore(
    seed: &Seed,
    runner: &Runner,
    cache: &CacheSpec,
) -> Result<Option<u64>, ArchiveError> {
    let Some(archive) = seed.caches.get(&cache.name).and_then(|saved| saved.archive.as_ref())
    else {
        return Ok(None);
    };
    let started = Instant::now();
    archive::restore(&archive.path, &runner.cache_path(cache))?;
    Ok(Some(started.elapsed().as_nanos() as u64))
}
