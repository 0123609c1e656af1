//! `bench gate`: the limits of a run as an exit code.

use std::fmt::Write as _;
use std::path::PathBuf;

use bench_record::{GateSummary, GateVerdict, LoadedRun, Summary};
use bench_reports::summary::summarise;

use super::{Failure, Outcome, print};
use crate::{exit, run};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Run directory, or its records.ndjson
    run: PathBuf,
    /// What an inconclusive gate means for the exit code
    #[arg(long, value_enum, default_value_t)]
    inconclusive: Inconclusive,
}

/// What an inconclusive verdict means for the exit code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Inconclusive {
    /// Exit code 3.
    #[default]
    Fail,
    /// Exit code 0.
    Pass,
}

impl Inconclusive {
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Fail => exit::INCONCLUSIVE,
            Self::Pass => exit::OK,
        }
    }
}

pub(super) fn run(args: &Args) -> Outcome {
    let loaded = run::load(&args.run).map_err(Failure::usage)?;
    let summary = summarise(&loaded);
    if summary.gates.is_empty() {
        return Err(Failure::usage(anyhow::anyhow!(
            "run `{}` has no gate that applies to it (hint: `[[gate]]` in the scenario)",
            loaded.run.id
        )));
    }
    let mut text = String::new();
    for gate in &summary.gates {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}", line(gate, &loaded));
    }
    print(&text)?;
    Ok(code(&summary, &loaded, args.inconclusive))
}

/// The verdict with everything it rests on.
fn line(gate: &GateSummary, loaded: &LoadedRun) -> String {
    let mut text = format!("{} {}:", gate.verdict, gate.gate);
    if let (Some(value), Some(low), Some(high)) = (gate.value, gate.low, gate.high) {
        let ends = match gate.level {
            Some(level) => format!("{:.1} % interval {low:.3} to {high:.3}", level * 100.0),
            None => format!("smallest {low:.3}, largest {high:.3} (an interval needs 6 samples)"),
        };
        let _ = write!(text, " median {value:.3}, {ends}");
    }
    if let Some(reason) = &gate.reason {
        let _ = write!(text, " ({reason})");
    }
    let host = &loaded.run.host;
    let _ = write!(text, "; n = {}", gate.samples);
    if let (Some(cpu), Some(cores)) = (&host.cpu, host.cores) {
        let _ = write!(text, "; {cpu}, {cores} cores");
    }
    text
}

/// The exit code of the gates together: a limit that is exceeded, then a regime that is not proven, then
/// doubt.
pub(super) fn code(summary: &Summary, loaded: &LoadedRun, inconclusive: Inconclusive) -> u8 {
    let any = |wanted| summary.gates.iter().any(|gate| gate.verdict == wanted);
    let unproven =
        loaded.samples.iter().any(|(sample, _)| sample.outcome == bench_record::Outcome::Unproven);
    if any(GateVerdict::Regressed) {
        exit::REGRESSED
    } else if unproven {
        exit::UNPROVEN
    } else if any(GateVerdict::Inconclusive) {
        inconclusive.code()
    } else {
        exit::OK
    }
}
