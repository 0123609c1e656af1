//! Changes one property of the first runner, or several, and takes the change back.
//!
//! What can be changed in place is: a rename or a metadata change leaves everything else as it was. Only new
//! inodes need a copy. Caches are never used twice: each trial gets fresh copies of the snapshot.

mod apply;
mod caches;
mod commands;
mod context;
mod directories;
mod undo;

pub(super) use apply::{Changes, apply};
pub(super) use commands::other_jobs;
pub(super) use context::RunnerFacts;
