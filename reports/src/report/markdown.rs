//! The report for pull requests and job summaries. Names and reasons may come from a fork: every one of
//! them, and the summary's own sentences, pass through [`crate::document::text::code`] or [`crate::document::text::sentence`].

use bench_record::Regime;

use super::comparison::{CHANGES, CHANGES_BASIS, ComparisonTable, change, gate_ends, verdicts};
use super::section::Section;
use super::table::{self, RegimeTable};
use super::{
    Input, RenderError, Renderer, economics, evidence, examples as example_section, history, quota,
};
use crate::document::text::{code, sentence};
use crate::document::units;
use crate::summary::conclusion;

/// Writes GitHub-flavoured Markdown.
#[derive(Clone, Copy, Debug)]
pub struct Markdown;

/// Comments are cut at 65,536 characters; what a caller adds around the document needs room too.
const LIMIT: usize = 60_000;
/// Kept free for closing tags and counts of what was left out.
const RESERVE: usize = 2_000;
/// Rows of any list before the examples, so that these cannot be crowded out.
const LISTED: usize = 30;

impl Renderer for Markdown {
    fn render(&self, input: &Input) -> Result<String, RenderError> {
        let summary = input.summary;
        let mut document = Document::default();
        document.push(&format!("## {}\n\n", code(&summary.scenario)));
        if let Some(verdicts) = verdicts(summary) {
            document.push(&format!("**{}**\n\n", sentence(&verdicts)));
        }
        document.push(&format!("**{}**\n\n", sentence(&conclusion(summary))));
        regimes(&mut document, input);
        open(&mut document, history::section(input));
        comparison(&mut document, input);
        gates(&mut document, input);
        findings(&mut document, input);
        folded(&mut document, economics::section(summary));
        folded(&mut document, example_section::section(summary));
        folded(&mut document, quota::section(input.beside.quota));
        examples(&mut document, input);
        about(&mut document, input);
        Ok(document.0)
    }
}

fn regimes(document: &mut Document, input: &Input) {
    let mut cells = RegimeTable::new(input.summary);
    document.push(&format!("| {} |\n", cells.header.join(" | ")));
    document.push("| :-- | --: | --: | --: | --: | --: | --: | --: | --: |\n");
    for (of, [_, _, _, _, speedup, ..]) in input.summary.regimes.iter().zip(&mut cells.rows) {
        let ends = of.speedup.and_then(|speedup| speedup.low.zip(speedup.high));
        if let Some((low, high)) = ends.filter(|_| of.regime != Regime::Cold) {
            *speedup = format!("{speedup} ({})", units::ratio_range(low, high));
        }
    }
    let rows: Vec<String> =
        cells.rows.iter().map(|row| format!("| {} |\n", row.join(" | "))).collect();
    document.list(&rows, "| ", "regimes");
    document.push(&format!("\n{}\n\n", cells.spread));
}

fn findings(document: &mut Document, input: &Input) {
    document.push("### Findings\n\n");
    let findings: Vec<String> =
        input.summary.findings.iter().map(|finding| format!("* {}\n", sentence(finding))).collect();
    if findings.is_empty() {
        document.push("* nothing out of the ordinary\n");
    }
    document.list(&findings, "* ", "findings");
    document.push("\n");
}

/// What is looked at when the rest raises a question.
fn folded(document: &mut Document, section: Option<Section>) {
    let Some(section) = section else { return };
    document.push(&format!("<details><summary>{}</summary>\n\n", section.heading));
    body(document, &section);
    document.push("</details>\n\n");
}

/// What everybody reads.
fn open(document: &mut Document, section: Option<Section>) {
    let Some(section) = section else { return };
    document.push(&format!("### {}\n\n", section.heading));
    body(document, &section);
}

fn body(document: &mut Document, section: &Section) {
    if !section.rows.is_empty() {
        let columns = section.header.len().saturating_sub(1);
        document.push(&format!("| {} |\n", section.header.join(" | ")));
        document.push(&format!("| :-- |{}\n", " --: |".repeat(columns)));
        let rows: Vec<String> =
            section.rows.iter().map(|row| format!("| {} |\n", row.join(" | "))).collect();
        document.list(&rows, "| ", "regimes");
        document.push("\n");
    }
    let sentences: Vec<String> =
        section.sentences.iter().map(|text| format!("* {}\n", sentence(text))).collect();
    document.list(&sentences, "* ", "sentences");
    document.push("\n");
}

/// The comparison and the gates alone.
pub(super) fn comparison_only(input: &Input) -> String {
    let mut document = Document::default();
    document.push(&format!("## {}\n\n", code(&input.summary.scenario)));
    comparison(&mut document, input);
    gates(&mut document, input);
    document.0
}

