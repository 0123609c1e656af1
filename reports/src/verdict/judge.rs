//! The verdict on one question, with the row that is printed for it.

use bench_record::{
    Arm, ComparisonSummary, ComparisonVerdict, HostSummary, Infinite, LoadedRun, MeanRatio,
};

use super::design::{self, REFUSED, Refusal};
use super::one_sided::OneSided;
use super::pairs::Pairing;
use super::questions::{self, Question};
use crate::stats::{
    Decision, LOOKS, MIN_PAIRS, Pairs, Rule, Sampling, StatsError, Time, decide, median, paired_t,
};

/// Confidence of the mean ratio, which is for display.
const MEAN_LEVEL: f64 = 0.95;

/// A run with what all verdicts on it need, worked out once.
pub(crate) struct Judging<'a> {
    /// The run.
    pub(super) run: &'a LoadedRun,
    /// Whether its arms can be compared.
    pub(super) design: Result<(), Refusal>,
    /// Every comparison of the run, in report order; none without a baseline.
    questions: Vec<Question>,
}

/// A question with its verdict.
pub(crate) struct Judgement {
    /// The question.
    pub(crate) question: Question,
    /// The verdict; `None` when none is possible.
    pub(crate) verdict: Option<ComparisonVerdict>,
    /// More pairs cannot lead to a verdict: there is no test of them, or `unproven`.
    pub(crate) hopeless: bool,
    /// The arms cannot be compared, or a regime is not proven.
    pub(crate) unproven: bool,
    /// The candidate failed where the baseline ran well, and is not shown to be slower as well.
    pub(crate) failed: bool,
    /// The verdict with everything that it rests on.
    pub(crate) summary: ComparisonSummary,
}

impl<'a> Judging<'a> {
    /// Checks the design and collects the questions.
    pub(crate) fn new(run: &'a LoadedRun) -> Self {
        let (design, questions) = if questions::has_baseline(run) {
            (design::check(run), questions::all(run))
        } else {
            (Ok(()), Vec::new())
        };
        Self { run, design, questions }
    }

    /// A run with `--auto` that has not ended goes on sampling; every other one is over.
    pub(super) fn sampling(&self) -> Sampling {
        if self.run.run.options.auto && self.run.end.is_none() {
            Sampling::Ongoing
        } else {
            Sampling::Ended
        }
    }

    /// Judges every question, in report order.
    pub(crate) fn all(&self) -> Vec<Judgement> {
        self.questions.iter().map(|question| self.judge(question)).collect()
    }

    /// Judges `question`.
    pub(super) fn judge(&self, question: &Question) -> Judgement {
        let pairing = Pairing::new(self.run, question);
        let one_sided = OneSided::of(self.run, |arm, regime| question.concerns(arm, regime));
        let mut summary = blank(self.run, question, &pairing, &one_sided);
        let decision = match self.decide(question, &pairing) {
            Ok((pairs, decision)) => {
                let decision = decision.at_deciding_level(&pairs);
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
        let mut unproven = false;
        let verdict = match (&self.design, &pairing.unproven) {
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
                // More pairs than the test is computed for do not give a verdict either.
                let verdict = decision.as_ref().map(|decision| decision.verdict);
                let verdict = verdict.unwrap_or(ComparisonVerdict::Inconclusive);
                Some(limited(verdict, &one_sided, &mut summary.reason))
            }
        };
        let hopeless = unproven || decision.is_none();
        let failed =
            one_sided.candidate.blocks > 0 && verdict != Some(ComparisonVerdict::Regressed);
        if summary.reason.is_none() && question.regime != question.against {
            let arm = if question.regime.is_warm() { Arm::Baseline } else { Arm::Candidate };
            summary.reason = Some(format!("the {arm} has no cache: its cold sample is compared"));
        }
        if hopeless {
            // A number next to a refusal would be read as a verdict.
            (summary.p_regressed, summary.p_ok, summary.p_improved) = (None, None, None);
            (summary.p_level, summary.mde, summary.next_look) = (None, None, None);
        }
        summary.verdict = verdict;
        Judgement { question: question.clone(), verdict, hopeless, unproven, failed, summary }
    }

    /// The pairs that the decision rests on, and the decision. With `--auto` the first look that decided
    /// stands: later pairs, measured because another regime was not decided yet, are further looks that no
    /// level was set aside for.
    fn decide(
        &self,
        question: &Question,
        pairing: &Pairing,
    ) -> Result<(Pairs, Decision), StatsError> {
        let pairs = pairing.tested()?;
        let rule = Rule::new(question.margin, question.floor)?.among(self.questions.len());
        if self.run.run.options.auto {
            for look in LOOKS.into_iter().filter(|look| *look <= pairs.len()) {
                let first = pairs.first(look);
                let decision = decide(&first, &rule, Sampling::Ongoing);
                if decision.verdict != ComparisonVerdict::Continue {
                    return Ok((first, decision));
                }
            }
        }
        let decision = decide(&pairs, &rule, self.sampling());
        Ok((pairs, decision))
    }
}

/// The verdict that remains where one arm failed or the arms did not do the same work. Pairs with a failed side are
/// dropped and a failed example makes its sample short, so failures of the candidate must not count in its favour,
/// nor those of the baseline against it.
fn limited(
    verdict: ComparisonVerdict,
    one_sided: &OneSided,
    reason: &mut Option<String>,
) -> ComparisonVerdict {
    use ComparisonVerdict::{Continue, Improved, Inconclusive, Ok, Regressed};
    let (candidate, baseline) = (one_sided.candidate_failed(), one_sided.baseline_failed());
    let extra = one_sided.examples_of_one_arm().map(|extra| {
        format!("examples of one arm only: {extra}; totals of different work cannot be compared")
    });
    let remaining = match verdict {
        Continue => Continue,
        _ if extra.is_some() => Inconclusive,
        Ok | Improved if candidate.is_some() => Inconclusive,
        Regressed if baseline.is_some() => Inconclusive,
        verdict => verdict,
    };
    let reasons: Vec<String> =
        candidate.into_iter().chain(baseline).chain(extra).chain(reason.take()).collect();
    *reason = (!reasons.is_empty()).then(|| reasons.join("; "));
    remaining
}

/// The row before anything is judged.
fn blank(
    run: &LoadedRun,
    question: &Question,
    pairing: &Pairing,
    one_sided: &OneSided,
) -> ComparisonSummary {
    let host = &run.run.host;
    let middle = |side: fn((Time, Time)) -> Time| {
        let logs: Vec<f64> = pairing.usable().map(|pair| side(pair).ln()).collect();
        median(&logs).map(f64::exp).filter(|value| value.is_finite())
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
        candidate_failed: one_sided.candidate.blocks,
        baseline_failed: one_sided.baseline.blocks,
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

/// Adds the numbers of the decision.
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
        ComparisonVerdict::Inconclusive if decision.n == 0 => {
            Some("there is no pair to judge".to_owned())
        }
        ComparisonVerdict::Inconclusive if decision.n < MIN_PAIRS => {
            Some(format!("a verdict needs {MIN_PAIRS} pairs"))
        }
        _ => None,
    };
}
