//! The source of an arm as a golden tree: taken once a run, copied to every runner, never built in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bench_record::SourceInfo;
use globset::GlobSet;

use super::environment::of_the_user;
use super::own;
use crate::scenario::{Scenario, Source};
use crate::system::exec::{Captured, ExecError, Executor, Invocation};
use crate::system::fs::state::{StateError, StateRoot};
use crate::system::fs::tree::{self, CopyOptions, Mtimes, TreeError, TreeStats};

/// A source tree that nothing writes to any more.
#[derive(Clone, Debug)]
pub struct Golden {
    path: PathBuf,
    /// What it is, for the records.
    pub info: SourceInfo,
}

impl Golden {
    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Why a source could not be laid out.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The directory is not there.
    #[error("source `{path}` of scenario `{scenario}` is not a directory (hint: {hint})")]
    NoDirectory {
        /// What was asked for.
        path: String,
        /// The scenario.
        scenario: String,
        /// What to do.
        hint: String,
    },
    /// The tree has no file.
    #[error("source `{path}` of scenario `{scenario}` has no files")]
    Empty {
        /// What was asked for.
        path: String,
        /// The scenario.
        scenario: String,
    },
    /// git said no.
    #[error("`{command}` failed for the source of scenario `{scenario}`: {stderr} (hint: {hint})")]
    Git {
        /// The command.
        command: String,
        /// The scenario.
        scenario: String,
        /// What git printed.
        stderr: String,
        /// What to do.
        hint: String,
    },
    /// git could not be run.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// A copy failed.
    #[error("cannot copy the source")]
    Tree(#[from] TreeError),
    /// A directory could not be made.
    #[error(transparent)]
    State(#[from] StateError),
}

/// Lays the scenario's source (or `--source`) out beneath `rel` of the state root.
///
/// A pinned git source is fetched at depth 1 from its URL or from the local clone given as `given`; its
/// shallow `.git` stays, as a CI checkout has it. Of a directory that is a git work tree, tracked files and
/// untracked ones that are not ignored are taken; of any other directory, everything. What bench itself wrote there
/// is taken only where git tracks it.
///
/// # Errors
/// See [`SourceError`].
pub fn lay_out_golden(
    executor: &mut dyn Executor,
    state: &StateRoot,
    rel: &Path,
    scenario: &Scenario,
    given: Option<&str>,
) -> Result<Golden, SourceError> {
    let mut git = Git::new(executor, state, rel, scenario, given.is_some())?;
    let path = state.dir(&rel.join("tree"))?;
    let info = match (&scenario.source, given.map(split_revision)) {
        (Source::Git { rev, .. }, Some((origin, given))) => {
            git.checkout(origin, given.unwrap_or(rev), &path)?
        }
        (Source::Git { url, rev }, None) => git.checkout(url, rev, &path)?,
        (_, Some((url, rev))) if url.contains("://") => {
            git.checkout(url, rev.unwrap_or("HEAD"), &path)?
        }
        (_, Some((dir, None))) => git.directory(Path::new(dir), &path)?,
        (_, Some((dir, Some(rev)))) => return git.revision(Path::new(dir), rev, &path),
        (Source::Path(dir), None) => git.directory(dir, &path)?,
        (Source::Shipped, None) => {
            let mut info = git.directory(&scenario.workspace(), &path)?;
            // Where the binary unpacked its scenarios says nothing about the source.
            info.origin = None;
            info
        }
    };
    golden(scenario, path, info)
}

/// A laid-out tree, measured. An empty one is refused.
pub(super) fn golden(
    scenario: &Scenario,
    path: PathBuf,
    mut info: SourceInfo,
) -> Result<Golden, SourceError> {
    // How git packed the same commit differs from clone to clone.
    let (files, bytes) = tree::measure(&path, &exactly([".git"]))?;
    info.files = files;
    info.bytes = bytes;
    info.head = std::env::var("BENCH_PR_HEAD_SHA").ok();
    if files == 0 {
        let shipped = || scenario.workspace().to_string_lossy().into_owned();
        return Err(SourceError::Empty {
            path: info.origin.unwrap_or_else(shipped),
            scenario: scenario.name.clone(),
        });
    }
    Ok(Golden { path, info })
}

/// `DIR#REV` and `URL#REV` name a revision other than the scenario's.
pub(super) fn split_revision(given: &str) -> (&str, Option<&str>) {
    match given.rsplit_once('#') {
        Some((origin, rev)) if !rev.is_empty() && !Path::new(given).exists() => (origin, Some(rev)),
        _ => (given, None),
    }
}

/// Runs git for one source.
pub(super) struct Git<'a> {
    executor: &'a mut dyn Executor,
    scratch: PathBuf,
    scenario: &'a Scenario,
    /// The source was asked for, not the scenario's own.
    given: bool,
}

impl<'a> Git<'a> {
    /// Its output goes beneath `rel` of the state root; `given` when the source was asked for.
    pub(super) fn new(
        executor: &'a mut dyn Executor,
        state: &StateRoot,
        rel: &Path,
        scenario: &'a Scenario,
        given: bool,
    ) -> Result<Self, SourceError> {
        Ok(Self { executor, scratch: state.dir(&rel.join("git-logs"))?, scenario, given })
    }

