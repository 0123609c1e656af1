//! Writing a scenario as TOML that reads back as the same scenario.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use super::condition::When;
use super::globs::Globs;
use super::template::Template;

/// TOML while it is written, in the order of the file.
///
/// With `params` (one value for every param) only what applies under them is written, without conditions.
pub(super) struct Writer<'p> {
    text: String,
    params: Option<&'p BTreeMap<String, String>>,
    /// Kind and name of what applies: other parts may refer to it.
    present: BTreeSet<(&'static str, &'p str)>,
}

impl<'p> Writer<'p> {
    pub(super) fn new(params: Option<&'p BTreeMap<String, String>>) -> Self {
        Self { text: String::new(), params, present: BTreeSet::new() }
    }

    /// The whole text.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Notes which parts of a kind apply, so that what refers to the others can be left out.
    pub(super) fn declare(
        &mut self,
        kind: &'static str,
        parts: impl Iterator<Item = (&'p String, &'p When)>,
    ) {
        let params = self.params;
        let applies = |when: &When| params.is_none_or(|params| when.holds(params));
        let names = parts.filter(|(_, when)| applies(when)).map(|(name, _)| (kind, name.as_str()));
        self.present.extend(names);
    }

    /// Whether a part of that kind and name applies.
    pub(super) fn has(&self, kind: &'static str, name: &str) -> bool {
        self.present.contains(&(kind, name))
    }

    /// Whether the form under certain params is written.
    pub(super) fn is_resolved(&self) -> bool {
        self.params.is_some()
    }

    /// The value of a param, in the form under certain params.
    pub(super) fn chosen(&self, param: &str) -> Option<&'p String> {
        self.params.and_then(|params| params.get(param))
    }

    /// Whether a part with this condition is written.
    pub(super) fn holds(&self, when: &When) -> bool {
        self.params.is_none_or(|params| when.holds(params))
    }

    pub(super) fn header(&mut self, header: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(header);
        self.text.push('\n');
    }

    /// A key and its value as TOML writes it.
    pub(super) fn line(&mut self, key: &str, value: impl AsRef<str>) {
        self.text.push_str(&bare(key));
        self.text.push_str(" = ");
        self.text.push_str(value.as_ref());
        self.text.push('\n');
    }

    pub(super) fn string(&mut self, key: &str, value: &str) {
        self.line(key, quoted(value));
    }

    pub(super) fn optional_string(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.string(key, value);
        }
    }

    /// A list, unless it is empty.
    pub(super) fn filled<T: AsRef<str>>(&mut self, key: &str, items: &[T]) {
        if !items.is_empty() {
            self.line(key, list(items));
        }
    }

    pub(super) fn globs(&mut self, key: &str, globs: &Globs) {
        self.filled(key, &globs.patterns);
    }

    pub(super) fn variables(&mut self, key: &str, variables: &BTreeMap<String, Template>) {
        if !variables.is_empty() {
            let entries = variables.iter().map(|(name, value)| (name, quoted(value.as_str())));
            self.line(key, inline(entries));
        }
    }

    /// The condition, in the form that still has conditions.
    pub(super) fn when(&mut self, when: &When) {
        if !when.0.is_empty() && !self.is_resolved() {
            self.line("when", condition(when));
        }
    }
}

/// A path as the file would name it: relative to the scenario's folder where it begins there.
pub(super) fn relative(path: &Path, dir: &Path) -> String {
    let text = match path.strip_prefix(dir) {
        Ok(rest) if rest.as_os_str().is_empty() => ".".into(),
        Ok(rest) => rest.to_string_lossy(),
        Err(_) => path.to_string_lossy(),
    };
    text.into_owned()
}

/// A path with `/` between its components.
pub(super) fn forward(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A key, in quotes where it needs them.
pub(super) fn bare(key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !key.is_empty() && key.bytes().all(plain) { key.to_owned() } else { quoted(key) }
}

pub(super) fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<_> = items.into_iter().map(|item| quoted(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

pub(super) fn argv(items: &[Template]) -> String {
    list(items.iter().map(Template::as_str))
}

/// An inline table of values as TOML writes them.
pub(super) fn inline<K: AsRef<str>>(entries: impl IntoIterator<Item = (K, String)>) -> String {
    let mut text = String::new();
    for (key, value) in entries {
        let comma = if text.is_empty() { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(text, "{comma}{} = {value}", bare(key.as_ref()));
    }
    if text.is_empty() { "{}".to_owned() } else { format!("{{ {text} }}") }
}

pub(super) fn condition(when: &When) -> String {
    inline(when.0.iter().map(|(name, values)| match values.as_slice() {
        [value] => (name, quoted(value)),
        values => (name, list(values)),
    }))
}

/// The shortest text that reads back as the same number.
pub(super) fn float(value: f64) -> String {
    toml::Value::from(value).to_string()
}
