//! The part of the runner's image that a scenario makes itself: commands fill `{tools}` once, before the first runner is
//! laid out, and are never timed.
//!
//! Its commands may use params, so arms that differ in a param may need different contents: `{tools}` is a directory
//! named after what the commands expand to. Arms whose commands are equal share it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bench_record::CanonicalText;

use super::error::PrepareError;
use super::tools::FoundTools;
use crate::runner::user_environment;
use crate::scenario::template::{Placeholder, Unbound};
use crate::scenario::{Scenario, ToolSpec};
use crate::system::exec::{Executor, Invocation};
use crate::system::fs::state::StateRoot;

/// Longest time that one command may take: it may download a tool chain.
const TIMEOUT: Duration = Duration::from_mins(30);
/// Hex digits of the digest in the name of a directory. Few: some tools put sockets there, whose paths must be short.
const DIGITS: usize = 8;

/// The directory of a scenario's tools, relative to the state root, for tools that do not depend on params.
pub(crate) fn tools_rel(scenario: &Scenario) -> PathBuf {
    Path::new("tools").join(&scenario.name)
}

/// The directory that `{tools}` stands for under `params`, made if needed but not filled.
///
/// # Errors
/// When a command uses a placeholder that has no value, or the directory cannot be made.
pub(super) fn tools_dir(
    state: &StateRoot,
    scenario: &Scenario,
    params: &BTreeMap<String, String>,
) -> Result<PathBuf, PrepareError> {
    let rel = tools_rel(scenario);
    if scenario.tools.iter().all(|tool| tool.provision.is_empty()) {
        return Ok(state.dir(&rel)?);
    }
    // Paths stay placeholders: the name must not depend on where the state root and the scenario are.
    let places = Places { tools: Path::new("{tools}"), scenario: Path::new("{scenario}") };
    let mut text = CanonicalText::new("bench.tools/1");
    for tool in provisioned(scenario, params) {
        let argv = argv(scenario, tool, params, places)?;
        text = text.with("tool", &tool.name).with_each("argument", argv);
    }
    let digest = blake3::hash(text.as_bytes()).to_hex();
    Ok(state.dir(&rel.with_file_name(format!("{}+{}", scenario.name, &digest[..DIGITS])))?)
}

/// What is provisioned, for whom, and where to.
pub(super) struct Provisioning<'a> {
    pub(super) scenario: &'a Scenario,
    /// Content hash of the scenario.
    pub(super) hash: &'a str,
    pub(super) found: &'a FoundTools,
    /// Where commands print to.
    pub(super) scratch: &'a Path,
}

impl Provisioning<'_> {
    /// Makes every part of `tools` that is not there, or that was made by other files of the scenario or with
    /// another version of its tool.
    ///
    /// # Errors
    /// When a command fails; what it made is made again the next time.
    pub(super) fn fill(
        &self,
        executor: &mut dyn Executor,
        tools: &Path,
        params: &BTreeMap<String, String>,
    ) -> Result<(), PrepareError> {
        let name = tools.file_name().unwrap_or_default().to_string_lossy();
        for tool in provisioned(self.scenario, params) {
            let places = Places { tools, scenario: &self.scenario.dir };
            let argv = argv(self.scenario, tool, params, places)?;
            // Next to `{tools}`, not in it: the command may replace the whole directory.
            let mark = tools.with_file_name(format!("{name}+{}.made", tool.name));
            let version = self.found.tools.get(&tool.name).and_then(|tool| tool.version.as_deref());
            let made_by = CanonicalText::new("bench.provisioned/1")
                .with("scenario", self.hash)
                .with_optional("version", version)
                .with_each("argument", &argv);
            if fs::read(&mark).is_ok_and(|text| text == made_by.as_bytes()) {
                continue;
            }
            let write = |text: &[u8]| {
                fs::write(&mark, text).map_err(|error| {
                    PrepareError::Usage(format!("cannot write `{}`: {error}", mark.display()))
                })
            };
            // Whatever the command leaves when it fails is not what the old mark says.
            write(b"")?;
            self.run(executor, tool, argv, tools)?;
            write(made_by.as_bytes())?;
        }
        Ok(())
    }

    fn run(
        &self,
        executor: &mut dyn Executor,
        tool: &ToolSpec,
        argv: Vec<String>,
        tools: &Path,
    ) -> Result<(), PrepareError> {
        let command = argv.join(" ");
        let captured = executor.capture(&Invocation {
            argv,
            cwd: tools.to_owned(),
            env: user_environment(),
            stdout: self.scratch.join("provision.out"),
            stderr: self.scratch.join("provision.err"),
            timeout: Some(TIMEOUT),
        })?;
        if captured.ended.success() {
            return Ok(());
        }
        let last_line = captured.stderr.lines().rev().find(|line| !line.trim().is_empty());
        Err(PrepareError::Tools(format!(
            "tool `{}` of scenario `{}` could not be provisioned: `{command}` ended with {:?}: {}{}",
            tool.name,
            self.scenario.name,
            captured.ended,
            last_line.unwrap_or("it printed nothing"),
            tool.note.as_ref().map(|note| format!(" (hint: {note})")).unwrap_or_default()
        )))
    }
}

/// The tools that are provisioned under `params`.
fn provisioned<'a>(
    scenario: &'a Scenario,
    params: &BTreeMap<String, String>,
) -> impl Iterator<Item = &'a ToolSpec> {
    scenario.tools.iter().filter(|tool| !tool.provision.is_empty() && tool.when.holds(params))
}

/// What the placeholders of paths stand for.
#[derive(Clone, Copy)]
struct Places<'a> {
    tools: &'a Path,
    scenario: &'a Path,
}

fn argv(
    scenario: &Scenario,
    tool: &ToolSpec,
    params: &BTreeMap<String, String>,
    places: Places<'_>,
) -> Result<Vec<String>, PrepareError> {
    let value = |placeholder: &Placeholder| match placeholder {
        Placeholder::Tools => Some(places.tools.to_string_lossy().into_owned()),
        Placeholder::Scenario => Some(places.scenario.to_string_lossy().into_owned()),
        Placeholder::Param(name) => params.get(name).cloned(),
        _ => None,
    };
    let expanded: Result<_, Unbound> =
        tool.provision.iter().map(|argument| argument.expand(&value)).collect();
    expanded.map_err(|error| {
        let (scenario, tool) = (&scenario.name, &tool.name);
        PrepareError::Usage(format!("scenario `{scenario}`, tool `{tool}`: {error}"))
    })
}
