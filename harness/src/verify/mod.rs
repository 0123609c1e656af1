//! Whether a warm build tells the truth: its outputs and outcomes against those of a cold build on the same
//! runner, with caches as they were saved and with damaged ones.
//!
//! ```text
//! cold a, cold b (, cold a again) -> references, what is not reproducible by itself
//! seed -> same-runner, cross-runner -> right or wrong
//! seed copy + one fault -> run, next run -> heals, fails loudly, wrong output, slower for ever, not exercised
//! ```

mod damage;
mod fault;
mod full_disk;
mod inject;
mod kinds;
mod normalise;
mod outputs;
mod stores;
mod touched;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use bench_record::{ProbeReading, Regime};
use bench_reports::verify::{
    Compared, FaultSeen, Outcomes, RunSeen, RunVerdict, Verification, compare_examples, outcomes,
};

pub use fault::Fault;

use self::normalise::Places;
use self::outputs::{Outputs, Rules};
use crate::runner::{Runner, Tweaks};
use crate::sample::{Session, StepError, Tried};
use crate::system::exec::OwnMounts;
use crate::trial::{Attempt, GoldenSeed, Lab, succeeded};

/// What is tried.
#[derive(Clone, Debug)]
pub struct Options {
    /// Faults to inject.
    pub faults: Vec<Fault>,
    /// Seed of the choice of files.
    pub seed: u64,
    /// Most kinds of files that are damaged in a cache.
    pub kinds: usize,
    /// For small file systems, or why there are none.
    pub mounts: Result<OwnMounts, String>,
}

