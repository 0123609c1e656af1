//! Which active caches are saved and restored together.

use std::collections::BTreeMap;

use super::model::{CacheSpec, Scenario, Transport};

/// What is saved as one archive: several caches, or, most often, one.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// Name of the archive.
    pub name: String,
    /// Its caches, in the order of the file; never empty. What is counted once (size and times of the
    /// archive, bytes of a file that several name by hard links) is counted for the first.
    pub caches: Vec<CacheSpec>,
}

impl Bundle {
    /// How it reaches the same runner again: all its caches agree.
    pub fn transport(&self) -> Transport {
        self.caches.first().map_or_else(Transport::default, |cache| cache.transport)
    }
}

impl Scenario {
    /// The caches that are active under `params`, by archive, in the order of their first caches.
    pub fn bundles(&self, params: &BTreeMap<String, String>) -> Vec<Bundle> {
        let mut bundles: Vec<Bundle> = Vec::new();
        for cache in self.caches.iter().filter(|cache| cache.when.holds(params)) {
            let shared = self
                .archives
                .iter()
                .find(|archive| archive.when.holds(params) && archive.caches.contains(&cache.name));
            let name = shared.map_or(&cache.name, |archive| &archive.name);
            match bundles.iter_mut().find(|bundle| bundle.name == *name) {
                Some(bundle) => bundle.caches.push(cache.clone()),
                None => bundles.push(Bundle { name: name.clone(), caches: vec![cache.clone()] }),
            }
        }
        bundles
    }
}
