//! What a run found, in plain sentences, the headline first. Each rule is one function, which returns nothing when
//! it does not apply.
//!
//! Foreign text (names, reasons) stands in backticks, see [`crate::document::text::quoted`].

pub(super) mod attribution;
mod cache;
mod plan;
mod stages;
mod trust;

use super::facts::RunFacts;

/// Every finding. What calls the headline into question comes right after it.
pub(crate) fn all(facts: &RunFacts) -> Vec<String> {
    let rules: [fn(&RunFacts) -> Vec<String>; 23] = [
        trust::sequential,
        plan::examples_of_one_arm,
        cache::restored_without_hits,
        cache::restored_without_gain,
        cache::same_runner_only,
        attribution::faster_without_hits,
        cache::saved_nothing,
        cache::transfer_eats_saving,
        attribution::unmeasured_phase,
        attribution::slow_side_disturbed,
        stages::other_snapshot,
        stages::changed_on_the_way,
        stages::unlike_machines,
        trust::unproven_samples,
        trust::failed,
        trust::outputs_differ,
        plan::incomplete,
        plan::ended_early,
        plan::no_cache,
        trust::torn_bytes,
        cache::first_example_dominates,
        trust::noise,
        trust::own_share,
    ];
    rules.iter().flat_map(|rule| rule(facts)).collect()
}
