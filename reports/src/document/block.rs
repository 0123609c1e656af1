//! What a section is made of.

use super::chart::{CurveChart, Mark, RowChart, Svg};
use super::media::Media;
use super::table::Table;
use super::words::Words;

/// How a paragraph is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Plain,
    /// It explains what stands beside it.
    Quiet,
    /// It is the answer.
    Strong,
    /// A reason to trust the rest of the document less.
    Warning,
}

/// How a list is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListKind {
    /// Sentences that belong to what stands above them: paragraphs on a terminal.
    Notes,
    /// Notes about single rows of a table: indented and quiet on a terminal.
    Remarks,
    /// Items.
    Items,
    /// What was found, the most important first.
    Findings,
    /// What to do, in this order.
    Steps,
}

/// A part of a section.
#[derive(Clone, Debug)]
pub(super) enum Block {
    Heading(Words),
    Paragraph(Weight, Words),
    List(ListKind, Vec<Words>),
    Labelled(Vec<(Words, Words)>),
    Facts(Vec<(String, Words)>),
    Table(Table),
    Cards(Vec<Card>),
    Figure(Figure),
    Listing { label: String, language: &'static str, text: String },
    Folded { summary: String, blocks: Blocks },
}

/// One thing at a glance. HTML only: its facts must be in a table, too.
#[derive(Clone, Debug)]
pub struct Card {
    /// What it is about.
    pub heading: Words,
    /// The answer in large type.
    pub answer: Words,
    /// What the answer rests on.
    pub basis: Option<Words>,
    /// More, one line each.
    pub lines: Vec<Words>,
}

/// A chart as data. HTML only: its facts must be in a table, too.
#[derive(Clone, Debug)]
pub struct Figure {
    pub(super) chart: Chart,
    pub(super) caption: Words,
    pub(super) legend: Vec<(Mark, String)>,
    pub(super) items: Vec<usize>,
}

#[derive(Clone, Debug)]
pub(super) enum Chart {
    Rows(RowChart),
    Curves(CurveChart),
}

impl Chart {
    pub(super) fn svg(&self) -> Option<Svg> {
        match self {
            Self::Rows(chart) => chart.svg(),
            Self::Curves(chart) => chart.svg(),
        }
    }
}

impl Figure {
    /// A chart of rows.
    #[must_use]
    pub fn rows(chart: RowChart, caption: impl Into<Words>) -> Self {
        Self::new(Chart::Rows(chart), caption.into())
    }

    /// A chart of curves.
    #[must_use]
    pub fn curves(chart: CurveChart, caption: impl Into<Words>) -> Self {
        Self::new(Chart::Curves(chart), caption.into())
    }

    /// The same with a legend: marks and what they stand for.
    #[must_use]
    pub fn legend(self, legend: impl IntoIterator<Item = (Mark, String)>) -> Self {
        Self { legend: legend.into_iter().collect(), ..self }
    }

    /// The same where a click on a row opens the item with this index of the page's data.
    #[must_use]
    pub fn items(self, items: Vec<usize>) -> Self {
        Self { items, ..self }
    }

    fn new(chart: Chart, caption: Words) -> Self {
        Self { chart, caption, legend: Vec::new(), items: Vec::new() }
    }
}

/// Blocks in their order, and which renderers draw each.
///
/// Built by adding to it: `Blocks::new().table(table).notes(sentences)`. What has no rows, items or chart is not added.
#[derive(Clone, Debug, Default)]
pub struct Blocks(Vec<(Media, Block)>);

impl Blocks {
    /// No block yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a heading below that of the section.
    #[must_use]
    pub fn heading(self, words: impl Into<Words>) -> Self {
        self.with(Block::Heading(words.into()))
    }

    /// Adds a paragraph.
    #[must_use]
    pub fn paragraph(self, words: impl Into<Words>) -> Self {
        self.with(Block::Paragraph(Weight::Plain, words.into()))
    }

    /// Adds a paragraph that says how to read what stands beside it.
    #[must_use]
    pub fn quiet(self, words: impl Into<Words>) -> Self {
        self.with(Block::Paragraph(Weight::Quiet, words.into()))
    }

    /// Adds a paragraph that is an answer.
    #[must_use]
    pub fn strong(self, words: impl Into<Words>) -> Self {
        self.with(Block::Paragraph(Weight::Strong, words.into()))
    }

