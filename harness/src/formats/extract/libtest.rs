//! JSON lines of libtest and of nextest's imitation of it.
//!
//! nextest's names are `crate::binary$test`; the suffix `#2` that it gives to a test which it ran twice is
//! counted as a retry and is not part of the name.
//!
//! A suite (a test executable) has an event when it starts and one when it ends. Where the end is missing the report
//! was cut short, be it after a whole line. A report that was cut between two suites looks complete: nothing says how
//! many there are.

use bench_record::Outcome;
use serde::Deserialize;

use super::error::{Malformed, Position};
use super::seconds::{from_seconds, short};
use super::source::Source;
use super::times::ExampleTime;

#[derive(Deserialize)]
struct LibtestEvent {
    #[serde(rename = "type")]
    kind: Option<String>,
    event: Option<String>,
    name: Option<String>,
    exec_time: Option<f64>,
    reason: Option<String>,
}

pub(super) fn read(source: &mut Source<'_>) -> Result<Vec<ExampleTime>, Malformed> {
    let mut times = Vec::new();
    // Lines on which suites start that have not ended.
    let mut running = Vec::new();
    source.json_lines(|number, line: LibtestEvent| {
        let wrong = |message: String| Malformed::new(Position::Line(number), message);
        if line.kind.as_deref() == Some("suite") {
            match line.event.as_deref() {
                Some("started") => running.push(number),
                Some("ok" | "failed") => drop(running.pop()),
                _ => {}
            }
            return Ok(());
        }
        let outcome = match (line.kind.as_deref(), line.event.as_deref()) {
            (Some("test"), Some("ok")) => Outcome::Ok,
            (Some("test"), Some("failed")) => Outcome::Failed,
            // Starts, ignored tests, and `timeout`: a warning about a test that goes on.
            _ => return Ok(()),
        };
        let name = line.name.ok_or_else(|| wrong("a test has no `name`".to_owned()))?;
        let wall_ns = match line.exec_time {
            Some(seconds) => from_seconds(seconds).ok_or_else(|| {
                wrong(format!(
                    "`exec_time` of test `{name}` is {}, expected seconds",
                    short(seconds)
                ))
            })?,
            None if outcome == Outcome::Ok => {
                let message =
                    format!("test `{name}` has no `exec_time` (hint: pass `--report-time`)");
                return Err(wrong(message));
            }
            None => 0,
        };
        let (name, retries) = attempt(name);
        let reason = (outcome != Outcome::Ok).then(|| line.reason.unwrap_or("failed".to_owned()));
        times.push(ExampleTime { name, wall_ns, outcome, reason, retries });
        Ok(())
    })?;
    match running.first() {
        None => Ok(times),
        Some(start) => Err(Malformed::new(
            Position::Line(*start),
            "the suite that starts here does not end: the report is incomplete (hint: its log says why the tests stopped)",
        )),
    }
}

/// A name without nextest's number of the attempt, and how many attempts came before.
fn attempt(name: String) -> (String, u32) {
    if name.contains('$')
        && let Some((test, number)) = name.rsplit_once('#')
        && let Ok(number) = number.parse::<u32>()
        && number > 1
    {
        return (test.to_owned(), number - 1);
    }
    (name, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_number_that_nextest_adds_is_an_attempt() {
        let attempt = |name: &str| attempt(name.to_owned());
        assert_eq!(attempt("a::b$t::x#3"), ("a::b$t::x".to_owned(), 2));
        assert_eq!(attempt("t::x#3"), ("t::x#3".to_owned(), 0));
        assert_eq!(attempt("a::b$t::x#y"), ("a::b$t::x#y".to_owned(), 0));
    }
}
