//! The history for people: on a terminal, and as Markdown for job summaries.

use super::document::Trend;
use super::series::Series;
use super::sparkline::sparkline;
use crate::document::terminal::Screen;
use crate::document::{
    Blocks, Cell, Column, Document, Head, NOTHING, Section, Table, Words, markdown as markdown_of,
    terminal as terminal_of, text, units,
};

/// Narrower, a line of blocks says nothing.
const NARROWEST: usize = 60;
/// Width that decides how many runs a line of blocks has in Markdown, as on a terminal.
const WIDTH: usize = 80;
/// Columns that the numbers and the gaps take beside the name and the blocks.
const NUMBERS: usize = 25;
/// Longest name shown beside blocks.
const NAME: usize = 30;
/// Groups of series that a document shows; the others are counted.
const GROUPS: usize = 60;

/// What the columns mean.
const BASIS: &str = "Each character is a run, a dot one without a proven sample; now: the median since the last step. \
A step is a change of at least 3 % that exceeds the series' own noise (false-alarm rate 1 % per series).";

/// The history as text, no line wider than `width` (at least 60).
pub fn terminal(trend: &Trend, width: usize) -> String {
    let width = width.max(NARROWEST);
    terminal_of::render(&document(trend, width), Screen { width, colour: false })
}

/// The history as Markdown. What does not fit is counted.
pub fn markdown(trend: &Trend) -> String {
    markdown_of::render(&document(trend, WIDTH))
}

fn document(trend: &Trend, width: usize) -> Document {
    let mut sections: Vec<Section> =
        groups(trend).take(GROUPS).map(|group| section(group, width)).collect();
    let mut notes: Vec<&str> = trend.notes.iter().map(String::as_str).collect();
    let left_out: usize = groups(trend).skip(GROUPS).map(<[Series]>::len).sum();
    let left_out = format!("{left_out} more series are left out.");
    if groups(trend).nth(GROUPS).is_some() {
        notes.push(&left_out);
    }
    if !trend.series.is_empty() {
        notes.push(BASIS);
    }
    if !notes.is_empty() {
        sections.push(Section::new("notes", "How to read it", Blocks::new().notes(notes)));
    }
    Document::new("Runs from the oldest to the newest", Head::default(), sections)
}

/// Series that share everything but regime and measure, in the order in which they stand.
fn groups(trend: &Trend) -> impl Iterator<Item = &[Series]> {
    trend.series.chunk_by(|one, other| {
        (&one.scenario, &one.params, &one.kind) == (&other.scenario, &other.params, &other.kind)
    })
}

/// One group, which is never empty.
fn section(group: &[Series], width: usize) -> Section {
    let first = &group[0];
    let params = first.params.iter().map(|(name, value)| Words::new().setting(name, value));
    let kind = Words::new().text(first.kind.to_string());
    let blocks =
        Blocks::new().quiet(Words::joined(params.chain([kind]), "; ")).table(table(group, width));
    let steps: Vec<String> = group
        .iter()
        .flat_map(|series| {
            let sentences = series.steps().into_iter().map(|step| series.step_sentence(&step));
            sentences.collect::<Vec<_>>()
        })
        .collect();
    let blocks = if steps.is_empty() {
        blocks.paragraph(no_step(group))
    } else {
        blocks.heading("Steps").items(steps)
    };
    Section::new("group", Words::new().name(&first.scenario), blocks)
}

/// One row per series; the blocks take what the names leave.
fn table(group: &[Series], width: usize) -> Table {
    let names: Vec<String> = group.iter().map(|series| text::fit(&series.name(), NAME)).collect();
    let widest = names.iter().map(|name| text::width(name)).max().unwrap_or(0);
    let room = width.saturating_sub(widest + NUMBERS);
    let columns = [
        Column::names("what"),
        Column::numbers("runs"),
        Column::numbers("now"),
        Column::numbers("change"),
        Column::words("oldest to newest"),
    ];
    let mut table = Table::new("Series", columns).long().of("series");
    for (series, name) in group.iter().zip(names) {
        let now = series.level().map(|level| units::seconds(level.median_s));
        let change = series.steps().last().map(|step| units::ratio(step.ratio));
        let quantity = |shown: Option<String>| {
            Words::new().quantity(shown.unwrap_or_else(|| NOTHING.to_owned()))
        };
        let blocks = sparkline(&series.medians(), room);
        table.row([
            Words::new().text(name).into(),
            series.points.len().to_string().into(),
            quantity(now).into(),
            quantity(change).into(),
            Cell::from(Words::new().sparkline(blocks, "median time of each run")),
        ]);
    }
    table
}

/// Said where a group has no step, and how many runs one would have needed.
fn no_step(group: &[Series]) -> String {
    let most = group
        .iter()
        .map(|series| series.medians().into_iter().flatten().count())
        .max()
        .unwrap_or(0);
    let least = 2 * crate::stats::MIN_SEGMENT;
    if most < least {
        format!(
            "No step: detecting a step needs {least} runs with a proven sample; there are {most}."
        )
    } else {
        "No step.".to_owned()
    }
}
