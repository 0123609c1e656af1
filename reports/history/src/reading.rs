//! The content of a store, each run taken from one file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use polars::prelude::*;

use crate::error::{Damaged, HistoryError};
use crate::files::{self, StoreFile};
use crate::frame;
use crate::names::FileContent;
use crate::row::{RowKind, VERSION};

/// A run in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredRun {
    pub(crate) run: String,
    /// Digest of the records that it was added from.
    pub(crate) records: String,
    pub(crate) scenario: String,
    pub(crate) started_us: i64,
    pub(crate) complete: bool,
    pub(crate) samples: u64,
}

/// A file and the runs that are taken from it.
pub(crate) struct RunSource {
    pub(crate) rel: PathBuf,
    pub(crate) content: FileContent,
    /// The rows of these runs only.
    pub(crate) frame: LazyFrame,
    pub(crate) runs: Vec<StoredRun>,
}

/// A store, as it was at one moment.
#[derive(Default)]
pub(crate) struct StoreReading {
    /// Every readable file, including those that no run is taken from.
    pub(crate) sources: Vec<RunSource>,
    pub(crate) damaged: Vec<Damaged>,
}

impl StoreReading {
    /// Reads a store, or the directory of one scenario in it. Files that cannot be trusted are named and left out.
    pub(crate) fn of(store: &Path, directory: Option<&str>) -> Result<Self, HistoryError> {
        let listing = files::read(store, directory)?;
        let mut reading = Self { sources: Vec::new(), damaged: listing.damaged };
        for file in listing.files {
            let path = store.join(&file.rel);
            match source(file) {
                Ok(source) => reading.sources.push(source),
                Err(why) => reading.damaged.push(Damaged { path, why }),
            }
        }
        reading.damaged.sort();
        reading.take_each_run_once();
        Ok(reading)
    }

    /// The runs, by start.
    pub(crate) fn runs(&self) -> Vec<&StoredRun> {
        let mut runs: Vec<&StoredRun> =
            self.sources.iter().flat_map(|source| &source.runs).collect();
        runs.sort_by_key(|stored| (stored.started_us, &stored.run));
        runs
    }

    /// The rows of every run; `None` where there is none.
    pub(crate) fn rows(&self) -> PolarsResult<Option<LazyFrame>> {
        let used: Vec<LazyFrame> = self
            .sources
            .iter()
            .filter(|source| !source.runs.is_empty())
            .map(|source| source.frame.clone())
            .collect();
        if used.is_empty() {
            return Ok(None);
        }
        concat(used, UnionArgs::default()).map(Some)
    }

    /// A run may be in several files: as it was added, in a compaction, and again after it was resumed. The complete
    /// one wins, then the one with more samples, then that of a compaction.
    fn take_each_run_once(&mut self) {
        let mut chosen: BTreeMap<String, (bool, u64, String, FileContent, usize)> = BTreeMap::new();
        for (index, source) in self.sources.iter().enumerate() {
            for stored in &source.runs {
                let rank = (
                    stored.complete,
                    stored.samples,
                    stored.records.clone(),
                    source.content,
                    index,
                );
                let best = chosen.entry(stored.run.clone()).or_insert_with(|| rank.clone());
                if rank > *best {
                    *best = rank;
                }
            }
        }
        for (index, source) in self.sources.iter_mut().enumerate() {
            let before = source.runs.len();
            source
                .runs
                .retain(|stored| chosen.get(&stored.run).is_some_and(|best| best.4 == index));
            if source.runs.len() < before {
                let none = lit(false);
                let is_taken = source
                    .runs
                    .iter()
                    .fold(none, |any, stored| any.or(col("run").eq(lit(stored.run.clone()))));
                source.frame = source.frame.clone().filter(is_taken);
            }
        }
    }
}

/// The runs of a file, or why it cannot be used.
fn source(file: StoreFile) -> Result<RunSource, String> {
    let unreadable = |error: PolarsError| format!("it cannot be read as a history: {error}");
    let frame = frame::scan(file.bytes).map_err(unreadable)?;
    let runs = stored(&frame).map_err(unreadable)??;
    Ok(RunSource { rel: file.rel, content: file.content, frame, runs })
}

