//! When a running comparison may be looked at, and at which level.
//!
//! Every look is one more chance of a false alarm. The planned sets spend a family level of 5 %
//! (two-sided) by Lan and `DeMets` (1983) with the spending function `alpha ln(1 + (e - 1) t)` at
//! `t = n / last look`; the levels solve the joint normal distribution of the looks (Armitage, `McPherson`
//! and Rowe 1969). A test recomputes them. Any other set gets Bonferroni's `alpha / K`, which needs no
//! assumption.

use serde::Serialize;

use super::error::StatsError;

/// The fewest pairs a verdict may rest on.
pub const MIN_PAIRS: usize = 7;
/// Two-sided chance of a false alarm over all looks together.
pub const FAMILY_LEVEL: f64 = 0.05;
/// The default looks, in pairs.
pub const STANDARD_LOOKS: [usize; 4] = [7, 10, 14, 20];
/// Their nominal two-sided levels.
pub const STANDARD_LEVELS: [f64; 4] = [0.02354, 0.01547, 0.01682, 0.02005];
/// Looks for a small budget.
pub const QUICK_LOOKS: [usize; 3] = [7, 9, 12];
/// Their nominal two-sided levels.
pub const QUICK_LEVELS: [f64; 3] =
    [0.034_715_601_757_694_07, 0.019_891_906_448_025_125, 0.020_464_587_735_170_722];
/// Looks for noisy machines.
pub const LONG_LOOKS: [usize; 5] = [7, 10, 14, 20, 30];
/// Their nominal two-sided levels.
pub const LONG_LEVELS: [f64; 5] = [
    0.016_856_901_697_892_83,
    0.011_351_767_925_305_237,
    0.012_773_524_238_256_671,
    0.015_798_787_082_633_49,
    0.020_475_959_852_161_95,
];

/// Looks in rising order, each with its nominal two-sided level.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Schedule {
    looks: Vec<(usize, f64)>,
}

impl Default for Schedule {
    fn default() -> Self {
        Self::zip(&STANDARD_LOOKS, &STANDARD_LEVELS)
    }
}

impl Schedule {
    /// The schedule of these looks: a planned set with its own levels, any other with `alpha / K`.
    ///
    /// # Errors
    /// [`StatsError::Looks`] unless the looks rise strictly from at least [`MIN_PAIRS`].
    pub fn new(looks: &[usize]) -> Result<Self, StatsError> {
        if looks == STANDARD_LOOKS {
            return Ok(Self::zip(&STANDARD_LOOKS, &STANDARD_LEVELS));
        }
        if looks == QUICK_LOOKS {
            return Ok(Self::zip(&QUICK_LOOKS, &QUICK_LEVELS));
        }
        if looks == LONG_LOOKS {
            return Ok(Self::zip(&LONG_LOOKS, &LONG_LEVELS));
        }
        let rising = looks.windows(2).all(|two| two[0] < two[1]);
        if !rising || looks.first().is_none_or(|first| *first < MIN_PAIRS) {
            return Err(StatsError::Looks { found: looks.to_vec(), least: MIN_PAIRS });
        }
        let level = FAMILY_LEVEL / looks.len() as f64;
        Ok(Self { looks: looks.iter().map(|look| (*look, level)).collect() })
    }

    fn zip(looks: &[usize], levels: &[f64]) -> Self {
        Self { looks: looks.iter().copied().zip(levels.iter().copied()).collect() }
    }

    /// The looks with their nominal two-sided levels, in order.
    #[must_use]
    pub fn looks(&self) -> &[(usize, f64)] {
        &self.looks
    }

    /// The last look: with that many pairs the comparison ends.
    #[must_use]
    pub fn last(&self) -> usize {
        self.looks.last().map_or(0, |look| look.0)
    }

    /// The level of a look at exactly `n` pairs; `None` between looks.
    #[must_use]
    pub fn level_at(&self, n: usize) -> Option<f64> {
        self.looks.iter().find(|look| look.0 == n).map(|look| look.1)
    }

    /// The first look that needs more than `n` pairs.
    #[must_use]
    pub fn next_after(&self, n: usize) -> Option<usize> {
        self.looks.iter().map(|look| look.0).find(|look| *look > n)
    }

    /// The level of a verdict that ends the comparison at `n` pairs: that of the look which would have come
    /// next (its share of the family level is not spent yet), after the last look that of the last.
    #[must_use]
    pub fn deciding_level(&self, n: usize) -> f64 {
        let next = self.looks.iter().find(|look| look.0 >= n).or(self.looks.last());
        next.map_or(FAMILY_LEVEL, |look| look.1)
    }

    /// The level of the interval printed at `n` pairs: that of the look, between looks the family level.
    #[must_use]
    pub fn interval_level(&self, n: usize) -> f64 {
        self.level_at(n).unwrap_or(FAMILY_LEVEL)
    }
}
