//! A candidate against a baseline that the same run measured.
//!
//! ```text
//! gates -> questions (asked) -----------------------+
//! samples -> is the design one of a test? (design) -+-> answers (judge) -> ComparisonSummary, verdicts of gates
//! samples -> one pair a block (pairing) ------------+
//! ```
//!
//! The design is checked first. A refusal is never a verdict, whatever the pairs look like.

pub(crate) mod asked;
pub(crate) mod design;
pub(crate) mod examples;
mod failures;
pub(crate) mod gates;
pub(crate) mod judge;
mod pairing;

use bench_record::{ComparisonSummary, ComparisonVerdict, ExampleChange, LoadedRun};

pub use design::FIXED_ORDER_BLOCKS;
pub use examples::MIN_EXAMPLES;

/// Every comparison of the run, in report order: those that gates decide by, and every other measured regime
/// by the default margin and floor. None without a baseline.
#[must_use]
pub fn compare(run: &LoadedRun) -> Vec<ComparisonSummary> {
    if !asked::has_baseline(run) {
        return Vec::new();
    }
    let design = design::check(run);
    asked::all(run).iter().map(|question| judge::answer(run, &design, question).summary).collect()
}

/// The examples that changed apart from the others, by regime and name. None without a baseline, with fewer
/// than seven pairs, or while the run goes on.
#[must_use]
pub fn example_changes(run: &LoadedRun) -> Vec<ExampleChange> {
    if !asked::has_baseline(run) {
        return Vec::new();
    }
    examples::changes(run, &design::check(run))
}

/// The examples that only one arm ran, in words; `None` without a baseline or where there are none.
pub(crate) fn lone_examples(run: &LoadedRun) -> Option<String> {
    if !asked::has_baseline(run) {
        return None;
    }
    failures::OneSided::of(run, |_, _| true).lone()
}

/// Whether an `--auto` run may end: every gate that needs the baseline is decided, or one is `regressed`,
/// which makes the exit code known.
///
/// To be asked with the records so far (no `end`) after each whole block; between looks it changes nothing.
/// A gate that can never be decided, because a regime of it is not proven, does not hold the others up. A
/// gate on examples is judged once, at the end, and is not waited for. Without a baseline, with a design
/// that is refused, or when nothing can be decided: `false`, the run goes to its last block.
#[must_use]
pub fn settled(run: &LoadedRun) -> bool {
    if !asked::has_baseline(run) || design::check(run).is_err() {
        return false;
    }
    let answers: Vec<_> =
        asked::gating(run).iter().map(|question| judge::answer(run, &Ok(()), question)).collect();
    let is = |wanted| answers.iter().any(|answer| answer.verdict == Some(wanted));
    if is(ComparisonVerdict::Regressed) {
        return true;
    }
    let decided = is(ComparisonVerdict::Ok)
        || is(ComparisonVerdict::Improved)
        || answers
            .iter()
            .any(|a| !a.hopeless && a.verdict == Some(ComparisonVerdict::Inconclusive));
    decided && !is(ComparisonVerdict::Continue)
}
