//! The required tools.

use std::collections::BTreeMap;
use std::path::Path;

use super::value::{Context, Place, all};
use crate::scenario::keys::PLATFORMS;
use crate::scenario::model::ToolSpec;
use crate::scenario::report::{Entry, Text};
use crate::scenario::tables::TOOL;
use crate::scenario::units;
use crate::scenario::wire::Fields;
use crate::scenario::words::{nearest, printable};

/// The required tools.
pub(super) fn tools(
    context: &Context<'_, '_>,
    file: &Fields<'_, '_>,
    dir: &Path,
) -> Option<Vec<ToolSpec>> {
    if file.get("tools").is_none() {
        return Some(Vec::new());
    }
    let entries = file.entries("tools")?;
    all(entries.iter().map(|entry| tool(context, entry, dir)))
}

fn tool(context: &Context<'_, '_>, entry: &Entry<'_, '_>, dir: &Path) -> Option<ToolSpec> {
    let (name, value) = entry;
    let name = context.name(name);
    let tool = context.report.fields(value, &TOOL)?;
    let command = |key| match tool.get(key) {
        Some(_) => context.plain_argv(tool.argv(key)).map(Some),
        None => Some(None),
    };
    let number = |key| match tool.get(key) {
        Some(_) => tool.text(key).and_then(|text| version(context, &text)).map(Some),
        None => Some(None),
    };
    let version = command("version");
    let prefix = command("prefix");
    let min = number("min");
    let below = number("below");
    let exists = match tool.get("exists") {
        Some(_) => tool
            .text("exists")
            .and_then(|text| context.plain(&text))
            .map(|text| Some(dir.join(text))),
        None => Some(None),
    };
    let provision = match tool.get("provision") {
        Some(_) => context.argv(tool.argv("provision"), Place::Image),
        None => Some(Vec::new()),
    };
    let install = install(context, &tool);
    let when = context.when(&tool);
    let (install, note) = install?;
    Some(ToolSpec {
        name: name?,
        version: version?.unwrap_or_default(),
        min: min?,
        below: below?,
        install,
        note,
        prefix: prefix?,
        provision: provision?,
        exists: exists?,
        when: when?,
    })
}

fn version(context: &Context<'_, '_>, text: &Text<'_>) -> Option<String> {
    let good = units::is_version(text.value);
    if !good {
        context.report.problem(
            text.span.clone(),
            format!("`{}` is no version", printable(text.value)),
            "dotted numbers: `5.4`".to_owned(),
        );
    }
    good.then(|| text.value.to_owned())
}

type Install = (BTreeMap<String, Vec<String>>, Option<String>);

fn install(context: &Context<'_, '_>, tool: &Fields<'_, '_>) -> Option<Install> {
    if tool.get("install").is_none() {
        return Some(Install::default());
    }
    let report = context.report;
    let mut note = None;
    let mut packages = BTreeMap::new();
    let mut good = true;
    for (key, value) in tool.entries("install")? {
        if key.value == "note" {
            note = report.text(value).map(|text| text.value.to_owned());
            good &= note.is_some();
            continue;
        }
        if !PLATFORMS.contains(&key.value) {
            report.problem(
                key.span.clone(),
                format!("unknown platform `{}` in `install`", printable(key.value)),
                nearest(key.value, PLATFORMS),
            );
            good = false;
        }
        let Some(items) = value.get_ref().as_array() else {
            report.wrong_type(value, "a list of packages");
            good = false;
            continue;
        };
        let names: Option<Vec<String>> = all(items.iter().map(|item| {
            let text = report.text(item)?;
            // They become arguments of a package manager that may run as root.
            let bad = text.value.is_empty()
                || text.value.starts_with('-')
                || text.value.contains(|c: char| c.is_whitespace() || c.is_control());
            if bad {
                report.problem(
                    text.span,
                    format!("`{}` is no package", printable(text.value)),
                    "one name an item, no options".to_owned(),
                );
            }
            (!bad).then(|| text.value.to_owned())
        }));
        match names {
            Some(names) => {
                packages.insert(key.value.to_owned(), names);
            }
            None => good = false,
        }
    }
    good.then_some((packages, note))
}
