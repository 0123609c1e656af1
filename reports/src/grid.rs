//! Columns of text for terminals: aligned, and cut where they would not fit.

use crate::document::text;

/// Between columns.
const GAP: usize = 2;

/// A table without lines.
pub(crate) struct Grid {
    header: Vec<String>,
    /// Right-aligned columns.
    right: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    /// Columns with one letter each in `alignment`: `l` or `r`.
    pub(crate) fn new(header: &[&str], alignment: &str) -> Self {
        Self {
            header: header.iter().map(ToString::to_string).collect(),
            right: alignment.chars().map(|c| c == 'r').collect(),
            rows: Vec::new(),
        }
    }

    /// One more row; control characters in its cells become visible.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| text::visible(&cell)).collect());
    }

    /// The same in Markdown, every cell escaped.
    pub(crate) fn markdown(&self) -> String {
        let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let ends: Vec<String> = self
            .right
            .iter()
            .map(|right| if *right { "--:".to_owned() } else { ":--".to_owned() })
            .collect();
        let escaped = self.rows.iter().map(|cells| {
            let cells: Vec<String> = cells.iter().map(|cell| text::sentence(cell)).collect();
            row(&cells)
        });
        [row(&self.header), row(&ends)].into_iter().chain(escaped).collect()
    }

    /// The table; where it is wider than `width`, the widest left-aligned column is cut.
    pub(crate) fn render(&self, width: usize) -> String {
        let columns = self.header.len();
        let mut widths: Vec<usize> = (0..columns)
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.chain([&self.header[column]]).map(|cell| text::width(cell)).max().unwrap_or(0)
            })
            .collect();
        let total = |widths: &[usize]| widths.iter().sum::<usize>() + GAP * (columns - 1);
        while total(&widths) > width {
            let left = (0..columns).filter(|column| !self.right[*column]);
            let Some(widest) = left.max_by_key(|column| widths[*column]) else { break };
            if widths[widest] <= 4 {
                break;
            }
            widths[widest] -= 1;
        }
        let mut out = String::new();
        for row in std::iter::once(&self.header).chain(&self.rows) {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let cell = text::fit(cell, widths[column]);
                let space = " ".repeat(widths[column] - text::width(&cell));
                let gap = if column == 0 { String::new() } else { " ".repeat(GAP) };
                line.push_str(&gap);
                if self.right[column] {
                    line.push_str(&space);
                    line.push_str(&cell);
                } else {
                    line.push_str(&cell);
                    line.push_str(&space);
                }
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_the_widest_text_is_cut_to_fit() {
        let mut grid = Grid::new(&["name", "s"], "lr");
        grid.row(["a".to_owned(), "1".to_owned()]);
        grid.row(["a-very-long-name".to_owned(), "100".to_owned()]);
        assert_eq!(
            grid.render(80),
            "name                s\na                   1\na-very-long-name  100\n"
        );
        assert!(grid.render(12).lines().all(|line| text::width(line) <= 12), "{}", grid.render(12));
    }
}
