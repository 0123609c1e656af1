//! `bench recipe`: what to write into CI, as Markdown with ready steps.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bench_record::{LoadedRun, files};
use bench_reports::ablate::Ablation;
use bench_reports::answer::Answer;
use bench_reports::document::text::quoted;
use bench_reports::explain::Explanation;
use bench_reports::recipe::{self, Ci, HOSTED_RESTORE, Input};
use bench_reports::summary::summarise_with;

use super::attachments::check_subject;
use super::declared::declared;
use super::economics::EconomicsArgs;
use super::output::{deliver, spare_records};
use super::session::{Failure, Outcome};
use crate::exit;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Run directory, or its records.ndjson
    run: PathBuf,
    /// Run directory of `bench explain` for the same scenario and params, or its explain.json: adds the
    /// remedies
    #[arg(long, value_name = "EXPLAIN-RUN")]
    explain: Option<PathBuf>,
    /// Run directory of `bench ablate` for the same scenario and params, or its ablate.json: says which of
    /// the caches to keep
    #[arg(long, value_name = "ABLATE-RUN")]
    ablate: Option<PathBuf>,
    /// CI system to write steps for [default: both]
    #[arg(long, value_enum)]
    ci: Option<System>,
    /// File to write instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Directory in which shipped scenarios are laid out
    #[arg(long, value_name = "DIR", env = "BENCH_STATE")]
    state: Option<PathBuf>,
    #[command(flatten)]
    economics: EconomicsArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum System {
    Github,
    Forgejo,
}

pub(super) fn run(args: &Args) -> Outcome {
    spare_records(&args.run, args.out.as_deref())?;
    let loaded = bench_record::load::<LoadedRun>(&args.run).map_err(Failure::usage)?;
    if let Some(imported) = &loaded.run.imported {
        return Err(Failure::usage(anyhow::anyhow!(
            "`{}` was read from {} results, which do not say what the caches held (hint: measure with `bench run`)",
            args.run.display(),
            quoted(&imported.format)
        )));
    }
    let explanation: Option<Explanation> =
        args.explain.as_deref().map(|path| answer(path, &loaded)).transpose()?;
    let ablation: Option<Ablation> =
        args.ablate.as_deref().map(|path| answer(path, &loaded)).transpose()?;
    let mut assumptions = args.economics.assumptions();
    assumptions.transfer_bytes_per_s.get_or_insert(HOSTED_RESTORE);
    let summary = summarise_with(&loaded, &assumptions);
    let declared = declared(&loaded.run, args.state.as_deref());
    let systems: &[Ci] = match args.ci {
        None => &[Ci::GitHub, Ci::Forgejo],
        Some(System::Github) => &[Ci::GitHub],
        Some(System::Forgejo) => &[Ci::Forgejo],
    };
    let text = recipe::recipe(&Input {
        run: &loaded,
        summary: &summary,
        declared: declared.as_ref(),
        explanation: explanation.as_ref(),
        ablation: ablation.as_ref(),
        systems,
    });
    deliver(args.out.as_deref(), &text)?;
    Ok(exit::OK)
}

/// Reads the document of a follow-up command from its run directory, or from the file itself. It must be about what
/// was run.
fn answer<A: Answer>(path: &Path, run: &LoadedRun) -> Result<A, Failure> {
    let name = files::document(A::COMMAND);
    let file = if path.is_dir() { path.join(name) } else { path.to_owned() };
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("cannot read `{}`", file.display()))
        .map_err(Failure::usage)?;
    let name = format!("`{}`", file.display());
    let answer = A::parse(&text).with_context(|| name.clone()).map_err(Failure::usage)?;
    check_subject(&answer, run, &name)?;
    Ok(answer)
}
