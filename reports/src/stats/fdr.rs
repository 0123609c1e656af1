//! False discovery rate: how many of the flagged examples may be false flags.

use super::error::StatsError;

/// Adjusted p-values (q-values) by Benjamini and Hochberg 1995, in the order of the input: the smallest
/// `p_(k) m / k` over all ranks `k` from its own on, at most 1.
///
/// # Errors
/// [`StatsError::Range`] for a p-value outside [0, 1].
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>, StatsError> {
    if let Some(&value) = p_values.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(StatsError::Range { what: "p-value", value, expected: "a number from 0 to 1" });
    }
    let m = p_values.len() as f64;
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut q_values = vec![1.0; p_values.len()];
    let mut smallest = 1.0_f64;
    for (rank, &at) in order.iter().enumerate().rev() {
        // In this order rounding never takes a q-value below its p-value.
        smallest = smallest.min(p_values[at] * (m / (rank + 1) as f64));
        q_values[at] = smallest;
    }
    Ok(q_values)
}

/// Positions, from 0, whose q-value is at most `level`.
#[must_use]
pub fn rejected_at(q_values: &[f64], level: f64) -> Vec<usize> {
    (0..q_values.len()).filter(|at| q_values[*at] <= level).collect()
}
