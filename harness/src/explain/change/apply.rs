//! Brings the first runner into a variation, and back.

use std::collections::BTreeMap;
use std::path::Path;

use bench_record::{Property, Variation};

use super::caches::put_caches;
use super::commands::{change_environment, change_identity, change_tools, other_jobs};
use super::context::{Change, Places, RunnerFacts};
use super::directories::{change_places, change_sources};
use super::undo::Undo;
use crate::explain::isolate::Disguise;
use crate::runner::{Runner, Tweaks};
use crate::scenario::template::{Placeholder, Template};
use crate::trial::{GoldenSnapshot, Testbed, TrialError};

/// What a trial starts with.
#[derive(Clone, Copy, Debug)]
pub(in crate::explain) struct Changes<'a> {
    /// What is changed.
    pub(in crate::explain) variation: &'a Variation,
    /// The caches; `None` for empty ones.
    pub(in crate::explain) snapshot: Option<&'a GoldenSnapshot>,
    /// Variables of the remedies that are in place.
    pub(in crate::explain) remedy: &'a BTreeMap<String, Template>,
}

/// A runner that is in a variation; [`Applied::undo`] takes it back.
#[must_use = "a runner that is not taken back spoils every later trial"]
pub(in crate::explain) struct Applied {
    undo: Undo,
    places: Places,
    disguise: Disguise,
    /// What its commands need.
    pub(in crate::explain) tweaks: Tweaks,
    /// Params that replace those of the session.
    pub(in crate::explain) params: BTreeMap<String, String>,
}

/// Brings the first runner from its start into a variation.
pub(in crate::explain) fn apply(
    testbed: &mut Testbed<'_, '_>,
    facts: &RunnerFacts,
    changes: Changes<'_>,
) -> Result<Applied, TrialError> {
    testbed.clean(&[])?;
    let (state, scenario) = (testbed.state(), testbed.session.scenario);
    let caches = testbed.caches.clone();
    let jobs = changes.variation.has(Property::Jobs);
    let params = jobs.then(|| other_jobs(scenario, &testbed.setup.params)).flatten();
    let mut change = Change {
        state,
        scenario,
        facts,
        variation: changes.variation,
        runner: testbed.first_mut(),
        undo: Undo::default(),
        tweaks: Tweaks::default(),
        disguise: Disguise::default(),
    };
    change.undo.remove(change.runner.rel().join("elsewhere"));
    change_sources(&mut change)?;
    change_places(&mut change)?;
    put_caches(&mut change, &caches, changes.snapshot)?;
    change_tools(&mut change)?;
    change_environment(&mut change)?;
    change_identity(&mut change)?;
    for (name, value) in changes.remedy {
        let value = expand(value, change.runner);
        change.set(name, value);
    }
    let Change { undo, tweaks, disguise, .. } = change;
    let params = params.into_iter().collect();
    Ok(Applied { undo, places: facts.places.clone(), disguise, tweaks, params })
}

impl Applied {
    /// Takes the runner back to where it was; what the trial left is set aside.
    pub(in crate::explain) fn undo(self, testbed: &mut Testbed<'_, '_>) -> Result<(), TrialError> {
        // Nothing may have the identity of these commands any more.
        drop(self.disguise);
        self.undo.run(testbed.state())?;
        self.places.restore(testbed.first_mut());
        Ok(())
    }
}

/// A remedy's value on this runner as it is now.
fn expand(value: &Template, runner: &Runner) -> String {
    let text = |path: &Path| Some(path.to_string_lossy().into_owned());
    let expanded = value.expand(&|placeholder| match placeholder {
        Placeholder::Workspace => text(&runner.workspace),
        Placeholder::Home => text(&runner.home),
        Placeholder::Cache => text(&runner.cache),
        _ => None,
    });
    // The catalogue has only these placeholders, which a test makes sure of.
    expanded.unwrap_or_else(|_| value.as_str().to_owned())
}
