//! What a run says in the formats of other tools: one exporter per file.
//!
//! What a format cannot say honestly is left out of it, and [`Exporter::notes`] says so: a sample that is not
//! proven, failed or timed out enters no estimate, here as in a report, and times of another tool are never
//! handed to a tool that judges.

mod bencher;
mod chrome_trace;
mod hyperfine;
mod junit;
mod names;
mod series;
mod smaller_is_better;

use std::fmt;
use std::str::FromStr;

use bench_record::{LoadedRun, Outcome, Summary, UnknownName, by_name};

use crate::document::units::counted;

pub use bencher::Bencher;
pub use chrome_trace::ChromeTrace;
pub use hyperfine::Hyperfine;
pub use junit::Junit;
pub use smaller_is_better::SmallerIsBetter;

/// What an exporter gets.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// What the run says.
    pub summary: &'a Summary,
    /// The records that it was drawn from.
    pub run: &'a LoadedRun,
}

/// Why a document could not be made. No content of a record can cause one.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A map has keys other than text.
    #[error("cannot write the export as JSON")]
    Json(#[from] serde_json::Error),
    /// The writer refused an event.
    #[error("cannot write the export as XML")]
    Xml(#[from] std::io::Error),
}

/// Makes one document for another tool.
pub trait Exporter {
    /// The document, final newline included.
    ///
    /// # Errors
    /// [`ExportError`]; no content of a record can cause one.
    fn export(&self, input: &Input) -> Result<String, ExportError>;

    /// What the document leaves out or only assumes, one sentence each, for people.
    fn notes(&self, run: &LoadedRun) -> Vec<String>;
}

/// The formats that `bench export --format` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// Trace events as Chrome and Perfetto open them.
    ChromeTrace,
    /// Gates as test cases.
    Junit,
    /// What `hyperfine --export-json` writes.
    Hyperfine,
    /// `customSmallerIsBetter` of github-action-benchmark.
    SmallerIsBetter,
    /// Bencher Metric Format.
    Bencher,
}

impl ExportFormat {
    /// Every format in the order in which help lists them.
    pub const ALL: [Self; 5] =
        [Self::ChromeTrace, Self::Junit, Self::Hyperfine, Self::SmallerIsBetter, Self::Bencher];

    /// The name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ChromeTrace => "chrome-trace",
            Self::Junit => "junit",
            Self::Hyperfine => "hyperfine",
            Self::SmallerIsBetter => "smaller-is-better",
            Self::Bencher => "bencher",
        }
    }

    /// What makes it.
    pub const fn exporter(self) -> &'static dyn Exporter {
        match self {
            Self::ChromeTrace => &ChromeTrace,
            Self::Junit => &Junit,
            Self::Hyperfine => &Hyperfine,
            Self::SmallerIsBetter => &SmallerIsBetter,
            Self::Bencher => &Bencher,
        }
    }
}

impl fmt::Display for ExportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ExportFormat {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        by_name("format", &Self::ALL, Self::as_str, text)
    }
}

/// The document as indented JSON.
fn json(value: &impl serde::Serialize) -> Result<String, ExportError> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}

/// Says that samples outside of all estimates are left out, one sentence per kind; nothing when there are none.
fn without_bad_samples(run: &LoadedRun) -> Vec<String> {
    [Outcome::Unproven, Outcome::Failed, Outcome::TimedOut]
        .into_iter()
        .filter_map(|outcome| {
            let count = run.samples.iter().filter(|(sample, _)| sample.outcome == outcome).count();
            (count > 0).then(|| {
                let word = match outcome {
                    Outcome::TimedOut => "timed-out sample",
                    Outcome::Failed => "failed sample",
                    Outcome::Unproven | Outcome::Ok => "unproven sample",
                };
                format!("{} left out: no estimate rests on such", counted(count, word))
            })
        })
        .collect()
}

/// Says that a run was cut short.
fn cut_short(run: &LoadedRun) -> Option<String> {
    let complete = run.end.as_ref().is_some_and(|end| end.reason.is_complete());
    (!complete).then(|| "the run was cut short: this is what it measured".to_owned())
}
