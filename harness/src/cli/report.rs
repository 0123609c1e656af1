//! `bench report`: render what a run says.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bench_record::Summary;
use bench_reports::export::{ChromeTrace, Exporter as _};
use bench_reports::render::{Format, Input};
use bench_reports::summary::{summarise, summarise_with};

use super::{Failure, Outcome, assume, print};
use crate::exit;
use crate::run::{self, SUMMARY};

/// Width of a report where the terminal does not tell.
const WIDTH: usize = 80;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Run directory, or its records.ndjson
    run: PathBuf,
    /// Form of the report: terminal, markdown, json, csv or trace
    #[arg(long, default_value = "terminal")]
    format: Format,
    /// File to write instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    assume: assume::Args,
}

pub(super) fn run(args: &Args) -> Outcome {
    let loaded = run::load(&args.run).map_err(Failure::usage)?;
    let summary = summarise_with(&loaded, &args.assume.assumptions());
    let colour = args.out.is_none() && colour();
    let text =
        render(args.format, &Input { summary: &summary, run: &loaded, width: width(), colour })?;
    if args.format == Format::Trace {
        tell(&ChromeTrace.notes(&loaded));
    }
    deliver(args.out.as_deref(), &text)?;
    Ok(exit::OK)
}

/// Writes a document to where it was asked for.
pub(super) fn deliver(out: Option<&Path>, text: &str) -> Result<(), Failure> {
    match out {
        None => print(text),
        Some(path) => write_whole(path, text),
    }
}

/// Says what a document leaves out, apart from it.
pub(super) fn tell(notes: &[String]) {
    for note in notes {
        anstream::eprintln!("note: {}", bench_reports::text::visible(note));
    }
}

fn render(format: Format, input: &Input<'_>) -> Result<String, Failure> {
    Ok(format.renderer().render(input)?)
}

/// Derives `summary.json` from the records of a run.
pub(super) fn write_summary(out: &Path, name: &str) -> Result<(), Failure> {
    let loaded = run::load(out)?;
    let summary: Summary = summarise(&loaded);
    let input = Input { summary: &summary, run: &loaded, width: WIDTH, colour: false };
    write_whole(&out.join(name), &render(Format::Json, &input)?)
}

/// Prints the report of a run as a person reads it.
pub(super) fn print_summary(out: &Path) -> Result<(), Failure> {
    let loaded = run::load(out)?;
    let summary = summarise(&loaded);
    if !out.join(SUMMARY).exists() {
        write_summary(out, SUMMARY)?;
    }
    let input = Input { summary: &summary, run: &loaded, width: width(), colour: colour() };
    print(&render(Format::Terminal, &input)?)
}

/// A derived file is replaced as a whole or not at all.
fn write_whole(path: &Path, text: &str) -> Result<(), Failure> {
    let write = || -> std::io::Result<()> {
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        std::io::Write::write_all(&mut file, text.as_bytes())?;
        // tempfile makes private files; a report is as readable as any other file.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
        }
        file.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(())
}

pub(super) fn colour() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}

pub(super) fn width() -> usize {
    if !std::io::stdout().is_terminal() {
        return WIDTH;
    }
    #[cfg(unix)]
    if let Ok(size) = rustix::termios::tcgetwinsize(std::io::stdout())
        && size.ws_col >= 60
    {
        return usize::from(size.ws_col).min(140);
    }
    WIDTH
}
