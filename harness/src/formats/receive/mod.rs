//! Records from someone who is not trusted: the artifact of a pull request's own job.
//!
//! A fork decides every byte of what its job uploads. Nothing here is unpacked to disk and no name of the
//! artifact becomes a path: one file is read into memory under a limit, every value of it is compared with
//! its own limit, and what remains is written anew from typed records. Text stays as it is; documents
//! escape it (`bench_reports::document::text`), as they do for every run.

mod check;
mod content;
mod refusal;
mod values;

pub use check::{checked, receive};
pub use content::records;
pub use refusal::{Limits, Refused};
