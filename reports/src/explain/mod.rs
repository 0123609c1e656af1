//! Which property of a runner breaks reuse, and what to do about it (`bench explain`).
//!
//! ```text
//! explain.ndjson -> judge (a verdict on each change) -> conclude, with remedies -> document (explain.json) -> text
//! ```

mod conclude;
mod document;
mod judge;
mod remedies;
mod text;

pub use conclude::conclude;
pub use document::{
    Control, DecidedBy, Explanation, Measurement, NamedInCache, PropertySeen, Remedy, ReuseVerdict,
    SCHEMA, Staleness,
};
pub use judge::{
    BREAKS, BREAKS_SECONDS, Experiment, Judge, Judged, KEEPS, KEEPS_SECONDS, REPEATED,
    REPEATS_SECONDS, property_verdict,
};
pub use remedies::{RemedyEntry, ToolNames, find_remedy, remedy_entries};
pub use text::{markdown, section, terminal};
