//! `bench export`: a run in the format of another tool.

use std::path::PathBuf;

use bench_record::LoadedRun;
use bench_reports::export::{ExportFormat, Input};
use bench_reports::summary::summarise;

use super::output::{deliver, print_notes, spare_records};
use super::session::{Failure, Outcome};
use crate::exit;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Run directory, or its records.ndjson
    run: PathBuf,
    /// chrome-trace (opens in Perfetto), junit (gates as test cases), hyperfine, smaller-is-better
    /// (github-action-benchmark) or bencher
    #[arg(long)]
    format: ExportFormat,
    /// File to write instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Outcome {
    spare_records(&args.run, args.out.as_deref())?;
    let loaded = bench_record::load::<LoadedRun>(&args.run).map_err(Failure::usage)?;
    let summary = summarise(&loaded);
    let exporter = args.format.exporter();
    let text = exporter.export(&Input { summary: &summary, run: &loaded })?;
    print_notes(&exporter.notes(&loaded));
    deliver(args.out.as_deref(), &text)?;
    Ok(exit::OK)
}
