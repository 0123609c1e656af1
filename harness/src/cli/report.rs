//! `bench report`: render what a run says.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bench_record::files::REPORT_PAGE;
use bench_record::{LoadedRun, RunId};
use bench_reports::export::{ChromeTrace, Exporter as _};
use bench_reports::quota::Quota;
use bench_reports::report::{Beside, Input, ReportFormat};
use bench_reports::summary::summarise_with;

use super::attachments::Attachments;
use super::economics::EconomicsArgs;
use super::history;
use super::output::{
    colour, deliver, parent, print, print_notes, spare_records, width, write_whole,
};
use super::session::{Failure, Outcome};
use crate::scenario::file_safe;
use crate::{exit, system::host};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Run directories, or their records.ndjson; several are shown one after the other
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// Form of the report: terminal, markdown, html, json, csv or trace
    #[arg(long, default_value = "terminal")]
    format: ReportFormat,
    /// File to write instead of standard output; with several runs a directory, for one file per run
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
    economics: EconomicsArgs,
}

/// The report of one run.
struct Report {
    run: RunId,
    text: String,
    code: u8,
}

pub(super) fn run(args: &Args) -> Outcome {
    check_options(args)?;
    // All of them are made before anything is written: a run that cannot be read leaves no half of the output.
    let reports: Vec<Report> =
        args.runs.iter().map(|run| report(args, run)).collect::<Result<_, _>>()?;
    match (reports.as_slice(), &args.out) {
        ([one], out) => deliver(out.as_deref(), &one.text)?,
        (several, None) => print(&one_after_the_other(args.format, several))?,
        (several, Some(dir)) => write_each(args.format, several, dir)?,
    }
    Ok(exit::worst(reports.iter().map(|report| report.code)))
}

/// Refuses options that do not go together, before anything is read.
fn check_options(args: &Args) -> Result<(), Failure> {
    let refused = |text: String| Err(Failure::usage(anyhow::anyhow!(text)));
    let format = args.format;
    let prose =
        matches!(format, ReportFormat::Terminal | ReportFormat::Markdown | ReportFormat::Html);
    if !args.with.is_empty() && format != ReportFormat::Html {
        return refused(format!(
            "`--with` needs `--format html`: a {format} report shows the run alone"
        ));
    }
    if args.history.is_some() && !prose {
        return refused(format!(
            "`--history` needs `--format` terminal, markdown or html: {format} has no place for it (hint: `bench \
             history trend --format json`)"
        ));
    }
    if args.quota_json.is_some() && !prose {
        return refused(format!(
            "`--quota-json` has no place in a {format} report (hint: terminal, markdown or html)"
        ));
    }
    for run in &args.runs {
        spare_records(run, args.out.as_deref())?;
    }
    if args.runs.len() == 1 {
        return Ok(());
    }
    if !args.with.is_empty() {
        return refused(
            "`--with` needs a single RUN: the documents belong to one of them".to_owned(),
        );
    }
    match &args.out {
        Some(out) if !out.is_dir() => refused(format!(
            "`--out {}` is not a directory, and there are {} runs (hint: make the directory first, for one file per \
             run)",
            out.display(),
            args.runs.len()
        )),
        None if matches!(format, ReportFormat::Html | ReportFormat::Trace) => refused(format!(
            "{} {format} reports cannot be one document (hint: `--out DIR` writes one file per run)",
            args.runs.len()
        )),
        _ => Ok(()),
    }
}

fn report(args: &Args, path: &Path) -> Result<Report, Failure> {
    let loaded = bench_record::load::<LoadedRun>(path).map_err(Failure::usage)?;
    let assumed = args.economics.assumptions();
    let summary = summarise_with(&loaded, &assumed);
    let colour = args.out.is_none() && colour();
    let (recent, code) = match &args.history {
        Some(store) => {
            history::recent(store, &loaded).map(|(recent, code)| (Some(recent), code))?
        }
        None => (None, exit::OK),
    };
    let directory = if path.is_dir() { path } else { parent(path) };
    // On its way to standard output a page has no place yet; most likely it is meant for the run's own.
    let page = directory.join(REPORT_PAGE);
    let from = match &args.out {
        Some(out) if out.is_dir() => out,
        out => parent(out.as_deref().unwrap_or(&page)),
    };
    // Only a page has room for attachments.
    let attachments = match args.format {
        ReportFormat::Html => Attachments::new(directory, from, &args.with, (&loaded, assumed))?,
        _ => Attachments::default(),
    };
    let quota = args.quota_json.as_deref().map(|path| quota(path, &loaded)).transpose()?;
    let beside = Beside { quota: quota.as_ref(), history: recent.as_ref(), ..attachments.show() };
    let input = Input { summary: &summary, run: &loaded, width: width(), colour, beside };
    let text = match args.format {
        // One line per run: a reader of JSON Lines takes several.
        ReportFormat::Json if args.runs.len() > 1 => serde_json::to_string(&summary)? + "\n",
        format => format.renderer().render(&input)?,
    };
    if args.format == ReportFormat::Trace {
        print_notes(&ChromeTrace.notes(&loaded));
    }
    Ok(Report { run: loaded.run.id, text, code })
}

/// Reports as one document: prose with a blank line between, tables with one header, JSON Lines.
fn one_after_the_other(format: ReportFormat, reports: &[Report]) -> String {
    let texts = reports.iter().map(|report| report.text.as_str());
    match format {
        ReportFormat::Csv => {
            let rows = |(index, text): (usize, &'_ str)| {
                let header = if index == 0 { None } else { text.split_once('\n') };
                header.map_or(text, |(_, rows)| rows).to_owned()
            };
            texts.enumerate().map(rows).collect()
        }
        ReportFormat::Terminal | ReportFormat::Markdown => texts.collect::<Vec<_>>().join("\n"),
        ReportFormat::Json | ReportFormat::Html | ReportFormat::Trace => texts.collect(),
    }
}

/// Writes one file per run into the directory, named after the run.
fn write_each(format: ReportFormat, reports: &[Report], dir: &Path) -> Result<(), Failure> {
    let extension = match format {
        ReportFormat::Terminal => "txt",
        ReportFormat::Markdown => "md",
        ReportFormat::Html => "html",
        ReportFormat::Json => "json",
        ReportFormat::Csv => "csv",
        ReportFormat::Trace => "trace.json",
    };
    let mut ids = std::collections::BTreeSet::new();
    if let Some(twice) = reports.iter().find(|report| !ids.insert(report.run.as_str())) {
        return Err(Failure::usage(anyhow::anyhow!(
            "run `{}` is given twice, and each report is a file named after its run (hint: give each run once)",
            twice.run.as_str()
        )));
    }
    for report in reports {
        let path = dir.join(format!("{}.{extension}", file_safe(report.run.as_str())));
        write_whole(&path, &report.text)?;
        anstream::eprintln!("report: {}", path.display());
    }
    Ok(())
}

/// What the CI's cache holds, by the answer of its API in the file at `path`.
fn quota(path: &Path, run: &LoadedRun) -> Result<Quota, Failure> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))
        .map_err(Failure::usage)?;
    // A merged run has no variables of its own: the job that renders it is of the same repository.
    let ci = if run.run.ci.is_empty() { host::ci_variables() } else { run.run.ci.clone() };
    Quota::read(&text, run, &ci)
        .with_context(|| format!("`{}` does not list caches", path.display()))
        .map_err(Failure::usage)
}
