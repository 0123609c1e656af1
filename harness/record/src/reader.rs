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

/// Why records cannot be read; `line` counts from 1.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A line in the middle is no record: the file was damaged, not cut short.
    #[error("line {line} cannot be read")]
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

/// Reads the content of a `records.ndjson`.
///
/// Bytes rather than text: a torn line may end inside a character. A line is torn, skipped and counted when
/// * it has no newline, even if it is whole JSON: it was never synced;
/// * it is whole, but the `resume` record after it says that it found it without a newline;
/// * it is no record and no record follows before the next `resume` or the end: the process that ended
///   the torn line may itself have been killed while it wrote its `resume` record.
///
/// Examples count only with the sample line that follows them.
///
/// # Errors
/// [`ReadError`], with the line's number.
pub fn read(content: impl AsRef<[u8]>) -> Result<LoadedRun, ReadError> {
    let content = content.as_ref();
    let lines: Vec<Line> =
        content.split_inclusive(|byte| *byte == b'\n').enumerate().map(Line::parse).collect();
    let torn = torn_lines(&lines);
    let mut reader = Reader::default();
    let mut tail_bytes = 0;
    for (line, torn) in lines.into_iter().zip(torn) {
        if !line.complete {
            tail_bytes = line.bytes;
        }
        match line.record {
            None => {}
            Some(_) if torn => reader.torn_bytes += line.bytes,
            Some(Ok(record)) => reader.take(line.number, record)?,
            Some(Err(source)) => return Err(ReadError::Line { line: line.number, source }),
        }
    }
    reader.finish(content.len() as u64 - tail_bytes, tail_bytes)
}

/// One line before it is judged.
struct Line {
    /// From 1.
    number: usize,
    /// Without its newline.
    bytes: u64,
    /// Whether it ends with a newline.
    complete: bool,
    /// `None` for an empty line.
    record: Option<Result<Record, RecordError>>,
}

impl Line {
    fn parse((index, raw): (usize, &[u8])) -> Self {
        let text = raw.strip_suffix(b"\n").unwrap_or(raw);
        let record = (!text.trim_ascii().is_empty()).then(|| {
            std::str::from_utf8(text).map_err(RecordError::from).and_then(Record::from_line)
        });
        Self { number: index + 1, bytes: text.len() as u64, complete: raw.ends_with(b"\n"), record }
    }

    /// Whether it can be what an interrupted write left; a newer or unknown record is none of that.
    fn is_damaged(&self) -> bool {
        matches!(self.record, Some(Err(RecordError::Malformed(_) | RecordError::Encoding(_))))
    }
}

/// Which lines are torn, by the rules of [`read`]. The first line never is: without it nothing can be said.
fn torn_lines(lines: &[Line]) -> Vec<bool> {
    let mut torn = vec![false; lines.len()];
    // Backwards, since what follows decides. The end of the file excuses a damaged line as a resume does.
    let mut excused = true;
    let mut found_torn = None;
    for (index, line) in lines.iter().enumerate().skip(1).rev() {
        torn[index] = match &line.record {
            None => continue,
            Some(Ok(_)) if !line.complete => true,
            Some(Ok(_)) => line.bytes > 0 && found_torn == Some(line.bytes),
            Some(Err(_)) => excused && line.is_damaged(),
        };
        excused = match &line.record {
            Some(Ok(Record::Resume(_))) => true,
            _ => excused && torn[index],
        };
        found_torn = match &line.record {
            Some(Ok(Record::Resume(resume))) if !torn[index] => Some(resume.torn_bytes),
            _ => None,
        };
    }
    torn
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

    fn finish(self, intact_bytes: u64, tail_bytes: u64) -> Result<LoadedRun, ReadError> {
        let orphans = self.orphans + self.pending.len() as u32;
        Ok(LoadedRun {
            run: self.run.ok_or(ReadError::NoRun)?,
            samples: self.samples,
            resumes: self.resumes,
            end: self.end,
            torn_bytes: self.torn_bytes,
            orphans,
            intact_bytes,
            tail_bytes,
        })
    }
}
