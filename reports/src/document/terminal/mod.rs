//! Documents as plain text in columns, colour only besides.

mod columns;
mod plain;

use anstyle::{AnsiColor, Style};

use super::block::{Block, Blocks, ListKind, Weight};
use super::media::Media;
use super::section::{Document, Section};
use super::table::Table;
use super::text;
use super::words::{Tone, Words};
use columns::Layout;
use plain::plain;

/// The room on a terminal.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// Columns that a line may take; less than 40 is taken as 40.
    pub width: usize,
    /// Whether colours may be used.
    pub colour: bool,
}

/// Narrower, columns of numbers would break.
const NARROWEST: usize = 40;

const PLAIN: Style = Style::new();
const HEADING: Style = Style::new().bold();
const QUIET: Style = Style::new().dimmed();
const FINDING: Style = AnsiColor::Yellow.on_default();
const FIRST_FINDING: Style = AnsiColor::Yellow.on_default().bold();

/// The colour of a verdict, which is always beside its word.
fn colour(tone: Option<Tone>) -> Style {
    match tone {
        Some(Tone::Bad | Tone::Worse) => AnsiColor::Red.on_default(),
        Some(Tone::Good | Tone::Better) => AnsiColor::Green.on_default(),
        Some(Tone::Mixed | Tone::Open) => AnsiColor::Yellow.on_default(),
        Some(Tone::Quiet) | None => PLAIN,
    }
}

/// Draws a document, final newline included. No line is wider than the screen, except in listings, which are meant to
/// be copied.
///
/// The conclusion comes last: that is where the reader of a terminal looks first.
#[must_use]
pub fn render(document: &Document, screen: Screen) -> String {
    let width = screen.width.max(NARROWEST);
    let mut page = Page { text: String::new(), width, colour: screen.colour };
    page.paragraph(HEADING, "", &plain(&document.title));
    let head = &document.head;
    let facts: Vec<String> = head.facts.iter().map(plain).filter(|fact| !fact.is_empty()).collect();
    page.paragraph(QUIET, "", &facts.join("; "));
    page.blank();
    for section in document.shown(Media::TERMINAL) {
        page.section(section);
        page.blank();
    }
    for words in &head.conclusion {
        page.paragraph(HEADING, "", &plain(words));
    }
    let end = page.text.trim_end_matches('\n').len();
    page.text.truncate(end);
    page.text + "\n"
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
        let style = if self.colour && !line.is_empty() { style } else { PLAIN };
        // A plain style renders as nothing, so there is one path.
        for part in [style.render().to_string().as_str(), line, &style.render_reset().to_string()] {
            self.text.push_str(part);
        }
        self.text.push('\n');
    }

    fn blank(&mut self) {
        self.line(PLAIN, "");
    }

    /// A paragraph after `lead`, each line after the first indented as far.
    fn paragraph(&mut self, style: Style, lead: &str, paragraph: &str) {
        let indent = text::width(lead);
        for (index, line) in text::wrap(paragraph, self.width - indent).iter().enumerate() {
            let start = if index == 0 { lead.to_owned() } else { " ".repeat(indent) };
            self.line(style, &format!("{start}{line}"));
        }
    }

    fn section(&mut self, section: &Section) {
        if section.headed.meets(Media::TERMINAL) {
            self.paragraph(HEADING, "", &plain(&section.heading));
        }
        self.blocks(&section.blocks);
    }

    fn blocks(&mut self, blocks: &Blocks) {
        for (index, block) in blocks.shown(Media::TERMINAL).enumerate() {
            // Tables and headings are set apart from what stands above them.
            let apart = matches!(block, Block::Heading(_) | Block::Folded { .. });
            if apart && index > 0 {
                self.blank();
            }
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(words) => self.paragraph(HEADING, "", &plain(words)),
            Block::Paragraph(weight, words) => {
                let style = match weight {
                    Weight::Plain => colour(words.tone()),
                    Weight::Quiet => QUIET,
                    Weight::Strong => HEADING,
                    Weight::Warning => FINDING,
                };
                self.paragraph(style, "", &plain(words));
            }
            Block::List(kind, items) => self.list(*kind, items),
            Block::Labelled(items) => self.labelled(items),
            Block::Facts(facts) => {
                for (name, value) in facts {
                    self.paragraph(PLAIN, "  ", &format!("{name}: {}", plain(value)));
                }
            }
            Block::Table(table) => self.table(table),
            Block::Listing { text: listing, .. } => {
                for line in listing.lines() {
                    self.line(PLAIN, &text::visible(line));
                }
            }
            Block::Folded { summary, blocks } => {
                self.paragraph(HEADING, "", summary);
                self.blocks(blocks);
            }
            // For HTML only.
            Block::Cards(_) | Block::Figure(_) => {}
        }
    }

    fn list(&mut self, kind: ListKind, items: &[Words]) {
        for (index, item) in items.iter().enumerate() {
            let (style, lead) = match kind {
                ListKind::Notes => (PLAIN, String::new()),
                ListKind::Remarks => (QUIET, "  ".to_owned()),
                ListKind::Items => (colour(item.tone()), "- ".to_owned()),
                ListKind::Findings if index == 0 => (FIRST_FINDING, "! ".to_owned()),
                ListKind::Findings => (FINDING, "- ".to_owned()),
                ListKind::Steps => (PLAIN, format!("{}. ", index + 1)),
            };
            self.paragraph(style, &lead, &plain(item));
        }
    }

    fn labelled(&mut self, items: &[(Words, Words)]) {
        let labels: Vec<String> = items.iter().map(|(label, _)| plain(label)).collect();
        let room = labels.iter().map(|label| text::width(label)).max().unwrap_or(0);
        let beside = room <= self.width / 2;
        for ((label, words), shown) in items.iter().zip(&labels) {
            let style = colour(label.tone());
            let space = " ".repeat(room - text::width(shown));
            if beside {
                self.paragraph(style, &format!("  {shown}{space}  "), &plain(words));
            } else {
                self.paragraph(style, "  ", &format!("{shown} {}", plain(words)));
            }
        }
    }

    fn table(&mut self, table: &Table) {
        let layout = Layout::new(table);
        let parts = layout.parts(self.width);
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.blank();
            }
            let lines = part.lines(self.width);
            // One line per row, unless cells had to be broken.
            let whole = lines.len() == part.tones.len() + 1;
            for (index, line) in lines.iter().enumerate() {
                let style = match index.checked_sub(1) {
                    None => QUIET,
                    Some(row) if whole => colour(part.tones[row]),
                    Some(_) => PLAIN,
                };
                self.line(style, line);
            }
        }
        if layout.left_out > 0 {
            self.line(QUIET, &format!("  {} more {} are left out", layout.left_out, table.noun));
        }
    }
}
