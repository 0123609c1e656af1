//! Whether a warm build tells the truth, and what damaged caches do to it (`bench verify`).

mod document;
mod judge;
mod text;

pub use document::{
    Difference, FaultOutcome, FaultSeen, Reproducible, RunSeen, RunVerdict, SCHEMA, Truthfulness,
    Verification, first_difference,
};
pub use judge::{
    Compared, FaultEvidence, FileFate, Outcomes, compare_examples, judge_fault, outcomes,
};
pub use text::{markdown, section, terminal};
