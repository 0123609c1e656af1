//! The parts that run: services, phases, examples, daemons, probes.

use std::collections::BTreeSet;
use std::time::Duration;

use super::value::{Context, GlobKind, Place, all};
use crate::error_text::with_causes;
use crate::formats::extract::Format;
use crate::scenario::model::{
    Counter, DaemonSpec, ExamplesFrom, ExamplesSpec, ExtractSpec, PhaseCommand, PhaseSpec,
    ProbeFrom, ProbeSpec, Ready, ReadyCheck, ServiceSpec,
};
use crate::scenario::params::param_product;
use crate::scenario::report::Text;
use crate::scenario::template::Template;
use crate::scenario::wire::Fields;
use crate::scenario::words::printable;

/// Without `timeout`.
const PHASE_TIMEOUT: Duration = Duration::from_mins(10);
/// Without `within`.
const READY_WITHIN: Duration = Duration::from_secs(10);
/// Combinations of params beyond this are not tried one by one.
const COMBINATIONS: usize = 10_000;

/// The services.
pub(super) fn services<'r>(
    context: &Context<'r, '_>,
    tables: &[Fields<'r, '_>],
) -> Option<Vec<ServiceSpec>> {
    context.unique("services", tables);
    all(tables.iter().map(|service| {
        let name = service.text("name").and_then(|name| context.name(&name));
        let run = context.argv(service.argv("run"), Place::Elsewhere);
        let env = context.variables(service, "env", Place::Elsewhere);
        let ready = match service.get("ready") {
            Some(_) => service.table("ready").and_then(|table| ready(context, &table)).map(Some),
            None => Some(None),
        };
        let port = match service.get("port") {
            Some(_) => service.port("port").map(Some),
            None => Some(None),
        };
        let when = context.when(service);
        Some(ServiceSpec {
            name: name?,
            run: run?,
            env: env?,
            port: port?,
            ready: ready?,
            when: when?,
        })
    }))
}

fn ready(context: &Context<'_, '_>, table: &Fields<'_, '_>) -> Option<Ready> {
    let within = context.duration(table, "within", READY_WITHIN);
    let template = |key| {
        table.get(key)?;
        Some(table.text(key).and_then(|text| {
            let template = context.template(&text, Place::Elsewhere)?;
            Some((text, template))
        }))
    };
    let tcp = template("tcp").map(|found| {
        let (text, template) = found?;
        port(context, &text, template).map(ReadyCheck::Tcp)
    });
    let file = template("file").map(|found| Some(ReadyCheck::File(found?.1)));
    let output = table.get("output").map(|_| {
        table.text("output").and_then(|text| context.regex(&text)).map(ReadyCheck::Output)
    });
    let check = tcp.or(file).or(output)?;
    Some(Ready { check: check?, within: within? })
}

/// A port: a number, or made of placeholders.
fn port(context: &Context<'_, '_>, text: &Text<'_>, template: Template) -> Option<Template> {
    let good = template.placeholders().next().is_some()
        || template.as_str().parse::<u16>().is_ok_and(|port| port > 0);
    if !good {
        context.report.problem(
            text.span.clone(),
            format!("`{}` is no port", printable(text.value)),
            "write `{port.NAME}`, a free port chosen for the service of that name".to_owned(),
        );
    }
    good.then_some(template)
}

/// The steps.
pub(super) fn phases<'r>(
    context: &Context<'r, '_>,
    tables: &[Fields<'r, '_>],
) -> Option<Vec<PhaseSpec>> {
    context.unique("phases", tables);
    all(tables.iter().map(|phase| {
        let name = phase.text("name");
        let place = name.as_ref().map_or(Place::Elsewhere, |name| Place::Phase(name.value));
        let name = name.as_ref().and_then(|name| context.name(name));
        let measured = flag(phase, "measured");
        let shell = flag(phase, "shell");
        let run = match shell {
            Some(true) => script(context, phase, place).map(PhaseCommand::Shell),
            Some(false) if phase.quiet_text("run").is_some() => {
                context.report.problem(
                    phase.get("run")?.span(),
                    "`run` is a string, expected a list: program and arguments",
                    "add `shell = true` to run it by `sh -c`".to_owned(),
                );
                None
            }
            Some(false) => context.argv(phase.argv("run"), place).map(PhaseCommand::Argv),
            None => None,
        };
        let cwd = match phase.get("cwd") {
            Some(_) => phase.text("cwd").and_then(|cwd| context.template(&cwd, place)).map(Some),
            None => Some(None),
        };
        let env = context.variables(phase, "env", place);
        let timeout = context.duration(phase, "timeout", PHASE_TIMEOUT);
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
    }))
}

