//! What a report is made of, and what makes one.

use bench_record::{LoadedRun, Summary};

use super::next::Next;
use crate::ablate::Ablation;
use crate::explain::Explanation;
use crate::quota::Quota;
use crate::trend::Recent;
use crate::verify::Verification;

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
    pub quota: Option<&'a Quota>,
    /// Earlier runs; nothing is said about them without.
    pub history: Option<&'a Recent>,
}

/// Why a document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The summary cannot be written as JSON, which only a map with keys other than text could cause.
    #[error("cannot write the summary as JSON")]
    Json(#[from] serde_json::Error),
    /// The rows cannot be written as CSV.
    #[error("cannot write the rows as CSV")]
    Csv(#[from] csv::Error),
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
