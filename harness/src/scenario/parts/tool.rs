//! `[tools.NAME]`: what must be installed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::context::{Context, TemplatePlace};
use crate::scenario::condition::When;
use crate::scenario::reader::{
    Count, Diagnostics, Fields, Group, KeyValue, Shape, TableShape, Text, all, optional,
};
use crate::scenario::template::Template;
use crate::scenario::units;
use crate::scenario::words::{nearest, printable};
use crate::scenario::writer::{Writer, argv, bare, inline, list, quoted, relative};

/// Platforms and package managers that `install` may name.
const PLATFORMS: &[&str] = &[
    "alpine", "arch", "cargo", "debian", "fedora", "go", "macos", "npm", "pip", "rustup", "uv",
    "venv", "windows",
];

/// `[tools.NAME]`
pub(super) static TOOL: TableShape = TableShape {
    title: "[tools.NAME]",
    doc: "A required tool. It is part of the runner's image, not a cache: installed once, never timed as cold. `bench doctor` names what is missing and how to install it. Commands here run as written, without placeholders.",
    keys: &[
        optional(
            "version",
            Shape::Filled(&Shape::Text),
            "",
            "Command that prints the version; the first dotted number in its output counts.",
        ),
        optional("min", Shape::Version, "any", "Smallest version that works."),
        optional("below", Shape::Version, "any", "First version that no longer works."),
        optional(
            "install",
            Shape::Install(PLATFORMS),
            "unknown",
            "Packages by platform or package manager, and a `note` for people. `venv` installs Python packages into a virtual environment of the scenario, inside the state root: nothing of the user's changes, and its `bin` is on every runner's PATH.",
        ),
        optional(
            "prefix",
            Shape::Filled(&Shape::Text),
            "",
            "Command, run once in your own environment, that prints the installation prefix; its `bin` comes first on the runner's PATH. For launchers that look for their home (rustup, pyenv), which a runner does not have.",
        ),
        optional(
            "provision",
            Shape::Filled(&Shape::Template),
            "none",
            "Command that makes a part of the runner's image in `{tools}`, run there once, in your own environment and outside any sample, and again only when the scenario's files or the tool's version change. It may use `{tools}`, `{scenario}` and `{param.NAME}`.",
        ),
        optional(
            "exists",
            Shape::Text,
            "",
            "A file or directory that must exist: a library without a version command.",
        ),
        Context::WHEN,
    ],
    groups: &[Group { count: Count::AtLeastOne, keys: &["version", "exists"] }],
    needs: &[("min", "version"), ("below", "version")],
    example: "[tools.avr-gcc]\nversion = [\"avr-g++\", \"--version\"]\nmin = \"5.4\"\ninstall = { debian = [\"gcc-avr\", \"avr-libc\"], note = \"or the Arduino toolchain\" }",
};

/// A required tool: part of the runner's image, not a cache.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolSpec {
    /// Name.
    pub name: String,
    /// Command that prints the version.
    pub version: Vec<String>,
    /// Smallest version that works (dotted numbers).
    pub min: Option<String>,
    /// First version that does not work any more.
    pub below: Option<String>,
    /// Packages by platform (`debian`, `fedora`, `macos`, `cargo`, `pip`).
    pub install: BTreeMap<String, Vec<String>>,
    /// What else a person should know.
    pub note: Option<String>,
    /// Command, run once in the user's own environment, that prints the installation prefix; its `bin`
    /// then comes first on the runner's PATH. For launchers that look for their home (rustup, pyenv).
    pub prefix: Option<Vec<String>>,
    /// Command that fills `{tools}`, run once before the first runner.
    pub provision: Vec<Template>,
    /// A file or directory that must exist (a library without a version command).
    pub exists: Option<PathBuf>,
    /// When it is needed.
    pub when: When,
}

pub(super) fn read(
    context: &Context<'_, '_>,
    file: &Fields<'_, '_>,
    dir: &Path,
) -> Option<Vec<ToolSpec>> {
    file.or_default("tools", || {
        all(file.entries("tools")?.iter().map(|entry| tool(context, entry, dir)))
    })
}

