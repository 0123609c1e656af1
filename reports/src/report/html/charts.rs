//! From a summary to charts. Every chart shows numbers that a table of the report has too.

use bench_record::{
    Arm, ComparisonSummary, ExampleSummary, LoadedRun, Outcome, Regime, RegimeSummary, Summary,
};

use super::super::comparison;
use super::super::table::{self, NOTHING};
use crate::document::chart::{
    Axis, Bar, ChartRow, Curve, CurveChart, Mark, RowChart, Scale, Svg, axis,
};
use crate::document::{text, units};
use crate::marks::mark;

/// Nanoseconds in a second.
const NS: f64 = 1e9;

/// Every proven sample of a regime, and the interval of the median.
pub(super) fn regimes(summary: &Summary, run: &LoadedRun) -> Option<Svg> {
    let rows: Vec<ChartRow> = summary
        .regimes
        .iter()
        .filter_map(|regime| {
            let wall = regime.wall_s?;
            Some(ChartRow {
                label: table::label(regime),
                note: units::seconds(wall.median),
                span: wall.low.zip(wall.high).or(Some((wall.min, wall.max))),
                values: run
                    .samples
                    .iter()
                    .map(|(sample, _)| sample)
                    .filter(|sample| (sample.regime, sample.arm) == (regime.regime, regime.arm))
                    .filter(|sample| {
                        sample.outcome == Outcome::Ok && sample.evidence.contradictions.is_empty()
                    })
                    .map(|sample| sample.wall_ns as f64 / NS)
                    .collect(),
                marks: vec![(wall.median, mark(regime.regime))],
                ..ChartRow::default()
            })
        })
        .collect();
    let values =
        rows.iter().flat_map(|row| row.values.iter().chain(row.marks.iter().map(|m| &m.0)));
    let axis = Axis::covering(Scale::Linear, values.copied(), axis::seconds)?;
    RowChart { axis, lines: rows, guide: None, band: None }.svg()
}

/// The times of an example, a regime each.
pub(super) fn times(example: &ExampleSummary) -> Vec<(f64, Mark)> {
    [
        (example.cold_s, Regime::Cold),
        (example.same_runner_s, Regime::SameRunner),
        (example.cross_runner_s, Regime::CrossRunner),
        (example.hot_s, Regime::Hot),
        (example.unknown_s, Regime::Unknown),
    ]
    .into_iter()
    .filter_map(|(time, regime)| Some((time?, mark(regime))))
    .collect()
}

/// Indexes of the examples that have a time, the slowest first.
pub(super) fn slowest_first(summary: &Summary) -> Vec<usize> {
    let slowest = |index: usize| {
        times(&summary.examples[index]).into_iter().map(|(time, _)| time).fold(0.0, f64::max)
    };
    let mut order: Vec<usize> = (0..summary.examples.len())
        .filter(|index| !times(&summary.examples[*index]).is_empty())
        .collect();
    // Stable: equal times stay in order of execution.
    order.sort_by(|a, b| slowest(*b).total_cmp(&slowest(*a)));
    order
}

/// The one warm regime that examples are compared with: the first of cross-runner, same-runner and hot in which
/// whole samples are `ok`. `None` without one, or where cold has none.
///
/// It is the same for all examples, or one column would hold answers to different questions. What single examples
/// took in samples that failed is shown, but no ratio rests on it.
pub(super) fn compared(summary: &Summary) -> Option<Regime> {
    let timed = |wanted: &Regime| {
        summary.regimes.iter().any(|regime| {
            (regime.regime, regime.arm) == (*wanted, Arm::Candidate) && regime.wall_s.is_some()
        })
    };
    let warm = [Regime::CrossRunner, Regime::SameRunner, Regime::Hot].into_iter().find(timed)?;
    timed(&Regime::Cold).then_some(warm)
}

/// Cold time of an example divided by its time in this regime.
pub(super) fn gain(example: &ExampleSummary, warm: Option<Regime>) -> Option<f64> {
    let warm = match warm? {
        Regime::CrossRunner => example.cross_runner_s,
        Regime::SameRunner => example.same_runner_s,
        Regime::Hot => example.hot_s,
        Regime::Cold | Regime::Unknown => None,
    };
    warm.filter(|warm| *warm > 0.0).and_then(|warm| Some(example.cold_s? / warm))
}

