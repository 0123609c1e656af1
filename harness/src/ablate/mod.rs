//! What each cache is worth: the phases with some of the caches in place, set by set, in blocks (`bench ablate`).
//!
//! The method and what it cannot tell: `docs/ABLATE.md`. The figures are worked out in `bench_reports::ablate`.

mod measure;

pub use measure::ablate;
