//! The block-randomised rank-sum test (BRR): does the candidate differ from the baseline, when each block
//! ran both in random order?
//!
//! For a hypothetical log ratio `theta`, all `2n` values `base_i` and `new_i - theta` are ranked together
//! (doubled mid-ranks, so that ties stay integers) and `s_i = rank(new_i - theta) - rank(base_i)`. Under
//! the hypothesis the randomised order makes each sign a fair coin, independent of the others, whatever
//! the machine did between blocks: the null of `T = sum of the positive s_i` is exact (Fisher 1935 for
//! the randomisation, Hodges and Lehmann 1962 for ranks across aligned blocks). Ranking *between* blocks
//! is what bounds an outlier: its rank is 2n, however slow it was.
//!
//! **Why bisection is valid.** With fair coins `B_i`, `P(T* >= T) = P(sum s_i B_i <= 0)`: swapping the arms of a block
//! changes the sum by `-s_i`. When `theta` grows, each `new_i - theta` falls, so it passes base values
//! downwards: no `s_i` ever grows. Hence `sum s_i B_i` falls for every outcome of the coins, and the
//! p-value against "at most theta" can only rise.

use serde::Serialize;

use super::error::{StatsError, open_unit};
use super::location::ConfidenceInterval;
use super::pairs::Pairs;
use super::signs::tails;

/// Logarithms that are closer than this count as equal: `ln(a) - ln(b)` of equal quotients differs by rounding, while
/// a clock of nanoseconds resolves no better than 1e-12 of an hour.
const TIE: f64 = 1e-12;

/// One-sided p-values at one hypothetical ratio.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Tails {
    /// Against "the log ratio is at most theta": small when the candidate is slower than that.
    pub greater: f64,
    /// Against "the log ratio is at least theta": small when the candidate is faster than that.
    pub less: f64,
}

/// Which theta is meant where a difference equals it: that one, or the next number above or below it.
#[derive(Clone, Copy, PartialEq)]
enum Theta {
    Exact,
    JustAbove,
    JustBelow,
}

/// The test of one set of pairs, prepared for any number of hypothetical ratios.
#[derive(Clone, Debug)]
pub struct Brr {
    n: usize,
    /// `new_i - base_j`, row by row; `None` where both timed out (in different blocks): a tie at every theta.
    differences: Vec<Option<f64>>,
    /// What values of the same arm contribute to `s_i`: it does not depend on theta.
    within: Vec<i64>,
    /// Finite differences in rising order; of nearly equal ones only the first.
    candidates: Vec<f64>,
}

impl Brr {
    /// Prepares the test.
    #[must_use]
    pub fn new(pairs: &Pairs) -> Self {
        let (base, new) = (pairs.base(), pairs.new_times());
        let n = pairs.len();
        let mut differences = Vec::with_capacity(n * n);
        for new in new {
            differences.extend(base.iter().map(|base| {
                let difference = new - base;
                (!difference.is_nan()).then_some(difference)
            }));
        }
        let within = (0..n).map(|i| rank_among(new, i) - rank_among(base, i)).collect();
        let mut candidates: Vec<f64> =
            differences.iter().filter_map(|d| d.filter(|d| d.is_finite())).collect();
        candidates.sort_by(f64::total_cmp);
        candidates.dedup_by(|next, kept| *next - *kept <= TIE);
        Self { n, differences, within, candidates }
    }

    /// P-values at the hypothetical log ratio `theta`; both are 1 without a pair, and where theta is not a
    /// number.
    #[must_use]
    pub fn p(&self, theta: f64) -> Tails {
        if theta.is_nan() {
            return Tails { greater: 1.0, less: 1.0 };
        }
        self.tails(theta, Theta::Exact)
    }

    fn tails(&self, theta: f64, side: Theta) -> Tails {
        let (greater, less) = tails(&self.scores(theta, side));
        Tails { greater, less }
    }

