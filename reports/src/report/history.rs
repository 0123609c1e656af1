//! A run among the earlier ones: to look at, never to judge by.

use bench_record::{Arm, Regime};

use super::Input;
use super::section::Section;
use super::table::{self, NOTHING};
use crate::document::units;
use crate::trend::{Measure, Point, Recent, Series, sparkline};

/// Runs that a line shows.
const SHOWN: usize = 30;

/// What keeps the figures from being taken for a verdict.
const BASIS: &str = "Each character is a run, a dot one without a proven sample. Runs of other days are shown to \
look at: a verdict needs both sides measured in one job.";

/// One regime over its runs, this one last.
pub(crate) struct Line {
    /// The earlier runs and this one.
    pub(crate) series: Series,
    /// Blocks.
    pub(crate) sparkline: String,
    /// Level before this run, since the last step, seconds.
    pub(crate) before_s: Option<f64>,
    /// This run, seconds.
    pub(crate) now_s: Option<f64>,
}

impl Line {
    /// This run's time in relation to the level before it.
    pub(crate) fn change(&self) -> Option<f64> {
        self.before_s.zip(self.now_s).map(|(before, now)| now / before)
    }
}

/// A line a regime of the candidate; `None` where no history is given.
pub(crate) fn lines(input: &Input) -> Option<Vec<Line>> {
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
pub(crate) fn section(input: &Input) -> Option<Section> {
    let lines = lines(input)?;
    let rows = lines.iter().map(|line| {
        vec![
            line.series.regime.to_string(),
            line.series.points.len().to_string(),
            line.sparkline.clone(),
            table::time(line.before_s),
            table::time(line.now_s),
            line.change().map_or_else(|| NOTHING.to_owned(), units::ratio),
        ]
    });
    Some(Section {
        heading: "Recent runs",
        header: vec!["regime", "runs", "oldest to this one", "before", "this run", "change"],
        rows: rows.collect(),
        sentences: sentences(input, &lines),
    })
}

/// Steps, what is left out, and what the figures are for.
pub(crate) fn sentences(input: &Input, lines: &[Line]) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    for line in lines {
        sentences.extend(line.series.steps().iter().map(|step| line.series.step_sentence(step)));
    }
    if lines.is_empty() {
        sentences
            .push("No earlier run that this one can be set beside is in the history.".to_owned());
    } else {
        sentences.push(BASIS.to_owned());
    }
    sentences.extend(input.beside.history.into_iter().flat_map(left_out));
    sentences
}

fn left_out(recent: &Recent) -> impl Iterator<Item = String> {
    let are = |count| if count == 1 { "is" } else { "are" };
    let told = |count: u32, what, why| {
        (count > 0).then(|| {
            format!("{} {why} {} left out.", units::counted(count as usize, what), are(count))
        })
    };
    [
        told(recent.incomparable, "earlier run", "with other machines, tools or scenario files"),
        told(recent.damaged, "file", "of the history cannot be trusted and"),
    ]
    .into_iter()
    .flatten()
}
