//! The tools that a scenario requires: finds them, reads their versions, and says how to install them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bench_record::{Tool, Tools};

use crate::runner::user_environment;
use crate::scenario::{Scenario, ToolSpec};
use crate::system::exec::{ExecError, Executor, Invocation};

/// The tools of a scenario on this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundTools {
    /// By name.
    pub tools: Tools,
    /// `bin` directories that come first on a runner's PATH.
    pub bins: Vec<PathBuf>,
    /// Tools that are missing or have the wrong version.
    pub missing: Vec<MissingTool>,
}

/// A tool that is missing or has the wrong version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingTool {
    /// Its name.
    pub tool: String,
    /// What is wrong.
    pub problem: String,
    /// The commands that install it on this platform, in order; none if the scenario does not know any.
    pub install: Vec<Vec<String>>,
    /// The scenario's note on it.
    pub note: Option<String>,
}

/// The virtual environment that a scenario's Python tools are installed into, and its directory of programs.
fn venv(tools: &Path) -> (PathBuf, PathBuf) {
    let root = tools.join("venv");
    let bin = root.join(if cfg!(windows) { "Scripts" } else { "bin" });
    (root, bin)
}

/// Looks for every tool that is needed under `params`, in the environment of `bench` and in the scenario's directory
/// `tools`.
///
/// # Errors
/// When processes cannot be run at all; missing tools are in the result.
pub fn find_tools(
    executor: &mut dyn Executor,
    scenario: &Scenario,
    params: &BTreeMap<String, String>,
    scratch: &Path,
    tools: &Path,
) -> Result<FoundTools, ExecError> {
    let mut found = FoundTools::default();
    let venv_bin = Some(venv(tools).1).filter(|bin| bin.is_dir());
    let environment = ToolEnvironment { scratch, env: with_path(venv_bin.as_deref()) };
    for spec in scenario.tools.iter().filter(|tool| tool.when.holds(params)) {
        match find(executor, spec, &environment)? {
            Ok((tool, bin)) => {
                found.tools.insert(spec.name.clone(), tool);
                found.bins.extend(bin);
            }
            Err(problem) => found.missing.push(MissingTool {
                tool: spec.name.clone(),
                problem,
                install: install_commands(&spec.install, tools),
                note: spec.note.clone(),
            }),
        }
    }
    found.bins.extend(venv_bin);
    Ok(found)
}

/// The environment in which tools are looked up.
struct ToolEnvironment<'a> {
    scratch: &'a Path,
    env: BTreeMap<String, String>,
}

/// The user's environment, with `first` in front of PATH.
fn with_path(first: Option<&Path>) -> BTreeMap<String, String> {
    let mut env = user_environment();
    if let Some(first) = first {
        let rest = env.get("PATH").cloned().unwrap_or_default();
        let entries = std::iter::once(first.to_owned()).chain(std::env::split_paths(&rest));
        if let Ok(path) = std::env::join_paths(entries) {
            env.insert("PATH".to_owned(), path.to_string_lossy().into_owned());
        }
    }
    env
}

type Looked = Result<(Tool, Option<PathBuf>), String>;

fn find(
    executor: &mut dyn Executor,
    spec: &ToolSpec,
    environment: &ToolEnvironment<'_>,
) -> Result<Looked, ExecError> {
    if let Some(path) = &spec.exists
        && !path.exists()
    {
        return Ok(Err(format!("`{}` does not exist", path.display())));
    }
    let mut bin = None;
    if let Some(prefix) = &spec.prefix {
        match ask(executor, prefix, environment)? {
            Ok(text) => bin = Some(PathBuf::from(text.trim()).join("bin")),
            Err(problem) => return Ok(Err(problem)),
        }
    }
    let mut tool = Tool {
        version: None,
        path: spec.exists.as_ref().map(|path| path.to_string_lossy().into_owned()),
    };
    if spec.version.is_empty() {
        return Ok(Ok((tool, bin)));
    }
    let printed = match ask(executor, &spec.version, environment)? {
        Ok(printed) => printed,
        Err(problem) => return Ok(Err(problem)),
    };
    let line = printed.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    tool.version = Some(line.to_owned());
    tool.path = which(&spec.version[0], bin.as_deref(), &environment.env)
        .map(|p| p.to_string_lossy().into_owned());
    let version = numbers(line);
    if let Some(min) = &spec.min
        && version < numbers(min)
    {
        return Ok(Err(format!("found `{line}`, needs {min} or later")));
    }
    if let Some(below) = &spec.below
        && version >= numbers(below)
    {
        return Ok(Err(format!("found `{line}`, needs a version before {below}")));
    }
    Ok(Ok((tool, bin)))
}

/// What a command prints, or why it fails.
fn ask(
    executor: &mut dyn Executor,
    argv: &[String],
    environment: &ToolEnvironment<'_>,
) -> Result<Result<String, String>, ExecError> {
    let scratch = environment.scratch;
    let program = &argv[0];
    let captured = executor.capture(&Invocation {
        argv: argv.to_vec(),
        cwd: scratch.to_owned(),
        env: environment.env.clone(),
        stdout: scratch.join("tool.out"),
        stderr: scratch.join("tool.err"),
        timeout: Some(Duration::from_mins(1)),
    });
    match captured {
        Ok(captured) if captured.ended.success() => {
            let text =
                if captured.stdout.trim().is_empty() { captured.stderr } else { captured.stdout };
            Ok(Ok(text))
        }
        Ok(captured) => {
            let said = captured.stderr.lines().next().unwrap_or_default().to_owned();
            Ok(Err(format!("`{}` failed ({:?}): {said}", argv.join(" "), captured.ended)))
        }
        Err(ExecError::Spawn { .. }) => Ok(Err(format!("`{program}` is not on PATH"))),
        Err(error) => Err(error),
    }
}

