//! Numbers with their intervals. The interval of a median of block values is that of the sign test: exact
//! whatever the distribution. The pseudo-median has the exact Wilcoxon interval of its own.

use bench_record::Estimate;

use crate::location::{median, median_interval};
use crate::stats::{Location, Time};

/// The level that an interval has to reach is 1 minus this.
const ALPHA: f64 = 0.05;

/// Median of `values` with the interval of the sign test; `None` without a value.
pub(crate) fn of_median(values: &[f64]) -> Option<Estimate> {
    Some(around(median(values)?, values))
}

/// `value` with the sign test's interval of the median of `values`. An end that is not finite is null.
pub(crate) fn around(value: f64, values: &[f64]) -> Estimate {
    let interval = median_interval(values);
    let finite = |end: f64| end.is_finite().then_some(end);
    Estimate {
        value,
        low: interval.and_then(|interval| finite(interval.low)),
        high: interval.and_then(|interval| finite(interval.high)),
        level: interval.map(|interval| interval.level),
    }
}

/// Pseudo-median of seconds; `None` without a value, with one that is not above 0, or with more than
/// [`crate::stats::MAX_PAIRS`].
pub(crate) fn pseudo_median(seconds: &[f64]) -> Option<Estimate> {
    let times: Result<Vec<Time>, _> = seconds.iter().map(|s| Time::from_seconds(*s)).collect();
    let location = Location::of(&times.ok()?, ALPHA).ok()?;
    Some(Estimate {
        value: location.pseudo_median,
        low: location.interval.map(|interval| interval.low),
        high: location.interval.map(|interval| interval.high),
        level: location.interval.map(|interval| interval.confidence),
    })
}
