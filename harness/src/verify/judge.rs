//! From what was seen to what a fault led to: no process, no file.

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{Example, Outcome};
use bench_reports::verify::{Difference, FaultOutcome, first_difference};

use super::touched::Touched;

/// How one run compares with its reference.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Compared {
    /// Why it failed where the reference did not.
    pub(super) failed: Option<String>,
    /// It passed where the reference failed, or left examples out.
    pub(super) lies: Option<String>,
    /// Outputs that differ.
    pub(super) differences: Vec<Difference>,
    pub(super) hits: Option<u64>,
}

impl Compared {
    pub(super) fn is_wrong(&self) -> bool {
        self.failed.is_none() && (self.lies.is_some() || !self.differences.is_empty())
    }

    fn how(&self) -> String {
        self.lies.clone().unwrap_or_else(|| first_difference(&self.differences))
    }
}

/// Outcomes of examples, by name.
pub(super) type Outcomes = BTreeMap<String, Outcome>;

pub(super) fn outcomes(examples: &[Example]) -> Outcomes {
    examples.iter().map(|example| (example.name.clone(), example.outcome)).collect()
}

/// What examples do with the cache and not without: fail, and pass or vanish.
pub(super) fn compare_examples(
    reference: &Outcomes,
    now: &Outcomes,
) -> (Option<String>, Option<String>) {
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
    let told = |names: Vec<&str>, what: &str| {
        (!names.is_empty()).then(|| format!("{what}: {}", names.join(", ")))
    };
    (
        told(broken, "fails only with the cache"),
        told(lying, "passes or is left out only with the cache"),
    )
}

/// What is known about a fault after the run with it and the next one.
#[derive(Clone, Debug)]
pub(super) struct Seen<'a> {
    pub(super) with: &'a Compared,
    pub(super) next: &'a Compared,
    /// Hits with the undamaged cache.
    pub(super) expected: Option<u64>,
    /// What became of the damaged file; `None` for a fault that is in no single file.
    pub(super) touched: Option<Touched>,
    /// What a build that goes on rightly has done, where the fault is certain to have been met.
    pub(super) met: Option<&'static str>,
}

/// What the fault led to, and how that is known.
pub(super) fn judge(seen: &Seen<'_>) -> (FaultOutcome, String) {
    let Seen { with, next, expected, touched, met } = seen;
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
        let touched = Some(Touched { read: touched.0, replaced: touched.1 });
        let seen = Seen { with, next, expected: Some(3), touched, met: None };
        assert_eq!(judge(&seen).0, is, "{seen:?}");
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
