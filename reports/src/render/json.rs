//! `summary.json`: the summary itself, indented.

use super::{Input, RenderError, Renderer};

/// Writes the summary as JSON, schema `bench.summary/1`.
#[derive(Clone, Copy, Debug)]
pub struct Json;

impl Renderer for Json {
    fn render(&self, input: &Input) -> Result<String, RenderError> {
        let mut text = serde_json::to_string_pretty(input.summary)?;
        text.push('\n');
        Ok(text)
    }
}
