//! The order of trials: controls, one property at a time, everything, everything but the causes, an edit.

mod scene;
mod seeds;
mod stages;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use bench_record::{
    Arm, ExplainEntry, ExplainOptions, ExplainTrial, JournalWriter, Outcome, Property, SampleId,
    TrialRole, Variation,
};
use bench_reports::explain::{DecidedBy, NamedInCache};

use super::ExplainError;
use super::judge::{Judge, REPEATS_SECONDS};
use super::machine::{GoldenCaches, Machine, Start};
use super::toolbox::Toolbox;
use crate::runner::{Runner, Site};
use crate::sample::{ArmSetup, Session, StepError, Trial, Tried, try_out};
use crate::scenario::EditSpec;
use crate::scenario::template::Template;

/// What is known of a runner before anything is tried on it.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// Properties that cannot be changed here, with the reason.
    pub not_tested: BTreeMap<Property, String>,
    /// What should be known about how a property was changed.
    pub notes: BTreeMap<Property, String>,
    /// What in the caches names this machine.
    pub found: Vec<NamedInCache>,
    /// Why no edit was tried.
    pub no_edit: Option<String>,
}

/// Everything that was tried.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// Every trial, those of earlier processes too.
    pub trials: Vec<ExplainTrial>,
    /// What was there.
    pub scene: Scene,
    /// What decides.
    pub evidence: DecidedBy,
    /// The signal that ended it early.
    pub interrupted: Option<i32>,
}

/// What happens, for a person who waits.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// So many trials are known to come.
    Planned(usize),
    /// A trial starts.
    Before(&'a str),
    /// A trial is recorded.
    After(&'a ExplainTrial),
}

/// What is to be tried.
#[derive(Debug)]
pub struct Wish<'a> {
    /// What was asked for.
    pub asked: &'a ExplainOptions,
    /// The executables of the scenario's tools, by tool.
    pub tools: &'a BTreeMap<String, PathBuf>,
    /// Seed of the order of trials, where seconds decide.
    pub seed: u64,
    /// Trials that earlier processes made.
    pub earlier: Vec<ExplainTrial>,
}

/// A trial that is to be made.
#[derive(Clone, Debug)]
struct Spec {
    role: TrialRole,
    label: String,
    changed: Variation,
}

impl Spec {
    fn new(role: TrialRole, label: &str, changed: Variation) -> Self {
        Self { role, label: label.to_owned(), changed }
    }

    fn plain(role: TrialRole, label: &str) -> Self {
        Self::new(role, label, Variation::default())
    }
}

