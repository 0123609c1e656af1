//! Tables: numbers to the right, a caption for who cannot see, and what the script needs to sort.

use super::markup::Markup;

/// A column.
#[derive(Clone, Debug)]
pub(super) struct Column {
    name: String,
    align: Align,
}

/// Where the text of a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Align {
    Left,
    /// The same, wide enough to read sentences in.
    Prose,
    Centre,
    Right,
}

impl Align {
    const fn class(self) -> &'static str {
        match self {
            Self::Left => "",
            Self::Prose => " class=\"p\"",
            Self::Centre => " class=\"c\"",
            Self::Right => " class=\"n\"",
        }
    }
}

impl Column {
    /// The same with its text in the middle.
    pub(super) fn centred(self) -> Self {
        Self { align: Align::Centre, ..self }
    }
}

/// A column of words.
pub(super) fn words(name: &str) -> Column {
    Column { name: name.to_owned(), align: Align::Left }
}

/// A column of sentences.
pub(super) fn prose(name: &str) -> Column {
    Column { name: name.to_owned(), align: Align::Prose }
}

/// A column of numbers.
pub(super) fn numbers(name: &str) -> Column {
    Column { name: name.to_owned(), align: Align::Right }
}

/// One cell.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    shown: Markup,
    value: Option<f64>,
}

impl From<Markup> for Cell {
    fn from(shown: Markup) -> Self {
        Self { shown, value: None }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Markup::of(text).into()
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl Cell {
    /// A number in words, and the number by which it is sorted; without one it comes last.
    pub(super) fn number(shown: &str, value: Option<f64>) -> Self {
        Self { shown: Markup::of(shown), value }
    }

    /// Markup, and the number by which it is sorted.
    pub(super) fn with_value(shown: Markup, value: Option<f64>) -> Self {
        Self { shown, value }
    }
}

/// A table.
pub(super) struct Table {
    caption: &'static str,
    columns: Vec<Column>,
    rows: Vec<(Vec<Cell>, Option<String>)>,
    interactive: bool,
}

impl Table {
    /// An empty table; what its caption says is read out, not shown.
    pub(super) fn new(caption: &'static str, columns: Vec<Column>) -> Self {
        Self { caption, columns, rows: Vec::new(), interactive: false }
    }

    /// The same, to be sorted and filtered.
    pub(super) fn interactive(mut self) -> Self {
        self.interactive = true;
        self
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push((cells, None));
    }

    /// Adds a row with an anchor.
    pub(super) fn row_at(&mut self, anchor: String, cells: Vec<Cell>) {
        self.rows.push((cells, Some(anchor)));
    }

    /// Whether there is no row.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Without the columns in which no row has anything but `nothing`.
    pub(super) fn without_empty_columns(mut self) -> Self {
        let empty = |cell: &Cell| matches!(cell.shown.as_str(), "" | "-");
        let kept: Vec<bool> = (0..self.columns.len())
            .map(|column| {
                self.rows.iter().any(|(cells, _)| cells.get(column).is_some_and(|c| !empty(c)))
            })
            .collect();
        let mut keep = kept.iter();
        self.columns.retain(|_| keep.next().copied().unwrap_or(true));
        for (cells, _) in &mut self.rows {
            let mut keep = kept.iter();
            cells.retain(|_| keep.next().copied().unwrap_or(true));
        }
        self
    }

    /// The table in a box that scrolls where it must.
    pub(super) fn markup(&self) -> Markup {
        let open = Markup::new("<div class=\"scroll\"><table")
            .raw(if self.interactive { " data-table" } else { "" })
            .raw("><caption>")
            .text(self.caption)
            .raw("</caption>\n<thead><tr>");
        let head = self.columns.iter().map(|column| {
            Markup::new("<th scope=\"col\"")
                .raw(column.align.class())
                .raw(">")
                .text(&column.name)
                .raw("</th>")
        });
        let body = self.rows.iter().map(|(cells, anchor)| {
            let open = match anchor {
                Some(anchor) => Markup::new("<tr").attribute("id", anchor).raw(">"),
                None => Markup::new("<tr>"),
            };
            let cells =
                cells.iter().zip(&self.columns).enumerate().map(|(index, (cell, column))| {
                    let (open, close) =
                        if index == 0 { ("<th scope=\"row\"", "</th>") } else { ("<td", "</td>") };
                    let mut tag = Markup::new(open).raw(column.align.class());
                    if let Some(value) = cell.value.filter(|_| self.interactive) {
                        tag = tag.attribute("data-v", &format!("{value:.6}"));
                    }
                    tag.raw(">").add(&cell.shown).raw(close)
                });
            open.all(cells).raw("</tr>\n")
        });
        open.all(head).raw("</tr></thead>\n<tbody>\n").all(body).raw("</tbody></table></div>\n")
    }
}
