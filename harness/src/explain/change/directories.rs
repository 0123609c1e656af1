//! Changes of sources and directories: where they are, their times, their inodes.

use bench_record::{OLD_PATH_STAYS, Property};
use filetime::FileTime;
use globset::GlobSet;

use super::context::Change;
use super::undo::set_times;
use crate::sample::StepError;
use crate::system::fs::tree::{self, CopyOptions, Mtimes};

/// 2001-09-09: older than any cache.
const PAST: FileTime = FileTime::from_unix_time(1_000_000_000, 0);

pub(super) fn change_sources(change: &mut Change<'_>) -> Result<(), StepError> {
    let (state, variation) = (change.state, change.variation);
    let rel = change.runner.rel().to_owned();
    let workspace = rel.join("work");
    let target = match variation.0.get(&Property::WorkspacePath).map(String::as_str) {
        None => workspace.clone(),
        Some("same-length") => rel.join("task"),
        Some("other-length" | OLD_PATH_STAYS) => rel.join("another-workspace"),
        Some(_) => rel.join("elsewhere/builds/project/checkout"),
    };
    let mut original = workspace.clone();
    let copied = variation.has(Property::SourceInode);
    if copied {
        original = rel.join("original");
        change.undo.rename(state, &workspace, &original)?;
    }
    if copied || variation.is(Property::WorkspacePath, OLD_PATH_STAYS) {
        let copy = state.dir(&target)?;
        change.undo.remove(target.clone());
        let options = CopyOptions { mtimes: Mtimes::Keep, exclude: &GlobSet::empty() };
        tree::copy(&state.path().join(&original), &copy, &options)?;
    } else if target != workspace {
        change.undo.rename(state, &workspace, &target)?;
    }
    change.runner.workspace = state.path().join(target);
    if variation.has(Property::SourceMtime) {
        let past = variation.is(Property::SourceMtime, "past");
        let time = if past { PAST } else { FileTime::now() };
        let before = set_times(&change.runner.workspace, &change.facts.layout, time)?;
        change.undo.times(before);
    }
    Ok(())
}

pub(super) fn change_places(change: &mut Change<'_>) -> Result<(), StepError> {
    let elsewhere = change.runner.rel().join("elsewhere");
    let make = |part: &str| change.state.dir(&elsewhere.join(part));
    if change.variation.has(Property::Home) {
        change.runner.home = make("users/other")?;
    }
    if change.variation.has(Property::CachePath) {
        change.runner.cache = make("store/cache")?;
    }
    if change.variation.has(Property::TempDir) {
        change.runner.temp = make("scratch/tmp")?;
    }
    let home = change.tool_home();
    if home != change.runner.home {
        for (name, rel) in &change.facts.tool_homes {
            change.set_path(name, &home.join(rel));
        }
    }
    Ok(())
}
