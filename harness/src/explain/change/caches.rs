//! Puts the caches of a snapshot in place for one trial.

use bench_record::{OLD_PATH_STAYS, Property};
use filetime::FileTime;
use globset::GlobSet;

use super::context::Change;
use super::undo::set_times;
use crate::sample::StepError;
use crate::scenario::{CacheSpec, Root};
use crate::system::fs::tree::{Inventory, Mtimes};
use crate::trial::GoldenSnapshot;

/// Puts fresh copies of `caches` in place; without a snapshot they only get their variables.
pub(super) fn put_caches(
    change: &mut Change<'_>,
    caches: &[CacheSpec],
    snapshot: Option<&GoldenSnapshot>,
) -> Result<(), StepError> {
    let fresh = change.variation.has(Property::CacheMtime);
    let mtimes = if fresh { Mtimes::Fresh } else { Mtimes::Keep };
    let old_path_stays = change.variation.is(Property::WorkspacePath, OLD_PATH_STAYS);
    for cache in caches {
        let mut place = change.runner.cache_path(cache);
        let mut homes = change.facts.tool_homes.values();
        if cache.root == Root::Home && homes.any(|rel| cache.path.starts_with(rel)) {
            place = change.tool_home().join(&cache.path);
            if let Some(name) = &cache.env {
                change.set_path(name, &place);
            }
        }
        let Some(snapshot) = snapshot else { continue };
        if old_path_stays && cache.root == Root::Workspace {
            // A job that used the old workspace left its caches there, too.
            let old = change.facts.places.workspace.join(&cache.path);
            snapshot.copy(cache, &old, Mtimes::Keep)?;
        }
        let archived = change.variation.has(Property::Archive);
        if !archived || snapshot.restore(cache, &place)?.is_none() {
            snapshot.copy(cache, &place, mtimes)?;
        } else if fresh {
            let restored = Inventory::take(&place, &GlobSet::empty())?;
            set_times(&place, &restored, FileTime::now())?;
        }
    }
    Ok(())
}
