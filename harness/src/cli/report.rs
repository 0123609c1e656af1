//! `bench report`: render what a run says.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bench_record::{Assumptions, LoadedRun, Summary};
use bench_reports::export::{ChromeTrace, Exporter as _};
use bench_reports::quota::Quota;
use bench_reports::report::{Beside, Format, Input};
use bench_reports::summary::{summarise, summarise_with};

use super::beside::Found;
use super::{Failure, Outcome, assume, history, print};
use crate::run::{self, PAGE, SUMMARY};
use crate::{exit, system::host};

/// Width of a report where the terminal does not tell.
const WIDTH: usize = 80;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Run directory, or its records.ndjson
    run: PathBuf,
    /// Form of the report: terminal, markdown, html, json, csv or trace
    #[arg(long, default_value = "terminal")]
    format: Format,
    /// File to write instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// explain.json, ablate.json or verify.json to show with the run, or the run directory that holds it (HTML)
    #[arg(long, value_name = "FILE")]
    with: Vec<PathBuf>,
    /// What the CI's cache holds, as its API answers (`gh api --paginate "repos/OWNER/NAME/actions/caches?per_page=100"`):
    /// entries, branches and a forecast against the quota (terminal, Markdown, HTML)
    #[arg(long, value_name = "FILE")]
    quota_json: Option<PathBuf>,
    /// Directory of a history: show earlier runs beside this one (terminal, markdown, html)
    #[arg(long, value_name = "DIR")]
    history: Option<PathBuf>,
    #[command(flatten)]
    assume: assume::Args,
}

pub(super) fn run(args: &Args) -> Outcome {
    spare_records(&args.run, args.out.as_deref())?;
    let loaded = run::load(&args.run).map_err(Failure::usage)?;
    let assumed = args.assume.assumptions();
    let summary = summarise_with(&loaded, &assumed);
    let colour = args.out.is_none() && colour();
    if !args.with.is_empty() && args.format != Format::Html {
        return Err(Failure::usage(anyhow::anyhow!(
            "`--with` needs `--format html`: a {} report shows the run alone",
            args.format
        )));
    }
    let prose = matches!(args.format, Format::Terminal | Format::Markdown | Format::Html);
    if args.history.is_some() && !prose {
        return Err(Failure::usage(anyhow::anyhow!(
            "`--history` needs `--format` terminal, markdown or html: {} has no place for it (hint: `bench history \
             trend --format json`)",
            args.format
        )));
    }
    let (recent, code) = match &args.history {
        Some(store) => {
            history::recent(store, &loaded).map(|(recent, code)| (Some(recent), code))?
        }
        None => (None, exit::OK),
    };
    let directory = if args.run.is_dir() { &args.run } else { parent(&args.run) };
    // On its way to standard output a page has no place yet; most likely it is meant for the run's own.
    let page = directory.join(PAGE);
    let from = parent(args.out.as_deref().unwrap_or(&page));
    // Only a page has room for what lies beside the records.
    let found = match args.format {
        Format::Html => Found::new(directory, from, &args.with, (&loaded, assumed))?,
        _ => Found::default(),
    };
    let beside = found.beside();
    let quota =
        args.quota_json.as_deref().map(|path| quota(path, args.format, &loaded)).transpose()?;
    let beside = Beside { quota: quota.as_ref(), history: recent.as_ref(), ..beside };
    let input = Input { summary: &summary, run: &loaded, width: width(), colour, beside };
    let text = render(args.format, &input)?;
    if args.format == Format::Trace {
        tell(&ChromeTrace.notes(&loaded));
    }
    deliver(args.out.as_deref(), &text)?;
    Ok(code)
}

/// What the CI's cache holds, by the answer of its API in `path`.
fn quota(path: &Path, format: Format, run: &LoadedRun) -> Result<Quota, Failure> {
    if !matches!(format, Format::Terminal | Format::Markdown | Format::Html) {
        return Err(Failure::usage(anyhow::anyhow!(
            "`--quota-json` has no place in a {format} report (hint: terminal, markdown or html)"
        )));
    }
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))
        .map_err(Failure::usage)?;
    // A merged run has no variables of its own: the job that renders it is of the same repository.
    let ci = if run.run.ci.is_empty() { host::ci_variables() } else { run.run.ci.clone() };
    Quota::read(&text, run, &ci)
        .with_context(|| format!("cannot use `{}`", path.display()))
        .map_err(Failure::usage)
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
        anstream::eprintln!("note: {}", bench_reports::document::text::visible(note));
    }
}

fn render(format: Format, input: &Input<'_>) -> Result<String, Failure> {
    Ok(format.renderer().render(input)?)
}

/// Derives `summary.json` and `report/index.html` from the records of a run.
pub(super) fn write_derived(out: &Path) -> Result<(), Failure> {
    let loaded = run::load(out)?;
    let summary: Summary = summarise(&loaded);
    let page = out.join(PAGE);
    let directory = parent(&page);
    std::fs::create_dir_all(directory)
        .with_context(|| format!("cannot make `{}`", directory.display()))?;
    let found = Found::new(out, directory, &[], (&loaded, Assumptions::default()))?;
    let beside = found.beside();
    let input = Input { summary: &summary, run: &loaded, width: WIDTH, colour: false, beside };
    write_whole(&out.join(SUMMARY), &render(Format::Json, &input)?)?;
    write_whole(&page, &render(Format::Html, &input)?)
}

/// The directory of a file.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Prints the report of a run as a person reads it.
pub(super) fn print_summary(out: &Path) -> Result<(), Failure> {
    let loaded = run::load(out)?;
    let summary = summarise(&loaded);
    if !out.join(SUMMARY).exists() {
        write_derived(out)?;
    }
    let input = Input {
        summary: &summary,
        run: &loaded,
        width: width(),
        colour: colour(),
        beside: Beside::default(),
    };
    print(&render(Format::Terminal, &input)?)
}

/// Refuses to write over the records that are read: they are the truth, and cannot be derived again.
pub(super) fn spare_records(run: &Path, out: Option<&Path>) -> Result<(), Failure> {
    let records = if run.is_dir() { run.join(run::RECORDS) } else { run.to_owned() };
    let same = out.and_then(|out| out.canonicalize().ok()).zip(records.canonicalize().ok());
    if same.is_some_and(|(out, records)| out == records) {
        return Err(Failure::usage(anyhow::anyhow!(
            "`{}` holds the records of the run: it is not written over (hint: give `--out` another file)",
            records.display()
        )));
    }
    Ok(())
}

/// A derived file is replaced as a whole or not at all. What a link leads to is what is replaced, and a device
/// or a pipe is written to: to put a file in its place would break `--out /dev/stdout` for everybody.
pub(super) fn write_whole(path: &Path, text: &str) -> Result<(), Failure> {
    let write = || -> std::io::Result<()> {
        let real = path.canonicalize();
        let path = real.as_deref().unwrap_or(path);
        if std::fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
            let mut there = std::fs::OpenOptions::new().write(true).open(path)?;
            return std::io::Write::write_all(&mut there, text.as_bytes());
        }
        let mut file = tempfile::NamedTempFile::new_in(parent(path))?;
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
    columns().unwrap_or(WIDTH)
}

/// The columns of the terminal; `None` where the output goes elsewhere.
pub(super) fn columns() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    #[cfg(unix)]
    if let Ok(size) = rustix::termios::tcgetwinsize(std::io::stdout())
        && size.ws_col >= 60
    {
        return Some(usize::from(size.ws_col).min(140));
    }
    Some(WIDTH)
}
