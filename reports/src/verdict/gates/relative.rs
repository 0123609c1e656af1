//! Gates on the comparison with the baseline.

use bench_record::{
    ComparisonSummary, ComparisonVerdict, Gate, GateRule, GateSummary, GateVerdict, Infinite,
    LoadedRun, Regime,
};

use super::selection::Selection;
use crate::document::units;
use crate::stats::{Direction, FLAG_STEP};
use crate::verdict::asked::{self, Question};
use crate::verdict::design::{self, Refusal};
use crate::verdict::examples::{self, Tested};
use crate::verdict::judge;

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
            Err(_) => design::REFUSED.to_owned(),
        });
        if let Some(selection) = &gate.examples {
            let margin = summary.margin.unwrap_or_default().max(FLAG_STEP);
            (summary.margin, summary.limit) = (Some(margin), Some(1.0 + margin));
            // Only the step is asked of an example, and it is above every floor.
            summary.floor = None;
            let decides = Gate {
                regime: Some(regime),
                rule: GateRule::Baseline { margin, floor: 0.0 },
                ..gate.clone()
            };
            summary.gate = decides.to_string();
            self.examples(&mut summary, margin, regime, selection);
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
        (summary.unproven, summary.failed) = (answer.unproven, answer.failed);
        (summary.value, summary.samples) = (found.ratio, found.n);
        (summary.low, summary.high, summary.level) = (found.low, found.high, found.level);
        let said: Vec<String> = remarks(&found).into_iter().chain(found.reason).collect();
        summary.reason = (!said.is_empty()).then(|| said.join("; "));
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
    /// interval of each excludes a step that matters, in doubt otherwise. One that the candidate failed, or
    /// that could not be tested, has no such interval.
    fn examples(&self, summary: &mut GateSummary, margin: f64, regime: Regime, selection: &str) {
        let selected = match Selection::parse(selection) {
            Ok(selected) => selected,
            Err(reason) => {
                summary.reason = Some(reason);
                return;
            }
        };
        let failed = examples::failed(self.run, regime, |name, at| selected.has(name, at));
        let tests = match examples::tests(self.run, &self.design, regime) {
            Ok(tests) => tests,
            Err(doubt) => {
                summary.failed = failed.is_some() && !doubt.unproven;
                let said: Vec<String> = failed.into_iter().chain([doubt.reason]).collect();
                summary.reason = Some(said.join("; "));
                summary.unproven = doubt.unproven;
                return;
            }
        };
        let untested = tests.untested(|name, at| selected.has(name, at));
        let slower = |one: &Tested| {
            one.test.flag == Some(Direction::Slower) && one.test.estimate >= margin.ln_1p()
        };
        let worst = tests
            .tested
            .iter()
            .filter(|one| selected.has(&one.name, one.position))
            .max_by(|a, b| slower(a).cmp(&slower(b)).then(a.test.high.total_cmp(&b.test.high)));
        let mut said: Vec<String> = Vec::new();
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
            summary.level = Some(examples::LEVEL);
            summary.samples = worst.test.n as u32;
            said.push(format!("worst: {}, apart from the other examples", worst.name));
        } else if failed.is_none() && untested.is_none() {
            said.push(format!("`{selection}` selects no example that was compared"));
        }
        summary.failed = failed.is_some() && summary.verdict != GateVerdict::Regressed;
        let said: Vec<String> = failed.into_iter().chain(untested).chain(said).collect();
        summary.reason = Some(said.join("; "));
    }
}

/// What no number of a gate can say: an end that time-outs leave open, and the pairs that do not count.
fn remarks(found: &ComparisonSummary) -> Vec<String> {
    let mut said = Vec::new();
    let open = |which| found.infinite.contains(&which);
    if open(Infinite::Ratio) {
        said.push("ratio infinite".to_owned());
    }
    if let Some(level) = found.level.filter(|_| open(Infinite::Low) || open(Infinite::High)) {
        let end = |value: Option<f64>| value.map_or("infinite".to_owned(), |v| format!("{v:.3}"));
        // Rounded down: a level is a promise.
        let level = (level * 1e3).floor() / 10.0;
        said.push(format!("{level:.1} % interval {} to {}", end(found.low), end(found.high)));
    }
    for (count, what) in [
        (found.dropped, "dropped: both timed out"),
        (found.failed, "dropped: failed"),
        (found.unpaired, "with one arm only"),
    ] {
        if count > 0 {
            said.push(format!("{} {what}", units::counted(count as usize, "pair")));
        }
    }
    said
}
