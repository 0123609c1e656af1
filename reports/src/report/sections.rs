//! The list of sections: which of them each renderer draws, and in which order. A new section is a file of its own and
//! a line here.

use super::input::{Input, RenderError, Renderer};
use super::{
    about, advice, comparison, data, economics, evidence, examples, findings, first_example, gates,
    head, history, job, quota, regimes, samples,
};
use crate::document::terminal::Screen;
use crate::document::{Document, Section, Words, html, markdown, terminal};
use crate::{ablate, explain, verify};

/// Makes a section; `None` where the run has nothing for it.
type Build = fn(&Input) -> Option<Section>;

/// The most telling last: that is where the reader of a terminal looks first.
const TERMINAL: [Build; 10] = [
    regimes::section,
    economics::section,
    first_example::section,
    quota::section,
    examples::slowest,
    history::section,
    comparison::section,
    gates::section,
    findings::section,
    evidence::section,
];

/// What everybody reads, then what is folded.
const MARKDOWN: [Build; 10] = [
    regimes::section,
    history::section,
    comparison::section,
    gates::section,
    findings::section,
    economics::section,
    first_example::section,
    quota::section,
    examples::all,
    about::section,
];

/// Everything.
const HTML: [Build; 21] = [
    regimes::section,
    advice::section,
    findings::section,
    comparison::section,
    gates::section,
    examples::all,
    first_example::section,
    examples::distribution,
    history::section,
    job::section,
    job::phases,
    economics::section,
    quota::section,
    |input| input.beside.explain.map(explain::section),
    |input| input.beside.ablate.map(ablate::section),
    |input| input.beside.verify.map(verify::section),
    evidence::section,
    samples::section,
    samples::noise,
    about::machine,
    about::section,
];

/// What compares and nothing else.
const COMPARISON: [Build; 2] = [comparison::section, gates::section];

fn document(input: &Input, sections: &[Build], with_conclusion: bool) -> Document {
    let title = Words::new().name(&input.summary.scenario);
    let sections = sections.iter().filter_map(|build| build(input));
    Document::new(title, head::head(input, with_conclusion), sections)
}

const fn screen(input: &Input) -> Screen {
    Screen { width: input.width, colour: input.colour }
}

/// Writes text no line of which is wider than asked for.
#[derive(Clone, Copy, Debug)]
pub struct Terminal;

impl Renderer for Terminal {
    fn render(&self, input: &Input) -> Result<String, RenderError> {
        Ok(terminal::render(&document(input, &TERMINAL, true), screen(input)))
    }
}

/// Writes GitHub-flavoured Markdown for pull requests and job summaries.
#[derive(Clone, Copy, Debug)]
pub struct Markdown;

impl Renderer for Markdown {
    fn render(&self, input: &Input) -> Result<String, RenderError> {
        Ok(markdown::render(&document(input, &MARKDOWN, true)))
    }
}

/// Writes one self-contained HTML file.
#[derive(Clone, Copy, Debug)]
pub struct Html;

impl Renderer for Html {
    fn render(&self, input: &Input) -> Result<String, RenderError> {
        Ok(html::render(&document(input, &HTML, true), &data::of(input))?)
    }
}

/// The comparison and the gates alone, for a terminal.
pub(super) fn comparison_on_terminal(input: &Input) -> String {
    terminal::render(&document(input, &COMPARISON, false), screen(input))
}

/// The same as Markdown.
pub(super) fn comparison_as_markdown(input: &Input) -> String {
    markdown::render(&document(input, &COMPARISON, false))
}
