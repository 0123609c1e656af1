//! Seconds in text and numbers to nanoseconds.

/// A longer time of an example is a mistake of the unit (about 31 years, in seconds).
const MAX_SECONDS: f64 = 1e9;

/// Seconds, rounded to nanoseconds; none for what is negative, not finite or longer than any command runs.
pub(crate) fn from_seconds(seconds: f64) -> Option<u64> {
    (0.0..=MAX_SECONDS).contains(&seconds).then(|| (seconds * 1e9).round() as u64)
}

/// The same from milliseconds.
pub(crate) fn from_millis(millis: f64) -> Option<u64> {
    (0.0..=MAX_SECONDS * 1e3).contains(&millis).then(|| (millis * 1e6).round() as u64)
}

/// The same from nanoseconds.
pub(crate) fn from_nanos(nanos: f64) -> Option<u64> {
    (0.0..=MAX_SECONDS * 1e9).contains(&nanos).then(|| nanos.round() as u64)
}

/// The same from text such as `0.142`; `1,234.5` with separators of thousands, as some `JUnit` writers do.
pub(super) fn parse_seconds(text: &str) -> Option<u64> {
    let text = text.trim();
    let seconds = match text.split_once(',') {
        None => text.parse().ok()?,
        Some((first, rest)) => {
            let whole = rest.split('.').next().unwrap_or(rest);
            let grouped = (1..=3).contains(&first.len())
                && whole.split(',').all(|group| group.len() == 3)
                && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.'));
            if !grouped {
                return None;
            }
            text.replace(',', "").parse().ok()?
        }
    };
    from_seconds(seconds)
}

/// A number as an error shows it: `1e300`, not its 301 digits.
pub(crate) fn short(number: f64) -> String {
    let size = number.abs();
    if size == 0.0 || (1e-6..1e12).contains(&size) {
        number.to_string()
    } else {
        format!("{number:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_nanoseconds() {
        for (text, wanted) in [
            ("0.142", Some(142_000_000)),
            ("0", Some(0)),
            (" 12 ", Some(12_000_000_000)),
            ("1e-3", Some(1_000_000)),
            ("1,234.5", Some(1_234_500_000_000)),
            ("1,5", None),
            ("-1", None),
            ("NaN", None),
            ("inf", None),
            ("1e300", None),
            ("", None),
        ] {
            assert_eq!(parse_seconds(text), wanted, "{text}");
        }
    }
}
