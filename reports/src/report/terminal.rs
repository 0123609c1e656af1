//! The report that a person reads where the run ended: plain text in columns, colour only besides.

use anstyle::{AnsiColor, Style};
use bench_record::{Design, ExampleSummary};
use comfy_table::{CellAlignment, ContentArrangement, Table, TableStyle};

use super::comparison::{self, ComparisonTable, gate_line};
use super::section::Section;
use super::table::{self, RegimeTable};
use super::{Input, RenderError, Renderer, economics, evidence, examples, history, quota};
use crate::summary::conclusion;
use crate::{document::text, document::units};

/// Writes text that no line of which is wider than asked for.
#[derive(Clone, Copy, Debug)]
pub struct Terminal;

/// Narrower, columns of numbers would break.
const NARROWEST: usize = 40;
/// Examples listed.
const SLOWEST: usize = 5;
/// Changed examples listed.
const CHANGED: usize = 20;

const HEADING: Style = Style::new().bold();
const QUIET: Style = Style::new().dimmed();
const FINDING: Style = AnsiColor::Yellow.on_default();
const HEADLINE: Style = AnsiColor::Yellow.on_default().bold();

/// The colour of a verdict, which is always beside its word.
fn tone(verdict: &str) -> Style {
    match verdict {
        "regressed" => AnsiColor::Red.on_default(),
        "improved" | "ok" => AnsiColor::Green.on_default(),
        "inconclusive" | "continue" => AnsiColor::Yellow.on_default(),
        _ => Style::new(),
    }
}

impl Renderer for Terminal {
    fn render(&self, input: &Input) -> Result<String, RenderError> {
        let mut page =
            Page { text: String::new(), width: input.width.max(NARROWEST), colour: input.colour };
        page.head(input);
        page.regimes(input);
        page.section(economics::section(input.summary));
        page.section(examples::section(input.summary));
        page.section(quota::section(input.beside.quota));
        page.slowest(input);
        page.section(history::section(input));
        page.comparison(input);
        page.gates(input);
        page.findings(input);
        page.foot(input);
        Ok(page.text)
    }
}

/// The comparison and the gates alone.
pub(super) fn comparison_only(input: &Input) -> String {
    let mut page =
        Page { text: String::new(), width: input.width.max(NARROWEST), colour: input.colour };
    page.head(input);
    page.comparison(input);
    page.gates(input);
    page.text
}

struct Page {
    text: String,
    width: usize,
    colour: bool,
}

impl Page {
    /// One line that is known to fit.
    fn line(&mut self, style: Style, line: &str) {
        let line = line.trim_end();
        let styled = self.colour && !line.is_empty();
        let style = if styled { style } else { Style::new() };
        // A plain style renders as nothing, so there is one path.
        for part in [style.render().to_string().as_str(), line, &style.render_reset().to_string()] {
            self.text.push_str(part);
        }
        self.text.push('\n');
    }

    fn blank(&mut self) {
        self.line(Style::new(), "");
    }

    /// A paragraph, each line after the first indented by `indent` columns.
    fn paragraph(&mut self, style: Style, lead: &str, paragraph: &str) {
        let indent = text::width(lead);
        for (index, line) in text::wrap(paragraph, self.width - indent).iter().enumerate() {
            let start = if index == 0 { lead.to_owned() } else { " ".repeat(indent) };
            self.line(style, &format!("{start}{line}"));
        }
    }

    fn head(&mut self, input: &Input) {
        let summary = input.summary;
        let run = &input.run.run;
        let title = text::fit(&summary.scenario, self.width);
        self.line(HEADING, &title);
        let mut facts = vec![format!("run {}", cut(summary.run_id.as_str()))];
        facts.extend(
            summary.params.iter().map(|(name, value)| format!("{}={}", cut(name), cut(value))),
        );
        facts.push(match run.design {
            Design::Randomised => format!(
                "{}, seed {}",
                units::counted(run.options.blocks as usize, "block"),
                run.options.seed
            ),
            Design::Sequential => {
                format!("{}, {}", units::counted(run.options.blocks as usize, "sample"), run.design)
            }
        });
        let host = &run.host;
        let cores = host.cores.map(|cores| units::counted(cores as usize, "core"));
        let machine: Vec<String> =
            [host.cpu.as_deref().map(cut), cores].into_iter().flatten().collect();
        if !machine.is_empty() {
            facts.push(machine.join(", "));
        }
        self.paragraph(QUIET, "", &facts.join("; "));
        self.blank();
    }

