//! The problems found in one file while it is read, and the values that need no more than their own text.

use std::cell::{Cell, RefCell};
#[cfg(test)]
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use regex::{Regex, RegexBuilder};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, Problems};
use crate::scenario::words::{closest, list, printable};

/// A piece of the file with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) span: Range<usize>,
}

/// Text of the file.
pub(crate) type Text<'a> = At<&'a str>;

struct Finding {
    span: Range<usize>,
    message: String,
    hint: Option<String>,
}

/// Collects the problems of one file.
pub(crate) struct Diagnostics<'a> {
    file: PathBuf,
    text: &'a str,
    found: RefCell<Vec<Finding>>,
    /// Whether the syntax is broken: then whatever seems to be missing may only be unreadable.
    broken: Cell<bool>,
    /// Which keys of which tables were looked for, by the title of the table.
    #[cfg(test)]
    pub(crate) looked_for: RefCell<BTreeSet<(&'static str, &'static str)>>,
}

impl<'a> Diagnostics<'a> {
    pub(crate) fn new(file: &Path, text: &'a str) -> Self {
        Self {
            file: file.to_owned(),
            text,
            found: RefCell::default(),
            broken: Cell::new(false),
            #[cfg(test)]
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
        let found = Finding { span, message: message.into(), hint: hint.into() };
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

    /// The table that the text is, as far as its syntax is not broken.
    pub(crate) fn parse(&self, text: &'a str) -> DeTable<'a> {
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            self.broken.set(true);
            let span = error.span().unwrap_or(0..0);
            self.problem(span, format!("invalid TOML: {}", error.message()), None);
        }
        document.into_inner()
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

    /// What was read, or every problem.
    pub(crate) fn conclude<T>(self, read: Option<T>) -> Result<T, Problems> {
        if read.is_none() && self.found.borrow().is_empty() {
            // Nothing is left out without a problem; should that ever be untrue, say so and go on.
            let message =
                "this file cannot be read, and bench does not know why (please report this)";
            self.problem(0..0, message, None);
        }
        match (self.finish(), read) {
            (Some(problems), _) => Err(problems),
            (None, Some(read)) => Ok(read),
            (None, None) => Err(Problems(Vec::new())),
        }
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
            let Finding { span, message, hint } = found;
            Problem::locate(self.file.clone(), self.text, span, message, hint)
        });
        Some(Problems(problems.collect()))
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

    /// A name that is safe as a file name and after `--set`.
    pub(crate) fn name(&self, text: &Text<'_>) -> Option<String> {
        let good = is_name(text.value);
        if !good {
            self.problem(
                text.span.clone(),
                format!("`{}` is not a valid name", printable(text.value)),
                "a name has up to 64 letters, digits, `-`, `_`, `.` and `+`, and begins with a letter or digit".to_owned(),
            );
        }
        good.then(|| text.value.to_owned())
    }

    /// The name of an environment variable.
    pub(crate) fn env_name(&self, text: &Text<'_>) -> Option<String> {
        let good = text.value.bytes().enumerate().all(|(at, byte)| {
            byte == b'_' || byte.is_ascii_alphabetic() || (at > 0 && byte.is_ascii_digit())
        }) && !text.value.is_empty();
        if !good {
            self.problem(
                text.span.clone(),
                format!(
                    "`{}` is not a valid name of an environment variable",
                    printable(text.value)
                ),
                "letters, digits and `_`, not beginning with a digit".to_owned(),
            );
        }
        good.then(|| text.value.to_owned())
    }

    /// The value that one of a few words stands for.
    pub(crate) fn choice<T: Copy>(&self, text: &Text<'_>, words: &[(&str, T)]) -> Option<T> {
        let found = words.iter().find(|(word, _)| *word == text.value);
        if found.is_none() {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let shown = printable(text.value);
            self.problem(
                text.span.clone(),
                format!("unknown word `{shown}`, expected one of {}", list(&words)),
                closest(text.value, &words).map(|near| format!("did you mean `{near}`?")),
            );
        }
        found.map(|(_, value)| *value)
    }

    /// A regular expression.
    pub(crate) fn regex(&self, text: &Text<'_>) -> Option<Regex> {
        // The limit keeps an expression such as `(\d{1000}){1000}` from filling the memory.
        match RegexBuilder::new(text.value).size_limit(1 << 20).build() {
            Ok(regex) => Some(regex),
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default().trim();
                let reason = reason.strip_prefix("error: ").unwrap_or(reason);
                self.problem(
                    text.span.clone(),
                    format!("invalid regular expression: {reason}"),
                    text.value.contains('\\').then(|| {
                        "in single quotes ('...') TOML leaves backslashes alone".to_owned()
                    }),
                );
                None
            }
        }
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

/// Whether text is a name: safe as a file name and after `--set`.
pub(crate) fn is_name(text: &str) -> bool {
    text.len() <= 64
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte))
}
