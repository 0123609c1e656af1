//! Glob patterns, compiled when the file is read.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::reader::{Diagnostics, Text};
use super::words::printable;

/// Glob patterns with their text.
#[derive(Clone, Debug, Default)]
pub struct Globs {
    /// As they stand in the file.
    pub patterns: Vec<String>,
    /// Compiled; only `**` matches `/`.
    pub set: GlobSet,
}

impl PartialEq for Globs {
    /// The patterns decide: the compiled set follows from them.
    fn eq(&self, other: &Self) -> bool {
        self.patterns == other.patterns
    }
}

/// What a glob is matched against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GlobKind {
    /// Paths inside a directory: the pattern must not lead out of it.
    Path,
    /// Any values.
    Value,
}

impl Globs {
    /// Whether there are no patterns.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Compiles patterns and reports those that are invalid.
    pub(crate) fn compile(
        diagnostics: &Diagnostics<'_>,
        texts: &[Text<'_>],
        kind: GlobKind,
    ) -> Option<Self> {
        let invalid = |text: &Text<'_>, error: &globset::Error| {
            let message = format!("invalid glob: {}", error.kind());
            diagnostics.problem(text.span.clone(), message, None);
        };
        let mut set = GlobSetBuilder::new();
        let mut good = true;
        for text in texts {
            if kind == GlobKind::Path && leads_out(text.value) {
                diagnostics.problem(
                    text.span.clone(),
                    format!("pattern `{}` leaves its directory", printable(text.value)),
                    "write it relative, without `..`".to_owned(),
                );
                good = false;
                continue;
            }
            match GlobBuilder::new(text.value).literal_separator(true).build() {
                Ok(glob) => drop(set.add(glob)),
                Err(error) => {
                    invalid(text, &error);
                    good = false;
                }
            }
        }
        if !good {
            return None;
        }
        let patterns = texts.iter().map(|text| text.value.to_owned()).collect();
        let set = set.build().map_err(|error| texts.first().map(|text| invalid(text, &error)));
        Some(Self { patterns, set: set.ok()? })
    }
}

fn leads_out(pattern: &str) -> bool {
    pattern.is_empty()
        || pattern.starts_with(['/', '\\', '~'])
        || pattern.split(['/', '\\']).any(|part| part == "..")
}
