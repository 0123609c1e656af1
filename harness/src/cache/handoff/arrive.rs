//! Measure: what a CI's cache step put in place, compared with what was sent and with what is to be measured.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bench_record::{Arm, KeyMatch, RestoreTime, Run, SeedForm, SeedUse};

use super::check::{Problem, Refused, losses};
use super::hand_over::{archive_file, leaders, source};
use super::listing::{Differences, Listing};
use super::manifest::{Archive, Content, Manifest, Origin, SCHEMA, Saved};
use super::{Arrived, DATA, LISTING, MANIFEST, directory, name};
use crate::cache::snapshot::{Brought, SavedArchive, SavedCache, Seed};
use crate::sample::ArmSetup;
use crate::scenario::Scenario;

/// What a job expects to find.
#[derive(Clone, Copy, Debug)]
pub struct Arriving<'a> {
    /// Where the seeds should be; absolute, for messages.
    pub dir: &'a Path,
    /// The key that was asked for.
    pub key: &'a str,
    /// What all keys of the plan start with.
    pub start: &'a str,
    /// What the cache step says that it restored; empty when it found nothing, `None` when nobody asked it.
    pub matched_key: Option<&'a str>,
    /// Time of the cache step by seed, where the caller said it.
    pub restore_ns: &'a BTreeMap<String, u64>,
    /// The first record of this run.
    pub run: &'a Run,
    /// What is measured.
    pub scenario: &'a Scenario,
    /// Each arm as it is measured here.
    pub arms: &'a BTreeMap<Arm, ArmSetup>,
}

