//! Compaction: many files of a scenario become one; no run is lost at any moment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use polars::prelude::*;

use crate::error::HistoryError;
use crate::names::{self, FileContent};
use crate::reading::{RunSource, StoreReading, StoredRun};
use crate::{Store, files, frame};

/// The compaction of one scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// The scenario.
    pub scenario: String,
    /// Runs in the new file.
    pub runs: usize,
    /// The file that now holds all of them, relative to the store.
    pub file: PathBuf,
    /// Files whose runs are all in `file`, relative to the store: to be removed.
    pub replaced: Vec<PathBuf>,
}

impl Store {
    /// Writes one file for the runs of each scenario that has more than one, reads it back and compares every
    /// row. Nothing is removed: the caller removes what [`Compacted::replaced`] names. Until then, and if that
    /// never happens, readers take each run once.
    ///
    /// # Errors
    /// [`HistoryError::Damaged`] before anything is written when a file cannot be trusted,
    /// [`HistoryError::Differs`] when what was written does not hold the same rows, and any error of the
    /// system.
    pub fn compact(&self) -> Result<Vec<Compacted>, HistoryError> {
        let reading = StoreReading::of(self.path(), None)?;
        if !reading.damaged.is_empty() {
            return Err(HistoryError::Damaged { files: reading.damaged });
        }
        let mut scenarios: BTreeMap<&Path, Vec<&RunSource>> = BTreeMap::new();
        for source in &reading.sources {
            let directory = source.rel.parent().unwrap_or(Path::new(""));
            scenarios.entry(directory).or_default().push(source);
        }
        let mut done = Vec::new();
        for sources in scenarios.into_values() {
            if sources.len() > 1 {
                done.extend(self.compact_one(&sources)?);
            }
        }
        Ok(done)
    }

    /// One file for these sources of one directory.
    fn compact_one(&self, sources: &[&RunSource]) -> Result<Option<Compacted>, HistoryError> {
        let runs: Vec<&StoredRun> = sources.iter().flat_map(|source| &source.runs).collect();
        let Some(first) = runs.iter().min_by_key(|run| (run.started_us, &run.run)) else {
            return Ok(None);
        };
        let used = sources.iter().filter(|source| !source.runs.is_empty());
        let rows: Vec<LazyFrame> = used.map(|source| source.frame.clone()).collect();
        // By start, so that the same runs make the same file, whichever files they were in; rows keep their order.
        let order = SortMultipleOptions::default().with_maintain_order(true);
        let rows = concat(rows, UnionArgs::default())?.sort(["started_us", "run"], order);
        let mut compacted = rows.collect()?;
        let bytes = frame::to_bytes(&mut compacted)?;
        let file = files::write(self.path(), &first.scenario, names::compact, &bytes)?;
        self.check(&file, &compacted)?;
        let replaced: Vec<PathBuf> =
            sources.iter().map(|source| source.rel.clone()).filter(|rel| *rel != file).collect();
        Ok(Some(Compacted { scenario: first.scenario.clone(), runs: runs.len(), file, replaced }))
    }

    /// Reads back what was written and compares it.
    fn check(&self, file: &Path, expected: &DataFrame) -> Result<(), HistoryError> {
        let path = self.path().join(file);
        let listing = files::read(self.path(), file.parent().and_then(Path::to_str))?;
        let found = listing.files.into_iter().find(|found| found.rel == file);
        let differs = || HistoryError::Differs { path: path.clone() };
        let found =
            found.filter(|found| found.content == FileContent::SeveralRuns).ok_or_else(differs)?;
        let written = frame::scan(found.bytes)?.collect()?;
        if written.equals_missing(expected) { Ok(()) } else { Err(differs()) }
    }
}
