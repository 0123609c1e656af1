//! Numbers as people read them: three significant digits, the unit beside them.

/// Seconds with three significant digits, two decimals below one second, milliseconds below a tenth:
/// `142 s`, `12.3 s`, `0.41 s`, `38 ms`; what only a micro-benchmark takes in µs and ns.
pub fn seconds(seconds: f64) -> String {
    let (number, unit) = split_seconds(seconds);
    format!("{number} {unit}")
}

/// Two times with one unit where they share it: `11.8-13.0 s`, `38 ms-1.20 s`, `-25.0 to 9.9 ms`.
pub fn seconds_range(low: f64, high: f64) -> String {
    // Between a minus and a number a dash is none: `-25 to 9.9 ms`.
    let between = if low < 0.0 || high < 0.0 { " to " } else { "-" };
    let (low, low_unit) = split_seconds(low);
    let (high, high_unit) = split_seconds(high);
    if low_unit == high_unit {
        format!("{low}{between}{high} {high_unit}")
    } else {
        format!("{low} {low_unit}{between}{high} {high_unit}")
    }
}

/// A long time in its largest fitting unit: `45.0 s`, `30 min`, `1.5 h`.
pub fn duration(seconds: f64) -> String {
    let short = |number: f64| {
        let decimals = usize::from((number * 10.0).round() % 10.0 != 0.0);
        format!("{number:.decimals$}")
    };
    if seconds >= 3_600.0 {
        format!("{} h", short(seconds / 3_600.0))
    } else if seconds >= 60.0 {
        format!("{} min", short(seconds / 60.0))
    } else {
        self::seconds(seconds)
    }
}

/// Bytes in decimal units: `312 B`, `38 kB`, `8.3 MB`, `304 MB`. A gigabyte stays `1200 MB`: caches are
/// compared with one another, and one unit in a column compares at a glance.
pub fn bytes(bytes: u64) -> String {
    if bytes < 1_000 {
        format!("{bytes} B")
    } else if bytes < 99_500 {
        format!("{:.0} kB", bytes as f64 / 1e3)
    } else {
        format!("{} MB", megabytes(bytes))
    }
}

/// The size of an archive, and of how many caches it is where that is more than one: `8.3 MB`,
/// `8.3 MB for 3 caches`.
pub fn archive(size: u64, caches: usize) -> String {
    match caches {
        0 | 1 => bytes(size),
        caches => format!("{} for {caches} caches", bytes(size)),
    }
}

/// Megabytes (10^6 bytes) without the unit, for a column that names it: `8.3`, `304`, `0.04`.
pub fn megabytes(bytes: u64) -> String {
    let value = bytes as f64 / 1e6;
    if bytes == 0 {
        "0".to_owned()
    } else if value >= 99.95 {
        format!("{value:.0}")
    } else if value >= 0.095 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

/// A ratio with three significant digits: `13.2x`, `1.05x`, `142x`.
pub fn ratio(ratio: f64) -> String {
    let decimals = if ratio >= 99.95 {
        0
    } else if ratio >= 9.995 {
        1
    } else {
        2
    };
    format!("{ratio:.decimals$}x")
}

/// Two ratios with one unit: `1.00-1.01x`.
pub fn ratio_range(low: f64, high: f64) -> String {
    format!("{}-{}", ratio(low).trim_end_matches('x'), ratio(high))
}

/// A share of one as a percentage: `3.1 %`, `42 %`.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    let decimals = usize::from(value < 9.95);
    format!("{value:.decimals$} %")
}

/// A fraction that someone stated, as a percentage with all the digits that they wrote: `5 %`, `28.5 %`.
pub fn stated_percent(fraction: f64) -> String {
    bench_record::Percent(fraction).to_string()
}

/// The level of an interval, rounded down because it is a promise: `98.4 %`.
pub fn level(level: f64) -> String {
    // A thousandth of a digit more, because 0.957 x 1000 may be just below 957.
    format!("{:.1} %", (level * 1e3 + 1e-3).floor() / 10.0)
}

