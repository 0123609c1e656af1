//! Runs git for the source of an arm.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bench_record::SourceInfo;
use globset::GlobSet;

use super::bench_output;
use super::environment::user_environment;
use super::golden::{GoldenSource, SourceError, exactly, measured};
use crate::error_text::without_credentials;
use crate::scenario::{Scenario, Source};
use crate::system::exec::{Captured, Executor, Invocation};
use crate::system::fs::state::StateRoot;
use crate::system::fs::tree::{self, CopyOptions, Mtimes, TreeStats};

/// Runs git for one source.
pub(super) struct Git<'a> {
    executor: &'a mut dyn Executor,
    scratch: PathBuf,
    scenario: &'a Scenario,
    /// Whether `--source` replaced the scenario's source.
    given: bool,
}

impl<'a> Git<'a> {
    /// Its logs go to `rel` of the state root; `given` if `--source` replaced the scenario's source.
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
            // Anything that names a commit in the clone is accepted: a remote branch, `HEAD~3`, a short id.
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
        tracing::info!(url = without_credentials(&url), rev, "fetching source");
        let hint = if url.starts_with("file://") {
            format!(
                "it must be a clone of the scenario's repository that has this revision: `git -C {origin} rev-parse \
                 {rev}^{{commit}}` must name a commit; or name another one with `--source DIR#REV`"
            )
        } else {
            "without access to it, give a local clone with `--source DIR`".to_owned()
        };
        self.git(&["init", "--quiet"], to, &hint)?;
        // Lets a full id be fetched from any local clone, whatever its configuration allows.
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

    /// The content of `dir`, a directory in a git work tree, in another revision.
    pub(super) fn revision(
        &mut self,
        dir: &Path,
        rev: &str,
        to: &Path,
    ) -> Result<GoldenSource, SourceError> {
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
        measured(self.scenario, path, info)
    }

    /// Copies a directory without what `bench` wrote there; of a git work tree, only what git does not ignore.
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
            let output = self.untracked(from, &bench_output::directories(from, &skip)?)?;
            // Of this folder only: what is dirty elsewhere in the repository is not measured. Every untracked file
            // is listed, because git would report an untracked directory even if all of it is excluded.
            let mut status = vec!["status", "--porcelain", "--untracked-files=normal", "--", "."];
            let excluded: Vec<String> =
                output.iter().map(|path| format!(":(exclude,literal){path}")).collect();
            if !excluded.is_empty() {
                status[2] = "--untracked-files=all";
                status.extend(excluded.iter().map(String::as_str));
            }
            info.dirty = Some(!self.git(&status, from, hint)?.stdout.is_empty());
            exactly(ignored.into_iter().chain(output.iter().map(String::as_str)))
        } else {
            let output = bench_output::directories(from, &GlobSet::empty())?;
            exactly(output.iter().filter_map(|path| path.to_str()))
        };
        let stats: TreeStats =
            tree::copy(from, to, &CopyOptions { mtimes: Mtimes::Keep, exclude: &left_out })?;
        debug_assert!(
            stats.files > 0 || stats.bytes == 0,
            "files without bytes are possible, not the reverse"
        );
        Ok(info)
    }

    /// The `directories` in `dir` in which git tracks nothing: a committed file is source, whoever wrote it.
    fn untracked(
        &mut self,
        dir: &Path,
        directories: &[PathBuf],
    ) -> Result<Vec<String>, SourceError> {
        let mut names: Vec<String> =
            directories.iter().filter_map(|path| path.to_str()).map(str::to_owned).collect();
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
    /// is not.
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
        let mut env = user_environment();
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

/// The paths of a listing that git printed.
fn paths(listing: &str) -> impl Iterator<Item = &str> {
    listing.split('\0').filter(|path| !path.is_empty())
}
