//! `.ninja_log`: when each output was last built, in milliseconds since that build began.
//!
//! The log is appended to: a later line for an output replaces an earlier one. Outputs of one command have
//! one time; the first of them names it.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{Malformed, Position};
use super::source::Source;
use super::times::ExampleTime;

/// Versions with the columns start, end, mtime, output, hash.
const VERSIONS: std::ops::RangeInclusive<u32> = 5..=7;

struct BuiltOutput {
    line: u64,
    start_ms: u64,
    end_ms: u64,
    hash: String,
}

pub(super) fn read(source: &mut Source<'_>) -> Result<Vec<ExampleTime>, Malformed> {
    let mut lines = source.lines();
    let mut last: BTreeMap<String, BuiltOutput> = BTreeMap::new();
    let mut header = false;
    while let Some((number, line)) = lines.next_text()? {
        let wrong = |message: String| Malformed::new(Position::Line(number), message);
        if !header {
            let version = line.strip_prefix("# ninja log v").and_then(|text| text.parse().ok());
            if !version.is_some_and(|version| VERSIONS.contains(&version)) {
                let (first, last) = (VERSIONS.start(), VERSIONS.end());
                let message = format!("expected `# ninja log vN` with N from {first} to {last}");
                return Err(wrong(message));
            }
            header = true;
            continue;
        }
        let fields: Vec<&str> = line.split('\t').collect();
        let &[start, end, _mtime, output, hash] = fields.as_slice() else {
            return Err(wrong(format!("{} fields, expected 5", fields.len())));
        };
        let ms = |text: &str| {
            // ninja itself writes 32 bits.
            let value: Option<u32> = text.parse().ok();
            value
                .map(u64::from)
                .ok_or_else(|| wrong(format!("`{text}` is not a number of milliseconds")))
        };
        let (start_ms, end_ms) = (ms(start)?, ms(end)?);
        if end_ms < start_ms {
            return Err(wrong(format!(
                "`{output}` ended at {end_ms} before it started at {start_ms}"
            )));
        }
        let built = BuiltOutput { line: number, start_ms, end_ms, hash: hash.to_owned() };
        last.insert(output.to_owned(), built);
    }
    if !header {
        return Err(Malformed::new(
            Position::Line(1),
            "the log is empty, expected `# ninja log vN`",
        ));
    }
    let mut outputs: Vec<(String, BuiltOutput)> = last.into_iter().collect();
    outputs.sort_by_key(|(_, built)| built.line);
    let mut commands = BTreeSet::new();
    outputs
        .retain(|(_, built)| commands.insert((built.start_ms, built.end_ms, built.hash.clone())));
    let time = |(output, built): (String, BuiltOutput)| {
        ExampleTime::ok(output, (built.end_ms - built.start_ms) * 1_000_000)
    };
    Ok(outputs.into_iter().map(time).collect())
}
