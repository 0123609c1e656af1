//! From what was seen to what it means: the outcome of a fault, the verdict on the build, and the findings.

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{Example, Outcome, Regime};

use super::document::{
    Difference, FaultOutcome, RunVerdict, Truthfulness, Verification, first_difference,
};
use crate::document::text::quoted;
use crate::document::units;

/// A disk with more than this share of free room was not full.
const FULL: f64 = 0.1;

/// How one run compares with its reference.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compared {
    /// Why it failed where the reference did not.
    pub failed: Option<String>,
    /// How it passed where the reference failed, or which examples it left out.
    pub lies: Option<String>,
    /// Outputs that differ.
    pub differences: Vec<Difference>,
    /// Hits; `None` when unknown.
    pub hits: Option<u64>,
}

impl Compared {
    /// The verdict on an undamaged run.
    pub const fn verdict(&self) -> RunVerdict {
        if self.failed.is_some() {
            RunVerdict::Failed
        } else if self.is_wrong() {
            RunVerdict::Wrong
        } else {
            RunVerdict::Right
        }
    }

    const fn is_wrong(&self) -> bool {
        self.failed.is_none() && (self.lies.is_some() || !self.differences.is_empty())
    }

    fn how(&self) -> String {
        self.lies.clone().unwrap_or_else(|| first_difference(&self.differences))
    }
}

/// Outcomes of examples, by name.
pub type Outcomes = BTreeMap<String, Outcome>;

/// The outcome of each example.
pub fn outcomes(examples: &[Example]) -> Outcomes {
    examples.iter().map(|example| (example.name.clone(), example.outcome)).collect()
}

/// What examples do with the cache and not without: fail, and pass or vanish.
pub fn compare_examples(reference: &Outcomes, now: &Outcomes) -> (Option<String>, Option<String>) {
    let passes = |outcome: Option<&Outcome>| outcome == Some(&Outcome::Ok);
    let all: BTreeSet<&String> = reference.keys().chain(now.keys()).collect();
    let (mut broken, mut lying) = (Vec::new(), Vec::new());
    for name in all {
        let (before, after) = (reference.get(name), now.get(name));
        if after.is_none() || passes(after) && !passes(before) {
            lying.push(name.as_str());
        } else if passes(before) && !passes(after) {
            broken.push(name.as_str());
        }
    }
    let listed = |names: Vec<&str>, what: &str| {
        (!names.is_empty()).then(|| format!("{what}: {}", names.join(", ")))
    };
    (
        listed(broken, "fails only with the cache"),
        listed(lying, "passes or is left out only with the cache"),
    )
}

/// What became of a damaged file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileFate {
    /// Whether it was read; `None` where the mount does not tell.
    pub read: Option<bool>,
    /// Whether its content is another one now, or it is gone, or there again.
    pub replaced: bool,
}

/// What is known about a fault after the run with it and the next one.
#[derive(Clone, Debug)]
pub struct FaultEvidence<'a> {
    /// The run with the fault.
    pub with: &'a Compared,
    /// The run after it.
    pub next: &'a Compared,
    /// Hits with the undamaged cache.
    pub expected: Option<u64>,
    /// What became of the damaged file; `None` for a fault that is in no single file.
    pub touched: Option<FileFate>,
    /// What a build that goes on rightly has done, where the fault is certain to have been met.
    pub met: Option<&'static str>,
    /// Whether `next` is the second run after the fault, because the first one still lacked hits.
    pub one_more: bool,
    /// Free share of the disk after the run with the fault, for a disk that should have become full.
    pub free: Option<f64>,
}

/// What the fault led to, and how that is known.
pub fn judge_fault(evidence: &FaultEvidence<'_>) -> (FaultOutcome, String) {
    let (outcome, reason) = judge_runs(evidence);
    let passed = !matches!(outcome, FaultOutcome::FailsLoudly | FaultOutcome::WrongOutput);
    match evidence.free {
        Some(free) if passed && free > FULL => {
            let reason = format!("{:.0} % of the disk stayed free", free * 100.0);
            (FaultOutcome::NotExercised, reason)
        }
        _ if evidence.one_more && outcome == FaultOutcome::Heals => {
            (outcome, format!("{reason}, after one run more"))
        }
        _ => (outcome, reason),
    }
}

