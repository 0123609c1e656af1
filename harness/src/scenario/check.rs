//! `bench check`: every problem of every file.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::load::{FILE_NAME, LoadError};
use super::parts::{Scenario, Source};
use crate::error_text::with_causes;

/// What a check found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Files looked at.
    pub files: usize,
    /// Files with a problem.
    pub invalid: usize,
    /// Problems of all files.
    pub problems: usize,
}

/// Loads each file (or the `scenario.toml` of each directory) and writes what is wrong with it, or that it
/// is valid, in the order given. No file hides another.
///
/// # Errors
/// Only when `out` cannot be written: a file that cannot be read is a problem of that file.
pub fn check(files: &[PathBuf], color: bool, out: &mut dyn Write) -> io::Result<Checked> {
    let mut checked = Checked::default();
    for file in files {
        let file = if file.is_dir() { file.join(FILE_NAME) } else { file.clone() };
        checked.files += 1;
        match Scenario::load_file(&file) {
            Ok(scenario) if scenario.lacks_its_source() => {
                checked.problems += 1;
                writeln!(
                    out,
                    "error: `{}` has no files, and scenario `{}` has no `[source]` (hint: put the project \
                     there, or say where it is with `[source]`)",
                    scenario.workspace().display(),
                    scenario.name
                )?;
            }
            Ok(scenario) => {
                writeln!(out, "{}: valid, {}", file.display(), counts(&scenario))?;
                continue;
            }
            Err(LoadError::Invalid(problems)) => {
                checked.problems += problems.0.len();
                write!(out, "{}", problems.render(color))?;
            }
            Err(error) => {
                checked.problems += 1;
                writeln!(out, "error: {}", with_causes(&error))?;
            }
        }
        checked.invalid += 1;
    }
    Ok(checked)
}

/// The scenario files in folders of `dir/scenarios`, or in `dir` itself, sorted: what `bench check` looks at when
/// no file is named.
///
/// # Errors
/// When `dir/scenarios` is there and cannot be read.
pub fn files_in(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> =
        Some(dir.join(FILE_NAME)).into_iter().filter(|file| file.is_file()).collect();
    match std::fs::read_dir(dir.join("scenarios")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
        Ok(entries) => {
            for entry in entries {
                let file = entry?.path().join(FILE_NAME);
                if file.is_file() {
                    files.push(file);
                }
            }
        }
    }
    files.sort();
    Ok(files)
}

impl Scenario {
    /// Whether it ships its source and there is none: not one file.
    fn lacks_its_source(&self) -> bool {
        let is_file = |entry: &walkdir::DirEntry| !entry.file_type().is_dir();
        self.source == Source::Shipped
            && !walkdir::WalkDir::new(self.workspace()).into_iter().flatten().any(|e| is_file(&e))
    }
}

fn counts(scenario: &Scenario) -> String {
    let many = |count: usize, one: &str, more: &str| {
        format!("{count} {}", if count == 1 { one } else { more })
    };
    [
        many(scenario.phases.len(), "phase", "phases"),
        many(scenario.caches.len(), "cache", "caches"),
        many(scenario.gates.len(), "gate", "gates"),
    ]
    .join(", ")
}
