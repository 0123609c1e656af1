//! Documents to look around in: one file that loads nothing, for a browser, a screen reader and a printer.
//!
//! Everything that is shown is in the page itself; the script only sorts, filters and opens details.

mod block;
mod inline;
mod page;
mod table;

use serde::Serialize;

use super::section::Document;

/// Draws a document as one self-contained page. `data` is what its script shows of single items.
///
/// # Errors
/// When the data cannot be written as JSON: a map in it has keys other than text.
pub fn render(document: &Document, data: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(page::page(document, &serde_json::to_string(data)?).into_string())
}
