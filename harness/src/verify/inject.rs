//! Faults, one at a time, each on fresh copies of the seed: a run with it, and the next one or two.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bench_record::ProbeReading;
use bench_reports::verify::{
    Compared, FaultEvidence, FaultOutcome, FaultSeen, FileFate, Outcomes, RunVerdict, judge_fault,
};

use super::kinds::{FileKind, kinds};
use super::outputs::Outputs;
use super::touched::Mark;
use super::{Fault, Reference, Verifier, Warm};
use crate::runner::Tweaks;
use crate::sample::{StepError, Tried};
use crate::scenario::CacheSpec;
use crate::trial::GoldenSeed;

/// One file that is to be damaged.
struct Target {
    fault: Fault,
    cache: CacheSpec,
    kind: String,
    file: PathBuf,
    /// Whether an undamaged warm run read a file of this kind; `None` where the mount does not tell.
    read: Option<bool>,
}

/// What outputs and outcomes of a fault's runs are compared with.
pub(super) struct Expected<'a> {
    pub(super) outputs: &'a Outputs,
    pub(super) examples: &'a Outcomes,
    pub(super) hits: Option<u64>,
}

/// A fault in place, before its runs.
pub(super) struct Placed<'a> {
    /// Names the logs.
    pub(super) name: String,
    pub(super) tweaks: Tweaks,
    pub(super) counters: &'a BTreeMap<String, ProbeReading>,
    pub(super) mark: Option<Mark>,
    /// What a build that goes on rightly has done, where the fault is certain to be met.
    pub(super) met: Option<&'static str>,
}

/// The run with a fault, before anything is cleaned.
pub(super) struct FirstRun {
    tried: Tried,
    touched: Option<FileFate>,
    compared: Compared,
}

