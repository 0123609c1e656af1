//! Loads the snapshots that a CI's cache step restored, and compares them with what was saved and with what is to be
//! measured.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bench_record::files::SNAPSHOT_MANIFEST;
use bench_record::{Arm, KeyMatch, RestoreTime, Run, SnapshotForm, SnapshotUse};

use super::listing::{Differences, Listing};
use super::manifest::{
    ArchiveInfo, BuiltSource, Content, DATA, LISTING, Manifest, Origin, SCHEMA, SnapshotContent,
    archive_file, directory, name,
};
use super::problem::{SnapshotProblem, UnusableSnapshots, losses};
use crate::cache::snapshot::{ColdResult, SavedArchive, Snapshot, Transfer};
use crate::runner::RunnerPaths;
use crate::scenario::Scenario;

/// What a measure job expects to find.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotReader<'a> {
    /// Where the snapshots should be; absolute, for messages.
    pub dir: &'a Path,
    /// The key that was asked for.
    pub key: &'a str,
    /// What all keys of the plan start with.
    pub start: &'a str,
    /// Key that the cache step says it restored; empty if it found nothing, `None` if it is not known.
    pub matched_key: Option<&'a str>,
    /// Time that the cache step took, in nanoseconds, by name of the snapshot, as far as the caller gave it.
    pub restore_ns: &'a BTreeMap<String, u64>,
    /// The first record of this run.
    pub run: &'a Run,
    /// What is measured.
    pub scenario: &'a Scenario,
    /// Params of each arm as it is measured here.
    pub params: &'a BTreeMap<Arm, BTreeMap<String, String>>,
}

impl SnapshotReader<'_> {
    /// Loads the snapshots of `wanted`, each given by its block and arm.
    ///
    /// # Errors
    /// Everything that makes any of them unusable.
    pub fn load(
        &self,
        wanted: &[(u32, Arm)],
    ) -> Result<BTreeMap<(u32, Arm), ColdResult>, UnusableSnapshots> {
        if self.matched_key == Some("") {
            let key = self.key.to_owned();
            return Err(UnusableSnapshots(vec![SnapshotProblem::NothingRestored { key }]));
        }
        let (mut loaded, mut problems) = (BTreeMap::new(), Vec::new());
        for &(block, arm) in wanted {
            match self.load_one(block, arm) {
                Ok(result) => drop(loaded.insert((block, arm), result)),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(loaded) } else { Err(UnusableSnapshots(problems)) }
    }

    fn load_one(&self, block: u32, arm: Arm) -> Result<ColdResult, SnapshotProblem> {
        let dir = directory(self.dir, block, arm);
        let name = name(block, arm);
        let manifest = self.manifest(&name, &dir.join(SNAPSHOT_MANIFEST))?;
        let Manifest { key, origin, content, .. } = manifest;
        let matched = self.key_match(&name, &key)?;
        let differ = self.differences(&origin, block, arm);
        if !differ.is_empty() {
            return Err(SnapshotProblem::OtherOrigin { name, run: origin.run.to_string(), differ });
        }
        if let Some(path) = origin.paths.iter().find(|path| Path::new(path).exists()) {
            return Err(SnapshotProblem::WithinReach { name, path: path.clone() });
        }
        let paths = runner_paths(&origin.paths);
        let saved = match content {
            Content::Failure { outcome, reason } => {
                return Ok(ColdResult::Failed { outcome, reason });
            }
            Content::Snapshot(saved) => saved,
        };
        self.check_archives(&name, &origin, &saved, arm)?;
        let data = dir.join(DATA);
        let found = check_files(&name, &dir, &data, &saved)?;
        let given = self.restore_ns.get(&name).copied();
        let restore = match (saved.form, given) {
            (SnapshotForm::Archive, _) => RestoreTime::Measured,
            (SnapshotForm::Tree, Some(_)) => RestoreTime::Given,
            (SnapshotForm::Tree, None) => RestoreTime::Unknown,
        };
        if saved.form == SnapshotForm::Archive && given.is_some() {
            return Err(SnapshotProblem::TimedHere { name });
        }
        let boots = origin.boot.as_ref().zip(self.run.host.boot.as_ref());
        let used = SnapshotUse {
            run: origin.run,
            key,
            matched,
            form: saved.form,
            restore,
            same_boot: boots.map(|(there, here)| there == here),
            changed_mtimes: found.mtimes,
            changed_modes: found.modes,
        };
        let (archives, trees) = archives_and_trees(&name, &data, &saved)?;
        Ok(ColdResult::Snapshot(Box::new(Snapshot {
            origin: origin.runner,
            paths,
            caches: saved.caches,
            archives,
            counters: saved.counters,
            passed: saved.passed,
            transfer: Some(Transfer { used, trees, restore_ns: given }),
        })))
    }

    /// The archives must be those of the scenario: they are found by their names.
    fn check_archives(
        &self,
        name: &str,
        origin: &Origin,
        saved: &SnapshotContent,
        arm: Arm,
    ) -> Result<(), SnapshotProblem> {
        let params = self.params.get(&arm);
        let bundles = params.map(|params| self.scenario.bundles(params)).unwrap_or_default();
        let known = |archive: &ArchiveInfo| {
            bundles.iter().any(|bundle| {
                let caches = bundle.caches.iter().map(|cache| &cache.name);
                bundle.name == archive.name && caches.eq(&archive.caches)
            })
        };
        if saved.archives.iter().all(known) {
            return Ok(());
        }
        let (name, run) = (name.to_owned(), origin.run.to_string());
        Err(SnapshotProblem::OtherOrigin { name, run, differ: vec!["the archives of its caches"] })
    }

    fn manifest(&self, name: &str, path: &Path) -> Result<Manifest, SnapshotProblem> {
        let unreadable =
            |why| SnapshotProblem::Unreadable { name: name.to_owned(), path: path.to_owned(), why };
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let claimed = self.matched_key.map(str::to_owned);
                return Err(SnapshotProblem::Missing {
                    name: name.to_owned(),
                    expected: path.to_owned(),
                    claimed,
                });
            }
            Err(error) => return Err(unreadable(error.to_string())),
        };
        let value: serde_json::Value =
            serde_json::from_slice(&text).map_err(|error| unreadable(error.to_string()))?;
        match value.get("schema").and_then(serde_json::Value::as_str) {
            Some(SCHEMA) => {
                serde_json::from_value(value).map_err(|error| unreadable(error.to_string()))
            }
            other => Err(unreadable(format!(
                "its schema is `{}`, and this bench reads `{SCHEMA}` (hint: the same version of bench in both jobs)",
                other.unwrap_or("none")
            ))),
        }
    }

    fn key_match(&self, name: &str, key: &str) -> Result<KeyMatch, SnapshotProblem> {
        if let Some(claimed) = self.matched_key.filter(|claimed| *claimed != key) {
            let (key, claimed) = (key.to_owned(), claimed.to_owned());
            return Err(SnapshotProblem::OtherClaim { name: name.to_owned(), key, claimed });
        }
        if key == self.key {
            return Ok(KeyMatch::Exact);
        }
        if key.starts_with(self.start) {
            return Ok(KeyMatch::Prefix);
        }
        Err(SnapshotProblem::OtherKey {
            name: name.to_owned(),
            key: key.to_owned(),
            expected: self.key.to_owned(),
            start: self.start.to_owned(),
        })
    }

    /// What the snapshot was made from, compared with what is measured here.
    fn differences(&self, origin: &Origin, block: u32, arm: Arm) -> Vec<&'static str> {
        let run = self.run;
        let params = self.params.get(&arm);
        let same = [
            ("the scenario's files", origin.scenario == run.scenario),
            ("params", Some(&origin.params) == params),
            ("the plan (regimes, blocks, --seed)", origin.plan_hash == run.plan_hash),
            ("block or arm", (origin.block, origin.arm) == (block, arm)),
            ("the source", origin.source == BuiltSource::of(run, arm)),
            ("the version of bench", origin.bench == run.bench),
        ];
        same.into_iter().filter(|(_, same)| !same).map(|(what, _)| what).collect()
    }
}

