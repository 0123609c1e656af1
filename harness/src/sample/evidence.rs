//! What proves a regime. A sample whose evidence contradicts its regime is unproven.

use std::collections::BTreeSet;

use bench_record::{Regime, RunnerId, SnapshotUse};

use crate::runner::{Runner, RunnerIdentity, RunnerPaths};

/// What is known when the measured phases start and end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Names of caches that hold files when the first measured phase starts, with their bytes.
    pub filled: Vec<(String, u64)>,
    /// Files put in place before the start, all caches.
    pub snapshot_files: u64,
    /// Bytes of these files.
    pub snapshot_bytes: u64,
    /// The runner that made the snapshot.
    pub origin: Option<RunnerId>,
    /// How the snapshot got here, if another job made it.
    pub transfer: Option<SnapshotUse>,
    /// The runner of this sample.
    pub runner: Option<RunnerId>,
    /// How the paths of another runner stand to those of the runner that made the snapshot.
    pub paths: Option<PathsAre>,
    /// Paths that lead to the runner that made the snapshot, though another one is measured.
    pub reachable: BTreeSet<String>,
    /// Source files of another runner that are files of the one that made the snapshot.
    pub shared: Vec<String>,
    /// Caches whose files or bytes differ from the snapshot right after it was put in place.
    pub incomplete: Vec<String>,
    /// Processes of an earlier sample that were alive at the start, by name.
    pub alive: Vec<String>,
    /// Source files that are not as the regime demands.
    pub sources: Vec<String>,
    /// Caches that a symbolic link leads away from where they are declared.
    pub linked: Vec<String>,
}

impl Facts {
    /// Notes what of the `first` runner, which should be out of reach, is within reach of `runner`.
    pub(super) fn meets(&mut self, first: Option<&RunnerIdentity>, runner: &Runner) {
        let Some(first) = first else { return };
        self.reachable.extend(first.reachable().iter().map(|path| path.display().to_string()));
        self.shared =
            first.shared_files(runner).iter().map(|path| path.display().to_string()).collect();
    }
}

/// How the paths of two runners stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PathsAre {
    /// Each is the same.
    Equal,
    /// Each is another one.
    Different,
    /// Some are the same.
    Mixed,
}

impl PathsAre {
    /// How `there` and `here` stand to each other.
    pub(super) fn of(there: &RunnerPaths, here: &RunnerPaths) -> Self {
        let (there, here) = (there.each(), here.each());
        match there.iter().zip(&here).filter(|(there, here)| there == here).count() {
            0 => Self::Different,
            equal if equal == here.len() => Self::Equal,
            _ => Self::Mixed,
        }
    }
}

/// What contradicts `regime`; empty when it is proven.
pub(super) fn contradictions(regime: Regime, facts: &Facts) -> Vec<String> {
    let mut found = Vec::new();
    if !facts.alive.is_empty() && regime != Regime::Hot {
        found.push(format!("processes of an earlier sample were alive: {}", list(&facts.alive)));
    }
    for name in &facts.linked {
        found.push(format!("cache `{name}` is behind a symbolic link, which is not followed"));
    }
    if regime == Regime::Cold {
        for (name, bytes) in &facts.filled {
            found.push(format!(
                "cache `{name}` held {bytes} bytes when the measured phases started (hint: does an unmeasured phase fill it?)"
            ));
        }
        if let Some(origin) = &facts.origin {
            found.push(format!("caches of runner `{origin}` were put in place"));
        }
        return found;
    }
    match (&facts.origin, &facts.runner) {
        (None, _) => found.push("no snapshot was put in place".to_owned()),
        (Some(origin), runner) => {
            let same = runner.as_ref() == Some(origin);
            if regime.is_other_runner() && same {
                found.push(format!("the snapshot was made on this runner, `{origin}`"));
            }
            if !regime.is_other_runner() && !same {
                found.push(format!("the snapshot was made on another runner, `{origin}`"));
            }
        }
    }
    match (regime, facts.paths) {
        (Regime::CrossRunner, Some(PathsAre::Different | PathsAre::Mixed)) => {
            found.push(
                "paths differ from those of the runner that made the snapshot (hint: that is moved-runner; on two \
                 machines the state root needs the same path)"
                    .to_owned(),
            );
        }
        (Regime::MovedRunner, Some(PathsAre::Equal | PathsAre::Mixed)) => found.push(
            "paths are those of the runner that made the snapshot, in part or all of them (hint: equal paths are \
             cross-runner)"
                .to_owned(),
        ),
        _ => {}
    }
    if !facts.reachable.is_empty() {
        let paths: Vec<String> = facts.reachable.iter().cloned().collect();
        found.push(format!("the runner that made the snapshot was within reach: {}", list(&paths)));
    }
    if !facts.shared.is_empty() {
        found.push(format!(
            "source files are those of the runner that made the snapshot: {}",
            list(&facts.shared)
        ));
    }
    // Not by bytes: a cache of empty files (stamps) is a cache.
    if facts.snapshot_files == 0 {
        found.push("the snapshot is empty: the cold sample left nothing in its caches".to_owned());
    }
    for name in &facts.incomplete {
        found.push(format!("cache `{name}` differs from what was saved"));
    }
    if !facts.sources.is_empty() {
        found.push(format!("sources are not as laid out: {}", list(&facts.sources)));
    }
    found
}

