//! What to write into CI: from a run, what its scenario declares and an explanation to a Markdown page.
//!
//! ```text
//! summary -> decide ----------------------------\
//! declared, params -> places -> key -> workflow ---> page
//! explain.json -> explanation --------------------/      (next: the same in short, for a report)
//! ablate.json -> worth -> decide, which caches
//! ```

mod caches;
mod decide;
mod key;
mod next;
mod page;
mod places;
mod sizes;
mod workflow;
mod worth;
pub mod yaml;

use bench_record::{LoadedRun, Summary};

use crate::ablate::Ablation;
use crate::explain::Explanation;
pub use decide::{Advice, Decision, decide};
pub use key::{KEY_LIMIT, Key};
pub use next::next;

/// Bytes a second that a restore on a hosted runner was seen to have; used where the user states none.
pub const HOSTED_RESTORE: f64 = 91e6;
/// What GitHub keeps for a repository, in bytes; the least recently used entry goes first.
pub const QUOTA: u64 = 10_000_000_000;

/// The CI system that a workflow is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ci {
    /// GitHub Actions.
    GitHub,
    /// Forgejo Actions.
    Forgejo,
}

/// What the scenario declares and the run's records do not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Caches that are active under the run's params.
    pub caches: Vec<DeclaredCache>,
    /// Variables of every measured command, as the scenario writes them (`{workspace}`, `{cache}`, ...).
    pub env: std::collections::BTreeMap<String, String>,
    /// Commands that stop daemons before the caches are saved.
    pub daemons: Vec<String>,
    /// Lock files in the root of the source, where it is known.
    pub locks: Vec<String>,
}

/// The directory of a runner that a cache lies beneath.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// `{workspace}`
    Workspace,
    /// `{home}`
    Home,
    /// `{cache}`
    Cache,
}

impl Root {
    /// As scenarios write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Workspace => "{workspace}",
            Self::Home => "{home}",
            Self::Cache => "{cache}",
        }
    }
}

/// A cache as it is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredCache {
    /// Name.
    pub name: String,
    /// What it lies beneath.
    pub root: Root,
    /// Path beneath the root, with `/`.
    pub path: String,
    /// Variable that points a tool to it.
    pub env: Option<String>,
    /// Patterns beneath it that the run did not save.
    pub exclude: Vec<String>,
}

/// What a recipe is made of.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The run.
    pub run: &'a LoadedRun,
    /// Its summary, with the stated transfer rate in its economics.
    pub summary: &'a Summary,
    /// What its scenario declares; `None` where the scenario is not at hand.
    pub declared: Option<&'a Declared>,
    /// An explanation of the same scenario and params.
    pub explanation: Option<&'a Explanation>,
    /// An ablation of the same scenario and params: which of the caches to keep.
    pub ablation: Option<&'a Ablation>,
    /// Systems to write a workflow for.
    pub systems: &'a [Ci],
}

/// The page, final newline included.
pub fn recipe(input: &Input) -> String {
    page::page(input)
}

/// A document that grows.
struct Text(String);

impl Text {
    fn push(&mut self, text: &str) {
        self.0.push_str(text);
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}
