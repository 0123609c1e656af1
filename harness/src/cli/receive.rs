//! `bench receive`: records of a job that is not trusted, checked and written anew.

use std::path::PathBuf;

use bench_record::files::RECORDS;
use bench_reports::document::text::visible;
use chrono::Utc;

use super::{Failure, Outcome, documents};
use crate::formats::receive::{Limits, Refused, receive};
use crate::scenario::{self, Measured};
use crate::{error_text, exit};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The artifact: a zip archive, or the directory into which one was unpacked; it may contain one file,
    /// records.ndjson
    artifact: PathBuf,
    /// Directory of the checked run; `bench report` and `bench gate` take it like any other
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Commit that the records must say they measured as candidate
    #[arg(long, value_name = "SHA")]
    head: Option<String>,
    /// TOML file with `[[gate]]` tables. The gates of the artifact are never used: who is measured does not set
    /// the limits
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Size limit for the archive and for the records in it, in bytes
    #[arg(long, value_name = "N", default_value_t = Limits::default().bytes)]
    max_bytes: u64,
}

pub(super) fn run(args: &Args) -> Outcome {
    let limits = Limits { bytes: args.max_bytes, ..Limits::default() };
    let mut run = receive(&args.artifact, &limits, args.head.as_deref(), Utc::now())
        .map_err(|refused| refusal(&refused))?;
    run.run.gates = Vec::new();
    if let Some(policy) = &args.policy {
        let measured = Measured::of(&run);
        run.run.gates = scenario::policy(policy, &measured).map_err(Failure::usage)?;
    }
    documents::write_run(&args.out, &run)?;
    anstream::eprintln!("records: {}", args.out.join(RECORDS).display());
    Ok(exit::OK)
}

/// A refusal is printed as one harmless line: logs of a CI are read by programs too, some of which obey lines that
/// begin with `::`.
fn refusal(refused: &Refused) -> Failure {
    let code = if matches!(refused, Refused::Io { .. }) { exit::INTERNAL } else { exit::USAGE };
    Failure { code, error: anyhow::anyhow!("{}", visible(&error_text::with_causes(refused))) }
}
