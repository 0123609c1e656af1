//! JSON objects, one a line, as test runners print them.

use serde::de::DeserializeOwned;

use super::error::Malformed;
use super::source::Source;

/// Calls `take` with every object and its line. Lines that do not begin with `{` are what tests printed in
/// between; an object that is cut short is an error.
pub(super) fn json_lines<T: DeserializeOwned>(
    source: &mut Source<'_>,
    mut take: impl FnMut(u64, T) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let mut lines = source.lines();
    while let Some((number, line)) = lines.next()? {
        if line.trim_ascii_start().starts_with(b"{") {
            let object = serde_json::from_slice(line)
                .map_err(|error| Malformed::json(&error, number - 1))?;
            take(number, object)?;
        }
    }
    Ok(())
}
