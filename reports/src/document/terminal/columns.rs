//! Tables without lines: words to the left, numbers to the right.

use comfy_table::{CellAlignment, ContentArrangement, Table as Grid, TableStyle};

use super::plain::plain;
use crate::document::media::Media;
use crate::document::table::{Column, Content, Table};
use crate::document::text;
use crate::document::words::Tone;

/// Columns between two columns.
const GAP: usize = 2;
/// Names are not cut to less.
const SHORTEST_NAME: usize = 10;

/// What of a table is shown, as text.
pub(super) struct Layout<'a> {
    table: &'a Table,
    whole: Part,
    /// Rows that the table has beyond those that a terminal shows.
    pub(super) left_out: usize,
}

/// A table, or one of the two that it is drawn as.
#[derive(Clone)]
pub(super) struct Part {
    columns: Vec<(String, Content)>,
    rows: Vec<Vec<String>>,
    /// Tone of each row.
    pub(super) tones: Vec<Option<Tone>>,
}

impl<'a> Layout<'a> {
    pub(super) fn new(table: &'a Table) -> Self {
        let columns = table.shown(Media::TERMINAL);
        let shown = || table.rows.iter().take(table.terminal_rows);
        let rows = shown().map(|row| {
            let cell = |index: &usize| row.cells.get(*index).map(|cell| plain(&cell.words));
            columns.iter().map(|(index, _)| cell(index).unwrap_or_default()).collect()
        });
        let whole = Part {
            columns: columns
                .iter()
                .map(|(_, Column { name, content, .. })| (text::visible(name), *content))
                .collect(),
            rows: rows.collect(),
            tones: shown().map(|row| row.cells.iter().find_map(|cell| cell.words.tone())).collect(),
        };
        Self { table, left_out: table.rows.len() - whole.rows.len(), whole }
    }

    /// The tables to draw: two where the whole is too wide and may be divided.
    pub(super) fn parts(&self, width: usize) -> Vec<Part> {
        match self.table.halves.filter(|_| widest(&self.whole.drawn(GAP)) > width) {
            Some(at) if at < self.whole.columns.len() => self.whole.halves(at),
            _ => vec![self.whole.clone()],
        }
    }
}

impl Part {
    fn halves(&self, at: usize) -> Vec<Self> {
        let columns: [Vec<usize>; 2] =
            [(0..at).collect(), std::iter::once(0).chain(at..self.columns.len()).collect()];
        let half = |columns: Vec<usize>| Self {
            columns: columns.iter().map(|index| self.columns[*index].clone()).collect(),
            rows: self
                .rows
                .iter()
                .map(|row| columns.iter().map(|index| row[*index].clone()).collect())
                .collect(),
            tones: self.tones.clone(),
        };
        columns.map(half).into()
    }

    /// The lines, the names of the columns first. A table that is too wide has its names cut; then its columns move
    /// together; then its cells are broken.
    pub(super) fn lines(&self, width: usize) -> Vec<String> {
        let fits = |lines: &[String]| widest(lines) <= width;
        let lines = self.drawn(GAP);
        if fits(&lines) {
            return lines;
        }
        let cut = self.with_names_cut(widest(&lines) - width);
        let lines = cut.drawn(GAP);
        if fits(&lines) {
            return lines;
        }
        let lines = cut.drawn(GAP - 1);
        if fits(&lines) {
            return lines;
        }
        let mut grid = cut.grid(GAP - 1);
        grid.set_content_arrangement(ContentArrangement::Dynamic);
        grid.set_width(u16::try_from(width).unwrap_or(u16::MAX));
        trimmed(&grid)
    }

    /// The same with its columns of names narrower by so many columns in all, the widest first.
    fn with_names_cut(&self, columns: usize) -> Self {
        let mut part = self.clone();
        let mut widths: Vec<usize> =
            (0..self.columns.len()).map(|index| self.width(index)).collect();
        let may_be_cut = |index: &usize| self.columns[*index].1 == Content::Names;
        for _ in 0..columns {
            let names = (0..widths.len()).filter(may_be_cut);
            match names.max_by_key(|index| widths[*index]) {
                Some(index) if widths[index] > SHORTEST_NAME => widths[index] -= 1,
                _ => break,
            }
        }
        for row in &mut part.rows {
            for (cell, width) in row.iter_mut().zip(&widths) {
                *cell = text::fit(cell, *width);
            }
        }
        part
    }

    /// Width of a column's widest cell or of its name.
    fn width(&self, index: usize) -> usize {
        let cells = self.rows.iter().map(|row| &row[index]);
        cells.chain([&self.columns[index].0]).map(|cell| text::width(cell)).max().unwrap_or(0)
    }

    fn drawn(&self, gap: usize) -> Vec<String> {
        trimmed(&self.grid(gap))
    }

    fn grid(&self, gap: usize) -> Grid {
        let mut grid = Grid::new();
        grid.load_style(TableStyle::new()).set_header(self.columns.iter().map(|(name, _)| name));
        for row in &self.rows {
            grid.add_row(row);
        }
        let last = self.columns.len().saturating_sub(1);
        for (index, column) in grid.column_iter_mut().enumerate() {
            column.set_padding((0, if index == last { 0 } else { gap as u16 }));
            if self.columns[index].1 == Content::Numbers {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        grid
    }
}

fn trimmed(grid: &Grid) -> Vec<String> {
    grid.lines().map(|line| line.trim_end().replace(text::NO_BREAK, " ")).collect()
}

fn widest(lines: &[String]) -> usize {
    lines.iter().map(|line| text::width(line)).max().unwrap_or(0)
}