/// Takes the seeds of `wanted`, each of a block and an arm.
///
/// # Errors
/// Everything that keeps any of them from being measured from.
pub fn arrive(
    arriving: &Arriving<'_>,
    wanted: &[(u32, Arm)],
) -> Result<BTreeMap<(u32, Arm), Arrived>, Refused> {
    if arriving.matched_key == Some("") {
        return Err(Refused(vec![Problem::NothingRestored { key: arriving.key.to_owned() }]));
    }
    let (mut arrived, mut problems) = (BTreeMap::new(), Vec::new());
    for &(block, arm) in wanted {
        match arriving.one(block, arm) {
            Ok(one) => drop(arrived.insert((block, arm), one)),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(arrived) } else { Err(Refused(problems)) }
}

impl Arriving<'_> {
    fn one(&self, block: u32, arm: Arm) -> Result<Arrived, Problem> {
        let dir = directory(self.dir, block, arm);
        let name = name(block, arm);
        let manifest = self.manifest(&name, &dir.join(MANIFEST))?;
        let Manifest { key, origin, content, .. } = manifest;
        let matched = self.key_match(&name, &key)?;
        let differ = self.differences(&origin, block, arm);
        if !differ.is_empty() {
            return Err(Problem::OtherOrigin { name, run: origin.run.to_string(), differ });
        }
        if let Some(path) = origin.paths.iter().find(|path| Path::new(path).exists()) {
            return Err(Problem::WithinReach { name, path: path.clone() });
        }
        let saved = match content {
            Content::Failure { outcome, reason } => return Ok(Arrived::Failed(outcome, reason)),
            Content::Seed(saved) => saved,
        };
        self.check_archives(&name, &origin, &saved, arm)?;
        let data = dir.join(DATA);
        let found = whole(&name, &dir, &data, &saved)?;
        let given = self.restore_ns.get(&name).copied();
        let restore = match (saved.form, given) {
            (SeedForm::Archive, _) => RestoreTime::Measured,
            (SeedForm::Tree, Some(_)) => RestoreTime::Given,
            (SeedForm::Tree, None) => RestoreTime::Unknown,
        };
        if saved.form == SeedForm::Archive && given.is_some() {
            return Err(Problem::TimedHere { name });
        }
        let boots = origin.boot.as_ref().zip(self.run.host.boot.as_ref());
        let used = SeedUse {
            run: origin.run,
            key,
            matched,
            form: saved.form,
            restore,
            same_boot: boots.map(|(there, here)| there == here),
            changed_mtimes: found.mtimes,
            changed_modes: found.modes,
        };
        let (mut archives, mut trees) = (BTreeMap::new(), BTreeMap::new());
        for (leader, archive) in leaders(&saved.archives) {
            let path = match saved.form {
                SeedForm::Tree => data.join(&archive.name),
                SeedForm::Archive => data.join(archive_file(&archive.name)),
            };
            if !is_real(&path, saved.form) {
                let what =
                    format!("`{}` is not there, or not of the form {}", path.display(), saved.form);
                return Err(Problem::NotWhole { name, what });
            }
            match saved.form {
                SeedForm::Tree => drop(trees.insert(leader, path)),
                SeedForm::Archive => {
                    let (bytes, save_ns) = (archive.bytes, archive.save_ns);
                    archives.insert(leader, SavedArchive { path, bytes, save_ns });
                }
            }
        }
        let size =
            |size: super::manifest::Size| SavedCache { files: size.files, bytes: size.bytes };
        Ok(Arrived::Seed(Box::new(Seed {
            origin: origin.runner,
            caches: saved.caches.into_iter().map(|(name, of)| (name, size(of))).collect(),
            archives,
            counters: saved.counters,
            passed: saved.passed,
            brought: Some(Brought { used, trees, restore_ns: given }),
        })))
    }

    /// Archives are found by their names: those of the scenario, and no others.
    fn check_archives(
        &self,
        name: &str,
        origin: &Origin,
        saved: &Saved,
        arm: Arm,
    ) -> Result<(), Problem> {
        let setup = self.arms.get(&arm);
        let bundles = setup.map(|setup| self.scenario.bundles(&setup.params)).unwrap_or_default();
        let known = |archive: &Archive| {
            bundles.iter().any(|bundle| {
                let caches = bundle.caches.iter().map(|cache| &cache.name);
                bundle.name == archive.name && caches.eq(&archive.caches)
            })
        };
        if saved.archives.iter().all(known) {
            return Ok(());
        }
        let (name, run) = (name.to_owned(), origin.run.to_string());
        Err(Problem::OtherOrigin { name, run, differ: vec!["the archives of its caches"] })
    }

    fn manifest(&self, name: &str, path: &Path) -> Result<Manifest, Problem> {
        let unreadable =
            |why| Problem::Unreadable { name: name.to_owned(), path: path.to_owned(), why };
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let claimed = self.matched_key.map(str::to_owned);
                return Err(Problem::Missing {
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

    fn key_match(&self, name: &str, key: &str) -> Result<KeyMatch, Problem> {
        if let Some(claimed) = self.matched_key.filter(|claimed| *claimed != key) {
            let (key, claimed) = (key.to_owned(), claimed.to_owned());
            return Err(Problem::OtherClaim { name: name.to_owned(), key, claimed });
        }
        if key == self.key {
            return Ok(KeyMatch::Exact);
        }
        if key.starts_with(self.start) {
            return Ok(KeyMatch::Prefix);
        }
        Err(Problem::OtherKey {
            name: name.to_owned(),
            key: key.to_owned(),
            expected: self.key.to_owned(),
            start: self.start.to_owned(),
        })
    }

    /// What the seed was made from, against what is measured here.
    fn differences(&self, origin: &Origin, block: u32, arm: Arm) -> Vec<&'static str> {
        let run = self.run;
        let params = self.arms.get(&arm).map(|setup| &setup.params);
        let same = [
            ("the scenario's files", origin.scenario == run.scenario),
            ("params", Some(&origin.params) == params),
            ("the plan (regimes, blocks, seed)", origin.plan_hash == run.plan_hash),
            ("block or arm", (origin.block, origin.arm) == (block, arm)),
            ("the source", origin.source == source(run, arm)),
            ("the version of bench", origin.bench == run.bench),
        ];
        same.into_iter().filter(|(_, same)| !same).map(|(what, _)| what).collect()
    }
}

/// Whether the data of an archive is what its form says, and no link to something else.
fn is_real(path: &Path, form: SeedForm) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| match form {
        SeedForm::Tree => found.is_dir(),
        SeedForm::Archive => found.is_file(),
    })
}

/// Compares the files with their list, and the list with the manifest.
fn whole(name: &str, dir: &Path, data: &Path, saved: &Saved) -> Result<Differences, Problem> {
    let unreadable = |path: PathBuf, why| Problem::Unreadable { name: name.to_owned(), path, why };
    let path = dir.join(LISTING);
    let text = std::fs::read(&path).map_err(|error| unreadable(path.clone(), error.to_string()))?;
    if blake3::hash(&text).to_hex().as_str() != saved.listing {
        let what = format!("`{}` is not the list that was saved", path.display());
        return Err(Problem::NotWhole { name: name.to_owned(), what });
    }
    let sent = Listing::from_text(&String::from_utf8_lossy(&text))
        .map_err(|error| unreadable(path, error.to_string()))?;
    let there = Listing::take(data)
        .map_err(|error| unreadable(data.to_owned(), crate::error_text::with_causes(&error)))?;
    let found = sent.differences(&there);
    match losses(&found, data, sent.len()) {
        None => Ok(found),
        Some(what) => Err(Problem::NotWhole { name: name.to_owned(), what }),
    }
}