fn stored(frame: &LazyFrame) -> PolarsResult<Result<Vec<StoredRun>, String>> {
    let wanted = ["v", "run", "records", "scenario", "started_us", "complete", "samples"];
    let runs = frame
        .clone()
        .filter(col("kind").eq(lit(RowKind::Run.as_str())))
        .select(wanted.map(col))
        .collect()?;
    if let Some(newer) = runs.column("v")?.u64()?.max().filter(|version| *version > VERSION) {
        return Ok(Err(format!(
            "its rows are of version {newer}, this `bench` reads up to {VERSION} (hint: use a newer `bench`)"
        )));
    }
    let text = |name: &str| -> PolarsResult<Vec<String>> {
        let column = runs.column(name)?.str()?;
        Ok(column.iter().map(|value| value.unwrap_or_default().to_owned()).collect())
    };
    let (ids, records, scenarios) = (text("run")?, text("records")?, text("scenario")?);
    let started = runs.column("started_us")?.i64()?;
    let complete = runs.column("complete")?.bool()?;
    let samples = runs.column("samples")?.u64()?;
    let mut found = Vec::with_capacity(ids.len());
    for (index, ((run, records), scenario)) in
        ids.into_iter().zip(records).zip(scenarios).enumerate()
    {
        found.push(StoredRun {
            run,
            records,
            scenario,
            started_us: started.get(index).unwrap_or_default(),
            complete: complete.get(index).unwrap_or_default(),
            samples: samples.get(index).unwrap_or_default(),
        });
    }
    Ok(Ok(found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Row;

    fn run(v: u64) -> Row {
        Row {
            v: Some(v),
            kind: Some("run".to_owned()),
            run: Some("r".to_owned()),
            scenario: Some("s".to_owned()),
            ..Row::default()
        }
    }

    fn read(frame: &mut DataFrame) -> (StoreReading, PathBuf) {
        let temp = tempfile::tempdir().unwrap();
        let bytes = frame::to_bytes(frame).unwrap();
        let name = |bytes: &[u8]| crate::names::run("r", bytes);
        let rel = files::write(temp.path(), "s", name, &bytes).unwrap();
        (StoreReading::of(temp.path(), None).unwrap(), temp.path().join(rel))
    }

    #[test]
    fn rows_of_a_newer_version_are_refused_by_name() {
        let (reading, path) = read(&mut frame::frame(&[run(VERSION + 1)]).unwrap());
        assert!(reading.runs().is_empty());
        assert_eq!(reading.damaged[0].path, path);
        assert!(reading.damaged[0].why.contains("version 3"), "{:?}", reading.damaged);
    }

    #[test]
    fn the_other_runner_of_version_1_had_other_paths() {
        let sample = |v, regime: &str| Row {
            kind: Some("sample".to_owned()),
            regime: Some(regime.to_owned()),
            snapshot_bytes: Some(7),
            ..run(v)
        };
        let read_back = |row: Row, old: bool| {
            let mut frame = frame::frame(&[row]).unwrap();
            if old {
                frame.rename("snapshot_bytes", "seed_bytes".into()).unwrap();
            }
            let rows =
                frame::scan(frame::to_bytes(&mut frame).unwrap()).unwrap().collect().unwrap();
            let regime = rows.column("regime").unwrap().str().unwrap().get(0).map(str::to_owned);
            (regime.unwrap(), rows.column("snapshot_bytes").unwrap().u64().unwrap().get(0))
        };
        let moved = ("moved-runner".to_owned(), Some(7));
        assert_eq!(read_back(sample(1, "cross-runner"), true), moved);
        assert_eq!(
            read_back(sample(2, "cross-runner"), false),
            ("cross-runner".to_owned(), Some(7))
        );
    }

    #[test]
    fn an_additional_column_is_ignored_and_a_missing_one_is_named() {
        let mut more = frame::frame(&[run(VERSION)]).unwrap();
        more.with_column(Column::new("later".into(), [1_u64])).unwrap();
        let (reading, _) = read(&mut more);
        assert_eq!((reading.runs().len(), reading.damaged.len()), (1, 0));
        let mut less = frame::frame(&[run(VERSION)]).unwrap().drop("records").unwrap();
        let (reading, path) = read(&mut less);
        assert_eq!(reading.damaged[0].path, path);
        assert!(reading.damaged[0].why.contains("records"), "{:?}", reading.damaged);
    }
}
