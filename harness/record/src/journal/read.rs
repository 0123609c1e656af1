//! Reads a journal back, and says exactly what is wrong when it cannot.

use std::path::{Path, PathBuf};

use super::line::{JournalEntry, LineError, VERSION, from_line};
use crate::names::SampleId;

/// The entries of a journal, torn lines left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Journal<E> {
    /// Each entry with the number of its line, from 1.
    pub entries: Vec<(usize, E)>,
    /// Bytes of torn lines that were skipped.
    pub torn_bytes: u64,
    /// Length up to and including the last newline.
    pub intact_bytes: u64,
    /// Bytes after the last newline: a writer that goes on ends them with a newline (nothing is ever cut off)
    /// and says their number in its `resume` entry.
    pub tail_bytes: u64,
}

/// Why a journal cannot be read; `line` counts from 1.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A newer `bench` wrote it, or went on with it.
    #[error(
        "record version {found} is newer than {VERSION}, the newest this `bench` reads (hint: update bench)"
    )]
    Newer {
        /// The version of its first line that is newer.
        found: u64,
    },
    /// A line in the middle is not an entry: the file was damaged, not cut short.
    #[error("line {line} cannot be read")]
    Line {
        /// Where.
        line: usize,
        /// What is wrong.
        #[source]
        source: LineError,
    },
    /// The first line is not the entry that every journal of its kind begins with.
    #[error("line 1: expected the `{kind}` record (hint: is this the `{file}` of a `bench` run?)")]
    NoStart {
        /// Kind of the entry.
        kind: &'static str,
        /// Name of the file.
        file: &'static str,
    },
    /// That entry a second time: two files were joined.
    #[error(
        "line {line}: a second `{kind}` record (hint: records of two runs are combined by `bench merge`)"
    )]
    SecondStart {
        /// Where.
        line: usize,
        /// Kind of the entry.
        kind: &'static str,
    },
    /// The same sample twice.
    #[error("line {line}: sample `{id}` is recorded twice")]
    Repeated {
        /// Where.
        line: usize,
        /// Which.
        id: SampleId,
    },
    /// An example was committed by a sample that does not own it.
    #[error("line {line}: example `{name}` belongs to sample `{owner}`, but `{found}` follows")]
    ForeignExample {
        /// Where the sample is.
        line: usize,
        /// The example.
        name: String,
        /// What it says it belongs to.
        owner: SampleId,
        /// The sample that follows it.
        found: SampleId,
    },
}

/// Why a journal cannot be loaded from its file.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read `{}` (hint: {hint})", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was expected there.
        hint: &'static str,
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

/// What is made of the entries of one kind of journal.
pub trait JournalFile: Sized {
    /// What its lines are.
    type Entry: JournalEntry;
    /// Its name inside a run directory.
    const FILE: &'static str;
    /// What a user who named something else is told.
    const HINT: &'static str;

    /// Puts the entries together.
    ///
    /// # Errors
    /// When they contradict one another.
    fn from_journal(journal: Journal<Self::Entry>) -> Result<Self, ReadError>;
}

/// Loads a journal from its run directory, or from the file itself.
///
/// # Errors
/// When the file cannot be read or is damaged.
pub fn load<T: JournalFile>(run: &Path) -> Result<T, LoadError> {
    let path = if run.is_dir() { run.join(T::FILE) } else { run.to_owned() };
    match std::fs::read(&path) {
        Ok(content) => read_file(&content).map_err(|source| LoadError::Read { path, source }),
        Err(source) => Err(LoadError::Io { path, hint: T::HINT, source }),
    }
}

/// Reads the content of a journal and puts its entries together.
///
/// # Errors
/// [`ReadError`], with the line's number.
pub fn read_file<T: JournalFile>(content: &[u8]) -> Result<T, ReadError> {
    T::from_journal(read(content)?)
}

/// Reads the content of a journal.
///
/// Bytes rather than text: a torn line may end inside a character. A line is torn, skipped and counted when
/// * it has no newline, even if it is whole JSON: it was never synced;
/// * it is whole, but the `resume` entry after it says that it found it without a newline;
/// * it is not an entry and no entry follows before the next `resume` or the end: the process that ended the
///   torn line may itself have been killed while it wrote its `resume` entry.
///
/// The first line is never torn: without it nothing can be said about the others.
///
/// # Errors
/// [`ReadError::Newer`] for any line of a newer version; else [`ReadError::Line`] for the first line that is
/// neither an entry nor torn.
pub fn read<E: JournalEntry>(content: &[u8]) -> Result<Journal<E>, ReadError> {
    let lines: Vec<Line<E>> =
        content.split_inclusive(|byte| *byte == b'\n').enumerate().map(Line::parse).collect();
    let newer = lines.iter().find_map(|line| match line.entry {
        Some(Err(LineError::Newer { found })) => Some(found),
        _ => None,
    });
    if let Some(found) = newer {
        return Err(ReadError::Newer { found });
    }
    let torn = torn_lines(&lines);
    let tail_bytes = lines.last().filter(|line| !line.complete).map_or(0, |line| line.bytes);
    let mut journal = Journal {
        entries: Vec::with_capacity(lines.len()),
        torn_bytes: 0,
        intact_bytes: content.len() as u64 - tail_bytes,
        tail_bytes,
    };
    for (line, torn) in lines.into_iter().zip(torn) {
        match line.entry {
            None => {}
            Some(_) if torn => journal.torn_bytes += line.bytes,
            Some(Ok(entry)) => journal.entries.push((line.number, entry)),
            Some(Err(source)) => return Err(ReadError::Line { line: line.number, source }),
        }
    }
    Ok(journal)
}

/// One line before it is judged.
struct Line<E> {
    /// From 1.
    number: usize,
    /// Without its newline.
    bytes: u64,
    /// Whether it ends with a newline.
    complete: bool,
    /// `None` for an empty line.
    entry: Option<Result<E, LineError>>,
}

impl<E: JournalEntry> Line<E> {
    fn parse((index, raw): (usize, &[u8])) -> Self {
        let text = raw.strip_suffix(b"\n").unwrap_or(raw);
        let entry = (!text.trim_ascii().is_empty()).then(|| from_line(text));
        Self { number: index + 1, bytes: text.len() as u64, complete: raw.ends_with(b"\n"), entry }
    }

    /// Whether it can be what an interrupted write left; an unknown kind cannot.
    fn is_damaged(&self) -> bool {
        matches!(self.entry, Some(Err(LineError::Malformed(_) | LineError::Encoding(_))))
    }

    fn as_resume(&self) -> Option<&crate::run::Resume> {
        self.entry.as_ref()?.as_ref().ok()?.as_resume()
    }
}

/// Which lines are torn, by the rules of [`read`].
fn torn_lines<E: JournalEntry>(lines: &[Line<E>]) -> Vec<bool> {
    let mut torn = vec![false; lines.len()];
    // Backwards, since what follows decides. The end of the file excuses a damaged line as a resume does.
    let mut excused = true;
    let mut found_torn = None;
    for (index, line) in lines.iter().enumerate().skip(1).rev() {
        torn[index] = match &line.entry {
            None => continue,
            Some(Ok(_)) if !line.complete => true,
            Some(Ok(_)) => line.bytes > 0 && found_torn == Some(line.bytes),
            Some(Err(_)) => excused && line.is_damaged(),
        };
        let resume = line.as_resume();
        excused = resume.is_some() || (excused && torn[index]);
        found_torn = resume.filter(|_| !torn[index]).map(|resume| resume.torn_bytes);
    }
    torn
}
