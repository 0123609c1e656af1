//! What absolute and relative gates have in common.

use bench_record::{Gate, GateSummary, GateVerdict, HostSummary, LoadedRun, Regime};

/// The summary of a gate before it is judged.
pub(super) fn blank(run: &LoadedRun, gate: &Gate, regime: Option<Regime>) -> GateSummary {
    let named = Gate { regime, ..gate.clone() };
    let host = &run.run.host;
    GateSummary {
        gate: named.to_string(),
        regime,
        verdict: GateVerdict::Inconclusive,
        unproven: false,
        failed: false,
        value: None,
        limit: None,
        samples: 0,
        low: None,
        high: None,
        level: None,
        margin: None,
        floor: None,
        design: None,
        host: HostSummary { cpu: host.cpu.clone(), cores: host.cores },
        reason: None,
    }
}

/// The examples that a gate is about, by position or by name.
pub(super) enum ExampleSelection {
    Positions(u32, u32),
    Names(globset::GlobMatcher),
}

impl ExampleSelection {
    /// Reads `1`, `2..`, `2..5` or a glob on names; the error says in words that it is none of these.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let number =
            |text: &str, open: u32| if text.is_empty() { Some(open) } else { text.parse().ok() };
        let range = match text.split_once("..") {
            Some((from, to)) => number(from, 1).zip(number(to, u32::MAX)),
            None => text.parse().ok().map(|at| (at, at)),
        };
        match range {
            Some((from, to)) => Ok(Self::Positions(from, to)),
            None => globset::Glob::new(text)
                .map(|glob| Self::Names(glob.compile_matcher()))
                .map_err(|_| format!("`{text}` selects no examples")),
        }
    }

    /// Whether an example of this name at this position is selected.
    pub(super) fn selects(&self, name: &str, position: u32) -> bool {
        match self {
            Self::Positions(from, to) => (*from..=*to).contains(&position),
            Self::Names(glob) => glob.is_match(name),
        }
    }
}
