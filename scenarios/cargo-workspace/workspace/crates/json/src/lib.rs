//! JSON in and out.

use std::collections::BTreeMap;
use std::fmt;

use parse::{Failure, Parsed, Parser, number, skip, spaced, token};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// Any number.
    Number(f64),
    /// Text.
    Text(String),
    /// Values in order.
    List(Vec<Value>),
    /// Values by name, sorted.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// Reads one value.
    pub fn read(text: &str) -> Result<Self, String> {
        let whole =
            |text: &str, at: usize| value(text, at, 0).map(|(value, at)| (value, skip(text, at)));
        whole.parse_all(text).map_err(|failure| failure.explain(text))
    }

    /// A member of a map.
    pub fn get(&self, name: &str) -> Option<&Self> {
        if let Self::Map(map) = self { map.get(name) } else { None }
    }

    /// The number, when it is one.
    pub fn number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// The text, when it is one.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The values of a list; none of anything else.
    pub fn list(&self) -> &[Self] {
        if let Self::List(list) = self { list } else { &[] }
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident($convert:expr);)*) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant($convert(value))
            }
        })*
    };
}

from! {
    bool => Bool(std::convert::identity);
    f64 => Number(std::convert::identity);
    u32 => Number(f64::from);
    &str => Text(str::to_owned);
    String => Text(std::convert::identity);
}

impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

/// A map from pairs.
pub fn map<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Map(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Deeper nesting than this is refused, so that hostile text cannot exhaust the stack.
const DEPTH: usize = 64;

fn value(text: &str, at: usize, depth: usize) -> Parsed<Value> {
    let at = skip(text, at);
    if depth > DEPTH {
        return Err(Failure { at, expected: "less nesting" });
    }
    let inner = |text: &str, at: usize| value(text, at, depth + 1);
    match text[at..].chars().next() {
        Some('"') => string.map(Value::Text).parse(text, at),
        Some('[') => token("[")
            .then(inner.separated(token(",")))
            .then(token("]"))
            .map(|(((), list), ())| Value::List(list))
            .parse(text, at),
        Some('{') => {
            let member = spaced(string).then(token(":")).then(inner);
            token("{")
                .then(member.map(|((name, ()), value)| (name, value)).separated(token(",")))
                .then(token("}"))
                .map(|(((), members), ())| Value::Map(members.into_iter().collect()))
                .parse(text, at)
        }
        Some('-') => number.map(|n| Value::Number(-n)).parse(text, at + 1),
        Some('0'..='9') => number.map(Value::Number).parse(text, at),
        _ => token("null")
            .map(|()| Value::Null)
            .or(token("true").map(|()| Value::Bool(true)))
            .or(token("false").map(|()| Value::Bool(false)))
            .parse(text, at)
            .map_err(|failure| Failure { expected: "a value", ..failure }),
    }
}

fn string(text: &str, at: usize) -> Parsed<String> {
    if !text[at..].starts_with('"') {
        return Err(Failure { at, expected: "a string" });
    }
    let mut out = String::new();
    let mut chars = text[at + 1..].char_indices().map(|(offset, c)| (at + 1 + offset, c));
    while let Some((here, c)) = chars.next() {
        match c {
            '"' => return Ok((out, here + 1)),
            '\\' => match chars.next().map(|(_, c)| c) {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some('u') => {
                    let code = chars.by_ref().take(4).try_fold(0, |code, (_, digit)| {
                        digit.to_digit(16).map(|digit| code * 16 + digit)
                    });
                    out.push(code.and_then(char::from_u32).unwrap_or('\u{fffd}'));
                }
                Some(c @ ('"' | '\\' | '/')) => out.push(c),
                _ => {
                    return Err(Failure { at: here, expected: "an escape" });
                }
            },
            c if c < ' ' => {
                return Err(Failure { at: here, expected: "no control character" });
            }
            c => out.push(c),
        }
    }
    Err(Failure { at: text.len(), expected: "a closing quote" })
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::Text(value) => quote(f, value),
            Self::List(list) => {
                f.write_str("[")?;
                for (index, value) in list.iter().enumerate() {
                    write!(f, "{}{value}", if index > 0 { "," } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Map(map) => {
                f.write_str("{")?;
                for (index, (name, value)) in map.iter().enumerate() {
                    f.write_str(if index > 0 { "," } else { "" })?;
                    quote(f, name)?;
                    write!(f, ":{value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

fn quote(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            c if c < ' ' => write!(f, "\\u{:04x}", c as u32)?,
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let value = map([
            ("name", "a \"b\"\n\u{1}".into()),
            ("sizes", [1.5, -2.0, 3e10].into_iter().collect()),
            ("deep", map([("none", Value::Null), ("yes", true.into())])),
        ]);
        assert_eq!(Value::read(&value.to_string()), Ok(value));
    }

    #[test]
    fn blanks_do_not_matter() {
        assert_eq!(Value::read(" { \"a\" : [ 1 , 2 ] } ").unwrap().to_string(), "{\"a\":[1,2]}");
    }

    #[test]
    fn errors_name_the_place() {
        assert_eq!(Value::read("[1,\n 2,]"), Err("2:4: expected a value".to_owned()));
        assert_eq!(Value::read("\"abc"), Err("1:5: expected a closing quote".to_owned()));
    }

    #[test]
    fn hostile_nesting_is_refused() {
        assert!(Value::read(&"[".repeat(10_000)).is_err());
    }
}
