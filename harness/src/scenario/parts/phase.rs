//! `[[phase]]`: the steps.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::context::{Context, TemplatePlace};
use crate::scenario::condition::{When, param_product};
use crate::scenario::reader::{Fields, Shape, TableShape, all, optional, required};
use crate::scenario::template::Template;
use crate::scenario::units::show_duration;
use crate::scenario::words::printable;
use crate::scenario::writer::{Writer, argv};

/// Without `timeout`.
const TIMEOUT: Duration = Duration::from_mins(10);
/// With more combinations of params than this they are not tried one by one.
const MAX_COMBINATIONS: usize = 10_000;

/// `[[phase]]`
pub(in crate::scenario) static PHASE: TableShape = TableShape {
    title: "[[phase]]",
    doc: "A step of the scenario. Every phase is timed; those that are `measured` make the sample's time. At least one is measured, whatever the params.",
    keys: &[
        required("name", Shape::Name, "Its name in reports and logs."),
        optional(
            "measured",
            Shape::Bool,
            "`false`",
            "Whether its time counts. Setting up (fetching sources, writing a configuration) does not.",
        ),
        required(
            "run",
            Shape::Run,
            "Program and arguments; no shell, so nothing needs quoting. With `shell = true`, a script.",
        ),
        optional(
            "shell",
            Shape::Bool,
            "`false`",
            "Run the text of `run` by `sh -c`. The shell's own start is then part of the time.",
        ),
        optional("cwd", Shape::Template, "`{workspace}`", "The directory to run in."),
        optional("env", Shape::Variables, "none", "Variables for this phase only."),
        optional(
            "timeout",
            Shape::Duration,
            "`10m`",
            "Each of its commands, and what they started, is killed after this.",
        ),
        Context::WHEN,
    ],
    groups: &[],
    needs: &[],
    example: "[[phase]]\nname = \"compile\"\nmeasured = true\nrun = [\"make\", \"-f\", \"{scenario}/sketch.mk\", \"SKETCH={example}\"]\ntimeout = \"5m\"",
};

/// A command in a phase.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseSpec {
    /// Name.
    pub name: String,
    /// Whether its time counts.
    pub measured: bool,
    /// argv; with `shell`, one script.
    pub run: PhaseCommand,
    /// Directory to run in; `{workspace}` without it.
    pub cwd: Option<Template>,
    /// Variables for this phase only.
    pub env: BTreeMap<String, Template>,
    /// Killed after this time, each command.
    pub timeout: Duration,
    /// When it is part of the sample.
    pub when: When,
}

/// What a phase executes.
#[derive(Clone, Debug, PartialEq)]
pub enum PhaseCommand {
    /// Program and arguments.
    Argv(Vec<Template>),
    /// A script for `sh -c`.
    Shell(Template),
}

pub(super) fn read<'r>(
    context: &Context<'r, '_>,
    tables: &[Fields<'r, '_>],
) -> Option<Vec<PhaseSpec>> {
    context.unique("phases", tables);
    let measured = some_phase_is_measured(context, tables);
    let phases = all(tables.iter().map(|table| phase(context, table)));
    measured.and(phases)
}

fn phase(context: &Context<'_, '_>, phase: &Fields<'_, '_>) -> Option<PhaseSpec> {
    let place = phase.quiet_text("name").map_or(TemplatePlace::Elsewhere, TemplatePlace::Phase);
    let name = phase.name("name");
    let measured = phase.flag("measured");
    let run = match phase.flag("shell") {
        Some(true) => script(context, phase, place).map(PhaseCommand::Shell),
        Some(false) if phase.quiet_text("run").is_some() => {
            context.diagnostics.problem(
                phase.get("run")?.span(),
                "`run` is a string, expected a list: program and arguments",
                "add `shell = true` to run it by `sh -c`".to_owned(),
            );
            None
        }
        Some(false) => context.argv(phase.argv("run"), place).map(PhaseCommand::Argv),
        None => None,
    };
    let cwd = phase.optional_text("cwd", |text| context.template(&text, place));
    let env = context.variables(phase, "env", place);
    let timeout = phase.duration("timeout", TIMEOUT);
    let when = context.when(phase);
    Some(PhaseSpec {
        name: name?,
        measured: measured?,
        run: run?,
        cwd: cwd?,
        env: env?,
        timeout: timeout?,
        when: when?,
    })
}

fn script(
    context: &Context<'_, '_>,
    phase: &Fields<'_, '_>,
    place: TemplatePlace<'_>,
) -> Option<Template> {
    let text = phase.text("run")?;
    if text.value.trim().is_empty() {
        context.diagnostics.problem(text.span, "the script is empty", None);
        return None;
    }
    context.template(&text, place)
}

/// Reports when, under some params, nothing would be measured.
fn some_phase_is_measured(context: &Context<'_, '_>, tables: &[Fields<'_, '_>]) -> Option<()> {
    let Some(first) = tables.first() else { return Some(()) };
    let measured: Vec<_> =
        tables.iter().filter(|phase| phase.flag("measured") != Some(false)).collect();
    if measured.is_empty() {
        context.diagnostics.absence(
            first.key_span("name"),
            "no phase is measured",
            "write `measured = true` in the phase whose time counts".to_owned(),
        );
        return None;
    }
    let conditions: Option<Vec<_>> = measured.iter().map(|phase| context.when(phase)).collect();
    // A broken condition has been reported; what it would allow is unknown.
    let Some(conditions) = conditions else { return Some(()) };
    let named: BTreeSet<&String> = conditions.iter().flat_map(|when| when.0.keys()).collect();
    // Values that an open param does not list cannot be tried.
    let axes: Vec<_> = context
        .params
        .iter()
        .filter(|param| named.contains(&param.name) && !param.values.is_empty())
        .map(|param| (param.name.clone(), param.values.clone()))
        .collect();
    let size = axes.iter().try_fold(1_usize, |size, (_, values)| size.checked_mul(values.len()));
    if size.is_none_or(|size| size > MAX_COMBINATIONS) {
        return Some(());
    }
    let nothing = param_product(&axes)
        .into_iter()
        .find(|params| !conditions.iter().any(|when| when.holds(params)));
    let Some(nothing) = nothing else { return Some(()) };
    let nothing: Vec<_> = nothing.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    context.diagnostics.absence(
        first.key_span("name"),
        format!("no phase is measured when {}", printable(&nothing.join(", "))),
        "every combination of params needs a phase whose time counts".to_owned(),
    );
    None
}

pub(super) fn write(writer: &mut Writer<'_>, phases: &[PhaseSpec]) {
    for phase in phases {
        if !writer.holds(&phase.when) {
            continue;
        }
        writer.header("[[phase]]");
        writer.string("name", &phase.name);
        writer.line("measured", phase.measured.to_string());
        match &phase.run {
            PhaseCommand::Argv(run) => writer.line("run", argv(run)),
            PhaseCommand::Shell(script) => {
                writer.line("shell", "true");
                writer.string("run", script.as_str());
            }
        }
        writer.optional_string("cwd", phase.cwd.as_ref().map(Template::as_str));
        writer.variables("env", &phase.env);
        writer.string("timeout", &show_duration(phase.timeout));
        writer.when(&phase.when);
    }
}
