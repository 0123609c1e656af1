//! What `jest --json` prints.
//!
//! An example is `FILE > FULL NAME` with the last component of the file's path: the rest of it differs from
//! runner to runner.

use std::io::BufReader;

use bench_record::Outcome;
use serde::Deserialize;

use super::error::{Malformed, Position};
use super::seconds::from_seconds;
use super::source::Source;
use super::times::ExampleTime;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JestReport {
    test_results: Vec<JestFile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JestFile {
    name: String,
    assertion_results: Vec<JestTest>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JestTest {
    full_name: String,
    status: String,
    /// Milliseconds.
    duration: Option<f64>,
    invocations: Option<u32>,
    #[serde(default)]
    failure_messages: Vec<String>,
}

pub(super) fn read(source: &mut Source<'_>) -> Result<Vec<ExampleTime>, Malformed> {
    let report: JestReport = serde_json::from_reader(BufReader::new(source))
        .map_err(|error| Malformed::json(&error, 0))?;
    let mut times = Vec::new();
    let mut number = 0;
    for file in report.test_results {
        let short = file.name.rsplit(['/', '\\']).next().unwrap_or(&file.name);
        for test in file.assertion_results {
            number += 1;
            let name = format!("{short} > {}", test.full_name);
            let wrong = |message: String| {
                Malformed::new(Position::Unit(number), format!("test `{name}`: {message}"))
            };
            let outcome = match test.status.as_str() {
                "passed" => Outcome::Ok,
                "failed" => Outcome::Failed,
                "pending" | "skipped" | "todo" | "disabled" | "focused" => continue,
                other => {
                    return Err(wrong(format!("status `{other}`, expected `passed` or `failed`")));
                }
            };
            let wall_ns = match test.duration {
                Some(ms) => from_seconds(ms / 1e3)
                    .ok_or_else(|| wrong(format!("`duration` is {ms}, expected milliseconds")))?,
                None if outcome == Outcome::Ok => return Err(wrong("no `duration`".to_owned())),
                None => 0,
            };
            let first_line = || {
                let message = test.failure_messages.first()?;
                message.lines().next().map(str::to_owned)
            };
            let reason =
                (outcome != Outcome::Ok).then(|| first_line().unwrap_or("failed".to_owned()));
            let retries = test.invocations.unwrap_or(1).saturating_sub(1);
            times.push(ExampleTime { name, wall_ns, outcome, reason, retries });
        }
    }
    Ok(times)
}
