//! A report as a browser reads it.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test binary uses a part of it; which part differs"
)]

pub(crate) mod inert;

use bench_record::LoadedRun;
use bench_reports::report::{Beside, Input, ReportFormat};
use scraper::{ElementRef, Html, Selector};

/// The report of a run.
pub(crate) fn render(run: &LoadedRun, beside: Beside<'_>) -> String {
    let summary = bench_reports::summary::summarise(run);
    let input = Input { summary: &summary, run, width: 80, colour: false, beside };
    ReportFormat::Html.renderer().render(&input).expect("no content can fail to render")
}

/// The elements of a document that match.
pub(crate) fn all<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    let selector = Selector::parse(selector).expect("a valid selector");
    page.select(&selector).collect()
}

/// The text of an element, white space as it is shown.
pub(crate) fn text(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a reader reads, a line a piece; words of charts in square brackets.
pub(crate) fn outline(html: &str) -> String {
    lines(html, "")
}

/// The same of these sections only.
pub(crate) fn sections(html: &str, ids: &[&str]) -> String {
    ids.iter().map(|id| lines(html, &format!("section#{id} "))).collect()
}

fn lines(html: &str, within: &str) -> String {
    const PIECES: [&str; 12] = [
        "h1",
        "h2",
        "h3",
        "p",
        "li",
        "summary",
        "tr",
        "figcaption",
        "dt",
        "dd",
        "figure svg",
        "pre",
    ];
    let page = Html::parse_document(html);
    let selector = PIECES.map(|piece| format!("{within}{piece}")).join(", ");
    let mut lines: Vec<String> = Vec::new();
    for element in all(&page, &selector) {
        let (name, text) = (element.value().name(), text(element));
        lines.push(match name {
            "h1" => format!("# {text}"),
            "h2" => format!("\n## {text}"),
            "h3" => format!("### {text}"),
            "tr" => {
                let cell = Selector::parse("th, td").expect("a valid selector");
                let cells: Vec<String> = element.select(&cell).map(self::text).collect();
                format!("| {} |", cells.join(" | "))
            }
            "svg" => {
                let word = Selector::parse("text").expect("a valid selector");
                let words: Vec<String> = element.select(&word).map(self::text).collect();
                format!("[{}]", words.join("; "))
            }
            "dt" => format!("{text}:"),
            "dd" => format!("  {text}"),
            "li" => format!("* {text}"),
            _ => text,
        });
    }
    lines.join("\n") + "\n"
}
