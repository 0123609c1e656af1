//! Gates in one line each.

use bench_record::{GateSummary, GateVerdict, HostSummary};

use crate::document::units;
use crate::stats::INTERVAL_SAMPLES;

/// `; CPU, 2 cores`, or nothing.
pub(crate) fn machine(host: &HostSummary) -> String {
    let cores = host.cores.map(|cores| units::counted(cores as usize, "core"));
    let facts: Vec<String> = host.cpu.iter().cloned().chain(cores).collect();
    if facts.is_empty() { String::new() } else { format!("; {}", facts.join(", ")) }
}

/// A gate's verdict with everything it rests on but the machine. Names and reasons in it are foreign text.
#[must_use]
pub fn gate_line(gate: &GateSummary) -> String {
    let mut line = format!("{} {}:", gate.verdict, gate.gate);
    let mut parts = Vec::new();
    let relative = gate.margin.is_some();
    if let Some(value) = gate.value {
        parts.push(format!("{} {value:.3}", if relative { "ratio" } else { "median" }));
    }
    if let (Some(low), Some(high)) = (gate.low, gate.high) {
        parts.push(match gate.level {
            Some(level) => format!("{} interval {low:.3} to {high:.3}", units::level(level)),
            None => format!(
                "smallest {low:.3}, largest {high:.3} (an interval needs {INTERVAL_SAMPLES} samples)"
            ),
        });
    }
    if gate.verdict != GateVerdict::NotApplicable {
        parts.push(format!("n = {}", gate.samples));
    }
    parts.extend(gate.design.clone());
    parts.extend(gate.reason.clone());
    line.push(' ');
    line.push_str(&parts.join("; "));
    line
}

/// [`gate_line`] with the machine.
#[must_use]
pub fn gate_line_with_host(gate: &GateSummary) -> String {
    format!("{}{}", gate_line(gate), machine(&gate.host))
}