fn judge_runs(evidence: &FaultEvidence<'_>) -> (FaultOutcome, String) {
    let FaultEvidence { with, next, expected, touched, met, .. } = evidence;
    if with.is_wrong() {
        return (FaultOutcome::WrongOutput, with.how());
    }
    if next.is_wrong() {
        return (FaultOutcome::WrongOutput, format!("on the next run, {}", next.how()));
    }
    if let Some(why) = &with.failed {
        let next = if next.failed.is_some() { "; the next run fails too" } else { "" };
        return (FaultOutcome::FailsLoudly, format!("{why}{next}"));
    }
    if let Some(why) = &next.failed {
        return (FaultOutcome::FailsLoudly, format!("on the next run, {why}"));
    }
    let fewer = matches!((with.hits, expected), (Some(hits), Some(expected)) if hits < *expected);
    let read = touched.is_some_and(|touched| touched.read == Some(true));
    let replaced = touched.is_some_and(|touched| touched.replaced);
    // A run that reused less was hit by the fault; one that cannot be told apart from an undamaged one was not.
    if !(met.is_some() || fewer || read || replaced) {
        let how = match touched.map(|touched| touched.read) {
            Some(Some(false)) => "the damaged file was not read and reuse did not change",
            Some(_) | None => "reuse did not change",
        };
        return (FaultOutcome::NotExercised, how.to_owned());
    }
    let how = if let Some(how) = met {
        how
    } else if replaced {
        "the damaged file was replaced"
    } else if fewer {
        "reuse was lost once"
    } else {
        "it was read and changed nothing"
    };
    match (next.hits, expected) {
        (Some(hits), Some(expected)) if hits < *expected => (
            FaultOutcome::SlowerForEver,
            format!("two runs later there are still {hits} of {expected} hits"),
        ),
        (Some(_), Some(_)) => (FaultOutcome::Heals, how.to_owned()),
        _ if replaced => (FaultOutcome::Heals, how.to_owned()),
        _ => (
            FaultOutcome::NotTested,
            "the output is right, and no probe tells whether reuse came back".to_owned(),
        ),
    }
}

/// What is known about an edit after which a cold build fails, as when it breaks a test.
#[derive(Clone, Copy, Debug)]
pub struct FailingEditEvidence<'a> {
    /// Why the cold build of the edited source fails.
    pub cold_failure: &'a str,
    /// Outcomes of its examples.
    pub cold: &'a Outcomes,
    /// Why the warm build of the edited source fails; `None` when it passes.
    pub warm_failure: Option<&'a str>,
    /// Outcomes of its examples.
    pub warm: &'a Outcomes,
}

/// What came of an edit that must fail: a run that passes has not seen it.
pub fn judge_failing_edit(evidence: &FailingEditEvidence<'_>) -> (FaultOutcome, String) {
    match evidence.warm_failure {
        None => (
            FaultOutcome::WrongOutput,
            format!(
                "it passes; a cold build of the edited source fails: {}",
                evidence.cold_failure
            ),
        ),
        Some(_) if evidence.warm == evidence.cold => (
            FaultOutcome::Heals,
            "the change was noticed: it fails as a cold build does".to_owned(),
        ),
        Some(why) => (FaultOutcome::FailsLoudly, why.to_owned()),
    }
}

/// What restoring a damaged archive led to; `refused` is why it was not restored.
pub fn judge_restore(refused: Option<&str>) -> (FaultOutcome, String) {
    match refused {
        Some(why) => (FaultOutcome::FailsLoudly, format!("the restore refuses it: {why}")),
        None => (FaultOutcome::NotTested, "the restore does not notice".to_owned()),
    }
}

/// What saving a store led to while `alive` processes might write to it, and `refused` says why it was not
/// saved; `None` when only runs from the saved store can tell.
pub fn judge_live_save(alive: usize, refused: Option<&str>) -> Option<(FaultOutcome, String)> {
    if alive == 0 {
        let why = "no process was alive when the store was saved";
        return Some((FaultOutcome::NotExercised, why.to_owned()));
    }
    refused.map(|why| (FaultOutcome::FailsLoudly, format!("the store cannot be saved: {why}")))
}

/// The outcome of other bytes in a file, known without a run when no warm run reads a file of its kind. Only a
/// reader can see them: size and times are as they were. `read` is `None` where the mount does not tell.
pub fn judge_unread(read: Option<bool>) -> Option<(FaultOutcome, String)> {
    (read == Some(false))
        .then(|| (FaultOutcome::NotExercised, "no warm run reads a file of this kind".to_owned()))
}

