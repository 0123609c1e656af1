//! Copies of the tools' executables, so that their times and paths can be changed.
//!
//! A compiler finds its parts relative to itself (`../lib/gcc/...`), so a copy is placed in a mirror of its
//! installation: `bin/` holds the copies, everything next to `bin/` is a symbolic link to the original.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use filetime::FileTime;

use crate::runner::user_environment;
use crate::sample::StepError;
use crate::scenario::{Scenario, ToolSpec};
use crate::system::exec::{ExecError, Executor, Invocation};
use crate::system::fs::state::StateRoot;
use crate::system::fs::tree::TreeError;

/// Programs that start one another, while a scenario names only one of them as its tool.
const FAMILIES: [&[&str]; 3] =
    [&["gcc", "g++", "cc", "c++", "cpp"], &["clang", "clang++"], &["cargo", "rustc", "rustdoc"]];

/// The copies of a runner.
#[derive(Clone, Debug, Default)]
pub(super) struct Toolbox {
    /// Its directory, relative to the state root.
    rel: PathBuf,
    /// Names of the mirrors in it, in the order of PATH.
    mirrors: Vec<String>,
    /// Names of the copies, by tool.
    pub(super) copied: BTreeMap<String, Vec<String>>,
    /// Tools that could not be copied, with the reason.
    pub(super) not_copied: BTreeMap<String, String>,
}

impl Toolbox {
    /// An empty one, because copies of `tools` do not work here: `why`.
    pub(super) fn without<'a>(tools: impl Iterator<Item = &'a ToolSpec>, why: &str) -> Self {
        let not_copied = tools.map(|tool| (tool.name.clone(), why.to_owned()));
        Self { not_copied: not_copied.collect(), ..Self::default() }
    }

    /// Copies the tools that are found at `paths` (by tool) into `rel` of the state root. A tool whose
    /// copy does not print its version is left where it is.
    pub(super) fn fill(
        executor: &mut dyn Executor,
        state: &StateRoot,
        rel: &Path,
        tools: &[&ToolSpec],
        paths: &BTreeMap<String, PathBuf>,
    ) -> Result<Self, StepError> {
        let mut toolbox = Self { rel: rel.to_owned(), ..Self::default() };
        let scratch = state.dir(&rel.join("scratch"))?;
        let mut mirrors: BTreeMap<PathBuf, String> = BTreeMap::new();
        for tool in tools {
            if tool.version.is_empty() {
                // A library or header without a program, which PATH does not lead to.
                continue;
            }
            let Some(path) = paths.get(&tool.name) else {
                let why = "its executable was not found on PATH".to_owned();
                toolbox.not_copied.insert(tool.name.clone(), why);
                continue;
            };
            let home = path.parent().unwrap_or(Path::new("/"));
            let home = home.canonicalize().unwrap_or_else(|_| home.to_owned());
            let next = format!("m{}", mirrors.len());
            let known = mirrors.get(&home).cloned();
            let name = known.clone().unwrap_or(next);
            let bin = state.dir(&rel.join(&name).join("bin"))?;
            let copies = match copy_family(&home, &bin, path, known.is_none()) {
                Ok(copies) => copies,
                Err(error) => {
                    let why = format!("its executable cannot be copied: {error}");
                    toolbox.not_copied.insert(tool.name.clone(), why);
                    continue;
                }
            };
            mirrors.insert(home, name.clone());
            if !toolbox.mirrors.contains(&name) {
                toolbox.mirrors.push(name.clone());
            }
            match runs(executor, &bin, tool, &scratch)? {
                Ok(()) => {
                    toolbox.copied.insert(tool.name.clone(), copies);
                }
                Err(why) => {
                    for copy in copies {
                        state.set_aside(&rel.join(&name).join("bin").join(copy))?;
                    }
                    toolbox.not_copied.insert(tool.name.clone(), why);
                }
            }
        }
        Ok(toolbox)
    }

    /// Whether no tool was copied.
    pub(super) fn is_empty(&self) -> bool {
        self.copied.is_empty()
    }

    /// Its directory, relative to the state root.
    pub(super) fn rel(&self) -> &Path {
        &self.rel
    }

    /// The directories of the copies when the toolbox is at `rel` of the state root.
    pub(super) fn bins(&self, state: &StateRoot, rel: &Path) -> Vec<PathBuf> {
        self.mirrors.iter().map(|name| state.path().join(rel).join(name).join("bin")).collect()
    }

    /// Gives every copy the time `to`; returns the times that they had.
    pub(super) fn touch(
        &self,
        state: &StateRoot,
        to: FileTime,
    ) -> Result<Vec<(PathBuf, FileTime)>, TreeError> {
        let mut before = Vec::new();
        for bin in self.bins(state, &self.rel) {
            let mut touch = || -> std::io::Result<()> {
                for entry in fs::read_dir(&bin)? {
                    let path = entry?.path();
                    let meta = fs::metadata(&path)?;
                    filetime::set_file_mtime(&path, to)?;
                    before.push((path, FileTime::from_last_modification_time(&meta)));
                }
                Ok(())
            };
            touch().map_err(TreeError::io("set the times in", &bin))?;
        }
        Ok(before)
    }

    /// What was copied and what was not, for the reader of a verdict.
    pub(super) fn note(&self) -> Option<String> {
        let mut parts = Vec::new();
        if !self.copied.is_empty() {
            let names: BTreeSet<&String> = self.copied.values().flatten().collect();
            let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
            parts.push(format!("changed: {}", names.join(", ")));
        }
        parts.extend(self.not_copied.iter().map(|(tool, why)| format!("not {tool}: {why}")));
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// The tools that are in use with these params.
pub(super) fn tools<'a>(
    scenario: &'a Scenario,
    params: &BTreeMap<String, String>,
) -> impl Iterator<Item = &'a ToolSpec> {
    scenario.tools.iter().filter(|tool| tool.when.holds(params))
}

