//! The history for people, in columns.

use super::{BASIS, Trend, facts, groups, no_step, steps};
use crate::grid::Grid;
use crate::series::{Series, sparkline};
use crate::{document::text, document::units};

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
pub(super) fn grid(group: &[Series], width: usize) -> Grid {
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
