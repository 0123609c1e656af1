//! Appends records, each sample durably before the next one starts.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use bench_record::{Example, Record, Resume, Sample, VERSION};

/// An open `records.ndjson`.
#[derive(Debug)]
pub struct RecordWriter {
    file: File,
    path: PathBuf,
}

/// Why a record is not on disk. Everything written before it is.
#[derive(Debug, thiserror::Error)]
#[error("cannot append to `{}`", path.display())]
pub struct WriteError {
    path: PathBuf,
    #[source]
    source: std::io::Error,
}

impl WriteError {
    /// `source` kept `path` from being written.
    pub fn new(path: &Path, source: std::io::Error) -> Self {
        Self { path: path.to_owned(), source }
    }
}

impl RecordWriter {
    /// Starts a new file; it must not exist.
    ///
    /// # Errors
    /// When it exists or cannot be made.
    pub fn create(path: &Path) -> Result<Self, WriteError> {
        let error = |source| WriteError { path: path.to_owned(), source };
        let file = OpenOptions::new().append(true).create_new(true).open(path).map_err(error)?;
        // The name must survive a crash as well as the content.
        if let Some(dir) = path.parent() {
            File::open(dir).and_then(|dir| dir.sync_all()).map_err(error)?;
        }
        Ok(Self { file, path: path.to_owned() })
    }

    /// Goes on with an existing file. A torn last line is ended in the same write that says so: the
    /// `resume` record behind it is the proof that a later process knew of it.
    ///
    /// # Errors
    /// When the file does not exist or cannot be written.
    pub fn resume(path: &Path, resume: Resume) -> Result<Self, WriteError> {
        let error = |source| WriteError { path: path.to_owned(), source };
        let file = OpenOptions::new().append(true).open(path).map_err(error)?;
        let mut writer = Self { file, path: path.to_owned() };
        let torn = resume.torn_bytes > 0;
        let line = Record::Resume(resume).to_line().map_err(|e| error(e.into()))?;
        writer.durably(&if torn { format!("\n{line}") } else { line })?;
        Ok(writer)
    }

    /// Appends one record and syncs.
    ///
    /// # Errors
    /// When it cannot be written or synced.
    pub fn write(&mut self, record: &Record) -> Result<(), WriteError> {
        self.commit(std::slice::from_ref(record))
    }

    /// Appends a sample with its examples in one write and syncs: the sample's line, last, commits them.
    ///
    /// # Errors
    /// When they cannot be written or synced.
    pub fn sample(&mut self, sample: &Sample, examples: &[Example]) -> Result<(), WriteError> {
        let records: Vec<Record> = examples
            .iter()
            .cloned()
            .map(Record::Example)
            .chain([Record::Sample(Box::new(sample.clone()))])
            .collect();
        self.commit(&records)
    }

    /// Appends a line of another kind, in the same envelope, and syncs.
    ///
    /// # Errors
    /// When it cannot be written or synced.
    pub(crate) fn line<T: serde::Serialize>(
        &mut self,
        kind: &str,
        body: &T,
    ) -> Result<(), WriteError> {
        let error = |source: serde_json::Error| WriteError {
            path: self.path.clone(),
            source: source.into(),
        };
        let body = serde_json::to_string(body).map_err(error)?;
        let fields = body.strip_prefix('{').unwrap_or(&body);
        self.durably(&format!("{{\"v\":{VERSION},\"kind\":\"{kind}\",{fields}\n"))
    }

    fn commit(&mut self, records: &[Record]) -> Result<(), WriteError> {
        let lines: Result<String, _> = records.iter().map(Record::to_line).collect();
        match lines {
            Ok(text) => self.durably(&text),
            Err(error) => Err(WriteError { path: self.path.clone(), source: error.into() }),
        }
    }

    fn durably(&mut self, text: &str) -> Result<(), WriteError> {
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(|source| WriteError { path: self.path.clone(), source })
    }
}
