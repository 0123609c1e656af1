//! The order of trials: controls, one property at a time, everything, everything but the causes, an edit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use bench_record::{Arm, Outcome, ProbeReading, SampleId};

use super::ExplainError;
use super::isolate::{other_host, other_user};
use super::judge::{Evidence, Judge, REPEATS_SECONDS, Verdict};
use super::machine::{GoldenCaches, Machine, Start, other_jobs};
use super::property::{Property, Variation};
use super::remedies::{self, Names};
use super::scan::{self, Found, Wanted};
use super::toolbox::Toolbox;
use super::trials::{Asked, Role, TrialRecord, TrialWriter};
use crate::regime::{ArmSetup, Session, StepError, Trial, Tried, try_out};
use crate::runner::{Runner, Site};
use crate::scenario::model::{EditSpec, Root};
use crate::scenario::template::Template;

/// What is known of a runner before anything is tried on it.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// Properties that cannot be changed here, with the reason.
    pub not_tested: BTreeMap<Property, String>,
    /// What should be known about how a property was changed.
    pub notes: BTreeMap<Property, String>,
    /// What in the caches names this machine.
    pub found: Vec<Found>,
    /// Why no edit was tried.
    pub no_edit: Option<String>,
}

/// Everything that was tried.
#[derive(Clone, Debug)]
pub struct Explained {
    /// Every trial, those of earlier processes too.
    pub trials: Vec<TrialRecord>,
    /// What was there.
    pub scene: Scene,
    /// What decides.
    pub evidence: Evidence,
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
    After(&'a TrialRecord),
}

/// What is to be tried.
#[derive(Debug)]
pub struct Wish<'a> {
    /// What was asked for.
    pub asked: &'a Asked,
    /// The executables of the scenario's tools, by tool.
    pub tools: &'a BTreeMap<String, PathBuf>,
    /// Seed of the order of trials, where seconds decide.
    pub seed: u64,
    /// Trials that earlier processes made.
    pub earlier: Vec<TrialRecord>,
}

/// A trial that is to be made.
#[derive(Clone, Debug)]
struct Spec {
    role: Role,
    label: String,
    changed: Variation,
}

impl Spec {
    fn new(role: Role, label: &str, changed: Variation) -> Self {
        Self { role, label: label.to_owned(), changed }
    }

