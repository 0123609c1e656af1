//! The examples: each with its times, and how many take how long.

use bench_record::{Arm, ExampleSummary, Outcome, Regime, Summary};

use super::cells::{example_columns, label, time};
use super::input::Input;
use crate::document::chart::{Axis, ChartRow, Curve, CurveChart, Mark, RowChart, Scale, axis};
use crate::document::{
    Blocks, Cell, Column, Figure, Media, NOTHING, Section, Table, Words, text, units,
};
use crate::marks::{legend, mark};

/// Examples that a terminal lists.
const SLOWEST: usize = 5;
/// Fewer examples are better read one by one than as a distribution.
const FEWEST: usize = 5;

/// Every example. A terminal has [`slowest`] instead.
pub(super) fn all(input: &Input) -> Option<Section> {
    let summary = input.summary;
    if summary.examples.is_empty() {
        return None;
    }
    let compared = compared(summary);
    let note = compared.map_or_else(Words::new, |warm| {
        Words::from(format!("At the right: cold divided by {warm}. "))
    });
    let order = slowest_first(summary);
    let figure = chart(summary, &order, compared).map(|chart| {
        let caption = Words::from("Medians, slowest first. ")
            .then(note)
            .scripted("Click a row for its samples.");
        Figure::rows(chart, caption).legend(legend(timed(summary))).items(order)
    });
    let heading =
        Words::from("Examples").only(Media::MARKDOWN, format!(" ({})", summary.examples.len()));
    let section = Section::new(
        "examples",
        heading,
        Blocks::new().figure(figure).table(table(summary, compared)),
    );
    let section = section.folded();
    let where_it_saves = match compared {
        Some(Regime::CrossRunner) => "on another runner",
        Some(Regime::MovedRunner) => "on a runner with other paths",
        _ => return Some(section),
    };
    Some(section.lead(format!(
        "The distance between cold and {} is what the cache saves a job {where_it_saves}; marks that coincide are work \
         that is done again.",
        compared.map_or("warm", Regime::as_str)
    )))
}

fn table(summary: &Summary, compared: Option<Regime>) -> Table {
    let times = example_columns(summary);
    // Without a regime to compare with the column is empty, and not shown.
    let ratio = format!("cold / {}", compared.map_or("warm", Regime::as_str));
    let columns = [Column::names("example"), Column::numbers("no.")]
        .into_iter()
        .chain(times.iter().map(|(name, _)| Column::numbers(*name)))
        .chain([Column::numbers(ratio).only(Media::HTML), Column::words("outcome")]);
    let mut table = Table::new("Examples", columns).sortable().tall().long().of("examples");
    for (index, example) in summary.examples.iter().enumerate() {
        let gain = gain(example, compared);
        let outcome = Words::from(example.outcome.as_str());
        let outcome = match &example.reason {
            Some(reason) => outcome.text(": ").name(reason),
            None => outcome,
        };
        let position = Some(f64::from(example.position));
        let first = [
            Words::new().item(index, &example.name).into(),
            Cell::number(example.position.to_string(), position),
        ];
        let times = times.iter().map(|(_, of)| Cell::number(time(of(example)), of(example)));
        let gain = Cell::number(gain.map_or_else(|| NOTHING.to_owned(), units::ratio), gain);
        table.row(first.into_iter().chain(times).chain([gain, outcome.into()]));
    }
    table.without_empty_columns()
}

/// The slowest examples, for a terminal.
pub(super) fn slowest(input: &Input) -> Option<Section> {
    let summary = input.summary;
    let order = slowest_first(summary);
    let unranked = (0..summary.examples.len()).filter(|index| !order.contains(index));
    let order: Vec<usize> = order.iter().copied().chain(unranked).take(SLOWEST).collect();
    if order.is_empty() {
        return None;
    }
    let times = example_columns(summary);
    let columns = [Column::names("example")]
        .into_iter()
        .chain(times.iter().map(|(name, _)| Column::numbers(*name)))
        .chain([Column::words("")]);
    let mut table = Table::new("Slowest examples", columns);
    for example in order.iter().map(|index| &summary.examples[*index]) {
        // How it ended, when not well.
        let outcome = match example.outcome {
            Outcome::Ok => "",
            outcome => outcome.as_str(),
        };
        let times = times.iter().map(|(_, of)| Cell::from(time(of(example))));
        table.row([Cell::name(&example.name)].into_iter().chain(times).chain([outcome.into()]));
    }
    let heading = format!("Slowest examples ({} of {})", table.len(), summary.examples.len());
    let blocks = Blocks::new().table(table.without_empty_columns());
    Some(Section::new("slowest", heading, blocks))
}

