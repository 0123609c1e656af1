//! Times and pairs: what the statistics accept. A value of these types is valid, so no statistic has to check
//! it again.

use super::error::{StatsError, count};
use super::location::median_of_sorted;
use super::signs::MAX_PAIRS;
use super::wilcoxon::walsh_averages;

/// One measured time, or the fact that it was cut off by the time-out.
///
/// A time-out is larger than every time (right-censored), never a number that could be averaged.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Time {
    /// Natural logarithm of seconds; `+inf` = timed out.
    ln: f64,
}

impl Time {
    /// A time-out.
    pub const TIMED_OUT: Self = Self { ln: f64::INFINITY };

    /// A finished measurement.
    ///
    /// # Errors
    /// [`StatsError::Seconds`] unless `seconds` is positive and finite.
    pub fn from_seconds(seconds: f64) -> Result<Self, StatsError> {
        if seconds.is_finite() && seconds > 0.0 {
            Ok(Self { ln: seconds.ln() })
        } else {
            Err(StatsError::Seconds { seconds })
        }
    }

    /// Seconds, or `None` for a time-out.
    ///
    /// # Errors
    /// As [`Time::from_seconds`].
    pub fn from_measured(seconds: Option<f64>) -> Result<Self, StatsError> {
        seconds.map_or(Ok(Self::TIMED_OUT), Self::from_seconds)
    }

    /// Natural logarithm of seconds; `+inf` for a time-out.
    #[must_use]
    pub fn ln(self) -> f64 {
        self.ln
    }

    /// Whether it was cut off.
    #[must_use]
    pub fn is_timed_out(self) -> bool {
        self.ln == f64::INFINITY
    }
}

/// The two arms of a comparison: one pair per block.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairs {
    base: Vec<f64>,
    new: Vec<f64>,
    dropped: usize,
}

impl Pairs {
    /// Pairs of (base, new). A pair of which both sides timed out says nothing about the ratio: it is
    /// dropped and counted. Where one side timed out its log ratio is infinite and keeps its rank.
    ///
    /// # Errors
    /// [`StatsError::TooMany`] above [`MAX_PAIRS`].
    pub fn new(pairs: impl IntoIterator<Item = (Time, Time)>) -> Result<Self, StatsError> {
        let mut kept = Self { base: Vec::new(), new: Vec::new(), dropped: 0 };
        for (base, new) in pairs {
            if base.is_timed_out() && new.is_timed_out() {
                kept.dropped += 1;
            } else {
                kept.base.push(base.ln());
                kept.new.push(new.ln());
            }
        }
        count(kept.base.len(), 0, MAX_PAIRS)?;
        Ok(kept)
    }

    /// The same from seconds, `None` = timed out.
    ///
    /// # Errors
    /// [`StatsError::Unpaired`], [`StatsError::PairSeconds`] with the position, [`StatsError::TooMany`].
    pub fn from_seconds(base: &[Option<f64>], new: &[Option<f64>]) -> Result<Self, StatsError> {
        if base.len() != new.len() {
            return Err(StatsError::Unpaired { base: base.len(), new: new.len() });
        }
        let side = |side, at: usize, seconds: Option<f64>| {
            Time::from_measured(seconds).map_err(|_| StatsError::PairSeconds {
                position: at + 1,
                side,
                seconds: seconds.unwrap_or(f64::NAN),
            })
        };
        let mut pairs = Vec::with_capacity(base.len());
        for (at, (&base, &new)) in base.iter().zip(new).enumerate() {
            pairs.push((side("base", at, base)?, side("new", at, new)?));
        }
        Self::new(pairs)
    }

    /// Pairs that count.
    #[must_use]
    pub fn len(&self) -> usize {
        self.base.len()
    }

    /// Whether no pair counts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.base.is_empty()
    }

    /// Pairs dropped because both sides timed out.
    #[must_use]
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// The first `n` pairs that count, as a sequential design saw them (the count of dropped pairs is kept).
    #[must_use]
    pub fn first(&self, n: usize) -> Self {
        let n = n.min(self.len());
        Self { base: self.base[..n].to_vec(), new: self.new[..n].to_vec(), dropped: self.dropped }
    }

    /// Natural logarithms of the base times; `+inf` = timed out.
    #[must_use]
    pub fn base(&self) -> &[f64] {
        &self.base
    }

    /// Natural logarithms of the new times; `+inf` = timed out.
    #[must_use]
    pub fn new_times(&self) -> &[f64] {
        &self.new
    }

    /// Log ratios `ln(new / base)`; infinite where one side timed out.
    #[must_use]
    pub fn log_ratios(&self) -> Vec<f64> {
        self.base.iter().zip(&self.new).map(|(base, new)| new - base).collect()
    }

    /// Hodges-Lehmann estimate of the log ratio; `None` without a pair.
    pub(super) fn hodges_lehmann(&self) -> Option<f64> {
        median_of_sorted(&walsh_averages(&self.log_ratios()))
    }
}
