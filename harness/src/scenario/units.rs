//! Durations, sizes, ratios and versions as people write them. Every error says what was expected.

use std::time::Duration;

const SECOND: u128 = 1_000_000_000;

/// Units of time in nanoseconds, largest first.
const TIME: &[(&str, u128)] = &[
    ("h", 3600 * SECOND),
    ("m", 60 * SECOND),
    ("s", SECOND),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Units of size in bytes.
const SIZE: &[(&str, u64)] = &[
    ("B", 1),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// A number with at most nine decimals as whole billionths, and what follows it.
fn number(text: &str) -> Option<(u128, &str)> {
    let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (whole, rest) = text.split_at(digits(text));
    if whole.is_empty() || whole.len() > 18 {
        return None;
    }
    let mut billionths = whole.parse::<u128>().ok()? * SECOND;
    let Some(rest) = rest.strip_prefix('.') else { return Some((billionths, rest)) };
    let (decimals, rest) = rest.split_at(digits(rest));
    if decimals.is_empty() || decimals.len() > 9 {
        return None;
    }
    billionths += format!("{decimals:0<9}").parse::<u128>().ok()?;
    Some((billionths, rest))
}

/// A time such as `10s`, `1m 30s`, `500ms` or `0.5s`; greater than zero, below 2^64 nanoseconds.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let mut total: u128 = 0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (billionths, after) = number(rest)?;
        let after = after.trim_start();
        let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let (_, nanos) = TIME.iter().find(|(name, _)| *name == unit)?;
        let part = billionths.checked_mul(*nanos)?;
        if !part.is_multiple_of(SECOND) {
            return None;
        }
        total = total.checked_add(part / SECOND)?;
        rest = after.trim_start();
    }
    u64::try_from(total).ok().filter(|nanos| *nanos > 0).map(Duration::from_nanos)
}

/// The shortest exact text that [`duration`] reads back.
pub(crate) fn show_duration(duration: Duration) -> String {
    let mut rest = duration.as_nanos();
    let mut parts = Vec::new();
    for (unit, nanos) in TIME {
        if rest >= *nanos {
            parts.push(format!("{}{unit}", rest / nanos));
            rest %= nanos;
        }
    }
    parts.join(" ")
}

/// A size such as `20MB`, `1.5GiB` or `512`, in whole bytes.
pub(crate) fn size(text: &str) -> Option<u64> {
    let (billionths, unit) = number(text.trim())?;
    let unit = unit.trim_start();
    let bytes = if unit.is_empty() { 1 } else { SIZE.iter().find(|(name, _)| *name == unit)?.1 };
    u64::try_from(billionths.checked_mul(u128::from(bytes))? / SECOND)
        .ok()
        // What TOML can hold, so that it can be shown again.
        .filter(|bytes| i64::try_from(*bytes).is_ok())
}

/// `5%` as 0.05; from 0 % to 100 %.
pub(crate) fn percent(text: &str) -> Option<f64> {
    let (billionths, rest) = number(text.trim())?;
    let value = billionths as f64 / 1e11;
    (rest.trim_start() == "%" && value <= 1.0).then_some(value)
}

/// Whether text is dotted numbers.
pub(crate) fn is_version(text: &str) -> bool {
    text.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        for (text, nanos) in [
            ("10s", 10_000_000_000),
            ("5m", 300_000_000_000),
            ("500ms", 500_000_000),
            ("1m 30s", 90_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("0.4s", 400_000_000),
            ("1.000000001 s", 1_000_000_001),
        ] {
            assert_eq!(duration(text), Some(Duration::from_nanos(nanos)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "10",
            "s",
            "0s",
            "-1s",
            "10 sec",
            "1e3s",
            "ten",
            "1..5s",
            "99999999999999999h",
            "1.5ns",
            "5m!",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_and_percentages_have_limits() {
        assert_eq!(size("20MB"), Some(20_000_000));
        assert_eq!(size("1.5 GiB"), Some(1_610_612_736));
        assert_eq!(size("512"), Some(512));
        assert_eq!(size("20 mb"), None);
        assert_eq!(size("99999999999999GiB"), None);
        assert_eq!(percent("5%"), Some(0.05));
        assert_eq!(percent("100 %"), Some(1.0));
        assert_eq!(percent("101%"), None);
        assert_eq!(percent("0.05"), None);
    }

    proptest::proptest! {
        #[test]
        fn every_duration_survives_being_written(nanos in 1u64..) {
            let wanted = Duration::from_nanos(nanos);
            proptest::prop_assert_eq!(duration(&show_duration(wanted)), Some(wanted));
        }
    }
}
