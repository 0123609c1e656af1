//! Parser combinators: small parsers that are put together into larger ones.

use text::line_column;

/// Why text could not be parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Byte offset.
    pub at: usize,
    /// What would have been right there.
    pub expected: &'static str,
}

impl Failure {
    /// A message with line and column.
    pub fn explain(&self, text: &str) -> String {
        let (line, column) = line_column(text, self.at);
        format!("{line}:{column}: expected {}", self.expected)
    }
}

/// A value and the offset behind it.
pub type Parsed<T> = Result<(T, usize), Failure>;

/// Reads a value at an offset.
pub trait Parser<T> {
    /// Reads at `at`.
    fn parse(&self, text: &str, at: usize) -> Parsed<T>;

    /// Reads all of the text.
    fn parse_all(&self, text: &str) -> Result<T, Failure> {
        let (value, at) = self.parse(text, 0)?;
        if at == text.len() { Ok(value) } else { Err(Failure { at, expected: "the end" }) }
    }

    /// Changes the value.
    fn map<U>(self, change: impl Fn(T) -> U) -> impl Parser<U>
    where
        Self: Sized,
    {
        move |text: &str, at: usize| self.parse(text, at).map(|(value, at)| (change(value), at))
    }

    /// This, then another.
    fn then<U>(self, next: impl Parser<U>) -> impl Parser<(T, U)>
    where
        Self: Sized,
    {
        move |text: &str, at: usize| {
            let (first, at) = self.parse(text, at)?;
            let (second, at) = next.parse(text, at)?;
            Ok(((first, second), at))
        }
    }

    /// This, or another where this fails; of two failures the one that came further.
    fn or(self, other: impl Parser<T>) -> impl Parser<T>
    where
        Self: Sized,
    {
        move |text: &str, at: usize| {
            self.parse(text, at).or_else(|first| {
                other
                    .parse(text, at)
                    .map_err(|second| if first.at > second.at { first } else { second })
            })
        }
    }

    /// As often as possible, with a separator between.
    fn separated<S>(self, separator: impl Parser<S>) -> impl Parser<Vec<T>>
    where
        Self: Sized,
    {
        move |text: &str, mut at: usize| {
            let mut values = Vec::new();
            let Ok((first, mut next)) = self.parse(text, at) else {
                return Ok((values, at));
            };
            values.push(first);
            loop {
                at = next;
                let Ok((_, behind)) = separator.parse(text, at) else {
                    return Ok((values, at));
                };
                let (value, end) = self.parse(text, behind)?;
                values.push(value);
                next = end;
            }
        }
    }
}

impl<T, F: Fn(&str, usize) -> Parsed<T>> Parser<T> for F {
    fn parse(&self, text: &str, at: usize) -> Parsed<T> {
        self(text, at)
    }
}

/// Characters that satisfy a condition, at least one.
pub fn span(expected: &'static str, holds: impl Fn(char) -> bool) -> impl Parser<String> {
    move |text: &str, at: usize| {
        let rest = &text[at..];
        let end = rest.find(|c| !holds(c)).unwrap_or(rest.len());
        if end == 0 {
            Err(Failure { at, expected })
        } else {
            Ok((rest[..end].to_owned(), at + end))
        }
    }
}

/// Exactly this, blanks before it skipped.
pub fn token(wanted: &'static str) -> impl Parser<()> {
    move |text: &str, at: usize| {
        let at = skip(text, at);
        if text[at..].starts_with(wanted) {
            Ok(((), at + wanted.len()))
        } else {
            Err(Failure { at, expected: wanted })
        }
    }
}

/// Another parser after blanks.
pub fn spaced<T>(inner: impl Parser<T>) -> impl Parser<T> {
    move |text: &str, at: usize| inner.parse(text, skip(text, at))
}

/// A decimal number with optional fraction and exponent, without a sign.
pub fn number(text: &str, at: usize) -> Parsed<f64> {
    let rest = &text[at..];
    let mut end = 0;
    let bytes = rest.as_bytes();
    let digits = |mut from: usize| {
        while bytes.get(from).is_some_and(u8::is_ascii_digit) {
            from += 1;
        }
        from
    };
    end = digits(end);
    if end > 0 && bytes.get(end) == Some(&b'.') && digits(end + 1) > end + 1 {
        end = digits(end + 1);
    }
    if end > 0 && matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if digits(sign) > sign {
            end = digits(sign);
        }
    }
    rest[..end]
        .parse()
        .map(|value| (value, at + end))
        .map_err(|_| Failure { at, expected: "a number" })
}

/// The offset behind blanks.
pub fn skip(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word() -> impl Parser<String> {
        spaced(span("a word", char::is_alphabetic))
    }

    #[test]
    fn parts_come_in_sequence() {
        let pair = word().then(token("=")).map(|(name, ())| name).then(spaced(number));
        assert_eq!(pair.parse_all("width = 2.5e1"), Ok(("width".to_owned(), 25.0)));
    }

    #[test]
    fn lists_may_be_empty_but_not_end_in_a_separator() {
        let list = word().separated(token(","));
        assert_eq!(list.parse_all("a, b ,c").unwrap(), ["a", "b", "c"]);
        assert_eq!(list.parse_all("").unwrap(), Vec::<String>::new());
        assert_eq!(list.parse_all("a,"), Err(Failure { at: 2, expected: "a word" }));
    }

    #[test]
    fn the_failure_that_came_further_is_reported() {
        let pair = word().then(token("=")).then(word()).map(|_| ());
        let choice = pair.or(token("!"));
        assert_eq!(
            choice.parse_all("key = 3").unwrap_err().explain("key = 3"),
            "1:7: expected a word"
        );
    }

    #[test]
    fn numbers_stop_where_they_end() {
        for (text, value, end) in
            [("12", 12.0, 2), ("3.5x", 3.5, 3), ("1e3", 1000.0, 3), ("7.e", 7.0, 1)]
        {
            assert_eq!(number(text, 0), Ok((value, end)), "{text}");
        }
        assert!(number("x", 0).is_err());
    }
}
