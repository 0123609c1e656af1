//! `bench gate`: the limits of a run as an exit code.

use std::path::PathBuf;

use bench_record::{GateVerdict, LoadedRun, Summary};
use bench_reports::document::text::{visible, wrap};
use bench_reports::summary::summarise;
use bench_reports::verdict::gate_line_with_host;

use super::output::{columns, print};
use super::session::{Failure, Outcome};
use crate::exit;
use crate::scenario::{self, Measured};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Run directory, or its records.ndjson
    run: PathBuf,
    /// TOML file with `[[gate]]` tables, which replace the run's own. If no gate covers the baseline, the default
    /// comparison still applies, with its margin and floor
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
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
    let mut loaded = bench_record::load::<LoadedRun>(&args.run).map_err(Failure::usage)?;
    if let Some(policy) = &args.policy {
        loaded.run.gates =
            scenario::policy(policy, &Measured::of(&loaded)).map_err(Failure::usage)?;
    }
    let summary = summarise(&loaded);
    let mut text = String::new();
    for gate in &summary.gates {
        text.push_str(&lines(&gate_line_with_host(gate), columns()));
    }
    print(&text)?;
    if summary.gates.iter().all(|gate| gate.verdict == GateVerdict::NotApplicable) {
        return Err(Failure::usage(anyhow::anyhow!(
            "run `{}` has no gate that applies to it (hint: `[[gate]]` in the scenario, or `--policy FILE`)",
            loaded.run.id
        )));
    }
    Ok(code(&summary, &loaded, args.inconclusive))
}

/// One gate: on a terminal of so many columns wrapped like a report, elsewhere a line of its own.
fn lines(gate: &str, columns: Option<usize>) -> String {
    const INDENT: &str = "  ";
    match columns {
        None => visible(gate) + "\n",
        Some(columns) => {
            let lines = wrap(gate, columns.saturating_sub(INDENT.len()));
            lines.join(&format!("\n{INDENT}")) + "\n"
        }
    }
}

/// The exit code of the gates together. A gate that does not apply has no say; a regime that is not proven
/// has one whatever the gates look at.
pub(super) fn code(summary: &Summary, loaded: &LoadedRun, inconclusive: Inconclusive) -> u8 {
    let unproven =
        loaded.samples.iter().any(|(sample, _)| sample.outcome == bench_record::Outcome::Unproven);
    let gates = summary.gates.iter().map(|gate| match gate.verdict {
        _ if gate.failed => exit::COMMAND_FAILED,
        _ if gate.unproven => exit::UNPROVEN,
        GateVerdict::Regressed => exit::REGRESSED,
        GateVerdict::Inconclusive => inconclusive.code(),
        GateVerdict::Ok | GateVerdict::Improved | GateVerdict::NotApplicable => exit::OK,
    });
    exit::worst(gates.chain(unproven.then_some(exit::UNPROVEN)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_is_one_line_for_programs_and_wrapped_for_people() {
        let gate = format!("ok cold against baseline: {}", "n = 10; ".repeat(20));
        assert_eq!(lines(&gate, None).lines().count(), 1);
        let wrapped = lines(&gate, Some(80));
        assert!(wrapped.lines().count() > 1 && wrapped.lines().all(|line| line.len() <= 80));
        assert!(wrapped.lines().skip(1).all(|line| line.starts_with("  ")), "{wrapped}");
    }
}