/// Tries everything that was asked for and not tried before. A seed and an opening control are made in every
/// process: a runner does not survive the one that made it.
///
/// # Errors
/// See [`ExplainError`]; every finished trial is on disk then. An interruption is no error.
pub fn explain(
    session: &mut Session<'_>,
    setup: &ArmSetup,
    wish: Wish<'_>,
    writer: &mut JournalWriter<ExplainEntry>,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Experiment, ExplainError> {
    refuse_without_cache(session, setup)?;
    let Wish { asked, tools, seed, earlier } = wish;
    let process =
        earlier.iter().filter(|t| t.role == TrialRole::Snapshot && !t.remedied).count() + 1;
    let machine = set_up(session, setup, tools)?;
    let mut engine = Engine {
        session,
        setup: setup.clone(),
        machine,
        seed: GoldenCaches::default(),
        live: None,
        remedy: BTreeMap::new(),
        remedied: false,
        evidence: DecidedBy::Hits,
        repeats: 1,
        trials: earlier,
        scene: Scene::default(),
        order: seed,
        process,
        writer,
        tell,
    };
    let interrupted = match engine.run(asked) {
        Ok(()) => None,
        Err(ExplainError::Step(StepError::Interrupted(signal))) => Some(signal),
        Err(error) => return Err(error),
    };
    let Engine { trials, scene, evidence, .. } = engine;
    Ok(Experiment { trials, scene, evidence, interrupted })
}

fn refuse_without_cache(session: &Session<'_>, setup: &ArmSetup) -> Result<(), ExplainError> {
    if !session.caches(setup).is_empty() {
        return Ok(());
    }
    let caches = &session.scenario.caches;
    let hint = caches
        .iter()
        .flat_map(|cache| &cache.when.0)
        .find_map(|(param, values)| Some(format!(" (hint: --set {param}={})", values.first()?)));
    Err(ExplainError::NoCache {
        scenario: session.scenario.name.clone(),
        hint: hint.unwrap_or_default(),
    })
}

fn set_up(
    session: &mut Session<'_>,
    setup: &ArmSetup,
    tools: &BTreeMap<String, PathBuf>,
) -> Result<Machine, ExplainError> {
    let place = (1, Arm::Candidate);
    let runner =
        Runner::lay_out(session.state, &session.run_rel, Site::Home, place, &setup.golden)?;
    let toolbox = Toolbox::fill(
        session.executor,
        session.state,
        &runner.rel().join("tools"),
        session.scenario,
        &setup.params,
        tools,
    )?;
    Machine::new(session, setup, runner, toolbox)
}

struct Engine<'e, 's> {
    session: &'e mut Session<'s>,
    setup: ArmSetup,
    machine: Machine,
    seed: GoldenCaches,
    live: Option<GoldenCaches>,
    /// Variables of the remedies that are in place.
    remedy: BTreeMap<String, Template>,
    remedied: bool,
    evidence: DecidedBy,
    repeats: u32,
    trials: Vec<ExplainTrial>,
    scene: Scene,
    order: u64,
    process: usize,
    writer: &'e mut JournalWriter<ExplainEntry>,
    tell: &'e mut dyn FnMut(Event<'_>),
}

impl Engine<'_, '_> {
    fn run(&mut self, asked: &ExplainOptions) -> Result<(), ExplainError> {
        self.make_seed()?;
        self.evidence = if asked.by_seconds || self.judge().own_hits().is_none() {
            DecidedBy::Seconds
        } else {
            DecidedBy::Hits
        };
        self.repeats = asked.repeats.unwrap_or(match self.evidence {
            DecidedBy::Hits => 1,
            DecidedBy::Seconds => REPEATS_SECONDS,
        });
        let wanted: Vec<Property> = Property::ALL
            .into_iter()
            .filter(|p| asked.properties.is_empty() || asked.properties.contains(p))
            .collect();
        let testable = self.testable(&wanted)?;
        let ones: Vec<Spec> = testable.iter().flat_map(|property| ones(*property)).collect();
        (self.tell)(Event::Planned((ones.len() + 8) * self.repeats as usize));
        if !self.first_round(&ones)? {
            return Ok(());
        }
        self.together(&testable)?;
        self.edited()?;
        self.round(4, &[Spec::plain(TrialRole::NothingAgain, "nothing-again")])?;
        if asked.try_remedy {
            self.try_remedies(&testable)?;
        }
        Ok(())
    }

