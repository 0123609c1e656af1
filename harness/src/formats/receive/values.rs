//! Every value of every line, whatever its field: known fields, and those that a later version adds.

use bench_reports::document::text::quoted;
use serde_json::Value;

use super::refusal::{Limits, Refused};

/// Fields that may be any 64-bit number: a random seed.
const ANY_NUMBER: [&str; 1] = ["seed"];

/// Compares every value of the records with the limits. Lines that are not JSON are torn ones, which the reader
/// has skipped.
pub(super) fn check(content: &[u8], limits: &Limits) -> Result<(), Refused> {
    for (index, line) in content.split(|byte| *byte == b'\n').enumerate() {
        let Ok(value) = serde_json::from_slice::<Value>(line) else { continue };
        let checker = Checker { limits, line: index + 1 };
        checker.value("", &value, 0)?;
    }
    Ok(())
}

struct Checker<'a> {
    limits: &'a Limits,
    line: usize,
}

impl Checker<'_> {
    fn refuse<T>(
        &self,
        name: &str,
        found: &str,
        limit: impl std::fmt::Display,
    ) -> Result<T, Refused> {
        let what = format!("{}: {found}; expected at most {limit}", quoted(name));
        Err(Refused::Value { line: self.line, what })
    }

    /// One value under its field's name. Entries of a list have the list's, and so have those of a map of times or
    /// sizes: whoever writes the records chooses its keys.
    fn value(&self, name: &str, value: &Value, depth: usize) -> Result<(), Refused> {
        let limits = self.limits;
        if depth > limits.depth {
            return self.refuse(name, "nested too deep", format_args!("{} levels", limits.depth));
        }
        match value {
            Value::Null | Value::Bool(_) => Ok(()),
            Value::String(text) => self.text(name, text),
            Value::Number(number) => self.number(name, number),
            Value::Array(list) => {
                self.entries(name, list.len())?;
                list.iter().try_for_each(|entry| self.value(name, entry, depth + 1))
            }
            Value::Object(map) => {
                self.entries(name, map.len())?;
                map.iter().try_for_each(|(key, entry)| {
                    self.text("a name", key)?;
                    let name = if self.unit(name).is_some() { name } else { key };
                    self.value(name, entry, depth + 1)
                })
            }
        }
    }

    fn text(&self, name: &str, text: &str) -> Result<(), Refused> {
        let length = text.chars().count();
        if length <= self.limits.text {
            return Ok(());
        }
        self.refuse(name, &format!("{length} characters"), self.limits.text)
    }

    fn entries(&self, name: &str, entries: usize) -> Result<(), Refused> {
        if entries <= self.limits.entries {
            return Ok(());
        }
        self.refuse(name, &format!("{entries} entries"), self.limits.entries)
    }

    /// The limit that the unit in a field's name sets; `None` where the name has none.
    fn unit(&self, name: &str) -> Option<u64> {
        if name.ends_with("_ns") {
            Some(self.limits.time_ns)
        } else if name.ends_with("bytes") || name.ends_with("bytes_before") {
            Some(self.limits.size_bytes)
        } else {
            None
        }
    }

    /// Sums of these must fit 64 bits, as many as there can be of them.
    fn number(&self, name: &str, number: &serde_json::Number) -> Result<(), Refused> {
        if ANY_NUMBER.contains(&name) {
            return Ok(());
        }
        let limit = self.unit(name).unwrap_or(self.limits.count);
        let within = number.as_f64().is_some_and(|value| value.abs() <= limit as f64);
        if within { Ok(()) } else { self.refuse(name, &number.to_string(), limit) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(line: &str) -> String {
        match check(line.as_bytes(), &Limits::default()) {
            Ok(()) => String::new(),
            Err(refused) => refused.to_string(),
        }
    }

    #[test]
    fn values_that_runs_have_pass() {
        assert_eq!(
            refused(r#"{"seed":18446744073709551615,"wall_ns":1,"rate":0.5,"a":[null,true,"x"]}"#),
            ""
        );
        assert_eq!(refused("torn {"), "");
        // Two days in one time, and 1,001 s in a map of times whose keys are names of snapshots.
        assert_eq!(refused(r#"{"restore_ns":172800000000000}"#), "");
        assert_eq!(
            refused(r#"{"archive_bytes":17592186044416,"bytes_before":17592186044416}"#),
            ""
        );
        assert_eq!(refused(r#"{"restore_ns":{"b001-candidate":1001000000000}}"#), "");
    }

    #[test]
    fn each_limit_is_named_with_its_line_and_field() {
        let cases = [
            (r#"{"wall_ns":999999999999999999}"#.to_owned(), "`wall_ns`"),
            (r#"{"restore_ns":172800000000001}"#.to_owned(), "`restore_ns`"),
            (r#"{"restore_ns":{"b001":172800000000001}}"#.to_owned(), "`restore_ns`"),
            (r#"{"restore_ns":{"seed":172800000000001}}"#.to_owned(), "`restore_ns`"),
            (r#"{"archive_bytes":1e300}"#.to_owned(), "`archive_bytes`"),
            (r#"{"hits":1e13}"#.to_owned(), "`hits`"),
            (r#"{"x":-1e13}"#.to_owned(), "`x`"),
            (format!(r#"{{"reason":"{}"}}"#, "x".repeat(5_000)), "`reason`: 5000 characters"),
            (format!(r#"{{"{}":1}}"#, "k".repeat(5_000)), "`a name`"),
            (format!(r#"{{"phases":[{}0]}}"#, "0,".repeat(5_000)), "`phases`: 5001 entries"),
            (format!(r#"{{"d":{}1{}}}"#, "[".repeat(40), "]".repeat(40)), "`d`: nested too deep"),
        ];
        for (line, expected) in cases {
            let message = refused(&format!("{{}}\n{line}\n"));
            assert!(message.starts_with("line 2: ") && message.contains(expected), "{message}");
        }
    }
}
