//! `bench merge`: parts that different jobs measured become one run.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bench_record::{LoadedRun, Record};

use super::{Failure, Outcome, report};
use crate::exit;
use crate::merge::{Merged, merge};
use crate::run::{self, PAGE, RECORDS};

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
    let parts: Vec<LoadedRun> = args
        .runs
        .iter()
        .map(|path| run::load(path).map_err(Failure::usage))
        .collect::<Result<_, _>>()?;
    let merged = merge(&parts).map_err(Failure::usage)?;
    write(&args.out, &merged.run)?;
    report::write_derived(&args.out)?;
    report::print_summary(&args.out)?;
    anstream::eprintln!("records: {}", args.out.join(RECORDS).display());
    anstream::eprintln!("report: {}", args.out.join(PAGE).display());
    if merged.missing.is_empty() {
        return Ok(exit::OK);
    }
    anstream::eprint!("{}", lacking(&merged, &args.out));
    Ok(exit::MERGE_INCOMPLETE)
}

/// What is missing, a line a block, and how to get it.
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

/// Writes the records, all or nothing. What is there already must be the same: a merged run is derived, and
/// nobody's other file is replaced.
fn write(out: &Path, run: &LoadedRun) -> Result<(), Failure> {
    let mut text = Record::Run(Box::new(run.run.clone())).to_line()?;
    for (sample, examples) in &run.samples {
        for example in examples {
            text.push_str(&Record::Example(example.clone()).to_line()?);
        }
        text.push_str(&Record::Sample(Box::new(sample.clone())).to_line()?);
    }
    if let Some(end) = &run.end {
        text.push_str(&Record::End(end.clone()).to_line()?);
    }
    let path = out.join(RECORDS);
    match std::fs::read(&path) {
        Ok(there) if there == text.as_bytes() => return Ok(()),
        Ok(_) => {
            return Err(Failure::usage(anyhow::anyhow!(
                "`{}` holds other records (hint: choose another `--out`)",
                out.display()
            )));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => {
            return Err(anyhow::Error::from(error)
                .context(format!("cannot read `{}`", path.display()))
                .into());
        }
    }
    let written = || -> std::io::Result<()> {
        std::fs::create_dir_all(out)?;
        let mut file = tempfile::NamedTempFile::new_in(out)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist_noclobber(&path).map_err(|error| error.error)?;
        Ok(())
    };
    written().with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(())
}
