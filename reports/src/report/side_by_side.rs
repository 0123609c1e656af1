//! Two runs beside each other, for every format that has it.

use super::{Format, RenderError, table, terminal};
use crate::document::text::{self, code, sentence};
use crate::document::units;
use crate::side_by_side::SideBySide;

const HEADER: [&str; 4] = ["regime", "base", "candidate", "ratio (for the eye only)"];
const DIFFERENCES: [&str; 3] = ["differs", "base", "candidate"];

/// The document; `width` and nothing else shapes the terminal's. `None` for a format that has none.
///
/// # Errors
/// As [`super::Renderer::render`].
#[must_use]
pub fn side_by_side(
    format: Format,
    sides: &SideBySide,
    width: usize,
) -> Option<Result<String, RenderError>> {
    match format {
        Format::Terminal => Some(Ok(plain(sides, width))),
        Format::Markdown => Some(Ok(markdown(sides))),
        Format::Json => Some(
            serde_json::to_string_pretty(sides).map(|text| text + "\n").map_err(RenderError::from),
        ),
        Format::Csv | Format::Html | Format::Trace => None,
    }
}

fn rows(sides: &SideBySide) -> Vec<[String; 4]> {
    let time = |seconds: Option<f64>, n: u32| match seconds {
        Some(seconds) => format!("{} (n = {n})", units::seconds(seconds)),
        None => table::NOTHING.to_owned(),
    };
    let ratio = |ratio: Option<f64>| ratio.map_or_else(|| table::NOTHING.to_owned(), units::ratio);
    sides
        .regimes
        .iter()
        .map(|row| {
            [
                row.regime.to_string(),
                time(row.base_s, row.base_samples),
                time(row.candidate_s, row.candidate_samples),
                ratio(row.ratio),
            ]
        })
        .collect()
}

fn agreement(sides: &SideBySide) -> Option<&'static str> {
    sides.differences.is_empty().then_some(
        "Nothing that is recorded of scenario, host and tools differs; the moments still do.",
    )
}

fn plain(sides: &SideBySide, width: usize) -> String {
    let cut = |text: &str| text::fit(text, text::LONGEST);
    let mut lines = text::wrap(&format!("base {}", cut(sides.base.as_str())), width);
    lines.extend(text::wrap(&format!("candidate {}", cut(sides.candidate.as_str())), width));
    lines.push(String::new());
    let cells: Vec<Vec<String>> = rows(sides).into_iter().map(Vec::from).collect();
    lines.extend(terminal::columns(&HEADER, &cells, Some(width)));
    lines.push(String::new());
    for one in &sides.differences {
        let (base, candidate) = (cut(&one.base), cut(&one.candidate));
        let line = format!("differs: {}: {base}, now {candidate}", cut(&one.what));
        lines.extend(text::wrap(&line, width));
    }
    lines.extend(agreement(sides).into_iter().flat_map(|line| text::wrap(line, width)));
    lines.push(String::new());
    lines.extend(text::wrap(sides.reason, width));
    lines.join("\n") + "\n"
}

fn markdown(sides: &SideBySide) -> String {
    let mut lines = vec![
        format!(
            "Base {}, candidate {}.",
            code(sides.base.as_str()),
            code(sides.candidate.as_str())
        ),
        String::new(),
        format!("| {} |", HEADER.join(" | ")),
        "| :-- | --: | --: | --: |".to_owned(),
    ];
    lines.extend(rows(sides).iter().map(|row| format!("| {} |", row.join(" | "))));
    lines.push(String::new());
    lines.extend(agreement(sides).map(str::to_owned));
    if !sides.differences.is_empty() {
        lines.push(format!("| {} |", DIFFERENCES.join(" | ")));
        lines.push("| :-- | :-- | :-- |".to_owned());
    }
    lines.extend(sides.differences.iter().map(|one| {
        format!("| {} | {} | {} |", code(&one.what), code(&one.base), code(&one.candidate))
    }));
    lines.push(String::new());
    lines.push(format!("{}.", sentence(sides.reason)));
    lines.join("\n") + "\n"
}