/// A median of counts: `55`, `54.5`.
pub fn count(count: f64) -> String {
    if count.fract() == 0.0 { format!("{count:.0}") } else { format!("{count:.1}") }
}

/// `1 sample`, `2 samples`.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

// Each threshold is where rounding carries into the next digit, so that `99.96` is `100`, not `100.0`.
fn split_seconds(seconds: f64) -> (String, &'static str) {
    if seconds >= 99.95 {
        (format!("{seconds:.0}"), "s")
    } else if seconds >= 9.995 {
        (format!("{seconds:.1}"), "s")
    } else if seconds >= 0.0995 {
        (format!("{seconds:.2}"), "s")
    } else if seconds >= 0.009_95 {
        (format!("{:.0}", seconds * 1e3), "ms")
    } else if seconds >= 0.000_995 {
        (format!("{:.1}", seconds * 1e3), "ms")
    } else if seconds >= 0.000_009_95 {
        (format!("{:.2}", seconds * 1e3), "ms")
    } else if seconds >= 0.000_000_995 {
        (format!("{:.2}", seconds * 1e6), "\u{b5}s")
    } else if seconds > 0.0 {
        (format!("{:.0}", seconds * 1e9), "ns")
    } else if seconds == 0.0 {
        ("0".to_owned(), "s")
    } else {
        // Only a net saving is negative.
        let (number, unit) = split_seconds(-seconds);
        (format!("-{number}"), unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_three_significant_digits_and_a_fitting_unit() {
        let cases = [
            (142.4, "142 s"),
            (99.96, "100 s"),
            (12.34, "12.3 s"),
            (9.999, "10.0 s"),
            (1.926, "1.93 s"),
            (0.412, "0.41 s"),
            (0.0999, "0.10 s"),
            (0.038, "38 ms"),
            (0.0021, "2.1 ms"),
            (0.000_04, "0.04 ms"),
            (0.000_002_5, "2.50 \u{b5}s"),
            (0.000_000_195, "195 ns"),
            (0.0, "0 s"),
            (-1.5, "-1.50 s"),
        ];
        for (value, expected) in cases {
            assert_eq!(seconds(value), expected);
        }
    }

    #[test]
    fn a_range_names_a_shared_unit_once() {
        assert_eq!(seconds_range(11.84, 13.0), "11.8-13.0 s");
        assert_eq!(seconds_range(0.038, 1.2), "38 ms-1.20 s");
        assert_eq!(seconds_range(-2.5, -1.25), "-2.50 to -1.25 s");
        assert_eq!(seconds_range(-1.5, 1.2), "-1.50 to 1.20 s");
    }

    #[test]
    fn a_duration_has_its_largest_unit() {
        assert_eq!(duration(45.0), "45.0 s");
        assert_eq!(duration(1_800.0), "30 min");
        assert_eq!(duration(90.0), "1.5 min");
        assert_eq!(duration(5_400.0), "1.5 h");
    }

    #[test]
    fn bytes_are_decimal() {
        let cases = [
            (0, "0 B"),
            (312, "312 B"),
            (38_400, "38 kB"),
            (99_600, "0.1 MB"),
            (8_300_000, "8.3 MB"),
            (303_900_000, "304 MB"),
        ];
        for (value, expected) in cases {
            assert_eq!(bytes(value), expected);
        }
    }

    #[test]
    fn ratios_shares_and_counts_are_short() {
        assert_eq!(ratio(13.24), "13.2x");
        assert_eq!(ratio(9.999), "10.0x");
        assert_eq!(ratio(1.049), "1.05x");
        assert_eq!(ratio(142.1), "142x");
        assert_eq!(percent(0.031), "3.1 %");
        assert_eq!(percent(0.42), "42 %");
        assert_eq!(stated_percent(0.29), "29 %");
        assert_eq!(level(0.968_75), "96.8 %");
        assert_eq!(level(0.57), "57.0 %");
        assert_eq!(count(55.0), "55");
        assert_eq!(count(54.5), "54.5");
        assert_eq!(counted(1, "sample"), "1 sample");
        assert_eq!(counted(0, "sample"), "0 samples");
    }
}