    /// Adds a paragraph that makes everything else less than it seems.
    #[must_use]
    pub fn warning(self, words: impl Into<Words>) -> Self {
        self.with(Block::Paragraph(Weight::Warning, words.into()))
    }

    /// Adds sentences that belong to what stands above them.
    #[must_use]
    pub fn notes(self, notes: impl IntoIterator<Item = impl Into<Words>>) -> Self {
        self.list(ListKind::Notes, notes)
    }

    /// Adds sentences about single rows of the table above them.
    #[must_use]
    pub fn remarks(self, remarks: impl IntoIterator<Item = impl Into<Words>>) -> Self {
        self.list(ListKind::Remarks, remarks)
    }

    /// Adds a list.
    #[must_use]
    pub fn items(self, items: impl IntoIterator<Item = impl Into<Words>>) -> Self {
        self.list(ListKind::Items, items)
    }

    /// Adds what was found, the most important first.
    #[must_use]
    pub fn findings(self, findings: impl IntoIterator<Item = impl Into<Words>>) -> Self {
        self.list(ListKind::Findings, findings)
    }

    /// Adds what to do, in this order.
    #[must_use]
    pub fn steps(self, steps: impl IntoIterator<Item = impl Into<Words>>) -> Self {
        self.list(ListKind::Steps, steps)
    }

    /// Adds a list whose items begin with a label, usually a verdict.
    #[must_use]
    pub fn labelled(self, items: Vec<(Words, Words)>) -> Self {
        if items.is_empty() { self } else { self.with(Block::Labelled(items)) }
    }

    /// Adds names and values.
    #[must_use]
    pub fn facts(self, facts: Vec<(String, Words)>) -> Self {
        if facts.is_empty() { self } else { self.with(Block::Facts(facts)) }
    }

    /// Adds a table.
    #[must_use]
    pub fn table(self, table: Table) -> Self {
        if table.is_empty() { self } else { self.with(Block::Table(table)) }
    }

    /// Adds cards. HTML only.
    #[must_use]
    pub fn cards(self, cards: Vec<Card>) -> Self {
        if cards.is_empty() { self } else { self.with_in(Media::HTML, Block::Cards(cards)) }
    }

    /// Adds a chart where there is one. HTML only.
    #[must_use]
    pub fn figure(self, figure: Option<Figure>) -> Self {
        match figure {
            Some(figure) => self.with_in(Media::HTML, Block::Figure(figure)),
            None => self,
        }
    }

    /// Adds text that is meant to be copied, such as YAML. `language` is for Markdown, `label` is read out by a page.
    #[must_use]
    pub fn listing(
        self,
        label: impl Into<String>,
        language: &'static str,
        text: impl Into<String>,
    ) -> Self {
        self.with(Block::Listing { label: label.into(), language, text: text.into() })
    }

    /// Adds blocks that are out of sight until the reader opens them; a terminal shows them under a heading.
    #[must_use]
    pub fn folded(self, summary: impl Into<String>, blocks: Self) -> Self {
        if blocks.is_empty() {
            return self;
        }
        self.with(Block::Folded { summary: summary.into(), blocks })
    }

    /// Adds other blocks.
    #[must_use]
    pub fn then(self, blocks: Self) -> Self {
        self.only(Media::ALL, blocks)
    }

    /// Adds other blocks for some renderers only.
    #[must_use]
    pub fn only(mut self, media: Media, blocks: Self) -> Self {
        self.0.extend(blocks.0.into_iter().map(|(of, block)| (of.and(media), block)));
        self
    }

    /// Whether there is no block.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The blocks that a renderer draws.
    pub(super) fn shown(&self, medium: Media) -> impl Iterator<Item = &Block> {
        self.0.iter().filter(move |(media, _)| media.meets(medium)).map(|(_, block)| block)
    }

    fn list(self, kind: ListKind, items: impl IntoIterator<Item = impl Into<Words>>) -> Self {
        let items: Vec<Words> = items.into_iter().map(Into::into).collect();
        if items.is_empty() { self } else { self.with(Block::List(kind, items)) }
    }

    fn with(self, block: Block) -> Self {
        self.with_in(Media::ALL, block)
    }

    fn with_in(mut self, media: Media, block: Block) -> Self {
        self.0.push((media, block));
        self
    }
}
