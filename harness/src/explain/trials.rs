//! What a trial was for and what it showed, as a line of `explain.ndjson`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bench_record::{End, LoadedRun, Outcome, Record, Resume, Run};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::property::{Property, Variation};
use crate::run::{RecordWriter, WriteError};

/// Name of the file of trials inside a run directory.
pub const TRIALS: &str = "explain.ndjson";

/// What was asked for, besides what the `run` line holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The properties to try; empty for all.
    pub properties: Vec<Property>,
    /// Trials of each; `None` for as many as the evidence needs.
    pub repeats: Option<u32>,
    /// Whether seconds decide although a probe counts hits.
    #[serde(default)]
    pub by_seconds: bool,
    /// Whether the remedies that are variables are tried too.
    pub try_remedy: bool,
}

/// What a trial is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Cold; makes the caches that every other trial starts with.
    Seed,
    /// Cold; its caches are copied while its daemons are alive.
    LiveSeed,
    /// Control: nothing is changed. It must keep what the caches save.
    Nothing,
    /// Control: the caches are empty. It must come out as `breaks`.
    Empty,
    /// Control: nothing is changed, after everything else.
    NothingAgain,
    /// One property is changed.
    One,
    /// Everything that can be changed is.
    Everything,
    /// Everything but the properties that break reuse alone.
    Others,
    /// Of these, everything but one.
    OthersBut,
    /// A source is edited, empty caches: what the result must be.
    EditedCold,
    /// A source is edited, restored caches, its mtime as before the edit.
    EditedKept,
    /// A source is edited, restored caches, its mtime fresh.
    EditedFresh,
    /// The same in a workspace at another path, while the old one is still there, unedited.
    EditedMoved,
}

/// One trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialRecord {
    /// Names its logs; unique in the file.
    pub id: String,
    /// What it is for.
    pub role: Role,
    /// What was changed.
    pub changed: Variation,
    /// The round that it belongs to: trials are compared within a round.
    pub round: u32,
    /// Its repetition within the round, from 1.
    pub repeat: u32,
    /// Whether the remedies were in place.
    #[serde(default)]
    pub remedied: bool,
    /// Wall-clock start of the first phase.
    pub started: DateTime<Utc>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, when not `ok`.
    pub reason: Option<String>,
    /// Sum of the measured phases' wall times.
    pub wall_ns: u64,
    /// Hits of this trial itself; `None` without a probe or where it could not be read.
    pub hits: Option<u64>,
    /// Misses, likewise.
    pub misses: Option<u64>,
    /// Digest over the declared outputs.
    pub output_digest: Option<String>,
    /// Examples that did not end well.
    pub failed_examples: BTreeSet<String>,
}

impl TrialRecord {
    /// What a reader of results sees: outputs and outcomes. Two runs with the same one did the same.
    pub fn result(&self) -> (Option<&str>, Outcome, &BTreeSet<String>) {
        (self.output_digest.as_deref(), self.outcome, &self.failed_examples)
    }
}

/// The file of trials, open for appending. Each line is on disk before the next trial starts.
#[derive(Debug)]
pub struct TrialWriter(RecordWriter);

impl TrialWriter {
    /// Starts a new file with what is run and what was asked.
    ///
    /// # Errors
    /// When it exists or cannot be written.
    pub fn create(out: &Path, run: &Run, asked: &Asked) -> Result<Self, WriteError> {
        let mut writer = Self(RecordWriter::create(&out.join(TRIALS))?);
        writer.0.write(&Record::Run(Box::new(run.clone())))?;
        writer.0.line("explain", asked)?;
        Ok(writer)
    }

    /// Goes on with a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn resume(out: &Path, resume: Resume) -> Result<Self, WriteError> {
        RecordWriter::resume(&out.join(TRIALS), resume).map(Self)
    }

    /// Appends a trial and syncs.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn trial(&mut self, trial: &TrialRecord) -> Result<(), WriteError> {
        self.0.line("trial", trial)
    }

    /// Appends the end.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end(&mut self, end: End) -> Result<(), WriteError> {
        self.0.write(&Record::End(end))
    }
}

/// A file of trials that was read.
#[derive(Clone, Debug)]
pub struct LoadedTrials {
    /// What is run.
    pub run: Run,
    /// What was asked for.
    pub asked: Asked,
    /// Every finished trial.
    pub trials: Vec<TrialRecord>,
    /// How it ended, when it did.
    pub end: Option<End>,
    /// Bytes of a last line that was cut short.
    pub torn_bytes: u64,
}

/// Why a file of trials cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadTrialsError {
    /// It cannot be read.
    #[error("cannot read `{}` (hint: RUN is the directory of a `bench explain`)", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// A line is not what it should be.
    #[error("`{}`, line {line}: {why}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
}

#[derive(Deserialize)]
struct Header {
    v: u32,
    kind: String,
}

/// Reads the trials of a run directory. A torn line at the end, or before a `resume`, is passed over.
///
/// # Errors
/// When the file cannot be read, is of a newer version, or is damaged elsewhere.
pub fn load_trials(out: &Path) -> Result<LoadedTrials, LoadTrialsError> {
    let path = out.join(TRIALS);
    let text = std::fs::read(&path)
        .map_err(|source| LoadTrialsError::Io { path: path.clone(), source })?;
    let text = String::from_utf8_lossy(&text);
    let wrong = |line: usize, why: String| LoadTrialsError::Line { path: path.clone(), line, why };
    let mut lines: Vec<&str> = text.split('\n').collect();
    // Behind the last newline is nothing, or a line that was cut short.
    let torn = lines.pop().unwrap_or_default();
    let first = lines.first().copied().unwrap_or_default();
    let run = match bench_record::read(format!("{first}\n").as_bytes()) {
        Ok(LoadedRun { run, .. }) => run,
        Err(error) => return Err(wrong(1, error.to_string())),
    };
    let mut loaded = LoadedTrials {
        run,
        asked: Asked::default(),
        trials: Vec::new(),
        end: None,
        torn_bytes: torn.len() as u64,
    };
    for (index, line) in lines.iter().enumerate().skip(1) {
        let read = read_line(line, &mut loaded);
        let cut = || lines.get(index + 1).is_some_and(|next| next.contains("\"kind\":\"resume\""));
        if let Err(why) = read
            && !cut()
        {
            return Err(wrong(index + 1, why));
        }
    }
    Ok(loaded)
}

fn read_line(line: &str, loaded: &mut LoadedTrials) -> Result<(), String> {
    let text = |error: serde_json::Error| error.to_string();
    let header: Header = serde_json::from_str(line).map_err(text)?;
    if header.v > bench_record::VERSION {
        return Err(format!("record version {} is newer than this bench (hint: update)", header.v));
    }
    match header.kind.as_str() {
        "explain" => loaded.asked = serde_json::from_str(line).map_err(text)?,
        "trial" => loaded.trials.push(serde_json::from_str(line).map_err(text)?),
        // What was interrupted has an end that a resumption takes back.
        "resume" => loaded.end = None,
        "end" => loaded.end = Some(serde_json::from_str(line).map_err(text)?),
        other => return Err(format!("unknown record kind `{other}`")),
    }
    Ok(())
}
