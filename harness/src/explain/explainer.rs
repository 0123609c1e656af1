//! Makes the trials of an explanation, each once unless it fails or was made before, and writes them down.

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{
    ExplainEntry, ExplainTrial, JournalWriter, Outcome, Property, TrialRole, Variation,
};
use bench_reports::explain::{DecidedBy, Experiment, Judge, REPEATED};

use super::change::{Changes, RunnerFacts, apply};
use super::scan::{self, Patterns};
use super::toolbox::{self, Toolbox};
use crate::sample::Tried;
use crate::scenario::template::Template;
use crate::trial::{
    Attempt, GoldenSnapshot, Progress, SourceEdit, Testbed, TrialError, TrialSummary, why_not,
};

/// A trial that is to be made.
#[derive(Clone, Debug)]
pub(super) struct TrialSpec {
    role: TrialRole,
    label: String,
    changed: Variation,
}

impl TrialSpec {
    pub(super) fn new(role: TrialRole, label: &str, changed: Variation) -> Self {
        Self { role, label: label.to_owned(), changed }
    }

    /// One in which no property is changed.
    pub(super) fn plain(role: TrialRole, label: &str) -> Self {
        Self::new(role, label, Variation::default())
    }

    /// The trials of a property alone.
    pub(super) fn of(property: Property) -> impl Iterator<Item = Self> {
        let variants = property.variants();
        variants.iter().map(move |variant| {
            let several = variants.len() > 1;
            let label =
                if several { format!("{property}-{variant}") } else { property.to_string() };
            Self::new(TrialRole::One, &label, Variation::one(property, variant))
        })
    }

    /// What every repetition is compared with where seconds decide.
    pub(super) fn controls() -> impl Iterator<Item = Self> {
        [Self::plain(TrialRole::Nothing, "nothing"), Self::plain(TrialRole::Empty, "empty-caches")]
            .into_iter()
    }
}

/// Where a trial stands among the others.
#[derive(Clone, Copy, Debug)]
struct Position {
    round: u32,
    /// From 1.
    repeat: u32,
}

/// A cold run that is not recorded yet.
struct ColdRun {
    record: ExplainTrial,
    tried: Tried,
    /// Its caches, copied while its daemons were alive, where that was asked for.
    live: Option<GoldenSnapshot>,
}

pub(super) struct Explainer<'e, 't, 's> {
    pub(super) testbed: &'e mut Testbed<'t, 's>,
    pub(super) facts: RunnerFacts,
    pub(super) experiment: Experiment,
    pub(super) progress: Progress<'e>,
    /// Trials of each change.
    pub(super) repeats: u32,
    /// Seed of the order of trials, where seconds decide.
    pub(super) seed: u64,
    /// Processes that worked on this explanation, this one included.
    pub(super) process: usize,
    pub(super) journal: &'e mut JournalWriter<ExplainEntry>,
    pub(super) snapshot: Option<GoldenSnapshot>,
    pub(super) live_snapshot: Option<GoldenSnapshot>,
    /// Variables of the remedies that are in place; `None` before remedies are tried.
    pub(super) remedy: Option<BTreeMap<String, Template>>,
}

