//! The problems of one file while it is read, and single values of the text.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::DeValue;

use super::keys::TableShape;
use super::problem::{Problem, Problems};
use super::wire::Fields;

/// A piece of the file with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) span: Range<usize>,
}

/// Text of the file.
pub(crate) type Text<'a> = At<&'a str>;

struct Found {
    span: Range<usize>,
    message: String,
    hint: Option<String>,
}

/// Collects the problems of one file.
pub(crate) struct Report<'a> {
    file: PathBuf,
    text: &'a str,
    found: RefCell<Vec<Found>>,
    /// Whether the syntax is broken: then whatever seems to be missing may only be unreadable.
    broken: Cell<bool>,
    /// Which keys of which tables were looked for.
    pub(crate) looked_for: RefCell<BTreeSet<(&'static str, &'static str)>>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(file: &Path, text: &'a str) -> Self {
        Self {
            file: file.to_owned(),
            text,
            found: RefCell::default(),
            broken: Cell::new(false),
            looked_for: RefCell::default(),
        }
    }

    /// Adds a problem.
    pub(crate) fn problem(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<Option<String>>,
    ) {
        let found = Found { span, message: message.into(), hint: hint.into() };
        self.found.borrow_mut().push(found);
    }

    /// Adds a problem about something that is not there, unless broken syntax may have hidden it.
    pub(crate) fn absence(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<Option<String>>,
    ) {
        if !self.broken.get() {
            self.problem(span, message, hint);
        }
    }

    /// Adds a problem of the TOML syntax.
    pub(crate) fn syntax(&self, error: &toml::de::Error) {
        self.broken.set(true);
        let span = error.span().unwrap_or(0..0);
        self.problem(span, format!("invalid TOML: {}", error.message()), None);
    }

    /// The part of a string in the file that `at..at + len` of its value is; the whole string where escapes
    /// make that unknown.
    pub(crate) fn within(&self, text: &Text<'_>, at: usize, len: usize) -> Range<usize> {
        for quotes in [1, 3] {
            let start = text.span.start + quotes;
            let end = text.span.end.saturating_sub(quotes);
            if self.text.get(start..end) == Some(text.value) {
                return start + at..start + at + len;
            }
        }
        text.span.clone()
    }

    /// Every problem in the order of the text, or nothing.
    pub(crate) fn finish(self) -> Option<Problems> {
        let mut found = self.found.into_inner();
        found.sort_by(|a, b| {
            (a.span.start, a.span.end, &a.message).cmp(&(b.span.start, b.span.end, &b.message))
        });
        found.dedup_by(|a, b| a.span == b.span && a.message == b.message);
        if found.is_empty() {
            return None;
        }
        let problems = found.into_iter().map(|found| {
            let Found { span, message, hint } = found;
            Problem::locate(self.file.clone(), self.text, span, message, hint)
        });
        Some(Problems(problems.collect()))
    }

    /// Which keys of which tables the conversion looked for.
    #[cfg(test)]
    pub(crate) fn asked(&self) -> BTreeSet<(&'static str, &'static str)> {
        self.looked_for.borrow().clone()
    }
}

/// A key and its value.
pub(crate) type Entry<'r, 'a> = (Text<'r>, &'r Spanned<DeValue<'a>>);

impl<'a> Report<'a> {
    /// A table read by a shape.
    pub(crate) fn fields<'r>(
        &'r self,
        value: &'r Spanned<DeValue<'a>>,
        shape: &'static TableShape,
    ) -> Option<Fields<'r, 'a>> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(value, "a table");
            return None;
        };
        Some(Fields::new(self, shape, table, value.span()))
    }

    /// The entries of a table in the order of the file.
    pub(crate) fn entries<'r>(
        &self,
        value: &'r Spanned<DeValue<'a>>,
    ) -> Option<Vec<Entry<'r, 'a>>> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(value, "a table");
            return None;
        };
        let mut entries: Vec<_> = table
            .iter()
            .map(|(key, value)| (At { value: key.get_ref().as_ref(), span: key.span() }, value))
            .collect();
        entries.sort_by_key(|(key, _)| key.span.start);
        Some(entries)
    }

    /// Text without NUL characters, which no command line, variable or path can hold.
    pub(crate) fn text<'r>(&self, value: &'r Spanned<DeValue<'a>>) -> Option<Text<'r>> {
        let Some(text) = value.get_ref().as_str() else {
            let raw = self.text.get(value.span()).unwrap_or_default();
            let hint = matches!(
                value.get_ref(),
                DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_)
            )
            .then(|| format!("write `\"{raw}\"`"));
            self.wrong_type_with(value, "a string", hint);
            return None;
        };
        if text.contains('\0') {
            self.problem(value.span(), "a string with a NUL character", None);
            return None;
        }
        Some(At { value: text, span: value.span() })
    }

    /// Text, a number as it is written, or a boolean.
    pub(crate) fn scalar(&self, value: &Spanned<DeValue<'_>>) -> Option<At<String>> {
        let text = match value.get_ref() {
            DeValue::String(_) | DeValue::Array(_) | DeValue::Table(_) | DeValue::Datetime(_) => {
                let Some(text) = value.get_ref().as_str() else {
                    self.wrong_type(value, "a string, a number or a boolean");
                    return None;
                };
                text.to_owned()
            }
            DeValue::Integer(number) => {
                let Ok(number) = i64::from_str_radix(number.as_str(), number.radix()) else {
                    self.problem(value.span(), "a number that does not fit 64 bits", None);
                    return None;
                };
                number.to_string()
            }
            // Versions look like floats: 3.10 is not 3.1.
            DeValue::Float(number) => number.as_str().to_owned(),
            DeValue::Boolean(flag) => flag.to_string(),
        };
        Some(At { value: text, span: value.span() })
    }

    /// Reports a value of another type than expected.
    pub(crate) fn wrong_type(&self, value: &Spanned<DeValue<'_>>, expected: &str) {
        self.wrong_type_with(value, expected, None);
    }

    fn wrong_type_with(&self, value: &Spanned<DeValue<'_>>, expected: &str, hint: Option<String>) {
        let found = type_name(value.get_ref());
        self.problem(value.span(), format!("expected {expected}, found {found}"), hint);
    }
}

/// A number, unless it is not finite.
pub(crate) fn number(value: &Spanned<DeValue<'_>>) -> Option<f64> {
    match value.get_ref() {
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(|n| n as f64)
        }
        DeValue::Float(number) => number.as_str().parse().ok().filter(|n: &f64| n.is_finite()),
        _ => None,
    }
}

pub(crate) fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
