//! Documents out of a summary: one renderer a format, one file a renderer.

mod comparison;
mod csv;
mod economics;
mod evidence;
mod examples;
mod history;
mod html;
mod json;
mod markdown;
mod next;
mod quota;
mod section;
mod side_by_side;
mod table;
mod terminal;
mod trace;

use std::fmt;
use std::str::FromStr;

use bench_record::{LoadedRun, Summary, UnknownName, by_name};

use crate::ablate::Ablation;
use crate::explain::Explanation;
use crate::trend::Recent;
use crate::verify::Verification;

pub use comparison::{gate_line, gate_line_with_host};
pub use csv::Csv;
pub(crate) use evidence::line as evidence_line;
pub use html::{Html, address_segment};
pub use json::Json;
pub use markdown::Markdown;
pub use next::{Next, NextCache};
pub use side_by_side::side_by_side;
pub(crate) use table::RegimeTable;
pub use terminal::Terminal;
pub use trace::Trace;

/// What a renderer gets.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// What the run says.
    pub summary: &'a Summary,
    /// The records that it was drawn from.
    pub run: &'a LoadedRun,
    /// Columns that a line may take (terminal only); less than 40 is taken as 40.
    pub width: usize,
    /// Whether colours may be used (terminal only).
    pub colour: bool,
    /// What lies beside the records (HTML; the quota and the history in every prose format).
    pub beside: Beside<'a>,
}

/// What a report can lead to or hold besides the records. It shows what other commands concluded, and concludes
/// nothing from it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// Relative address of the run's directory of logs, without a final slash and already encoded; no links
    /// without one.
    pub logs: Option<&'a str>,
    /// `explain.json`.
    pub explain: Option<&'a Explanation>,
    /// `ablate.json`.
    pub ablate: Option<&'a Ablation>,
    /// `verify.json`.
    pub verify: Option<&'a Verification>,
    /// What to do with the caches of the run.
    pub next: Option<&'a Next>,
    /// What the CI's cache holds (terminal and Markdown, too).
    pub quota: Option<&'a crate::quota::Quota>,
    /// Earlier runs; nothing is said about them without.
    pub history: Option<&'a Recent>,
}

/// Why a document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The summary is no JSON, which only a map with keys that are no text could cause.
    #[error("cannot write the summary as JSON")]
    Json(#[from] serde_json::Error),
    /// A format of another tool could not be written.
    #[error(transparent)]
    Export(#[from] crate::export::ExportError),
}

/// Makes one document.
pub trait Renderer {
    /// The document, final newline included.
    ///
    /// # Errors
    /// [`RenderError`]; no content of a record can cause one.
    fn render(&self, input: &Input) -> Result<String, RenderError>;
}

/// Only what the arms of a run say about each other and what the gates make of it.
///
/// # Errors
/// As [`Renderer::render`]; `None` for a format that has no such document.
pub fn comparison_only(format: Format, input: &Input) -> Option<Result<String, RenderError>> {
    match format {
        Format::Terminal => Some(Ok(terminal::comparison_only(input))),
        Format::Markdown => Some(Ok(markdown::comparison_only(input))),
        Format::Json => Some(json::comparison_only(input)),
        Format::Csv | Format::Html | Format::Trace => None,
    }
}

/// The formats that `bench report --format` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people, in columns.
    Terminal,
    /// For pull requests and job summaries.
    Markdown,
    /// For a browser: one self-contained file.
    Html,
    /// `summary.json`.
    Json,
    /// A row a measurement.
    Csv,
    /// Chrome trace events, as `bench export --format chrome-trace` writes them.
    Trace,
}

impl Format {
    /// Every format in the order in which help lists them.
    pub const ALL: [Self; 6] =
        [Self::Terminal, Self::Markdown, Self::Html, Self::Json, Self::Csv, Self::Trace];

    /// The name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Trace => "trace",
        }
    }

    /// What makes it.
    pub const fn renderer(self) -> &'static dyn Renderer {
        match self {
            Self::Terminal => &Terminal,
            Self::Markdown => &Markdown,
            Self::Html => &Html,
            Self::Json => &Json,
            Self::Csv => &Csv,
            Self::Trace => &Trace,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Format {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        by_name("format", &Self::ALL, Self::as_str, text)
    }
}
