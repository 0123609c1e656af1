//! The file of trials: appended, and synced before the next trial begins.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bench_reports::ablate::{Ledger, LedgerError, Line};

use crate::run::WriteError;

/// Name of the file inside a run directory.
pub const TRIALS: &str = "trials.ndjson";

/// An open file of trials.
#[derive(Debug)]
pub struct LedgerWriter {
    file: File,
    path: PathBuf,
}

/// Why trials cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be read.
    #[error("cannot read `{}` (hint: RUN is the directory of a `bench ablate`)", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The file is not what it should be.
    #[error("`{}` is no ledger of trials", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What is wrong, with its line.
        #[source]
        source: LedgerError,
    },
}

/// Reads what a run directory holds.
///
/// # Errors
/// When the file cannot be read or is damaged.
pub fn load(run: &Path) -> Result<Ledger, OpenError> {
    let path = run.join(TRIALS);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ledger::read(&text).map_err(|source| OpenError::Read { path, source }),
        Err(source) => Err(OpenError::Io { path, source }),
    }
}

impl LedgerWriter {
    /// Starts a new file; it must not exist.
    ///
    /// # Errors
    /// When it exists or cannot be made.
    pub fn create(run: &Path) -> Result<Self, WriteError> {
        let path = run.join(TRIALS);
        let made = OpenOptions::new().append(true).create_new(true).open(&path);
        // The name must survive a crash as well as the content.
        let synced = made.and_then(|file| File::open(run)?.sync_all().map(|()| file));
        match synced {
            Ok(file) => Ok(Self { file, path }),
            Err(source) => Err(WriteError::new(&path, source)),
        }
    }

    /// Goes on with the file of `ledger`; a torn last line is cut off.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn resume(run: &Path, ledger: &Ledger) -> Result<Self, WriteError> {
        let path = run.join(TRIALS);
        let open = || -> io::Result<File> {
            OpenOptions::new().write(true).open(&path)?.set_len(ledger.intact_bytes as u64)?;
            OpenOptions::new().append(true).open(&path)
        };
        open().map_err(|source| WriteError::new(&path, source)).map(|file| Self { file, path })
    }

    /// Appends a line and syncs.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn append(&mut self, line: &Line) -> Result<(), WriteError> {
        let write = || -> io::Result<()> {
            let mut text = serde_json::to_string(line)?;
            text.push('\n');
            self.file.write_all(text.as_bytes())?;
            self.file.sync_data()
        };
        let mut write = write;
        write().map_err(|source| WriteError::new(&self.path, source))
    }
}
