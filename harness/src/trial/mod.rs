//! What `explain`, `ablate` and `verify` stand on: two runners, a golden snapshot, attempts, progress.
//!
//! ```text
//! Testbed (two runners) -> cold attempt -> GoldenSnapshot -> fresh copies -> attempt -> the command's own record
//! ```

mod attempt;
mod edit;
mod error;
mod progress;
mod snapshot;
mod testbed;

pub use attempt::{Attempt, succeeded, why_not};
pub use edit::SourceEdit;
pub use error::TrialError;
pub use progress::{Progress, TrialEvent, TrialSummary};
pub use snapshot::GoldenSnapshot;
pub use testbed::{CombinedArchive, LiveCopy, OnOtherRunner, Testbed};