/// Copies the program and its family from `home` into `bin`, with its times, and links everything next to a `bin`.
fn copy_family(
    home: &Path,
    bin: &Path,
    program: &Path,
    first: bool,
) -> std::io::Result<Vec<String>> {
    if first && home.file_name().is_some_and(|name| name == "bin") {
        let (Some(prefix), Some(mirror)) = (home.parent(), bin.parent()) else {
            return Err(std::io::ErrorKind::NotFound.into());
        };
        for entry in fs::read_dir(prefix)? {
            let entry = entry?;
            let link = mirror.join(entry.file_name());
            if entry.file_name() != "bin" && fs::symlink_metadata(&link).is_err() {
                symlink(&entry.path(), &link)?;
            }
        }
    }
    let mut copies = Vec::new();
    for name in family(program) {
        let (from, to) = (home.join(&name), bin.join(&name));
        if !from.is_file() {
            continue;
        }
        if !to.exists() {
            let meta = fs::metadata(&from)?;
            fs::copy(&from, &to)?;
            filetime::set_file_mtime(&to, FileTime::from_last_modification_time(&meta))?;
        }
        copies.push(name);
    }
    if copies.is_empty() { Err(std::io::ErrorKind::NotFound.into()) } else { Ok(copies) }
}

/// The name of the program, then those of its family with the same prefix (`avr-gcc` for `avr-g++`).
fn family(program: &Path) -> Vec<String> {
    let Some(name) = program.file_name().and_then(|name| name.to_str()) else { return Vec::new() };
    let (prefix, base) = name.rsplit_once('-').map_or(("", name), |(prefix, base)| (prefix, base));
    let mut names = vec![name.to_owned()];
    for family in FAMILIES.iter().filter(|family| family.contains(&base)) {
        let relatives = family.iter().filter(|relative| **relative != base);
        names.extend(relatives.map(|relative| match prefix {
            "" => (*relative).to_owned(),
            prefix => format!("{prefix}-{relative}"),
        }));
    }
    names
}

/// Whether the copy prints its version as the original did.
fn runs(
    executor: &mut dyn Executor,
    bin: &Path,
    tool: &ToolSpec,
    scratch: &Path,
) -> Result<Result<(), String>, ExecError> {
    let name = Path::new(&tool.version[0]).file_name().unwrap_or_default();
    let program = bin.join(name).to_string_lossy().into_owned();
    let captured = executor.capture(&Invocation {
        argv: std::iter::once(program).chain(tool.version[1..].iter().cloned()).collect(),
        cwd: scratch.to_owned(),
        env: user_environment(),
        stdout: scratch.join("copy.out"),
        stderr: scratch.join("copy.err"),
        timeout: None,
    });
    Ok(match captured {
        Ok(captured) if captured.ended.success() => Ok(()),
        Ok(captured) => {
            let said = captured.stderr.lines().next().unwrap_or_default().to_owned();
            Err(format!("a copy of it does not run ({:?}): {said}", captured.ended))
        }
        Err(ExecError::Spawn { .. }) => Err("a copy of it cannot be started".to_owned()),
        Err(error) => return Err(error),
    })
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symlink(_target: &Path, _link: &Path) -> std::io::Result<()> {
    Err(std::io::Error::new(std::io::ErrorKind::Unsupported, "symlinks need a Unix file system"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_has_the_prefix_of_its_tool() {
        assert_eq!(
            family(Path::new("/usr/bin/avr-g++")),
            ["avr-g++", "avr-gcc", "avr-cc", "avr-c++", "avr-cpp"]
        );
        assert_eq!(family(Path::new("cargo")), ["cargo", "rustc", "rustdoc"]);
        assert_eq!(family(Path::new("/opt/my-tool")), ["my-tool"]);
        assert_eq!(family(Path::new("ccache")), ["ccache"]);
    }
}
