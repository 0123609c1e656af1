//! The formats of a report by name.

use std::fmt;
use std::str::FromStr;

use bench_record::{UnknownName, by_name};

use super::csv::Csv;
use super::input::{Input, RenderError, Renderer};
use super::json::{self, Json};
use super::sections::{Html, Markdown, Terminal, comparison_as_markdown, comparison_on_terminal};
use super::trace::Trace;

/// The formats that `bench report --format` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// For people, in columns.
    Terminal,
    /// For pull requests and job summaries.
    Markdown,
    /// For a browser: one self-contained file.
    Html,
    /// `summary.json`.
    Json,
    /// One row per measurement.
    Csv,
    /// Chrome trace events, as `bench export --format chrome-trace` writes them.
    Trace,
}

impl ReportFormat {
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

impl fmt::Display for ReportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ReportFormat {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        by_name("format", &Self::ALL, Self::as_str, text)
    }
}

/// Only what the arms of a run say about each other and what the gates make of it.
///
/// # Errors
/// As [`Renderer::render`]; `None` for a format that has no such document.
pub fn comparison_only(format: ReportFormat, input: &Input) -> Option<Result<String, RenderError>> {
    match format {
        ReportFormat::Terminal => Some(Ok(comparison_on_terminal(input))),
        ReportFormat::Markdown => Some(Ok(comparison_as_markdown(input))),
        ReportFormat::Json => Some(json::comparison_only(input)),
        ReportFormat::Csv | ReportFormat::Html | ReportFormat::Trace => None,
    }
}
