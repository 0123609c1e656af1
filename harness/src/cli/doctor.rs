//! `bench doctor`: what this machine and each scenario lack, and the exact command that gets it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::output::print;
use super::places::{find, open_state, single_params, with_places};
use super::session::{Failure, Outcome, default_state};
use crate::exit;
use crate::run::{FoundTools, MissingTool, find_tools, shell_line, tools_rel};
use crate::scenario::{self, Scenario};
use crate::system::exec::{Confinement, RealExecutor, run_visibly};
use crate::system::fs::state::StateRoot;
use crate::system::host;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only this scenario, with the tools that its `--set` params need
    #[arg(long)]
    scenario: Option<String>,
    /// Param values of that scenario
    #[arg(long, value_name = "K=V", requires = "scenario")]
    set: Vec<String>,
    /// Run the commands that install what is missing
    #[arg(long)]
    install: bool,
    /// Directory in which runners are laid out
    #[arg(long, value_name = "DIR", env = "BENCH_STATE")]
    state: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Outcome {
    let state_path = args.state.clone().unwrap_or_else(default_state);
    let state = open_state(&state_path)?;
    let mut executor = RealExecutor::new(Confinement::WriteWithin(vec![state.path().to_owned()]))?;
    print(&machine(&executor, &state))?;
    let scenarios = chosen(args, &state)?;
    let mut lacking: Vec<MissingTool> = Vec::new();
    for (scenario, params) in &scenarios {
        let found = find_all(&mut executor, &state, scenario, params.as_ref())?;
        print(&describe(scenario, &found))?;
        lacking.extend(found.missing);
    }
    lacking.sort_by(|a, b| a.tool.cmp(&b.tool));
    lacking.dedup();
    if lacking.is_empty() {
        return Ok(exit::OK);
    }
    if args.install {
        install(&lacking)?;
        for (scenario, params) in &scenarios {
            let found = find_all(&mut executor, &state, scenario, params.as_ref())?;
            if !found.missing.is_empty() {
                print(&describe(scenario, &found))?;
                return Ok(exit::USAGE);
            }
        }
        return Ok(exit::OK);
    }
    Ok(exit::USAGE)
}

type ScenarioParams = (Scenario, Option<BTreeMap<String, String>>);

/// The scenario that was named with its params, or every scenario with all tools of all its params.
fn chosen(args: &Args, state: &StateRoot) -> Result<Vec<ScenarioParams>, Failure> {
    if let Some(arg) = &args.scenario {
        let (scenario, _) = find(arg, state)?;
        let params = single_params(&args.set, &scenario)?;
        return Ok(vec![(scenario, (!args.set.is_empty()).then_some(params))]);
    }
    let mut all = Vec::new();
    for listed in with_places(state, scenario::list)? {
        let (scenario, _) = find(&listed.name, state)?;
        all.push((scenario, None));
    }
    Ok(all)
}

/// The tools under `params`; without params those that any value of any param needs.
fn find_all(
    executor: &mut RealExecutor,
    state: &StateRoot,
    scenario: &Scenario,
    params: Option<&BTreeMap<String, String>>,
) -> Result<FoundTools, Failure> {
    let scratch = state.dir(Path::new("doctor"))?;
    let tools = state.dir(&tools_rel(scenario))?;
    if let Some(params) = params {
        return Ok(find_tools(executor, scenario, params, &scratch, &tools)?);
    }
    let mut every = scenario.clone();
    for tool in &mut every.tools {
        tool.when = scenario::When::default();
    }
    Ok(find_tools(executor, &every, &BTreeMap::new(), &scratch, &tools)?)
}

