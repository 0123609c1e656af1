//! `[[daemon]]`: how processes that tools leave in the background are stopped.

use super::context::{Context, TemplatePlace};
use crate::scenario::condition::When;
use crate::scenario::reader::{Fields, Shape, TableShape, Text, all, optional, required};
use crate::scenario::template::Template;
use crate::scenario::words::printable;
use crate::scenario::writer::{Writer, argv};

/// `[[daemon]]`
pub(super) static DAEMON: TableShape = TableShape {
    title: "[[daemon]]",
    doc: "How a process that tools leave in the background is stopped before caches are saved: a live store is not a consistent one. What still lives afterwards is killed, so a failing command is not an error.",
    keys: &[
        optional(
            "name",
            Shape::Name,
            "none",
            "The NAME of `{port.NAME}`, a free port chosen for every runner: daemons that listen at a fixed port would be shared.",
        ),
        required("stop", Shape::Filled(&Shape::Template), "Program and arguments."),
        Context::WHEN,
    ],
    groups: &[],
    needs: &[],
    example: "[[daemon]]\nstop = [\"zccache\", \"stop\"]\nwhen = { launcher = \"zccache\" }",
};

/// How to stop a daemon.
#[derive(Clone, Debug, PartialEq)]
pub struct DaemonSpec {
    /// With a name, `{port.NAME}` is a free port chosen for it.
    pub name: Option<String>,
    /// Command; its failure is not an error, since what still lives afterwards is killed.
    pub stop: Vec<Template>,
    /// When it applies.
    pub when: When,
}

pub(super) fn read<'r>(
    context: &Context<'r, '_>,
    tables: &[Fields<'r, '_>],
) -> Option<Vec<DaemonSpec>> {
    context.unique("daemons", tables);
    all(tables.iter().map(|daemon| {
        let name = daemon.optional_text("name", |text| name(context, &text));
        let stop = context.argv(daemon.argv("stop"), TemplatePlace::Elsewhere);
        let when = context.when(daemon);
        Some(DaemonSpec { name: name?, stop: stop?, when: when? })
    }))
}

/// A name that no service has: they would share `{port.NAME}`.
fn name(context: &Context<'_, '_>, text: &Text<'_>) -> Option<String> {
    let shared = context.services.iter().any(|name| name.eq_ignore_ascii_case(text.value));
    if shared {
        context.diagnostics.problem(
            text.span.clone(),
            format!("a service is named `{}` too", printable(text.value)),
            "`{port.NAME}` belongs to one of them".to_owned(),
        );
    }
    context.diagnostics.name(text).filter(|_| !shared)
}

pub(super) fn write(writer: &mut Writer<'_>, daemons: &[DaemonSpec]) {
    for daemon in daemons {
        if writer.holds(&daemon.when) {
            writer.header("[[daemon]]");
            writer.optional_string("name", daemon.name.as_deref());
            writer.line("stop", argv(&daemon.stop));
            writer.when(&daemon.when);
        }
    }
}