impl Verifier<'_, '_, '_> {
    /// Injects every fault that was asked for.
    pub(super) fn inject_all(
        &mut self,
        seed: &GoldenSeed,
        reference: &Reference,
        warm: &Warm,
    ) -> Result<(), StepError> {
        let lies = self.found.runs.last().filter(|run| run.verdict != RunVerdict::Right);
        if let Some(run) = lies {
            let why = format!("the undamaged cache is {} already", run.verdict.as_str());
            self.found.reason = Some(why);
            return Ok(());
        }
        let expected = Expected {
            outputs: &reference.outputs,
            examples: &reference.examples,
            hits: warm.hits,
        };
        let targets = self.targets(seed, warm)?;
        let whole: Vec<Fault> =
            self.options.faults.iter().copied().filter(|fault| fault.damage().is_none()).collect();
        self.total += targets.len() + whole.len();
        for (number, target) in targets.iter().enumerate() {
            self.begins(&format!("{} of {} in {}", target.fault, target.kind, target.cache.name));
            let report = self.damage(seed, &expected, target, number + 1)?;
            self.tell(report);
        }
        for fault in whole {
            self.begins(fault.as_str());
            match fault {
                Fault::StaleEntry | Fault::StaleMtime => {
                    self.stale(seed, reference, warm, fault)?;
                }
                Fault::Archive => self.archives(seed, &expected)?,
                Fault::LiveDaemon => self.live_daemon(&expected)?,
                Fault::ReadOnly => self.read_only(seed, &expected)?,
                Fault::FullDisk => self.full_disk(seed, &expected)?,
                // The others are faults of single files.
                Fault::Flip | Fault::Truncate | Fault::Empty | Fault::Delete => {}
            }
        }
        Ok(())
    }

    /// A file of every kind in every cache, for every fault that damages files.
    fn targets(&mut self, seed: &GoldenSeed, warm: &Warm) -> Result<Vec<Target>, StepError> {
        let mut random = fastrand::Rng::with_seed(self.options.seed);
        let mut targets = Vec::new();
        for cache in self.lab.caches.clone() {
            let read = warm.read.as_ref().and_then(|read| read.get(&cache.name));
            let was_read = |kind: &FileKind| {
                read.map(|read| kind.files.iter().any(|file| read.contains(file)))
            };
            let mut all = kinds(&seed.tree(&cache))?;
            // Those that a warm run reads first, then the largest.
            all.sort_by_key(|kind| (was_read(kind) == Some(false), std::cmp::Reverse(kind.bytes)));
            if all.len() > self.options.kinds {
                let left: Vec<String> =
                    all.drain(self.options.kinds..).map(|kind| kind.name).collect();
                let wanted = self.options.faults.iter().any(|fault| fault.damage().is_some());
                if wanted {
                    self.found.kinds_left_out.insert(cache.name.clone(), left);
                }
            }
            for kind in all {
                let read_ones: Vec<&PathBuf> = kind
                    .files
                    .iter()
                    .filter(|file| read.is_none_or(|read| read.contains(*file)))
                    .collect();
                let among =
                    if read_ones.is_empty() { kind.files.iter().collect() } else { read_ones };
                let Some(file) = random.choice(among) else { continue };
                for fault in self.options.faults.iter().filter(|fault| fault.damage().is_some()) {
                    targets.push(Target {
                        fault: *fault,
                        cache: cache.clone(),
                        kind: kind.name.clone(),
                        file: file.clone(),
                        read: was_read(&kind),
                    });
                }
            }
        }
        Ok(targets)
    }

    fn damage(
        &mut self,
        seed: &GoldenSeed,
        expected: &Expected<'_>,
        target: &Target,
        number: usize,
    ) -> Result<FaultSeen, StepError> {
        let mut report = FaultSeen::new(target.fault.as_str());
        report.cache = Some(target.cache.name.clone());
        report.kind = Some(target.kind.clone());
        report.file = Some(target.file.to_string_lossy().into_owned());
        let Some(damage) = target.fault.damage() else { return Ok(report) };
        if target.fault == Fault::Flip && target.read == Some(false) {
            // Only a reader can see another byte: size and times are as they were.
            report.outcome = FaultOutcome::NotExercised;
            "no warm run reads a file of this kind".clone_into(&mut report.reason);
            return Ok(report);
        }
        let caches = self.lab.caches.clone();
        self.lab.put_back(seed, &caches)?;
        let path = self.lab.home().cache_path(&target.cache).join(&target.file);
        report.damage = Some(damage.inflict(self.lab.state(), &path)?);
        let placed = Placed {
            name: format!("{:03}-{}", number, target.fault),
            tweaks: Tweaks::default(),
            counters: seed.counters(),
            mark: Some(Mark::take(path, target.read.is_some())?),
            met: None,
        };
        self.two_runs(&mut report, expected, &placed, |_| Ok(()))?;
        Ok(report)
    }

    /// The run with the fault and the next one; `between` is done before the next one, after outputs are gone.
    pub(super) fn two_runs(
        &mut self,
        report: &mut FaultSeen,
        expected: &Expected<'_>,
        placed: &Placed<'_>,
        between: impl Fn(&mut Self) -> Result<(), StepError>,
    ) -> Result<(), StepError> {
        let first = self.first_run(expected, placed)?;
        self.next_runs(report, expected, placed, first, between)
    }

    /// The run with the fault.
    pub(super) fn first_run(
        &mut self,
        expected: &Expected<'_>,
        placed: &Placed<'_>,
    ) -> Result<FirstRun, StepError> {
        let tried = self.home(&placed.name, &placed.tweaks, placed.counters)?;
        let touched = placed.mark.as_ref().map(Mark::look).transpose()?;
        let compared = self.compare_home(&tried, expected)?;
        Ok(FirstRun { tried, touched, compared })
    }

    /// The runs after it, and the judgement.
    pub(super) fn next_runs(
        &mut self,
        report: &mut FaultSeen,
        expected: &Expected<'_>,
        placed: &Placed<'_>,
        FirstRun { tried: first, touched, compared: with }: FirstRun,
        between: impl Fn(&mut Self) -> Result<(), StepError>,
    ) -> Result<(), StepError> {
        let caches = self.lab.caches.clone();
        self.lab.clean(&caches)?;
        between(self)?;
        let name = format!("{}-next", placed.name);
        let second = self.home(&name, &Tweaks::default(), &first.probes)?;
        let mut next = self.compare_home(&second, expected)?;
        // A build that goes example by example may need two runs to make up for one loss.
        let mut later = None;
        if matches!((next.hits, expected.hits), (Some(hits), Some(all)) if hits < all)
            && next.verdict() == RunVerdict::Right
        {
            let caches = self.lab.caches.clone();
            self.lab.clean(&caches)?;
            between(self)?;
            let name = format!("{}-third", placed.name);
            let third = self.home(&name, &Tweaks::default(), &second.probes)?;
            next = self.compare_home(&third, expected)?;
            later = next.hits;
        }
        let (outcome, reason) = judge_fault(&FaultEvidence {
            with: &with,
            next: &next,
            expected: expected.hits,
            touched,
            met: placed.met,
        });
        report.outcome = outcome;
        report.reason = match later {
            Some(_) if outcome == FaultOutcome::Heals => format!("{reason}, after one run more"),
            _ => reason,
        };
        report.wall_s = Some(first.wall_ns as f64 / 1e9);
        report.hits = first.hits;
        report.again_wall_s = Some(second.wall_ns as f64 / 1e9);
        report.again_hits = second.hits;
        report.expected_hits = expected.hits;
        report.differences =
            if with.differences.is_empty() { next.differences } else { with.differences };
        Ok(())
    }

    fn compare_home(&self, tried: &Tried, expected: &Expected<'_>) -> Result<Compared, StepError> {
        self.compare(tried, self.lab.home(), expected.outputs, expected.examples)
    }

    pub(super) fn not_tested(&mut self, fault: Fault, why: &str) {
        let mut report = FaultSeen::new(fault.as_str());
        why.clone_into(&mut report.reason);
        self.tell(report);
    }

    pub(super) fn tell(&mut self, report: FaultSeen) {
        (self.told)(super::Told::Fault(&report));
        self.found.faults.push(report);
    }
}
