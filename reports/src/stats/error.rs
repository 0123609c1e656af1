//! What can be wrong with the numbers that are given to a statistic.

/// Input that a statistic cannot be computed from.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatsError {
    /// Not a positive, finite number of seconds.
    #[error(
        "time `{seconds}` is not a positive finite number of seconds (hint: a time-out is `null`, not a number)"
    )]
    Seconds {
        /// What was given.
        seconds: f64,
    },
    /// The same, with its place.
    #[error(
        "pair {position}: {side} time `{seconds}` is not a positive finite number of seconds (hint: a time-out is `null`, not a number)"
    )]
    PairSeconds {
        /// Which pair, from 1.
        position: usize,
        /// `base` or `new`.
        side: &'static str,
        /// What was given.
        seconds: f64,
    },
    /// The two arms differ in length.
    #[error(
        "`{base}` base times and `{new}` new times, expected equally many (hint: a pair is one block)"
    )]
    Unpaired {
        /// Times of the baseline.
        base: usize,
        /// Times of the candidate.
        new: usize,
    },
    /// A row of a table is shorter or longer than the first.
    #[error("row {position} has `{found}` values, expected `{expected}` as in row 1")]
    Ragged {
        /// Which row, from 1.
        position: usize,
        /// Its length.
        found: usize,
        /// The length of the first row.
        expected: usize,
    },
    /// Not a number, or infinite where only finite numbers make sense.
    #[error("value {position} is `{value}`, expected a finite number")]
    Value {
        /// Which value, from 1.
        position: usize,
        /// What was given.
        value: f64,
    },
    /// Too few values for the statistic.
    #[error("`{found}` values, expected at least {least}")]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many it takes.
        least: usize,
    },
    /// More values than the exact null distribution is computed for.
    #[error("`{found}` values, expected at most {most} (hint: exact distributions grow as n^3)")]
    TooMany {
        /// How many there are.
        found: usize,
        /// The limit.
        most: usize,
    },
    /// A level, probability or p-value outside its range.
    #[error("{what} is `{value}`, expected {expected}")]
    Range {
        /// What the number is.
        what: &'static str,
        /// What was given.
        value: f64,
        /// The range in words.
        expected: &'static str,
    },
}

/// Every value finite, or the first one that is not.
pub(super) fn all_finite(values: &[f64]) -> Result<(), StatsError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(at) => Err(StatsError::Value { position: at + 1, value: values[at] }),
    }
}

/// Every value a number (infinities, which stand for time-outs, allowed), or the first one that is not.
pub(super) fn no_nan(values: &[f64]) -> Result<(), StatsError> {
    match values.iter().position(|value| value.is_nan()) {
        None => Ok(()),
        Some(at) => Err(StatsError::Value { position: at + 1, value: values[at] }),
    }
}

/// Enough values, and not too many.
pub(super) fn count(found: usize, least: usize, most: usize) -> Result<(), StatsError> {
    if found < least {
        Err(StatsError::TooFew { found, least })
    } else if found > most {
        Err(StatsError::TooMany { found, most })
    } else {
        Ok(())
    }
}

/// A probability strictly between 0 and 1.
pub(super) fn open_unit(what: &'static str, value: f64) -> Result<(), StatsError> {
    if value > 0.0 && value < 1.0 {
        Ok(())
    } else {
        Err(StatsError::Range { what, value, expected: "a number between 0 and 1, both excluded" })
    }
}
