//! `bench verify`: does the warm build tell the truth.

use bench_record::Regime;
use bench_reports::document::units;
use bench_reports::verify::{
    RunSeen, RunVerdict, SCHEMA, Truthfulness, Verification, markdown, terminal,
};

use super::output::{width, write_whole};
use super::trials::Common;
use super::{Failure, Outcome, print};
use crate::exit;
use crate::sample::StepError;
use crate::system::exec::OwnMounts;
use crate::verify::{Fault, Options, Told, verify};

/// What was found, for programs.
const JSON: &str = "verify.json";
/// And for people.
const MARKDOWN: &str = "verify.md";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario: a name (`bench list`) or a directory with a scenario.toml
    #[arg(long)]
    scenario: String,
    #[command(flatten)]
    common: Common,
    /// Faults to inject; `none` compares undamaged runs only [default: all]
    #[arg(long, value_delimiter = ',', value_name = "LIST", value_parser = parse_fault)]
    fault: Vec<Option<Fault>>,
    /// Most kinds of files of a cache that are damaged: those that a warm run reads first, then the largest
    #[arg(long, value_name = "N", default_value_t = 8)]
    kinds: usize,
}

fn parse_fault(text: &str) -> Result<Option<Fault>, String> {
    if text == "none" {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error: bench_record::UnknownName| error.to_string())
}

pub(super) fn run(args: &Args) -> Outcome {
    let seed = args.common.seed.unwrap_or_else(|| fastrand::u64(..));
    let ready = args.common.ready(&args.scenario, seed, 1)?;
    ready.refuse_used(&[JSON])?;
    let mut options = Options {
        faults: if args.fault.is_empty() {
            Fault::ALL.to_vec()
        } else {
            let mut faults: Vec<Fault> = args.fault.iter().copied().flatten().collect();
            faults.sort_unstable();
            faults.dedup();
            faults
        },
        seed,
        kinds: args.kinds,
        mounts: Err("it was not asked for".to_owned()),
    };
    if options.faults.contains(&Fault::FullDisk) {
        // Before the session starts the thread that starts commands.
        options.mounts = OwnMounts::take();
    }
    let mut found = Verification {
        schema: SCHEMA.to_owned(),
        run_id: ready.id.clone(),
        scenario: ready.request.scenario.name.clone(),
        scenario_hash: Some(ready.request.hash.clone()),
        params: ready.request.params.clone(),
        seed,
        complete: false,
        verdict: Truthfulness::default(),
        reason: None,
        outputs: 0,
        reproducible: bench_reports::verify::Reproducible::default(),
        runs: Vec::new(),
        faults: Vec::new(),
        kinds_left_out: std::collections::BTreeMap::new(),
        findings: Vec::new(),
    };
    let lines = ready.lines();
    let mut told = |told: Told<'_>| match told {
        Told::Begins(what, done, total) => lines.begins(what, done, total),
        Told::Run(run) => lines.ended(&format!(
            "{:<12} on runner {} {:>8}  {}",
            run.regime,
            run.runner,
            units::seconds(run.wall_s),
            run.verdict.as_str()
        )),
        Told::Fault(fault) => {
            let kind = fault.kind.as_deref().unwrap_or_default();
            lines.ended(&format!("{} {kind} {}", fault.fault, fault.outcome));
        }
    };
    let worked =
        ready.session(&lines, |session, _| verify(session, &options, &mut found, &mut told))?;
    found.conclude();
    let mut json = serde_json::to_string_pretty(&found)?;
    json.push('\n');
    write_whole(&ready.out.join(JSON), &json)?;
    write_whole(&ready.out.join(MARKDOWN), &markdown(&found))?;
    match worked {
        Ok(()) => {}
        Err(StepError::Interrupted(signal)) => {
            anstream::eprintln!("interrupted: what was found is in `{}`", ready.out.display());
            return Ok(exit::signalled(signal));
        }
        Err(error) => return Err(Failure::from(error)),
    }
    print(&terminal(&found, width()))?;
    anstream::eprintln!("results: {}", ready.out.join(JSON).display());
    let failed = |run: &RunSeen| run.regime == Regime::Cold && run.verdict == RunVerdict::Failed;
    let cold_failed = found.runs.iter().any(failed);
    Ok(match found.verdict {
        Truthfulness::Truthful => exit::OK,
        Truthfulness::WrongOutput => exit::REGRESSED,
        Truthfulness::NotEstablished if found.runs.len() < 2 || cold_failed => exit::COMMAND_FAILED,
        Truthfulness::NotEstablished => exit::UNPROVEN,
    })
}
