//! Results of other tools as runs: one file per format.
//!
//! Such a result says how long something took, not what the caches held, in which order arms ran, or on
//! which machine. So what is read is kept exactly and nothing is added: see `docs/RECORD.md`.

mod criterion;
mod format;
mod gradle_profiler;
mod hyperfine;
mod junit;
mod records;
mod results;

pub use format::{ImportFormat, read, text};
pub use records::{ImportOrigin, records};
pub use results::{ImportedSeries, Reading, Results};
