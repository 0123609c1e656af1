//! The run among the earlier ones: a line of blocks a regime, and every run as a table.

use std::collections::BTreeMap;

use super::super::Input;
use super::super::history::{self, Line};
use super::super::table::{self as cells, NOTHING};
use super::markup::Markup;
use super::page::Section;
use super::table::{Cell, Table, numbers, words};
use super::{legend, sentences};
use crate::document::units;
use crate::trend::Point;

/// `None` where no history is given.
pub(super) fn runs(input: &Input) -> Option<Section> {
    let lines = history::lines(input)?;
    let mut table = Table::new(
        "Recent runs",
        vec![
            words("regime"),
            numbers("runs"),
            words("oldest to this one"),
            numbers("before"),
            numbers("this run"),
            numbers("change"),
        ],
    );
    for line in &lines {
        table.row(vec![
            legend::named(line.series.regime).into(),
            line.series.points.len().to_string().into(),
            blocks(line).into(),
            cells::time(line.before_s).into(),
            cells::time(line.now_s).into(),
            line.change().map_or_else(|| NOTHING.to_owned(), units::ratio).into(),
        ]);
    }
    let body = if table.is_empty() { Markup::default() } else { table.markup() };
    let body = body.add(&sentences(&history::sentences(input, &lines)));
    let body = if lines.is_empty() {
        body
    } else {
        body.raw("<details><summary>Every run</summary>").add(&every(&lines)).raw("</details>\n")
    };
    Some(Section { id: "history", heading: "Recent runs", lead: "", body })
}

/// Read out as what it shows: a screen reader has no use for blocks.
fn blocks(line: &Line) -> Markup {
    let values: Vec<f64> = line.series.medians().into_iter().flatten().collect();
    let low = values.iter().copied().reduce(f64::min);
    let high = values.iter().copied().reduce(f64::max);
    let label = match low.zip(high) {
        Some((low, high)) => {
            format!("{}, {}", units::counted(values.len(), "run"), units::seconds_range(low, high))
        }
        None => "no run with a proven sample".to_owned(),
    };
    Markup::new("<span class=\"blocks\" role=\"img\"")
        .attribute("aria-label", &label)
        .raw(">")
        .text(&line.sparkline)
        .raw("</span>")
}

fn every(lines: &[Line]) -> Markup {
    let mut runs: BTreeMap<_, (&Point, Vec<Option<f64>>)> = BTreeMap::new();
    for (column, line) in lines.iter().enumerate() {
        for point in &line.series.points {
            let run = runs
                .entry((point.started, point.run.as_str()))
                .or_insert_with(|| (point, vec![None; lines.len()]));
            run.1[column] = point.median_s;
        }
    }
    let mut columns = vec![words("started (UTC)"), words("run"), words("source")];
    columns.extend(lines.iter().map(|line| numbers(line.series.regime.as_str())));
    let mut table = Table::new("Every run, oldest first", columns).interactive();
    for (point, medians) in runs.values() {
        let mut row: Vec<Cell> = vec![
            point.started.format("%Y-%m-%d %H:%M").to_string().into(),
            Markup::new("<code>").name(&point.run).raw("</code>").into(),
            Markup::default().sentence(&point.commit()).into(),
        ];
        row.extend(medians.iter().map(|median| Cell::number(&cells::time(*median), *median)));
        table.row(row);
    }
    table.markup()
}