    /// `s_i` in doubled ranks.
    fn scores(&self, theta: f64, side: Theta) -> Vec<i64> {
        // +1 where new - theta is the larger, -1 where base is: as doubled mid-ranks count 2, 1 or 0.
        let order = |difference: &Option<f64>| match difference {
            None => 0,
            Some(d) if *d > theta + TIE => 1,
            Some(d) if *d < theta - TIE => -1,
            Some(_) => match side {
                Theta::Exact => 0,
                Theta::JustAbove => -1,
                Theta::JustBelow => 1,
            },
        };
        let mut scores = self.within.clone();
        for (i, row) in self.differences.chunks_exact(self.n.max(1)).enumerate() {
            for (j, difference) in row.iter().enumerate() {
                // new_i rises by the comparison, base_j falls by it.
                let order = order(difference);
                scores[i] += order;
                scores[j] += order;
            }
        }
        scores
    }

    /// All log ratios that the test does not reject at two-sided level `alpha`: from the smallest theta with
    /// `p.greater > alpha/2` to the largest with `p.less > alpha/2`. Both are among the `n^2` differences
    /// `new_j - base_i`, found by bisection. `None` when n is too small for the level; an end is infinite
    /// where time-outs leave it open, and both on one side where they alone reject every finite ratio.
    ///
    /// # Errors
    /// [`StatsError::Range`] for a level outside (0, 1).
    pub fn interval(&self, alpha: f64) -> Result<Option<ConfidenceInterval>, StatsError> {
        open_unit("level", alpha)?;
        let half = alpha / 2.0;
        let candidates = &self.candidates;
        // An end is open where no theta is rejected, however small or large it is.
        let beyond = |theta: Option<&f64>, side| self.tails(theta.copied().unwrap_or(0.0), side);
        let open_below = beyond(candidates.first(), Theta::JustBelow).greater > half;
        let open_above = beyond(candidates.last(), Theta::JustAbove).less > half;
        if open_below && open_above {
            return Ok(None);
        }
        // The p-value rises in theta, so "rejected just above the candidate" is true, then false.
        let low = if open_below {
            f64::NEG_INFINITY
        } else {
            let rejected =
                candidates.partition_point(|c| self.tails(*c, Theta::JustAbove).greater <= half);
            candidates.get(rejected).copied().unwrap_or(f64::INFINITY)
        };
        let high = if open_above {
            f64::INFINITY
        } else {
            let kept = candidates.partition_point(|c| self.tails(*c, Theta::JustBelow).less > half);
            kept.checked_sub(1).map_or(f64::NEG_INFINITY, |at| candidates[at])
        };
        Ok(Some(ConfidenceInterval { low, high, confidence: 1.0 - alpha }))
    }
}

/// Doubled mid-rank of value `i` among its own arm, up to a constant.
fn rank_among(values: &[f64], i: usize) -> i64 {
    let mut doubled = 0;
    for (j, other) in values.iter().enumerate() {
        if j != i {
            doubled += if *other < values[i] {
                1
            } else if *other > values[i] {
                -1
            } else {
                0
            };
        }
    }
    doubled
}

#[cfg(test)]
mod tests {
    use super::{Brr, Theta};
    use crate::stats::Pairs;

    fn pairs(base: &[f64], new: &[f64]) -> Pairs {
        let some = |times: &[f64]| times.iter().map(|t| Some(*t)).collect::<Vec<_>>();
        Pairs::from_seconds(&some(base), &some(new)).unwrap()
    }

    #[test]
    fn scores_are_differences_of_doubled_mid_ranks() {
        // Joint order: 1, 2, 2, 3, 5, 9 -> doubled mid-ranks 2, 5, 5, 8, 10, 12.
        let brr = Brr::new(&pairs(&[1.0, 2.0, 5.0], &[2.0, 3.0, 9.0]));
        assert_eq!(brr.scores(0.0, Theta::Exact), [5 - 2, 8 - 5, 12 - 10]);
    }

    #[test]
    fn p_values_rise_in_theta_at_every_candidate() {
        let brr = Brr::new(&pairs(
            &[60.0, 61.0, 60.0, 62.0, 60.0, 50.0, 71.0, 63.0],
            &[66.0, 66.0, 59.0, 66.0, 60.0, 68.0, 64.0, 66.0],
        ));
        let mut last = (0.0, 1.0);
        for &theta in &brr.candidates {
            for side in [Theta::JustBelow, Theta::Exact, Theta::JustAbove] {
                let p = brr.tails(theta, side);
                assert!(p.greater >= last.0 && p.less <= last.1, "{theta}");
                last = (p.greater, p.less);
            }
        }
    }
}
