//! Documents for pull requests and job summaries: GitHub-flavoured Markdown in which foreign text is inert.

mod inline;
mod room;

use super::block::{Block, Blocks, ListKind, Weight};
use super::media::Media;
use super::section::{Document, Section};
use super::table::{Content, Table};
use super::text;
use super::words::{NOTHING, Words};
use inline::inline;
use room::{Piece, fitted};

/// Draws a document, final newline included. It fits into a comment: what has no room is counted.
#[must_use]
pub fn render(document: &Document) -> String {
    let mut page = Page::default();
    page.keep(format!("## {}\n\n", inline(&document.title)));
    let head = &document.head;
    let facts: Vec<String> =
        head.facts.iter().map(inline).filter(|fact| !fact.is_empty()).collect();
    if !facts.is_empty() {
        page.may(format!("{}\n\n", facts.join(", ")));
    }
    for words in &head.conclusion {
        page.paragraph(Weight::Strong, words);
    }
    for section in document.shown(Media::MARKDOWN) {
        page.section(section);
    }
    let page = fitted(&page.pieces);
    format!("{}\n", page.trim_end())
}

#[derive(Default)]
struct Page {
    pieces: Vec<Piece>,
}

impl Page {
    /// Text without which the rest would not hold together.
    fn keep(&mut self, text: String) {
        self.pieces.push(Piece::Kept(text));
    }

    /// Text that is left out where it does not fit.
    fn may(&mut self, text: String) {
        self.pieces.push(Piece::Fitting(text));
    }

    fn section(&mut self, section: &Section) {
        let heading = inline(&section.heading);
        let headed = section.headed.meets(Media::MARKDOWN);
        if section.folded {
            self.folded(&heading, &section.blocks);
            return;
        }
        if headed {
            self.keep(format!("### {heading}\n\n"));
        }
        self.blocks(&section.blocks);
    }

    fn folded(&mut self, summary: &str, blocks: &Blocks) {
        self.keep(format!("<details><summary>{summary}</summary>\n\n"));
        self.blocks(blocks);
        self.keep("</details>\n\n".to_owned());
    }

    fn blocks(&mut self, blocks: &Blocks) {
        for block in blocks.shown(Media::MARKDOWN) {
            match block {
                Block::Heading(words) => self.keep(format!("#### {}\n\n", inline(words))),
                Block::Paragraph(weight, words) => self.paragraph(*weight, words),
                Block::List(kind, items) => self.list(*kind, items),
                Block::Labelled(items) => {
                    let rows = items
                        .iter()
                        .map(|(label, words)| format!("* {} {}\n", inline(label), inline(words)));
                    self.rows(rows.collect(), "* ", "items", false);
                }
                Block::Facts(facts) => {
                    let rows = facts.iter().map(|(name, value)| {
                        format!("* {}: {}\n", text::plain(name), inline(value))
                    });
                    self.rows(rows.collect(), "* ", "facts", false);
                }
                Block::Table(table) => self.table(table),
                Block::Listing { language, text: listing, .. } => self.listing(language, listing),
                Block::Folded { summary, blocks } => self.folded(&text::plain(summary), blocks),
                // For HTML only.
                Block::Cards(_) | Block::Figure(_) => {}
            }
        }
    }

    fn paragraph(&mut self, weight: Weight, words: &Words) {
        let words = inline(words);
        if words.is_empty() {
            return;
        }
        self.may(match weight {
            Weight::Plain | Weight::Quiet => format!("{words}\n\n"),
            Weight::Strong | Weight::Warning => format!("**{words}**\n\n"),
        });
    }

    fn list(&mut self, kind: ListKind, items: &[Words]) {
        let item = |(index, words): (usize, &Words)| match kind {
            ListKind::Steps => format!("{}. {}\n", index + 1, inline(words)),
            _ => format!("* {}\n", inline(words)),
        };
        let noun = match kind {
            ListKind::Findings => "findings",
            ListKind::Notes | ListKind::Remarks => "sentences",
            ListKind::Items | ListKind::Steps => "items",
        };
        self.rows(items.iter().enumerate().map(item).collect(), "* ", noun, false);
    }

    fn rows(&mut self, rows: Vec<String>, lead: &'static str, noun: &'static str, long: bool) {
        self.pieces.push(Piece::Rows { rows, lead, noun, long });
        self.keep("\n".to_owned());
    }

    fn table(&mut self, table: &Table) {
        let columns = table.shown(Media::MARKDOWN);
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        self.keep(line(columns.iter().map(|(_, column)| text::plain(&column.name)).collect()));
        let end = |content: Content| match content {
            Content::Numbers => "--:",
            Content::Signs => ":-:",
            Content::Words | Content::Names | Content::Prose => ":--",
        };
        self.keep(line(columns.iter().map(|(_, one)| end(one.content).to_owned()).collect()));
        let rows = table.rows.iter().map(|row| {
            let cell = |index: &usize| row.cells.get(*index).map(|cell| inline(&cell.words));
            line(
                columns.iter().map(|(index, _)| in_cell(cell(index).unwrap_or_default())).collect(),
            )
        });
        self.rows(rows.collect(), "| ", table.noun, table.long);
    }

    /// Nothing inside a fence is Markdown, and no line of the text is one.
    fn listing(&mut self, language: &str, listing: &str) {
        let longest = listing.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat((longest + 1).max(3));
        let lines: Vec<String> = listing.lines().map(text::visible).collect();
        let lines = lines.join(
            "
",
        );
        self.may(format!("{fence}{language}\n{lines}\n{fence}\n\n"));
    }
}

/// What begins a list elsewhere is a dash in a cell.
fn in_cell(words: String) -> String {
    if words == text::plain(NOTHING) { NOTHING.to_owned() } else { words }
}
