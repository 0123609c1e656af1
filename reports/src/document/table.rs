//! Tables as data.

use super::media::Media;
use super::words::{NOTHING, Words};

/// What a column holds, which decides where its text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Words,
    /// Words that a terminal cuts where the table would not fit.
    Names,
    /// Sentences, which need room.
    Prose,
    Signs,
    Numbers,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    pub(super) name: String,
    pub(super) content: Content,
    pub(super) media: Media,
}

impl Column {
    /// A column of words, to the left.
    #[must_use]
    pub fn words(name: impl Into<String>) -> Self {
        Self::new(name, Content::Words)
    }

    /// A column of foreign names, to the left. A terminal cuts them where the table would not fit.
    #[must_use]
    pub fn names(name: impl Into<String>) -> Self {
        Self::new(name, Content::Names)
    }

    /// A column of sentences, to the left and with room to read them.
    #[must_use]
    pub fn prose(name: impl Into<String>) -> Self {
        Self::new(name, Content::Prose)
    }

    /// A column of single signs, in the middle.
    #[must_use]
    pub fn signs(name: impl Into<String>) -> Self {
        Self::new(name, Content::Signs)
    }

    /// A column of numbers, to the right.
    #[must_use]
    pub fn numbers(name: impl Into<String>) -> Self {
        Self::new(name, Content::Numbers)
    }

    /// The same for some renderers only. Rows have a cell for it all the same.
    #[must_use]
    pub fn only(self, media: Media) -> Self {
        Self { media, ..self }
    }

    fn new(name: impl Into<String>, content: Content) -> Self {
        Self { name: name.into(), content, media: Media::ALL }
    }
}

/// A cell: words, or a number by which a page can sort.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    pub(super) words: Words,
    pub(super) value: Option<f64>,
}

impl<T: Into<Words>> From<T> for Cell {
    fn from(words: T) -> Self {
        Self { words: words.into(), value: None }
    }
}

impl Cell {
    /// A number in words, and the number by which its column is sorted; without one it comes last.
    #[must_use]
    pub fn number(shown: impl Into<Words>, value: Option<f64>) -> Self {
        Self { words: shown.into(), value }
    }

    /// Words, or [`NOTHING`].
    #[must_use]
    pub fn or_nothing(words: Option<impl Into<Words>>) -> Self {
        words.map_or_else(|| NOTHING.into(), |words| words.into().into())
    }

    /// A foreign name.
    #[must_use]
    pub fn name(name: impl Into<String>) -> Self {
        Words::new().name(name).into()
    }
}

/// A row.
#[derive(Clone, Debug)]
pub(super) struct TableRow {
    pub(super) cells: Vec<Cell>,
    pub(super) anchor: Option<String>,
}

/// A table. The first cell of a row names it.
#[derive(Clone, Debug)]
pub struct Table {
    pub(super) caption: String,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<TableRow>,
    pub(super) sortable: bool,
    pub(super) tall: bool,
    pub(super) long: bool,
    pub(super) halves: Option<usize>,
    pub(super) terminal_rows: usize,
    pub(super) noun: &'static str,
}

impl Table {
    /// A table without rows. A page reads its caption out, the other renderers do without it.
    #[must_use]
    pub fn new(caption: impl Into<String>, columns: impl IntoIterator<Item = Column>) -> Self {
        Self {
            caption: caption.into(),
            columns: columns.into_iter().collect(),
            rows: Vec::new(),
            sortable: false,
            tall: false,
            long: false,
            halves: None,
            terminal_rows: usize::MAX,
            noun: "rows",
        }
    }

    /// A page lets the reader sort and filter it.
    #[must_use]
    pub fn sortable(self) -> Self {
        Self { sortable: true, ..self }
    }

    /// A page shows it in a box of limited height.
    #[must_use]
    pub fn tall(self) -> Self {
        Self { tall: true, ..self }
    }

    /// It may have very many rows: Markdown gives them the room that everything else has left.
    #[must_use]
    pub fn long(self) -> Self {
        Self { long: true, ..self }
    }

    /// A terminal that is too narrow draws two tables: these many columns, then the first one with the others.
    #[must_use]
    pub fn halves(self, columns: usize) -> Self {
        Self { halves: Some(columns), ..self }
    }

    /// A terminal shows at most so many rows, and counts the others.
    #[must_use]
    pub fn terminal_rows(self, rows: usize) -> Self {
        Self { terminal_rows: rows, ..self }
    }

    /// What rows are called where some are left out.
    #[must_use]
    pub fn of(self, noun: &'static str) -> Self {
        Self { noun, ..self }
    }

    /// Adds a row: one cell for each column.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(TableRow { cells: cells.into_iter().collect(), anchor: None });
    }

    /// Adds a row that a link can lead to.
    pub fn row_at(&mut self, anchor: String, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(TableRow { cells: cells.into_iter().collect(), anchor: Some(anchor) });
    }

    /// Whether it has no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Leaves out the columns in which no row says anything.
    #[must_use]
    pub fn without_empty_columns(self) -> Self {
        self.without_empty_columns_in(Media::ALL)
    }

    /// The same in some renderers only.
    #[must_use]
    pub fn without_empty_columns_in(mut self, media: Media) -> Self {
        for (index, column) in self.columns.iter_mut().enumerate() {
            let says = |row: &TableRow| row.cells.get(index).is_some_and(|c| !c.words.is_nothing());
            if !self.rows.iter().any(says) {
                column.media = column.media.without(media);
            }
        }
        self
    }

    /// The columns that a renderer draws, with their places in a row.
    pub(super) fn shown(&self, medium: Media) -> Vec<(usize, &Column)> {
        self.columns.iter().enumerate().filter(|(_, one)| one.media.meets(medium)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_without_a_value_is_left_out_where_asked_for() {
        let columns = [Column::words("a"), Column::numbers("b"), Column::numbers("c")];
        let mut table = Table::new("", columns);
        table.row(["x".into(), NOTHING.into(), "1".into()]);
        let table = table.without_empty_columns_in(Media::HTML);
        let names = |medium| {
            let shown = table.shown(medium);
            shown.iter().map(|(_, column)| column.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(Media::HTML), ["a", "c"]);
        assert_eq!(names(Media::TERMINAL), ["a", "b", "c"]);
    }
}
