//! Gates: rules on what was measured, each with one verdict a regime.

mod absolute;
mod relative;
mod selection;

use bench_record::{Gate, GateRule, GateSummary, GateVerdict, HostSummary, LoadedRun, Regime};

use crate::verdict::asked;

/// The verdict on every gate of the run, one a regime that it applies to, one `not-applicable` where there
/// is none.
pub(crate) fn judge(run: &LoadedRun) -> Vec<GateSummary> {
    let relative = relative::Judge::new(run);
    asked::gates(run).iter().flat_map(|gate| judge_one(run, gate, &relative)).collect()
}

fn judge_one(run: &LoadedRun, gate: &Gate, relative: &relative::Judge<'_>) -> Vec<GateSummary> {
    if asked::needs_baseline(gate.rule) && !asked::has_baseline(run) {
        return vec![not_applicable(run, gate, "this run measured no baseline".to_owned())];
    }
    let regimes = asked::regimes(run, gate);
    if regimes.is_empty() {
        let what = gate.regime.map_or("a warm regime", Regime::as_str);
        let reason = format!("the run was not asked to measure {what}");
        return vec![not_applicable(run, gate, reason)];
    }
    regimes
        .into_iter()
        .map(|regime| match gate.rule {
            GateRule::Baseline { .. } | GateRule::WarmAgainstCold { .. } => {
                relative.judge(gate, regime)
            }
            _ => absolute::judge(run, gate, regime),
        })
        .collect()
}

fn not_applicable(run: &LoadedRun, gate: &Gate, reason: String) -> GateSummary {
    GateSummary {
        verdict: GateVerdict::NotApplicable,
        reason: Some(reason),
        ..blank(run, gate, gate.regime)
    }
}

/// A gate of which nothing is known yet.
fn blank(run: &LoadedRun, gate: &Gate, regime: Option<Regime>) -> GateSummary {
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
