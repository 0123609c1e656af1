//! Numbers with their intervals, as a summary records them. The interval of a median of block values is that of
//! the sign test: exact whatever the distribution. The pseudo-median has the exact Wilcoxon interval.

use bench_record::{Estimate, Interval};

use crate::stats::{self, ConfidenceInterval, Location, Time, median, median_interval};

/// The level that an interval has to reach is 1 minus this.
const ALPHA: f64 = 0.05;

/// Median, ends and interval of `values`; `None` without a value.
pub(super) fn interval(values: &[f64]) -> Option<Interval> {
    let Location { median, interval, min, max } = Location::of(values)?;
    Some(Interval {
        median,
        low: interval.map(|interval| interval.low),
        high: interval.map(|interval| interval.high),
        level: interval.map(|interval| interval.confidence),
        min,
        max,
    })
}

/// Median of `values` with the interval of the sign test; `None` without a value.
pub(super) fn of_median(values: &[f64]) -> Option<Estimate> {
    Some(around(median(values)?, values))
}

/// `value` with the sign test's interval of the median of `values`. An end that is not finite is null.
pub(super) fn around(value: f64, values: &[f64]) -> Estimate {
    let interval = median_interval(values);
    let finite = |end: f64| end.is_finite().then_some(end);
    Estimate {
        value,
        low: interval.and_then(|interval| finite(interval.low)),
        high: interval.and_then(|interval| finite(interval.high)),
        level: interval.map(|interval| interval.confidence),
    }
}

/// Pseudo-median of seconds (that of their logarithms); `None` without a value, with one that is not above 0, or
/// with more than [`stats::MAX_PAIRS`].
pub(super) fn pseudo_median(seconds: &[f64]) -> Option<Estimate> {
    let logs: Result<Vec<f64>, _> =
        seconds.iter().map(|s| Time::from_seconds(*s).map(Time::ln)).collect();
    let logs = logs.ok()?;
    let value = stats::pseudo_median(&logs).ok()?.exp();
    let interval = stats::signed_rank_interval(&logs, ALPHA).ok()?.map(ConfidenceInterval::exp);
    Some(Estimate {
        value,
        low: interval.map(|interval| interval.low),
        high: interval.map(|interval| interval.high),
        level: interval.map(|interval| interval.confidence),
    })
}
