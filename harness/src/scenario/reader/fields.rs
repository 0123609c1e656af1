//! A table of the file, read along the keys that its kind of table has.
//!
//! Nothing here stops at the first problem: a getter that finds nothing or the wrong type reports it and
//! returns `None`, and reading goes on.

use std::ops::Range;
use std::time::Duration;

use regex::Regex;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostics::{At, Diagnostics, Text, type_name};
use super::keys::{Count, Shape, TableShape};
use crate::scenario::units;
use crate::scenario::words::{list, lower_first, nearest, printable};

/// A key and its value.
pub(crate) type KeyValue<'r, 'a> = (Text<'r>, &'r Spanned<DeValue<'a>>);

/// One table, known to have only the keys of its shape.
pub(crate) struct Fields<'r, 'a> {
    pub(crate) diagnostics: &'r Diagnostics<'a>,
    pub(crate) span: Range<usize>,
    shape: &'static TableShape,
    table: &'r DeTable<'a>,
}

impl<'r, 'a> Fields<'r, 'a> {
    /// Reports unknown, missing and contradicting keys of the table.
    pub(crate) fn new(
        diagnostics: &'r Diagnostics<'a>,
        shape: &'static TableShape,
        table: &'r DeTable<'a>,
        span: Range<usize>,
    ) -> Self {
        let fields = Self { diagnostics, span, shape, table };
        for (key, _) in table {
            if shape.key(key.get_ref()).is_none() {
                let known: Vec<&str> = shape.keys.iter().map(|key| key.name).collect();
                diagnostics.problem(
                    key.span(),
                    format!("unknown key `{}` in {}", printable(key.get_ref()), shape.title),
                    nearest(key.get_ref(), &known),
                );
            }
        }
        for key in shape.keys.iter().filter(|key| key.required && !fields.has(key.name)) {
            diagnostics.absence(
                fields.span.clone(),
                format!("{} has no `{}`", shape.title, key.name),
                format!("{}: {}", key.name, lower_first(key.doc)),
            );
        }
        fields.check_groups();
        fields
    }

    /// The same for a value that should be a table.
    pub(crate) fn of(
        diagnostics: &'r Diagnostics<'a>,
        value: &'r Spanned<DeValue<'a>>,
        shape: &'static TableShape,
    ) -> Option<Self> {
        let Some(table) = value.get_ref().as_table() else {
            diagnostics.wrong_type(value, "a table");
            return None;
        };
        Some(Self::new(diagnostics, shape, table, value.span()))
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
                self.diagnostics.absence(
                    self.span.clone(),
                    format!("{} needs {how_many} of {all}", self.shape.title),
                    None,
                );
            }
            if present.len() > 1 && group.count != Count::AtLeastOne {
                for name in &present[1..] {
                    self.diagnostics.problem(
                        self.key_span(name),
                        format!("`{name}` cannot be combined with `{}`", present[0]),
                        format!("{} has only one of {all}", self.shape.title),
                    );
                }
            }
        }
        for (name, needed) in self.shape.needs {
            if self.has(name) && !self.has(needed) {
                self.diagnostics.absence(
                    self.key_span(name),
                    format!("`{name}` needs `{needed}` too"),
                    self.shape.key(needed).map(|key| format!("{needed}: {}", lower_first(key.doc))),
                );
            }
        }
    }

    /// The place of a key; the table's header when it is not there.
    pub(crate) fn key_span(&self, name: &str) -> Range<usize> {
        self.table.get_key_value(name).map_or(self.span.clone(), |(key, _)| key.span())
    }

    /// The value of a key, whatever its type.
    pub(crate) fn get(&self, name: &'static str) -> Option<&'r Spanned<DeValue<'a>>> {
        #[cfg(test)]
        self.diagnostics.looked_for.borrow_mut().insert((self.shape.title, name));
        self.table.get(name)
    }

    /// Text.
    pub(crate) fn text(&self, name: &'static str) -> Option<Text<'r>> {
        self.diagnostics.text(self.get(name)?)
    }

    /// Text; reports nothing where there is none, because the key is read once more.
    pub(crate) fn quiet_text(&self, name: &str) -> Option<&'r str> {
        self.table.get(name)?.get_ref().as_str()
    }

    /// What `read` makes of a key that need not be there: `Some(None)` without it, `None` where it is wrong.
    #[expect(clippy::option_option, reason = "the outer one is reading, the inner one the key")]
    pub(crate) fn optional<T>(
        &self,
        name: &'static str,
        read: impl FnOnce() -> Option<T>,
    ) -> Option<Option<T>> {
        match self.get(name) {
            Some(_) => read().map(Some),
            None => Some(None),
        }
    }

    /// The same of a text.
    #[expect(clippy::option_option, reason = "the outer one is reading, the inner one the key")]
    pub(crate) fn optional_text<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(Text<'r>) -> Option<T>,
    ) -> Option<Option<T>> {
        self.optional(name, || self.text(name).and_then(read))
    }

    /// What `read` makes of a key, and the default of its type without it.
    pub(crate) fn or_default<T: Default>(
        &self,
        name: &'static str,
        read: impl FnOnce() -> Option<T>,
    ) -> Option<T> {
        self.optional(name, read).map(Option::unwrap_or_default)
    }

    /// `true` or `false`; `false` without it.
    pub(crate) fn flag(&self, name: &'static str) -> Option<bool> {
        let Some(value) = self.get(name) else { return Some(false) };
        let found = value.get_ref().as_bool();
        if found.is_none() {
            self.diagnostics.wrong_type(value, "`true` or `false`");
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
            let problem = format!("`{name}` is not an integer from 1024 to 65535");
            self.diagnostics.problem(value.span(), problem, None);
        }
        port
    }

    /// A name.
    pub(crate) fn name(&self, name: &'static str) -> Option<String> {
        self.text(name).and_then(|text| self.diagnostics.name(&text))
    }

    /// A regular expression.
    pub(crate) fn regex(&self, name: &'static str) -> Option<Regex> {
        self.text(name).and_then(|text| self.diagnostics.regex(&text))
    }

    /// A time; `default` without it.
    pub(crate) fn duration(&self, name: &'static str, default: Duration) -> Option<Duration> {
        if self.get(name).is_none() {
            return Some(default);
        }
        let text = self.text(name)?;
        let duration = units::duration(text.value);
        if duration.is_none() {
            self.diagnostics.problem(
                text.span,
                format!("`{}` is not a duration above zero", printable(text.value)),
                "write `10s`, `5m`, `500ms` or `1m 30s`".to_owned(),
            );
        }
        duration
    }

    /// A list of texts, empty or not.
    pub(crate) fn texts(&self, name: &'static str) -> Option<Vec<Text<'r>>> {
        let value = self.get(name)?;
        let Some(items) = value.get_ref().as_array() else {
            self.diagnostics.wrong_type(value, "a list of strings");
            return None;
        };
        let texts: Vec<_> = items.iter().map(|item| self.diagnostics.text(item)).collect();
        texts.into_iter().collect()
    }

    /// A list with at least one text.
    pub(crate) fn filled(&self, name: &'static str) -> Option<Vec<Text<'r>>> {
        let texts = self.texts(name)?;
        if texts.is_empty() {
            let span = self.get(name)?.span();
            self.diagnostics.problem(span, format!("`{name}` is an empty list"), None);
            return None;
        }
        Some(texts)
    }

    /// Program and arguments.
    pub(crate) fn argv(&self, name: &'static str) -> Option<Vec<Text<'r>>> {
        let value = self.get(name)?;
        if let Some(text) = value.get_ref().as_str() {
            let words: Vec<_> = text.split_whitespace().map(|word| format!("{word:?}")).collect();
            self.diagnostics.problem(
                value.span(),
                format!("`{name}` is a string, expected a list: program and arguments"),
                format!("write `{name} = [{}]`", printable(&words.join(", "))),
            );
            return None;
        }
        let argv = self.filled(name)?;
        if argv[0].value.trim().is_empty() {
            self.diagnostics.problem(argv[0].span.clone(), "the program is empty", None);
            return None;
        }
        Some(argv)
    }

    /// One text, or a list with at least one.
    pub(crate) fn one_or_more(&self, name: &'static str) -> Option<Vec<Text<'r>>> {
        let value = self.get(name)?;
        if value.get_ref().is_str() {
            return self.diagnostics.text(value).map(|text| vec![text]);
        }
        self.filled(name)
    }

    /// A table inside this one.
    pub(crate) fn table(&self, name: &'static str) -> Option<Fields<'r, 'a>> {
        let value = self.get(name)?;
        let Some(Shape::Table(shape)) = self.shape.key(name).map(|key| key.shape) else {
            return None;
        };
        Self::of(self.diagnostics, value, shape)
    }

    /// An array of tables.
    pub(crate) fn tables(&self, name: &'static str) -> Vec<Fields<'r, 'a>> {
        let Some(value) = self.get(name) else { return Vec::new() };
        let Some(Shape::Tables(shape)) = self.shape.key(name).map(|key| key.shape) else {
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            self.diagnostics.problem(
                value.span(),
                format!("`{name}` is {}, expected an array of tables", type_name(value.get_ref())),
                format!("write `{}`", shape.title),
            );
            return Vec::new();
        };
        if items.is_empty() && self.shape.key(name).is_some_and(|key| key.required) {
            self.diagnostics.problem(value.span(), format!("`{name}` is an empty list"), None);
        }
        items.iter().filter_map(|item| Self::of(self.diagnostics, item, shape)).collect()
    }

    /// The entries of a table in the order of the file.
    pub(crate) fn entries(&self, name: &'static str) -> Option<Vec<KeyValue<'r, 'a>>> {
        entries(self.diagnostics, self.get(name)?)
    }
}

/// The entries of a value that should be a table, in the order of the file.
fn entries<'r, 'a>(
    diagnostics: &Diagnostics<'a>,
    value: &'r Spanned<DeValue<'a>>,
) -> Option<Vec<KeyValue<'r, 'a>>> {
    let Some(table) = value.get_ref().as_table() else {
        diagnostics.wrong_type(value, "a table");
        return None;
    };
    let mut entries: Vec<_> = table
        .iter()
        .map(|(key, value)| (At { value: key.get_ref().as_ref(), span: key.span() }, value))
        .collect();
    entries.sort_by_key(|(key, _)| key.span.start);
    Some(entries)
}

/// Everything, or nothing when one is missing; unlike `collect` it looks at each, so that every problem is found.
pub(crate) fn all<T, C: FromIterator<T>>(items: impl Iterator<Item = Option<T>>) -> Option<C> {
    let items: Vec<Option<T>> = items.collect();
    items.into_iter().collect()
}
