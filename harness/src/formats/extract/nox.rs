//! What `nox --report FILE` writes.

use std::io::BufReader;

use bench_record::Outcome;
use serde::Deserialize;

use super::error::{Malformed, Position};
use super::seconds::{from_seconds, short};
use super::source::Source;
use super::times::ExampleTime;

#[derive(Deserialize)]
struct NoxReport {
    sessions: Vec<NoxSession>,
}

#[derive(Deserialize)]
struct NoxSession {
    name: String,
    result: String,
    reason: Option<String>,
    #[serde(default)]
    signatures: Vec<String>,
    duration: Option<f64>,
}

pub(super) fn read(source: &mut Source<'_>) -> Result<Vec<ExampleTime>, Malformed> {
    let report: NoxReport = serde_json::from_reader(BufReader::new(source))
        .map_err(|error| Malformed::json(&error, 0))?;
    let mut times = Vec::new();
    for (index, session) in report.sessions.into_iter().enumerate() {
        // The first signature distinguishes sessions of one name that ran with several Pythons.
        let name = session.signatures.into_iter().next().unwrap_or(session.name);
        let wrong = |message: String| {
            Malformed::new(Position::Unit(index as u64 + 1), format!("session `{name}`: {message}"))
        };
        let outcome = match session.result.as_str() {
            "success" => Outcome::Ok,
            "skipped" => continue,
            "failed" | "aborted" => Outcome::Failed,
            other => {
                let message = format!(
                    "result `{other}`, expected `success`, `failed`, `aborted` or `skipped`"
                );
                return Err(wrong(message));
            }
        };
        let wall_ns = match session.duration {
            Some(seconds) => from_seconds(seconds).ok_or_else(|| {
                wrong(format!("`duration` is {}, expected seconds", short(seconds)))
            })?,
            None if outcome == Outcome::Ok => {
                return Err(wrong(
                    "no `duration` (hint: nox 2025.02 and later report it)".to_owned(),
                ));
            }
            None => 0,
        };
        let reason = (outcome != Outcome::Ok).then(|| session.reason.unwrap_or(session.result));
        times.push(ExampleTime { name, wall_ns, outcome, reason, retries: 0 });
    }
    Ok(times)
}
