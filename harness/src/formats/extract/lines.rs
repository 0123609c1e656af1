//! Times out of any log: a regular expression says which lines have one.

use bench_record::Outcome;
use regex::{Regex, RegexBuilder};

use super::error::{Malformed, Position};
use super::seconds::{from_seconds, parse_seconds};
use super::source::Source;
use super::times::ExampleTime;

/// A regular expression with the groups `name` and either `seconds` or `ms`, and perhaps `failed`: a line
/// in which that group takes part is a failure.
#[derive(Clone, Debug)]
pub struct LinePattern {
    regex: Regex,
    unit: TimeUnit,
}

#[derive(Clone, Copy, Debug)]
enum TimeUnit {
    Seconds,
    Milliseconds,
}

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PatternError {
    /// It is not a regular expression.
    #[error("not a regular expression")]
    Syntax(#[from] regex::Error),
    /// A group is missing.
    #[error(
        "pattern `{0}` lacks a group, expected `name` and one of `seconds` and `ms` (hint: \
         '^(?<name>\\S+) took (?<seconds>[0-9.]+)s')"
    )]
    Groups(String),
}

impl PartialEq for LinePattern {
    fn eq(&self, other: &Self) -> bool {
        self.regex.as_str() == other.regex.as_str()
    }
}

impl Eq for LinePattern {}

impl LinePattern {
    pub(super) fn new(pattern: &str) -> Result<Self, PatternError> {
        // The limit keeps an expression such as `(\d{1000}){1000}` from filling the memory.
        let regex = RegexBuilder::new(pattern).size_limit(1 << 20).build()?;
        let has = |group: &str| regex.capture_names().flatten().any(|name| name == group);
        let unit = match (has("name"), has("seconds"), has("ms")) {
            (true, true, false) => TimeUnit::Seconds,
            (true, false, true) => TimeUnit::Milliseconds,
            _ => return Err(PatternError::Groups(pattern.to_owned())),
        };
        Ok(Self { regex, unit })
    }

    /// The pattern as written.
    pub fn pattern(&self) -> &str {
        self.regex.as_str()
    }

    /// Lines that do not match are passed over; in a log, bytes that are not UTF-8 become U+FFFD.
    pub(super) fn read(&self, source: &mut Source<'_>) -> Result<Vec<ExampleTime>, Malformed> {
        let mut lines = source.lines();
        let mut times = Vec::new();
        while let Some((number, line)) = lines.next()? {
            let line = String::from_utf8_lossy(line);
            let Some(groups) = self.regex.captures(&line) else { continue };
            let group = |name: &str| groups.name(name).map_or("", |group| group.as_str());
            let (text, wall_ns) = match self.unit {
                TimeUnit::Seconds => (group("seconds"), parse_seconds(group("seconds"))),
                TimeUnit::Milliseconds => {
                    let ms = group("ms");
                    (ms, ms.trim().parse::<f64>().ok().and_then(|ms| from_seconds(ms / 1e3)))
                }
            };
            let wall_ns = wall_ns.ok_or_else(|| {
                Malformed::new(Position::Line(number), format!("`{text}` is not a time"))
            })?;
            let mut time = ExampleTime::ok(group("name").to_owned(), wall_ns);
            if groups.name("failed").is_some() {
                time.outcome = Outcome::Failed;
                time.reason = Some(line.trim().to_owned());
            }
            times.push(time);
        }
        Ok(times)
    }
}
