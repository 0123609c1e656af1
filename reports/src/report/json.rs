//! `summary.json`: the summary itself, indented.

use super::input::{Input, RenderError, Renderer};

/// Writes the summary as JSON, schema `bench.summary/2`.
#[derive(Clone, Copy, Debug)]
pub struct Json;

impl Renderer for Json {
    fn render(&self, input: &Input) -> Result<String, RenderError> {
        let mut text = serde_json::to_string_pretty(input.summary)?;
        text.push('\n');
        Ok(text)
    }
}

/// The parts of the summary that compare, under their names there.
pub(super) fn comparison_only(input: &Input) -> Result<String, RenderError> {
    let summary = input.summary;
    let value = serde_json::json!({
        "run_id": summary.run_id,
        "comparisons": summary.comparisons,
        "example_changes": summary.example_changes,
        "gates": summary.gates,
    });
    let mut text = serde_json::to_string_pretty(&value)?;
    text.push('\n');
    Ok(text)
}
