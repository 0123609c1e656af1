//! The verdict on one question, and the row that is printed of it.

use bench_record::{
    Arm, ComparisonSummary, ComparisonVerdict, HostSummary, Infinite, LoadedRun, MeanRatio,
};

use super::asked;
use super::asked::Question;
use super::design::{self, REFUSED, Refusal};
use super::failures::OneSided;
use super::pairing::Pairing;
use crate::stats::{
    Decision, Pairs, Rule, Schedule, Stage, StatsError, Time, Verdict, decide, median, paired_t,
};

/// Confidence of the mean ratio, which is for display.
const MEAN_LEVEL: f64 = 0.95;

/// A question with its answer.
pub(crate) struct Answer {
    /// The answer; `None` when none is possible.
    pub(crate) verdict: Option<ComparisonVerdict>,
    /// More pairs cannot lead to a verdict: there is no test of them, or `unproven`.
    pub(crate) hopeless: bool,
    /// The arms are not comparable, or a regime is not proven.
    pub(crate) unproven: bool,
    /// The candidate failed where the baseline ran well, and is not shown to be slower besides.
    pub(crate) failed: bool,
    /// With everything it rests on.
    pub(crate) summary: ComparisonSummary,
}

/// `--auto` of a run that has not ended looks on, every other one is over.
pub(crate) fn stage(run: &LoadedRun) -> Stage {
    if run.run.options.auto && run.end.is_none() { Stage::Running } else { Stage::Final }
}

/// Answers `question`.
pub(crate) fn answer(run: &LoadedRun, design: &Result<(), Refusal>, question: &Question) -> Answer {
    let pairing = Pairing::new(run, question);
    let mut summary = blank(run, question, &pairing);
    let decision = match statistic(run, question, &pairing) {
        Ok((pairs, decision)) => {
            let decision = decision.at_deciding_level(&pairs, &Schedule::default());
            fill(&mut summary, &pairs, &decision);
            Some(decision)
        }
        Err(error) => {
            summary.reason = Some(match error {
                StatsError::TooMany { found, most } => format!(
                    "{found} pairs: the exact test is computed for {most} at most (hint: measure fewer blocks)"
                ),
                error => error.to_string(),
            });
            summary.n = pairing.usable().count() as u32;
            None
        }
    };
    let verdict = decision.as_ref().map(|decision| match decision.verdict {
        Verdict::Regressed => ComparisonVerdict::Regressed,
        Verdict::Improved => ComparisonVerdict::Improved,
        Verdict::Ok => ComparisonVerdict::Ok,
        Verdict::Inconclusive => ComparisonVerdict::Inconclusive,
        Verdict::Continue => ComparisonVerdict::Continue,
    });
    let mut unproven = false;
    let verdict = match (design, &pairing.unproven) {
        (Err(refusal), _) => {
            summary.reason = Some(format!("no verdict is possible: {refusal}"));
            REFUSED.clone_into(&mut summary.design);
            unproven = true;
            None
        }
        (Ok(()), Some(sample)) => {
            summary.reason = Some(format!("the regime of sample `{sample}` is not proven"));
            unproven = true;
            Some(ComparisonVerdict::Inconclusive)
        }
        (Ok(()), None) => {
            // Numbers that no test takes (more pairs than it is computed for) are no answer either.
            let verdict = verdict.unwrap_or(ComparisonVerdict::Inconclusive);
            Some(limited(verdict, &pairing.one_sided, &mut summary.reason))
        }
    };
    let hopeless = unproven || decision.is_none();
    let failed =
        pairing.one_sided.candidate.blocks > 0 && verdict != Some(ComparisonVerdict::Regressed);
    if summary.reason.is_none() && question.regime != question.against {
        let arm = if question.regime.is_warm() { Arm::Baseline } else { Arm::Candidate };
        summary.reason = Some(format!("the {arm} has no cache: its cold sample answers"));
    }
    if hopeless {
        // A number beside a refusal would be read as a verdict.
        (summary.p_regressed, summary.p_ok, summary.p_improved) = (None, None, None);
        (summary.p_level, summary.mde, summary.next_look) = (None, None, None);
    }
    summary.verdict = verdict;
    Answer { verdict, hopeless, unproven, failed, summary }
}

