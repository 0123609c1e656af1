//! The history for job summaries: names may come from a fork and are escaped.

use super::terminal::grid;
use super::{BASIS, Trend, facts, groups, no_step, steps};
use crate::document::text::{code, sentence};
use crate::series::Series;

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
