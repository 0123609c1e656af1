//! How documents are written, whatever they are about.
//!
//! A document is built once, of typed blocks, and drawn by three renderers:
//!
//! ```text
//! Document --- head: title, facts, conclusion
//!          `-- sections --- heading, lead
//!                       `-- blocks: paragraphs, lists, tables, facts, figures, listings, folded blocks
//!                                   `-- words: plain text, foreign names, quantities, verdicts, links, ...
//!
//! terminal::render(&document, screen)   plain text that fits its width, colour only where allowed
//! markdown::render(&document)           GitHub-flavoured Markdown that fits a comment
//! html::render(&document, &data)        one self-contained page
//! ```
//!
//! Text from elsewhere (names, reasons, paths) is inert in all of them, because no block takes markup: [`Words`] holds
//! text, and every renderer escapes all of it. A block, a column or a piece of a sentence that only some of the
//! renderers have room for says so with [`Media`]; its facts are still built in one place.

mod block;
pub mod chart;
pub mod html;
pub mod markdown;
mod media;
mod section;
mod table;
pub mod terminal;
pub mod text;
pub mod units;
mod words;

pub use block::{Blocks, Card, Figure};
pub use media::Media;
pub use section::{Document, Head, Section};
pub use table::{Cell, Column, Table};
pub use words::{Link, NOTHING, Tone, Words, address_segment};
