//! Values as TOML writes them.

use std::fmt::Write as _;
use std::path::Path;

use crate::scenario::model::When;
use crate::scenario::template::Template;

/// A path as the file would name it: relative to the scenario's folder where it begins there.
pub(super) fn relative(path: &Path, dir: &Path) -> String {
    let text = match path.strip_prefix(dir) {
        Ok(rest) if rest.as_os_str().is_empty() => ".".into(),
        Ok(rest) => rest.to_string_lossy(),
        Err(_) => path.to_string_lossy(),
    };
    text.into_owned()
}

pub(super) fn forward(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

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

pub(super) fn inline<'k>(entries: impl IntoIterator<Item = (&'k String, String)>) -> String {
    let mut text = String::new();
    for (key, value) in entries {
        let comma = if text.is_empty() { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(text, "{comma}{} = {value}", bare(key));
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
