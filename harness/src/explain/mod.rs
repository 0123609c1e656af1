//! Which property of a runner breaks reuse, and the remedy (`bench explain`).
//!
//! ```text
//! sequence (the order of trials) -> explainer (makes and records one) -> change (the runner, into a variation and back)
//!     explain.ndjson -> `bench_reports::explain` (verdicts, document, text)
//! ```
//!
//! The method, its constants and what it cannot tell: `docs/EXPLAIN.md`.

mod change;
mod explainer;
mod isolate;
mod obstacles;
mod remedies;
mod scan;
mod sequence;
mod toolbox;

pub(crate) use remedies::tool_names;
pub use sequence::{ExplainRequest, explain};
