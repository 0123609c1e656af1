//! Snapshots that one job makes and another job, on another machine, starts from.
//!
//! The prime job writes each snapshot as a directory that a CI's cache step can save: a manifest that says what it is
//! and who made it, a list of every file, and the files themselves. The measure job trusts none of it: what the cache
//! step put in place is compared with the list, and the manifest with what this job is to measure. A snapshot that is
//! missing, incomplete or of something else is an error that names it, never a cold sample.

mod key;
mod listing;
mod load;
mod manifest;
mod problem;
mod save;

pub use key::{Identity, KeyError, check_tag};
pub use load::SnapshotReader;
pub use manifest::{DEFAULT_DIR, name};
pub use problem::{SnapshotProblem, UnusableSnapshots};
pub use save::{ColdRun, SaveError, SnapshotWriter, count_saved, is_saved, refuse_foreign};
