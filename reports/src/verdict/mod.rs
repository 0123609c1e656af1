//! A candidate against a baseline that the same run measured, and the gates of the run.
//!
//! ```text
//! gates -> questions ------------------------------------+
//! samples -> are they of a valid design? (design) -------+-> Judging -> Judgements -> comparisons, gates
//! samples -> one pair per block (pairs) -----------------+
//! samples -> what happened in one arm only (one_sided) --+
//! ```
//!
//! The design is checked first. A refusal is never a verdict, whatever the pairs look like.

pub(crate) mod design;
pub(crate) mod examples;
mod gates;
mod judge;
mod one_sided;
mod pairs;
pub(crate) mod questions;
pub(crate) mod words;

use bench_record::{ComparisonSummary, ComparisonVerdict, ExampleChange, GateSummary, LoadedRun};

pub use design::FIXED_ORDER_BLOCKS;
pub use examples::MIN_EXAMPLES;
use judge::Judging;
pub use words::{gate_line, gate_line_with_host};

/// Every verdict on a run.
pub struct Verdicts {
    /// Every comparison, in report order: those that gates depend on, and every other measured regime by the
    /// default margin and floor. None without a baseline.
    pub comparisons: Vec<ComparisonSummary>,
    /// Each gate in each of its regimes.
    pub gates: Vec<GateSummary>,
    /// The examples that changed apart from the others, by regime and name. None without a baseline, with fewer
    /// than seven pairs, or while the run goes on.
    pub example_changes: Vec<ExampleChange>,
}

/// Judges the run.
#[must_use]
pub fn judge(run: &LoadedRun) -> Verdicts {
    let judging = Judging::new(run);
    let judgements = judging.all();
    Verdicts {
        gates: gates::judge(&judging, &judgements),
        example_changes: examples::changes(&judging),
        comparisons: judgements.into_iter().map(|judgement| judgement.summary).collect(),
    }
}

/// The examples that only one arm ran, in words; `None` without a baseline or where there are none.
pub(crate) fn examples_of_one_arm(run: &LoadedRun) -> Option<String> {
    if !questions::has_baseline(run) {
        return None;
    }
    one_sided::OneSided::of(run, |_, _| true).examples_of_one_arm()
}

/// Whether an `--auto` run may end: every gate that needs the baseline is decided, or one is `regressed`,
/// which makes the exit code known.
///
/// To be asked with the records so far (no `end`) after each whole block; between looks it changes nothing.
/// The run does not wait for a gate that can never be decided, because a regime of it is not proven, nor for a
/// gate on examples, which is judged once, at the end. Without a baseline, with a design that is refused, or when
/// nothing can be decided: `false`, the run goes on to its last block.
#[must_use]
pub fn settled(run: &LoadedRun) -> bool {
    let judging = Judging::new(run);
    if !questions::has_baseline(run) || judging.design.is_err() {
        return false;
    }
    let judgements: Vec<_> =
        questions::gating(run).iter().map(|question| judging.judge(question)).collect();
    let is = |wanted| judgements.iter().any(|judgement| judgement.verdict == Some(wanted));
    if is(ComparisonVerdict::Regressed) {
        return true;
    }
    let decided = is(ComparisonVerdict::Ok)
        || is(ComparisonVerdict::Improved)
        || judgements
            .iter()
            .any(|j| !j.hopeless && j.verdict == Some(ComparisonVerdict::Inconclusive));
    decided && !is(ComparisonVerdict::Continue)
}
