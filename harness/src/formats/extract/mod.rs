//! Times of examples out of what a command printed or wrote: one file per format, and one table of them all.
//!
//! A report is input from outside: it may be cut short, huge or hostile. It is read as a stream where its
//! format allows, never past [`MAX_BYTES`], no entity is ever expanded, and what is wrong with it is an
//! error that names the file and the place.

mod error;
mod format;
mod go_test;
mod jest;
mod junit;
mod libtest;
mod lines;
mod ninja;
mod nox;
mod seconds;
mod separated;
mod source;
mod tap;
mod times;
mod timings;

pub use error::{ExtractError, MAX_BYTES, Position};
pub use format::{ExtractFormat, FORMATS, FormatInfo, extract};
pub use lines::{LinePattern, PatternError};
pub use times::ExampleTime;

pub(crate) use error::Malformed;
pub(crate) use format::junit;
pub(crate) use seconds::{from_millis, from_nanos, from_seconds, short};
pub(crate) use source::Source;
