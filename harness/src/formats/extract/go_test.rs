//! What `go test -json` prints: events, one a line.
//!
//! An example is `PACKAGE.TEST`. A test with subtests is listed beside them, and its time holds theirs.

use bench_record::Outcome;
use serde::Deserialize;

use super::ExampleTime;
use super::error::{Malformed, Position};
use super::json_lines::json_lines;
use super::seconds::{from_seconds, short};
use super::source::Source;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line {
    action: String,
    package: Option<String>,
    test: Option<String>,
    elapsed: Option<f64>,
}

pub(super) fn read(source: &mut Source<'_>) -> Result<Vec<ExampleTime>, Malformed> {
    let mut times = Vec::new();
    json_lines(source, |number, line: Line| {
        let wrong = |message: String| Malformed::new(Position::Line(number), message);
        let outcome = match line.action.as_str() {
            "pass" => Outcome::Ok,
            "fail" => Outcome::Failed,
            // Output, starts, pauses, and skipped tests.
            _ => return Ok(()),
        };
        // Without a test the event is about the whole package.
        let Some(test) = line.test else { return Ok(()) };
        let name = match line.package {
            Some(package) => format!("{package}.{test}"),
            None => test,
        };
        let wall_ns = match line.elapsed {
            Some(seconds) => from_seconds(seconds).ok_or_else(|| {
                wrong(format!("`Elapsed` of `{name}` is {}, expected seconds", short(seconds)))
            })?,
            None if outcome == Outcome::Ok => {
                return Err(wrong(format!("`{name}` has no `Elapsed`")));
            }
            None => 0,
        };
        let reason = (outcome != Outcome::Ok).then(|| "failed".to_owned());
        times.push(ExampleTime { name, wall_ns, outcome, reason, retries: 0 });
        Ok(())
    })?;
    Ok(times)
}
