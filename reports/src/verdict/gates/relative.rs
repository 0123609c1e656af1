//! Gates on the comparison with the baseline.

use bench_record::{
    Change, ComparisonSummary, ComparisonVerdict, Gate, GateRule, GateSummary, GateVerdict,
    Infinite, Regime,
};

use super::common::{ExampleSelection, blank};
use crate::document::units;
use crate::stats::{EXAMPLE_LEVEL, FLAG_STEP};
use crate::verdict::design;
use crate::verdict::examples::{self, TestedExample};
use crate::verdict::judge::{Judgement, Judging};
use crate::verdict::questions;

/// The verdict on a gate in one measured regime.
pub(super) fn judge(
    judging: &Judging<'_>,
    judgements: &[Judgement],
    gate: &Gate,
    regime: Regime,
) -> GateSummary {
    let mut summary = blank(judging.run, gate, Some(regime));
    if let GateRule::Baseline { margin, floor } | GateRule::WarmAgainstCold { margin, floor } =
        gate.rule
    {
        (summary.margin, summary.floor) = (Some(margin), Some(floor));
        summary.limit = Some(1.0 + margin);
    }
    summary.design = Some(match &judging.design {
        Ok(()) => design::WORDS.to_owned(),
        Err(_) => design::REFUSED.to_owned(),
    });
    if let Some(selection) = &gate.examples {
        let margin = summary.margin.unwrap_or_default().max(FLAG_STEP);
        (summary.margin, summary.limit) = (Some(margin), Some(1.0 + margin));
        // An example only has to show the step, which is above every floor.
        summary.floor = None;
        let effective = Gate {
            regime: Some(regime),
            rule: GateRule::Baseline { margin, floor: 0.0 },
            ..gate.clone()
        };
        summary.gate = effective.to_string();
        judge_examples(&mut summary, judging, margin, regime, selection);
        return summary;
    }
    let question = questions::question(judging.run, gate, regime);
    let asked = |judgement: &&Judgement| Some(&judgement.question) == question.as_ref();
    if let Some(judgement) = judgements.iter().find(asked) {
        take_over(&mut summary, judgement);
    } else {
        summary.verdict = GateVerdict::NotApplicable;
        summary.reason = Some("an arm without a cache has no warm samples".to_owned());
    }
    summary
}

/// The verdict of the comparison as that of the gate.
fn take_over(summary: &mut GateSummary, judgement: &Judgement) {
    let found = &judgement.summary;
    (summary.unproven, summary.failed) = (judgement.unproven, judgement.failed);
    (summary.value, summary.samples) = (found.ratio, found.n);
    (summary.low, summary.high, summary.level) = (found.low, found.high, found.level);
    let reasons: Vec<String> = remarks(found).into_iter().chain(found.reason.clone()).collect();
    summary.reason = (!reasons.is_empty()).then(|| reasons.join("; "));
    summary.verdict = match judgement.verdict {
        Some(ComparisonVerdict::Improved) => GateVerdict::Improved,
        Some(ComparisonVerdict::Ok) => GateVerdict::Ok,
        Some(ComparisonVerdict::Regressed) => GateVerdict::Regressed,
        Some(ComparisonVerdict::Continue) => {
            let next = found.next_look.map_or_else(String::new, |n| format!(" at {n} pairs"));
            summary.reason = Some(format!("the run goes on; the next look is{next}"));
            GateVerdict::Inconclusive
        }
        Some(ComparisonVerdict::Inconclusive) | None => GateVerdict::Inconclusive,
    };
}

/// Judges each selected example apart from the others: `regressed` when one is flagged as slower, `ok` when the
/// interval of each excludes a step that matters, otherwise `inconclusive`. One that failed in the candidate, or
/// that could not be tested, has no such interval.
fn judge_examples(
    summary: &mut GateSummary,
    judging: &Judging<'_>,
    margin: f64,
    regime: Regime,
    selection: &str,
) {
    let selected = match ExampleSelection::parse(selection) {
        Ok(selected) => selected,
        Err(reason) => {
            summary.reason = Some(reason);
            return;
        }
    };
    let failed = examples::failed(judging.run, regime, |name, at| selected.selects(name, at));
    let tests = match examples::tests(judging, regime) {
        Ok(tests) => tests,
        Err(untestable) => {
            summary.failed = failed.is_some() && !untestable.unproven;
            let reasons: Vec<String> = failed.into_iter().chain([untestable.reason]).collect();
            summary.reason = Some(reasons.join("; "));
            summary.unproven = untestable.unproven;
            return;
        }
    };
    let untested = tests.untested(|name, at| selected.selects(name, at));
    let slower = |one: &TestedExample| {
        one.test.flag == Some(Change::Slower) && one.test.estimate >= margin.ln_1p()
    };
    let worst = tests
        .tested
        .iter()
        .filter(|one| selected.selects(&one.name, one.position))
        .max_by(|a, b| slower(a).cmp(&slower(b)).then(a.test.high.total_cmp(&b.test.high)));
    let mut about: Option<String> = None;
    if let Some(worst) = worst {
        summary.verdict = if slower(worst) {
            GateVerdict::Regressed
        } else if worst.test.high < margin.ln_1p() && failed.is_none() && untested.is_none() {
            GateVerdict::Ok
        } else {
            GateVerdict::Inconclusive
        };
        summary.value = Some(worst.test.estimate.exp());
        (summary.low, summary.high) = (Some(worst.test.low.exp()), Some(worst.test.high.exp()));
        summary.level = Some(EXAMPLE_LEVEL);
        summary.samples = worst.test.n as u32;
        about = Some(format!("worst: {}, apart from the other examples", worst.name));
    } else if failed.is_none() && untested.is_none() {
        about = Some(format!("`{selection}` selects no example that was compared"));
    }
    summary.failed = failed.is_some() && summary.verdict != GateVerdict::Regressed;
    let reasons: Vec<String> = failed.into_iter().chain(untested).chain(about).collect();
    summary.reason = Some(reasons.join("; "));
}

/// What the numbers of a gate cannot say: an end that time-outs leave open, and the pairs that do not count.
fn remarks(found: &ComparisonSummary) -> Vec<String> {
    let mut remarks = Vec::new();
    let open = |which| found.infinite.contains(&which);
    if open(Infinite::Ratio) {
        remarks.push("ratio infinite".to_owned());
    }
    if let Some(level) = found.level.filter(|_| open(Infinite::Low) || open(Infinite::High)) {
        let end = |value: Option<f64>| value.map_or("infinite".to_owned(), |v| format!("{v:.3}"));
        remarks.push(format!(
            "{} interval {} to {}",
            units::level(level),
            end(found.low),
            end(found.high)
        ));
    }
    for (count, what) in [
        (found.dropped, "dropped: both timed out"),
        (found.failed, "dropped: failed"),
        (found.unpaired, "with one arm only"),
    ] {
        if count > 0 {
            remarks.push(format!("{} {what}", units::counted(count as usize, "pair")));
        }
    }
    remarks
}