/// The verdict on the cold run on the other runner, which warm runs there are compared with when it passes.
pub const fn judge_other_cold(passed: bool) -> RunVerdict {
    if passed { RunVerdict::Reference } else { RunVerdict::Failed }
}

impl Verification {
    /// The cold run fails, so nothing can be compared.
    pub fn cold_fails(&mut self, why: &str) {
        self.reason = Some(format!("cold fails: {why}"));
    }

    /// The caches are empty, so there is nothing to start a warm run from.
    pub fn caches_are_empty(&mut self) {
        self.reason = Some("the cold run left nothing in the caches".to_owned());
    }

    /// Whether faults can be told from the last undamaged run. When that is not right, the reason is written down.
    pub fn faults_would_show(&mut self) -> bool {
        let wrong = self.runs.last().filter(|run| run.verdict != RunVerdict::Right);
        let Some(run) = wrong else { return true };
        self.reason = Some(format!("the undamaged cache is {} already", run.verdict.as_str()));
        false
    }

    /// Whether a cold run failed: then the scenario is at fault, and nothing is known about its caches.
    pub fn cold_failed(&self) -> bool {
        let mut runs = self.runs.iter();
        // Nothing follows a first cold run that fails.
        self.runs.len() < 2
            || runs.any(|run| run.regime == Regime::Cold && run.verdict == RunVerdict::Failed)
    }

    /// Draws the verdict and the findings from what was seen. What `reason` says already stays: it is why the
    /// rest could not be tried.
    pub fn conclude(&mut self) {
        let (verdict, reason) = verdict(self);
        self.verdict = verdict;
        self.reason = reason.or(self.reason.take()).filter(|_| verdict != Truthfulness::Truthful);
        self.findings = findings(self);
    }
}

/// The verdict and why.
fn verdict(found: &Verification) -> (Truthfulness, Option<String>) {
    let lying = found.runs.iter().find(|run| run.verdict == RunVerdict::Wrong);
    if let Some(run) = lying {
        let how = run.reason.clone().unwrap_or_else(|| first_difference(&run.differences));
        return (Truthfulness::WrongOutput, Some(format!("{}: {how}", run.regime)));
    }
    if let Some(fault) = found.faults.iter().find(|f| f.outcome == FaultOutcome::WrongOutput) {
        let place = fault.kind.as_deref().map(|kind| format!(" of {}", quoted(kind)));
        return (
            Truthfulness::WrongOutput,
            Some(format!("{}{}: {}", fault.fault, place.unwrap_or_default(), fault.reason)),
        );
    }
    if let Some(run) = found.runs.iter().find(|run| run.verdict == RunVerdict::Failed) {
        let why = run.reason.clone().unwrap_or_default();
        return (Truthfulness::NotEstablished, Some(format!("{} fails: {why}", run.regime)));
    }
    if !found.complete {
        return (Truthfulness::NotEstablished, None);
    }
    let nothing_left =
        found.outputs > 0 && found.reproducible.unstable.len() as u64 >= found.outputs;
    if nothing_left {
        let reason = "no output is reproducible without a cache, so none can be compared";
        return (Truthfulness::NotEstablished, Some(reason.to_owned()));
    }
    if found.reason.is_some() {
        return (Truthfulness::NotEstablished, None);
    }
    (Truthfulness::Truthful, None)
}

