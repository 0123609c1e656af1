//! What `go test -json` prints: one event per line.
//!
//! An example is `PACKAGE.TEST`. A test with subtests is listed as well as they are, and its time includes theirs.
//!
//! The last event of a package has no test. Where it is missing the report was cut short, be it after a whole line.

use std::collections::BTreeMap;

use bench_record::Outcome;
use serde::Deserialize;

use super::error::{Malformed, Position};
use super::seconds::{from_seconds, short};
use super::source::Source;
use super::times::ExampleTime;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GoEvent {
    action: String,
    package: Option<String>,
    test: Option<String>,
    elapsed: Option<f64>,
}

pub(super) fn read(source: &mut Source<'_>) -> Result<Vec<ExampleTime>, Malformed> {
    let mut times = Vec::new();
    // Packages that have not ended, and the lines on which they begin.
    let mut running = BTreeMap::new();
    source.json_lines(|number, line: GoEvent| {
        let wrong = |message: String| Malformed::new(Position::Line(number), message);
        if let Some(package) = &line.package {
            if line.test.is_none() && matches!(line.action.as_str(), "pass" | "fail" | "skip") {
                running.remove(package);
            } else {
                running.entry(package.clone()).or_insert(number);
            }
        }
        let outcome = match line.action.as_str() {
            "pass" => Outcome::Ok,
            "fail" => Outcome::Failed,
            // Output, starts, pauses, and skipped tests.
            _ => return Ok(()),
        };
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
    match running.into_iter().min_by_key(|(_, start)| *start) {
        None => Ok(times),
        Some((package, start)) => Err(Malformed::new(
            Position::Line(start),
            format!(
                "package `{package}`, which starts here, does not end: the report is incomplete (hint: its log says why the tests stopped)"
            ),
        )),
    }
}
