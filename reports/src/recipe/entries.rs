//! The entries of the cache service that a recipe writes steps for, and which params belong into their keys.

use std::collections::BTreeMap;

use super::document::{Declared, DeclaredCache, Input};
use super::key::Key;
use super::places::place;
use super::sizes::Archives;
use super::workflow::ServiceEntry;
use super::worth::Worth;
use crate::document::Words;
use crate::explain::ReuseVerdict;

/// Foreign things that a sentence lists at most.
pub(super) const LISTED: usize = 40;

/// Params that change what an entry with these caches holds: they belong into its key. `jobs` does not where it was
/// seen to change nothing.
fn key_params(
    input: &Input,
    declared: &Declared,
    caches: &[&DeclaredCache],
) -> BTreeMap<String, String> {
    let free = |name: &str| {
        name == "jobs"
            && input.explanation.is_some_and(|explanation| {
                explanation.with(ReuseVerdict::Keeps).any(|property| property.name == name)
            })
    };
    let changes = |name: &str| {
        let mut conditions = caches.iter().map(|cache| cache.when.get(name));
        let first = conditions.next().flatten();
        if !conditions.all(|other| other == first) {
            // It decides which of these caches are in the entry.
            return true;
        }
        // With one value only, the name of the cache says as much.
        let fixed = first.is_some_and(|values| values.len() == 1);
        !fixed && declared.params.contains(name)
    };
    let params = input.summary.params.iter();
    params
        .filter(|(name, _)| changes(name) && !free(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The entries that can be written: every cache has a place, something in it, and is worth it as far as that is known.
pub(super) fn entries(input: &Input, archives: &Archives) -> Vec<ServiceEntry> {
    let Some(declared) = input.declared else { return Vec::new() };
    let worth = input.ablation.and_then(Worth::new);
    let cache = |name: &&str| declared.caches.iter().find(|cache| cache.name == **name);
    let of = |group: Vec<&str>| {
        let wanted =
            |name: &&str| !archives.empty(name) && worth.is_none_or(|worth| worth.keeps(name));
        let names: Vec<&str> = group.into_iter().filter(wanted).collect();
        let caches: Vec<&DeclaredCache> = names.iter().map(cache).collect::<Option<_>>()?;
        let paths: Option<Vec<String>> =
            caches.iter().map(|cache| place(cache, declared).path()).collect();
        let params = key_params(input, declared, &caches);
        let key = Key::new(names.first()?, &input.run.run.tools, &params, &declared.locks);
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Some(ServiceEntry { names, paths: paths?, params, key })
    };
    archives.groups().into_iter().filter_map(of).collect()
}

/// Whether an ablation leaves caches of the run out, so that what explains all of them may not be of those that are kept.
pub(super) fn left_out(input: &Input) -> bool {
    let worth = input.ablation.and_then(Worth::new);
    worth.is_some_and(|worth| input.run.run.caches.iter().any(|name| !worth.keeps(name)))
}

/// Foreign names between commas.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> Words {
    Words::joined(names.into_iter().take(LISTED).map(|name| Words::new().code(name)), ", ")
}