/// A dumbbell an example.
pub(super) fn examples(summary: &Summary) -> Option<Svg> {
    let compared = compared(summary);
    let rows: Vec<ChartRow> = slowest_first(summary)
        .into_iter()
        .map(|index| {
            let example = &summary.examples[index];
            let marks = times(example);
            let of = |fold: fn(f64, f64) -> f64| marks.iter().map(|mark| mark.0).reduce(fold);
            ChartRow {
                label: text::named(&example.name).to_owned(),
                note: gain(example, compared).map_or_else(String::new, units::ratio),
                join: of(f64::min).zip(of(f64::max)),
                marks,
                ..ChartRow::default()
            }
        })
        .collect();
    let values = rows.iter().flat_map(|row| row.marks.iter().map(|mark| mark.0));
    let axis = Axis::covering(Scale::Log, values, axis::seconds)?;
    RowChart { axis, lines: rows, guide: None, band: None }.svg()
}

/// One part of a job.
pub(super) struct Step {
    /// What it is.
    pub(super) name: String,
    /// When it begins, s from the restore on.
    pub(super) from: f64,
    /// What it takes, s.
    pub(super) takes: f64,
}

/// Restore, fixed cost, examples, what is left of the phases, save.
pub(super) fn job(regime: &RegimeSummary) -> Vec<Step> {
    let Some(wall) = regime.wall_s else { return Vec::new() };
    let cache = regime.cache;
    let mut parts: Vec<(String, f64)> = Vec::new();
    parts.extend(cache.and_then(|cache| cache.restore_s).map(|s| ("restore".to_owned(), s)));
    match &regime.example_model {
        Some(model) => {
            // A first example that is quicker than the others has no fixed cost to show.
            let fixed = model.fixed_s.value;
            let examples = f64::from(model.examples).mul_add(model.rate_s.value, fixed.min(0.0));
            parts.push(("fixed cost".to_owned(), fixed));
            parts.push((format!("{} examples", model.examples), examples));
            parts.push(("the rest".to_owned(), wall.median - fixed.max(0.0) - examples));
        }
        None if regime.phases.len() > 1 => {
            parts.extend(regime.phases.iter().map(|(name, phase)| (name.clone(), phase.median)));
        }
        None => parts.push(("measured phases".to_owned(), wall.median)),
    }
    parts.extend(cache.and_then(|cache| cache.save_s).map(|s| ("save".to_owned(), s)));
    // What is too short to be seen is no step.
    let shortest = parts.iter().map(|(_, s)| s.max(0.0)).sum::<f64>() / 200.0;
    let mut from = 0.0;
    parts
        .into_iter()
        .filter(|(_, takes)| *takes > shortest)
        .map(|(name, takes)| {
            let step = Step { name, from, takes };
            from += takes;
            step
        })
        .collect()
}

/// The candidate's jobs.
pub(super) fn jobs(summary: &Summary) -> Vec<(&RegimeSummary, Vec<Step>)> {
    summary
        .regimes
        .iter()
        .filter(|regime| regime.arm == Arm::Candidate)
        .map(|regime| (regime, job(regime)))
        .filter(|(_, steps)| !steps.is_empty())
        .collect()
}

/// A job a regime, from left to right.
pub(super) fn waterfall(jobs: &[(&RegimeSummary, Vec<Step>)]) -> Option<Svg> {
    let ends = jobs.iter().flat_map(|(_, steps)| steps.iter().map(|step| step.from + step.takes));
    let axis = Axis::covering(Scale::Linear, ends, axis::seconds)?;
    let rows = jobs
        .iter()
        .flat_map(|(regime, steps)| {
            steps.iter().map(|step| ChartRow {
                label: format!("{}: {}", table::label(regime), step.name),
                note: units::seconds(step.takes),
                bar: Some(Bar {
                    from: step.from,
                    to: step.from + step.takes,
                    mark: mark(regime.regime),
                }),
                ..ChartRow::default()
            })
        })
        .collect();
    RowChart { axis, lines: rows, guide: None, band: None }.svg()
}

/// The first example and the others, a row a regime.
pub(super) fn first_example(summary: &Summary) -> Option<Svg> {
    let rows: Vec<ChartRow> = summary
        .regimes
        .iter()
        .filter_map(|regime| {
            let (first, others) = regime.first_example_s.zip(regime.other_examples_s)?;
            Some(ChartRow {
                label: table::label(regime),
                note: if others > 0.0 { units::ratio(first / others) } else { String::new() },
                join: Some((first.min(others), first.max(others))),
                values: vec![others],
                marks: vec![(first, mark(regime.regime))],
                ..ChartRow::default()
            })
        })
        .collect();
    let values =
        rows.iter().flat_map(|row| row.values.iter().chain(row.marks.iter().map(|m| &m.0)));
    let axis = Axis::covering(Scale::Log, values.copied(), axis::seconds)?;
    RowChart { axis, lines: rows, guide: None, band: None }.svg()
}