fn comparison(document: &mut Document, input: &Input) {
    let Some(cells) = ComparisonTable::new(input.summary) else { return };
    document.push("### Candidate against baseline\n\n");
    document.push(&format!("| {} |\n", cells.header.join(" | ")));
    document.push("| :-- | :-- | --: | --: | --: |\n");
    let rows: Vec<String> = cells
        .rows
        .iter()
        .map(|[label, rest @ ..]| format!("| {} | {} |\n", sentence(label), rest.join(" | ")))
        .collect();
    document.list(&rows, "| ", "comparisons");
    document.push("\n");
    let remarks: Vec<String> =
        cells.remarks.iter().map(|remark| format!("* {}\n", sentence(remark))).collect();
    document.list(&remarks, "* ", "comparisons");
    document.push(&format!("\n{}.\n\n", sentence(&cells.basis)));
    let changes = &input.summary.example_changes;
    if changes.is_empty() {
        return;
    }
    document.push(&format!("#### Examples that changed ({})\n\n", changes.len()));
    document.push(&format!("| {} |\n", CHANGES.join(" | ")));
    document.push("| :-- | :-- | :-- | --: | --: | --: |\n");
    let rows: Vec<String> = changes
        .iter()
        .map(|one| {
            let [_, rest @ ..] = change(one);
            format!("| {} | {} |\n", code(&one.name), rest.join(" | "))
        })
        .collect();
    document.list(&rows, "| ", "examples");
    document.push(&format!("\n{CHANGES_BASIS}\n\n"));
}

fn gates(document: &mut Document, input: &Input) {
    if input.summary.gates.is_empty() {
        return;
    }
    document.push("### Gates\n\n");
    document.push("| gate | verdict | measured | interval or range | n | limit |\n");
    document.push("| :-- | :-- | --: | --: | --: | --: |\n");
    let number = |value: Option<f64>| {
        value.map_or_else(|| table::NOTHING.to_owned(), |value| format!("{value:.3}"))
    };
    let rows: Vec<String> = input
        .summary
        .gates
        .iter()
        .map(|gate| {
            let (name, verdict) = (code(&gate.gate), code(gate.verdict.as_str()));
            let reason = gate.reason.as_deref().map(|reason| format!(" {}", code(reason)));
            format!(
                "| {name} | {verdict}{} | {} | {} | {} | {} |\n",
                reason.unwrap_or_default(),
                number(gate.value),
                gate_ends(gate).unwrap_or_else(|| table::NOTHING.to_owned()),
                gate.samples,
                number(gate.limit)
            )
        })
        .collect();
    document.list(&rows, "| ", "gates");
    document.push("\n");
}

fn examples(document: &mut Document, input: &Input) {
    let examples = &input.summary.examples;
    if examples.is_empty() {
        return;
    }
    let columns = table::example_columns(input.summary);
    document.push(&format!("<details><summary>Examples ({})</summary>\n\n", examples.len()));
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    document.push(&format!(
        "| # | example | {} outcome |\n| --: | :-- | {}:-- |\n",
        names.iter().map(|name| format!("{name} |")).collect::<Vec<_>>().join(" "),
        "--: | ".repeat(names.len())
    ));
    let mut left_out = 0;
    for example in examples {
        let times: Vec<String> =
            columns.iter().map(|(_, time)| format!("{} | ", table::time(time(example)))).collect();
        let outcome = match &example.reason {
            Some(reason) => format!("{}: {}", example.outcome, code(reason)),
            None => example.outcome.to_string(),
        };
        let row = format!(
            "| {} | {} | {}{outcome} |\n",
            example.position,
            code(&example.name),
            times.concat()
        );
        if left_out > 0 || !document.fits(&row) {
            left_out += 1;
        } else {
            document.push(&row);
        }
    }
    if left_out > 0 {
        document.push(&format!("\n{left_out} more examples are left out.\n"));
    }
    document.push("\n</details>\n\n");
}

fn about(document: &mut Document, input: &Input) {
    let summary = input.summary;
    let share = match (summary.harness_share, &input.run.run.imported) {
        (Some(share), _) => {
            format!(" Own share: {} of the run's wall time.", units::percent(share))
        }
        (None, None) => " Own share: unknown, the run was cut short.".to_owned(),
        (None, Some(_)) => String::new(),
    };
    document.push(&format!(
        "Run {}. Evidence: {}.{share}\n",
        code(summary.run_id.as_str()),
        evidence::line(input.run),
    ));
    let host = &input.run.run.host;
    let mut facts: Vec<String> = host.cpu.as_deref().map(code).into_iter().collect();
    facts.extend(host.cores.map(|cores| units::counted(cores as usize, "core")));
    facts.extend(
        summary
            .params
            .iter()
            .take(LISTED)
            .map(|(name, value)| format!("{} = {}", code(name), code(value))),
    );
    let line = format!("\n{}.\n", facts.join(", "));
    if !facts.is_empty() && document.fits(&line) {
        document.push(&line);
    }
}

/// Text that knows how much still fits.
#[derive(Default)]
struct Document(String);

impl Document {
    fn push(&mut self, text: &str) {
        self.0.push_str(text);
    }

    /// Counted as UTF-16, the largest of the ways in which the limit can be meant.
    fn fits(&self, text: &str) -> bool {
        self.0.encode_utf16().count() + text.encode_utf16().count() + RESERVE <= LIMIT
    }

    /// Rows as long as they fit, and how many were left out.
    fn list(&mut self, rows: &[String], lead: &str, what: &str) {
        let mut shown = 0;
        for row in rows.iter().take(LISTED).take_while(|row| row.len() <= LIMIT / 4) {
            if !self.fits(row) {
                break;
            }
            self.push(row);
            shown += 1;
        }
        if shown < rows.len() {
            self.push(&format!("{lead}{} more {what} are left out\n", rows.len() - shown));
        }
    }
}
