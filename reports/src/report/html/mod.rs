//! The report to look around in: one file that loads nothing, for a browser, a screen reader and a printer.
//!
//! Everything that is shown is in the document itself; the script only sorts, filters and opens details.

mod ablation;
mod charts;
mod data;
mod examples;
mod explanation;
mod head;
mod host;
mod legend;
mod markup;
mod next;
mod page;
mod proof;
mod recent;
mod table;
mod verdicts;
mod verification;
mod worth;

use std::collections::BTreeMap;

use super::{Input, RenderError, Renderer};
use crate::document::text;
use markup::Markup;
use page::Section;

pub use markup::address_segment;

/// Writes one self-contained HTML file.
#[derive(Clone, Copy, Debug)]
pub struct Html;

impl Renderer for Html {
    fn render(&self, input: &Input) -> Result<String, RenderError> {
        let parts: [fn(&Input) -> Vec<Section>; 21] = [
            |input| head::regimes(input).into_iter().collect(),
            |input| next::section(input).into_iter().collect(),
            |input| head::findings(input).into_iter().collect(),
            |input| verdicts::comparison(input).into_iter().collect(),
            |input| verdicts::gates(input).into_iter().collect(),
            |input| examples::all(input).into_iter().collect(),
            |input| examples::first(input).into_iter().collect(),
            |input| examples::distribution(input).into_iter().collect(),
            |input| recent::runs(input).into_iter().collect(),
            |input| worth::job(input).into_iter().collect(),
            |input| worth::phases(input).into_iter().collect(),
            |input| worth::economics(input).into_iter().collect(),
            |input| worth::quota(input).into_iter().collect(),
            |input| explanation::section(input).into_iter().collect(),
            |input| ablation::section(input).into_iter().collect(),
            |input| verification::section(input).into_iter().collect(),
            |input| proof::evidence(input).into_iter().collect(),
            |input| proof::samples(input).into_iter().collect(),
            |input| proof::noise(input).into_iter().collect(),
            |input| host::machine(input).into_iter().collect(),
            |input| vec![host::about(input)],
        ];
        let sections: Vec<Section> = parts.iter().flat_map(|part| part(input)).collect();
        let title = text::fit(text::named(&input.summary.scenario), text::LONGEST);
        let data = Markup::default().data("data", &data::of(input))?;
        let page = page::page(&format!("{title} - bench"), &head::head(input), &sections, &data);
        Ok(page.into_string())
    }
}

/// A section of the shared prose as a table and sentences.
fn prose(caption: &'static str, section: &super::section::Section) -> Markup {
    let columns = section
        .header
        .iter()
        .enumerate()
        .map(|(index, name)| if index == 0 { table::words(name) } else { table::numbers(name) })
        .collect();
    let mut rows = table::Table::new(caption, columns);
    for row in &section.rows {
        rows.row(row.iter().map(|cell| cell.as_str().into()).collect());
    }
    rows.markup().add(&sentences(&section.sentences))
}

fn sentences(all: &[String]) -> Markup {
    if all.is_empty() {
        return Markup::default();
    }
    let items = all.iter().map(|text| Markup::new("<li>").sentence(text).raw("</li>\n"));
    Markup::new("<ul class=\"notes\">\n").all(items).raw("</ul>\n")
}

/// Which run of another command a section shows: not always with the params of this one.
fn about(run: &str, params: &BTreeMap<String, String>) -> Markup {
    let line = Markup::new("<p class=\"lead\">From run <code>").name(run).raw("</code>");
    params
        .iter()
        .fold(line, |line, (name, value)| {
            line.raw(", <code>")
                .text(&text::fit(name, text::LONGEST))
                .raw("=")
                .text(&text::fit(value, text::LONGEST))
                .raw("</code>")
        })
        .raw("</p>\n")
}

/// A chart with its caption; the numbers are in a table elsewhere, which the caption says.
fn figure(svg: &crate::document::chart::Svg, caption: &Markup) -> Markup {
    Markup::new("<figure><div class=\"scroll\">")
        .chart(svg)
        .raw("</div><figcaption>")
        .add(caption)
        .raw("</figcaption></figure>\n")
}
