//! The part of the runner's image that a scenario makes itself: filled once into `{tools}`, before the first
//! runner, and never timed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::prepare::PrepareError;
use super::request::Request;
use super::tools::Found;
use crate::runner::of_the_user;
use crate::scenario::ToolSpec;
use crate::scenario::template::{Placeholder, Unbound};
use crate::system::exec::{Executor, Invocation};
use crate::system::fs::state::StateRoot;

/// Longest time that one command may take: it may download a tool chain.
const TIMEOUT: Duration = Duration::from_mins(30);

/// Makes every part of `{tools}` that is not there, or that was made by other files of the scenario or with
/// another version of its tool, and returns `{tools}`.
///
/// # Errors
/// When a command fails; what it made is made anew the next time.
pub(super) fn provision(
    executor: &mut dyn Executor,
    state: &StateRoot,
    request: &Request,
    found: &Found,
    scratch: &Path,
) -> Result<PathBuf, PrepareError> {
    let rel = Path::new("tools").join(&request.scenario.name);
    let tools = state.dir(&rel)?;
    for arm in request.arms() {
        let params = request.params_of(arm);
        let wanted = |tool: &&ToolSpec| !tool.provision.is_empty() && tool.when.holds(&params);
        for tool in request.scenario.tools.iter().filter(wanted) {
            let argv = argv(request, tool, &params, &tools)?;
            // Beside `{tools}`: it goes with it when somebody clears the directory above.
            let mark =
                tools.with_file_name(format!("{}+{}.made", request.scenario.name, tool.name));
            let version = found.tools.get(&tool.name).and_then(|tool| tool.version.as_deref());
            let made_by = format!("{}\n{}\n{argv:?}\n", request.hash, version.unwrap_or_default());
            if fs::read_to_string(&mark).is_ok_and(|text| text == made_by) {
                continue;
            }
            run(executor, request, tool, &argv, &tools, scratch)?;
            fs::write(&mark, made_by).map_err(|error| {
                PrepareError::Usage(format!("cannot write `{}`: {error}", mark.display()))
            })?;
        }
    }
    Ok(tools)
}

fn argv(
    request: &Request,
    tool: &ToolSpec,
    params: &BTreeMap<String, String>,
    tools: &Path,
) -> Result<Vec<String>, PrepareError> {
    let value = |placeholder: &Placeholder| match placeholder {
        Placeholder::Tools => Some(tools.to_string_lossy().into_owned()),
        Placeholder::Scenario => Some(request.scenario.dir.to_string_lossy().into_owned()),
        Placeholder::Param(name) => params.get(name).cloned(),
        _ => None,
    };
    let expanded: Result<_, Unbound> =
        tool.provision.iter().map(|argument| argument.expand(&value)).collect();
    expanded.map_err(|error| {
        PrepareError::Usage(format!(
            "scenario `{}`, tool `{}`: {error}",
            request.scenario.name, tool.name
        ))
    })
}

fn run(
    executor: &mut dyn Executor,
    request: &Request,
    tool: &ToolSpec,
    argv: &[String],
    tools: &Path,
    scratch: &Path,
) -> Result<(), PrepareError> {
    let captured = executor.capture(&Invocation {
        argv: argv.to_vec(),
        cwd: tools.to_owned(),
        env: of_the_user(),
        stdout: scratch.join("provision.out"),
        stderr: scratch.join("provision.err"),
        timeout: Some(TIMEOUT),
    })?;
    if captured.ended.success() {
        return Ok(());
    }
    let said = captured.stderr.lines().rev().find(|line| !line.trim().is_empty());
    Err(PrepareError::Tools(format!(
        "tool `{}` of scenario `{}` could not be provisioned: `{}` ended with {:?}: {}{}",
        tool.name,
        request.scenario.name,
        argv.join(" "),
        captured.ended,
        said.unwrap_or("it printed nothing"),
        tool.note.as_ref().map(|note| format!(" (hint: {note})")).unwrap_or_default()
    )))
}
