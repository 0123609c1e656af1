//! `NAME SECONDS [OUTCOME]`, separated by tabs or commas: what a script writes that has no report format.
//!
//! A first line whose second field is `seconds` is a header. Outcomes are `ok`, `failed`, `timed-out` and
//! `skipped`, which leaves the unit out.

use bench_record::Outcome;

use super::error::{Malformed, Position};
use super::seconds::parse_seconds;
use super::source::Source;
use super::times::ExampleTime;

pub(super) fn read_tsv(source: &mut Source<'_>) -> Result<Vec<ExampleTime>, Malformed> {
    read(source, |line| Ok(line.split('\t').map(str::to_owned).collect()))
}

pub(super) fn read_csv(source: &mut Source<'_>) -> Result<Vec<ExampleTime>, Malformed> {
    read(source, csv_fields)
}

fn read(
    source: &mut Source<'_>,
    split: impl Fn(&str) -> Result<Vec<String>, &'static str>,
) -> Result<Vec<ExampleTime>, Malformed> {
    let mut lines = source.lines();
    let mut times = Vec::new();
    while let Some((number, line)) = lines.next_text()? {
        let wrong = |message: String| Malformed::new(Position::Line(number), message);
        if line.trim().is_empty() {
            continue;
        }
        let fields = split(line).map_err(|message| wrong(message.to_owned()))?;
        let (name, seconds, outcome) = match fields.as_slice() {
            [name, seconds] => (name, seconds, "ok"),
            [name, seconds, outcome] => (name, seconds, outcome.trim()),
            _ => {
                let count = fields.len();
                return Err(wrong(format!(
                    "{count} fields, expected NAME, SECONDS and perhaps OUTCOME"
                )));
            }
        };
        if number == 1 && seconds.trim() == "seconds" {
            continue;
        }
        let wall_ns = parse_seconds(seconds)
            .ok_or_else(|| wrong(format!("`{seconds}` is not a number of seconds")))?;
        let mut time = ExampleTime::ok(name.clone(), wall_ns);
        match outcome {
            "ok" => {}
            "failed" => time.outcome = Outcome::Failed,
            "timed-out" => time.outcome = Outcome::TimedOut,
            "skipped" => continue,
            other => {
                let message =
                    format!("outcome `{other}`, expected `ok`, `failed`, `timed-out` or `skipped`");
                return Err(wrong(message));
            }
        }
        if time.outcome != Outcome::Ok {
            time.reason = Some(outcome.to_owned());
        }
        times.push(time);
    }
    Ok(times)
}

/// The fields of one line; a quoted one may contain commas and doubled quotes, but no line end.
fn csv_fields(line: &str) -> Result<Vec<String>, &'static str> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let mut field = String::new();
        if let Some(mut quoted) = rest.strip_prefix('"') {
            loop {
                let (before, after) =
                    quoted.split_once('"').ok_or("a quoted field is not closed on its line")?;
                field.push_str(before);
                if let Some(more) = after.strip_prefix('"') {
                    field.push('"');
                    quoted = more;
                } else {
                    rest = after;
                    break;
                }
            }
            if !rest.is_empty() && !rest.starts_with(',') {
                return Err("text after a closing quote");
            }
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            field.push_str(&rest[..end]);
            rest = &rest[end..];
        }
        fields.push(field);
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => return Ok(fields),
        }
    }
}
