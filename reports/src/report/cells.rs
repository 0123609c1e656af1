//! Cells that several sections share, in words.

use bench_record::{Arm, ExampleSummary, Interval, RegimeSummary, Summary};

use crate::document::{NOTHING, Tone, units};

/// Names of the columns and one row per regime, as plain text.
pub(crate) struct RegimeTable {
    /// Column names.
    pub(crate) header: [&'static str; 9],
    /// One row per regime and arm.
    pub(crate) rows: Vec<[String; 9]>,
    /// What the column `spread` shows.
    pub(crate) spread: String,
}

impl RegimeTable {
    /// Number of leading columns about time; the rest is about caches.
    pub(crate) const TIMES: usize = 5;

    pub(crate) fn new(summary: &Summary) -> Self {
        let walls: Vec<Interval> = summary.regimes.iter().filter_map(|r| r.wall_s).collect();
        // One meaning per column: intervals only when every row that has a time has one.
        let level = walls
            .iter()
            .map(|wall| wall.low.and(wall.high).and(wall.level))
            .try_fold(1.0_f64, |lowest, level| level.map(|level| lowest.min(level)))
            .filter(|_| !walls.is_empty());
        let spread = match level {
            Some(level) => {
                format!("spread: interval of the median, level at least {}", units::level(level))
            }
            None => format!(
                "spread: smallest to largest (an interval needs {} samples)",
                crate::stats::INTERVAL_SAMPLES
            ),
        };
        let rows = summary.regimes.iter().map(|regime| row(regime, level.is_some())).collect();
        Self {
            header: [
                "regime", "n", "median", "spread", "speed-up", "restore", "save", "MB", "hits",
            ],
            rows,
            spread,
        }
    }
}

fn row(regime: &RegimeSummary, intervals: bool) -> [String; 9] {
    let or_nothing = |text: Option<String>| text.unwrap_or_else(|| NOTHING.to_owned());
    let cache = regime.cache;
    [
        label(regime),
        samples(regime),
        or_nothing(regime.wall_s.map(|wall| units::seconds(wall.median))),
        or_nothing(regime.wall_s.map(|wall| match (wall.low, wall.high) {
            (Some(low), Some(high)) if intervals => units::seconds_range(low, high),
            _ => units::seconds_range(wall.min, wall.max),
        })),
        or_nothing(regime.speedup.map(|speedup| units::ratio(speedup.ratio))),
        or_nothing(cache.and_then(|cache| cache.restore_s).map(units::seconds)),
        or_nothing(cache.and_then(|cache| cache.save_s).map(units::seconds)),
        or_nothing(cache.map(|cache| units::megabytes(cache.bytes))),
        hits(regime),
    ]
}

/// The regime; the arm only when it is not the usual one.
pub(super) fn label(regime: &RegimeSummary) -> String {
    match regime.arm {
        Arm::Candidate => regime.regime.to_string(),
        Arm::Baseline => format!("{} (base)", regime.regime),
    }
}

/// `5`, or `3/5` when not every sample enters the estimates.
fn samples(regime: &RegimeSummary) -> String {
    let all = u64::from(regime.samples) + u64::from(regime.unproven) + u64::from(regime.failed);
    if all == u64::from(regime.samples) {
        all.to_string()
    } else {
        format!("{}/{all}", regime.samples)
    }
}

/// `55/55`; unknown is a dash, never 0.
fn hits(regime: &RegimeSummary) -> String {
    match (regime.hits, regime.misses) {
        (Some(hits), Some(misses)) => {
            format!("{}/{}", units::count(hits), units::count(hits + misses))
        }
        (Some(hits), None) => units::count(hits),
        (None, _) => NOTHING.to_owned(),
    }
}

/// The columns of example times that some example has: name of the column and its value.
pub(super) type ExampleColumn = (&'static str, fn(&ExampleSummary) -> Option<f64>);

/// Columns with at least one time.
pub(super) fn example_columns(summary: &Summary) -> Vec<ExampleColumn> {
    let all: [ExampleColumn; 6] = [
        ("cold", |example| example.cold_s),
        ("same", |example| example.same_runner_s),
        ("cross", |example| example.cross_runner_s),
        ("moved", |example| example.moved_runner_s),
        ("hot", |example| example.hot_s),
        ("time", |example| example.unknown_s),
    ];
    all.into_iter().filter(|(_, time)| summary.examples.iter().any(|e| time(e).is_some())).collect()
}

/// A time or a dash.
pub(super) fn time(seconds: Option<f64>) -> String {
    seconds.map_or_else(|| NOTHING.to_owned(), units::seconds)
}

/// How the word of a verdict is shown: its sign says in which direction.
pub(super) fn tone(verdict: &str) -> Tone {
    match verdict {
        "regressed" => Tone::Worse,
        "improved" => Tone::Better,
        "ok" => Tone::Good,
        "none" | "not-applicable" => Tone::Quiet,
        _ => Tone::Open,
    }
}
