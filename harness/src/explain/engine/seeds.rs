//! Cold runs whose caches the other trials start with.

use std::collections::BTreeMap;

use bench_record::{ExplainTrial, Outcome, Property, SampleId, TrialRole};
use bench_reports::explain::DecidedBy;

use super::{Engine, Event, Spec, controls, ones, record};
use crate::explain::ExplainError;
use crate::explain::machine::{GoldenCaches, Start};
use crate::explain::remedies::{self, Names};
use crate::explain::report::property_verdict;
use crate::explain::toolbox::Toolbox;
use crate::sample::{Trial, Tried, try_out};

impl Engine<'_, '_> {
    /// The cold run whose caches every trial starts with. Copied tools that do not work are done without.
    pub(super) fn make_seed(&mut self) -> Result<(), ExplainError> {
        let prefix = if self.remedied { "remedied-" } else { "" };
        let id = format!("{prefix}seed-{}", self.process);
        let (mut record, mut tried, _) = self.cold(TrialRole::Snapshot, id.clone(), false)?;
        let copies = !self.machine.toolbox.is_empty() && !self.remedied;
        if record.outcome != Outcome::Ok && copies {
            let reason = record.reason.unwrap_or_default();
            let why = format!("a copy of it does not work here: {reason}");
            self.machine.toolbox =
                Toolbox::without(self.session.scenario, &self.setup.params, &why);
            (record, tried, _) = self.cold(TrialRole::Snapshot, id.clone(), false)?;
        }
        if record.outcome != Outcome::Ok {
            let logs = self.session.logs.join(&record.id);
            return Err(ExplainError::Base { reason: record.reason.unwrap_or_default(), logs });
        }
        self.seed = self.machine.keep(self.session.state, &id, tried.probes)?;
        let first = !self.remedied;
        self.record(record)?;
        if first {
            self.scene.found = self.scan(&id);
        }
        Ok(())
    }

    /// A cold run, not recorded yet. With `live` its caches are copied while its daemons live.
    fn cold(
        &mut self,
        role: TrialRole,
        id: String,
        live: bool,
    ) -> Result<(ExplainTrial, Tried, Option<GoldenCaches>), ExplainError> {
        (self.tell)(Event::Before(&id));
        let spec = Spec::plain(role, &id);
        let none = BTreeMap::new();
        let state = self.session.state;
        let varied = self.machine.enter(
            self.session,
            &self.setup,
            &spec.changed,
            Start::Empty,
            &self.remedy,
        )?;
        let trial = Trial {
            id: SampleId(id.clone()),
            tweaks: &varied.tweaks,
            counters: &none,
            leave_daemons: live,
        };
        let tried = try_out(self.session, &varied.setup, &self.machine.runner, &trial, false)?;
        let kept = if live {
            let kept = self.machine.keep(state, &id, tried.probes.clone());
            self.session.executor.sweep()?;
            Some(kept?)
        } else {
            None
        };
        self.machine.undo(state, varied)?;
        Ok((record(&spec, id, (0, 1), self.remedied, &tried), tried, kept))
    }

    /// A cold run whose caches are copied while its daemons live.
    pub(super) fn make_live_seed(&mut self) -> Result<(), ExplainError> {
        let id = format!("live-seed-{}", self.process);
        let (record, _, kept) = self.cold(TrialRole::LiveSnapshot, id, true)?;
        self.live = kept;
        self.record(record)
    }

    /// The causes once more with those remedies in place that are variables.
    pub(super) fn try_remedies(&mut self, testable: &[Property]) -> Result<(), ExplainError> {
        let names = Names::of(self.session.scenario, &self.setup.params);
        let causes: Vec<Property> = testable
            .iter()
            .copied()
            .filter(|p| property_verdict(self.judge(), *p).is_cause())
            .collect();
        let mut remedy = BTreeMap::new();
        let mut treated = Vec::new();
        for property in causes {
            let env = remedies::find(&names, property).map(|found| found.env);
            if let Some(env) = env.filter(|env| !env.is_empty()) {
                remedies::merge(&mut remedy, env);
                treated.push(property);
            }
        }
        if treated.is_empty() {
            return Ok(());
        }
        self.remedy = remedy;
        self.remedied = true;
        let tried = self.make_seed().and_then(|()| {
            let ones: Vec<Spec> = treated.iter().flat_map(|property| ones(*property)).collect();
            match self.evidence {
                DecidedBy::Hits => {
                    let label = format!("nothing-{}", self.process);
                    self.round(1, &[Spec::plain(TrialRole::Nothing, &label)])?;
                    self.round(1, &ones)
                }
                DecidedBy::Seconds => {
                    let all: Vec<Spec> = controls().chain(ones).collect();
                    self.shuffled(1, &all)
                }
            }
        });
        self.remedied = false;
        self.remedy = BTreeMap::new();
        match tried {
            // A remedy that makes the cold run fail is an answer too: nothing is recorded for it.
            Err(ExplainError::Base { .. }) => Ok(()),
            other => other,
        }
    }
}
