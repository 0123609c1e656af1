//! The text as spanned TOML tables, read along the table of keys ([`super::keys`]).
//!
//! Nothing here stops at the first problem: a getter that finds none or the wrong type reports it and
//! returns `None`, and the reader goes on.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{Count, Shape, TableShape};
use super::problem::{Problem, Problems};

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
    asked: RefCell<BTreeSet<(&'static str, &'static str)>>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(file: &Path, text: &'a str) -> Self {
        Self {
            file: file.to_owned(),
            text,
            found: RefCell::default(),
            broken: Cell::new(false),
            asked: RefCell::default(),
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
        self.asked.borrow().clone()
    }
}

/// One table, known to have only the keys of its shape.
pub(crate) struct Fields<'r, 'a> {
    pub(crate) report: &'r Report<'a>,
    pub(crate) span: Range<usize>,
    shape: &'static TableShape,
    table: &'r DeTable<'a>,
}

impl<'r, 'a> Fields<'r, 'a> {
    /// Reports unknown, missing and contradicting keys of a table.
    pub(crate) fn new(
        report: &'r Report<'a>,
        shape: &'static TableShape,
        table: &'r DeTable<'a>,
        span: Range<usize>,
    ) -> Self {
        let fields = Self { report, span, shape, table };
        for (key, _) in table {
            if shape.key(key.get_ref()).is_none() {
                let known: Vec<&str> = shape.keys.iter().map(|key| key.name).collect();
                report.problem(
                    key.span(),
                    format!("unknown key `{}` in {}", printable(key.get_ref()), shape.title),
                    nearest(key.get_ref(), &known),
                );
            }
        }
        for key in shape.keys.iter().filter(|key| key.required && !fields.has(key.name)) {
            report.absence(
                fields.span.clone(),
                format!("{} has no `{}`", shape.title, key.name),
                format!("{}: {}", key.name, lower_first(key.doc)),
            );
        }
        fields.check_groups();
        fields
    }

    fn has(&self, name: &str) -> bool {
        self.table.contains_key(name)
    }

    fn check_groups(&self) {
        for group in self.shape.groups {
            let present: Vec<_> =
                group.keys.iter().copied().filter(|name| self.has(name)).collect();
            let all = list(group.keys);
            if present.is_empty() && group.count != Count::AtMostOne {
                let how_many =
                    if group.count == Count::One { "exactly one" } else { "at least one" };
                self.report.absence(
                    self.span.clone(),
                    format!("{} needs {how_many} of {all}", self.shape.title),
                    None,
                );
            }
            if present.len() > 1 && group.count != Count::AtLeastOne {
                for name in &present[1..] {
                    self.report.problem(
                        self.key_span(name),
                        format!("`{name}` cannot stand beside `{}`", present[0]),
                        format!("{} has only one of {all}", self.shape.title),
                    );
                }
            }
        }
        for (name, needed) in self.shape.needs {
            if self.has(name) && !self.has(needed) {
                self.report.absence(
                    self.key_span(name),
                    format!("`{name}` needs `{needed}` beside it"),
                    self.shape.key(needed).map(|key| format!("{needed}: {}", lower_first(key.doc))),
                );
            }
        }
    }

    /// Where a key stands; the table's header when it is not there.
    pub(crate) fn key_span(&self, name: &str) -> Range<usize> {
        self.table.get_key_value(name).map_or(self.span.clone(), |(key, _)| key.span())
    }

    /// The value of a key, whatever its type.
    pub(crate) fn get(&self, name: &'static str) -> Option<&'r Spanned<DeValue<'a>>> {
        self.report.asked.borrow_mut().insert((self.shape.title, name));
        self.table.get(name)
    }

    /// Text.
    pub(crate) fn text(&self, name: &'static str) -> Option<Text<'r>> {
        self.report.text(self.get(name)?)
    }

    /// Text, without a word where it is none: for a first look that a second one follows.
    pub(crate) fn quiet_text(&self, name: &str) -> Option<&'r str> {
        self.table.get(name)?.get_ref().as_str()
    }

    /// `true` or `false`.
    pub(crate) fn bool(&self, name: &'static str) -> Option<bool> {
        let value = self.get(name)?;
        let found = value.get_ref().as_bool();
        if found.is_none() {
            self.report.wrong_type(value, "`true` or `false`");
        }
        found
    }

