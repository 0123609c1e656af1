//! The records of a run (`records.ndjson`): what its lines are, and the run that they tell.

use std::collections::BTreeSet;

use crate::files;
use crate::journal::{self, Journal, JournalFile, LineError, ReadError};
use crate::names::SampleId;
use crate::run::{End, Resume, Run};
use crate::sample::{Example, Sample};

journal::journal_entries! {
    /// One record of any kind.
    Record {
        /// First line: what is run, where and with what.
        "run" => Run(Box<Run>),
        /// One time of a named unit inside a sample; written before the sample that owns it.
        "example" => Example(Example),
        /// One execution of the measured phases; this line commits the examples before it.
        "sample" => Sample(Box<Sample>),
        /// A later process took the run up again; what lies uncommitted before it does not count.
        "resume" => Resume(Resume),
        /// Last line; its absence means that the run was cut short.
        "end" => End(End),
    }
}

impl Record {
    /// A sample with its examples, in the order in which they are written: the sample's line, last, commits
    /// the others.
    pub fn committed(sample: Sample, examples: Vec<Example>) -> Vec<Self> {
        let examples = examples.into_iter().map(Self::Example);
        examples.chain([Self::Sample(Box::new(sample))]).collect()
    }

    /// The record as one line of JSON, newline included.
    ///
    /// # Errors
    /// Only when a map key cannot be JSON, which none of the record types can produce.
    pub fn to_line(&self) -> serde_json::Result<String> {
        journal::JournalEntry::to_line(self)
    }

    /// Reads one line.
    ///
    /// # Errors
    /// See [`journal::from_line`].
    pub fn from_line(line: &str) -> Result<Self, LineError> {
        journal::from_line(line.as_bytes())
    }
}

/// A run as its records tell it: committed samples only.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedRun {
    /// The first line.
    pub run: Run,
    /// Committed samples in the order in which they ran, each with its examples.
    pub samples: Vec<(Sample, Vec<Example>)>,
    /// Later processes that took the run up again.
    pub resumes: Vec<Resume>,
    /// The last line; `None` when the run was cut short.
    pub end: Option<End>,
    /// Bytes of torn lines that were skipped.
    pub torn_bytes: u64,
    /// Example lines whose sample was never finished.
    pub orphans: u32,
    /// Length up to and including the last newline.
    pub intact_bytes: u64,
    /// Bytes after the last newline, part of `torn_bytes`: a writer that goes on ends them with a newline
    /// (nothing is ever cut off) and says their number in its `resume` record.
    pub tail_bytes: u64,
}

impl LoadedRun {
    /// A run of which nothing is recorded yet.
    pub const fn new(run: Run) -> Self {
        Self {
            run,
            samples: Vec::new(),
            resumes: Vec::new(),
            end: None,
            torn_bytes: 0,
            orphans: 0,
            intact_bytes: 0,
            tail_bytes: 0,
        }
    }
}

impl JournalFile for LoadedRun {
    type Entry = Record;
    const FILE: &'static str = files::RECORDS;
    const HINT: &'static str = "RUN is a run directory such as .bench/runs/ID";

    fn from_journal(journal: Journal<Record>) -> Result<Self, ReadError> {
        let mut entries = journal.entries.into_iter();
        let Some((_, Record::Run(run))) = entries.next() else {
            return Err(ReadError::NoStart { kind: "run", file: Self::FILE });
        };
        let mut loaded = Self {
            torn_bytes: journal.torn_bytes,
            intact_bytes: journal.intact_bytes,
            tail_bytes: journal.tail_bytes,
            ..Self::new(*run)
        };
        let mut pending: Vec<Example> = Vec::new();
        let mut seen = BTreeSet::new();
        for (line, record) in entries {
            match record {
                Record::Run(_) => return Err(ReadError::SecondStart { line, kind: "run" }),
                Record::Example(example) => pending.push(example),
                Record::Sample(sample) => {
                    check_owner(line, &pending, &sample.id)?;
                    if !seen.insert(sample.id.clone()) {
                        return Err(ReadError::Repeated { line, id: sample.id });
                    }
                    loaded.samples.push((*sample, std::mem::take(&mut pending)));
                }
                Record::Resume(resume) => {
                    loaded.orphans += pending.len() as u32;
                    pending.clear();
                    // The run goes on: an earlier end (an interruption) was not the end.
                    loaded.end = None;
                    loaded.resumes.push(resume);
                }
                Record::End(end) => loaded.end = Some(end),
            }
        }
        loaded.orphans += pending.len() as u32;
        Ok(loaded)
    }
}

/// A sample commits the examples before it: they must be its own.
fn check_owner(line: usize, examples: &[Example], sample: &SampleId) -> Result<(), ReadError> {
    match examples.iter().find(|example| example.sample != *sample) {
        None => Ok(()),
        Some(foreign) => Err(ReadError::ForeignExample {
            line,
            name: foreign.name.clone(),
            owner: foreign.sample.clone(),
            found: sample.clone(),
        }),
    }
}

/// Reads the content of a `records.ndjson`; examples count only with the sample line that follows them.
///
/// # Errors
/// [`ReadError`], with the line's number.
pub fn read(content: impl AsRef<[u8]>) -> Result<LoadedRun, ReadError> {
    journal::read_file(content.as_ref())
}