/// The verdict that is left where one arm failed or the arms did not do the same work. Pairs with a failed
/// side are dropped and a failed example makes its sample short, so failures of the candidate must not speak
/// for it, nor those of the baseline against it.
fn limited(
    verdict: ComparisonVerdict,
    one_sided: &OneSided,
    reason: &mut Option<String>,
) -> ComparisonVerdict {
    use ComparisonVerdict::{Continue, Improved, Inconclusive, Ok, Regressed};
    let (candidate, baseline) = (one_sided.candidate_failed(), one_sided.baseline_failed());
    let lone = one_sided.lone().map(|lone| {
        format!("examples of one arm only: {lone}; totals of different work cannot be compared")
    });
    let left = match verdict {
        Continue => Continue,
        _ if lone.is_some() => Inconclusive,
        Ok | Improved if candidate.is_some() => Inconclusive,
        Regressed if baseline.is_some() => Inconclusive,
        verdict => verdict,
    };
    let said: Vec<String> =
        candidate.into_iter().chain(baseline).chain(lone).chain(reason.take()).collect();
    *reason = (!said.is_empty()).then(|| said.join("; "));
    left
}

/// The pairs that the decision rests on, and the decision. With `--auto` the first look that decided
/// stands: later pairs, measured because another regime was not decided yet, are further looks that no
/// level was set aside for.
fn statistic(
    run: &LoadedRun,
    question: &Question,
    pairing: &Pairing,
) -> Result<(Pairs, Decision), StatsError> {
    let pairs = pairing.statistic()?;
    let rule = Rule::new(question.margin, question.floor, Schedule::default())?
        .among(asked::all(run).len());
    if run.run.options.auto {
        for &(look, _) in rule.schedule().looks().iter().filter(|look| look.0 <= pairs.len()) {
            let first = pairs.first(look);
            let decision = decide(&first, &rule, Stage::Running);
            if decision.verdict != Verdict::Continue {
                return Ok((first, decision));
            }
        }
    }
    let decision = decide(&pairs, &rule, stage(run));
    Ok((pairs, decision))
}

/// What is known before anything is judged.
fn blank(run: &LoadedRun, question: &Question, pairing: &Pairing) -> ComparisonSummary {
    let host = &run.run.host;
    let middle = |side: fn((Time, Time)) -> Time| {
        let logs: Vec<f64> = pairing.usable().map(|pair| side(pair).ln()).collect();
        median(&logs).ok().map(f64::exp).filter(|value| value.is_finite())
    };
    ComparisonSummary {
        of: question.of,
        regime: question.regime,
        against: question.against,
        phase: question.phase.clone(),
        verdict: None,
        ratio: None,
        low: None,
        high: None,
        level: None,
        infinite: Vec::new(),
        candidate: middle(|(_, new)| new),
        baseline: middle(|(base, _)| base),
        n: 0,
        dropped: 0,
        failed: pairing.failed(),
        unpaired: pairing.unpaired,
        candidate_failed: pairing.one_sided.candidate.blocks,
        baseline_failed: pairing.one_sided.baseline.blocks,
        margin: question.margin,
        floor: question.floor,
        p_regressed: None,
        p_ok: None,
        p_improved: None,
        p_level: None,
        mde: None,
        mean_ratio: None,
        next_look: None,
        design: design::WORDS.to_owned(),
        host: HostSummary { cpu: host.cpu.clone(), cores: host.cores },
        noise: None,
        reason: None,
    }
}

fn fill(summary: &mut ComparisonSummary, pairs: &Pairs, decision: &Decision) {
    summary.n = decision.n as u32;
    summary.dropped = decision.dropped as u32;
    summary.next_look = decision.next_look.map(|look| look as u32);
    if let Some(look) = decision.look {
        let mut finite = |value: f64, name| {
            if value.is_infinite() {
                summary.infinite.push(name);
            }
            value.is_finite().then_some(value)
        };
        summary.ratio = finite(look.estimate.ratio, Infinite::Ratio);
        if let Some(interval) = look.interval {
            summary.low = finite(interval.low, Infinite::Low);
            summary.high = finite(interval.high, Infinite::High);
            summary.level = Some(interval.confidence);
        }
        summary.p_regressed = Some(look.p_regressed);
        summary.p_ok = Some(look.p_ok);
        summary.p_improved = Some(look.p_improved);
        summary.p_level = Some(look.alarm_level_one_sided);
        summary.mde = look.mde;
    }
    let ratios = pairs.log_ratios();
    if let Ok(t) = paired_t(&ratios, MEAN_LEVEL) {
        summary.noise = Some(t.standard_error * (ratios.len() as f64).sqrt());
        summary.mean_ratio = Some(MeanRatio {
            ratio: t.estimate.exp(),
            low: t.low.exp(),
            high: t.high.exp(),
            level: t.confidence,
        });
    }
    summary.reason = match decision.verdict {
        Verdict::Inconclusive if decision.n == 0 => Some("there is no pair to judge".to_owned()),
        Verdict::Inconclusive if decision.n < crate::stats::MIN_PAIRS => {
            Some(format!("a verdict needs {} pairs", crate::stats::MIN_PAIRS))
        }
        _ => None,
    };
}
