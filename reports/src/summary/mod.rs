//! From records to a summary: estimates per regime, one row per example, and what the run found.

mod completeness;
mod conclusion;
mod economics;
mod estimates;
mod examples;
mod facts;
mod findings;
mod gain;
mod makespan;
mod model;
mod regimes;
mod samples;

use bench_record::{Assumptions, LoadedRun, Summary};

pub use conclusion::conclusion;
use facts::RunFacts;
pub use findings::attribution::{DISTURBED, LOADED, UNMEASURED};
pub(crate) use gain::Gain;
pub use makespan::{CORES, NO_MORE};
pub use model::{MIN_EXAMPLES, SEQUENTIAL};
pub(crate) use samples::find;

use crate::verdict::{self, Verdicts};

/// The summary of a run. Estimates use `ok` samples only; the others are counted and named. The order in which
/// samples were recorded does not matter.
pub fn summarise(run: &LoadedRun) -> Summary {
    summarise_with(run, &Assumptions::default())
}

/// The same, with what the user states about transfer, hits, jobs and price in the economics.
pub fn summarise_with(run: &LoadedRun, assumptions: &Assumptions) -> Summary {
    let facts = RunFacts::new(run, assumptions);
    let findings = findings::all(&facts);
    let RunFacts { regimes, examples, completeness, harness_share, .. } = facts;
    let Verdicts { comparisons, gates, example_changes } = verdict::judge(run);
    Summary {
        schema: Summary::SCHEMA.to_owned(),
        run_id: run.run.id.clone(),
        scenario: run.run.scenario.name.clone(),
        params: run.run.params.clone(),
        complete: completeness.complete,
        harness_share,
        assumptions: (!assumptions.is_empty()).then_some(*assumptions),
        regimes,
        examples,
        findings,
        gates,
        comparisons,
        example_changes,
        torn_bytes: run.torn_bytes,
    }
}
