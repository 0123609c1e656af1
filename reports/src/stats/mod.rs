//! Estimates, comparisons and verdicts as pure functions: numbers in, numbers out, no clock, no file, no
//! random number. The same input gives the same output on every machine.
//!
//! Everything is computed on the natural logarithm of seconds: a cache multiplies times, and so does the
//! noise of a shared runner. Intervals come from ranks, never from a bootstrap and never after an outlier
//! was deleted. `docs/METHOD-statistics.md` gives each rule with its reason and measured error rate.
//!
//! ```text
//! Pairs -> Brr (exact p, interval) ---+
//! Schedule (which n, which level) ----+-> decide() -> Decision { verdict, estimate, interval, p, mde }
//! [Time] -> Location     rows of log ratios -> Moderated -> flags     history -> change_points()
//! ```

mod brr;
mod decide;
mod edivisive;
mod error;
mod fdr;
mod interval;
mod location;
mod looks;
mod moderated;
mod pairs;
mod quantile;
pub mod rejected;
mod signs;
mod t;
mod wilcoxon;

pub use brr::{Brr, Tails};
pub use decide::{Decision, Look, MDE_FACTOR, Rule, Stage, Verdict, decide};
pub use edivisive::{
    ChangePoint, MIN_SEGMENT, MIN_STEP, Split, THRESHOLDS, best_split, change_points, splits,
    threshold,
};
pub use error::StatsError;
pub use fdr::{benjamini_hochberg, rejected_at};
pub use interval::{Estimate, Interval};
pub use location::{Location, median, pseudo_median};
pub use looks::{
    FAMILY_LEVEL, LONG_LEVELS, LONG_LOOKS, MIN_PAIRS, QUICK_LEVELS, QUICK_LOOKS, STANDARD_LEVELS,
    STANDARD_LOOKS, Schedule,
};
pub use moderated::{
    Direction, EXAMPLE_LEVEL, ExampleTest, FLAG_Q, FLAG_STEP, Moderated, Prior, moderate, trigamma,
};
pub use pairs::{MAX_PAIRS, Pairs, Time};
pub use quantile::{QuantileBounds, quantile_bounds};
pub use t::{TEstimate, paired_t, welch_t};
pub use wilcoxon::{
    SignedRank, signed_rank_counts, signed_rank_cut, signed_rank_interval, signed_rank_test,
};