fn flag(phase: &Fields<'_, '_>, key: &'static str) -> Option<bool> {
    match phase.get(key) {
        Some(_) => phase.bool(key),
        None => Some(false),
    }
}

fn script(context: &Context<'_, '_>, phase: &Fields<'_, '_>, place: Place<'_>) -> Option<Template> {
    let text = phase.text("run")?;
    if text.value.trim().is_empty() {
        context.report.problem(text.span, "the script is empty", None);
        return None;
    }
    context.template(&text, place)
}

/// Reports when, under some params, nothing would be measured.
pub(super) fn some_phase_is_measured(
    context: &Context<'_, '_>,
    tables: &[Fields<'_, '_>],
) -> Option<()> {
    let measured: Vec<_> =
        tables.iter().filter(|phase| flag(phase, "measured") != Some(false)).collect();
    let Some(first) = tables.first() else { return Some(()) };
    if measured.is_empty() {
        context.report.absence(
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
    if size.is_none_or(|size| size > COMBINATIONS) {
        return Some(());
    }
    let nothing = param_product(&axes)
        .into_iter()
        .find(|params| !conditions.iter().any(|when| when.holds(params)));
    let Some(nothing) = nothing else { return Some(()) };
    let nothing: Vec<_> = nothing.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    context.report.absence(
        first.key_span("name"),
        format!("no phase is measured when {}", printable(&nothing.join(", "))),
        "every combination of params needs a phase whose time counts".to_owned(),
    );
    None
}

/// What is timed inside a phase.
pub(super) fn examples(
    context: &Context<'_, '_>,
    examples: &Fields<'_, '_>,
) -> Option<ExamplesSpec> {
    let phase = context.reference("phase", examples.text("phase"), &context.phases);
    let glob = examples.get("glob").map(|_| {
        context.globs(examples.one_or_more("glob"), GlobKind::Path).map(ExamplesFrom::Glob)
    });
    let list = examples.get("list").map(|_| {
        examples.filled("list").and_then(|texts| values(context, &texts)).map(ExamplesFrom::List)
    });
    let command = examples.get("command").map(|_| {
        context.argv(examples.argv("command"), Place::Elsewhere).map(ExamplesFrom::Command)
    });
    let extract = examples.get("extract").map(|_| {
        examples
            .table("extract")
            .and_then(|table| extract(context, &table))
            .map(ExamplesFrom::Extract)
    });
    let name = match examples.get("name") {
        Some(_) => examples.text("name").and_then(|text| {
            let regex = context.regex(&text)?;
            if regex.captures_len() < 2 {
                context.report.problem(
                    text.span,
                    "this expression has no group",
                    "put what is the name into `(...)`".to_owned(),
                );
                return None;
            }
            Some(Some(regex))
        }),
        None => Some(None),
    };
    let exclude = context.optional_globs(examples, "exclude", GlobKind::Value);
    let from = glob.or(list).or(command).or(extract)?;
    Some(ExamplesSpec { phase: phase?, from: from?, name: name?, exclude: exclude? })
}

fn values(context: &Context<'_, '_>, texts: &[Text<'_>]) -> Option<Vec<String>> {
    let mut seen = BTreeSet::new();
    all(texts.iter().map(|text| {
        let good = !text.value.is_empty() && seen.insert(text.value);
        if !good {
            context.report.problem(
                text.span.clone(),
                format!("example `{}` is empty or listed twice", printable(text.value)),
                None,
            );
        }
        good.then(|| text.value.to_owned())
    }))
}

fn extract(context: &Context<'_, '_>, table: &Fields<'_, '_>) -> Option<ExtractSpec> {
    let words: Vec<(&str, &str)> = Format::names().map(|name| (name, name)).collect();
    let name = table.text("format").and_then(|text| context.choice(&text, &words));
    let pattern = table.get("pattern").map(|_| table.text("pattern"));
    let format = match (name?, pattern) {
        (Format::LINES, None) => {
            context.report.problem(
                table.span.clone(),
                "format `lines` needs a `pattern`".to_owned(),
                Some(
                    "a regular expression with the groups `name` and `seconds` or `ms`".to_owned(),
                ),
            );
            None
        }
        (Format::LINES, Some(pattern)) => {
            let pattern = pattern?;
            context.regex(&pattern)?;
            Format::lines(pattern.value)
                .map_err(|error| {
                    context.report.problem(pattern.span.clone(), with_causes(&error), None);
                })
                .ok()
        }
        (name, None) => Format::from_name(name),
        (name, Some(pattern)) => {
            let span = pattern.map_or_else(|| table.span.clone(), |pattern| pattern.span.clone());
            let message = format!("format `{name}` takes no `pattern`");
            context.report.problem(span, message, Some("`lines` does".to_owned()));
            None
        }
    };
    let path = match table.get("path") {
        Some(_) => {
            table.text("path").and_then(|path| context.template(&path, Place::Elsewhere)).map(Some)
        }
        None => Some(None),
    };
    Some(ExtractSpec { format: format?, path: path? })
}

/// How daemons are stopped.
pub(super) fn daemons<'r>(
    context: &Context<'r, '_>,
    tables: &[Fields<'r, '_>],
) -> Option<Vec<DaemonSpec>> {
    context.unique("daemons", tables);
    all(tables.iter().map(|daemon| {
        let name = match daemon.text("name") {
            Some(text) => daemon_name(context, &text).map(Some),
            None => daemon.get("name").is_none().then_some(None),
        };
        let stop = context.argv(daemon.argv("stop"), Place::Elsewhere);
        let when = context.when(daemon);
        Some(DaemonSpec { name: name?, stop: stop?, when: when? })
    }))
}

/// A service of the same name would share its port.
fn daemon_name(context: &Context<'_, '_>, text: &Text<'_>) -> Option<String> {
    let taken = context.services.iter().any(|name| name.eq_ignore_ascii_case(text.value));
    if taken {
        context.report.problem(
            text.span.clone(),
            format!("a service is named `{}` too", printable(text.value)),
            "`{port.NAME}` belongs to one of them".to_owned(),
        );
    }
    context.name(text).filter(|_| !taken)
}

/// Where hits and misses are read.
pub(super) fn probes<'r>(
    context: &Context<'r, '_>,
    file: &Fields<'r, '_>,
) -> Option<Vec<ProbeSpec>> {
    let tables = file.tables("probe");
    context.unique("probes", &tables);
    all(tables.iter().map(|probe| {
        let name = probe.text("name").and_then(|name| context.name(&name));
        let run = probe
            .get("run")
            .map(|_| context.argv(probe.argv("run"), Place::Elsewhere).map(ProbeFrom::Command));
        let phase = probe.get("phase").map(|_| {
            let phase = context.reference("phase", probe.text("phase"), &context.phases);
            phase.map(ProbeFrom::Phase)
        });
        let service = probe.get("service").map(|_| {
            let service = context.reference("service", probe.text("service"), &context.services);
            service.map(ProbeFrom::Service)
        });
        let hits = probe.text("hits").and_then(|text| context.regex(&text));
        let misses = match probe.get("misses") {
            Some(_) => probe.text("misses").and_then(|text| context.regex(&text)).map(Some),
            None => Some(None),
        };
        let counter = match probe.get("counter") {
            Some(_) => probe.text("counter").and_then(|text| {
                context.choice(
                    &text,
                    &[
                        ("cache", Counter::Cache),
                        ("daemon", Counter::Daemon),
                        ("sample", Counter::Sample),
                    ],
                )
            }),
            None if run.is_some() => Some(Counter::Cache),
            None => Some(Counter::Sample),
        };
        let when = context.when(probe);
        let from = run.or(phase).or(service)?;
        Some(ProbeSpec {
            name: name?,
            from: from?,
            hits: hits?,
            misses: misses?,
            counter: counter?,
            when: when?,
        })
    }))
}
