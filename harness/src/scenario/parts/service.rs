//! `[[service]]` and its `ready`: processes beside the measured phases.

use std::collections::BTreeMap;
use std::time::Duration;

use regex::Regex;

use super::context::{Context, TemplatePlace};
use crate::scenario::condition::When;
use crate::scenario::reader::{Fields, Shape, TableShape, Text, all, one_of, optional, required};
use crate::scenario::template::Template;
use crate::scenario::units::show_duration;
use crate::scenario::words::printable;
use crate::scenario::writer::{Writer, argv, inline, quoted};

/// Without `within`.
const READY_WITHIN: Duration = Duration::from_secs(10);

/// `[[service]]`
pub(super) static SERVICE: TableShape = TableShape {
    title: "[[service]]",
    doc: "A process that is started before the measured phases and stopped after them. `{port.NAME}` is its port, usable in every command and variable.",
    keys: &[
        required("name", Shape::Name, "Its name; the NAME of `{port.NAME}`."),
        required("run", Shape::Filled(&Shape::Template), "Program and arguments."),
        optional("env", Shape::Variables, "none", "Variables for this command only."),
        optional(
            "port",
            Shape::Port,
            "a free one, another for each sample",
            "The same port in every sample, for a service whose address enters the keys of a cache: with another port each time, nothing would ever be found again. It must be free.",
        ),
        optional("ready", Shape::Table(&READY), "at once", "How to know that it accepts work."),
        Context::WHEN,
    ],
    groups: &[],
    needs: &[],
    example: "[[service]]\nname = \"proxy\"\nrun = [\"fopro\"]\nenv = { PORT = \"{port.proxy}\" }\nready = { tcp = \"{port.proxy}\", within = \"10s\" }",
};

/// `ready`
pub(super) static READY: TableShape = TableShape {
    title: "[service.ready]",
    doc: "How to know that a service accepts work.",
    keys: &[
        optional(
            "tcp",
            Shape::Template,
            "",
            "A connection to this port on the loopback address succeeds.",
        ),
        optional("file", Shape::Template, "", "This file exists."),
        optional("output", Shape::Regex, "", "A line of its output matches."),
        optional("within", Shape::Duration, "`10s`", "Give up, and fail the sample, after this."),
    ],
    groups: &[one_of(&["tcp", "file", "output"])],
    needs: &[],
    example: "ready = { output = \"^listening\", within = \"5s\" }",
};

/// A process that runs around the measured phases.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSpec {
    /// Name; `{port.NAME}` is its port.
    pub name: String,
    /// Command.
    pub run: Vec<Template>,
    /// Variables for this command only.
    pub env: BTreeMap<String, Template>,
    /// Its port in every sample; `None` for a free one each time.
    pub port: Option<u16>,
    /// How to know that it accepts work.
    pub ready: Option<Ready>,
    /// When it is started.
    pub when: When,
}

/// How to know that a service accepts work.
#[derive(Clone, Debug, PartialEq)]
pub struct Ready {
    /// What to check.
    pub check: ReadyCheck,
    /// Give up after this time.
    pub within: Duration,
}

/// What shows that a service is ready.
#[derive(Clone, Debug)]
pub enum ReadyCheck {
    /// A TCP connection to this port on loopback succeeds.
    Tcp(Template),
    /// This file exists.
    File(Template),
    /// A line of its output matches.
    Output(Regex),
}

impl PartialEq for ReadyCheck {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tcp(one), Self::Tcp(other)) | (Self::File(one), Self::File(other)) => {
                one == other
            }
            (Self::Output(one), Self::Output(other)) => one.as_str() == other.as_str(),
            _ => false,
        }
    }
}

pub(super) fn read<'r>(
    context: &Context<'r, '_>,
    tables: &[Fields<'r, '_>],
) -> Option<Vec<ServiceSpec>> {
    context.unique("services", tables);
    all(tables.iter().map(|service| {
        let name = service.name("name");
        let run = context.argv(service.argv("run"), TemplatePlace::Elsewhere);
        let env = context.variables(service, "env", TemplatePlace::Elsewhere);
        let ready = service.optional("ready", || ready(context, &service.table("ready")?));
        let port = service.optional("port", || service.port("port"));
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
    let within = table.duration("within", READY_WITHIN);
    let template = |text: &Text<'_>| context.template(text, TemplatePlace::Elsewhere);
    let tcp = table.optional_text("tcp", |text| {
        Some(ReadyCheck::Tcp(port(context, &text, template(&text)?)?))
    });
    let file = table.optional_text("file", |text| Some(ReadyCheck::File(template(&text)?)));
    let output = table.optional("output", || Some(ReadyCheck::Output(table.regex("output")?)));
    let check = tcp?.or(file?).or(output?)?;
    Some(Ready { check, within: within? })
}

/// A port: a number, or made of placeholders.
fn port(context: &Context<'_, '_>, text: &Text<'_>, template: Template) -> Option<Template> {
    let good = template.placeholders().next().is_some()
        || template.as_str().parse::<u16>().is_ok_and(|port| port > 0);
    if !good {
        context.diagnostics.problem(
            text.span.clone(),
            format!("`{}` is not a port", printable(text.value)),
            "write `{port.NAME}`, a free port chosen for the service of that name".to_owned(),
        );
    }
    good.then_some(template)
}

pub(super) fn write(writer: &mut Writer<'_>, services: &[ServiceSpec]) {
    for service in services {
        if !writer.holds(&service.when) {
            continue;
        }
        writer.header("[[service]]");
        writer.string("name", &service.name);
        writer.line("run", argv(&service.run));
        writer.variables("env", &service.env);
        if let Some(port) = service.port {
            writer.line("port", port.to_string());
        }
        if let Some(ready) = &service.ready {
            let (key, value) = match &ready.check {
                ReadyCheck::Tcp(port) => ("tcp", port.as_str()),
                ReadyCheck::File(file) => ("file", file.as_str()),
                ReadyCheck::Output(regex) => ("output", regex.as_str()),
            };
            let within = quoted(&show_duration(ready.within));
            writer.line("ready", inline([(key, quoted(value)), ("within", within)]));
        }
        writer.when(&service.when);
    }
}