    /// Fetches `rev` at depth 1 and checks it out with its submodules.
    pub(super) fn checkout(
        &mut self,
        origin: &str,
        rev: &str,
        to: &Path,
    ) -> Result<SourceInfo, SourceError> {
        let mut rev = rev.to_owned();
        let url = if Path::new(origin).is_dir() {
            // Whatever names a commit in the clone will do: a remote branch, `HEAD~3`, a short id.
            if let Ok(commit) = self.commit(Path::new(origin), &rev) {
                rev = commit;
            }
            let path = std::path::absolute(origin).unwrap_or_else(|_| PathBuf::from(origin));
            format!("file://{}", path.display())
        } else if origin.contains("://") || origin.contains('@') {
            origin.to_owned()
        } else {
            return Err(self.no_directory(origin));
        };
        let hint = if url.starts_with("file://") {
            format!(
                "it must be a clone of the scenario's repository that has this revision: `git -C {origin} rev-parse \
                 {rev}^{{commit}}` must name a commit; or name another one with `--source DIR#REV`"
            )
        } else {
            "without access to it, give a local clone with `--source DIR`".to_owned()
        };
        self.git(&["init", "--quiet"], to, &hint)?;
        // A full id may be fetched from any local clone, whatever its configuration allows.
        let upload = "--upload-pack=git -c uploadpack.allowAnySHA1InWant=true upload-pack";
        let mut fetch = vec!["fetch", "--quiet", "--depth=1", "--no-tags"];
        if url.starts_with("file://") {
            fetch.push(upload);
        }
        fetch.extend([url.as_str(), rev.as_str()]);
        self.git(&fetch, to, &hint)?;
        self.git(
            &["-c", "advice.detachedHead=false", "checkout", "--quiet", "FETCH_HEAD"],
            to,
            &hint,
        )?;
        self.git(
            &["submodule", "--quiet", "update", "--init", "--recursive", "--depth=1"],
            to,
            "its submodules are fetched with git's own configuration",
        )?;
        let revision = self.git(&["rev-parse", "HEAD^{commit}"], to, &hint)?;
        Ok(SourceInfo {
            origin: Some(origin.to_owned()),
            revision: Some(revision.stdout.trim().to_owned()),
            dirty: Some(false),
            ..SourceInfo::default()
        })
    }

    /// The full id of the commit that `rev` names in the repository of `dir`.
    fn commit(&mut self, dir: &Path, rev: &str) -> Result<String, SourceError> {
        let commit = format!("{rev}^{{commit}}");
        let hint = format!("`{rev}` must name a commit of the repository of `{}`", dir.display());
        let found =
            self.git(&["rev-parse", "--verify", "--end-of-options", &commit], dir, &hint)?;
        Ok(found.stdout.trim().to_owned())
    }

    /// The content of `dir`, which lies in a git work tree, as it is in another revision.
    pub(super) fn revision(
        &mut self,
        dir: &Path,
        rev: &str,
        to: &Path,
    ) -> Result<Golden, SourceError> {
        if !dir.is_dir() {
            return Err(self.no_directory(&dir.to_string_lossy()));
        }
        let hint = format!(
            "`{rev}` is not a directory, so it must be a revision, and `{}` must lie in a git work tree",
            dir.display()
        );
        let top = self.git(&["rev-parse", "--show-toplevel"], dir, &hint)?.stdout;
        let prefix = self.git(&["rev-parse", "--show-prefix"], dir, &hint)?.stdout;
        let commit = self.commit(dir, rev)?;
        let mut info = self.checkout(top.trim_end_matches('\n'), &commit, to)?;
        info.origin = Some(dir.to_string_lossy().into_owned());
        let path = to.join(prefix.trim_end_matches('\n'));
        if !path.is_dir() {
            return Err(SourceError::Git {
                command: format!("git checkout {rev}"),
                scenario: self.scenario.name.clone(),
                stderr: format!("the revision has no directory `{}`", prefix.trim()),
                hint: "choose a revision that has it".to_owned(),
            });
        }
        golden(self.scenario, path, info)
    }

