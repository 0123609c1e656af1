//! `bench report`: render what a run says.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bench_record::LoadedRun;
use bench_record::files::REPORT_PAGE;
use bench_reports::export::{ChromeTrace, Exporter as _};
use bench_reports::quota::Quota;
use bench_reports::report::{Beside, Format, Input};
use bench_reports::summary::summarise_with;

use super::attachments::Attachments;
use super::economics::EconomicsArgs;
use super::history;
use super::output::{colour, deliver, parent, print_notes, spare_records, width};
use super::session::{Failure, Outcome};
use crate::{exit, system::host};

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
    economics: EconomicsArgs,
}

pub(super) fn run(args: &Args) -> Outcome {
    spare_records(&args.run, args.out.as_deref())?;
    let loaded = bench_record::load::<LoadedRun>(&args.run).map_err(Failure::usage)?;
    let assumed = args.economics.assumptions();
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
    let page = directory.join(REPORT_PAGE);
    let from = parent(args.out.as_deref().unwrap_or(&page));
    // Only a page has room for what lies beside the records.
    let attachments = match args.format {
        Format::Html => Attachments::new(directory, from, &args.with, (&loaded, assumed))?,
        _ => Attachments::default(),
    };
    let beside = attachments.show();
    let quota =
        args.quota_json.as_deref().map(|path| quota(path, args.format, &loaded)).transpose()?;
    let beside = Beside { quota: quota.as_ref(), history: recent.as_ref(), ..beside };
    let input = Input { summary: &summary, run: &loaded, width: width(), colour, beside };
    let text = args.format.renderer().render(&input)?;
    if args.format == Format::Trace {
        print_notes(&ChromeTrace.notes(&loaded));
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
