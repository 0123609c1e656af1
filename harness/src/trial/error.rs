//! Why trials end early.

use std::path::PathBuf;

use crate::sample::StepError;
use crate::scenario::Scenario;
use bench_record::WriteError;

/// Why trials end early. Everything that was measured before is on disk.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// There is no cache to try anything with.
    #[error("scenario `{scenario}` has no active cache with these params{hint}")]
    NoCache {
        /// The scenario.
        scenario: String,
        /// How to get one; may be empty.
        hint: String,
    },
    /// A cache is a symbolic link.
    #[error("cache `{cache}` is behind the symbolic link `{}`: what it leads to does not belong to the runner", path.display())]
    LinkedCache {
        /// The cache.
        cache: String,
        /// The link.
        path: PathBuf,
    },
    /// The cold run fails, so there are no caches to start from.
    #[error("the cold run that fills the caches fails: {reason} (hint: its logs are in `{}`)", logs.display())]
    ColdRun {
        /// Why.
        reason: String,
        /// Where its logs are.
        logs: PathBuf,
    },
    /// A trial could not be made.
    #[error(transparent)]
    Step(StepError),
    /// A line could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl TrialError {
    /// [`TrialError::NoCache`], with the first param value that activates a cache as a hint.
    pub fn no_cache(scenario: &Scenario) -> Self {
        let mut conditions = scenario.caches.iter().flat_map(|cache| &cache.when.0);
        let hint = conditions.find_map(|(param, values)| {
            Some(format!(" (hint: --set {param}={})", values.first()?))
        });
        Self::NoCache { scenario: scenario.name.clone(), hint: hint.unwrap_or_default() }
    }
}

/// Whatever can keep a step from being made.
impl<E> From<E> for TrialError
where
    StepError: From<E>,
{
    fn from(error: E) -> Self {
        Self::Step(StepError::from(error))
    }
}
