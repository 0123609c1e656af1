//! The seed's caches: copied aside once, put in place for every trial.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bench_record::{OLD_PATH_STAYS, ProbeReading, Property, Variation};
use filetime::FileTime;
use globset::GlobSet;

use super::{Machine, Start, set_times};
use crate::cache::archive;
use crate::explain::ExplainError;
use crate::runner::Tweaks;
use crate::scenario::Root;
use crate::system::fs::state::StateRoot;
use crate::system::fs::tree::{self, CopyOptions, Inventory, Mtimes};

/// The caches that a cold run left, kept aside so that no trial sees what another one wrote.
#[derive(Debug, Default)]
pub(in crate::explain) struct GoldenCaches {
    /// By cache; absent where the cold run left nothing.
    pub(in crate::explain) trees: BTreeMap<String, PathBuf>,
    archives: BTreeMap<String, PathBuf>,
    /// Counters that travel with them.
    pub(in crate::explain) counters: BTreeMap<String, ProbeReading>,
}

impl Machine {
    /// Copies what a cold run left in the caches into `name` beneath the runner.
    pub(in crate::explain) fn keep(
        &self,
        state: &StateRoot,
        name: &str,
        counters: BTreeMap<String, ProbeReading>,
    ) -> Result<GoldenCaches, ExplainError> {
        let rel = self.runner.rel().join(name);
        let archives = state.dir(&rel.join("archives"))?;
        let mut kept = GoldenCaches { counters, ..GoldenCaches::default() };
        if let Some((cache, path)) = self.runner.linked_caches(&self.caches).into_iter().next() {
            return Err(ExplainError::LinkedCache { cache: cache.to_owned(), path });
        }
        for cache in &self.caches {
            let from = self.runner.cache_path(cache);
            if !from.is_dir() {
                continue;
            }
            let to = state.dir(&rel.join("trees"))?.join(&cache.name);
            let options = CopyOptions { mtimes: Mtimes::Keep, exclude: &cache.exclude.set };
            tree::copy(&from, &to, &options)?;
            let archive = archives.join(format!("{}.tar.zst", cache.name));
            archive::save(&from, &cache.exclude.set, &archive)?;
            kept.archives.insert(cache.name.clone(), archive);
            kept.trees.insert(cache.name.clone(), to);
        }
        Ok(kept)
    }

    pub(super) fn put_caches(
        &self,
        variation: &Variation,
        start: Start<'_>,
        tweaks: &mut Tweaks,
    ) -> Result<(), ExplainError> {
        let tool_home = self.tool_home_root(variation);
        for cache in &self.caches {
            let in_tool_home = cache.root == Root::Home
                && self.tool_homes.values().any(|rel| cache.path.starts_with(rel));
            let place = if in_tool_home {
                tool_home.join(&cache.path)
            } else {
                self.runner.cache_path(cache)
            };
            if let (true, Some(name)) = (in_tool_home, &cache.env) {
                tweaks.env.insert(name.clone(), place.to_string_lossy().into_owned());
            }
            let Start::From(golden) = start else { continue };
            let Some(tree) = golden.trees.get(&cache.name) else { continue };
            if variation.is(Property::WorkspacePath, OLD_PATH_STAYS)
                && cache.root == Root::Workspace
            {
                // What the old workspace holds is what a job that used it left there: its caches, too.
                let options = CopyOptions { mtimes: Mtimes::Keep, exclude: &GlobSet::empty() };
                tree::copy(tree, &self.base.workspace.join(&cache.path), &options)?;
            }
            if let Some(above) = place.parent() {
                std::fs::create_dir_all(above)
                    .map_err(|source| ExplainError::Touch { path: above.to_owned(), source })?;
            }
            let archive = golden.archives.get(&cache.name);
            let fresh = variation.has(Property::CacheMtime);
            if let Some(archive) = archive.filter(|_| variation.has(Property::Archive)) {
                archive::restore(archive, &place)?;
                if fresh {
                    let restored = Inventory::take(&place, &GlobSet::empty())?;
                    set_times(&place, &restored, |_| FileTime::now())?;
                }
            } else {
                let mtimes = if fresh { Mtimes::Fresh } else { Mtimes::Keep };
                let options = CopyOptions { mtimes, exclude: &GlobSet::empty() };
                tree::copy(tree, &place, &options)?;
            }
        }
        Ok(())
    }
}
