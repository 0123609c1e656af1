//! The home runner, brought into a variation and back.
//!
//! What can be changed in place is: a rename or a metadata change leaves everything else as it was. Only new
//! inodes need a copy. Caches are never used twice: each trial gets fresh copies of the seed.

mod caches;
mod commands;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bench_record::{OLD_PATH_STAYS, Property, Variation};
use filetime::FileTime;
use globset::GlobSet;

use super::ExplainError;
use super::isolate::{Disguise, Identities};
use super::toolbox::Toolbox;
use crate::runner::{Runner, Tweaks};
use crate::sample::{ArmSetup, Session};
use crate::scenario::CacheSpec;
use crate::scenario::template::{Placeholder, Template};
use crate::system::fs::state::StateRoot;
use crate::system::fs::tree::{self, CopyOptions, Inventory, Mtimes};

pub(super) use caches::GoldenCaches;
pub(super) use commands::other_jobs;

use commands::tool_homes;

/// 2001-09-09: older than any cache.
const PAST: FileTime = FileTime::from_unix_time(1_000_000_000, 0);

/// Which caches a trial starts with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start<'a> {
    /// None.
    Empty,
    /// Fresh copies of these.
    From(&'a GoldenCaches),
}

/// The runner on which everything is tried.
pub(super) struct Machine {
    pub(super) runner: Runner,
    base: Places,
    layout: Inventory,
    pub(super) toolbox: Toolbox,
    caches: Vec<CacheSpec>,
    /// Variables of the scenario whose value lies beneath the home, with the path there.
    pub(super) tool_homes: BTreeMap<String, PathBuf>,
    /// Host names and users that commands can have.
    pub(super) identities: Identities,
}

#[derive(Clone, Debug)]
struct Places {
    workspace: PathBuf,
    home: PathBuf,
    cache: PathBuf,
    temp: PathBuf,
}

/// What must be taken back.
#[derive(Debug, Default)]
struct Undo {
    /// The original workspace, when a copy stands in for it.
    original: Option<PathBuf>,
    /// A copy of the workspace, when the original is where it was.
    copy: Option<PathBuf>,
    sources_touched: bool,
    tools_touched: Vec<(PathBuf, FileTime)>,
    tools_moved: Option<PathBuf>,
    link: Option<PathBuf>,
    /// What only the commands of this variation may inherit.
    disguise: Disguise,
}

/// A machine that is in a variation; [`Machine::undo`] takes it back.
#[must_use = "a machine that is not taken back spoils every later trial"]
pub(super) struct Varied {
    undo: Undo,
    /// What its commands need.
    pub(super) tweaks: Tweaks,
    /// The params that they run with.
    pub(super) setup: ArmSetup,
}

impl Machine {
    /// A machine around a runner that was just laid out.
    pub(super) fn new(
        session: &Session<'_>,
        setup: &ArmSetup,
        runner: Runner,
        toolbox: Toolbox,
    ) -> Result<Self, ExplainError> {
        let base = Places {
            workspace: runner.workspace.clone(),
            home: runner.home.clone(),
            cache: runner.cache.clone(),
            temp: runner.temp.clone(),
        };
        Ok(Self {
            layout: Inventory::take(&runner.workspace, &GlobSet::empty())?,
            caches: session.caches(setup),
            tool_homes: tool_homes(session, setup),
            identities: Identities::default(),
            runner,
            base,
            toolbox,
        })
    }

    /// Brings the runner into `variation`, with caches as `start` says. Outside of any timed section.
    pub(super) fn enter(
        &mut self,
        session: &Session<'_>,
        setup: &ArmSetup,
        variation: &Variation,
        start: Start<'_>,
        remedy: &BTreeMap<String, Template>,
    ) -> Result<Varied, ExplainError> {
        let state = session.state;
        self.runner.clean(state, &setup.golden, &[])?;
        let mut undo = Undo::default();
        let mut tweaks = Tweaks::default();
        self.change_sources(state, variation, &mut undo)?;
        self.change_places(state, variation, &mut tweaks)?;
        self.put_caches(variation, start, &mut tweaks)?;
        self.change_tools(state, variation, &mut undo, &mut tweaks)?;
        self.change_commands(session, variation, &mut undo, &mut tweaks)?;
        for (name, value) in remedy {
            tweaks.env.insert(name.clone(), self.expand(value));
        }
        let mut setup = setup.clone();
        if variation.has(Property::Jobs) {
            setup.params.extend(other_jobs(session, &setup));
        }
        Ok(Varied { undo, tweaks, setup })
    }

    /// Takes the runner back to where it was; what the trial left is set aside.
    pub(super) fn undo(&mut self, state: &StateRoot, varied: Varied) -> Result<(), ExplainError> {
        let Undo { original, copy, sources_touched, tools_touched, tools_moved, link, disguise } =
            varied.undo;
        drop(disguise);
        if let Some(link) = link {
            state.set_aside(beneath(state, &link))?;
        }
        if let Some(moved) = tools_moved {
            state.rename(&moved, self.toolbox.rel())?;
        }
        for (path, time) in tools_touched {
            filetime::set_file_mtime(&path, time)
                .map_err(|source| ExplainError::Touch { path, source })?;
        }
        let (workspace, home) = (self.runner.workspace.clone(), self.runner.home.clone());
        if let Some(copy) = copy {
            state.set_aside(&copy)?;
        } else if let Some(original) = original {
            state.set_aside(beneath(state, &workspace))?;
            state.rename(&original, beneath(state, &self.base.workspace))?;
        } else if workspace != self.base.workspace {
            state.rename(beneath(state, &workspace), beneath(state, &self.base.workspace))?;
        }
        let others = [
            (home, &self.base.home),
            (self.runner.cache.clone(), &self.base.cache),
            (self.runner.temp.clone(), &self.base.temp),
        ];
        for (now, base) in others {
            if now != *base {
                state.set_aside(beneath(state, &now))?;
            }
        }
        state.set_aside(&self.runner.rel().join("elsewhere"))?;
        self.runner.workspace.clone_from(&self.base.workspace);
        self.runner.home.clone_from(&self.base.home);
        self.runner.cache.clone_from(&self.base.cache);
        self.runner.temp.clone_from(&self.base.temp);
        if sources_touched {
            self.give_times_back()?;
        }
        Ok(())
    }