/// Share of the examples that take at most a time, a curve a regime.
pub(super) fn distribution(summary: &Summary) -> Option<Svg> {
    let mut curves: Vec<Curve> = Vec::new();
    for regime in Regime::ALL.into_iter().chain([Regime::Unknown]) {
        let own = mark(regime);
        let mut all: Vec<f64> = summary
            .examples
            .iter()
            .flat_map(times)
            .filter(|(_, of)| *of == own)
            .map(|(time, _)| time)
            .collect();
        all.sort_by(f64::total_cmp);
        let count = all.len() as f64;
        let points = all.iter().zip(1_u32..).map(|(time, rank)| (*time, f64::from(rank) / count));
        if count > 1.0 {
            curves.push(Curve { mark: own, points: points.collect() });
        }
    }
    let values = curves.iter().flat_map(|curve| curve.points.iter().map(|point| point.0));
    CurveChart {
        across: Axis::covering(Scale::Log, values, axis::seconds)?,
        up: Axis::covering(Scale::Linear, [1.0], |share| format!("{:.0} %", share * 100.0))?,
        lines: curves,
        steps: true,
    }
    .svg()
}

/// Measured phases, a bar a regime; `None` where there is but one.
pub(super) fn phases(summary: &Summary, run: &LoadedRun) -> Option<Svg> {
    let regimes: Vec<&RegimeSummary> =
        summary.regimes.iter().filter(|regime| regime.phases.len() > 1).collect();
    let rows: Vec<ChartRow> = run
        .run
        .phases
        .iter()
        .flat_map(|phase| {
            regimes.iter().filter_map(move |regime| {
                let takes = regime.phases.get(phase)?.median;
                Some(ChartRow {
                    label: format!("{phase}: {}", table::label(regime)),
                    note: units::seconds(takes),
                    bar: Some(Bar { from: 0.0, to: takes, mark: mark(regime.regime) }),
                    ..ChartRow::default()
                })
            })
        })
        .collect();
    let ends = rows.iter().filter_map(|row| row.bar.map(|bar| bar.to));
    let axis = Axis::covering(Scale::Linear, ends, axis::seconds)?;
    RowChart { axis, lines: rows, guide: None, band: None }.svg()
}

/// Ratios with their intervals, the floor around 1.
pub(super) fn comparisons(all: &[ComparisonSummary]) -> Option<Svg> {
    let rows: Vec<ChartRow> = all
        .iter()
        .filter_map(|of| {
            Some(ChartRow {
                label: comparison::label(of),
                note: comparison::verdict(of).to_owned(),
                span: of.low.zip(of.high),
                marks: vec![(of.ratio?, mark(of.regime))],
                ..ChartRow::default()
            })
        })
        .collect();
    let margin = all.first()?.margin;
    let floor = all.first()?.floor;
    let values = rows.iter().flat_map(|row| {
        let ends = row.span.map(|(low, high)| [low, high]);
        ends.into_iter().flatten().chain(row.marks.iter().map(|mark| mark.0))
    });
    // Without a ratio there is nothing to see: the margin alone draws no chart.
    let values: Vec<f64> = values.collect();
    values.first()?;
    let around = [1.0 / (1.0 + margin), 1.0 + margin];
    let axis = Axis::covering(Scale::Log, values.into_iter().chain(around), axis::ratio)?;
    RowChart { axis, lines: rows, guide: Some(1.0), band: Some((1.0 / (1.0 + floor), 1.0 + floor)) }
        .svg()
}

/// Samples in the order in which they ran.
pub(super) fn drift(run: &LoadedRun) -> Option<Svg> {
    let mut samples: Vec<_> = run.samples.iter().map(|(sample, _)| sample).collect();
    samples.sort_by_key(|sample| (sample.block, sample.order, &sample.id));
    let points = |regime: Regime| -> Vec<(f64, f64)> {
        samples
            .iter()
            .zip(1_u32..)
            .filter(|(sample, _)| sample.regime == regime && sample.outcome == Outcome::Ok)
            .map(|(sample, index)| (f64::from(index), sample.wall_ns as f64 / NS))
            .collect()
    };
    let curves: Vec<Curve> = Regime::ALL
        .into_iter()
        .chain([Regime::Unknown])
        .map(|regime| Curve { mark: mark(regime), points: points(regime) })
        .filter(|curve| !curve.points.is_empty())
        .collect();
    let all = || curves.iter().flat_map(|curve| &curve.points);
    if all().count() < 2 {
        return None;
    }
    let across = Axis::covering(Scale::Linear, all().map(|point| point.0), axis::ordinal)?;
    let up = Axis::covering(Scale::Log, all().map(|point| point.1), axis::seconds)?;
    CurveChart { across, up, lines: curves, steps: false }.svg()
}

/// `12.3x` or a dash.
pub(super) fn ratio(value: Option<f64>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), units::ratio)
}
