//! What to do with each cache of a run: the one decision on all of them, as far as it goes for each.

use std::borrow::Cow;

use super::document::{Advice, Decision, DeclaredCache, Input};
use super::places::{Place, place};
use super::sizes::{Archives, Size};
use super::worth::Worth;
use crate::document::text::quoted;

/// What a run with several caches cannot say.
pub(super) const TOGETHER: &str =
    "These caches were measured together: the run does not say what each of them is worth.";

/// One cache.
pub(super) struct Row<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// As the scenario declares it; `None` where the scenario is not at hand.
    pub(super) declared: Option<&'a DeclaredCache>,
    /// Where it is in CI.
    pub(super) place: Option<Place>,
    /// What it holds.
    pub(super) size: &'a Size<'a>,
    /// Whether to cache it, in words.
    pub(super) advice: Cow<'static, str>,
}

/// Every cache of the run in order.
pub(super) fn rows<'a>(
    input: &Input<'a>,
    decision: &Decision,
    archives: &'a Archives<'a>,
) -> Vec<Row<'a>> {
    let worth = input.ablation.and_then(Worth::new);
    let row = |(name, size): &'a (&'a str, Size<'a>)| {
        let declared = input.declared.and_then(|d| d.caches.iter().find(|one| one.name == *name));
        let place = declared.zip(input.declared).map(|(cache, declared)| place(cache, declared));
        let advice = match (decision.advice, &place) {
            _ if archives.empty(name) => "no: it stays empty".into(),
            _ if worth.is_some_and(|worth| !worth.keeps(name)) => {
                worth.map_or_else(String::new, |worth| worth.against(name)).into()
            }
            (Advice::DoNot, _) => "no".into(),
            (Advice::Unknown, _) => "not known".into(),
            (Advice::Cache | Advice::Provisional, Some(Place::Refused)) => {
                "not like this: see below".into()
            }
            (Advice::Cache | Advice::Provisional, None) => "yes, path not known".into(),
            (Advice::Cache, _) => "yes".into(),
            (Advice::Provisional, _) => "yes, provisionally".into(),
        };
        Row { name, declared, place, size, advice }
    };
    archives.all.iter().map(row).collect()
}

impl Row<'_> {
    /// What the run did not save of it: a sentence.
    pub(super) fn excluded(&self) -> Option<String> {
        let cache = self.declared.filter(|cache| !cache.exclude.is_empty())?;
        let patterns: Vec<String> = cache.exclude.iter().map(|one| quoted(one)).collect();
        Some(format!(
            "The run left {} out of {}. The cache action cannot leave out parts of a directory: delete them before the save where they are large.",
            patterns.join(", "),
            quoted(self.name)
        ))
    }
}

/// What is known of the worth of each of several caches; a sentence each.
pub(super) fn worths(input: &Input) -> Vec<String> {
    if input.run.run.caches.len() < 2 {
        return Vec::new();
    }
    let Some(worth) = input.ablation.and_then(Worth::new) else { return vec![TOGETHER.to_owned()] };
    let known =
        |one| Some(format!("On another runner, {}: {}.", quoted(one), worth.sentence(one)?));
    worth.names().filter_map(known).collect()
}

/// What must be known about where caches are; a sentence each.
pub(super) fn remark(place: Option<&Place>) -> Option<&'static str> {
    match place {
        Some(Place::Home(_)) => Some(
            "A path below the home directory is stored relative to the workspace. Restored where the workspace has another depth it lands in the wrong place, and the step reports success. Point the tool to a directory in the workspace, or make sure that every runner has the same workspace and home.",
        ),
        Some(Place::Refused) => Some(
            "A path with other characters than letters, digits and `._/+@=-` is a pattern to the cache action: no steps are written for it.",
        ),
        Some(Place::Workspace(_)) => None,
        None => Some(
            "The scenario of this run is not at hand, so the paths of its caches are not known and no steps are written.",
        ),
    }
}
