//! The tables of the text, read along the table of keys ([`super::keys`]).
//!
//! Nothing here stops at the first problem: a getter that finds none or the wrong type reports it and
//! returns `None`, and the reader goes on.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{Count, Shape, TableShape};
use super::report::{Entry, Report, Text, type_name};
use super::words::{list, lower_first, nearest, printable};

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
        self.report.looked_for.borrow_mut().insert((self.shape.title, name));
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

    /// A port that needs no privilege.
    pub(crate) fn port(&self, name: &'static str) -> Option<u16> {
        let value = self.get(name)?;
        let port = value.get_ref().as_integer().and_then(|number| {
            u16::from_str_radix(number.as_str(), number.radix()).ok().filter(|port| *port >= 1024)
        });
        if port.is_none() {
            let problem = format!("`{name}` is no integer from 1024 to 65535");
            self.report.problem(value.span(), problem, None);
        }
        port
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
