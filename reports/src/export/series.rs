//! The numbers that a tool follows from run to run: sample totals with intervals, example medians.

use bench_record::{Arm, ExampleSummary, LoadedRun, Regime, RegimeSummary};

use super::names::{Unique, series};
use super::{Input, cut_short, without_bad_samples};

/// One number of each run.
pub(super) struct Series<'a> {
    /// Unique in the document.
    pub(super) name: String,
    pub(super) regime: Regime,
    pub(super) arm: Arm,
    /// Median, seconds.
    pub(super) median_s: f64,
    /// Interval of the median, seconds, with its level; only where there are enough samples for one.
    pub(super) interval: Option<(f64, f64, f64)>,
    /// Of a regime; null for an example.
    pub(super) total: Option<&'a RegimeSummary>,
}

/// Every series of the run, totals first. None of an imported one: see [`notes`].
pub(super) fn all<'a>(input: &Input<'a>) -> Vec<Series<'a>> {
    if input.run.run.imported.is_some() {
        return Vec::new();
    }
    let mut unique = Unique::default();
    let mut all: Vec<Series> = input
        .summary
        .regimes
        .iter()
        .filter_map(|regime| {
            let wall = regime.wall_s.as_ref()?;
            Some(Series {
                name: unique.take(&series(input.run, None, regime.regime, regime.arm)),
                regime: regime.regime,
                arm: regime.arm,
                median_s: wall.median,
                interval: wall
                    .low
                    .zip(wall.high)
                    .zip(wall.level)
                    .map(|((low, high), level)| (low, high, level)),
                total: Some(regime),
            })
        })
        .collect();
    for example in &input.summary.examples {
        for regime in Regime::ALL {
            if let Some(median_s) = time(example, regime) {
                let name = series(input.run, Some(&example.name), regime, Arm::Candidate);
                all.push(Series {
                    name: unique.take(&name),
                    regime,
                    arm: Arm::Candidate,
                    median_s,
                    interval: None,
                    total: None,
                });
            }
        }
    }
    all
}

const fn time(example: &ExampleSummary, regime: Regime) -> Option<f64> {
    match regime {
        Regime::Cold => example.cold_s,
        Regime::SameRunner => example.same_runner_s,
        Regime::CrossRunner => example.cross_runner_s,
        Regime::MovedRunner => example.moved_runner_s,
        Regime::Hot => example.hot_s,
        Regime::Unknown => example.unknown_s,
    }
}

/// What a document of series leaves out.
pub(super) fn notes(run: &LoadedRun) -> Vec<String> {
    if let Some(imported) = &run.run.imported {
        return vec![format!(
            "times imported from {} are left out: their regime is not known, and this format is made to be \
             judged (hint: `--format hyperfine` keeps them)",
            crate::document::text::word(&imported.format)
        )];
    }
    without_bad_samples(run).into_iter().chain(cut_short(run)).collect()
}
