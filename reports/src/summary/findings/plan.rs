//! Findings about what was planned and what was not, or could not be, measured.

use bench_record::{EndReason, Regime};

use super::super::facts::RunFacts;
use super::super::samples::seconds;
use crate::document::text::quoted;
use crate::document::units;

/// The run was cut short, stopped early, or lacks planned samples.
pub(super) fn incomplete(facts: &RunFacts) -> Vec<String> {
    if facts.completeness.complete {
        return Vec::new();
    }
    let merged = !facts.run.run.parts.is_empty();
    let why = facts.run.end.as_ref().map_or_else(
        || if merged { "parts are missing" } else { "it was cut short" }.to_owned(),
        |end| format!("it ended with {}", quoted(end.reason.as_str())),
    );
    let options = &facts.run.run.options;
    let most = match &facts.run.end {
        None if options.auto || options.budget_ns.is_some() => "at most ",
        _ => "",
    };
    let hint = if merged { "bench plan --missing RUN" } else { "bench run --resume RUN" };
    vec![format!(
        "the run is incomplete: {} of {most}{} planned samples, {why} (hint: `{hint}`)",
        facts.completeness.found, facts.completeness.samples
    )]
}

/// The run ended before its last block, as it was asked to.
pub(super) fn ended_early(facts: &RunFacts) -> Vec<String> {
    let Some(reason) = facts.completeness.early.filter(|_| facts.completeness.complete) else {
        return Vec::new();
    };
    let options = &facts.run.run.options;
    let why = match (reason, options.budget_ns) {
        (EndReason::Decided, _) => "a look had decided (`--auto`)".to_owned(),
        (_, Some(budget)) => format!(
            "another block would not have ended within the budget of {} (`--budget`)",
            units::duration(seconds(budget))
        ),
        (reason, None) => quoted(reason.as_str()),
    };
    vec![format!(
        "the run ended after {} of at most {} blocks: {why}",
        facts.completeness.blocks, options.blocks
    )]
}

/// Why there is no warm regime: nothing could be warm.
pub(super) fn no_cache(facts: &RunFacts) -> Vec<String> {
    let run = &facts.run.run;
    let warm = run.options.regimes.iter().any(|regime| regime.is_warm())
        || facts.samples.iter().any(|(sample, _)| sample.regime.is_warm());
    let known = run.options.regimes.contains(&Regime::Cold);
    if !run.caches.is_empty() || warm || !known {
        return Vec::new();
    }
    vec!["no cache is active under these params, so only cold was measured".to_owned()]
}

/// The arms did different work, so their totals cannot be compared.
pub(super) fn examples_of_one_arm(facts: &RunFacts) -> Vec<String> {
    let examples = crate::verdict::examples_of_one_arm(facts.run);
    examples.map(|examples| {
        format!("examples of one arm only: {examples}; the totals of the arms are of different work, so they give no verdict")
    })
    .into_iter()
    .collect()
}