    fn regimes(&mut self, input: &Input) {
        let cells = RegimeTable::new(input.summary);
        let rows: Vec<Vec<String>> = cells.rows.iter().map(|row| row.to_vec()).collect();
        let whole = columns(&cells.header, &rows, None);
        if widest(&whole) <= self.width {
            self.table(&whole);
        } else {
            // Two tables that fit rather than one whose cells are broken.
            let left = |row: &[String]| row[..RegimeTable::TIMES].to_vec();
            let right = |row: &[String]| [&row[..1], &row[RegimeTable::TIMES..]].concat();
            let header: Vec<&str> = cells.header[..1]
                .iter()
                .chain(&cells.header[RegimeTable::TIMES..])
                .copied()
                .collect();
            let times: Vec<Vec<String>> = rows.iter().map(|row| left(row)).collect();
            let caches: Vec<Vec<String>> = rows.iter().map(|row| right(row)).collect();
            self.table(&columns(&cells.header[..RegimeTable::TIMES], &times, Some(self.width)));
            self.blank();
            self.table(&columns(&header, &caches, Some(self.width)));
        }
        self.paragraph(QUIET, "", &cells.spread);
        self.blank();
    }

    fn section(&mut self, section: Option<Section>) {
        let Some(section) = section else { return };
        self.line(HEADING, section.heading);
        if !section.rows.is_empty() {
            self.table(&columns(&section.header, &section.rows, Some(self.width)));
        }
        for sentence in &section.sentences {
            self.paragraph(Style::new(), "", sentence);
        }
        self.blank();
    }

    fn slowest(&mut self, input: &Input) {
        let examples = table::slowest(input.summary, SLOWEST);
        if examples.is_empty() {
            return;
        }
        let times = table::example_columns(input.summary);
        let remarks = examples.iter().any(|example| !remark(example).is_empty());
        let cells: Vec<Vec<String>> = examples
            .iter()
            .map(|example| {
                let times = times.iter().map(|(_, time)| table::time(time(example)));
                times.chain(remarks.then(|| remark(example))).collect()
            })
            .collect();
        let mut header: Vec<&str> = times.iter().map(|(name, _)| *name).collect();
        header.extend(remarks.then_some(""));
        let room = self.width.saturating_sub(widest(&columns(&header, &cells, None)) + GAP);
        let rows: Vec<Vec<String>> = examples
            .iter()
            .zip(cells)
            .map(|(example, cells)| {
                let name = text::fit(&example.name, room.min(text::LONGEST));
                [vec![name], cells].concat()
            })
            .collect();
        header.insert(0, "example");
        self.line(
            HEADING,
            &format!("Slowest examples ({} of {})", rows.len(), input.summary.examples.len()),
        );
        self.table(&columns(&header, &rows, Some(self.width)));
        self.blank();
    }

    fn gates(&mut self, input: &Input) {
        if input.summary.gates.is_empty() {
            return;
        }
        self.line(HEADING, "Gates");
        let verdicts = input.summary.gates.iter().map(|gate| gate.verdict.as_str());
        let room = verdicts.map(str::len).max().unwrap_or(0);
        for gate in &input.summary.gates {
            let verdict = gate.verdict.as_str();
            let lead = format!("  {verdict:room$}  ");
            let line = text::visible(&gate_line(gate));
            let rest = line.strip_prefix(verdict).unwrap_or(&line).trim_start();
            self.paragraph(tone(verdict), &lead, rest);
        }
        self.blank();
    }

