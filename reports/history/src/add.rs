//! Adding a run: it becomes one file of the store.

use std::collections::BTreeSet;
use std::path::PathBuf;

use bench_record::{LoadedRun, Outcome};
use bench_reports::document::units;
use bench_reports::summary::summarise;
use polars::prelude::*;

use crate::error::{Damaged, HistoryError};
use crate::reading::{StoreReading, StoredRun};
use crate::row::{RowKind, rows};
use crate::{Store, files, frame, names};

/// What adding a run did.
#[derive(Clone, Debug, PartialEq)]
pub struct Added {
    /// The run.
    pub run: String,
    /// Its new file, relative to the store; `None` when the run was there already.
    pub file: Option<PathBuf>,
    /// Remarks on the run or the store, in sentences; foreign text stands in backticks.
    pub notes: Vec<String>,
    /// Files of the scenario that cannot be trusted. They do not keep a run from being added.
    pub damaged: Vec<Damaged>,
}

impl Store {
    /// Adds a run, given as the content of its `records.ndjson`. The same content twice is one run.
    ///
    /// # Errors
    /// [`HistoryError::Refused`] for a run that can never be compared with another (read from another tool, or a
    /// part of a plan), that has no sample, that is not complete (unless `incomplete` asks for it), and for other
    /// content under an id that is there; and any error of the system.
    pub fn add(&self, records: &[u8], incomplete: bool) -> Result<Added, HistoryError> {
        let run = bench_record::read(records)?;
        let id = run.run.id.to_string();
        let refused = |why: String| HistoryError::Refused { run: id.clone(), why };
        let complete = summarise(&run).complete;
        if let Some(why) = unfit(&run, complete, incomplete) {
            return Err(refused(why));
        }
        let digest = blake3::hash(records).to_hex().to_string();
        let scenario = &run.run.scenario.name;
        let reading = match StoreReading::of(self.path(), Some(&names::directory(scenario))) {
            Ok(reading) => reading,
            Err(HistoryError::None { .. }) => StoreReading::default(),
            Err(error) => return Err(error),
        };
        let existing = reading.runs().into_iter().find(|stored| stored.run == id).cloned();
        let mut added = Added {
            run: id.clone(),
            file: None,
            notes: notes(&run, complete),
            damaged: Vec::new(),
        };
        if let Some(existing) = existing {
            if existing.records == digest {
                added.notes.insert(0, "it is in the history already".to_owned());
                added.damaged = reading.damaged;
                return Ok(added);
            }
            if !is_continued(&reading, &existing, &run)? {
                return Err(refused(
                    "the history has other content under this id, and keeps what it has".to_owned(),
                ));
            }
            added.notes.push("it replaces what was added before it was resumed".to_owned());
        }
        let mut rows = frame::frame(&rows(&run, &digest, complete))?;
        let bytes = frame::to_bytes(&mut rows)?;
        let name = |content: &[u8]| names::run(&id, content);
        added.file = Some(files::write(self.path(), scenario, name, &bytes)?);
        added.damaged = reading.damaged;
        Ok(added)
    }
}

/// Why a run does not belong in a history.
fn unfit(run: &LoadedRun, complete: bool, incomplete: bool) -> Option<String> {
    if let Some(imported) = &run.run.imported {
        return Some(format!(
            "it was imported from {}, which records neither machine nor regime: no run can be compared with it",
            bench_reports::document::text::word(&imported.format)
        ));
    }
    if run.run.options.only_blocks.is_some() {
        return Some(
            "it is a part of a plan (hint: `bench merge` the parts and add the merged run)"
                .to_owned(),
        );
    }
    if run.samples.is_empty() {
        return Some("it has no sample".to_owned());
    }
    (!complete && !incomplete).then(|| {
        "it is not complete (hint: `bench run --resume RUN` continues it; `--incomplete` adds it as it is, and says so \
         wherever it is shown)"
            .to_owned()
    })
}

/// What a reader of the history would not see at once.
fn notes(run: &LoadedRun, complete: bool) -> Vec<String> {
    let count = |wanted: &[Outcome]| {
        run.samples.iter().filter(|(sample, _)| wanted.contains(&sample.outcome)).count()
    };
    let mut notes = Vec::new();
    if !complete {
        notes.push("it is not complete".to_owned());
    }
    for (outcomes, what) in [
        (&[Outcome::Unproven][..], "not proven to be in its regime"),
        (&[Outcome::Failed, Outcome::TimedOut][..], "failed or timed out"),
    ] {
        let count = count(outcomes);
        if count > 0 {
            notes.push(format!("{}: {what}, in no median", units::counted(count, "sample")));
        }
    }
    notes
}

/// Whether the run continues an incomplete one in the store: it has all samples of that one.
fn is_continued(
    reading: &StoreReading,
    existing: &StoredRun,
    run: &LoadedRun,
) -> Result<bool, HistoryError> {
    let Some(rows) = reading.rows()?.filter(|_| !existing.complete) else { return Ok(false) };
    let found = rows
        .filter(col("run").eq(lit(existing.run.clone())))
        .filter(col("kind").eq(lit(RowKind::Sample.as_str())))
        .select([col("sample"), col("wall_ns")])
        .collect()?;
    let (ids, walls) = (found.column("sample")?.str()?, found.column("wall_ns")?.u64()?);
    let samples: BTreeSet<(&str, u64)> =
        run.samples.iter().map(|(sample, _)| (sample.id.as_str(), sample.wall_ns)).collect();
    let mut old = ids.iter().zip(walls.iter());
    Ok(old.all(|(id, wall)| id.zip(wall).is_some_and(|sample| samples.contains(&sample))))
}
