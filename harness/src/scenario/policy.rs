//! Gates for a run that was measured already: a file of `[[gate]]` tables and nothing else.

use std::path::Path;

use bench_record::{Gate, LoadedRun};

use super::convert;
use super::load::{self, LoadError};

/// What the gates of a policy may refer to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Measured phases of the run.
    pub phases: Vec<String>,
    /// Whether the run has times of examples.
    pub examples: bool,
}

impl Measured {
    /// What `run` measured.
    pub fn of(run: &LoadedRun) -> Self {
        Self {
            phases: run.run.phases.clone(),
            examples: run.run.examples.is_some()
                || run.samples.iter().any(|(_, examples)| !examples.is_empty()),
        }
    }
}

/// Reads a policy for a run.
///
/// # Errors
/// When it cannot be read, and every problem of the file at once, phases and examples that the run does not
/// have among them.
pub fn policy(file: &Path, measured: &Measured) -> Result<Vec<Gate>, LoadError> {
    let text = load::read(file, "policy")?;
    let specs = convert::policy(file, &text, &measured.phases, measured.examples)
        .map_err(LoadError::Invalid)?;
    Ok(specs.iter().map(Gate::from).collect())
}
