//! The blocks of docs/CI.md, as a reader copies them.

use std::fs;

use crate::forge::project;

/// The page, with the names in capitals that a reader changes.
pub(crate) struct Page(String);

impl Page {
    /// `names` are what the page says and what the reader writes instead.
    pub(crate) fn new(names: &[(&str, &str)]) -> Self {
        let mut text = fs::read_to_string(project().join("docs/CI.md")).unwrap();
        for (from, to) in names {
            assert!(text.contains(from), "docs/CI.md: `{from}`");
            text = text.replace(from, to);
        }
        Self(text)
    }

    /// The block under the line that names a file.
    pub(crate) fn file(&self, name: &str) -> String {
        let lead = format!("\n`{name}`:\n\n```");
        let (_, rest) = self.0.split_once(&lead).unwrap_or_else(|| panic!("docs/CI.md: `{name}`:"));
        let (_, rest) = rest.split_once('\n').unwrap();
        rest.split("\n```").next().unwrap().to_owned() + "\n"
    }

    /// The blocks of commands of a section that are not a file.
    pub(crate) fn commands(&self, heading: &str) -> String {
        let (_, section) =
            self.0.split_once(&format!("\n## {heading}\n")).expect("the section is there");
        let section = section.split("\n## ").next().unwrap();
        let blocks: Vec<&str> = section
            .split("\n```sh\n")
            .skip(1)
            .map(|rest| rest.split("\n```").next().unwrap())
            .collect();
        assert!(!blocks.is_empty(), "docs/CI.md: {heading}");
        blocks.join("\n")
    }
}
