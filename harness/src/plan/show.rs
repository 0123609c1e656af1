//! The plan as text: what would run, before anyone pays for it.

use std::fmt::Write as _;

use super::{Plan, Step};

/// One line a block, its steps in order; `(prime)` marks a run that takes no sample.
pub fn show(plan: &Plan) -> String {
    let mut text = String::new();
    let arms: std::collections::BTreeSet<_> = plan.samples().map(|sample| sample.arm).collect();
    for block in &plan.blocks {
        let steps: Vec<String> = block
            .steps
            .iter()
            .map(|step| {
                let arm = if arms.len() > 1 { format!("{} ", step.arm()) } else { String::new() };
                match step {
                    Step::Prime { regime, .. } => format!("{arm}{regime} (prime)"),
                    Step::Sample(sample) => format!("{arm}{}", sample.regime),
                }
            })
            .collect();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "block {}: {}", block.number, steps.join(", "));
    }
    text
}
