//! The environment of a runner's commands: built from nothing, so that the user's does not leak in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::layout::{Runner, RunnerPaths};
use crate::scenario::template::{Placeholder, Template, Unbound};
use crate::scenario::{EnvSpec, PhaseCommand, Scenario};
use crate::system::exec::Invocation;

/// Variables that every command needs to start at all; all others must be named in `[env]`.
const ALWAYS_PASSED: [&str; 7] =
    ["PATH", "USER", "LOGNAME", "SHELL", "SYSTEMROOT", "COMSPEC", "PATHEXT"];

/// What is taken from the environment in which `bench` runs.
#[derive(Clone, Debug, Default)]
pub struct UserEnvironment {
    /// Variables on the allow-list, when set.
    pub passed: BTreeMap<String, String>,
    /// `bin` directories of tools that name their installation prefix; first on PATH.
    pub tool_bins: Vec<PathBuf>,
}

impl UserEnvironment {
    /// Takes the allowed variables from this process's environment.
    pub fn take(env: &EnvSpec, tool_bins: Vec<PathBuf>) -> Self {
        let names = ALWAYS_PASSED.iter().copied().chain(env.pass.iter().map(String::as_str));
        let passed =
            names.filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?))).collect();
        Self { passed, tool_bins }
    }
}

/// The whole environment of `bench`, for commands that run as the user would run them (git, tool versions). Variables
/// that are not valid Unicode are left out.
pub fn user_environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Deliberate changes to a runner's commands, to see what a tool's reuse depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tweaks {
    /// Variables that are set last, whatever the scenario says.
    pub env: BTreeMap<String, String>,
    /// Directories in front of everything else on PATH.
    pub path_first: Vec<PathBuf>,
    /// Where commands start, instead of the workspace.
    pub cwd: Option<PathBuf>,
    /// Words in front of every command: a program that changes something and then runs the command.
    pub launcher: Vec<String>,
}

/// A variable or argument that has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct ContextError {
    /// What was expanded.
    what: String,
    /// Why it could not be.
    #[source]
    source: Unbound,
}

/// Everything that placeholders and variables of one sample stand for.
#[derive(Clone, Debug)]
pub struct Context {
    values: BTreeMap<&'static str, String>,
    params: BTreeMap<String, String>,
    ports: BTreeMap<String, u16>,
    example: Option<String>,
    env: BTreeMap<String, String>,
    /// Additional variables of single phases.
    phase_env: BTreeMap<String, BTreeMap<String, String>>,
    workspace: PathBuf,
    tweaks: Tweaks,
}

