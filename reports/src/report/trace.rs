//! A report as a trace: the same document as `bench export --format chrome-trace`.

use super::input::{Input, RenderError, Renderer};
use crate::export::{self, ChromeTrace, Exporter as _};

/// Writes Chrome trace events.
#[derive(Clone, Copy, Debug)]
pub struct Trace;

impl Renderer for Trace {
    fn render(&self, input: &Input) -> Result<String, RenderError> {
        let input = export::Input { summary: input.summary, run: input.run };
        Ok(ChromeTrace.export(&input)?)
    }
}