/// Told as it happens.
#[derive(Debug)]
pub enum Told<'a> {
    /// A trial begins; how many steps are done and how many there are, as far as is known.
    Begins(&'a str, usize, usize),
    /// An undamaged run ended.
    Run(&'a RunSeen),
    /// A fault was judged.
    Fault(&'a FaultSeen),
}

/// Steps before the faults: two cold runs and two warm ones.
const RUNS: usize = 4;

/// Tries everything, writing down in `found` as it goes: after an error, what was found until then is there.
///
/// # Errors
/// [`StepError::Interrupted`], or what kept a trial from being made.
pub fn verify(
    session: &mut Session<'_>,
    options: &Options,
    found: &mut Verification,
    told: &mut dyn FnMut(Told<'_>),
) -> Result<(), StepError> {
    let Some(lab) = Lab::new(session)? else { return Ok(()) };
    let scenario = lab.session.scenario;
    let rules = Rules {
        globs: scenario.outputs.clone(),
        normalise: scenario.normalise.clone(),
        places: Places::of(&[lab.home()]),
        left_out: BTreeSet::new(),
    };
    let mut verifier = Verifier { lab, options, rules, found, told, done: 0, total: RUNS };
    let Some((seed, reference)) = verifier.references()? else { return Ok(()) };
    if seed.bytes() == 0 {
        verifier.found.reason = Some("the cold run left nothing in the caches".to_owned());
    } else {
        verifier.cross(&seed, &reference)?;
        let warm = verifier.warm(&seed, &reference)?;
        verifier.inject_all(&seed, &reference, &warm)?;
    }
    verifier.found.complete = true;
    Ok(())
}

struct Verifier<'v, 'l, 's> {
    lab: Lab<'l, 's>,
    options: &'v Options,
    rules: Rules,
    found: &'v mut Verification,
    told: &'v mut dyn FnMut(Told<'_>),
    done: usize,
    total: usize,
}

/// A run without caches, to be compared with.
#[derive(Clone, Debug)]
struct Reference {
    outputs: Outputs,
    examples: Outcomes,
    elsewhere: Option<(Outputs, Outcomes)>,
}

/// What an undamaged warm run on the first runner did.
#[derive(Clone, Debug)]
struct Warm {
    hits: Option<u64>,
    /// Files of each cache that it read; `None` where the mount does not tell.
    read: Option<BTreeMap<String, BTreeSet<PathBuf>>>,
}

impl Verifier<'_, '_, '_> {
    fn begins(&mut self, what: &str) {
        (self.told)(Told::Begins(what, self.done, self.total));
        self.done += 1;
    }

    fn home(
        &mut self,
        name: &str,
        tweaks: &Tweaks,
        counters: &BTreeMap<String, ProbeReading>,
    ) -> Result<Tried, StepError> {
        self.lab.try_home(Attempt { name, tweaks, counters, leave_daemons: false })
    }

    /// Cold runs on both runners; `None` when the first one fails, which is in the report then.
    fn references(&mut self) -> Result<Option<(GoldenSeed, Reference)>, StepError> {
        let (plain, none) = (Tweaks::default(), BTreeMap::new());
        self.begins("cold");
        let cold = self.home("cold-a", &plain, &none)?;
        self.note(Regime::Cold, "a", &cold, RunVerdict::Reference, Compared::default());
        if !succeeded(&cold) {
            self.found.reason = cold.reason.map(|why| format!("cold fails: {why}"));
            return Ok(None);
        }
        let seed = self.lab.take_seed("golden", &cold)?;
        let outputs = self.take_outputs("cold-a")?;
        self.found.outputs = outputs.count() as u64;
        let mut reference =
            Reference { outputs, examples: outcomes(&cold.examples), elsewhere: None };
        self.begins("cold on another runner");
        let attempt =
            Attempt { name: "cold-b", tweaks: &plain, counters: &none, leave_daemons: false };
        let other = self.lab.try_elsewhere(None, &[], attempt)?;
        self.rules.places = Places::of(&[self.lab.home(), &other.runner]);
        let dir = self.lab.dir("outputs/cold-b")?;
        let outputs = Outputs::take(&other.runner, &self.rules.globs, &dir)?;
        let verdict =
            if succeeded(&other.tried) { RunVerdict::Reference } else { RunVerdict::Failed };
        let failed = Compared { failed: other.tried.reason.clone(), ..Compared::default() };
        self.note(Regime::Cold, "b", &other.tried, verdict, failed);
        if !succeeded(&other.tried) {
            return Ok(None);
        }
        self.blame_the_build(&reference, &other.runner)?;
        reference.elsewhere = Some((outputs, outcomes(&other.tried.examples)));
        Ok(Some((seed, reference)))
    }

    /// What differs without any cache: at another place, or from run to run.
    fn blame_the_build(&mut self, reference: &Reference, other: &Runner) -> Result<(), StepError> {
        if self.found.outputs == 0 {
            return Ok(());
        }
        let mut placed = reference.outputs.differ(other, &self.rules)?;
        self.found.reproducible.other_runner = Some(placed.is_empty());
        if placed.is_empty() {
            return Ok(());
        }
        self.total += 1;
        self.begins("cold again, because two runners disagree");
        self.lab.clean(&[])?;
        let again = self.home("cold-a-again", &Tweaks::default(), &BTreeMap::new())?;
        self.note(Regime::Cold, "a", &again, RunVerdict::Reference, Compared::default());
        let unstable = reference.outputs.differ(self.lab.home(), &self.rules)?;
        placed.retain(|difference| !unstable.iter().any(|other| other.file == difference.file));
        self.rules.left_out =
            unstable.iter().map(|unstable| PathBuf::from(&unstable.file)).collect();
        self.found.reproducible.same_runner = Some(unstable.is_empty());
        self.found.reproducible.unstable = unstable;
        self.found.reproducible.placed = placed;
        Ok(())
    }

    /// The warm run on the other runner.
    fn cross(&mut self, seed: &GoldenSeed, reference: &Reference) -> Result<(), StepError> {
        let plain = Tweaks::default();
        self.begins("cross-runner");
        let caches = self.lab.caches.clone();
        let attempt = Attempt {
            name: "cross-runner",
            tweaks: &plain,
            counters: seed.counters(),
            leave_daemons: false,
        };
        let other = self.lab.try_elsewhere(Some(seed), &caches, attempt)?;
        if let Some((outputs, examples)) = &reference.elsewhere {
            let compared = self.compare(&other.tried, &other.runner, outputs, examples)?;
            let verdict = compared.verdict();
            let foreign = Outputs::naming(&other.runner, &self.rules.globs, self.lab.home())?;
            self.note(Regime::CrossRunner, "b", &other.tried, verdict, compared);
            if let Some(run) = self.found.runs.last_mut() {
                let shown = foreign.into_iter().map(|path| path.to_string_lossy().into_owned());
                run.foreign_paths = shown.collect();
            }
        }
        Ok(())
    }

    /// The warm run on the first runner, and what it read; faults are compared with it.
    fn warm(&mut self, seed: &GoldenSeed, reference: &Reference) -> Result<Warm, StepError> {
        self.begins("same-runner");
        let caches = self.lab.caches.clone();
        self.lab.put_back(seed, &caches)?;
        let shows = touched::reads_show(&self.lab.dir("probe")?)
            .map_err(|source| StepError::Io { what: "an access time".to_owned(), source })?;
        for cache in caches.iter().filter(|_| shows) {
            touched::forget_all(&self.lab.home().cache_path(cache))?;
        }
        let tried = self.home("same-runner", &Tweaks::default(), seed.counters())?;
        let mut read = BTreeMap::new();
        for cache in &caches {
            let files = touched::read_since(&self.lab.home().cache_path(cache))?;
            read.insert(cache.name.clone(), files);
        }
        let compared =
            self.compare(&tried, self.lab.home(), &reference.outputs, &reference.examples)?;
        let verdict = compared.verdict();
        let hits = compared.hits;
        self.note(Regime::SameRunner, "a", &tried, verdict, compared);
        Ok(Warm { hits, read: shows.then_some(read) })
    }

    fn compare(
        &self,
        tried: &Tried,
        runner: &Runner,
        outputs: &Outputs,
        examples: &Outcomes,
    ) -> Result<Compared, StepError> {
        let hits = tried.hits;
        if !succeeded(tried) {
            let failed = Some(tried.reason.clone().unwrap_or_else(|| tried.outcome.to_string()));
            return Ok(Compared { failed, hits, ..Compared::default() });
        }
        let (failed, lies) = compare_examples(examples, &outcomes(&tried.examples));
        let differences = outputs.differ(runner, &self.rules)?;
        Ok(Compared { failed, lies, differences, hits })
    }

    fn take_outputs(&self, name: &str) -> Result<Outputs, StepError> {
        let dir = self.lab.dir(&format!("outputs/{name}"))?;
        Ok(Outputs::take(self.lab.home(), &self.rules.globs, &dir)?)
    }

    fn note(
        &mut self,
        regime: Regime,
        runner: &str,
        tried: &Tried,
        verdict: RunVerdict,
        compared: Compared,
    ) {
        let run = RunSeen {
            regime,
            runner: runner.to_owned(),
            wall_s: tried.wall_ns as f64 / 1e9,
            hits: tried.hits,
            misses: tried.misses,
            verdict,
            reason: compared.failed.or(compared.lies).or_else(|| tried.reason.clone()),
            differences: compared.differences,
            foreign_paths: Vec::new(),
        };
        (self.told)(Told::Run(&run));
        self.found.runs.push(run);
    }
}