impl Context {
    /// The context of a sample on `runner`.
    ///
    /// # Errors
    /// When a variable of the scenario uses a placeholder that has no value.
    pub fn new(
        scenario: &Scenario,
        runner: &Runner,
        user: &UserEnvironment,
        params: &BTreeMap<String, String>,
        ports: BTreeMap<String, u16>,
        tools: &Path,
    ) -> Result<Self, ContextError> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let paths = runner.paths();
        let mut context = Self {
            values: BTreeMap::from([
                ("workspace", text(&paths.workspace)),
                ("home", text(&paths.home)),
                ("cache", text(&paths.cache)),
                ("temp", text(&paths.temp)),
                ("tools", text(tools)),
                ("scenario", text(&scenario.dir)),
            ]),
            params: params.clone(),
            ports,
            example: None,
            env: base(&paths, user),
            phase_env: BTreeMap::new(),
            workspace: paths.workspace.clone(),
            tweaks: Tweaks::default(),
        };
        let env = &scenario.env;
        let cases = env.cases.iter().filter(|case| case.when.holds(params));
        let cases = cases.map(|case| (&case.set, case.phases.as_slice()));
        for (set, phases) in std::iter::once((&env.set, [].as_slice())).chain(cases) {
            for (name, value) in set {
                let value = context.expand(&format!("variable `{name}`"), value)?;
                if phases.is_empty() {
                    context.env.insert(name.clone(), value);
                    continue;
                }
                for phase in phases {
                    let variables = context.phase_env.entry(phase.clone()).or_default();
                    variables.insert(name.clone(), value.clone());
                }
            }
        }
        for cache in scenario.caches.iter().filter(|cache| cache.when.holds(params)) {
            if let Some(name) = &cache.env {
                context.env.insert(name.clone(), text(&paths.cache_path(cache)));
            }
        }
        Ok(context)
    }

    /// The same context with `tweaks` on top of everything that the scenario says.
    #[must_use]
    pub fn tweaked(mut self, tweaks: &Tweaks) -> Self {
        put_first(&mut self.env, &tweaks.path_first);
        self.env.extend(tweaks.env.clone());
        Self { tweaks: tweaks.clone(), ..self }
    }

    /// The same context while `example` is being run.
    #[must_use]
    pub fn with_example(&self, example: &str) -> Self {
        Self { example: Some(example.to_owned()), ..self.clone() }
    }

    /// Replaces the placeholders of `template`; `what` names it in the error.
    ///
    /// # Errors
    /// A placeholder without a value.
    pub fn expand(&self, what: &str, template: &Template) -> Result<String, ContextError> {
        template
            .expand(&|placeholder| self.value(placeholder))
            .map_err(|source| ContextError { what: what.to_owned(), source })
    }

    /// Replaces the placeholders of an argument list.
    ///
    /// # Errors
    /// A placeholder without a value.
    pub fn argv(&self, what: &str, argv: &[Template]) -> Result<Vec<String>, ContextError> {
        argv.iter().map(|argument| self.expand(what, argument)).collect()
    }

    /// A phase's command as an argument list.
    ///
    /// # Errors
    /// A placeholder without a value.
    pub fn command(&self, what: &str, run: &PhaseCommand) -> Result<Vec<String>, ContextError> {
        match run {
            PhaseCommand::Argv(argv) => self.argv(what, argv),
            PhaseCommand::Shell(script) => {
                Ok(vec!["sh".to_owned(), "-c".to_owned(), self.expand(what, script)?])
            }
        }
    }

    /// The same context for the commands of `phase`, with its additional variables.
    #[must_use]
    pub fn in_phase(&self, phase: &str) -> Self {
        let mut context = self.clone();
        context.env.extend(self.phase_env.get(phase).cloned().unwrap_or_default());
        context
    }

    /// The environment with `extra` on top.
    ///
    /// # Errors
    /// A placeholder without a value.
    pub fn env_with(
        &self,
        what: &str,
        extra: &BTreeMap<String, Template>,
    ) -> Result<BTreeMap<String, String>, ContextError> {
        let mut env = self.env.clone();
        for (name, value) in extra {
            env.insert(name.clone(), self.expand(&format!("{what}, variable `{name}`"), value)?);
        }
        env.extend(self.tweaks.env.clone());
        Ok(env)
    }

    /// A command in the workspace with the plain environment, output to `logs/NAME.{out,err}`.
    pub fn invocation(&self, argv: Vec<String>, logs: &Path, name: &str) -> Invocation {
        Invocation {
            argv: self.tweaks.launcher.iter().cloned().chain(argv).collect(),
            cwd: self.tweaks.cwd.clone().unwrap_or_else(|| self.workspace.clone()),
            env: self.env.clone(),
            stdout: logs.join(format!("{name}.out")),
            stderr: logs.join(format!("{name}.err")),
            timeout: Some(Duration::from_mins(1)),
        }
    }

    /// The port of every name that has one.
    pub fn ports(&self) -> &BTreeMap<String, u16> {
        &self.ports
    }

    /// The workspace directory.
    pub fn workspace(&self) -> &Path {
        &self.workspace
    }

    fn value(&self, placeholder: &Placeholder) -> Option<String> {
        let fixed = |name: &str| self.values.get(name).cloned();
        match placeholder {
            Placeholder::Workspace => fixed("workspace"),
            Placeholder::Home => fixed("home"),
            Placeholder::Cache => fixed("cache"),
            Placeholder::Tools => fixed("tools"),
            Placeholder::Temp => fixed("temp"),
            Placeholder::Scenario => fixed("scenario"),
            Placeholder::Example => self.example.clone(),
            Placeholder::Param(name) => self.params.get(name).cloned(),
            Placeholder::Port(name) => self.ports.get(name).map(ToString::to_string),
        }
    }
}

/// The variables of every command: the passed ones, and homes and temporary directories of the runner.
fn base(paths: &RunnerPaths, user: &UserEnvironment) -> BTreeMap<String, String> {
    let mut env = user.passed.clone();
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let home = |part: &str| text(paths.home.join(part));
    env.insert("HOME".to_owned(), text(paths.home.clone()));
    env.insert("XDG_CACHE_HOME".to_owned(), home(".cache"));
    env.insert("XDG_CONFIG_HOME".to_owned(), home(".config"));
    env.insert("XDG_DATA_HOME".to_owned(), home(".local/share"));
    env.insert("XDG_STATE_HOME".to_owned(), home(".local/state"));
    for name in ["TMPDIR", "TMP", "TEMP"] {
        env.insert(name.to_owned(), text(paths.temp.clone()));
    }
    if cfg!(windows) {
        env.insert("USERPROFILE".to_owned(), text(paths.home.clone()));
    }
    env.insert("LANG".to_owned(), "C.UTF-8".to_owned());
    env.insert("TERM".to_owned(), "dumb".to_owned());
    put_first(&mut env, &user.tool_bins);
    env
}

/// Puts directories in front of PATH.
fn put_first(env: &mut BTreeMap<String, String>, dirs: &[PathBuf]) {
    if dirs.is_empty() {
        return;
    }
    let path = env.get("PATH").cloned().unwrap_or_default();
    let entries = dirs.iter().cloned().chain(std::env::split_paths(&path));
    // A directory with a separator in its name cannot be on a PATH at all.
    if let Ok(joined) = std::env::join_paths(entries) {
        env.insert("PATH".to_owned(), joined.to_string_lossy().into_owned());
    }
}