    fn change_sources(
        &mut self,
        state: &StateRoot,
        variation: &Variation,
        undo: &mut Undo,
    ) -> Result<(), ExplainError> {
        let rel = self.runner.rel().to_owned();
        // The base is `work`.
        let target = match variation.0.get(&Property::WorkspacePath).map(String::as_str) {
            None => rel.join("work"),
            Some("same-length") => rel.join("task"),
            Some("other-length" | OLD_PATH_STAYS) => rel.join("another-workspace"),
            Some(_) => rel.join("elsewhere/builds/project/checkout"),
        };
        let workspace = rel.join("work");
        if variation.has(Property::SourceInode) {
            let original = rel.join("original");
            state.rename(&workspace, &original)?;
            let copy = state.dir(&target)?;
            let options = CopyOptions { mtimes: Mtimes::Keep, exclude: &GlobSet::empty() };
            tree::copy(&state.path().join(&original), &copy, &options)?;
            undo.original = Some(original);
        } else if variation.is(Property::WorkspacePath, OLD_PATH_STAYS) {
            let copy = state.dir(&target)?;
            let options = CopyOptions { mtimes: Mtimes::Keep, exclude: &GlobSet::empty() };
            tree::copy(&self.base.workspace, &copy, &options)?;
            undo.copy = Some(target.clone());
        } else if target != workspace {
            state.rename(&workspace, &target)?;
        }
        self.runner.workspace = state.path().join(target);
        if variation.has(Property::SourceMtime) {
            let time =
                if variation.is(Property::SourceMtime, "past") { PAST } else { FileTime::now() };
            self.set_times(|_| time)?;
            undo.sources_touched = undo.original.is_none();
        }
        Ok(())
    }

    fn change_places(
        &mut self,
        state: &StateRoot,
        variation: &Variation,
        tweaks: &mut Tweaks,
    ) -> Result<(), ExplainError> {
        let elsewhere = self.runner.rel().join("elsewhere");
        let make = |part: &str| state.dir(&elsewhere.join(part));
        if variation.has(Property::Home) {
            self.runner.home = make("users/other")?;
        }
        if variation.has(Property::CachePath) {
            self.runner.cache = make("store/cache")?;
        }
        if variation.has(Property::TempDir) {
            self.runner.temp = make("scratch/tmp")?;
        }
        let home = self.tool_home_root(variation);
        if home != self.runner.home {
            for (name, rel) in &self.tool_homes {
                tweaks.env.insert(name.clone(), home.join(rel).to_string_lossy().into_owned());
            }
        }
        Ok(())
    }

    /// The directory that stands for the home in the variables of tool homes.
    fn tool_home_root(&self, variation: &Variation) -> PathBuf {
        if variation.has(Property::ToolHome) {
            self.base.home.join("other-tools/of-this-user")
        } else {
            // Where it was, even when the home is another one.
            self.base.home.clone()
        }
    }

    /// Sets the times of all sources, the deepest first: writing below a directory changes its own time.
    fn set_times(&self, time: impl Fn(&Path) -> FileTime) -> Result<(), ExplainError> {
        set_times(&self.runner.workspace, &self.layout, time)
    }

    fn give_times_back(&self) -> Result<(), ExplainError> {
        self.set_times(|rel| {
            let ns = self.layout.entries.get(rel).map_or(0, |entry| entry.mtime_ns);
            let seconds = ns.div_euclid(1_000_000_000) as i64;
            FileTime::from_unix_time(seconds, ns.rem_euclid(1_000_000_000) as u32)
        })
    }

    /// A remedy's value on this runner as it is now.
    fn expand(&self, value: &Template) -> String {
        let text = |path: &Path| Some(path.to_string_lossy().into_owned());
        let expanded = value.expand(&|placeholder| match placeholder {
            Placeholder::Workspace => text(&self.runner.workspace),
            Placeholder::Home => text(&self.runner.home),
            Placeholder::Cache => text(&self.runner.cache),
            _ => None,
        });
        // The catalogue has only these placeholders, which a test makes sure of.
        expanded.unwrap_or_else(|_| value.as_str().to_owned())
    }
}

fn set_times(
    root: &Path,
    inventory: &Inventory,
    time: impl Fn(&Path) -> FileTime,
) -> Result<(), ExplainError> {
    for rel in inventory.entries.keys().rev() {
        let path = root.join(rel);
        let time = time(rel);
        filetime::set_symlink_file_times(&path, time, time)
            .map_err(|source| ExplainError::Touch { path, source })?;
    }
    Ok(())
}

/// `path` relative to the state root; a path outside stays absolute, which the state root refuses.
fn beneath<'a>(state: &StateRoot, path: &'a Path) -> &'a Path {
    path.strip_prefix(state.path()).unwrap_or(path)
}
