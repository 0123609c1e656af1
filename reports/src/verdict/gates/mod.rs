//! Gates: limits on what was measured. Each gets one verdict per regime.

mod absolute;
mod common;
mod relative;

use bench_record::{Gate, GateRule, GateSummary, GateVerdict, LoadedRun, Regime};

use super::judge::{Judgement, Judging};
use super::questions;

/// The verdict on every gate of the run: one per regime that it applies to, or one `not-applicable` where there
/// is none. `judgements` are those of all questions.
pub(crate) fn judge(judging: &Judging<'_>, judgements: &[Judgement]) -> Vec<GateSummary> {
    let gates = questions::gates(judging.run);
    gates.iter().flat_map(|gate| judge_one(judging, judgements, gate)).collect()
}

fn judge_one(judging: &Judging<'_>, judgements: &[Judgement], gate: &Gate) -> Vec<GateSummary> {
    let run = judging.run;
    if questions::needs_baseline(gate.rule) && !questions::has_baseline(run) {
        return vec![not_applicable(run, gate, "this run measured no baseline".to_owned())];
    }
    let regimes = questions::regimes(run, gate);
    if regimes.is_empty() {
        let what = gate.regime.map_or("a warm regime", Regime::as_str);
        let reason = format!("the run was not asked to measure {what}");
        return vec![not_applicable(run, gate, reason)];
    }
    regimes
        .into_iter()
        .map(|regime| match gate.rule {
            GateRule::Baseline { .. } | GateRule::WarmAgainstCold { .. } => {
                relative::judge(judging, judgements, gate, regime)
            }
            _ => absolute::judge(run, gate, regime),
        })
        .collect()
}

fn not_applicable(run: &LoadedRun, gate: &Gate, reason: String) -> GateSummary {
    GateSummary {
        verdict: GateVerdict::NotApplicable,
        reason: Some(reason),
        ..common::blank(run, gate, gate.regime)
    }
}