impl Explainer<'_, '_, '_> {
    pub(super) fn judge(&self) -> Judge<'_> {
        Judge {
            trials: &self.experiment.trials,
            remedied: self.remedy.is_some(),
            evidence: self.experiment.decided_by,
        }
    }

    /// A round that is compared with "nothing changed": by hits there is one of that already.
    pub(super) fn compared_round(
        &mut self,
        number: u32,
        specs: &[TrialSpec],
    ) -> Result<(), TrialError> {
        match self.experiment.decided_by {
            DecidedBy::Hits => self.round(number, specs),
            DecidedBy::Seconds => {
                let all: Vec<TrialSpec> =
                    TrialSpec::controls().chain(specs.iter().cloned()).collect();
                self.shuffled_round(number, &all)
            }
        }
    }

    /// Every spec as often as asked, in order.
    pub(super) fn round(&mut self, number: u32, specs: &[TrialSpec]) -> Result<(), TrialError> {
        for spec in specs {
            for repeat in 1..=self.repeats {
                self.try_once(spec, Position { round: number, repeat })?;
            }
        }
        Ok(())
    }

    /// Every spec once per repetition, each repetition in another order.
    fn shuffled_round(&mut self, number: u32, specs: &[TrialSpec]) -> Result<(), TrialError> {
        for repeat in 1..=self.repeats {
            let mut order: Vec<&TrialSpec> = specs.iter().collect();
            let part = u64::from(number) << 32 | u64::from(repeat);
            fastrand::Rng::with_seed(self.seed ^ part).shuffle(&mut order);
            for spec in order {
                self.try_once(spec, Position { round: number, repeat })?;
            }
        }
        Ok(())
    }

    /// One trial. When it fails it is made once more under the same conditions: a flaky command is not a cause.
    fn try_once(&mut self, spec: &TrialSpec, position: Position) -> Result<(), TrialError> {
        let Position { round, repeat } = position;
        let id = self.id(&format!("{round}-{}-{repeat}", spec.label));
        self.try_unless_recorded(spec, &id, position)?;
        if self.must_be_repeated(&id) {
            self.try_unless_recorded(spec, &format!("{id}{REPEATED}"), position)?;
        }
        Ok(())
    }

    fn must_be_repeated(&self, id: &str) -> bool {
        let trials = &self.experiment.trials;
        let Some(trial) = trials.iter().find(|trial| trial.id == id) else { return false };
        let judge = self.judge();
        // An edit may be one that must fail: then the same failure is the right result.
        let right = judge.role(TrialRole::EditedCold).next();
        let edited = matches!(
            trial.role,
            TrialRole::EditedKept | TrialRole::EditedFresh | TrialRole::EditedMoved
        );
        let expected = edited && right.is_some_and(|right| right.result() == trial.result());
        judge.failure(trial).is_some() && !expected
    }

    /// One trial, unless an earlier process made it.
    fn try_unless_recorded(
        &mut self,
        spec: &TrialSpec,
        id: &str,
        position: Position,
    ) -> Result<(), TrialError> {
        if self.experiment.trials.iter().any(|trial| trial.id == id) {
            return Ok(());
        }
        self.progress.started(id);
        let live = self.live_snapshot.as_ref().filter(|_| spec.changed.has(Property::Daemon));
        let cold = matches!(spec.role, TrialRole::Empty | TrialRole::EditedCold);
        let snapshot = live.or(self.snapshot.as_ref()).filter(|_| !cold);
        let none = BTreeMap::new();
        let remedy = self.remedy.as_ref().unwrap_or(&none);
        let changes = Changes { variation: &spec.changed, snapshot, remedy };
        let applied = apply(self.testbed, &self.facts, changes)?;
        let edited = matches!(
            spec.role,
            TrialRole::EditedCold
                | TrialRole::EditedKept
                | TrialRole::EditedFresh
                | TrialRole::EditedMoved
        );
        if let Some(edit) = SourceEdit::declared(self.testbed).filter(|_| edited) {
            let before = edit.apply()?;
            if spec.role == TrialRole::EditedKept {
                edit.set_time(before)?;
            }
        }
        let attempt = match snapshot {
            Some(snapshot) => Attempt::warm(id, snapshot),
            None => Attempt::cold(id),
        };
        let (tweaks, params) = (applied.tweaks.clone(), applied.params.clone());
        let tried = self.testbed.try_on_first(&Attempt { tweaks, params, ..attempt })?;
        applied.undo(self.testbed)?;
        self.record(self.entry(spec, id, position, &tried))?;
        // Deleting disturbs what runs next, which counts only where seconds decide.
        if self.experiment.decided_by == DecidedBy::Hits {
            self.testbed.state().empty_trash()?;
        }
        Ok(())
    }

    /// The cold run whose caches every trial starts with. If it fails with copies of the tools, it is made without them.
    pub(super) fn take_snapshot(&mut self) -> Result<(), TrialError> {
        let id = self.id(&format!("snapshot-{}", self.process));
        let mut cold = self.try_cold(TrialRole::Snapshot, &id, false)?;
        let copies = !self.facts.toolbox.is_empty() && self.remedy.is_none();
        if cold.record.outcome != Outcome::Ok && copies {
            let why = format!("a copy of it does not work here: {}", why_not(&cold.tried));
            let scenario = self.testbed.session.scenario;
            let tools = toolbox::tools(scenario, &self.testbed.setup.params);
            self.facts.toolbox = Toolbox::without(tools, &why);
            cold = self.try_cold(TrialRole::Snapshot, &id, false)?;
        }
        let snapshot = self.testbed.snapshot_after(&id, &cold.tried)?;
        if self.remedy.is_none() {
            self.experiment.found = self.scan(&snapshot, &id);
        }
        self.snapshot = Some(snapshot);
        self.record(cold.record)
    }

    /// A cold run whose caches are copied while its daemons are alive; the reason when it fails.
    pub(super) fn take_live_snapshot(&mut self) -> Result<Option<String>, TrialError> {
        let id = format!("live-snapshot-{}", self.process);
        let mut cold = self.try_cold(TrialRole::LiveSnapshot, &id, true)?;
        if cold.record.outcome != Outcome::Ok {
            self.record(cold.record)?;
            cold = self.try_cold(TrialRole::LiveSnapshot, &format!("{id}{REPEATED}"), true)?;
        }
        let failed = cold.record.outcome != Outcome::Ok;
        let why = failed.then(|| format!("the cold run fails: {}", why_not(&cold.tried)));
        self.live_snapshot = cold.live;
        self.record(cold.record)?;
        Ok(why)
    }

    /// A cold run. With `live` its caches are copied while its daemons are alive.
    fn try_cold(&mut self, role: TrialRole, id: &str, live: bool) -> Result<ColdRun, TrialError> {
        self.progress.started(id);
        let spec = TrialSpec::plain(role, id);
        let none = BTreeMap::new();
        let remedy = self.remedy.as_ref().unwrap_or(&none);
        let changes = Changes { variation: &spec.changed, snapshot: None, remedy };
        let applied = apply(self.testbed, &self.facts, changes)?;
        let tweaks = applied.tweaks.clone();
        let attempt = Attempt { tweaks, ..Attempt::cold(id) };
        let (tried, live) = if live {
            let copy = self.testbed.try_and_copy_live(attempt)?;
            (copy.tried, Some(copy.snapshot?))
        } else {
            (self.testbed.try_on_first(&attempt)?, None)
        };
        applied.undo(self.testbed)?;
        let record = self.entry(&spec, id, Position { round: 0, repeat: 1 }, &tried);
        Ok(ColdRun { record, tried, live })
    }

    fn scan(
        &self,
        snapshot: &GoldenSnapshot,
        logs: &str,
    ) -> Vec<bench_reports::explain::NamedInCache> {
        let runner = self.testbed.first();
        let host = crate::system::host::name();
        let patterns = Patterns::new(
            &[
                ("workspace path", runner.workspace.as_path()),
                ("home path", runner.home.as_path()),
                ("cache path", runner.cache.as_path()),
                ("temp path", runner.temp.as_path()),
            ],
            host.as_deref(),
        );
        let caches = self.testbed.caches.iter();
        let trees: Vec<_> =
            caches.map(|cache| (cache.name.clone(), snapshot.tree(cache))).collect();
        scan::scan(&patterns, &trees, &self.testbed.session.logs.join(logs), &runner.workspace)
    }

    /// Names a trial; one with remedies gets another name.
    fn id(&self, name: &str) -> String {
        format!("{}{name}", if self.remedy.is_some() { "remedied-" } else { "" })
    }

    fn entry(&self, spec: &TrialSpec, id: &str, at: Position, tried: &Tried) -> ExplainTrial {
        let failed: BTreeSet<String> = tried
            .examples
            .iter()
            .filter(|example| example.outcome != Outcome::Ok)
            .map(|example| example.name.clone())
            .collect();
        ExplainTrial {
            id: id.to_owned(),
            role: spec.role,
            changed: spec.changed.clone(),
            round: at.round,
            repeat: at.repeat,
            remedied: self.remedy.is_some(),
            started: tried.started,
            outcome: tried.outcome,
            reason: tried.reason.clone(),
            wall_ns: tried.wall_ns,
            hits: tried.hits,
            misses: tried.misses,
            output_digest: tried.output_digest.clone(),
            failed_examples: failed,
        }
    }

    fn record(&mut self, trial: ExplainTrial) -> Result<(), TrialError> {
        self.journal.append(&[ExplainEntry::Trial(Box::new(trial.clone()))])?;
        let failed = trial.outcome != Outcome::Ok;
        self.progress.finished(TrialSummary {
            what: trial.id.clone(),
            wall_ns: Some(trial.wall_ns),
            hits: trial.hits,
            misses: trial.misses,
            result: failed.then(|| trial.outcome.to_string()),
        });
        self.experiment.trials.push(trial);
        Ok(())
    }
}
