//! TAP (Test Anything Protocol) with `duration_ms`, as `node --test` and other producers of version 13 and 14 print it.
//!
//! An example is a test; a subtest is `PARENT > NAME`. A test with subtests is listed as well as they are, and its
//! time includes theirs. Skipped tests and those marked as to do are left out.
//!
//! The plan (`1..N`) says how many tests there are. Where it is missing or larger, the report was cut short.

use bench_record::Outcome;

use super::error::{Malformed, Position};
use super::seconds::{from_millis, short};
use super::source::Source;
use super::times::ExampleTime;

/// A test line whose block of details is still to come.
struct PendingTest {
    line: u64,
    indent: usize,
    time: ExampleTime,
    duration: Option<u64>,
}

#[derive(Default)]
struct TapReader {
    times: Vec<ExampleTime>,
    pending: Option<PendingTest>,
    /// Indent of the block of details that the line is in: what stands there is a value, whatever it looks like.
    block: Option<usize>,
    /// Names of the tests that later lines belong to, with their indents.
    parents: Vec<(usize, String)>,
    /// Tests that are nobody's subtests.
    top_level: u64,
    plan: Option<u64>,
}

pub(super) fn read(source: &mut Source<'_>) -> Result<Vec<ExampleTime>, Malformed> {
    let mut reader = TapReader::default();
    let mut last = 0;
    let mut lines = source.lines();
    while let Some((number, line)) = lines.next()? {
        last = number;
        reader.line(number, &String::from_utf8_lossy(line))?;
    }
    reader.finish_test()?;
    let incomplete = |what: String| {
        Malformed::new(
            Position::Line(last),
            format!("{what}: the report is incomplete (hint: its log says why the tests stopped)"),
        )
    };
    match reader.plan {
        None => Err(incomplete("there is no plan `1..N`".to_owned())),
        Some(planned) if planned != reader.top_level => {
            Err(incomplete(format!("{planned} tests are planned, {} ended", reader.top_level)))
        }
        Some(_) => Ok(reader.times),
    }
}

impl TapReader {
    fn line(&mut self, number: u64, line: &str) -> Result<(), Malformed> {
        let line = line.trim_end();
        let text = line.trim_start();
        let indent = line.len() - text.len();
        if let Some(block) = self.block {
            self.block = (text != "..." || indent != block).then_some(block);
            return match text.strip_prefix("duration_ms:") {
                Some(millis) if indent == block => self.duration(number, indent, millis.trim()),
                _ => Ok(()),
            };
        }
        if text == "---" {
            self.block = Some(indent);
            return Ok(());
        }
        if let Some(name) = text.strip_prefix("# Subtest: ") {
            self.finish_test()?;
            self.parents.retain(|(parent, _)| *parent < indent);
            self.parents.push((indent, unescaped(name)));
        } else if let Some(reason) = text.strip_prefix("Bail out!") {
            let message = format!("the tests gave up:{reason}");
            return Err(Malformed::new(Position::Line(number), message));
        } else if let Some((outcome, rest)) = result(text) {
            self.finish_test()?;
            self.test(number, indent, outcome, rest);
        } else if indent == 0
            && let Some(count) = text.strip_prefix("1..")
        {
            let count = count.split_whitespace().next().unwrap_or_default();
            self.plan = Some(count.parse().map_err(|_| {
                let message = format!("`{count}` is not a number of tests");
                Malformed::new(Position::Line(number), message)
            })?);
        }
        Ok(())
    }

    fn test(&mut self, line: u64, indent: usize, outcome: Outcome, rest: &str) {
        self.top_level += u64::from(indent == 0);
        self.parents.retain(|(parent, _)| *parent < indent);
        let (description, directive) = split_directive(rest);
        let directive = directive.to_ascii_uppercase();
        if directive.starts_with("SKIP") || directive.starts_with("TODO") {
            return;
        }
        let number = description.split_whitespace().next().unwrap_or_default();
        let own = description.strip_prefix(number).unwrap_or(description).trim_start();
        let own = own.strip_prefix("- ").unwrap_or(own);
        let own = if own.is_empty() { number } else { own };
        let parents = self.parents.iter().map(|(_, name)| name.clone());
        let name = parents.chain([unescaped(own)]).collect::<Vec<_>>().join(" > ");
        let reason = (outcome != Outcome::Ok).then(|| "failed".to_owned());
        let time = ExampleTime { name, wall_ns: 0, outcome, reason, retries: 0 };
        self.pending = Some(PendingTest { line, indent, time, duration: None });
    }

    fn duration(&mut self, number: u64, indent: usize, millis: &str) -> Result<(), Malformed> {
        // Not that of a test that is left out.
        let Some(pending) = self.pending.as_mut().filter(|test| test.indent < indent) else {
            return Ok(());
        };
        let value: Option<f64> = millis.parse().ok();
        pending.duration = value.and_then(from_millis);
        if pending.duration.is_some() {
            return Ok(());
        }
        let shown = value.map_or_else(|| millis.to_owned(), short);
        let message = format!("`duration_ms` is {shown}, expected milliseconds");
        Err(Malformed::new(Position::Line(number), message))
    }

    fn finish_test(&mut self) -> Result<(), Malformed> {
        let Some(PendingTest { line, mut time, duration, .. }) = self.pending.take() else {
            return Ok(());
        };
        if duration.is_none() && time.outcome == Outcome::Ok {
            let message = format!("test `{}` has no `duration_ms`", time.name);
            return Err(Malformed::new(Position::Line(line), message));
        }
        time.wall_ns = duration.unwrap_or(0);
        self.times.push(time);
        Ok(())
    }
}

/// What a test line says, and the rest of it.
fn result(text: &str) -> Option<(Outcome, &str)> {
    let (outcome, rest) = match text.strip_prefix("not ok") {
        Some(rest) => (Outcome::Failed, rest),
        None => (Outcome::Ok, text.strip_prefix("ok")?),
    };
    (rest.is_empty() || rest.starts_with(' ')).then(|| (outcome, rest.trim_start()))
}

/// The description and the directive behind an unescaped ` #`.
fn split_directive(text: &str) -> (&str, &str) {
    match text.rsplit_once(" # ") {
        Some((description, directive)) => (description.trim_end(), directive),
        None => (text, ""),
    }
}

/// The name without the backslashes that protect `#` and `\\`.
fn unescaped(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        let protected =
            chars.peek().copied().filter(|next| c == '\\' && matches!(next, '#' | '\\'));
        plain.push(protected.unwrap_or(c));
        if protected.is_some() {
            chars.next();
        }
    }
    plain
}
