//! Per-example times out of what a command printed or wrote: a file a format.
//!
//! A report is input from outside: it may be cut short, huge or hostile. It is read as a stream where its
//! format allows, never past [`MAX_BYTES`], no entity is ever expanded, and what is wrong with it is an
//! error that names the file and the place.

mod cargo_json;
mod error;
mod go_test;
mod jest;
mod json_lines;
mod junit;
mod libtest;
mod lines;
mod ninja;
mod nox;
mod seconds;
mod separated;
mod source;
mod timings;
mod unique;

use std::io::Read;

use bench_record::Outcome;

pub use cargo_json::{CargoUnit, cargo_units};
pub use error::{ExtractError, Position};
pub use lines::{Lines, PatternError};
pub use source::MAX_BYTES;

pub(crate) use error::Malformed;
pub(crate) use seconds::{from_millis, from_nanos, from_seconds, short};
pub(crate) use source::Source;

/// A format that times can be read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// `JUnit` XML of pytest, nextest and most other runners.
    Junit,
    /// `NAME<TAB>SECONDS[<TAB>OUTCOME]` a line.
    Tsv,
    /// `NAME,SECONDS[,OUTCOME]` a line, quoted as in RFC 4180.
    Csv,
    /// JSON lines of libtest (`-Z unstable-options --format json --report-time`) and of nextest
    /// (`--message-format libtest-json` or `libtest-json-plus`).
    LibtestJson,
    /// What `nox --report FILE` writes.
    NoxReport,
    /// `.ninja_log`.
    NinjaLog,
    /// What `cargo build --timings` writes.
    CargoTimings,
    /// What `jest --json` prints.
    JestJson,
    /// What `go test -json` prints.
    GoTestJson,
    /// Any lines that a regular expression can read.
    Lines(Lines),
}

/// Name and format, of those that need nothing else.
const PLAIN: [(&str, Format); 9] = [
    ("junit", Format::Junit),
    ("tsv", Format::Tsv),
    ("csv", Format::Csv),
    ("libtest-json", Format::LibtestJson),
    ("nox-report", Format::NoxReport),
    ("ninja-log", Format::NinjaLog),
    ("cargo-timings", Format::CargoTimings),
    ("jest-json", Format::JestJson),
    ("go-test-json", Format::GoTestJson),
];

impl Format {
    /// The name of [`Format::Lines`], which needs a pattern beside its name.
    pub const LINES: &'static str = "lines";

    /// Names of all formats as scenario files spell them, [`Format::LINES`] last.
    pub fn names() -> impl Iterator<Item = &'static str> {
        PLAIN.iter().map(|(name, _)| *name).chain([Self::LINES])
    }

    /// The format of that name; none for an unknown one and for [`Format::LINES`] (see [`Format::lines`]).
    pub fn from_name(name: &str) -> Option<Self> {
        PLAIN.iter().find(|(known, _)| *known == name).map(|(_, format)| format.clone())
    }

    /// Lines that match a regular expression with the groups `name` and `seconds` (or `ms`).
    ///
    /// # Errors
    /// No regular expression, or one without these groups.
    pub fn lines(pattern: &str) -> Result<Self, PatternError> {
        Lines::new(pattern).map(Self::Lines)
    }

    /// The name as scenario files spell it.
    pub fn name(&self) -> &'static str {
        PLAIN.iter().find(|(_, format)| format == self).map_or(Self::LINES, |(name, _)| *name)
    }
}

/// The time of one named unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleTime {
    /// Its name, unique within the report: another unit of the same name is `NAME#2`.
    pub name: String,
    /// Wall time of the last attempt that the report tells a time of; 0 for a failed one without a time.
    pub wall_ns: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, when it did not end `ok`.
    pub reason: Option<String>,
    /// Times that it was run again before this outcome.
    pub retries: u32,
}

impl ExampleTime {
    /// One that ended well at the first attempt.
    pub(crate) fn ok(name: String, wall_ns: u64) -> Self {
        Self { name, wall_ns, outcome: Outcome::Ok, reason: None, retries: 0 }
    }
}

/// Reads the times of a report in the order in which it lists them. Units that were skipped are left out.
/// `file` is what errors call the report.
///
/// # Errors
/// When it cannot be read, is larger than [`MAX_BYTES`], or is not of this format.
pub fn extract(
    format: &Format,
    input: &mut dyn Read,
    file: &str,
) -> Result<Vec<ExampleTime>, ExtractError> {
    let mut source = Source::new(input);
    let times = match format {
        Format::Junit => junit::read(&mut source),
        Format::Tsv => separated::read_tsv(&mut source),
        Format::Csv => separated::read_csv(&mut source),
        Format::LibtestJson => libtest::read(&mut source),
        Format::NoxReport => nox::read(&mut source),
        Format::NinjaLog => ninja::read(&mut source),
        Format::CargoTimings => timings::read(&mut source),
        Format::JestJson => jest::read(&mut source),
        Format::GoTestJson => go_test::read(&mut source),
        Format::Lines(lines) => lines.read(&mut source),
    };
    source.settle(times, file).map(unique::unique)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_but_lines_leads_to_its_format_and_back() {
        for name in Format::names() {
            match Format::from_name(name) {
                Some(format) => assert_eq!(format.name(), name),
                None => assert_eq!(name, Format::LINES),
            }
        }
        assert_eq!(Format::lines("(?<name>a)(?<seconds>1)").unwrap().name(), "lines");
        assert_eq!(Format::from_name("xml"), None);
    }
}