    /// Copies a directory without what bench wrote there; of a git work tree, what git does not ignore.
    pub(super) fn directory(&mut self, from: &Path, to: &Path) -> Result<SourceInfo, SourceError> {
        let origin = from.to_string_lossy().into_owned();
        if !from.is_dir() {
            return Err(self.no_directory(&origin));
        }
        let mut info = SourceInfo { origin: Some(origin), ..SourceInfo::default() };
        let left_out = if self.is_tracked(from) {
            let hint = "is it a git work tree?";
            info.revision = self
                .git(&["rev-parse", "HEAD^{commit}"], from, hint)
                .ok()
                .map(|c| c.stdout.trim().to_owned());
            let list =
                ["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"];
            let ignored = self.git(&list, from, hint)?.stdout;
            let ignored: Vec<&str> = paths(&ignored).collect();
            let skip = exactly(ignored.iter().copied().chain([".git"]));
            let own = self.untracked(from, &own::directories(from, &skip)?)?;
            // Of this folder only: what is dirty elsewhere in the repository is not measured. Every untracked file:
            // of a directory git would not say that all of it is bench's.
            let mut status = vec!["status", "--porcelain", "--untracked-files=normal", "--", "."];
            let excluded: Vec<String> =
                own.iter().map(|own| format!(":(exclude,literal){own}")).collect();
            if !excluded.is_empty() {
                status[2] = "--untracked-files=all";
                status.extend(excluded.iter().map(String::as_str));
            }
            info.dirty = Some(!self.git(&status, from, hint)?.stdout.is_empty());
            exactly(ignored.into_iter().chain(own.iter().map(String::as_str)))
        } else {
            let own = own::directories(from, &GlobSet::empty())?;
            exactly(own.iter().filter_map(|own| own.to_str()))
        };
        let stats: TreeStats =
            tree::copy(from, to, &CopyOptions { mtimes: Mtimes::Keep, exclude: &left_out })?;
        debug_assert!(
            stats.files > 0 || stats.bytes == 0,
            "files without bytes are possible, not the reverse"
        );
        Ok(info)
    }

    /// Those of `directories` of `dir` in which git tracks nothing: what is committed is source, whoever wrote it.
    fn untracked(
        &mut self,
        dir: &Path,
        directories: &[PathBuf],
    ) -> Result<Vec<String>, SourceError> {
        let mut names: Vec<String> =
            directories.iter().filter_map(|own| own.to_str()).map(str::to_owned).collect();
        if names.is_empty() {
            return Ok(names);
        }
        let literal: Vec<String> = names.iter().map(|name| format!(":(literal){name}")).collect();
        let mut list = vec!["ls-files", "-z", "--"];
        list.extend(literal.iter().map(String::as_str));
        let tracked = self.git(&list, dir, "is it a git work tree?")?.stdout;
        names.retain(|name| !paths(&tracked).any(|path| Path::new(path).starts_with(name)));
        Ok(names)
    }

    /// Whether a directory is a git work tree or a folder of one. A folder that its repository ignores as a whole
    /// is none of its business.
    fn is_tracked(&mut self, dir: &Path) -> bool {
        let ask = |git: &mut Self, arguments: &[&str]| {
            git.git(arguments, dir, "").is_ok_and(|asked| asked.stdout.trim() != "false")
        };
        dir.join(".git").exists()
            || (ask(self, &["rev-parse", "--is-inside-work-tree"])
                && !ask(self, &["check-ignore", "--quiet", "."]))
    }

    fn no_directory(&self, path: &str) -> SourceError {
        let hint = match &self.scenario.source {
            Source::Git { rev, .. } if self.given => {
                format!(
                    "`--source` takes a URL or, as `--source DIR`, a local clone that has {rev}"
                )
            }
            _ if self.given => "`--source` takes a directory that is there".to_owned(),
            Source::Path(_) => {
                format!("`bench doctor --scenario {}` says what installs it", self.scenario.name)
            }
            Source::Git { url, .. } => format!("give a local clone of {url} with `--source DIR`"),
            Source::Shipped => "the scenario's folder has no `workspace/`".to_owned(),
        };
        SourceError::NoDirectory {
            path: path.to_owned(),
            scenario: self.scenario.name.clone(),
            hint,
        }
    }

    /// Runs git in the user's own environment: credentials and proxies are configured there.
    fn git(&mut self, arguments: &[&str], cwd: &Path, hint: &str) -> Result<Captured, SourceError> {
        let argv: Vec<String> =
            std::iter::once("git").chain(arguments.iter().copied()).map(str::to_owned).collect();
        let mut env = of_the_user();
        env.insert("GIT_TERMINAL_PROMPT".to_owned(), "0".to_owned());
        let captured = self.executor.capture(&Invocation {
            argv: argv.clone(),
            cwd: cwd.to_owned(),
            env,
            stdout: self.scratch.join("git.out"),
            stderr: self.scratch.join("git.err"),
            timeout: Some(Duration::from_mins(10)),
        })?;
        if captured.ended.success() {
            return Ok(captured);
        }
        Err(SourceError::Git {
            command: argv.join(" "),
            scenario: self.scenario.name.clone(),
            stderr: captured.stderr.trim().replace('\n', "; "),
            hint: hint.to_owned(),
        })
    }
}

/// The paths of a listing of git's.
fn paths(listing: &str) -> impl Iterator<Item = &str> {
    listing.split('\0').filter(|path| !path.is_empty())
}

/// These paths with everything in them, and nothing else.
fn exactly<'a>(paths: impl IntoIterator<Item = &'a str>) -> GlobSet {
    let mut set = globset::GlobSetBuilder::new();
    for path in paths {
        let exact = globset::escape(path.trim_end_matches('/'));
        for pattern in [exact.clone(), format!("{exact}/**")] {
            if let Ok(glob) = globset::Glob::new(&pattern) {
                set.add(glob);
            }
        }
    }
    set.build().unwrap_or_else(|_| GlobSet::empty())
}
