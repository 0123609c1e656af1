//! A fixed text of named values, to make digests and keys of: what a field or a type is called in the code does
//! not matter to it.

use std::fmt::{Display, Write as _};

/// One line per value: its name, `=`, the length of the value in bytes, `:`, the value. An absent value is
/// `NAME=-`. The first line names the form and its version. No two lists of values give the same text, whatever
/// characters they hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CanonicalText(String);

impl CanonicalText {
    /// An empty list of a form such as `bench.plan/1`: another order, name or meaning of values is a new version.
    pub fn new(form: &str) -> Self {
        Self(format!("{form}\n"))
    }

    /// Adds a value.
    #[must_use]
    pub fn with(self, name: &str, value: impl Display) -> Self {
        self.with_optional(name, Some(value))
    }

    /// Adds a value that may be absent.
    #[must_use]
    pub fn with_optional(mut self, name: &str, value: Option<impl Display>) -> Self {
        // Writing to a String cannot fail.
        let _ = match value.map(|value| value.to_string()) {
            Some(value) => writeln!(self.0, "{name}={}:{value}", value.len()),
            None => writeln!(self.0, "{name}=-"),
        };
        self
    }

    /// Adds a list of values, each under the same name.
    #[must_use]
    pub fn with_each<V: Display>(self, name: &str, values: impl IntoIterator<Item = V>) -> Self {
        values.into_iter().fold(self, |text, value| text.with(name, value))
    }

    /// Adds a map: the key of each entry, then its value.
    #[must_use]
    pub fn with_map<K: Display, V: Display>(
        self,
        name: &str,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let add = |text: Self, (key, value)| text.with(name, key).with("value", value);
        entries.into_iter().fold(self, add)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The bytes to make a digest of.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_name_and_length() {
        let text = CanonicalText::new("bench.test/1")
            .with("cpu", "größe\nx=1")
            .with_optional("cores", Some(2))
            .with_optional("kernel", None::<u32>)
            .with_each("block", [1, 3])
            .with_map("param", [("mode", "fast")]);
        assert_eq!(
            String::from_utf8_lossy(text.as_bytes()),
            "bench.test/1\ncpu=11:größe\nx=1\ncores=1:2\nkernel=-\nblock=1:1\nblock=1:3\nparam=4:mode\nvalue=4:fast\n"
        );
    }
}