fn tool(context: &Context<'_, '_>, entry: &KeyValue<'_, '_>, dir: &Path) -> Option<ToolSpec> {
    let (name, value) = entry;
    let name = context.diagnostics.name(name);
    let tool = Fields::of(context.diagnostics, value, &TOOL)?;
    let command = |key| tool.optional(key, || context.plain_argv(tool.argv(key)));
    let number = |key| tool.optional_text(key, |text| version(context.diagnostics, &text));
    let version = command("version");
    let prefix = command("prefix");
    let min = number("min");
    let below = number("below");
    let exists = tool.optional_text("exists", |text| Some(dir.join(context.plain(&text)?)));
    let provision =
        tool.or_default("provision", || context.argv(tool.argv("provision"), TemplatePlace::Image));
    let install = tool.or_default("install", || install(context.diagnostics, &tool));
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

fn version(diagnostics: &Diagnostics<'_>, text: &Text<'_>) -> Option<String> {
    let good = units::is_version(text.value);
    if !good {
        diagnostics.problem(
            text.span.clone(),
            format!("`{}` is not a version", printable(text.value)),
            "dotted numbers: `5.4`".to_owned(),
        );
    }
    good.then(|| text.value.to_owned())
}

/// Packages by platform, and the note.
type Install = (BTreeMap<String, Vec<String>>, Option<String>);

fn install(diagnostics: &Diagnostics<'_>, tool: &Fields<'_, '_>) -> Option<Install> {
    let mut note = None;
    let mut packages = BTreeMap::new();
    let mut good = true;
    for (key, value) in tool.entries("install")? {
        if key.value == "note" {
            note = diagnostics.text(value).map(|text| text.value.to_owned());
            good &= note.is_some();
            continue;
        }
        if !PLATFORMS.contains(&key.value) {
            diagnostics.problem(
                key.span.clone(),
                format!("unknown platform `{}` in `install`", printable(key.value)),
                nearest(key.value, PLATFORMS),
            );
            good = false;
        }
        let Some(items) = value.get_ref().as_array() else {
            diagnostics.wrong_type(value, "a list of packages");
            good = false;
            continue;
        };
        let names: Option<Vec<String>> =
            all(items.iter().map(|item| package(diagnostics, &diagnostics.text(item)?)));
        match names {
            Some(names) => drop(packages.insert(key.value.to_owned(), names)),
            None => good = false,
        }
    }
    good.then_some((packages, note))
}

/// The name of a package: it becomes an argument of a package manager that may run as root.
fn package(diagnostics: &Diagnostics<'_>, text: &Text<'_>) -> Option<String> {
    let bad = text.value.is_empty()
        || text.value.starts_with('-')
        || text.value.contains(|c: char| c.is_whitespace() || c.is_control());
    if bad {
        diagnostics.problem(
            text.span.clone(),
            format!("`{}` is not the name of a package", printable(text.value)),
            "one name per item, no options".to_owned(),
        );
    }
    (!bad).then(|| text.value.to_owned())
}

pub(super) fn write(writer: &mut Writer<'_>, tools: &[ToolSpec], dir: &Path) {
    for tool in tools {
        if !writer.holds(&tool.when) {
            continue;
        }
        writer.header(&format!("[tools.{}]", bare(&tool.name)));
        writer.filled("version", &tool.version);
        writer.optional_string("min", tool.min.as_deref());
        writer.optional_string("below", tool.below.as_deref());
        let mut install: Vec<_> =
            tool.install.iter().map(|(platform, names)| (platform.as_str(), list(names))).collect();
        install.extend(tool.note.as_ref().map(|text| ("note", quoted(text))));
        if !install.is_empty() {
            writer.line("install", inline(install));
        }
        writer.filled("prefix", tool.prefix.as_deref().unwrap_or_default());
        if !tool.provision.is_empty() {
            writer.line("provision", argv(&tool.provision));
        }
        if let Some(path) = &tool.exists {
            writer.string("exists", &relative(path, dir));
        }
        writer.when(&tool.when);
    }
}
