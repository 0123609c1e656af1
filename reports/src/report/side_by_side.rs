//! Two runs next to each other, for every format that has it.

use super::formats::ReportFormat;
use super::input::RenderError;
use crate::document::terminal::Screen;
use crate::document::{
    Blocks, Cell, Column, Document, Head, Media, Section, Table, Words, markdown, terminal, units,
};
use crate::side_by_side::SideBySide;

/// The document; `width` and nothing else shapes the terminal's. `None` for a format that has none.
///
/// # Errors
/// As [`super::Renderer::render`].
#[must_use]
pub fn side_by_side(
    format: ReportFormat,
    sides: &SideBySide,
    width: usize,
) -> Option<Result<String, RenderError>> {
    match format {
        ReportFormat::Terminal => {
            Some(Ok(terminal::render(&document(sides), Screen { width, colour: false })))
        }
        ReportFormat::Markdown => Some(Ok(markdown::render(&document(sides)))),
        ReportFormat::Json => Some(
            serde_json::to_string_pretty(sides).map(|text| text + "\n").map_err(RenderError::from),
        ),
        ReportFormat::Csv | ReportFormat::Html | ReportFormat::Trace => None,
    }
}

fn document(sides: &SideBySide) -> Document {
    let head = Head {
        facts: vec![
            Words::from("base ").name(sides.base.as_str()),
            Words::from("candidate ").name(sides.candidate.as_str()),
        ],
        conclusion: vec![format!("{}.", sides.reason).into()],
        ..Head::default()
    };
    let sections = [
        Section::new("regimes", "Regimes", Blocks::new().table(regimes(sides))),
        Section::new("differences", "What differs", differences(sides)),
    ];
    Document::new(
        "Two runs side by side",
        head,
        sections.map(|section| section.headed(Media::HTML)),
    )
}

fn regimes(sides: &SideBySide) -> Table {
    let columns = [
        Column::words("regime"),
        Column::numbers("base"),
        Column::numbers("candidate"),
        Column::numbers("ratio (for the eye only)"),
    ];
    let mut table = Table::new("Regimes of both runs", columns).of("regimes");
    let time = |seconds: Option<f64>, n: u32| {
        Cell::or_nothing(seconds.map(|seconds| format!("{} (n = {n})", units::seconds(seconds))))
    };
    for row in &sides.regimes {
        table.row([
            row.regime.as_str().into(),
            time(row.base_s, row.base_samples),
            time(row.candidate_s, row.candidate_samples),
            Cell::or_nothing(row.ratio.map(units::ratio)),
        ]);
    }
    table
}

fn differences(sides: &SideBySide) -> Blocks {
    if sides.differences.is_empty() {
        return Blocks::new().paragraph(
            "Scenario, host and tools are identical as far as recorded; only the times of measurement differ.",
        );
    }
    let columns = [Column::names("differs"), Column::words("base"), Column::words("candidate")];
    let mut table = Table::new("What differs", columns).of("differences");
    for one in &sides.differences {
        table.row([&one.what, &one.base, &one.candidate].map(Cell::name));
    }
    Blocks::new().table(table)
}