/// The first dotted number of a text: `avr-g++ (GCC) 5.4.0` is 5.4.0.
fn numbers(text: &str) -> Vec<u64> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .find(|word| word.contains('.') && word.starts_with(|c: char| c.is_ascii_digit()))
        .or_else(|| text.split(|c: char| !c.is_ascii_digit()).find(|word| !word.is_empty()))
        .unwrap_or_default()
        .split('.')
        .map_while(|part| part.parse().ok())
        .collect()
}

fn which(program: &str, first: Option<&Path>, env: &BTreeMap<String, String>) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(PathBuf::from(program));
    }
    let path = env.get("PATH").map(String::as_str).unwrap_or_default();
    first
        .map(Path::to_owned)
        .into_iter()
        .chain(std::env::split_paths(path))
        .map(|dir| dir.join(program))
        .find(|candidate| candidate.is_file())
}

/// The commands that install the packages on this platform, as they would be typed; `tools` is the scenario's directory
/// of tools.
pub fn install_commands(install: &BTreeMap<String, Vec<String>>, tools: &Path) -> Vec<Vec<String>> {
    if let Some(packages) = install.get("venv") {
        let (root, bin) = venv(tools);
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let argv = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let make: Vec<String> = argv(&["python3", "-m", "venv", &text(&root)]);
        let mut fill: Vec<String> = argv(&[&text(&bin.join("python")), "-m", "pip", "install"]);
        fill.extend(packages.iter().cloned());
        return vec![make, fill];
    }
    install_command(install).into_iter().collect()
}

fn install_command(install: &BTreeMap<String, Vec<String>>) -> Option<Vec<String>> {
    let platform = platforms().into_iter().find(|name| install.contains_key(*name));
    let (name, packages) = match platform {
        Some(name) => (name, &install[name]),
        None => ["cargo", "rustup", "uv", "pip", "npm", "go"]
            .into_iter()
            .find_map(|name| Some((name, install.get(name)?)))?,
    };
    let command: &[&str] = match name {
        "debian" => &["apt-get", "install", "-y"],
        "fedora" => &["dnf", "install", "-y"],
        "alpine" => &["apk", "add"],
        "arch" => &["pacman", "-S", "--noconfirm"],
        "macos" => &["brew", "install"],
        "windows" => &["winget", "install"],
        "cargo" => &["cargo", "install", "--locked"],
        "rustup" => &["rustup", "component", "add"],
        "uv" => &["uv", "tool", "install"],
        "go" => &["go", "install"],
        "pip" => &["python3", "-m", "pip", "install"],
        "npm" => &["npm", "install", "--global"],
        _ => return None,
    };
    let needs_root = matches!(name, "debian" | "fedora" | "alpine" | "arch");
    let sudo = (needs_root && !is_root()).then_some("sudo");
    Some(
        sudo.into_iter()
            .chain(command.iter().copied())
            .map(str::to_owned)
            .chain(packages.iter().cloned())
            .collect(),
    )
}

/// Commands as one line for a shell.
pub fn shell_line(commands: &[Vec<String>]) -> String {
    commands.iter().map(|command| command.join(" ")).collect::<Vec<_>>().join(" && ")
}

/// Every missing tool in one message that says what to type.
pub fn missing_message(scenario: &str, missing: &[MissingTool]) -> String {
    use std::fmt::Write as _;
    let mut text = format!("scenario `{scenario}` needs tools that are not here:");
    for tool in missing {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n  {}: {}", tool.tool, tool.problem);
        if !tool.install.is_empty() {
            let _ = write!(text, "\n    install: {}", shell_line(&tool.install));
        }
        if let Some(note) = &tool.note {
            let _ = write!(text, "\n    note: {note}");
        }
    }
    let _ = write!(
        text,
        "\n(hint: `bench doctor --scenario {scenario} --install` installs what it can)"
    );
    text
}

/// Names under which this platform's packages may be listed, the closest first.
fn platforms() -> Vec<&'static str> {
    if cfg!(target_os = "macos") {
        return vec!["macos"];
    }
    if cfg!(windows) {
        return vec!["windows"];
    }
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let ids: Vec<&str> = release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
        .flat_map(|value| value.trim_matches('"').split(' '))
        .collect();
    [
        ("debian", ["debian", "ubuntu"].as_slice()),
        ("fedora", &["fedora", "rhel"]),
        ("alpine", &["alpine"]),
        ("arch", &["arch"]),
    ]
    .into_iter()
    .filter(|(_, names)| names.iter().any(|name| ids.contains(name)))
    .map(|(platform, _)| platform)
    .collect()
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_the_first_dotted_number() {
        assert_eq!(numbers("avr-g++ (GCC) 5.4.0"), [5, 4, 0]);
        assert_eq!(numbers("ccache version 4.7.5"), [4, 7, 5]);
        assert_eq!(numbers("cargo 1.95.0 (f2d3ce0bd 2026-03-21)"), [1, 95, 0]);
        assert_eq!(numbers("Python3 tool 7"), [3]);
        assert!(numbers("4.10") > numbers("4.9.3"));
        assert!(numbers("nothing").is_empty());
    }
}
