//! Prime: what a cold run left, written down for another job.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use bench_record::{Arm, Run, SeedForm};
use chrono::Utc;

use super::listing::Listing;
use super::manifest::{Archive, Content, Manifest, Origin, SCHEMA, Saved, Size, Source};
use super::{DATA, LISTING, MANIFEST, directory, name};
use crate::cache::archive::{self, ArchiveError};
use crate::cache::snapshot::Seed;
use crate::sample::{ArmSetup, ArmState};
use crate::scenario::Bundle;
use crate::system::fs::state::Draft;
use crate::system::fs::tree::TreeError;

/// Where and how a run saves its seeds.
#[derive(Debug)]
pub struct Prime {
    /// The directory that a CI's cache step is to save.
    pub dir: PathBuf,
    /// In which form.
    pub form: SeedForm,
    /// Under which key.
    pub key: String,
    /// The run's first record.
    pub run: Run,
}

/// Why a seed is not where another job could take it from.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    /// The directory holds something else.
    #[error(
        "`{}` holds `{entry}`, which is no seed of this run (hint: `--seed-dir` takes an empty or a new directory)",
        dir.display()
    )]
    Foreign {
        /// The directory.
        dir: PathBuf,
        /// What it holds.
        entry: String,
    },
    /// A directory or file cannot be written.
    #[error("cannot save seed `{name}` in `{}`", dir.display())]
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

/// Refuses a directory that holds anything but the seeds of the run `key` was given to: a cache step would save it,
/// too, and another job take it for a seed.
///
/// # Errors
/// Names what it holds.
pub fn refuse_foreign(dir: &Path, key: &str, resumed: bool) -> Result<(), HandOverError> {
    let unread = |source| HandOverError::Io { name: "*".to_owned(), dir: dir.to_owned(), source };
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unread(error)),
    };
    for entry in entries {
        let entry = entry.map_err(unread)?;
        let own = read(&entry.path()).is_some_and(|manifest| manifest.key == key);
        let entry = entry.file_name().to_string_lossy().into_owned();
        // What a process that was killed had begun is no seed, and no other job takes it for one.
        if !(resumed && (own || Draft::is_name(&entry))) {
            return Err(HandOverError::Foreign { dir: dir.to_owned(), entry });
        }
    }
    Ok(())
}

fn read(seed: &Path) -> Option<Manifest> {
    serde_json::from_slice(&std::fs::read(seed.join(MANIFEST)).ok()?).ok()
}

/// Number of seeds that are there, those that only say why there is none included.
pub fn count_saved(dir: &Path) -> usize {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter(|entry| entry.path().join(MANIFEST).is_file()).count()
}

/// Whether the seed of a block and arm is there.
pub fn is_saved(dir: &Path, block: u32, arm: Arm) -> bool {
    directory(dir, block, arm).join(MANIFEST).is_file()
}

impl Prime {
    /// Saves what the cold run of `arm` in `block` left, or that it left nothing. All or nothing.
    ///
    /// # Errors
    /// See [`HandOverError`].
    pub fn save(
        &self,
        block: u32,
        arm: Arm,
        setup: &ArmSetup,
        bundles: &[Bundle],
        state: &ArmState,
    ) -> Result<(), HandOverError> {
        let out = directory(&self.dir, block, arm);
        let failed =
            |source| HandOverError::Io { name: name(block, arm), dir: self.dir.clone(), source };
        let draft = Draft::new(&out).map_err(failed)?;
        let content = match (&state.seed, &state.seed_failure) {
            (Some(seed), _) => {
                Content::Seed(Box::new(self.content(seed, bundles, draft.path(), &failed)?))
            }
            (None, Some((outcome, reason))) => {
                Content::Failure { outcome: *outcome, reason: reason.clone() }
            }
            (None, None) => return Err(failed(io::ErrorKind::NotFound.into())),
        };
        let manifest = Manifest {
            schema: SCHEMA.to_owned(),
            key: self.key.clone(),
            origin: self.origin(block, arm, setup, state),
            content,
        };
        let mut text = serde_json::to_string_pretty(&manifest).map_err(|e| failed(e.into()))?;
        text.push('\n');
        std::fs::write(draft.path().join(MANIFEST), text).map_err(failed)?;
        draft.publish(&out).map_err(failed)
    }

    /// Writes the files and their list.
    fn content(
        &self,
        seed: &Seed,
        bundles: &[Bundle],
        dir: &Path,
        failed: &dyn Fn(io::Error) -> HandOverError,
    ) -> Result<Saved, HandOverError> {
        let data = dir.join(DATA);
        std::fs::create_dir(&data).map_err(failed)?;
        let mut archives = Vec::new();
        for bundle in bundles {
            let first = bundle.caches.first();
            let Some(saved) = first.and_then(|cache| seed.archives.get(&cache.name)) else {
                continue;
            };
            match self.form {
                // Unpacked by the same code that a cross-runner sample of one job is restored by.
                SeedForm::Tree => {
                    archive::restore(&saved.path, &data.join(&bundle.name))?;
                }
                SeedForm::Archive => {
                    let to = data.join(archive_file(&bundle.name));
                    std::fs::copy(&saved.path, to).map_err(failed)?;
                }
            }
            archives.push(Archive {
                name: bundle.name.clone(),
                caches: bundle.caches.iter().map(|cache| cache.name.clone()).collect(),
                bytes: saved.bytes,
                save_ns: saved.save_ns,
            });
        }
        let listing = Listing::take(&data)?.to_text().map_err(|error| failed(error.into()))?;
        std::fs::write(dir.join(LISTING), &listing).map_err(failed)?;
        let size = |(name, size): (&String, &crate::cache::snapshot::SavedCache)| {
            (name.clone(), Size { files: size.files, bytes: size.bytes })
        };
        Ok(Saved {
            form: self.form,
            archives,
            caches: seed.caches.iter().map(size).collect(),
            counters: seed.counters.clone(),
            passed: seed.passed.clone(),
            listing: blake3::hash(listing.as_bytes()).to_hex().to_string(),
        })
    }

    fn origin(&self, block: u32, arm: Arm, setup: &ArmSetup, state: &ArmState) -> Origin {
        let run = &self.run;
        let runner = state.home.as_ref();
        let paths = runner.into_iter().flat_map(|runner| {
            [&runner.workspace, &runner.home, &runner.cache, &runner.temp]
                .map(|path| path.to_string_lossy().into_owned())
        });
        Origin {
            run: run.id.clone(),
            made: Utc::now(),
            bench: run.bench.clone(),
            scenario: run.scenario.clone(),
            params: setup.params.clone(),
            plan_hash: run.plan_hash.clone(),
            source: source(run, arm),
            block,
            arm,
            runner: crate::runner::Site::Home.runner(block, arm),
            paths: paths.collect(),
            boot: run.host.boot.clone(),
        }
    }
}

/// The file of an archive in a seed.
pub(super) fn archive_file(bundle: &str) -> String {
    format!("{bundle}.tar.zst")
}

/// The source of an arm as its run recorded it.
pub(super) fn source(run: &Run, arm: Arm) -> Source {
    let info = run.arms.iter().find(|info| info.arm == arm).map(|info| info.source.clone());
    let info = info.unwrap_or_default();
    Source { revision: info.revision, dirty: info.dirty, files: info.files, bytes: info.bytes }
}

/// Archives by the cache that they are counted for.
pub(super) fn leaders(archives: &[Archive]) -> BTreeMap<String, &Archive> {
    archives.iter().filter_map(|archive| Some((archive.caches.first()?.clone(), archive))).collect()
}
