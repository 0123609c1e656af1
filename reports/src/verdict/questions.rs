//! Which comparisons of its two arms the gates of a run need.

use bench_record::{Arm, ComparisonOf, Gate, GateRule, LoadedRun, Regime};

use crate::stats::Rule;

/// One comparison to make.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
    /// What is compared.
    pub(crate) of: ComparisonOf,
    /// Regime of the candidate's samples.
    pub(crate) regime: Regime,
    /// Regime of the baseline's samples.
    pub(crate) against: Regime,
    /// Phase; `None` for the whole sample.
    pub(crate) phase: Option<String>,
    /// Slowdown that matters, a fraction.
    pub(crate) margin: f64,
    /// Slowdown below which nothing is called real, a fraction.
    pub(crate) floor: f64,
}

/// Whether the run has, or claims to have, a second arm.
pub(crate) fn has_baseline(run: &LoadedRun) -> bool {
    run.run.options.baseline.is_some()
        || run.run.arms.iter().any(|arm| arm.arm == Arm::Baseline)
        || run.samples.iter().any(|(sample, _)| sample.arm == Arm::Baseline)
}

/// The gates that judge the run: its own, and the default one where there is a baseline that none of them
/// compares with, so that a comparison which was paid for is judged. A gate on examples does not count here:
/// what all examples have in common is removed before they are tested.
pub(crate) fn gates(run: &LoadedRun) -> Vec<Gate> {
    let mut gates = run.run.gates.clone();
    let compares =
        |gate: &Gate| matches!(gate.rule, GateRule::Baseline { .. }) && gate.examples.is_none();
    if has_baseline(run) && !gates.iter().any(compares) {
        gates.push(default_gate());
    }
    gates
}

fn default_gate() -> Gate {
    let rule = GateRule::Baseline { margin: Rule::MARGIN, floor: Rule::FLOOR };
    Gate { regime: None, phase: None, examples: None, rule }
}

/// Whether the rule can only be judged with a baseline.
pub(crate) const fn needs_baseline(rule: GateRule) -> bool {
    matches!(rule, GateRule::Baseline { .. } | GateRule::WarmAgainstCold { .. })
}

/// The comparison that a gate needs in one of its regimes; `None` for a rule without one, or where the arms have
/// nothing to compare. A gate on examples has none either: it rests on the tests of the examples.
pub(crate) fn question(run: &LoadedRun, gate: &Gate, regime: Regime) -> Option<Question> {
    if gate.examples.is_some() {
        return None;
    }
    let (candidate, against) = compared_regimes(run, regime);
    let phase = gate.phase.clone();
    match gate.rule {
        GateRule::Baseline { margin, floor } => Some(Question {
            of: ComparisonOf::Time,
            regime: candidate,
            against,
            phase,
            margin,
            floor,
        }),
        GateRule::WarmAgainstCold { margin, floor } => {
            let both = regime.is_warm() && candidate == regime && against == regime;
            both.then_some(Question {
                of: ComparisonOf::WarmOverCold,
                regime,
                against,
                phase,
                margin,
                floor,
            })
        }
        _ => None,
    }
}

/// Every comparison that a gate depends on, each once.
pub(crate) fn gating(run: &LoadedRun) -> Vec<Question> {
    let mut questions = Vec::new();
    for gate in gates(run) {
        for regime in regimes(run, &gate) {
            questions.extend(question(run, &gate, regime));
        }
    }
    without_repeats(questions)
}

/// Every comparison of the run, in report order: those of [`gating`], and for display, by the default margin and
/// floor, every measured regime without one.
pub(crate) fn all(run: &LoadedRun) -> Vec<Question> {
    let mut questions = gating(run);
    let default = default_gate();
    for &regime in &run.run.options.regimes {
        let (candidate, against) = compared_regimes(run, regime);
        let known = questions.iter().any(|known| {
            (known.of, known.regime, known.against) == (ComparisonOf::Time, candidate, against)
                && known.phase.is_none()
        });
        if !known {
            questions.extend(question(run, &default, regime));
        }
    }
    let mut questions = without_repeats(questions);
    questions.sort_by_key(|q| (q.of, q.phase.clone(), q.regime, q.against));
    questions
}

/// The measured regimes that a gate applies to: its own if it was measured; for a gate without one every regime
/// that its rule makes sense for.
pub(crate) fn regimes(run: &LoadedRun, gate: &Gate) -> Vec<Regime> {
    run.run
        .options
        .regimes
        .iter()
        .copied()
        .filter(|regime| match gate.regime {
            Some(wanted) => *regime == wanted,
            None => regime.is_warm() || !warm_only(gate.rule),
        })
        .collect()
}

/// Whether the rule does not make sense for cold samples.
const fn warm_only(rule: GateRule) -> bool {
    match rule {
        GateRule::MinSpeedup(_)
        | GateRule::MinHitRate(_)
        | GateRule::MaxRestoreSeconds(_)
        | GateRule::MaxNetLossSeconds(_)
        | GateRule::WarmAgainstCold { .. } => true,
        GateRule::MaxSeconds(_) | GateRule::MaxBytes(_) | GateRule::Baseline { .. } => false,
    }
}

fn without_repeats(questions: Vec<Question>) -> Vec<Question> {
    let mut kept: Vec<Question> = Vec::with_capacity(questions.len());
    for question in questions {
        if !kept.contains(&question) {
            kept.push(question);
        }
    }
    kept
}

/// The regimes of the candidate and of the baseline that are compared for `regime`. An arm without a cache is
/// measured cold only: its cold sample is what a job without the cache costs, so it is compared with the other
/// arm's warm one.
pub(crate) fn compared_regimes(run: &LoadedRun, regime: Regime) -> (Regime, Regime) {
    let uncached = |arm: Arm| {
        let mut samples = run.samples.iter().map(|(s, _)| s).filter(|s| s.arm == arm).peekable();
        samples.peek().is_some()
            && samples.all(|sample| sample.regime == Regime::Cold && sample.caches.is_empty())
    };
    match (uncached(Arm::Candidate), uncached(Arm::Baseline)) {
        (false, true) => (regime, Regime::Cold),
        (true, false) => (Regime::Cold, regime),
        (true, true) | (false, false) => (regime, regime),
    }
}
