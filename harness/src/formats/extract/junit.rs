//! `JUnit` XML as pytest, nextest, surefire and others write it.
//!
//! An example is `classname::name`. Children of a `testcase` decide: `skipped` leaves it out, `failure` and
//! `error` make it failed (nextest's time-outs: timed out), and every `rerunFailure`, `rerunError`,
//! `flakyFailure` and `flakyError` is one more attempt. nextest reports a setup script as a `testcase` of the
//! class `@setup-script:NAME`: that is not a test and is left out.

use std::io::BufReader;

use bench_record::Outcome;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::error::{Malformed, Position};
use super::seconds::parse_seconds;
use super::source::Source;
use super::times::ExampleTime;

/// Deeper than any report nests; more is refused.
const MAX_DEPTH: usize = 64;
/// Longest value of an attribute that is accepted, in bytes.
const MAX_ATTRIBUTE: usize = 1 << 20;

/// A `testcase` while its children are read.
struct TestCase {
    name: String,
    wall_ns: Option<u64>,
    outcome: Outcome,
    reason: Option<String>,
    retries: u32,
    skipped: bool,
    /// Depth of its element.
    depth: usize,
}

impl TestCase {
    fn finish(self, at: Position) -> Result<Option<ExampleTime>, Malformed> {
        if self.skipped || self.name.starts_with("@setup-script:") {
            return Ok(None);
        }
        // What failed before it could be timed has no time; what passed has one, or the report is useless.
        let wall_ns = match (self.wall_ns, self.outcome) {
            (Some(wall_ns), _) => wall_ns,
            (None, Outcome::Ok) => {
                let message = format!("testcase `{}` has no `time`", self.name);
                return Err(Malformed::new(at, message));
            }
            (None, _) => 0,
        };
        let Self { name, outcome, reason, retries, .. } = self;
        Ok(Some(ExampleTime { name, wall_ns, outcome, reason, retries }))
    }

    /// Takes in a child element.
    fn child(&mut self, child: &BytesStart<'_>, at: Position) -> Result<(), Malformed> {
        match child.local_name().as_ref() {
            "skipped" => self.skipped = true,
            "failure" | "error" if self.outcome == Outcome::Ok => {
                let [message, kind] = attributes(child, ["message", "type"], at)?;
                let timeout = kind.as_deref() == Some("test timeout");
                self.outcome = if timeout { Outcome::TimedOut } else { Outcome::Failed };
                self.reason = message.or(kind).filter(|text| !text.is_empty());
                self.reason.get_or_insert_with(|| "failed".to_owned());
            }
            "rerunFailure" | "rerunError" | "flakyFailure" | "flakyError" => {
                self.retries = self.retries.saturating_add(1);
            }
            _ => {}
        }
        Ok(())
    }
}

/// The values of named attributes.
fn attributes<const N: usize>(
    element: &BytesStart<'_>,
    names: [&str; N],
    at: Position,
) -> Result<[Option<String>; N], Malformed> {
    let mut values = [const { None }; N];
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|error| Malformed::new(at, error.to_string()))?;
        if attribute.value.len() > MAX_ATTRIBUTE {
            let message = format!(
                "value of attribute `{}` has {} bytes, expected at most {MAX_ATTRIBUTE}",
                attribute.key.as_ref().chars().take(40).collect::<String>(),
                attribute.value.len()
            );
            return Err(Malformed::new(at, message));
        }
        if let Some(index) = names.iter().position(|name| *name == attribute.key.as_ref()) {
            // Only the five predefined entities and character references are known here.
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| Malformed::new(at, error.to_string()))?;
            values[index] = Some(value.into_owned());
        }
    }
    Ok(values)
}

fn case(element: &BytesStart<'_>, depth: usize, at: Position) -> Result<TestCase, Malformed> {
    let [name, class, time, status] =
        attributes(element, ["name", "classname", "time", "status"], at)?;
    let name = name.ok_or_else(|| Malformed::new(at, "a testcase has no `name`"))?;
    let wall_ns = match time.as_deref() {
        None | Some("") => None,
        Some(text) => Some(parse_seconds(text).ok_or_else(|| {
            let text: String = text.chars().take(40).collect();
            Malformed::new(at, format!("`time` of testcase `{name}` is `{text}`, expected seconds"))
        })?),
    };
    let name = match class.filter(|class| !class.is_empty()) {
        Some(class) => format!("{class}::{name}"),
        None => name,
    };
    // googletest also lists what it did not run.
    let skipped = matches!(status.as_deref(), Some("notrun" | "skipped" | "disabled"));
    let (outcome, reason, retries) = (Outcome::Ok, None, 0);
    Ok(TestCase { name, wall_ns, outcome, reason, retries, skipped, depth })
}

pub(super) fn read(source: &mut Source<'_>) -> Result<Vec<ExampleTime>, Malformed> {
    let mut reader = Reader::from_reader(BufReader::new(source));
    let mut buffer = Vec::new();
    let mut times = Vec::new();
    let mut current: Option<TestCase> = None;
    let mut depth = 0_usize;
    let mut root_seen = false;
    loop {
        buffer.clear();
        let at = Position::Byte(reader.buffer_position());
        let event = match reader.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(error) => {
                let at = Position::Byte(reader.error_position());
                return Err(Malformed::new(at, error.to_string()));
            }
        };
        let closes = matches!(event, Event::Empty(_) | Event::End(_));
        match event {
            Event::Start(element) | Event::Empty(element) => {
                let tag = element.local_name();
                let tag = tag.as_ref();
                if depth == 0 {
                    if root_seen || !matches!(tag, "testsuites" | "testsuite") {
                        let tag: String = tag.chars().take(40).collect();
                        let message =
                            format!("root `{tag}`, expected one `testsuites` or `testsuite`");
                        return Err(Malformed::new(at, message));
                    }
                    root_seen = true;
                }
                if depth >= MAX_DEPTH {
                    let message = format!("elements nest deeper than {MAX_DEPTH}");
                    return Err(Malformed::new(at, message));
                }
                match &mut current {
                    Some(case) if depth == case.depth + 1 => case.child(&element, at)?,
                    None if tag == "testcase" => current = Some(case(&element, depth, at)?),
                    // Checks the size of attributes that nobody asks for.
                    _ => attributes(&element, [], at).map(|[]| ())?,
                }
                depth += 1;
            }
            Event::DocType(_) => {
                let message = "a document type is refused: a report needs no entities";
                return Err(Malformed::new(at, message));
            }
            Event::Eof => {
                if depth > 0 || !root_seen {
                    return Err(Malformed::new(at, "the report ends too early"));
                }
                return Ok(times);
            }
            _ => {}
        }
        if closes {
            depth = depth.saturating_sub(1);
            if current.as_ref().is_some_and(|case| case.depth == depth)
                && let Some(case) = current.take()
            {
                times.extend(case.finish(at)?);
            }
        }
    }
}
