//! Reads the lines of a run back, and says exactly what is wrong when it cannot.

use crate::line::{Record, RecordError};
use crate::names::SampleId;
use crate::run::{End, Resume, Run};
use crate::sample::{Example, Sample};

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
    /// Length of the text up to and including the last newline: a writer that goes on starts here.
    pub intact_bytes: u64,
}

/// Why records cannot be read; `line` counts from 1.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A line in the middle is no record: the file was damaged, not cut short.
    #[error("line {line}: {source}")]
    Line {
        /// Where.
        line: usize,
        /// What is wrong.
        #[source]
        source: RecordError,
    },
    /// The first line is not the `run` record.
    #[error("line 1: expected the `run` record (hint: is this a records.ndjson of `bench`?)")]
    NoRun,
    /// A second `run` record: two files were joined.
    #[error(
        "line {line}: a second `run` record (hint: records of two runs are combined by `bench merge`)"
    )]
    SecondRun {
        /// Where.
        line: usize,
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

/// Reads the text of a `records.ndjson`.
///
/// A last line without a newline, or one that a `resume` record follows, may be torn: it is skipped and
/// its bytes are counted. Examples count only with the sample line that follows them.
///
/// # Errors
/// [`ReadError`], with the line's number.
pub fn read(text: &str) -> Result<LoadedRun, ReadError> {
    let mut reader = Reader::default();
    let mut lines = text.split_inclusive('\n').enumerate().peekable();
    let mut intact_bytes = 0;
    while let Some((index, raw)) = lines.next() {
        let line = index + 1;
        let complete = raw.ends_with('\n');
        let trimmed = raw.trim_end_matches(['\n', '\r']);
        if complete {
            intact_bytes += raw.len() as u64;
        }
        if trimmed.is_empty() {
            continue;
        }
        match Record::from_line(trimmed) {
            // A torn line can by chance be whole JSON and lack only its newline: it still was never synced.
            Ok(_) if !complete => reader.torn_bytes += raw.len() as u64,
            Ok(record) => reader.take(line, record)?,
            Err(source @ (RecordError::Newer { .. } | RecordError::UnknownKind(_))) => {
                return Err(ReadError::Line { line, source });
            }
            Err(source) => {
                let resumed = lines.peek().is_some_and(|(_, next)| {
                    matches!(Record::from_line(next.trim_end()), Ok(Record::Resume(_)))
                });
                if line > 1 && (!complete || resumed) {
                    reader.torn_bytes += raw.len() as u64;
                } else {
                    return Err(ReadError::Line { line, source });
                }
            }
        }
    }
    reader.finish(intact_bytes)
}

#[derive(Default)]
struct Reader {
    run: Option<Run>,
    samples: Vec<(Sample, Vec<Example>)>,
    seen: std::collections::BTreeSet<SampleId>,
    pending: Vec<Example>,
    resumes: Vec<Resume>,
    end: Option<End>,
    torn_bytes: u64,
    orphans: u32,
}

impl Reader {
    fn take(&mut self, line: usize, record: Record) -> Result<(), ReadError> {
        if self.run.is_none() && !matches!(record, Record::Run(_)) {
            return Err(ReadError::NoRun);
        }
        match record {
            Record::Run(_) if self.run.is_some() => return Err(ReadError::SecondRun { line }),
            Record::Run(run) => self.run = Some(*run),
            Record::Example(example) => self.pending.push(example),
            Record::Sample(sample) => {
                if let Some(foreign) = self.pending.iter().find(|e| e.sample != sample.id) {
                    return Err(ReadError::ForeignExample {
                        line,
                        name: foreign.name.clone(),
                        owner: foreign.sample.clone(),
                        found: sample.id.clone(),
                    });
                }
                if !self.seen.insert(sample.id.clone()) {
                    return Err(ReadError::Repeated { line, id: sample.id.clone() });
                }
                self.samples.push((*sample, std::mem::take(&mut self.pending)));
            }
            Record::Resume(resume) => {
                self.orphans += self.pending.len() as u32;
                self.pending.clear();
                // The run goes on: an earlier end (an interruption) was not the end.
                self.end = None;
                self.resumes.push(resume);
            }
            Record::End(end) => self.end = Some(end),
        }
        Ok(())
    }

    fn finish(self, intact_bytes: u64) -> Result<LoadedRun, ReadError> {
        let orphans = self.orphans + self.pending.len() as u32;
        Ok(LoadedRun {
            run: self.run.ok_or(ReadError::NoRun)?,
            samples: self.samples,
            resumes: self.resumes,
            end: self.end,
            torn_bytes: self.torn_bytes,
            orphans,
            intact_bytes,
        })
    }
}
