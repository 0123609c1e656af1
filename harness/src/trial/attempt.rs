//! One attempt: the phases, run once on a runner in a known state.

use std::collections::BTreeMap;

use bench_record::{Outcome, ProbeReading, SampleId};

use super::snapshot::GoldenSnapshot;
use crate::runner::{Runner, Tweaks};
use crate::sample::{ArmSetup, Session, StepError, Trial, Tried, try_out};

/// What is run, and what differs from a plain run of the scenario.
#[derive(Clone, Debug, Default)]
pub struct Attempt {
    /// Names its logs; unique in a session.
    pub name: String,
    /// What differs in its commands.
    pub tweaks: Tweaks,
    /// Probe counters that came with the caches; hits are what was added to them.
    pub counters: BTreeMap<String, ProbeReading>,
    /// Params that replace those of the session.
    pub params: BTreeMap<String, String>,
    /// Whether daemons stay alive when it is over.
    pub keep_daemons: bool,
}

impl Attempt {
    /// A run without caches.
    pub fn cold(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// A run with caches of `snapshot`.
    pub fn warm(name: impl Into<String>, snapshot: &GoldenSnapshot) -> Self {
        Self { counters: snapshot.counters().clone(), ..Self::cold(name) }
    }

    pub(super) fn run(
        &self,
        session: &mut Session<'_>,
        setup: &ArmSetup,
        runner: &Runner,
    ) -> Result<Tried, StepError> {
        let mut setup = setup.clone();
        setup.params.extend(self.params.clone());
        let trial = Trial {
            id: SampleId(self.name.clone()),
            tweaks: &self.tweaks,
            counters: &self.counters,
            keep_daemons: self.keep_daemons,
        };
        try_out(session, &setup, runner, &trial)
    }
}

/// Whether the phases ran to their end.
pub fn succeeded(tried: &Tried) -> bool {
    tried.outcome == Outcome::Ok
}

/// Why an attempt did not succeed.
pub fn why_not(tried: &Tried) -> String {
    tried.reason.clone().unwrap_or_else(|| tried.outcome.to_string())
}