    fn comparison(&mut self, input: &Input) {
        let Some(cells) = ComparisonTable::new(input.summary) else { return };
        self.line(HEADING, "Candidate against baseline");
        let visible = |row: &[String]| row.iter().map(|cell| cut(cell)).collect::<Vec<_>>();
        let rows: Vec<Vec<String>> = cells.rows.iter().map(|row| visible(row)).collect();
        let table = columns(&cells.header, &rows, Some(self.width));
        // A line a row, unless cells had to be broken.
        let whole = table.len() == rows.len() + 1;
        for (index, line) in table.iter().enumerate() {
            let style = match index.checked_sub(1) {
                None => QUIET,
                Some(row) if whole => tone(&rows[row][1]),
                Some(_) => Style::new(),
            };
            self.line(style, line);
        }
        for remark in &cells.remarks {
            self.paragraph(QUIET, "  ", &text::visible(remark));
        }
        self.paragraph(QUIET, "", &text::visible(&cells.basis));
        self.blank();
        let changes = &input.summary.example_changes;
        if changes.is_empty() {
            return;
        }
        self.line(HEADING, &format!("Examples that changed ({})", changes.len()));
        let shown = || changes.iter().take(CHANGED);
        let cells: Vec<Vec<String>> =
            shown().map(|one| comparison::change(one)[1..].to_vec()).collect();
        // Name, gap and the other columns share the line.
        let others = widest(&columns(&comparison::CHANGES[1..], &cells, None)) + GAP;
        let room = self.width.saturating_sub(others).clamp(NARROWEST / 4, text::LONGEST);
        let names = shown().map(|one| vec![text::fit(&one.name, room)]);
        let rows: Vec<Vec<String>> =
            names.zip(cells).map(|(name, cells)| [name, cells].concat()).collect();
        self.table(&columns(&comparison::CHANGES, &rows, Some(self.width)));
        if changes.len() > CHANGED {
            self.line(QUIET, &format!("  {} more are left out", changes.len() - CHANGED));
        }
        self.paragraph(QUIET, "", comparison::CHANGES_BASIS);
        self.blank();
    }

    fn findings(&mut self, input: &Input) {
        self.line(HEADING, "Findings");
        if input.summary.findings.is_empty() {
            self.line(Style::new(), "  nothing out of the ordinary");
        }
        for (index, finding) in input.summary.findings.iter().enumerate() {
            let style = if index == 0 { HEADLINE } else { FINDING };
            self.paragraph(style, if index == 0 { "! " } else { "- " }, finding);
        }
        self.blank();
    }

    fn foot(&mut self, input: &Input) {
        self.paragraph(QUIET, "", &format!("Evidence: {}", evidence::line(input.run)));
        if input.run.run.imported.is_none() {
            let share = input.summary.harness_share.map_or_else(
                || "unknown: the run was cut short".to_owned(),
                |share| format!("{} of the run's wall time", units::percent(share)),
            );
            self.paragraph(QUIET, "", &format!("Own share: {share}"));
        }
        self.blank();
        if let Some(verdicts) = comparison::verdicts(input.summary) {
            self.paragraph(HEADING, "", &verdicts);
        }
        self.paragraph(HEADING, "", &conclusion(input.summary));
    }

    fn table(&mut self, table: &[String]) {
        for (index, line) in table.iter().enumerate() {
            self.line(if index == 0 { QUIET } else { Style::new() }, line);
        }
    }
}

/// Columns between two columns.
const GAP: usize = 2;

/// A table without lines: words to the left, numbers to the right. With `width` columns move together where they
/// would not fit, and then cells are broken, which only happens to tables that the caller could not make narrow
/// enough.
pub(super) fn columns(header: &[&str], rows: &[Vec<String>], width: Option<usize>) -> Vec<String> {
    let whole = spaced(header, rows, GAP);
    let Some(width) = width else { return lines(&whole) };
    let fits = |table: &Table| widest(&lines(table)) <= width;
    if fits(&whole) {
        return lines(&whole);
    }
    let mut close = spaced(header, rows, GAP - 1);
    if !fits(&close) {
        close.set_content_arrangement(ContentArrangement::Dynamic);
        close.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    }
    lines(&close)
}

fn lines(table: &Table) -> Vec<String> {
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}

fn spaced(header: &[&str], rows: &[Vec<String>], gap: usize) -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new()).set_header(header.to_vec());
    for row in rows {
        table.add_row(row.clone());
    }
    let last = header.len().saturating_sub(1);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if index == last { 0 } else { gap as u16 }));
        if index > 0 && !header[index].is_empty() && !is_words(rows, index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Whether a column holds words: some cell begins with a letter, and none has a digit. A column without a name
/// holds remarks.
fn is_words(rows: &[Vec<String>], column: usize) -> bool {
    let cells = || rows.iter().filter_map(|row| row.get(column));
    let digit = |cell: &String| cell.contains(|c: char| c.is_ascii_digit());
    cells().any(|cell| cell.starts_with(char::is_alphabetic)) && !cells().any(digit)
}

fn widest(lines: &[String]) -> usize {
    lines.iter().map(|line| text::width(line)).max().unwrap_or(0)
}

/// Foreign text in a paragraph.
fn cut(foreign: &str) -> String {
    text::fit(foreign, text::LONGEST)
}

/// How an example ended, when not well.
fn remark(example: &ExampleSummary) -> String {
    match example.outcome {
        bench_record::Outcome::Ok => String::new(),
        outcome => outcome.to_string(),
    }
}