fn findings(found: &Verification) -> Vec<String> {
    let mut findings = Vec::new();
    let reproducible = &found.reproducible;
    if !reproducible.unstable.is_empty() {
        findings.push(format!(
            "the build is not reproducible by itself, whatever the cache: two cold runs on one runner differ: {} (left out of every comparison)",
            first_difference(&reproducible.unstable)
        ));
    }
    if !reproducible.placed.is_empty() {
        findings.push(format!(
            "the build depends on where it runs: cold runs on two runners differ: {} (each runner is compared with its own cold run)",
            first_difference(&reproducible.placed)
        ));
    }
    for run in &found.runs {
        let foreign = run.foreign_paths.first();
        findings.extend(foreign.map(|file| {
            format!(
                "{}: {} of the outputs name the runner that made the cache, the first is {}",
                run.regime,
                run.foreign_paths.len(),
                quoted(file)
            )
        }));
    }
    for fault in &found.faults {
        if matches!(fault.outcome, FaultOutcome::WrongOutput | FaultOutcome::SlowerForEver) {
            let kind = fault.kind.as_deref().map(|kind| format!(" of {}", quoted(kind)));
            findings.push(format!(
                "{}: {}{}: {}",
                fault.outcome,
                fault.fault,
                kind.unwrap_or_default(),
                fault.reason
            ));
        }
    }
    for (cache, kinds) in &found.kinds_left_out {
        findings.push(format!(
            "{}: {} of files were not damaged: {} (hint: --kinds)",
            quoted(cache),
            units::counted(kinds.len(), "kind"),
            kinds.join(", ")
        ));
    }
    if found.outputs == 0 {
        findings.push(
            "the scenario declares no outputs, or made none: only how commands and examples end was compared".to_owned(),
        );
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(hits: u64) -> Compared {
        Compared { hits: Some(hits), ..Compared::default() }
    }

    fn wrong() -> Compared {
        let difference =
            Difference { file: "a".to_owned(), what: "content".to_owned(), offset: Some(7) };
        Compared { differences: vec![difference], ..ran(3) }
    }

    fn failed() -> Compared {
        Compared { failed: Some("exit code 1".to_owned()), ..ran(0) }
    }

    #[track_caller]
    fn check(with: &Compared, next: &Compared, touched: (Option<bool>, bool), is: FaultOutcome) {
        let touched = Some(FileFate { read: touched.0, replaced: touched.1 });
        let seen = FaultEvidence {
            with,
            next,
            expected: Some(3),
            touched,
            met: None,
            one_more: false,
            free: None,
        };
        assert_eq!(judge_fault(&seen).0, is, "{seen:?}");
    }

    #[test]
    fn wrong_output_is_worse_than_everything_else() {
        check(&wrong(), &failed(), (Some(false), false), FaultOutcome::WrongOutput);
        check(&ran(3), &wrong(), (Some(true), false), FaultOutcome::WrongOutput);
    }

    #[test]
    fn a_run_that_fails_says_so_whatever_its_output() {
        let silent = Compared { differences: wrong().differences, ..failed() };
        check(&silent, &ran(3), (Some(true), false), FaultOutcome::FailsLoudly);
        check(&ran(2), &failed(), (Some(true), true), FaultOutcome::FailsLoudly);
    }

    #[test]
    fn lost_reuse_heals_when_it_comes_back_and_is_slower_for_ever_when_not() {
        check(&ran(2), &ran(3), (Some(false), false), FaultOutcome::Heals);
        check(&ran(2), &ran(2), (Some(true), false), FaultOutcome::SlowerForEver);
        check(&ran(3), &ran(3), (Some(true), false), FaultOutcome::Heals);
    }

    #[test]
    fn what_nothing_touched_is_not_exercised() {
        check(&ran(3), &ran(3), (Some(false), false), FaultOutcome::NotExercised);
        check(&ran(3), &ran(3), (None, false), FaultOutcome::NotExercised);
        check(&ran(3), &ran(3), (None, true), FaultOutcome::Heals);
    }

    #[test]
    fn without_hits_only_a_replaced_file_proves_that_it_healed() {
        let unknown = Compared::default();
        check(&unknown, &unknown, (Some(true), true), FaultOutcome::Heals);
        check(&unknown, &unknown, (Some(true), false), FaultOutcome::NotTested);
        check(&unknown, &unknown, (Some(false), false), FaultOutcome::NotExercised);
    }

    #[test]
    fn an_example_that_passes_or_vanishes_only_with_the_cache_is_a_lie() {
        let all = |names: &[(&str, Outcome)]| -> Outcomes {
            names.iter().map(|(name, outcome)| ((*name).to_owned(), *outcome)).collect()
        };
        let cold = all(&[("a", Outcome::Ok), ("b", Outcome::Failed), ("c", Outcome::Ok)]);
        assert_eq!(compare_examples(&cold, &cold), (None, None));
        let warm = all(&[("a", Outcome::Failed), ("b", Outcome::Ok)]);
        let (broken, lying) = compare_examples(&cold, &warm);
        assert_eq!(broken.unwrap(), "fails only with the cache: a");
        assert_eq!(lying.unwrap(), "passes or is left out only with the cache: b, c");
    }
}
