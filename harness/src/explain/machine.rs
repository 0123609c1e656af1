//! The home runner, brought into a variation and back.
//!
//! What can be changed in place is: a rename or a metadata change leaves everything else as it was. Only new
//! inodes need a copy. Caches are never used twice: each trial gets fresh copies of the seed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bench_record::ProbeReading;
use filetime::FileTime;
use globset::GlobSet;

use super::ExplainError;
use super::property::{Property, Variation};
use super::toolbox::Toolbox;
use crate::cache::archive;
use crate::cache::seed::{self, SavedCache};
use crate::regime::{ArmSetup, Session};
use crate::runner::{Runner, Tweaks};
use crate::scenario::model::{CacheSpec, Root};
use crate::scenario::template::{Placeholder, Template};
use crate::state::StateRoot;
use crate::tree::{self, CopyOptions, Inventory, Mtimes};

/// 2001-09-09: older than any cache.
const PAST: FileTime = FileTime::from_unix_time(1_000_000_000, 0);

/// The caches that a cold run left, kept aside so that no trial sees what another one wrote.
#[derive(Debug, Default)]
pub(super) struct GoldenCaches {
    /// By cache; absent where the cold run left nothing.
    pub(super) trees: BTreeMap<String, PathBuf>,
    archives: BTreeMap<String, SavedCache>,
    /// Counters that travel with them.
    pub(super) counters: BTreeMap<String, ProbeReading>,
}

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
    /// Words in front of every command that give it another host name.
    pub(super) other_host: Result<Vec<String>, String>,
    /// Words in front of every command that make it run as another user.
    pub(super) other_user: Result<Vec<String>, String>,
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
    sources_touched: bool,
    tools_touched: Vec<(PathBuf, FileTime)>,
    tools_moved: Option<PathBuf>,
    link: Option<PathBuf>,
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
            other_host: Err("not looked at".to_owned()),
            other_user: Err("not looked at".to_owned()),
            runner,
            base,
            toolbox,
        })
    }

    /// Copies what a cold run left in the caches into `name` beneath the runner.
    pub(super) fn keep(
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
            let saved = seed::save(&self.runner, cache, &archives)?;
            kept.archives.insert(cache.name.clone(), saved);
            kept.trees.insert(cache.name.clone(), to);
        }
        Ok(kept)
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
        let Undo { original, sources_touched, tools_touched, tools_moved, link } = varied.undo;
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
        if let Some(original) = original {
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
            Some("other-length") => rel.join("another-workspace"),
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

    fn put_caches(
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
            if let Some(above) = place.parent() {
                std::fs::create_dir_all(above)
                    .map_err(|source| ExplainError::Touch { path: above.to_owned(), source })?;
            }
            let archive = golden.archives.get(&cache.name).and_then(|saved| saved.archive.as_ref());
            let fresh = variation.has(Property::CacheMtime);
            if let Some(archive) = archive.filter(|_| variation.has(Property::Archive)) {
                archive::restore(&archive.path, &place)?;
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

    fn change_tools(
        &self,
        state: &StateRoot,
        variation: &Variation,
        undo: &mut Undo,
        tweaks: &mut Tweaks,
    ) -> Result<(), ExplainError> {
        if self.toolbox.is_empty() {
            return Ok(());
        }
        if variation.has(Property::ToolMtime) {
            undo.tools_touched = self.toolbox.touch(state, FileTime::now())?;
        }
        let mut rel = self.toolbox.rel().to_owned();
        if variation.has(Property::ToolPath) {
            let to = self.runner.rel().join("opt/tools-of-another-image");
            state.rename(&rel, &to)?;
            undo.tools_moved = Some(to.clone());
            // The times of what was touched are given back after the toolbox is back in its place.
            rel = to;
        }
        tweaks.path_first = self.toolbox.bins(state, &rel);
        Ok(())
    }

    fn change_commands(
        &self,
        session: &Session<'_>,
        variation: &Variation,
        undo: &mut Undo,
        tweaks: &mut Tweaks,
    ) -> Result<(), ExplainError> {
        let mut set = |name: &str, value: &str| {
            tweaks.env.insert(name.to_owned(), value.to_owned());
        };
        let environment = variation.0.get(&Property::Environment).map(String::as_str);
        if matches!(environment, Some("variable" | "both")) {
            set("BUILD_NUMBER", "4711");
            set("GITHUB_RUN_ID", "8150815");
        }
        if variation.has(Property::Locale) {
            let base = session.scenario.env.set.get("LC_ALL").map(Template::as_str);
            let other = if base == Some("C") { "C.UTF-8" } else { "C" };
            set("LC_ALL", other);
            set("LANG", other);
        }
        if variation.has(Property::TimeZone) {
            set("TZ", "JST-9");
        }
        if matches!(environment, Some("path" | "both")) {
            let empty = session.state.dir(&self.runner.rel().join("elsewhere/empty-bin"))?;
            tweaks.path_first.insert(0, empty);
        }
        if variation.has(Property::WorkingDirectory) {
            let dir = session.state.dir(&self.runner.rel().join("links"))?;
            let link = dir.join("to-the-workspace");
            symlink(&self.runner.workspace, &link)
                .map_err(|source| ExplainError::Touch { path: link.clone(), source })?;
            tweaks.env.insert("PWD".to_owned(), link.to_string_lossy().into_owned());
            tweaks.cwd = Some(link.clone());
            undo.link = Some(link);
        }
        if let (true, Ok(words)) = (variation.has(Property::Hostname), &self.other_host) {
            tweaks.launcher.extend(words.iter().cloned());
            tweaks.env.insert("HOSTNAME".to_owned(), OTHER_HOST.to_owned());
        }
        if let (true, Ok(words)) = (variation.has(Property::User), &self.other_user) {
            tweaks.launcher.extend(words.iter().cloned());
            for name in ["USER", "LOGNAME"] {
                tweaks.env.insert(name.to_owned(), OTHER_USER.to_owned());
            }
        }
        Ok(())
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

/// The host name that `hostname` changes to.
pub(super) const OTHER_HOST: &str = "another-runner";
/// The user that `user` changes to: every Unix has uid 1.
pub(super) const OTHER_USER: &str = "daemon";

/// The value of `jobs` that is tried: another listed one, or one job more where any number goes.
pub(super) fn other_jobs(session: &Session<'_>, setup: &ArmSetup) -> Option<(String, String)> {
    let param = session.scenario.params.iter().find(|param| param.name == "jobs")?;
    let now = setup.params.get("jobs")?;
    let listed = param.values.iter().find(|value| *value != now).cloned();
    let value = match (listed, param.open, now.parse::<u32>()) {
        (Some(listed), ..) => listed,
        (None, true, Ok(jobs)) => (jobs + 1).to_string(),
        _ => return None,
    };
    Some(("jobs".to_owned(), value))
}

fn tool_homes(session: &Session<'_>, setup: &ArmSetup) -> BTreeMap<String, PathBuf> {
    let env = &session.scenario.env;
    let cases = env.cases.iter().filter(|case| case.when.holds(&setup.params));
    std::iter::once(&env.set)
        .chain(cases.map(|case| &case.set))
        .flatten()
        .filter_map(|(name, value)| {
            let rel = value.as_str().strip_prefix("{home}/")?;
            (!rel.is_empty() && !rel.contains(['{', '}'])).then(|| (name.clone(), rel.into()))
        })
        .collect()
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

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symlink(_target: &Path, _link: &Path) -> std::io::Result<()> {
    Err(std::io::Error::new(std::io::ErrorKind::Unsupported, "symlinks need a Unix file system"))
}
