//! The report of a run: one document, drawn as text, Markdown or a page, or its rows and records for other programs.
//!
//! One file per section builds its blocks; `sections` lists them. Nothing here knows how a block is drawn.

mod about;
mod advice;
mod cells;
mod comparison;
mod csv;
mod data;
mod economics;
mod evidence;
mod examples;
mod findings;
mod first_example;
mod formats;
mod gates;
mod head;
mod history;
mod input;
mod job;
mod json;
mod judgements;
mod next;
mod quota;
mod regimes;
mod samples;
mod sections;
mod side_by_side;
mod trace;

pub(crate) use cells::RegimeTable;
pub use csv::Csv;
pub(crate) use evidence::line as evidence_line;
pub use formats::{ReportFormat, comparison_only};
pub use input::{Beside, Input, RenderError, Renderer};
pub use json::Json;
pub use next::{Next, NextCache};
pub use sections::{Html, Markdown, Terminal};
pub use side_by_side::side_by_side;
pub use trace::Trace;
