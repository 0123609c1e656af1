//! Appends to a journal, each entry durably before the next thing is done.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use super::line::JournalEntry;
use crate::run::Resume;

/// A journal that is open for appending.
#[derive(Debug)]
pub struct JournalWriter<E> {
    file: File,
    path: PathBuf,
    entries: PhantomData<fn(&E)>,
}

/// Why an entry is not on disk. Everything written before it is.
#[derive(Debug, thiserror::Error)]
#[error("cannot append to `{}`", path.display())]
pub struct WriteError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

impl<E: JournalEntry> JournalWriter<E> {
    /// Starts a new journal with its first entries; the file must not exist.
    ///
    /// # Errors
    /// When it exists or cannot be made.
    pub fn create(path: &Path, first: &[E]) -> Result<Self, WriteError> {
        let create = || -> io::Result<File> {
            let file = OpenOptions::new().append(true).create_new(true).open(path)?;
            // The name must survive a crash as well as the content.
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
            Ok(file)
        };
        let file = create().map_err(|source| WriteError { path: path.to_owned(), source })?;
        let mut writer = Self::new(path, file);
        writer.append(first)?;
        Ok(writer)
    }

    /// Goes on with an existing journal. A torn last line is ended in the same write that says so: the `resume`
    /// entry behind it is the proof that a later process knew of it. Its `torn_bytes` are the
    /// [`Journal::tail_bytes`](super::Journal::tail_bytes) that were read.
    ///
    /// # Errors
    /// When the file does not exist or cannot be written.
    pub fn resume(path: &Path, resume: Resume) -> Result<Self, WriteError> {
        let open = || -> io::Result<(File, bool)> {
            let mut file = OpenOptions::new().read(true).append(true).open(path)?;
            let torn = file.metadata()?.len() > 0 && {
                let mut last = [0];
                file.seek(SeekFrom::End(-1))?;
                file.read_exact(&mut last)?;
                last != *b"\n"
            };
            Ok((file, torn))
        };
        let (file, torn) = open().map_err(|source| WriteError { path: path.to_owned(), source })?;
        let mut writer = Self::new(path, file);
        writer.durably(if torn { "\n" } else { "" }, &[E::resume(resume)])?;
        Ok(writer)
    }

    /// Appends entries in one write and syncs.
    ///
    /// # Errors
    /// When they cannot be written or synced.
    pub fn append(&mut self, entries: &[E]) -> Result<(), WriteError> {
        self.durably("", entries)
    }

    fn new(path: &Path, file: File) -> Self {
        Self { file, path: path.to_owned(), entries: PhantomData }
    }

    fn durably(&mut self, before: &str, entries: &[E]) -> Result<(), WriteError> {
        let mut write = || {
            let mut text = before.to_owned();
            for entry in entries {
                text.push_str(&entry.to_line()?);
            }
            self.file.write_all(text.as_bytes())?;
            self.file.sync_data()
        };
        write().map_err(|source| WriteError { path: self.path.clone(), source })
    }
}
