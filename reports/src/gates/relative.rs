//! Gates on the comparison with the baseline.

use bench_record::{
    ComparisonVerdict, Gate, GateRule, GateSummary, GateVerdict, LoadedRun, Regime,
};

use super::selection::Selection;
use crate::comparison::asked::{self, Question};
use crate::comparison::design::{self, Refusal};
use crate::comparison::examples::{self, Tested};
use crate::comparison::judge;
use crate::stats::{Direction, FLAG_STEP};

/// Judges gates of one run, whose design is checked once.
pub(super) struct Judge<'a> {
    run: &'a LoadedRun,
    design: Result<(), Refusal>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(run: &'a LoadedRun) -> Self {
        Self { run, design: design::check(run) }
    }

    pub(super) fn judge(&self, gate: &Gate, regime: Regime) -> GateSummary {
        let mut summary = super::blank(self.run, gate, Some(regime));
        if let GateRule::Baseline { margin, floor } | GateRule::WarmAgainstCold { margin, floor } =
            gate.rule
        {
            (summary.margin, summary.floor) = (Some(margin), Some(floor));
            summary.limit = Some(1.0 + margin);
        }
        summary.design = Some(match &self.design {
            Ok(()) => design::WORDS.to_owned(),
            Err(refusal) => format!("refused: {refusal}"),
        });
        if let Some(selection) = &gate.examples {
            self.examples(&mut summary, regime, selection);
        } else if let Some(question) = asked::question(self.run, gate, regime) {
            self.time(&mut summary, &question);
        } else {
            summary.verdict = GateVerdict::NotApplicable;
            summary.reason = Some("an arm without a cache has no warm samples".to_owned());
        }
        summary
    }

    fn time(&self, summary: &mut GateSummary, question: &Question) {
        let answer = judge::answer(self.run, &self.design, question);
        let found = answer.summary;
        summary.unproven = answer.hopeless;
        (summary.value, summary.samples) = (found.ratio, found.n);
        (summary.low, summary.high, summary.level) = (found.low, found.high, found.level);
        summary.reason = found.reason;
        summary.verdict = match answer.verdict {
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

    /// Each selected example apart from the others: exceeded when one is flagged as slower, held when the
    /// interval of each excludes a step that matters, in doubt otherwise.
    fn examples(&self, summary: &mut GateSummary, regime: Regime, selection: &str) {
        let tested = match self.tested(regime, selection) {
            Ok(tested) => tested,
            Err(doubt) => {
                summary.reason = Some(doubt.reason);
                summary.unproven = doubt.unproven;
                return;
            }
        };
        let margin = summary.margin.unwrap_or_default().max(FLAG_STEP);
        summary.limit = Some(1.0 + margin);
        let slower = |one: &&Tested| {
            one.test.flag == Some(Direction::Slower) && one.test.estimate >= margin.ln_1p()
        };
        let Some(worst) = tested
            .iter()
            .max_by(|a, b| {
                let of = |one: &Tested| (slower(&one), one.test.high);
                of(a).0.cmp(&of(b).0).then(of(a).1.total_cmp(&of(b).1))
            })
            .cloned()
        else {
            summary.reason = Some(format!("`{selection}` selects no example that was compared"));
            return;
        };
        summary.verdict = if slower(&&worst) {
            GateVerdict::Regressed
        } else if worst.test.high < margin.ln_1p() {
            GateVerdict::Ok
        } else {
            GateVerdict::Inconclusive
        };
        summary.value = Some(worst.test.estimate.exp());
        (summary.low, summary.high) = (Some(worst.test.low.exp()), Some(worst.test.high.exp()));
        summary.level = Some(examples::LEVEL);
        summary.samples = worst.test.n as u32;
        summary.reason = Some(format!("worst: {}, apart from the other examples", worst.name));
    }

    fn tested(&self, regime: Regime, selection: &str) -> Result<Vec<Tested>, examples::Doubt> {
        let selection = Selection::parse(selection)
            .map_err(|reason| examples::Doubt { reason, unproven: false })?;
        let tested = examples::tests(self.run, &self.design, regime)?;
        Ok(tested.into_iter().filter(|one| selection.has(&one.name, one.position)).collect())
    }
}