    /// A list of texts, empty or not.
    pub(crate) fn texts(&self, name: &'static str) -> Option<Vec<Text<'r>>> {
        let value = self.get(name)?;
        let Some(items) = value.get_ref().as_array() else {
            self.report.wrong_type(value, "a list of strings");
            return None;
        };
        let texts: Vec<_> = items.iter().map(|item| self.report.text(item)).collect();
        texts.into_iter().collect()
    }

    /// A list with at least one text.
    pub(crate) fn filled(&self, name: &'static str) -> Option<Vec<Text<'r>>> {
        let texts = self.texts(name)?;
        if texts.is_empty() {
            let span = self.get(name)?.span();
            self.report.problem(span, format!("`{name}` is an empty list"), None);
            return None;
        }
        Some(texts)
    }

    /// Program and arguments.
    pub(crate) fn argv(&self, name: &'static str) -> Option<Vec<Text<'r>>> {
        let value = self.get(name)?;
        if let Some(text) = value.get_ref().as_str() {
            let words: Vec<_> = text.split_whitespace().map(|word| format!("{word:?}")).collect();
            self.report.problem(
                value.span(),
                format!("`{name}` is a string, expected a list: program and arguments"),
                format!("write `{name} = [{}]`", printable(&words.join(", "))),
            );
            return None;
        }
        let argv = self.filled(name)?;
        if argv[0].value.trim().is_empty() {
            self.report.problem(argv[0].span.clone(), "the program is empty", None);
            return None;
        }
        Some(argv)
    }

    /// One text, or a list with at least one.
    pub(crate) fn one_or_more(&self, name: &'static str) -> Option<Vec<Text<'r>>> {
        let value = self.get(name)?;
        if value.get_ref().is_str() {
            return self.report.text(value).map(|text| vec![text]);
        }
        self.filled(name)
    }

    /// A table of its own, read by the shape that the table of keys has for it.
    pub(crate) fn table(&self, name: &'static str) -> Option<Fields<'r, 'a>> {
        let value = self.get(name)?;
        let Some(Shape::Table(shape)) = self.shape.key(name).map(|key| key.shape) else {
            return None;
        };
        self.report.fields(value, shape)
    }

    /// An array of tables.
    pub(crate) fn tables(&self, name: &'static str) -> Vec<Fields<'r, 'a>> {
        let Some(value) = self.get(name) else { return Vec::new() };
        let Some(Shape::Tables(shape)) = self.shape.key(name).map(|key| key.shape) else {
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            self.report.problem(
                value.span(),
                format!("`{name}` is {}, expected an array of tables", type_name(value.get_ref())),
                format!("write `{}`", shape.title),
            );
            return Vec::new();
        };
        if items.is_empty() && self.shape.key(name).is_some_and(|key| key.required) {
            self.report.problem(value.span(), format!("`{name}` is an empty list"), None);
        }
        items.iter().filter_map(|item| self.report.fields(item, shape)).collect()
    }

    /// The entries of a table in the order of the file.
    pub(crate) fn entries(&self, name: &'static str) -> Option<Vec<Entry<'r, 'a>>> {
        self.report.entries(self.get(name)?)
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
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => number.to_string(),
                    Err(_) => {
                        self.problem(value.span(), "a number that does not fit 64 bits", None);
                        return None;
                    }
                }
            }
            // Versions look like floats: 3.10 is not 3.1.
            DeValue::Float(number) => number.as_str().to_owned(),
            DeValue::Boolean(flag) => flag.to_string(),
        };
        Some(At { value: text, span: value.span() })
    }

    /// A number.
    pub(crate) fn number(&self, value: &Spanned<DeValue<'_>>) -> Option<f64> {
        match value.get_ref() {
            DeValue::Integer(number) => {
                i64::from_str_radix(number.as_str(), number.radix()).ok().map(|n| n as f64)
            }
            DeValue::Float(number) => number.as_str().parse().ok().filter(|n: &f64| n.is_finite()),
            _ => None,
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

fn type_name(value: &DeValue<'_>) -> &'static str {
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

/// `did you mean` for what is near, the list of what is known otherwise.
pub(crate) fn nearest(wrong: &str, known: &[&str]) -> Option<String> {
    if let Some(near) = closest(wrong, known) {
        return Some(format!("did you mean `{near}`?"));
    }
    (!known.is_empty()).then(|| format!("known here: {}", list(known)))
}

/// The known word that differs by no more than a third of its letters.
pub(crate) fn closest<'k>(wrong: &str, known: &[&'k str]) -> Option<&'k str> {
    // Nobody mistypes a name by pages; the distance is quadratic.
    if wrong.len() > 100 {
        return None;
    }
    let wrong = wrong.to_lowercase();
    known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&wrong, &name.to_lowercase()), *name))
        .filter(|(distance, name)| *distance <= (name.len().max(wrong.len()) / 3).max(1))
        .min()
        .map(|(_, name)| name)
}

/// Words in backticks, separated by commas.
pub(crate) fn list<T: AsRef<str>>(words: &[T]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{}`", word.as_ref())).collect();
    words.join(", ")
}

/// Text for a message: control characters escaped, and not longer than a line.
pub(crate) fn printable(text: &str) -> String {
    let mut short: String = text.chars().take(80).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    short
        .chars()
        .map(|c| if c.is_control() { c.escape_default().to_string() } else { c.into() })
        .collect()
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect::<String>().trim_end_matches('.').to_owned()
    })
}
