//! What an explanation tried and saw.

use bench_record::{ExplainTrial, Property};
use std::collections::BTreeMap;

use bench_reports::explain::{DecidedBy, NamedInCache};

/// Everything that the verdicts are drawn from.
#[derive(Clone, Debug, Default)]
pub struct Experiment {
    /// Every trial, those of earlier processes too.
    pub trials: Vec<ExplainTrial>,
    /// Properties that cannot be changed here, with the reason.
    pub not_tested: BTreeMap<Property, String>,
    /// What should be known about how a property was changed.
    pub notes: BTreeMap<Property, String>,
    /// What in the caches names this machine.
    pub found: Vec<NamedInCache>,
    /// Why no edit was tried.
    pub no_edit: Option<String>,
    /// What decides.
    pub decided_by: DecidedBy,
    /// The signal that ended it early.
    pub interrupted: Option<i32>,
}
