//! The dataset of past runs, and the one home of polars.
//!
//! A store is a directory. Every run is one immutable Parquet file in the directory of its scenario; the name of
//! a file ends in a digest of its bytes, so that damage is found before anything is concluded from it:
//!
//! ```text
//! STORE/scenario=NAME/run-RUN-ID.DIGEST.parquet
//! STORE/scenario=NAME/compact.DIGEST.parquet        several runs, written by `compact`
//! ```
//!
//! A reader takes each run from exactly one file, so that a run that is in two (between the two halves of a
//! compaction, or added from two jobs) counts once. Nothing here deletes a file: [`Store::compact`] says which
//! files are replaced, and its caller removes them.
//!
//! Medians and steps are not stored: they are derived when the history is read, with the method of the reading version.

mod add;
mod compact;
mod error;
mod files;
mod frame;
mod names;
mod reading;
mod row;
mod trend;

pub use add::Added;
pub use compact::Compacted;
pub use error::{Damaged, HistoryError};
pub use row::VERSION;
pub use trend::TrendQuery;

use std::path::{Path, PathBuf};

/// A directory of past runs.
#[derive(Clone, Debug)]
pub struct Store {
    path: PathBuf,
}

impl Store {
    /// The store in this directory; nothing is read or written yet.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
