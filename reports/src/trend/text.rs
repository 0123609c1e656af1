//! The history for people: in columns on a terminal, and as Markdown for job summaries.

use super::document::Trend;
use super::series::Series;
use super::sparkline::sparkline;
use crate::document::text::{self, code, sentence};
use crate::document::units;
use crate::grid::Grid;

/// Narrower, a line of blocks says nothing.
const NARROWEST: usize = 60;
/// Columns that the numbers and the gaps take beside the name and the blocks.
const NUMBERS: usize = 24;
/// Longest name shown beside blocks.
const NAME: usize = 30;

/// The document, no line wider than `width` (at least 60).
pub fn terminal(trend: &Trend, width: usize) -> String {
    let width = width.max(NARROWEST);
    let mut page = String::new();
    for group in groups(trend) {
        // A group is never empty.
        let first = &group[0];
        paragraph(&mut page, width, "", &first.scenario);
        paragraph(&mut page, width, "", &facts(first).join("; "));
        page.push('\n');
        page.push_str(&grid(group, width).render(width));
        page.push('\n');
        let steps = steps(group);
        if steps.is_empty() {
            paragraph(&mut page, width, "", &no_step(group));
        } else {
            page.push_str("Steps\n");
        }
        for step in &steps {
            paragraph(&mut page, width, "- ", step);
        }
        page.push('\n');
    }
    for note in &trend.notes {
        paragraph(&mut page, width, "! ", note);
    }
    if !trend.series.is_empty() {
        paragraph(&mut page, width, "", BASIS);
    }
    page
}

/// A row a series; the blocks take what the names leave.
fn grid(group: &[Series], width: usize) -> Grid {
    let names: Vec<String> = group.iter().map(|series| text::fit(&series.name(), NAME)).collect();
    let widest = names.iter().map(|name| text::width(name)).max().unwrap_or(0);
    let blocks = width.saturating_sub(widest + NUMBERS);
    let mut grid = Grid::new(&["what", "runs", "now", "change", "oldest to newest"], "lrrrl");
    for (series, name) in group.iter().zip(names) {
        let steps = series.steps();
        let change = steps.last().map_or_else(|| "-".to_owned(), |step| units::ratio(step.ratio));
        let now = series.level();
        grid.row([
            name,
            series.points.len().to_string(),
            now.map_or_else(|| "-".to_owned(), |level| units::seconds(level.median_s)),
            change,
            sparkline(&series.medians(), blocks),
        ]);
    }
    grid
}

fn paragraph(page: &mut String, width: usize, lead: &str, words: &str) {
    let indent = text::width(lead);
    for (index, line) in text::wrap(words, width - indent).iter().enumerate() {
        page.push_str(if index == 0 { lead } else { &"  "[..indent] });
        page.push_str(line);
        page.push('\n');
    }
}

/// Width that decides how many runs a line of blocks has, as on a terminal.
const WIDTH: usize = 80;
/// What a job summary or a comment surely takes, in UTF-16 units; see the report.
const LIMIT: usize = 60_000;

/// GitHub-flavoured Markdown. What does not fit is counted.
pub fn markdown(trend: &Trend) -> String {
    let notes: Vec<String> =
        trend.notes.iter().map(|note| format!("* {}\n", sentence(note))).collect();
    let notes = notes.concat();
    if trend.series.is_empty() {
        return notes;
    }
    let foot = format!("\n{notes}\n{}\n", sentence(BASIS));
    // UTF-16, the largest of the ways in which the limit can be meant.
    let length = |text: &str| text.encode_utf16().count();
    let (mut page, mut left_out) = (String::new(), 0);
    for group in groups(trend) {
        let part = part(group);
        if left_out > 0 || length(&page) + length(&part) + length(&foot) > LIMIT {
            left_out += group.len();
        } else {
            page.push_str(&part);
        }
    }
    let cut = if left_out > 0 {
        format!("{left_out} more series are left out.\n")
    } else {
        String::new()
    };
    page + &cut + &foot
}

/// The series that share everything but regime and measure; never none.
fn part(group: &[Series]) -> String {
    let first = &group[0];
    let facts: Vec<String> = facts(first).iter().map(|fact| code(fact)).collect();
    let mut parts = vec![
        format!("## {}\n\n{}\n\n", code(&first.scenario), facts.join(", ")),
        grid(group, WIDTH).markdown(),
        "\n".to_owned(),
    ];
    let steps = steps(group);
    if steps.is_empty() {
        parts.push(format!("{}\n", no_step(group)));
    }
    parts.extend(steps.iter().map(|step| format!("* **{}**\n", sentence(step))));
    parts.push("\n".to_owned());
    parts.concat()
}

/// Series that share everything but regime and measure, in the order in which they stand.
fn groups(trend: &Trend) -> impl Iterator<Item = &[Series]> {
    trend.series.chunk_by(|one, other| {
        (&one.scenario, &one.params, &one.kind) == (&other.scenario, &other.params, &other.kind)
    })
}

/// `name=value` of every param and the machine.
fn facts(series: &Series) -> Vec<String> {
    let params = series.params.iter().map(|(name, value)| format!("{name}={value}"));
    params.chain([series.kind.to_string()]).collect()
}

/// Steps of a group, a sentence each.
fn steps(group: &[Series]) -> Vec<String> {
    group
        .iter()
        .flat_map(|series| {
            series.steps().iter().map(|step| series.step_sentence(step)).collect::<Vec<_>>()
        })
        .collect()
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
            "No step can be shown: that takes {least} runs with a proven sample, here are {most}."
        )
    } else {
        "No step.".to_owned()
    }
}

/// What the columns mean.
const BASIS: &str = "Each character is a run, a dot one without a proven sample; now: the median since the last step. \
A step stands out of the noise of its own series (1 % of series without one show one) and is 3 % at least.";
