//! A run among the earlier ones: to look at, never to judge by.

use std::collections::BTreeMap;

use bench_record::{Arm, Regime};

use super::cells;
use super::input::Input;
use crate::document::{Blocks, Cell, Column, Media, Section, Table, Words, units};
use crate::marks::marked;
use crate::trend::{Measure, Point, Recent, Series, sparkline};

/// Runs that a line shows.
const SHOWN: usize = 30;

/// What keeps the figures from being taken for a verdict.
const BASIS: &str = "Each character is a run, a dot one without a proven sample. Runs of other days are shown to \
look at: a verdict needs both sides measured in one job.";

/// One regime over its runs, this one last.
struct Line {
    /// The earlier runs and this one.
    series: Series,
    /// Blocks.
    sparkline: String,
    /// Level before this run, since the last step, seconds.
    before_s: Option<f64>,
    /// This run, seconds.
    now_s: Option<f64>,
}

impl Line {
    /// This run's time in relation to the level before it.
    fn change(&self) -> Option<f64> {
        self.before_s.zip(self.now_s).map(|(before, now)| now / before)
    }
}

/// One line per regime of the candidate; `None` where no history is given.
fn lines(input: &Input) -> Option<Vec<Line>> {
    let recent = input.beside.history?;
    let own = |regime: Regime| {
        let summary = input.summary.regimes.iter();
        summary.filter(|of| of.arm == Arm::Candidate).find(|of| of.regime == regime)
    };
    let line = |earlier: &Series| {
        let of = own(earlier.regime)?;
        let now_s = of.wall_s.map(|wall| wall.median);
        let before_s = earlier.level().map(|level| level.median_s);
        let mut series = earlier.clone();
        series.points.push(point(input, now_s, of.samples));
        let sparkline = sparkline(&series.medians(), SHOWN);
        Some(Line { series, sparkline, before_s, now_s })
    };
    Some(recent.series.iter().filter(|of| of.measure == Measure::Total).filter_map(line).collect())
}

/// This run as a point of its series.
fn point(input: &Input, median_s: Option<f64>, samples: u32) -> Point {
    let run = &input.run.run;
    let source = run.arms.iter().find(|arm| arm.arm == Arm::Candidate).map(|arm| &arm.source);
    Point {
        run: run.id.to_string(),
        started: run.started,
        source: source.and_then(|source| source.revision.clone()),
        dirty: source.is_some_and(|source| source.dirty == Some(true)),
        key: run.comparability.clone(),
        median_s,
        samples,
        complete: input.summary.complete,
    }
}

/// `None` where no history is given.
pub(super) fn section(input: &Input) -> Option<Section> {
    let lines = lines(input)?;
    let columns = [
        Column::words("regime"),
        Column::numbers("runs"),
        Column::words("oldest to this one"),
        Column::numbers("before"),
        Column::numbers("this run"),
        Column::numbers("change"),
    ];
    let mut table = Table::new("Recent runs", columns).of("regimes");
    for line in &lines {
        table.row([
            marked(line.series.regime).into(),
            Cell::from(line.series.points.len().to_string()),
            sparks(line).into(),
            cells::time(line.before_s).into(),
            cells::time(line.now_s).into(),
            Cell::or_nothing(line.change().map(units::ratio)),
        ]);
    }
    let every = Blocks::new().table(every_run(&lines));
    let blocks = Blocks::new()
        .table(table)
        .notes(sentences(input, &lines))
        .only(Media::HTML, Blocks::new().folded("Every run", every));
    Some(Section::new("history", "Recent runs", blocks))
}

/// The runs as block characters, and in words for who cannot see them.
fn sparks(line: &Line) -> Words {
    let values: Vec<f64> = line.series.medians().into_iter().flatten().collect();
    let low = values.iter().copied().reduce(f64::min);
    let high = values.iter().copied().reduce(f64::max);
    let label = match low.zip(high) {
        Some((low, high)) => {
            format!("{}, {}", units::counted(values.len(), "run"), units::seconds_range(low, high))
        }
        None => "no run with a proven sample".to_owned(),
    };
    Words::new().sparkline(&line.sparkline, label)
}

fn every_run(lines: &[Line]) -> Table {
    let mut runs: BTreeMap<_, (&Point, Vec<Option<f64>>)> = BTreeMap::new();
    for (column, line) in lines.iter().enumerate() {
        for point in &line.series.points {
            let run = runs
                .entry((point.started, point.run.as_str()))
                .or_insert_with(|| (point, vec![None; lines.len()]));
            run.1[column] = point.median_s;
        }
    }
    let regimes = lines.iter().map(|line| Column::numbers(line.series.regime.as_str()));
    let columns = [Column::words("started (UTC)"), Column::words("run"), Column::words("source")];
    let mut table =
        Table::new("Every run, oldest first", columns.into_iter().chain(regimes)).sortable();
    for (point, medians) in runs.values() {
        let first: [Cell; 3] = [
            point.started.format("%Y-%m-%d %H:%M").to_string().into(),
            Words::new().code(&point.run).into(),
            point.commit().into(),
        ];
        let medians = medians.iter().map(|median| Cell::number(cells::time(*median), *median));
        table.row(first.into_iter().chain(medians));
    }
    table
}

/// Steps, what is left out, and what the figures are for.
fn sentences(input: &Input, lines: &[Line]) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    for line in lines {
        sentences.extend(line.series.steps().iter().map(|step| line.series.step_sentence(step)));
    }
    if lines.is_empty() {
        sentences.push("The history has no comparable earlier run.".to_owned());
    } else {
        sentences.push(BASIS.to_owned());
    }
    sentences.extend(input.beside.history.into_iter().flat_map(left_out));
    sentences
}

fn left_out(recent: &Recent) -> impl Iterator<Item = String> {
    let are = |count| if count == 1 { "is" } else { "are" };
    let left_out = |count: u32, what, why| {
        (count > 0).then(|| {
            format!("{} {why} {} left out.", units::counted(count as usize, what), are(count))
        })
    };
    [
        left_out(
            recent.incomparable,
            "earlier run",
            "with other machines, tools or scenario files",
        ),
        left_out(recent.damaged, "file", "of the history cannot be trusted and"),
    ]
    .into_iter()
    .flatten()
}
