//! Options of the commands of a history.

use std::path::{Path, PathBuf};

use bench_record::Regime;
use bench_reports::stats::THRESHOLDS;
use clap::{Subcommand, ValueEnum};

use super::super::session::Failure;

/// The longest series that the thresholds of steps were made for.
const LAST: usize = THRESHOLDS[THRESHOLDS.len() - 1].0;

#[derive(Debug, clap::Args)]
pub(in super::super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add runs; the same run twice is one
    Add(Add),
    /// Show medians from run to run, and the runs at which they changed
    Trend(Trend),
    /// Make one file of many; nothing is lost
    Compact(Place),
}

/// Where the history is.
#[derive(Debug, clap::Args)]
pub(super) struct Place {
    /// Directory of the history
    #[arg(long, value_name = "DIR", default_value = ".bench/history")]
    pub(super) store: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// Run directories, or their records.ndjson
    #[arg(required = true)]
    pub(super) runs: Vec<PathBuf>,
    /// Add a run that did not measure everything, and say so wherever it is shown
    #[arg(long)]
    pub(super) incomplete: bool,
    #[command(flatten)]
    pub(super) place: Place,
}

#[derive(Debug, clap::Args)]
pub(super) struct Trend {
    /// Only this scenario
    #[arg(long, value_name = "NAME")]
    pub(super) scenario: Option<String>,
    /// Only this regime: cold, same-runner, cross-runner or hot
    #[arg(long)]
    pub(super) regime: Option<Regime>,
    /// Phases with these names (a pattern) rather than whole samples
    #[arg(long, value_name = "GLOB")]
    pub(super) phase: Option<String>,
    /// Examples with these names (a pattern) rather than whole samples
    #[arg(long, value_name = "GLOB", conflicts_with = "phase")]
    pub(super) example: Option<String>,
    /// Newest runs of each series that are looked at, 0 for all
    #[arg(long, value_name = "N", default_value_t = LAST)]
    pub(super) last: usize,
    /// Put runs of different machines, tools and scenario files into one series
    #[arg(long)]
    pub(super) across_hosts: bool,
    /// Form of the document
    #[arg(long, value_enum, default_value_t = Form::Terminal)]
    pub(super) format: Form,
    /// File to write instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    Terminal,
    Markdown,
    Json,
}

/// Refuses an address such as `s3://bucket`, which would otherwise become a directory where nobody looks.
pub(super) fn refuse_address(path: &Path) -> Result<(), Failure> {
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
