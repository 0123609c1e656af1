//! Estimates, comparisons and verdicts as pure functions: numbers in, numbers out, no clock, no file, no
//! random number. The same input gives the same output on every machine.
//!
//! Everything is computed on the natural logarithm of seconds: a cache multiplies times, and so does the
//! noise of a shared runner. Intervals come from ranks, never from a bootstrap and never after an outlier
//! was deleted. `docs/METHOD-statistics.md` gives each rule with its reason and measured error rate.
//!
//! ```text
//! Pairs -> Brr (exact p, interval) --------+
//! LOOKS (which n), LOOK_LEVELS (levels) ---+-> decide() -> Decision { verdict, n, look: estimate, interval, p, mde }
//! values -> Location     rows of log ratios -> Moderated -> flags     history -> change_points()
//! ```

mod brr;
mod decide;
mod edivisive;
mod error;
mod location;
mod looks;
mod moderated;
mod pairs;
mod signs;
mod t;
mod wilcoxon;

pub use brr::{Brr, Tails};
pub use decide::{Decision, LookNumbers, MDE_FACTOR, RatioEstimate, Rule, Sampling, decide};
pub use edivisive::{
    ChangePoint, MIN_SEGMENT, MIN_STEP, Split, THRESHOLDS, change_points, splits, threshold,
};
pub use error::StatsError;
pub use location::{
    ConfidenceInterval, INTERVAL_LEVEL, INTERVAL_SAMPLES, Location, median, median_interval,
};
pub use looks::{
    FAMILY_LEVEL, LAST_LOOK, LOOK_LEVELS, LOOKS, MIN_PAIRS, deciding_level, interval_level,
};
pub use moderated::{
    EXAMPLE_LEVEL, ExampleTest, FLAG_Q, FLAG_STEP, Moderated, Prior, benjamini_hochberg, moderate,
};
pub use pairs::{Pairs, Time};
pub use signs::MAX_PAIRS;
pub use t::{TEstimate, paired_t};
pub use wilcoxon::{pseudo_median, signed_rank_interval};
