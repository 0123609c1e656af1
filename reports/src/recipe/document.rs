//! What a recipe is made of and what it comes to: the run, what its scenario declares, and the advice.

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{LoadedRun, Summary};

use crate::ablate::Ablation;
use crate::answer::Answer as _;
use crate::explain::Explanation;

/// Bytes a second that a restore on a hosted runner was seen to have; used where the user states none.
pub const HOSTED_RESTORE: f64 = 91e6;

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
    pub env: BTreeMap<String, String>,
    /// Commands that stop daemons before the caches are saved.
    pub daemons: Vec<String>,
    /// Lock files in the root of the source, where it is known.
    pub locks: Vec<String>,
    /// Params that change what is run. The others choose caches, archives or counters only.
    pub params: BTreeSet<String>,
}

/// The directory of a runner that holds a cache.
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
    /// The directory that holds it.
    pub root: Root,
    /// Path inside that directory, with `/`.
    pub path: String,
    /// Variable that points a tool to it.
    pub env: Option<String>,
    /// Patterns of files inside it that the run did not save.
    pub exclude: Vec<String>,
    /// The params that it is active under, with the values of each; it is always active where there are none.
    pub when: BTreeMap<String, Vec<String>>,
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

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// The saving is certain: its interval lies above zero.
    Cache,
    /// A saving was seen in every way that was looked at, in too few blocks for an interval.
    Provisional,
    /// Nothing is saved, or the restored cache does harm.
    DoNot,
    /// The run does not say.
    Unknown,
}

impl Advice {
    /// Whether a workflow is written.
    pub const fn is_for(self) -> bool {
        matches!(self, Self::Cache | Self::Provisional)
    }

    /// The advice in a few words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cache => "Cache it",
            Self::Provisional => {
                "Cache it, provisionally (measure at least 6 blocks to be certain)"
            }
            Self::DoNot => "Do not cache it in CI",
            Self::Unknown => "This run gives no advice",
        }
    }
}

/// The advice and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The advice.
    pub advice: Advice,
    /// Why, with the figures: a clause without a full stop.
    pub reason: String,
}

impl Decision {
    /// Advice and reason.
    pub fn sentence(&self) -> String {
        format!("{}: {}.", self.advice.as_str(), self.reason)
    }
}

impl Input<'_> {
    /// A sentence for each document that was made with other scenario files than the run.
    pub(super) fn changed(&self) -> impl Iterator<Item = String> {
        let run = &self.run.run;
        let explanation = self.explanation.and_then(|explanation| explanation.changed_since(run));
        let ablation = self.ablation.and_then(|ablation| ablation.changed_since(run));
        explanation.into_iter().chain(ablation)
    }
}
