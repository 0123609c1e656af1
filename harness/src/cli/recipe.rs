//! `bench recipe`: what to write into CI, as Markdown with ready steps.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bench_record::{Assumptions, LoadedRun, Run};
use bench_reports::ablate::Ablation;
use bench_reports::answer::Answer;
use bench_reports::document::text::quoted;
use bench_reports::explain::Explanation;
use bench_reports::recipe::{self, Ci, Declared, DeclaredCache, HOSTED_RESTORE, Input, Root};
use bench_reports::report::Next;
use bench_reports::summary::summarise_with;

use super::places::{find, open_state};
use super::report::{spare_records, write_whole};
use super::{Failure, Outcome, assume, default_state, print};
use crate::exit;
use crate::run;
use crate::scenario::template::Template;
use crate::scenario::{self, Places, Scenario, Source};

/// Names under which tools write what they resolved.
const LOCKS: [&str; 14] = [
    "Cargo.lock",
    "Gemfile.lock",
    "MODULE.bazel.lock",
    "Pipfile.lock",
    "bun.lock",
    "composer.lock",
    "flake.lock",
    "go.sum",
    "gradle.lockfile",
    "package-lock.json",
    "pnpm-lock.yaml",
    "poetry.lock",
    "uv.lock",
    "yarn.lock",
];

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
    assume: assume::Args,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum System {
    Github,
    Forgejo,
}

pub(super) fn run(args: &Args) -> Outcome {
    spare_records(&args.run, args.out.as_deref())?;
    let loaded = run::load(&args.run).map_err(Failure::usage)?;
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
    let mut assumptions = args.assume.assumptions();
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
    match &args.out {
        None => print(&text)?,
        Some(path) => write_whole(path, &text)?,
    }
    Ok(exit::OK)
}

/// Reads the document of a follow-up command from its run directory, or from the file itself. It must be about what
/// was run.
fn answer<A: Answer>(path: &Path, run: &LoadedRun) -> Result<A, Failure> {
    let name = format!("{}.json", A::COMMAND);
    let file = if path.is_dir() { path.join(name) } else { path.to_owned() };
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("cannot read `{}`", file.display()))
        .map_err(Failure::usage)?;
    let name = format!("`{}`", file.display());
    let answer = A::parse(&text).with_context(|| name.clone()).map_err(Failure::usage)?;
    check_subject(&answer, run, &name)?;
    Ok(answer)
}

/// Refuses a document, called `name`, about something else than was run, and warns where the scenario's files changed
/// in between.
pub(super) fn check_subject<A: Answer>(
    answer: &A,
    run: &LoadedRun,
    name: &str,
) -> Result<(), Failure> {
    answer.check_subject(&run.run, name).map_err(Failure::usage)?;
    if let Some(changed) = answer.changed_since(&run.run) {
        anstream::eprintln!("warning: {name}: {changed}");
    }
    Ok(())
}

/// The recipe of a run in short, for its report. Nothing is made or said on the way: where the scenario is not at
/// hand there are no paths.
pub(super) fn next(
    run: &LoadedRun,
    explanation: Option<&Explanation>,
    ablation: Option<&Ablation>,
    mut assumed: Assumptions,
) -> Option<Next> {
    assumed.transfer_bytes_per_s.get_or_insert(HOSTED_RESTORE);
    let summary = summarise_with(run, &assumed);
    let at_hand = at_hand(&run.run);
    let declared = at_hand.as_ref().map(|(declared, _)| declared);
    let input = Input { run, summary: &summary, declared, explanation, ablation, systems: &[] };
    let mut next = recipe::next(&input)?;
    if at_hand.as_ref().is_some_and(|(_, changed)| *changed) {
        next.remarks.push(
            "The scenario has changed since the run: paths and variables are those of today."
                .to_owned(),
        );
    }
    Some(next)
}

/// What the scenario of a run declares, and whether it has changed since.
fn at_hand(run: &Run) -> Option<(Declared, bool)> {
    let shipped = tempfile::tempdir().ok()?;
    let cwd = std::env::current_dir().ok()?;
    let places = Places { cwd: &cwd, shipped: shipped.path() };
    let dir = scenario::find(&run.options.scenario, places).ok()?;
    let scenario = Scenario::load(&dir).ok()?;
    let hash = scenario.content_hash().ok()?;
    Some((of_scenario(&scenario, run), hash != run.scenario.hash))
}

/// What the run's scenario declares. Without the scenario there is still a recipe, without paths and steps.
fn declared(run: &Run, state: Option<&Path>) -> Option<Declared> {
    let state = state.map_or_else(default_state, Path::to_owned);
    let found = open_state(&state).and_then(|state| find(&run.options.scenario, &state));
    match found {
        Ok((scenario, hash)) => {
            if hash != run.scenario.hash {
                anstream::eprintln!(
                    "warning: scenario {} has changed since the run: paths and variables are those of today",
                    quoted(&run.scenario.name)
                );
            }
            Some(of_scenario(&scenario, run))
        }
        Err(failure) => {
            anstream::eprintln!(
                "warning: the scenario of the run cannot be read, so no steps are written: {}",
                crate::error_text::with_causes(failure.error.as_ref())
            );
            None
        }
    }
}

fn of_scenario(scenario: &Scenario, run: &Run) -> Declared {
    let params = &run.params;
    let caches = scenario.caches.iter().filter(|cache| cache.when.holds(params)).map(|cache| {
        DeclaredCache {
            name: cache.name.clone(),
            root: match cache.root {
                scenario::Root::Workspace => Root::Workspace,
                scenario::Root::Home => Root::Home,
                scenario::Root::Cache => Root::Cache,
            },
            path: slashed(&cache.path),
            env: cache.env.clone(),
            exclude: cache.exclude.patterns.clone(),
        }
    });
    let of_measured = |phases: &[String]| {
        phases.is_empty() || phases.iter().any(|phase| run.phases.contains(phase))
    };
    let cases = scenario
        .env
        .cases
        .iter()
        .filter(|case| case.when.holds(params) && of_measured(&case.phases))
        .flat_map(|case| &case.set);
    let env = scenario.env.set.iter().chain(cases);
    let daemons = scenario.daemons.iter().filter(|daemon| daemon.when.holds(params));
    Declared {
        caches: caches.collect(),
        env: env.map(|(name, value)| (name.clone(), value.as_str().to_owned())).collect(),
        daemons: daemons
            .map(|daemon| {
                let words: Vec<&str> = daemon.stop.iter().map(Template::as_str).collect();
                words.join(" ")
            })
            .collect(),
        locks: locks(scenario, run),
    }
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// Lock files in the root of the source, where it is a directory of this machine.
fn locks(scenario: &Scenario, run: &Run) -> Vec<String> {
    let root = match (&run.options.source, &scenario.source) {
        (Some(source), _) => PathBuf::from(source),
        (None, Source::Shipped) => scenario.workspace(),
        (None, Source::Path(path)) => path.clone(),
        (None, Source::Git { .. }) => return Vec::new(),
    };
    LOCKS.into_iter().filter(|name| root.join(name).is_file()).map(str::to_owned).collect()
}
