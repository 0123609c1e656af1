//! `bench history`: past runs, and what changed from run to run.
//!
//! The store is read by polars, which takes longer to build than everything else: it is in the binary with the
//! cargo feature `history` only. Without it the command is there, and says so.

#[cfg(not(feature = "history"))]
mod absent;
#[cfg(feature = "history")]
mod present;

use std::path::{Path, PathBuf};

use bench_record::Regime;
use bench_reports::stats::THRESHOLDS;
use clap::{Subcommand, ValueEnum};

use super::{Failure, Outcome};

#[cfg(not(feature = "history"))]
use absent as store;
#[cfg(feature = "history")]
use present as store;

pub(super) use store::recent;

/// The longest series that the thresholds of steps were made for.
const LAST: usize = THRESHOLDS[THRESHOLDS.len() - 1].0;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add runs; the same run twice is one
    Add(Add),
    /// Show medians from run to run, and the runs at which they changed
    Trend(Trend),
    /// Make one file of many; nothing is lost
    Compact(Place),
}

/// Where the history is.
#[derive(Debug, clap::Args)]
struct Place {
    /// Directory of the history
    #[arg(long, value_name = "DIR", default_value = ".bench/history")]
    store: PathBuf,
}

#[derive(Debug, clap::Args)]
struct Add {
    /// Run directories, or their records.ndjson
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// Add a run that did not measure everything, and say so wherever it is shown
    #[arg(long)]
    incomplete: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, clap::Args)]
struct Trend {
    /// Only this scenario
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// Only this regime: cold, same-runner, cross-runner or hot
    #[arg(long)]
    regime: Option<Regime>,
    /// Phases with these names (a pattern) rather than whole samples
    #[arg(long, value_name = "GLOB")]
    phase: Option<String>,
    /// Examples with these names (a pattern) rather than whole samples
    #[arg(long, value_name = "GLOB", conflicts_with = "phase")]
    example: Option<String>,
    /// Newest runs of each series that are looked at, 0 for all
    #[arg(long, value_name = "N", default_value_t = LAST)]
    last: usize,
    /// Put runs of different machines, tools and scenario files into one series
    #[arg(long)]
    across_hosts: bool,
    /// Form of the document
    #[arg(long, value_enum, default_value_t = Form::Terminal)]
    format: Form,
    /// File to write instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Terminal,
    Markdown,
    Json,
}

pub(super) fn run(args: &Args) -> Outcome {
    let place = match &args.command {
        Command::Add(args) => &args.place,
        Command::Trend(args) => &args.place,
        Command::Compact(place) => place,
    };
    local(&place.store)?;
    match &args.command {
        Command::Add(args) => store::add(args),
        Command::Trend(args) => store::trend(args),
        Command::Compact(place) => store::compact(place),
    }
}

/// Refuses an address: taking `s3://bucket` for a directory would write where nobody looks.
fn local(path: &Path) -> Result<(), Failure> {
    let Some((scheme, _)) = path.to_str().and_then(|path| path.split_once("://")) else {
        return Ok(());
    };
    Err(Failure::usage(anyhow::anyhow!(
        "`{}`: this build has no {} stores (hint: a history is a directory of files that never change; copy it \
         with the tool of the storage, as docs/HISTORY.md shows)",
        path.display(),
        bench_reports::document::text::word(scheme)
    )))
}
