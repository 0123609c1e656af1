//! `bench merge`: parts that different jobs measured become one run.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bench_record::LoadedRun;
use bench_record::files::{RECORDS, REPORT_PAGE};

use super::{Failure, Outcome, documents};
use crate::exit;
use crate::plan::merge::{Merged, merge};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Run directories, or their records.ndjson: parts of one plan, or what was merged from them
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// Directory of the merged run
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn run(args: &Args) -> Outcome {
    let (empty, runs): (Vec<&PathBuf>, Vec<&PathBuf>) =
        args.runs.iter().partition(|path| is_empty(path));
    for part in empty {
        anstream::eprintln!(
            "part `{}` has no {RECORDS}: its job ended before the first record, or left nothing",
            part.display()
        );
    }
    let parts: Vec<LoadedRun> = runs
        .into_iter()
        .map(|path| bench_record::load(path).map_err(Failure::usage))
        .collect::<Result<_, _>>()?;
    let merged = merge(&parts).map_err(Failure::usage)?;
    documents::write_run(&args.out, &merged.run)?;
    documents::write_derived(&args.out)?;
    documents::print_summary(&args.out)?;
    anstream::eprintln!("records: {}", args.out.join(RECORDS).display());
    anstream::eprintln!("report: {}", args.out.join(REPORT_PAGE).display());
    if merged.missing.is_empty() {
        return Ok(exit::OK);
    }
    anstream::eprint!("{}", lacking(&merged, &args.out));
    Ok(exit::MERGE_INCOMPLETE)
}

/// Whether a directory is all that a job left. A path that is not there is a mistake, not a part.
fn is_empty(part: &Path) -> bool {
    let is_absent = |error: std::io::Error| error.kind() == std::io::ErrorKind::NotFound;
    part.is_dir() && part.join(RECORDS).symlink_metadata().err().is_some_and(is_absent)
}

/// What is missing, one line per block, and how to get it.
fn lacking(merged: &Merged, out: &Path) -> String {
    let mut text = String::from("the merged run is incomplete; missing:\n");
    for (block, cells) in &merged.missing {
        let what = if cells.len() == merged.run.run.cells.len() {
            "all of it".to_owned()
        } else {
            let names: Vec<String> =
                cells.iter().map(|cell| format!("{} {}", cell.arm, cell.regime)).collect();
            names.join(", ")
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  block {block}: {what}");
    }
    let _ = writeln!(
        text,
        "(hint: `bench plan --missing {}` says how to measure it; merge again with the new part)",
        out.display()
    );
    text
}