    fn judge(&self) -> Judge<'_> {
        Judge { trials: &self.trials, remedied: self.remedied, evidence: self.evidence }
    }

    /// A round that is compared with "nothing changed": by hits there is one of that already.
    fn compared(&mut self, number: u32, specs: &[Spec]) -> Result<(), ExplainError> {
        match self.evidence {
            DecidedBy::Hits => self.round(number, specs),
            DecidedBy::Seconds => {
                let all: Vec<Spec> = controls().chain(specs.iter().cloned()).collect();
                self.shuffled(number, &all)
            }
        }
    }

    /// Every spec as often as asked, in order.
    fn round(&mut self, number: u32, specs: &[Spec]) -> Result<(), ExplainError> {
        for spec in specs {
            for repeat in 1..=self.repeats {
                self.one(spec, number, repeat)?;
            }
        }
        Ok(())
    }

    /// Every spec once a repetition, each repetition in another order.
    fn shuffled(&mut self, number: u32, specs: &[Spec]) -> Result<(), ExplainError> {
        for repeat in 1..=self.repeats {
            let mut order: Vec<&Spec> = specs.iter().collect();
            let own = u64::from(number) << 32 | u64::from(repeat);
            fastrand::Rng::with_seed(self.order ^ own).shuffle(&mut order);
            for spec in order {
                self.one(spec, number, repeat)?;
            }
        }
        Ok(())
    }

    /// One trial, unless an earlier process made it.
    fn one(&mut self, spec: &Spec, round: u32, repeat: u32) -> Result<(), ExplainError> {
        let prefix = if self.remedied { "remedied-" } else { "" };
        let id = format!("{prefix}{round}-{}-{repeat}", spec.label);
        if self.trials.iter().any(|trial| trial.id == id) {
            return Ok(());
        }
        (self.tell)(Event::Before(&id));
        let live = spec.changed.has(Property::Daemon);
        let golden = self.live.as_ref().filter(|_| live).unwrap_or(&self.seed);
        let empty = matches!(spec.role, TrialRole::Empty | TrialRole::EditedCold);
        let start = if empty { Start::Empty } else { Start::From(golden) };
        let varied =
            self.machine.enter(self.session, &self.setup, &spec.changed, start, &self.remedy)?;
        if let (
            TrialRole::EditedCold
            | TrialRole::EditedKept
            | TrialRole::EditedFresh
            | TrialRole::EditedMoved,
            Some(edit),
        ) = (spec.role, &self.session.scenario.edit)
        {
            apply(edit, &self.machine.runner, spec.role == TrialRole::EditedKept)?;
        }
        let none = BTreeMap::new();
        let trial = Trial {
            id: SampleId(id.clone()),
            tweaks: &varied.tweaks,
            counters: if empty { &none } else { &golden.counters },
            leave_daemons: false,
        };
        let tried = try_out(self.session, &varied.setup, &self.machine.runner, &trial, false)?;
        self.machine.undo(self.session.state, varied)?;
        let record = record(spec, id, (round, repeat), self.remedied, &tried);
        self.record(record)?;
        // Deleting disturbs what runs next, which counts only where seconds decide.
        if self.evidence == DecidedBy::Hits {
            self.session.state.empty_trash()?;
        }
        Ok(())
    }

    fn record(&mut self, trial: ExplainTrial) -> Result<(), ExplainError> {
        self.writer.append(&[ExplainEntry::Trial(Box::new(trial.clone()))])?;
        (self.tell)(Event::After(&trial));
        self.trials.push(trial);
        Ok(())
    }
}

/// What every repetition is compared with where seconds decide.
fn controls() -> impl Iterator<Item = Spec> {
    [Spec::plain(TrialRole::Nothing, "nothing"), Spec::plain(TrialRole::Empty, "empty-caches")]
        .into_iter()
}

/// The trials of a property alone.
fn ones(property: Property) -> Vec<Spec> {
    let several = property.variants().len() > 1;
    property
        .variants()
        .iter()
        .map(|variant| {
            let label =
                if several { format!("{property}-{variant}") } else { property.to_string() };
            Spec::new(TrialRole::One, &label, Variation::one(property, variant))
        })
        .collect()
}

/// Replaces the text in the source; `keep` gives the file the time that it had.
fn apply(edit: &EditSpec, runner: &Runner, keep: bool) -> Result<(), ExplainError> {
    let path = runner.workspace.join(&edit.file);
    let change = || -> std::io::Result<()> {
        let before = std::fs::metadata(&path)?;
        let text = std::fs::read_to_string(&path)?;
        std::fs::write(&path, text.replacen(&edit.find, &edit.replace, 1))?;
        if keep {
            let time = filetime::FileTime::from_last_modification_time(&before);
            filetime::set_file_mtime(&path, time)?;
        }
        Ok(())
    };
    change().map_err(|source| ExplainError::Touch { path: path.clone(), source })
}

fn record(
    spec: &Spec,
    id: String,
    (round, repeat): (u32, u32),
    remedied: bool,
    tried: &Tried,
) -> ExplainTrial {
    let failed: BTreeSet<String> = tried
        .examples
        .iter()
        .filter(|example| example.outcome != Outcome::Ok)
        .map(|example| example.name.clone())
        .collect();
    ExplainTrial {
        id,
        role: spec.role,
        changed: spec.changed.clone(),
        round,
        repeat,
        remedied,
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
