//! The regimes: their times, and what the cache did in them.

use bench_record::{Arm, LoadedRun, Outcome, Regime, RegimeSummary, Summary};

use super::cells::{RegimeTable, label};
use super::input::Input;
use crate::document::chart::{Axis, ChartRow, RowChart, Scale, axis};
use crate::document::{
    Blocks, Card, Cell, Column, Figure, Media, NOTHING, Section, Table, Words, units,
};
use crate::marks::{mark, marked};

/// Nanoseconds in a second.
const NS: f64 = 1e9;

/// Times and transfer of each regime.
#[expect(clippy::unnecessary_wraps, reason = "the list of sections holds functions of one type")]
pub(super) fn section(input: &Input) -> Option<Section> {
    let summary = input.summary;
    let cells = RegimeTable::new(summary);
    let [regime, numbers @ ..] = cells.header;
    let columns = [Column::words(regime)].into_iter().chain(numbers.map(Column::numbers));
    let mut table = Table::new("Regimes", columns).halves(RegimeTable::TIMES).of("regimes");
    for (of, row) in summary.regimes.iter().zip(&cells.rows) {
        let [name, n, median, spread, ratio, caches @ ..] = row.each_ref().map(String::as_str);
        let key = Words::new().key(mark(of.regime), name);
        let times = [key, n.into(), median.into(), spread.into(), speedup(of, ratio)];
        table.row(times.into_iter().chain(caches.map(Words::from)).map(Cell::from));
    }
    let candidates =
        summary.regimes.iter().zip(&cells.rows).filter(|(of, _)| of.arm == Arm::Candidate);
    let figure = chart(summary, input.run).map(|chart| {
        Figure::rows(
            chart,
            "Strokes: proven samples. Mark: their median. Line: the spread of the table.",
        )
    });
    let transfer = ". Restore and save are never inside the time of a regime.";
    let blocks = Blocks::new()
        .cards(candidates.map(|(of, row)| card(of, row)).collect())
        .figure(figure)
        .table(table.without_empty_columns_in(Media::HTML))
        .quiet(Words::from(cells.spread).only(Media::HTML, transfer));
    Some(Section::new("regimes", "Regimes", blocks).headed(Media::HTML))
}

/// The speed-up; Markdown has room for its interval beside it, a page has it on the card.
fn speedup(of: &RegimeSummary, shown: &str) -> Words {
    let words = Words::from(shown);
    match of.speedup.and_then(|speedup| speedup.low.zip(speedup.high)) {
        Some((low, high)) if of.regime != Regime::Cold => {
            words.only(Media::MARKDOWN, format!(" ({})", units::ratio_range(low, high)))
        }
        _ => words,
    }
}

/// One regime at a glance; the cells are those of the table.
fn card(of: &RegimeSummary, row: &[String; 9]) -> Card {
    let [_, n, median, spread, speedup, .., hits] = row;
    let heading = marked(of.regime);
    if of.wall_s.is_none() {
        return Card { heading, answer: without_time(of).into(), basis: None, lines: Vec::new() };
    }
    let mut lines = Vec::new();
    if speedup != NOTHING && of.regime != Regime::Cold {
        let ends = of.speedup.and_then(|speedup| speedup.low.zip(speedup.high));
        let words = Words::new().strong(speedup).text(" speed-up");
        lines.push(match ends {
            Some((low, high)) => words.text(" ").aside(units::ratio_range(low, high)),
            None => words,
        });
    }
    if hits != NOTHING {
        lines.push(Words::new().strong(hits).text(" hits"));
    }
    let basis = Some(Words::from(format!("{spread}, n = {n}")));
    Card { heading, answer: median.into(), basis, lines }
}

/// Why a regime has no time: what failed may well be proven to be in it.
fn without_time(regime: &RegimeSummary) -> String {
    let all = regime.samples + regime.unproven + regime.failed;
    match (regime.unproven, regime.failed) {
        (0, 0) => "not measured".to_owned(),
        (0, failed) => format!("failed in {failed} of {all}"),
        (unproven, 0) => format!("unproven in {unproven} of {all}"),
        (unproven, failed) => format!("failed in {failed}, unproven in {unproven} of {all}"),
    }
}

/// Every proven sample of a regime, and the interval of the median.
fn chart(summary: &Summary, run: &LoadedRun) -> Option<RowChart> {
    let lines: Vec<ChartRow> = summary
        .regimes
        .iter()
        .filter_map(|regime| {
            let wall = regime.wall_s?;
            Some(ChartRow {
                label: label(regime),
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
        lines.iter().flat_map(|row| row.values.iter().chain(row.marks.iter().map(|m| &m.0)));
    let axis = Axis::covering(Scale::Linear, values.copied(), axis::seconds)?;
    Some(RowChart { axis, lines, guide: None, band: None })
}
