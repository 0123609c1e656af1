//! Example times as a histogram that shards merge without loss. The only user of `hdrhistogram`.
//!
//! For display and for merging only: intervals and tests come from the samples, never from here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2Serializer};

/// Times in a fixed configuration, so that every histogram can be merged with every other one: microseconds
/// from 1 to [`Histogram::HIGHEST_US`] with [`Histogram::DIGITS`] significant digits.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram(hdrhistogram::Histogram<u64>);

/// Why a text is not a histogram, or two cannot be merged.
#[derive(Debug, thiserror::Error)]
pub enum HistogramError {
    /// Not base64.
    #[error("the histogram is not base64 text")]
    Text(#[source] base64::DecodeError),
    /// Not an HDR histogram, format V2.
    #[error("the histogram is damaged: {0} (hint: make the summary again from its records)")]
    Damaged(&'static str),
    /// The same, as the decoder says it.
    #[error("the histogram is damaged (hint: make the summary again from its records)")]
    Undecodable(#[source] hdrhistogram::serialization::DeserializeError),
    /// Another unit, range or precision.
    #[error(
        "the histogram has another configuration, expected microseconds from 1 to {} with {} digits",
        Histogram::HIGHEST_US,
        Histogram::DIGITS
    )]
    Configuration,
    /// More values than any set of runs has.
    #[error("the histogram has more than {} values", Histogram::MOST)]
    TooMany,
}

/// Bytes before the counts: cookie, length, offset, digits (4 each), lowest, highest, ratio (8 each).
const HEADER: usize = 40;
/// Length of the longest number of the format. A count or a run of zeros of that length is above 2^55.
const LONGEST_NUMBER: usize = 9;

impl Histogram {
    /// The largest time that is told from a larger one: a day, in microseconds.
    pub const HIGHEST_US: u64 = 86_400_000_000;
    /// Significant decimal digits: a time is known to 0.1 %.
    pub const DIGITS: u8 = 3;
    /// The most values; beyond it counts would no longer be exact.
    pub const MOST: u64 = 1 << 53;

    /// An empty one.
    pub fn new() -> Self {
        let empty = hdrhistogram::Histogram::new_with_bounds(1, Self::HIGHEST_US, Self::DIGITS);
        Self(empty.expect("the bounds are constants that the library accepts"))
    }

    /// Adds a time in nanoseconds, rounded to microseconds; above a day it counts as a day.
    pub fn record_ns(&mut self, ns: u64) {
        self.0.saturating_record(ns.saturating_add(500) / 1_000);
    }

    /// Number of times.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The time, in seconds, that the share `quantile` (0 to 1) of times does not exceed: the upper end of
    /// its bucket. `None` without a time.
    pub fn quantile_s(&self, quantile: f64) -> Option<f64> {
        (self.count() > 0).then(|| self.0.value_at_quantile(quantile) as f64 / 1e6)
    }

    /// The longest time in seconds, as the upper end of its bucket. `None` without a time.
    pub fn max_s(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.0.max() as f64 / 1e6)
    }

    /// Adds the times of another one. The order of merges does not matter.
    ///
    /// # Errors
    /// [`HistogramError::TooMany`]; nothing is changed then.
    pub fn merge(&mut self, other: &Self) -> Result<(), HistogramError> {
        if self.count().saturating_add(other.count()) > Self::MOST {
            return Err(HistogramError::TooMany);
        }
        self.0.add(&other.0).map_err(|_| HistogramError::Configuration)
    }

    /// HDR histogram V2 in base64 (RFC 4648, padded): what `summary.json` holds.
    pub fn encode(&self) -> String {
        let mut bytes = Vec::new();
        let written = V2Serializer::new().serialize(&self.0, &mut bytes);
        written.expect("no count is above MOST, and a vector takes every byte");
        STANDARD.encode(bytes)
    }

    /// Reads what [`Histogram::encode`] wrote.
    ///
    /// # Errors
    /// [`HistogramError`] for any other text.
    pub fn decode(text: &str) -> Result<Self, HistogramError> {
        let bytes = STANDARD.decode(text).map_err(HistogramError::Text)?;
        check_header(&bytes)?;
        let decoded: hdrhistogram::Histogram<u64> = Deserializer::new()
            .deserialize(&mut bytes.as_slice())
            .map_err(HistogramError::Undecodable)?;
        let values = decoded
            .iter_recorded()
            .try_fold(0_u64, |sum, value| sum.checked_add(value.count_at_value()));
        match values {
            Some(values) if values <= Self::MOST => Ok(Self(decoded)),
            _ => Err(HistogramError::TooMany),
        }
    }
}

/// The decoder believes lengths and ranges and would make room for them: what is not ours ends here.
fn check_header(bytes: &[u8]) -> Result<(), HistogramError> {
    let Some((header, counts)) = bytes.split_at_checked(HEADER) else {
        return Err(HistogramError::Damaged("it is shorter than its header"));
    };
    let number = |at: usize, length: usize| {
        header[at..at + length].iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte))
    };
    if number(4, 4) != counts.len() as u64 {
        return Err(HistogramError::Damaged("its length is not the one that it states"));
    }
    let configuration = (number(12, 4), number(16, 8), number(24, 8));
    if configuration != (u64::from(Histogram::DIGITS), 1, Histogram::HIGHEST_US) {
        return Err(HistogramError::Configuration);
    }
    // All but the last byte of a number have their highest bit set.
    if counts.windows(LONGEST_NUMBER - 1).any(|bytes| bytes.iter().all(|byte| *byte >= 0x80)) {
        return Err(HistogramError::Damaged("a count is larger than any run has"));
    }
    Ok(())
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}
