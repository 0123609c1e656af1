//! What cargo prints with `--message-format=json`: which units were fresh and which were built. It tells no
//! times, so it is no [`Format`](super::Format) of examples; `cargo-timings` has those.

use std::io::Read;

use serde::Deserialize;

use super::error::ExtractError;
use super::json_lines::json_lines;
use super::source::Source;

/// One artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CargoUnit {
    /// Package id as cargo writes it.
    pub package: String,
    /// Name of the target.
    pub target: String,
    /// Whether the unit has the test harness in it.
    pub test: bool,
    /// Whether cargo used what was there.
    pub fresh: bool,
}

#[derive(Deserialize)]
struct Line {
    reason: Option<String>,
    package_id: Option<String>,
    target: Option<Target>,
    profile: Option<Profile>,
    fresh: Option<bool>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// Reads cargo's messages in order; what tests printed in between is passed over. `file` is what errors call
/// the input.
///
/// # Errors
/// When it cannot be read, is larger than [`MAX_BYTES`](super::MAX_BYTES), or a message is cut short.
pub fn cargo_units(input: &mut dyn Read, file: &str) -> Result<Vec<CargoUnit>, ExtractError> {
    let mut source = Source::new(input);
    let mut units = Vec::new();
    let read = json_lines(&mut source, |_, line: Line| {
        if line.reason.as_deref() == Some("compiler-artifact")
            && let (Some(package), Some(target), Some(fresh)) =
                (line.package_id, line.target, line.fresh)
        {
            let test = line.profile.is_some_and(|profile| profile.test);
            units.push(CargoUnit { package, target: target.name, test, fresh });
        }
        Ok(())
    });
    source.settle(read, file).map(|()| units)
}
