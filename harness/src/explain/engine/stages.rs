//! Which trials come next, given those that were made.

use bench_record::{OLD_PATH_STAYS, Property, TrialRole, Variation};
use bench_reports::explain::{DecidedBy, ReuseVerdict};

use super::{Engine, Spec, controls};
use crate::explain::ExplainError;
use crate::explain::report::property_verdict;

impl Engine<'_, '_> {
    /// Controls and one property at a time; whether there is a saving that anything can break.
    pub(super) fn first_round(&mut self, ones: &[Spec]) -> Result<bool, ExplainError> {
        match self.evidence {
            DecidedBy::Hits => {
                // An earlier process' runner is gone: this one has to show that it reuses, too.
                let label = if self.process == 1 {
                    "nothing".to_owned()
                } else {
                    format!("nothing-{}", self.process)
                };
                self.round(1, &[Spec::plain(TrialRole::Nothing, &label)])?;
                self.round(1, &[Spec::plain(TrialRole::Empty, "empty-caches")])?;
                let judge = self.judge();
                let kept = judge.of_role(TrialRole::Nothing).map(|judged| judged.verdict);
                if kept != Some(ReuseVerdict::Keeps) {
                    return Ok(false);
                }
                self.round(1, ones)?;
            }
            DecidedBy::Seconds => {
                let all: Vec<Spec> = controls().chain(ones.iter().cloned()).collect();
                self.shuffled(1, &all)?;
            }
        }
        Ok(true)
    }

    /// Everything at once; then everything but the causes; then, while that still breaks reuse, what of the
    /// rest must stay as it was.
    pub(super) fn together(&mut self, testable: &[Property]) -> Result<(), ExplainError> {
        if testable.len() < 2 {
            return Ok(());
        }
        let everything = Variation::all(testable.iter().copied());
        self.compared(2, &[Spec::new(TrialRole::Everything, "everything", everything)])?;
        let rest: Vec<Property> = testable
            .iter()
            .copied()
            .filter(|p| !property_verdict(self.judge(), *p).is_cause())
            .collect();
        let role = if rest.len() == testable.len() {
            TrialRole::Everything
        } else if rest.is_empty() {
            return Ok(());
        } else {
            let others = Variation::all(rest.iter().copied());
            self.compared(3, &[Spec::new(TrialRole::Others, "everything-but-the-causes", others)])?;
            TrialRole::Others
        };
        let broken = self.judge().of_role(role).is_some_and(|judged| judged.verdict.is_cause());
        if !broken {
            return Ok(());
        }
        let specs: Vec<Spec> = rest
            .iter()
            .map(|kept| {
                let changed = Variation::all(rest.iter().copied().filter(|p| p != kept));
                Spec::new(TrialRole::OthersBut, &format!("but-{kept}"), changed)
            })
            .collect();
        self.compared(5, &specs)
    }

    /// A source is edited: the old result must not be reused.
    pub(super) fn edited(&mut self) -> Result<(), ExplainError> {
        if let Some(reason) = self.no_edit() {
            self.scene.no_edit = Some(reason);
            return Ok(());
        }
        for (role, label) in [
            (TrialRole::EditedCold, "edited-cold"),
            (TrialRole::EditedKept, "edited-mtime-kept"),
            (TrialRole::EditedFresh, "edited-mtime-fresh"),
        ] {
            self.one(&Spec::plain(role, label), 6, 1)?;
        }
        let moved = Variation::one(Property::WorkspacePath, OLD_PATH_STAYS);
        self.one(&Spec::new(TrialRole::EditedMoved, "edited-beside-the-old-path", moved), 6, 1)
    }

    pub(super) fn no_edit(&self) -> Option<String> {
        let Some(edit) = &self.session.scenario.edit else {
            return Some("the scenario has no `[explain] edit`".to_owned());
        };
        let source = std::fs::read_to_string(self.setup.golden.path().join(&edit.file));
        match source {
            Ok(text) if text.contains(&edit.find) => None,
            Ok(_) => Some(format!("`{}` does not hold the text to replace", edit.file.display())),
            Err(error) => Some(format!("`{}`: {error}", edit.file.display())),
        }
    }
}
