//! A part of a report that every prose format shows in the same words: a table and sentences.

/// Heading, at most one table, and sentences under it.
pub(crate) struct Section {
    /// The heading.
    pub(crate) heading: &'static str,
    /// Column names, the first to the left; no table without one.
    pub(crate) header: Vec<&'static str>,
    /// Rows of as many cells, plain text without foreign parts.
    pub(crate) rows: Vec<Vec<String>>,
    /// Sentences; foreign text in them stands in backticks, see [`crate::document::text::quoted`].
    pub(crate) sentences: Vec<String>,
}

impl Section {
    /// The section without columns in which no row has anything.
    pub(crate) fn without_empty_columns(mut self, nothing: &str) -> Self {
        let kept: Vec<bool> = (0..self.header.len())
            .map(|column| self.rows.iter().any(|row| row[column] != nothing))
            .collect();
        let keep = |index: &usize| kept[*index];
        self.header = (0..kept.len()).filter(keep).map(|index| self.header[index]).collect();
        for row in &mut self.rows {
            *row = (0..kept.len()).filter(keep).map(|index| row[index].clone()).collect();
        }
        self
    }
}
