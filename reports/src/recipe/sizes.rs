//! What the caches of a run hold, and which share an archive.

use bench_record::{Arm, CacheUse, Outcome, Regime};

use super::document::Input;

/// Each cache of the run over its proven samples.
pub(super) struct Archives<'a> {
    /// Name, and the cache whose archive holds it.
    pub(super) all: Vec<(&'a str, Size<'a>)>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Size<'a> {
    pub(super) samples: usize,
    pub(super) files: Option<u64>,
    pub(super) bytes: Option<u64>,
    pub(super) archive: Option<u64>,
    /// The cache whose archive holds this one.
    pub(super) with: Option<&'a str>,
    /// Caches that its own archive holds, itself included; 0 where another one's holds it.
    pub(super) holds: usize,
}

impl<'a> Archives<'a> {
    pub(super) fn new(input: &Input<'a>) -> Self {
        let run = input.run;
        let all = run.run.caches.iter().map(|name| {
            let uses: Vec<&CacheUse> = run
                .samples
                .iter()
                .filter(|(sample, _)| {
                    (sample.regime, sample.arm, sample.outcome)
                        == (Regime::Cold, Arm::Candidate, Outcome::Ok)
                })
                .filter_map(|(sample, _)| sample.caches.get(name))
                .collect();
            let largest = |value: fn(&CacheUse) -> Option<u64>| {
                uses.iter().filter_map(|one| value(one)).max()
            };
            let size = Size {
                samples: uses.len(),
                files: largest(|one| Some(one.files)),
                bytes: largest(|one| Some(one.bytes)),
                archive: largest(|one| one.archive_bytes),
                with: uses.iter().find_map(|one| one.archived_with.as_deref()),
                holds: 0,
            };
            (name.as_str(), size)
        });
        let mut all: Vec<(&str, Size<'a>)> = all.collect();
        let holders: Vec<&str> = all.iter().map(|(name, size)| size.with.unwrap_or(name)).collect();
        for (name, size) in &mut all {
            size.holds = holders.iter().filter(|holder| *holder == name).count();
        }
        Self { all }
    }

    /// The caches that one archive holds, in order.
    pub(super) fn groups(&self) -> Vec<Vec<&'a str>> {
        let mut groups: Vec<Vec<&str>> = Vec::new();
        for (name, size) in &self.all {
            let known =
                groups.iter_mut().find(|group| size.with.is_some_and(|with| group.contains(&with)));
            match known {
                Some(group) => group.push(name),
                None => groups.push(vec![name]),
            }
        }
        groups
    }

    pub(super) fn empty(&self, name: &str) -> bool {
        self.all.iter().any(|(known, size)| *known == name && size.files == Some(0))
    }

    /// Bytes of the archives that hold these caches.
    pub(super) fn archive_bytes(&self, names: &[String]) -> Option<u64> {
        self.all
            .iter()
            .filter(|(name, _)| names.iter().any(|one| one == name))
            .filter_map(|(_, size)| size.archive)
            .reduce(u64::saturating_add)
    }
}