fn list(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let text = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(SHOWN) {
        None | Some(0) => text,
        Some(more) => format!("{text} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> RunnerId {
        RunnerId(name.to_owned())
    }

    fn warm(origin: &str) -> Facts {
        Facts {
            snapshot_files: 1,
            snapshot_bytes: 10,
            origin: Some(id(origin)),
            runner: Some(id("a")),
            ..Facts::default()
        }
    }

    #[test]
    fn cold_is_proven_by_empty_caches_and_contradicted_by_filled_ones() {
        let mut facts = Facts { runner: Some(id("a")), ..Facts::default() };
        assert!(contradictions(Regime::Cold, &facts).is_empty());
        facts.filled = vec![("ccache".to_owned(), 12)];
        assert!(contradictions(Regime::Cold, &facts)[0].contains("`ccache` held 12 bytes"));
    }

    #[test]
    fn a_warm_regime_needs_a_snapshot_from_the_right_runner() {
        assert!(contradictions(Regime::SameRunner, &warm("a")).is_empty());
        assert!(contradictions(Regime::Hot, &warm("a")).is_empty());
        assert!(contradictions(Regime::CrossRunner, &warm("b")).is_empty());
        assert!(contradictions(Regime::SameRunner, &warm("b"))[0].contains("another runner"));
        assert!(contradictions(Regime::CrossRunner, &warm("a"))[0].contains("this runner"));
        let none = Facts { runner: Some(id("a")), ..Facts::default() };
        assert_eq!(contradictions(Regime::CrossRunner, &none).len(), 2);
    }

    #[test]
    fn an_empty_snapshot_proves_nothing() {
        let facts = Facts { snapshot_files: 0, snapshot_bytes: 0, ..warm("b") };
        assert!(contradictions(Regime::CrossRunner, &facts)[0].contains("the snapshot is empty"));
    }

    #[test]
    fn a_snapshot_of_empty_files_is_a_snapshot() {
        let facts = Facts { snapshot_bytes: 0, ..warm("b") };
        assert!(contradictions(Regime::CrossRunner, &facts).is_empty());
    }

    #[test]
    fn a_partial_restore_or_a_touched_source_contradicts_a_warm_regime() {
        let facts = Facts { incomplete: vec!["uv".to_owned()], ..warm("b") };
        assert!(contradictions(Regime::CrossRunner, &facts)[0].contains("`uv` differs"));
        let facts = Facts { sources: vec!["a.c".to_owned()], ..warm("a") };
        assert!(contradictions(Regime::SameRunner, &facts)[0].contains("`a.c`"));
    }

    #[test]
    fn a_living_daemon_contradicts_all_but_hot() {
        let facts = Facts { alive: vec!["sccache".to_owned()], ..warm("a") };
        assert_eq!(contradictions(Regime::SameRunner, &facts).len(), 1);
        assert!(contradictions(Regime::Hot, &facts).is_empty());
    }
}
