//! Seeds that one job makes and another job, on another machine, starts from.
//!
//! Prime writes each seed as a directory that a CI's cache step can save: a manifest that says what it is and who
//! made it, a list of every file, and the files themselves. Measure believes none of it: what the cache step put in
//! place is compared with the list, and the list with what this job is asked to measure. A seed that is missing, not
//! whole or of something else is an error that names it, never a cold sample.

mod arrive;
mod check;
mod hand_over;
mod key;
mod listing;
mod manifest;

use std::collections::BTreeMap;
use std::path::PathBuf;

use bench_record::{Arm, Outcome};

use crate::cache::snapshot::Seed;

pub use arrive::{Arriving, arrive};
pub use check::{Problem, Refused};
pub use hand_over::{HandOverError, Prime, count_saved, is_saved, refuse_foreign};
pub use key::{Identity, KeyError, check_tag};

/// Where seeds lie when nobody says: a path that is the same text in every job of a workflow.
pub const DEFAULT_DIR: &str = ".bench/seed";

/// Which samples a run takes, and what it does with seeds.
#[derive(Debug)]
pub enum Handover {
    /// All of them.
    Whole,
    /// Everything but cross-runner; the seeds are saved.
    Prime(Box<Prime>),
    /// Cross-runner, from seeds that another job made.
    Measure(BTreeMap<(u32, Arm), Arrived>),
}

/// What another job left for one arm of a block.
#[derive(Clone, Debug)]
pub enum Arrived {
    /// A seed that is whole.
    Seed(Box<Seed>),
    /// The cold run failed, so there is none.
    Failed(Outcome, String),
}

/// The name of the seed of a block and arm: its directory, and how `--restore-seconds` calls it.
pub fn name(block: u32, arm: Arm) -> String {
    format!("b{block:03}-{arm}")
}

/// Names of what lies in the directory of a seed.
pub(crate) use bench_record::files::SNAPSHOT_MANIFEST as MANIFEST;
const LISTING: &str = "files.ndjson";
const DATA: &str = "data";

/// The directories of all `seeds` beneath `dir`.
fn directory(dir: &std::path::Path, block: u32, arm: Arm) -> PathBuf {
    dir.join(name(block, arm))
}
