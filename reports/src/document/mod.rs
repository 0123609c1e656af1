//! How documents are written, whatever they are about: text that is inert and fits, and numbers with units.

pub mod text;
pub mod units;