/// How many examples take how long; `None` for a handful.
pub(super) fn distribution(input: &Input) -> Option<Section> {
    let summary = input.summary;
    if summary.examples.len() < FEWEST {
        return None;
    }
    let figure = Figure::curves(
        curves(summary)?,
        "Share of the examples whose median takes at most the time.",
    );
    let columns = [
        Column::words("regime"),
        Column::numbers("times"),
        Column::numbers("50 %"),
        Column::numbers("90 %"),
        Column::numbers("99 %"),
        Column::numbers("all"),
    ];
    let mut table = Table::new("Quantiles of all example times", columns);
    for regime in &summary.regimes {
        let Some(times) = &regime.example_times else { continue };
        let quantiles = [times.p50_s, times.p90_s, times.p99_s, times.max_s];
        let first = [label(regime), times.count.to_string()];
        table.row(first.into_iter().chain(quantiles.map(units::seconds)).map(Cell::from));
    }
    let blocks = Blocks::new().figure(Some(figure.legend(legend(timed(summary))))).table(table);
    Some(Section::new("distribution", "Distribution of example times", blocks))
}

/// Regimes of the candidate that have a time, for a legend.
pub(super) fn timed(summary: &Summary) -> impl Iterator<Item = Regime> {
    let candidates = summary.regimes.iter().filter(|regime| regime.arm == Arm::Candidate);
    candidates.filter(|regime| regime.wall_s.is_some()).map(|regime| regime.regime)
}

/// The times of an example, one per regime.
fn times(example: &ExampleSummary) -> Vec<(f64, Mark)> {
    [
        (example.cold_s, Regime::Cold),
        (example.same_runner_s, Regime::SameRunner),
        (example.cross_runner_s, Regime::CrossRunner),
        (example.moved_runner_s, Regime::MovedRunner),
        (example.hot_s, Regime::Hot),
        (example.unknown_s, Regime::Unknown),
    ]
    .into_iter()
    .filter_map(|(time, regime)| Some((time?, mark(regime))))
    .collect()
}

/// Indexes of the examples that have a time, the slowest first.
fn slowest_first(summary: &Summary) -> Vec<usize> {
    let slowest = |index: usize| {
        times(&summary.examples[index]).into_iter().map(|(time, _)| time).fold(0.0, f64::max)
    };
    let mut order: Vec<(usize, f64)> = (0..summary.examples.len())
        .filter(|index| !times(&summary.examples[*index]).is_empty())
        .map(|index| (index, slowest(index)))
        .collect();
    // Stable: equal times stay in order of execution.
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    order.into_iter().map(|(index, _)| index).collect()
}

/// The warm regimes that examples can be compared with, the first choice first.
const COMPARED: [Regime; 4] =
    [Regime::CrossRunner, Regime::MovedRunner, Regime::SameRunner, Regime::Hot];

/// The one warm regime that examples are compared with: the first of cross-runner, moved-runner, same-runner and hot in which
/// whole samples are `ok`. `None` without one, or where cold has none.
///
/// It is the same for all examples, or one column would hold answers to different questions. What single examples
/// took in samples that failed is shown, but no ratio rests on it.
fn compared(summary: &Summary) -> Option<Regime> {
    let timed = |wanted: &Regime| timed(summary).any(|regime| regime == *wanted);
    let warm = COMPARED.into_iter().find(timed)?;
    timed(&Regime::Cold).then_some(warm)
}

/// Cold time of an example divided by its time in this regime.
fn gain(example: &ExampleSummary, warm: Option<Regime>) -> Option<f64> {
    let warm = match warm? {
        Regime::CrossRunner => example.cross_runner_s,
        Regime::MovedRunner => example.moved_runner_s,
        Regime::SameRunner => example.same_runner_s,
        Regime::Hot => example.hot_s,
        Regime::Cold | Regime::Unknown => None,
    };
    warm.filter(|warm| *warm > 0.0).and_then(|warm| Some(example.cold_s? / warm))
}

/// One dumbbell per example.
fn chart(summary: &Summary, order: &[usize], compared: Option<Regime>) -> Option<RowChart> {
    let lines: Vec<ChartRow> = order
        .iter()
        .map(|index| {
            let example = &summary.examples[*index];
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
    let values = lines.iter().flat_map(|row| row.marks.iter().map(|mark| mark.0));
    let axis = Axis::covering(Scale::Log, values, axis::seconds)?;
    Some(RowChart { axis, lines, guide: None, band: None })
}

/// Share of the examples that take at most a time, one curve per regime.
fn curves(summary: &Summary) -> Option<CurveChart> {
    let mut lines: Vec<Curve> = Vec::new();
    for regime in Regime::ALL.into_iter().chain([Regime::Unknown]) {
        let own = mark(regime);
        let all = summary.examples.iter().flat_map(times).filter(|(_, of)| *of == own);
        let mut all: Vec<f64> = all.map(|(time, _)| time).collect();
        all.sort_by(f64::total_cmp);
        let count = all.len() as f64;
        let points = all.iter().zip(1_u32..).map(|(time, rank)| (*time, f64::from(rank) / count));
        if count > 1.0 {
            lines.push(Curve { mark: own, points: points.collect() });
        }
    }
    let values = lines.iter().flat_map(|curve| curve.points.iter().map(|point| point.0));
    Some(CurveChart {
        across: Axis::covering(Scale::Log, values, axis::seconds)?,
        up: Axis::covering(Scale::Linear, [1.0], |share| format!("{:.0} %", share * 100.0))?,
        lines,
        steps: true,
    })
}
