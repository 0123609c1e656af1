//! Saves the snapshots of a prime job for another job.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use bench_record::files::SNAPSHOT_MANIFEST;
use bench_record::{Arm, Run, SnapshotForm};
use chrono::Utc;

use super::listing::Listing;
use super::manifest::{
    ArchiveInfo, BuiltSource, Content, DATA, LISTING, Manifest, Origin, SCHEMA, SnapshotContent,
    archive_file, directory, name,
};
use crate::cache::archive::{self, ArchiveError};
use crate::cache::snapshot::{ColdResult, Snapshot};
use crate::runner::{Runner, Site};
use crate::scenario::Bundle;
use crate::system::fs::state::Draft;
use crate::system::fs::tree::TreeError;

/// Where and how a prime job saves its snapshots.
#[derive(Debug)]
pub struct SnapshotWriter {
    /// The directory that the CI's cache step saves.
    pub dir: PathBuf,
    /// In which form.
    pub form: SnapshotForm,
    /// Under which key.
    pub key: String,
    /// The run's first record.
    pub run: Run,
}

/// What the cold run of an arm left behind.
#[derive(Clone, Copy, Debug)]
pub struct ColdRun<'a> {
    /// Block, from 1.
    pub block: u32,
    /// Arm.
    pub arm: Arm,
    /// Params of the arm.
    pub params: &'a BTreeMap<String, String>,
    /// Its active caches, by archive.
    pub bundles: &'a [Bundle],
    /// The runner that made the snapshot.
    pub runner: Option<&'a Runner>,
    /// Its caches, or why there are none; `None` if it has not run at all.
    pub result: Option<&'a ColdResult>,
}

/// Why a snapshot was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The directory holds something else.
    #[error(
        "`{}` holds `{entry}`, which is not a snapshot of this run (hint: `--snapshot-dir` takes an empty or a new directory)",
        dir.display()
    )]
    Foreign {
        /// The directory.
        dir: PathBuf,
        /// What it holds.
        entry: String,
    },
    /// A directory or file cannot be written.
    #[error("cannot save snapshot `{name}` in `{}`", dir.display())]
    Io {
        /// Of which block and arm.
        name: String,
        /// The directory.
        dir: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// An archive cannot be unpacked to be saved as files.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// What was saved cannot be read back.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

/// Refuses a directory that holds anything but snapshots of the run with this `key`: the cache step would save it too,
/// and another job would take it for a snapshot.
///
/// # Errors
/// Names what it holds.
pub fn refuse_foreign(dir: &Path, key: &str, resumed: bool) -> Result<(), SaveError> {
    let unread = |source| SaveError::Io { name: "*".to_owned(), dir: dir.to_owned(), source };
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unread(error)),
    };
    for entry in entries {
        let entry = entry.map_err(unread)?;
        let same_run = read(&entry.path()).is_some_and(|manifest| manifest.key == key);
        let entry = entry.file_name().to_string_lossy().into_owned();
        // A draft that a killed process left is not mistaken for a snapshot by another job.
        if !(resumed && (same_run || Draft::is_name(&entry))) {
            return Err(SaveError::Foreign { dir: dir.to_owned(), entry });
        }
    }
    Ok(())
}

fn read(snapshot: &Path) -> Option<Manifest> {
    serde_json::from_slice(&std::fs::read(snapshot.join(SNAPSHOT_MANIFEST)).ok()?).ok()
}

/// Number of snapshots that are there, including those that only say why there is none.
pub fn count_saved(dir: &Path) -> usize {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter(|entry| entry.path().join(SNAPSHOT_MANIFEST).is_file()).count()
}

/// Whether the snapshot of a block and arm is there.
pub fn is_saved(dir: &Path, block: u32, arm: Arm) -> bool {
    directory(dir, block, arm).join(SNAPSHOT_MANIFEST).is_file()
}