fn machine(executor: &RealExecutor, state: &StateRoot) -> String {
    use std::fmt::Write as _;
    let host = host::snapshot(state.path());
    let unknown = || "unknown".to_owned();
    let mut text = String::from("machine\n");
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "  cpu          {} x {}",
        host.cores.map_or_else(unknown, |n| n.to_string()),
        host.cpu.unwrap_or_else(unknown)
    );
    let gib = |bytes: u64| format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30));
    let _ = writeln!(text, "  memory       {}", host.memory_bytes.map_or_else(unknown, gib));
    let _ = writeln!(
        text,
        "  system       {}, kernel {}",
        host.os.unwrap_or_else(unknown),
        host.kernel.unwrap_or_else(unknown)
    );
    let _ = writeln!(
        text,
        "  state root   {} ({})",
        state.path().display(),
        host.file_system.unwrap_or_else(unknown)
    );
    let _ = writeln!(text, "  free         {}", state.free_bytes().map_or_else(|_| unknown(), gib));
    let levels: Vec<String> = executor
        .isolation()
        .in_use
        .iter()
        .map(|(name, used)| format!("{name} {}", if *used { "yes" } else { "no" }))
        .collect();
    let _ = writeln!(text, "  isolation    {}", levels.join(", "));
    text
}

fn describe(scenario: &Scenario, found: &FoundTools) -> String {
    use std::fmt::Write as _;
    let mut text = format!("scenario {}\n", scenario.name);
    for (name, tool) in &found.tools {
        let what = tool.version.as_deref().or(tool.path.as_deref()).unwrap_or("found");
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  ok       {name}: {what}");
    }
    for missing in &found.missing {
        let _ = writeln!(text, "  missing  {}: {}", missing.tool, missing.problem);
        if !missing.install.is_empty() {
            let _ = writeln!(text, "           install: {}", shell_line(&missing.install));
        }
        if let Some(note) = &missing.note {
            let _ = writeln!(text, "           note: {note}");
        }
    }
    if scenario.tools.is_empty() {
        text.push_str("  needs no tool\n");
    }
    text
}

/// Runs each distinct install command once, in the user's own environment and in sight.
fn install(missing: &[MissingTool]) -> Result<(), Failure> {
    let mut commands: Vec<(&[String], &MissingTool)> = Vec::new();
    for tool in missing {
        for command in &tool.install {
            if commands.iter().all(|(known, _)| known != command) {
                commands.push((command, tool));
            }
        }
    }
    let apt = commands.iter().find(|(command, _)| command.iter().any(|word| word == "apt-get"));
    if let Some((command, tool)) = apt {
        let sudo = command.first().filter(|word| *word == "sudo").cloned();
        let update = ["apt-get", "update"].map(str::to_owned);
        run_installer(&sudo.into_iter().chain(update).collect::<Vec<_>>(), tool)?;
    }
    commands.into_iter().try_for_each(|(command, tool)| run_installer(command, tool))
}

/// Runs one command that installs `tool`, or what it is installed with.
fn run_installer(command: &[String], tool: &MissingTool) -> Result<(), Failure> {
    anstream::eprintln!("+ {}", command.join(" "));
    match run_visibly(command) {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure {
            code: exit::COMMAND_FAILED,
            error: anyhow::anyhow!("`{}` failed: {status}", command.join(" ")),
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Failure::usage(anyhow::anyhow!(
                "cannot install `{}`: `{}` is missing (hint: {})",
                tool.tool,
                command[0],
                way_out(command)
            )))
        }
        Err(error) => Err(anyhow::Error::from(error)
            .context(format!("cannot start `{}`", command.join(" ")))
            .into()),
    }
}

/// What to do when the program that installs is itself missing.
fn way_out(command: &[String]) -> String {
    let program = command[0].as_str();
    let source = match program {
        "brew" => " from https://brew.sh",
        "cargo" | "rustup" => " from https://rustup.rs",
        "go" => " from https://go.dev/dl",
        "npm" => " from https://nodejs.org",
        "uv" => " from https://docs.astral.sh/uv, or with `python3 -m pip install uv`",
        _ => "",
    };
    let instead = match command {
        [program, tool, install, packages @ ..]
            if [program, tool, install] == ["uv", "tool", "install"] =>
        {
            format!(
                "; or run `python3 -m pip install {}` in a virtual environment that is on PATH",
                packages.join(" ")
            )
        }
        _ => String::new(),
    };
    format!("install `{program}` first{source}{instead}")
}
