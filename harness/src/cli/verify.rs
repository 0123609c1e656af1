//! `bench verify`: does the warm build tell the truth.

use bench_reports::answer::Subject;
use bench_reports::verify::{Truthfulness, Verification, markdown, terminal};

use super::output::width;
use super::trials::{TrialArgs, TrialCommand, tell_results};
use super::{Failure, Outcome, print};
use crate::exit;
use crate::system::exec::OwnMounts;
use crate::verify::{Fault, VerifyOptions, verify};

const COMMAND: TrialCommand = TrialCommand { name: "verify", journal: None };

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario: a name (`bench list`) or a directory with a scenario.toml
    #[arg(long)]
    scenario: String,
    #[command(flatten)]
    trials: TrialArgs,
    /// Faults to inject; `none` compares undamaged runs only [default: all]
    #[arg(long, value_delimiter = ',', value_name = "LIST", value_parser = parse_fault)]
    fault: Vec<Option<Fault>>,
    /// Most kinds of files of a cache that are damaged: those that a warm run reads first, then the largest
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = parse_kinds)]
    kinds: usize,
}

fn parse_fault(text: &str) -> Result<Option<Fault>, String> {
    if text == "none" {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error: bench_record::UnknownName| error.to_string())
}

fn parse_kinds(text: &str) -> Result<usize, String> {
    let kinds = text.parse().ok().filter(|kinds| *kinds > 0);
    kinds.ok_or_else(|| {
        "expected a number from 1 (hint: `--fault` says which faults are tried, and `none` tries none)"
            .to_owned()
    })
}

/// The faults that were asked for, each once, in the order in which they are tried.
fn faults(asked: &[Option<Fault>]) -> Result<Vec<Fault>, Failure> {
    if asked.is_empty() {
        return Ok(Fault::ALL.to_vec());
    }
    let mut faults: Vec<Fault> = asked.iter().copied().flatten().collect();
    if !faults.is_empty() && faults.len() < asked.len() {
        return Err(Failure::usage(anyhow::anyhow!(
            "`--fault none` cannot be combined with other faults (hint: leave `none` out to inject the others)"
        )));
    }
    faults.sort_unstable();
    faults.dedup();
    Ok(faults)
}

pub(super) fn run(args: &Args) -> Outcome {
    let faults = faults(&args.fault)?;
    let run = args.trials.start(COMMAND, &args.scenario, 1)?;
    let mounts = if faults.contains(&Fault::FullDisk) {
        // Before the session starts the thread that starts commands.
        OwnMounts::take()
    } else {
        Err("it was not asked for".to_owned())
    };
    let options = VerifyOptions { faults, seed: run.request.seed, kinds: args.kinds, mounts };
    let request = &run.request;
    let subject = Subject {
        scenario: &request.scenario.name,
        params: &request.params,
        hash: Some(&request.hash),
    };
    let mut found = Verification::new(run.id.clone(), subject, request.seed);
    let lines = run.lines();
    let ended = run.on_testbed(&lines, |testbed, _| {
        verify(testbed, &options, &mut found, &mut |event| lines.show(event))
    })?;
    found.conclude();
    run.write(&found, &markdown(&found))?;
    if let Err(error) = ended {
        return run.ended_early(error);
    }
    print(&terminal(&found, width()))?;
    tell_results(COMMAND, &run.out);
    Ok(match found.verdict {
        Truthfulness::Truthful => exit::OK,
        Truthfulness::WrongOutput => exit::REGRESSED,
        Truthfulness::NotEstablished if found.cold_failed() => exit::COMMAND_FAILED,
        Truthfulness::NotEstablished => exit::UNPROVEN,
    })
}
