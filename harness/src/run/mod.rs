//! A whole run: from a scenario and options to records on disk.

mod arms;
mod name;
mod prepare;
mod provision;
mod records;
mod request;
mod steps;
mod tools;

use std::path::{Path, PathBuf};

use bench_record::{LoadedRun, ReadError};

pub use name::{file_name, run_id};
pub use prepare::{PrepareError, Prepared, check_resumable, prepare};
pub(crate) use provision::tools_rel;
pub use records::{RecordWriter, WriteError};
pub(crate) use request::example_filter;
pub use request::{Request, plan_spec, request_of};
pub use steps::{Event, ExecuteError, Finish, Limits, execute};
pub use tools::{Found, Missing, find_tools, install_commands, missing, typed};

/// Name of the file of records inside a run directory.
pub const RECORDS: &str = "records.ndjson";
/// Name of the derived summary inside a run directory.
pub const SUMMARY: &str = "summary.json";
/// Path of the derived report inside a run directory.
pub const PAGE: &str = "report/index.html";
/// Name of the directory of logs inside a run directory.
pub const LOGS: &str = "logs";

/// Why the records of a run cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read `{}` (hint: RUN is a run directory such as .bench/runs/ID)", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("cannot use the records `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        #[source]
        source: ReadError,
    },
}

/// Loads a run from its directory, or from the records file itself.
///
/// # Errors
/// When the file cannot be read or is damaged.
pub fn load(run: &Path) -> Result<LoadedRun, LoadError> {
    let path = if run.is_dir() { run.join(RECORDS) } else { run.to_owned() };
    let text =
        std::fs::read(&path).map_err(|source| LoadError::Io { path: path.clone(), source })?;
    bench_record::read(&text).map_err(|source| LoadError::Read { path, source })
}
