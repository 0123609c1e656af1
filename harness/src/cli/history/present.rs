//! The commands on a store.

use std::path::Path;

use anyhow::Context as _;
use bench_history::{Damaged, HistoryError, Store, TrendQuery};
use bench_record::LoadedRun;
use bench_record::files::RECORDS;
use bench_reports::document::units;
use bench_reports::trend;
use bench_reports::trend::Recent;

use super::super::output::{deliver, print, width};
use super::super::session::{Failure, Outcome};
use super::args::{Add, Form, Place, Trend, refuse_address};
use crate::{exit, system::fs::state};

/// Earlier runs that a report shows.
const RECENT: usize = 29;

pub(super) fn add(args: &Add) -> Outcome {
    let store = Store::new(&args.place.store);
    let mut code = exit::OK;
    for run in &args.runs {
        let path = if run.is_dir() { run.join(RECORDS) } else { run.clone() };
        let records = std::fs::read(&path)
            .with_context(|| format!("cannot read `{}`", path.display()))
            .map_err(Failure::usage)?;
        let added =
            store.add(&records, args.incomplete).map_err(|error| about(failure(error), &path))?;
        for note in &added.notes {
            anstream::eprintln!(
                "note: run {}: {note}",
                bench_reports::document::text::quoted(&added.run)
            );
        }
        if let Some(file) = &added.file {
            print(&format!("{}\n", args.place.store.join(file).display()))?;
        }
        // The run is safe; that others are not has to be seen.
        code = exit::worst([code, report_damaged(&added.damaged)]);
    }
    Ok(code)
}

pub(super) fn trend(args: &Trend) -> Outcome {
    let query = TrendQuery {
        scenario: args.scenario.clone(),
        regime: args.regime,
        phase: args.phase.clone(),
        example: args.example.clone(),
        last: args.last,
        across: args.across_hosts,
    };
    let (found, damaged) = Store::new(&args.place.store).trend(&query).map_err(failure)?;
    let text = match args.format {
        Form::Terminal => trend::terminal(&found, width()),
        Form::Markdown => trend::markdown(&found),
        Form::Json => trend::json(&found)?,
    };
    deliver(args.out.as_deref(), &text)?;
    Ok(report_damaged(&damaged))
}

pub(super) fn compact(place: &Place) -> Outcome {
    let done = Store::new(&place.store).compact().map_err(failure)?;
    for compacted in &done {
        let removed = state::remove_replaced(&place.store, &compacted.replaced)?;
        print(&format!(
            "{}: {} of {} in {}\n",
            bench_reports::document::text::quoted(&compacted.scenario),
            units::counted(compacted.runs, "run"),
            units::counted(removed, "file"),
            place.store.join(&compacted.file).display()
        ))?;
    }
    if done.is_empty() {
        anstream::eprintln!("nothing to do: no scenario has more than one file");
    }
    Ok(exit::OK)
}

/// Earlier runs for a report, and its exit code: a file that cannot be trusted is named, and left out.
pub(in super::super) fn recent(store: &Path, run: &LoadedRun) -> Result<(Recent, u8), Failure> {
    refuse_address(store)?;
    let (recent, damaged) = Store::new(store).recent(run, RECENT).map_err(failure)?;
    Ok((recent, report_damaged(&damaged)))
}

/// Names every file that was left out; the exit code for it.
fn report_damaged(damaged: &[Damaged]) -> u8 {
    for file in damaged {
        anstream::eprintln!("error: left out: {file}");
    }
    if damaged.is_empty() { exit::OK } else { exit::INTERNAL }
}

/// Says first which file it is about.
fn about(failure: Failure, path: &Path) -> Failure {
    Failure { error: failure.error.context(format!("`{}`", path.display())), ..failure }
}

fn failure(error: HistoryError) -> Failure {
    let code = if error.is_refusal() { exit::USAGE } else { exit::INTERNAL };
    Failure { code, error: error.into() }
}
