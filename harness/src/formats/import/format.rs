//! The formats, and reading each of them.

use std::fmt;
use std::io::Read;
use std::str::FromStr;

use bench_record::{UnknownName, by_name};

use super::results::Results;
use super::{criterion, gradle_profiler, hyperfine, junit};
use crate::formats::extract::{ExtractError, Malformed, Position, Source};

/// Most samples of one file: more are a mistake and not a benchmark, and each becomes a record.
const MAX_SAMPLES: usize = 100_000;

/// A format that `bench import` reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportFormat {
    /// What `hyperfine --export-json FILE` writes.
    Hyperfine,
    /// `sample.json` of criterion.rs, in `target/criterion/BENCHMARK/new/`.
    Criterion,
    /// `benchmark.csv` of `gradle-profiler --csv-format long`.
    GradleProfiler,
    /// `JUnit` XML.
    Junit,
}

impl ImportFormat {
    /// Every format in the order in which help lists them.
    pub const ALL: [Self; 4] =
        [Self::Hyperfine, Self::Criterion, Self::GradleProfiler, Self::Junit];

    /// The name on the command line and in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hyperfine => "hyperfine",
            Self::Criterion => "criterion",
            Self::GradleProfiler => "gradle-profiler",
            Self::Junit => "junit",
        }
    }

    /// What one series of the format is, as the name of a param.
    pub const fn series(self) -> &'static str {
        match self {
            Self::Hyperfine => "command",
            Self::Criterion => "benchmark",
            Self::GradleProfiler => "scenario",
            Self::Junit => "report",
        }
    }

    /// The only format that `text` can be, including variants of it that cannot be imported.
    pub fn guess(text: &str) -> Option<Self> {
        let text = text.trim_start_matches('\u{FEFF}').trim_start();
        if text.starts_with('<') {
            return Some(Self::Junit);
        }
        if text.starts_with(gradle_profiler::HEADER) || text.starts_with(gradle_profiler::WIDE) {
            return Some(Self::GradleProfiler);
        }
        let value: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
        let has = |key| value.contains_key(key);
        match (has("results"), has("iters") || (has("mean") && has("median_abs_dev"))) {
            (true, false) => Some(Self::Hyperfine),
            (false, true) => Some(Self::Criterion),
            _ => None,
        }
    }
}

impl fmt::Display for ImportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ImportFormat {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        by_name("format", &Self::ALL, Self::as_str, text)
    }
}

/// The text of a result file; `file` is what errors call it.
///
/// # Errors
/// When it cannot be read, is larger than [`crate::formats::extract::MAX_BYTES`] or not UTF-8.
pub fn text(input: &mut dyn Read, file: &str) -> Result<String, ExtractError> {
    let mut source = Source::new(input);
    let text = source.text();
    source.settle(text, file)
}

/// Reads the results out of `text`. `name` is what the series is called where the file does not say it.
///
/// # Errors
/// [`ExtractError::Malformed`] with the place when `text` is not of this format, and when it has no samples
/// or too many.
pub fn read(
    format: ImportFormat,
    text: &str,
    name: &str,
    file: &str,
) -> Result<Results, ExtractError> {
    // Some tools on Windows write a byte order mark.
    let text = text.trim_start_matches('\u{FEFF}');
    let results = match format {
        ImportFormat::Hyperfine => hyperfine::read(text),
        ImportFormat::Criterion => criterion::read(text, name),
        ImportFormat::GradleProfiler => gradle_profiler::read(text),
        ImportFormat::Junit => return junit::read(text, name, file),
    };
    let named =
        |Malformed { at, message }| ExtractError::Malformed { file: file.to_owned(), at, message };
    results.and_then(bounded).map_err(named)
}

/// Refuses results without a sample, and with more than anybody measured.
fn bounded(results: Results) -> Result<Results, Malformed> {
    let unit = |index: usize| Position::Unit(index as u64 + 1);
    if results.series.is_empty() {
        return Err(Malformed::new(unit(0), "there are no results, expected at least one"));
    }
    for (index, series) in results.series.iter().enumerate() {
        if series.samples.is_empty() {
            let message = format!("`{}` has no times, expected at least one", series.name);
            return Err(Malformed::new(unit(index), message));
        }
    }
    let count: usize = results.series.iter().map(|series| series.samples.len()).sum();
    if count > MAX_SAMPLES {
        let message = format!("{count} times, expected at most {MAX_SAMPLES}");
        return Err(Malformed::new(unit(0), message));
    }
    Ok(results)
}