impl SnapshotWriter {
    /// Saves what a cold run left behind, or the reason why it left nothing. The snapshot appears only when it is
    /// complete.
    ///
    /// # Errors
    /// See [`SaveError`].
    pub fn save(&self, cold: &ColdRun<'_>) -> Result<(), SaveError> {
        let (block, arm) = (cold.block, cold.arm);
        let out = directory(&self.dir, block, arm);
        let failed =
            |source| SaveError::Io { name: name(block, arm), dir: self.dir.clone(), source };
        let draft = Draft::new(&out).map_err(failed)?;
        let content = match cold.result {
            Some(ColdResult::Snapshot(snapshot)) => {
                let content = self.content(snapshot, cold.bundles, draft.path(), &failed)?;
                Content::Snapshot(Box::new(content))
            }
            Some(ColdResult::Failed { outcome, reason }) => {
                Content::Failure { outcome: *outcome, reason: reason.clone() }
            }
            None => return Err(failed(io::ErrorKind::NotFound.into())),
        };
        let manifest = Manifest {
            schema: SCHEMA.to_owned(),
            key: self.key.clone(),
            origin: self.origin(cold),
            content,
        };
        let mut text = serde_json::to_string_pretty(&manifest).map_err(|e| failed(e.into()))?;
        text.push('\n');
        std::fs::write(draft.path().join(SNAPSHOT_MANIFEST), text).map_err(failed)?;
        draft.publish(&out).map_err(failed)
    }

    /// Writes the files and their list.
    fn content(
        &self,
        snapshot: &Snapshot,
        bundles: &[Bundle],
        dir: &Path,
        failed: &dyn Fn(io::Error) -> SaveError,
    ) -> Result<SnapshotContent, SaveError> {
        let data = dir.join(DATA);
        std::fs::create_dir(&data).map_err(failed)?;
        let mut archives = Vec::new();
        for bundle in bundles {
            let first = bundle.caches.first();
            let Some(saved) = first.and_then(|cache| snapshot.archives.get(&cache.name)) else {
                continue;
            };
            match self.form {
                // Unpacked by the code that also restores for a cross-runner sample of the same job.
                SnapshotForm::Tree => {
                    archive::restore(&saved.path, &data.join(&bundle.name))?;
                }
                SnapshotForm::Archive => {
                    let to = data.join(archive_file(&bundle.name));
                    std::fs::copy(&saved.path, to).map_err(failed)?;
                }
            }
            archives.push(ArchiveInfo {
                name: bundle.name.clone(),
                caches: bundle.caches.iter().map(|cache| cache.name.clone()).collect(),
                bytes: saved.bytes,
                save_ns: saved.save_ns,
            });
        }
        let listing = Listing::take(&data)?.to_text().map_err(|error| failed(error.into()))?;
        std::fs::write(dir.join(LISTING), &listing).map_err(failed)?;
        Ok(SnapshotContent {
            form: self.form,
            archives,
            caches: snapshot.caches.clone(),
            counters: snapshot.counters.clone(),
            passed: snapshot.passed.clone(),
            listing: blake3::hash(listing.as_bytes()).to_hex().to_string(),
        })
    }

    fn origin(&self, cold: &ColdRun<'_>) -> Origin {
        let (run, block, arm) = (&self.run, cold.block, cold.arm);
        let paths = cold.runner.map(|runner| {
            runner.paths().each().map(|path| path.to_string_lossy().into_owned()).to_vec()
        });
        Origin {
            run: run.id.clone(),
            made: Utc::now(),
            bench: run.bench.clone(),
            scenario: run.scenario.clone(),
            params: cold.params.clone(),
            plan_hash: run.plan_hash.clone(),
            source: BuiltSource::of(run, arm),
            block,
            arm,
            runner: Site::First.runner(block, arm),
            paths: paths.unwrap_or_default(),
            boot: run.host.boot.clone(),
        }
    }
}