    fn plain(role: Role, label: &str) -> Self {
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
    writer: &mut TrialWriter,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Explained, ExplainError> {
    refuse_without_cache(session, setup)?;
    let Wish { asked, tools, seed, earlier } = wish;
    let process = earlier.iter().filter(|t| t.role == Role::Seed && !t.remedied).count() + 1;
    let machine = set_up(session, setup, tools)?;
    let mut engine = Engine {
        session,
        setup: setup.clone(),
        machine,
        seed: GoldenCaches::default(),
        live: None,
        remedy: BTreeMap::new(),
        remedied: false,
        evidence: Evidence::Hits,
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
    Ok(Explained { trials, scene, evidence, interrupted })
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
    evidence: Evidence,
    repeats: u32,
    trials: Vec<TrialRecord>,
    scene: Scene,
    order: u64,
    process: usize,
    writer: &'e mut TrialWriter,
    tell: &'e mut dyn FnMut(Event<'_>),
}

impl Engine<'_, '_> {
    fn run(&mut self, asked: &Asked) -> Result<(), ExplainError> {
        self.make_seed()?;
        self.evidence =
            if self.judge().own_hits().is_some() { Evidence::Hits } else { Evidence::Seconds };
        self.repeats = asked.repeats.unwrap_or(match self.evidence {
            Evidence::Hits => 1,
            Evidence::Seconds => REPEATS_SECONDS,
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
        self.round(4, &[Spec::plain(Role::NothingAgain, "nothing-again")])?;
        if asked.try_remedy {
            self.try_remedies(&testable)?;
        }
        Ok(())
    }

    fn judge(&self) -> Judge<'_> {
        Judge { trials: &self.trials, remedied: self.remedied, evidence: self.evidence }
    }

    /// The cold run whose caches every trial starts with. Copied tools that do not work are done without.
    fn make_seed(&mut self) -> Result<(), ExplainError> {
        let label = format!("seed-{}", self.process);
        let mut trial = self.seed_trial(&label)?;
        if trial.0.outcome != Outcome::Ok && !self.machine.toolbox.is_empty() && !self.remedied {
            let reason = trial.0.reason.unwrap_or_default();
            let why = format!("a copy of it does not work here: {reason}");
            self.machine.toolbox =
                Toolbox::without(self.session.scenario, &self.setup.params, &why);
            trial = self.seed_trial(&label)?;
        }
        let (record, probes) = trial;
        if record.outcome != Outcome::Ok {
            let logs = self.session.logs.join(&record.id);
            return Err(ExplainError::Base { reason: record.reason.unwrap_or_default(), logs });
        }
        let first = !self.remedied;
        let id = record.id.clone();
        self.seed = self.machine.keep(self.session.state, &id, probes)?;
        self.record(record)?;
        if first {
            self.scene.found = self.scan(&id);
        }
        Ok(())
    }

    fn seed_trial(
        &mut self,
        label: &str,
    ) -> Result<(TrialRecord, BTreeMap<String, ProbeReading>), ExplainError> {
        let spec = Spec::plain(Role::Seed, label);
        let id = if self.remedied { format!("remedied-{label}") } else { label.to_owned() };
        (self.tell)(Event::Before(&id));
        // The caches stay where they are until they are copied.
        let varied = self.machine.enter(
            self.session,
            &self.setup,
            &spec.changed,
            Start::Empty,
            &self.remedy,
        )?;
        let none = BTreeMap::new();
        let trial = Trial {
            id: SampleId(id.clone()),
            tweaks: &varied.tweaks,
            counters: &none,
            leave_daemons: false,
        };
        let tried = try_out(self.session, &varied.setup, &self.machine.runner, &trial, false)?;
        self.machine.undo(self.session.state, varied)?;
        let record = record(&spec, id, (0, 1), self.remedied, &tried);
        Ok((record, tried.probes))
    }

    /// A cold run whose caches are copied while its daemons live.
    fn make_live_seed(&mut self) -> Result<(), ExplainError> {
        let id = format!("live-seed-{}", self.process);
        (self.tell)(Event::Before(&id));
        let spec = Spec::plain(Role::LiveSeed, &id);
        let varied = self.machine.enter(
            self.session,
            &self.setup,
            &spec.changed,
            Start::Empty,
            &self.remedy,
        )?;
        let none = BTreeMap::new();
        let trial = Trial {
            id: SampleId(id.clone()),
            tweaks: &varied.tweaks,
            counters: &none,
            leave_daemons: true,
        };
        let tried = try_out(self.session, &varied.setup, &self.machine.runner, &trial, false)?;
        let live = self.machine.keep(self.session.state, &id, tried.probes.clone());
        self.session.executor.sweep()?;
        self.machine.undo(self.session.state, varied)?;
        self.live = Some(live?);
        self.record(record(&spec, id, (0, 1), false, &tried))
    }

    /// The properties that can be changed here; why the others cannot goes into the scene.
    fn testable(&mut self, wanted: &[Property]) -> Result<Vec<Property>, ExplainError> {
        let scratch = self.session.state.dir(&self.machine.runner.rel().join("isolate"))?;
        let mut testable = Vec::new();
        for property in wanted {
            if *property == Property::Hostname {
                self.machine.other_host = other_host(self.session.executor, &scratch)?;
            }
            if *property == Property::User {
                self.machine.other_user = other_user(self.session.executor, &scratch)?;
            }
            match self.obstacle(*property) {
                Some(reason) => {
                    self.scene.not_tested.insert(*property, reason);
                }
                None => testable.push(*property),
            }
        }
        for property in [Property::ToolMtime, Property::ToolPath] {
            if testable.contains(&property)
                && let Some(note) = self.machine.toolbox.note()
            {
                self.scene.notes.insert(property, note);
            }
        }
        if testable.contains(&Property::Daemon) {
            self.make_live_seed()?;
        }
        Ok(testable)
    }

    fn obstacle(&self, property: Property) -> Option<String> {
        let scenario = self.session.scenario;
        let caches = self.session.caches(&self.setup);
        let params = &self.setup.params;
        let measured = || scenario.phases.iter().filter(|p| p.measured && p.when.holds(params));
        match property {
            Property::ToolHome if self.machine.tool_homes.is_empty() => {
                Some("no variable of the scenario has a value beneath {home}".to_owned())
            }
            Property::CachePath if caches.iter().all(|cache| cache.root != Root::Cache) => {
                Some("every cache has a fixed place in the workspace or the home".to_owned())
            }
            Property::ToolMtime | Property::ToolPath if self.machine.toolbox.is_empty() => {
                Some(self.machine.toolbox.note().unwrap_or_else(|| {
                    "the scenario names no tool with a version command".to_owned()
                }))
            }
            Property::WorkingDirectory if measured().all(|phase| phase.cwd.is_some()) => {
                Some("every measured phase names its own directory (`cwd`)".to_owned())
            }
            Property::User => self.machine.other_user.as_ref().err().cloned(),
            Property::Hostname => self.machine.other_host.as_ref().err().cloned(),
            Property::Daemon if !scenario.daemons.iter().any(|d| d.when.holds(params)) => {
                Some("the scenario declares no daemon".to_owned())
            }
            Property::Jobs if other_jobs(self.session, &self.setup).is_none() => {
                Some("the scenario has no param `jobs` with another value".to_owned())
            }
            _ => None,
        }
    }

    /// Controls and one property at a time; whether there is a saving that anything can break.
    fn first_round(&mut self, ones: &[Spec]) -> Result<bool, ExplainError> {
        match self.evidence {
            Evidence::Hits => {
                // An earlier process' runner is gone: this one has to show that it reuses, too.
                let label = if self.process == 1 {
                    "nothing".to_owned()
                } else {
                    format!("nothing-{}", self.process)
                };
                self.round(1, &[Spec::plain(Role::Nothing, &label)])?;
                self.round(1, &[Spec::plain(Role::Empty, "empty-caches")])?;
                let judge = self.judge();
                let kept = judge.of_role(Role::Nothing).map(|judged| judged.verdict);
                if kept != Some(Verdict::Keeps) {
                    return Ok(false);
                }
                self.round(1, ones)?;
            }
            Evidence::Seconds => {
                let all: Vec<Spec> = controls().chain(ones.iter().cloned()).collect();
                self.shuffled(1, &all)?;
            }
        }
        Ok(true)
    }

    /// Everything at once; then everything but the causes; then, while that still breaks reuse, what of the
    /// rest must stay as it was.
    fn together(&mut self, testable: &[Property]) -> Result<(), ExplainError> {
        if testable.len() < 2 {
            return Ok(());
        }
        let everything = Variation::all(testable.iter().copied());
        self.compared(2, &[Spec::new(Role::Everything, "everything", everything)])?;
        let rest: Vec<Property> = testable
            .iter()
            .copied()
            .filter(|p| !super::report::property_verdict(self.judge(), *p).is_cause())
            .collect();
        let role = if rest.len() == testable.len() {
            Role::Everything
        } else if rest.is_empty() {
            return Ok(());
        } else {
            let others = Variation::all(rest.iter().copied());
            self.compared(3, &[Spec::new(Role::Others, "everything-but-the-causes", others)])?;
            Role::Others
        };
        let broken = self.judge().of_role(role).is_some_and(|judged| judged.verdict.is_cause());
        if !broken {
            return Ok(());
        }
        let specs: Vec<Spec> = rest
            .iter()
            .map(|kept| {
                let changed = Variation::all(rest.iter().copied().filter(|p| p != kept));
                Spec::new(Role::OthersBut, &format!("but-{kept}"), changed)
            })
            .collect();
        self.compared(5, &specs)
    }

    /// A source is edited: the old result must not be reused.
    fn edited(&mut self) -> Result<(), ExplainError> {
        if let Some(reason) = self.no_edit() {
            self.scene.no_edit = Some(reason);
            return Ok(());
        }
        for (role, label) in [
            (Role::EditedCold, "edited-cold"),
            (Role::EditedKept, "edited-mtime-kept"),
            (Role::EditedFresh, "edited-mtime-fresh"),
        ] {
            self.one(&Spec::plain(role, label), 6, 1)?;
        }
        Ok(())
    }

    fn no_edit(&self) -> Option<String> {
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

    /// The causes once more with those remedies in place that are variables.
    fn try_remedies(&mut self, testable: &[Property]) -> Result<(), ExplainError> {
        let names = Names::of(self.session.scenario, &self.setup.params);
        let causes: Vec<Property> = testable
            .iter()
            .copied()
            .filter(|p| super::report::property_verdict(self.judge(), *p).is_cause())
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
                Evidence::Hits => {
                    let label = format!("nothing-{}", self.process);
                    self.round(1, &[Spec::plain(Role::Nothing, &label)])?;
                    self.round(1, &ones)
                }
                Evidence::Seconds => {
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

    /// A round that is compared with "nothing changed": by hits there is one of that already.
    fn compared(&mut self, number: u32, specs: &[Spec]) -> Result<(), ExplainError> {
        match self.evidence {
            Evidence::Hits => self.round(number, specs),
            Evidence::Seconds => {
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
        let empty = matches!(spec.role, Role::Empty | Role::EditedCold);
        let start = if empty { Start::Empty } else { Start::From(golden) };
        let varied =
            self.machine.enter(self.session, &self.setup, &spec.changed, start, &self.remedy)?;
        if let (Role::EditedCold | Role::EditedKept | Role::EditedFresh, Some(edit)) =
            (spec.role, &self.session.scenario.edit)
        {
            apply(edit, &self.machine.runner, spec.role == Role::EditedKept)?;
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
        if self.evidence == Evidence::Hits {
            self.session.state.empty_trash()?;
        }
        Ok(())
    }

    fn record(&mut self, trial: TrialRecord) -> Result<(), ExplainError> {
        self.writer.trial(&trial)?;
        (self.tell)(Event::After(&trial));
        self.trials.push(trial);
        Ok(())
    }

    fn scan(&self, seed: &str) -> Vec<Found> {
        let runner = &self.machine.runner;
        let host = crate::host::name();
        let wanted = Wanted::new(
            &[
                ("workspace path", runner.workspace.as_path()),
                ("home path", runner.home.as_path()),
                ("cache path", runner.cache.as_path()),
                ("temp path", runner.temp.as_path()),
            ],
            host.as_deref(),
        );
        let caches: Vec<(String, PathBuf)> =
            self.seed.trees.iter().map(|(name, path)| (name.clone(), path.clone())).collect();
        scan::scan(&wanted, &caches, &self.session.logs.join(seed), &runner.workspace)
    }
}

/// What every repetition is compared with where seconds decide.
fn controls() -> impl Iterator<Item = Spec> {
    [Spec::plain(Role::Nothing, "nothing"), Spec::plain(Role::Empty, "empty-caches")].into_iter()
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
            Spec::new(Role::One, &label, Variation::one(property, variant))
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
) -> TrialRecord {
    let failed: BTreeSet<String> = tried
        .examples
        .iter()
        .filter(|example| example.outcome != Outcome::Ok)
        .map(|example| example.name.clone())
        .collect();
    TrialRecord {
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
