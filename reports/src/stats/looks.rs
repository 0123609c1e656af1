//! When a running comparison may be looked at, and at which level.
//!
//! Every look is one more chance of a false alarm. The looks spend a family level of 5 % (two-sided) by Lan
//! and `DeMets` (1983) with the spending function `alpha ln(1 + (e - 1) t)` at `t = n / last look`; the levels
//! solve the joint normal distribution of the looks (Armitage, `McPherson` and Rowe 1969). A test recomputes them.

/// The fewest pairs that a verdict may rest on.
pub const MIN_PAIRS: usize = 7;
/// Two-sided chance of a false alarm over all looks together.
pub const FAMILY_LEVEL: f64 = 0.05;
/// The looks, in pairs.
pub const LOOKS: [usize; 4] = [7, 10, 14, 20];
/// The last look: with that many pairs the comparison ends.
pub const LAST_LOOK: usize = LOOKS[LOOKS.len() - 1];
/// Their nominal two-sided levels.
pub const LOOK_LEVELS: [f64; 4] = [0.02354, 0.01547, 0.01682, 0.02005];

/// The level of a look at exactly `n` pairs; `None` between looks.
pub(super) fn level_at(n: usize) -> Option<f64> {
    LOOKS.iter().position(|look| *look == n).map(|at| LOOK_LEVELS[at])
}

/// The first look that needs more than `n` pairs.
pub(super) fn next_after(n: usize) -> Option<usize> {
    LOOKS.into_iter().find(|look| *look > n)
}

/// The level of a verdict that ends the comparison at `n` pairs: that of the look which would have come next
/// (its share of the family level is not spent yet), after the last look that of the last.
#[must_use]
pub fn deciding_level(n: usize) -> f64 {
    let next = LOOKS.iter().position(|look| *look >= n);
    LOOK_LEVELS[next.unwrap_or(LOOKS.len() - 1)]
}

/// The level of the interval that is printed at `n` pairs: that of the look, between looks the family level.
#[must_use]
pub fn interval_level(n: usize) -> f64 {
    level_at(n).unwrap_or(FAMILY_LEVEL)
}