/// The paths of the runner that made a snapshot, as its manifest lists them.
fn runner_paths(listed: &[String]) -> RunnerPaths {
    let path = |index: usize| listed.get(index).map(PathBuf::from).unwrap_or_default();
    RunnerPaths { workspace: path(0), home: path(1), cache: path(2), temp: path(3) }
}

/// Archives on disk, and directories, by the cache that they are counted for.
type ArchivesAndTrees = (BTreeMap<String, SavedArchive>, BTreeMap<String, PathBuf>);

/// The archives of a snapshot, or the directories that they were unpacked to, depending on its form.
fn archives_and_trees(
    name: &str,
    data: &Path,
    saved: &SnapshotContent,
) -> Result<ArchivesAndTrees, SnapshotProblem> {
    let (mut archives, mut trees) = (BTreeMap::new(), BTreeMap::new());
    for archive in &saved.archives {
        // An archive is counted for its first cache.
        let Some(first) = archive.caches.first().cloned() else { continue };
        let path = match saved.form {
            SnapshotForm::Tree => data.join(&archive.name),
            SnapshotForm::Archive => data.join(archive_file(&archive.name)),
        };
        if !is_real(&path, saved.form) {
            let what =
                format!("`{}` is not there, or not of the form {}", path.display(), saved.form);
            return Err(SnapshotProblem::Incomplete { name: name.to_owned(), what });
        }
        match saved.form {
            SnapshotForm::Tree => drop(trees.insert(first, path)),
            SnapshotForm::Archive => {
                let (bytes, save_ns) = (archive.bytes, archive.save_ns);
                archives.insert(first, SavedArchive { path, bytes, save_ns });
            }
        }
    }
    Ok((archives, trees))
}

/// Whether the data of an archive has the kind that its form says, and is not a link to something else.
fn is_real(path: &Path, form: SnapshotForm) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| match form {
        SnapshotForm::Tree => found.is_dir(),
        SnapshotForm::Archive => found.is_file(),
    })
}

/// Compares the files with their list, and the list with the manifest.
fn check_files(
    name: &str,
    dir: &Path,
    data: &Path,
    saved: &SnapshotContent,
) -> Result<Differences, SnapshotProblem> {
    let unreadable =
        |path: PathBuf, why| SnapshotProblem::Unreadable { name: name.to_owned(), path, why };
    let path = dir.join(LISTING);
    let text = std::fs::read(&path).map_err(|error| unreadable(path.clone(), error.to_string()))?;
    if blake3::hash(&text).to_hex().as_str() != saved.listing {
        let what = format!("`{}` is not the list that was saved", path.display());
        return Err(SnapshotProblem::Incomplete { name: name.to_owned(), what });
    }
    let listed = Listing::from_text(&String::from_utf8_lossy(&text))
        .map_err(|error| unreadable(path, error.to_string()))?;
    let there = Listing::take(data)
        .map_err(|error| unreadable(data.to_owned(), crate::error_text::with_causes(&error)))?;
    let found = listed.differences(&there);
    match losses(&found, data, listed.len()) {
        None => Ok(found),
        Some(what) => Err(SnapshotProblem::Incomplete { name: name.to_owned(), what }),
    }
}
