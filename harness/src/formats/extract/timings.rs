//! What `cargo build --timings` writes: a page whose script has every unit in `const UNIT_DATA = [...]`.
//! The array alone is accepted too.

use serde::Deserialize;

use super::error::{Malformed, Position};
use super::seconds::from_seconds;
use super::source::Source;
use super::times::ExampleTime;

const MARK: &str = "UNIT_DATA =";

#[derive(Deserialize)]
struct TimedTarget {
    name: String,
    version: String,
    /// Empty for a library, else what cargo puts behind the name, such as ` json "lib" (test)`.
    #[serde(default)]
    target: String,
    duration: f64,
}

pub(super) fn read(source: &mut Source<'_>) -> Result<Vec<ExampleTime>, Malformed> {
    let text = source.text()?;
    let start = match text.find(MARK) {
        Some(mark) => mark + MARK.len(),
        None if text.trim_start().starts_with('[') => 0,
        None => {
            let message =
                "no `UNIT_DATA` (hint: expected the HTML file of `cargo build --timings`)";
            return Err(Malformed::new(Position::Byte(text.len() as u64), message));
        }
    };
    let line = text[..start].bytes().filter(|&byte| byte == b'\n').count() as u64;
    // The array ends where it ends; the rest of the page is not looked at.
    let mut stream =
        serde_json::Deserializer::from_str(&text[start..]).into_iter::<Vec<TimedTarget>>();
    let units = match stream.next() {
        Some(Ok(units)) => units,
        Some(Err(error)) => return Err(Malformed::json(&error, line)),
        None => {
            let message = "`UNIT_DATA` has no value";
            return Err(Malformed::new(Position::Byte(start as u64), message));
        }
    };
    let time = |(index, unit): (usize, TimedTarget)| {
        let name = format!("{} v{}{}", unit.name, unit.version, unit.target);
        let wall_ns = from_seconds(unit.duration).ok_or_else(|| {
            let message = format!("`duration` of `{name}` is {}, expected seconds", unit.duration);
            Malformed::new(Position::Unit(index as u64 + 1), message)
        })?;
        Ok(ExampleTime::ok(name, wall_ns))
    };
    units.into_iter().enumerate().map(time).collect()
}
