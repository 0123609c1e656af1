//! Whether a warm build tells the truth, and what damaged caches do to it (`bench verify`).

mod document;
mod judge;
mod text;

pub use document::{
    Difference, FaultOutcome, FaultSeen, Reproducible, RunSeen, RunVerdict, SCHEMA, Truthfulness,
    Verification, first_difference,
};
pub use judge::{
    Compared, FailingEditEvidence, FaultEvidence, FileFate, Outcomes, compare_examples,
    judge_failing_edit, judge_fault, judge_live_save, judge_other_cold, judge_restore,
    judge_unread, outcomes,
};
pub use text::{markdown, section, terminal};
