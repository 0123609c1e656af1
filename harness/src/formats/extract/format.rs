//! The table of formats. The scenario's schema, its reference and its messages are made of it.

use std::io;

use super::error::{ExtractError, Malformed};
use super::lines::{LinePattern, PatternError};
use super::source::Source;
use super::times::{ExampleTime, unique};
use super::{go_test, jest, junit as junit_xml, libtest, ninja, nox, separated, tap, timings};

type Read = fn(&mut Source<'_>) -> Result<Vec<ExampleTime>, Malformed>;

/// A format that times can be read from.
#[derive(Debug)]
pub struct FormatInfo {
    /// The name as scenario files spell it.
    pub name: &'static str,
    /// What writes it, and what a unit of it is: a sentence for the reference.
    pub doc: &'static str,
    /// Reads it; none where it takes a pattern to read it.
    read: Option<Read>,
}

const fn row(name: &'static str, read: Read, doc: &'static str) -> FormatInfo {
    FormatInfo { name, doc, read: Some(read) }
}

/// Every format.
pub static FORMATS: [FormatInfo; 11] = [
    row(
        "junit",
        junit_xml::read,
        "JUnit XML of pytest, nextest and most other test runners. One unit per test case.",
    ),
    row("tsv", separated::read_tsv, "`NAME<TAB>SECONDS[<TAB>OUTCOME]` on each line."),
    row(
        "csv",
        separated::read_csv,
        "`NAME,SECONDS[,OUTCOME]` on each line, quoted as in RFC 4180.",
    ),
    row(
        "libtest-json",
        libtest::read,
        "JSON lines of libtest (`-Z unstable-options --format json --report-time`) and of nextest (`--message-format libtest-json` or `libtest-json-plus`). One unit per test.",
    ),
    row("nox-report", nox::read, "What `nox --report FILE` writes. One unit per session."),
    row("ninja-log", ninja::read, "ninja's `.ninja_log`. One unit per command."),
    row(
        "cargo-timings",
        timings::read,
        "What `cargo build --timings` writes. One unit per compiled target.",
    ),
    row("jest-json", jest::read, "What `jest --json` prints. One unit per test."),
    row("go-test-json", go_test::read, "What `go test -json` prints. One unit per test."),
    row(
        "tap",
        tap::read,
        "TAP with `duration_ms`, as `node --test --test-reporter=tap` prints it. One unit per test.",
    ),
    FormatInfo {
        name: ExtractFormat::LINES,
        doc: "Any text: lines that match `pattern` have a time.",
        read: None,
    },
];

/// A format, with the pattern that [`ExtractFormat::LINES`] needs.
#[derive(Clone, Debug)]
pub struct ExtractFormat {
    name: &'static str,
    parser: Parser,
}

#[derive(Clone, Debug)]
enum Parser {
    Function(Read),
    Pattern(LinePattern),
}

impl PartialEq for ExtractFormat {
    fn eq(&self, other: &Self) -> bool {
        (self.name, self.pattern()) == (other.name, other.pattern())
    }
}

impl ExtractFormat {
    /// The name of the format that needs a pattern too.
    pub const LINES: &'static str = "lines";

    /// The format of that name; none for an unknown one and for [`ExtractFormat::LINES`] (see [`ExtractFormat::lines`]).
    pub fn from_name(name: &str) -> Option<Self> {
        let info = FORMATS.iter().find(|format| format.name == name)?;
        Some(Self { name: info.name, parser: Parser::Function(info.read?) })
    }

    /// Lines that match a regular expression with the groups `name` and `seconds` (or `ms`).
    ///
    /// # Errors
    /// When it is not a regular expression, or does not have these groups.
    pub fn lines(pattern: &str) -> Result<Self, PatternError> {
        Ok(Self { name: Self::LINES, parser: Parser::Pattern(LinePattern::new(pattern)?) })
    }

    /// The name as scenario files spell it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The pattern of [`ExtractFormat::LINES`].
    pub fn pattern(&self) -> Option<&str> {
        match &self.parser {
            Parser::Function(_) => None,
            Parser::Pattern(lines) => Some(lines.pattern()),
        }
    }
}

/// Reads the times of a report in the order in which it lists them. Units that were skipped are left out.
/// `file` is what errors call the report.
///
/// # Errors
/// When it cannot be read, is larger than [`MAX_BYTES`](super::MAX_BYTES), or is not of this format.
pub fn extract(
    format: &ExtractFormat,
    input: &mut dyn io::Read,
    file: &str,
) -> Result<Vec<ExampleTime>, ExtractError> {
    let mut source = Source::new(input);
    let times = match &format.parser {
        Parser::Function(read) => read(&mut source),
        Parser::Pattern(lines) => lines.read(&mut source),
    };
    source.settle(times, file).map(unique)
}

/// [`extract`] of `JUnit` XML.
pub(crate) fn junit(
    input: &mut dyn io::Read,
    file: &str,
) -> Result<Vec<ExampleTime>, ExtractError> {
    let mut source = Source::new(input);
    let times = junit_xml::read(&mut source);
    source.settle(times, file).map(unique)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_but_lines_leads_to_its_format_and_back() {
        for FormatInfo { name, .. } in &FORMATS {
            match ExtractFormat::from_name(name) {
                Some(format) => assert_eq!(format.name(), *name),
                None => assert_eq!(*name, ExtractFormat::LINES),
            }
        }
        assert_eq!(ExtractFormat::lines("(?<name>a)(?<seconds>1)").unwrap().name(), "lines");
        assert_eq!(ExtractFormat::from_name("xml"), None);
    }
}
