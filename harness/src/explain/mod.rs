//! Which property of a runner breaks reuse, and the remedy (`bench explain`).
//!
//! ```text
//! sequence (the order of trials) -> explainer (makes and records one) -> change (the runner, into a variation and back)
//!     explain.ndjson -> judge (verdicts) -> report (explain.json) -> render (terminal, Markdown)
//! ```
//!
//! The method, its constants and what it cannot tell: `docs/EXPLAIN.md`.

mod change;
mod experiment;
mod explainer;
mod isolate;
mod judge;
mod obstacles;
mod remedies;
mod render;
mod report;
mod scan;
mod sequence;
mod toolbox;

pub use experiment::Experiment;
pub use judge::{BREAKS, BREAKS_SECONDS, Judge, Judged, KEEPS, KEEPS_SECONDS, REPEATS_SECONDS};
pub use render::{markdown, terminal};
pub use report::report;
pub use sequence::{ExplainRequest, explain};
