//! `[examples]` and its `extract`: what is timed inside one of the phases.

use std::collections::BTreeSet;

use regex::Regex;

use super::context::{Context, TemplatePlace};
use crate::error_text::with_causes;
use crate::formats::extract::{ExtractFormat, FORMATS};
use crate::scenario::globs::{GlobKind, Globs};
use crate::scenario::reader::{
    Diagnostics, Fields, Shape, TableShape, Text, all, one_of, optional, required,
};
use crate::scenario::template::Template;
use crate::scenario::words::printable;
use crate::scenario::writer::{Writer, argv, inline, list, quoted};

/// `[examples]`
pub(super) static EXAMPLES: TableShape = TableShape {
    title: "[examples]",
    doc: "The named units inside one phase whose times are recorded separately. With `glob`, `list` or `command` the phase runs once per example, in order, and `{example}` is its value; with `extract` it runs once and a report has the times.",
    keys: &[
        required("phase", Shape::Name, "The phase; any phase may have them."),
        optional(
            "glob",
            Shape::OneOrMore(&Shape::Glob),
            "",
            "Files of the workspace, in sorted order. `*` stops at `/`, `**` does not.",
        ),
        optional("list", Shape::Filled(&Shape::Text), "", "The values themselves."),
        optional(
            "command",
            Shape::Filled(&Shape::Template),
            "",
            "A command that prints one value per line, run once per sample before the phases.",
        ),
        optional("extract", Shape::Table(&EXTRACT), "", "A report, or the phase's output."),
        optional(
            "name",
            Shape::Regex,
            "the value",
            "Its first group, applied to a value, is the example's name.",
        ),
        optional("exclude", Shape::List(&Shape::Glob), "none", "Values that are left out."),
    ],
    groups: &[one_of(&["glob", "list", "command", "extract"])],
    needs: &[],
    example: "[examples]\nphase = \"compile\"\nglob = \"examples/*/*.ino\"\nname = '([^/]+)\\.ino$'\nexclude = [\"examples/Broken/**\"]",
};

/// `extract`
pub(super) static EXTRACT: TableShape = TableShape {
    title: "[examples.extract]",
    doc: "A report with the time of every example.",
    keys: &[
        required("format", Shape::Format(&FORMATS), "How to read it."),
        optional(
            "pattern",
            Shape::Regex,
            "",
            "With `lines` only: matches a line with a time; its groups are `name`, `seconds` or `ms`, and `failed`.",
        ),
        optional(
            "path",
            Shape::Template,
            "the phase's standard output",
            "The file, relative to the workspace.",
        ),
    ],
    groups: &[],
    needs: &[],
    example: "extract = { format = \"junit\", path = \"target/nextest/ci/junit.xml\" }",
};

/// What is timed inside one phase.
#[derive(Clone, Debug)]
pub struct ExamplesSpec {
    /// The phase.
    pub phase: String,
    /// How the examples are known.
    pub from: ExamplesFrom,
    /// First group of this expression, applied to an example's value, is its name.
    pub name: Option<Regex>,
    /// Values that are left out.
    pub exclude: Globs,
}

impl PartialEq for ExamplesSpec {
    fn eq(&self, other: &Self) -> bool {
        // Taken apart, so that a new field cannot be forgotten here.
        let Self { phase, from, name, exclude } = self;
        (phase, from, exclude) == (&other.phase, &other.from, &other.exclude)
            && name.as_ref().map(Regex::as_str) == other.name.as_ref().map(Regex::as_str)
    }
}

/// How examples are known.
#[derive(Clone, Debug, PartialEq)]
pub enum ExamplesFrom {
    /// Files of the workspace: the phase runs once per match, in sorted order.
    Glob(Globs),
    /// Given values: the phase runs once per value.
    List(Vec<String>),
    /// One value per line of a command's output, run once per sample before the phases.
    Command(Vec<Template>),
    /// The phase runs once; a report that it writes, or its output, has the times.
    Extract(ExtractSpec),
}

/// A report with times.
#[derive(Clone, Debug, PartialEq)]
pub struct ExtractSpec {
    /// Its format.
    pub format: ExtractFormat,
    /// The file, relative to the workspace; the phase's standard output without it.
    pub path: Option<Template>,
}

pub(super) fn read(context: &Context<'_, '_>, examples: &Fields<'_, '_>) -> Option<ExamplesSpec> {
    let diagnostics = context.diagnostics;
    let phase = context.reference("phase", examples.text("phase"), &context.phases);
    let glob = examples.optional("glob", || {
        let globs = Globs::compile(diagnostics, &examples.one_or_more("glob")?, GlobKind::Path);
        globs.map(ExamplesFrom::Glob)
    });
    let list = examples.optional("list", || {
        values(diagnostics, &examples.filled("list")?).map(ExamplesFrom::List)
    });
    let command = examples.optional("command", || {
        context.argv(examples.argv("command"), TemplatePlace::Elsewhere).map(ExamplesFrom::Command)
    });
    let extract = examples.optional("extract", || {
        extract(context, &examples.table("extract")?).map(ExamplesFrom::Extract)
    });
    let name = examples.optional_text("name", |text| {
        let regex = diagnostics.regex(&text)?;
        if regex.captures_len() < 2 {
            diagnostics.problem(
                text.span,
                "this expression has no group",
                "put what is the name into `(...)`".to_owned(),
            );
            return None;
        }
        Some(regex)
    });
    let exclude = examples.or_default("exclude", || {
        Globs::compile(diagnostics, &examples.texts("exclude")?, GlobKind::Value)
    });
    let from = glob?.or(list?).or(command?).or(extract?)?;
    Some(ExamplesSpec { phase: phase?, from, name: name?, exclude: exclude? })
}

fn values(diagnostics: &Diagnostics<'_>, texts: &[Text<'_>]) -> Option<Vec<String>> {
    let mut seen = BTreeSet::new();
    all(texts.iter().map(|text| {
        let good = !text.value.is_empty() && seen.insert(text.value);
        if !good {
            let shown = printable(text.value);
            let message = format!("example `{shown}` is empty or listed twice");
            diagnostics.problem(text.span.clone(), message, None);
        }
        good.then(|| text.value.to_owned())
    }))
}

fn extract(context: &Context<'_, '_>, table: &Fields<'_, '_>) -> Option<ExtractSpec> {
    let format = format(context.diagnostics, table);
    let path =
        table.optional_text("path", |path| context.template(&path, TemplatePlace::Elsewhere));
    Some(ExtractSpec { format: format?, path: path? })
}

/// The format, with the pattern that one of them needs.
fn format(diagnostics: &Diagnostics<'_>, table: &Fields<'_, '_>) -> Option<ExtractFormat> {
    let words: Vec<_> = FORMATS.iter().map(|format| (format.name, format.name)).collect();
    let name = table.text("format").and_then(|text| diagnostics.choice(&text, &words));
    let pattern = table.get("pattern").map(|value| (value.span(), table.text("pattern")));
    match (name?, pattern) {
        (ExtractFormat::LINES, None) => {
            diagnostics.problem(
                table.span.clone(),
                "format `lines` needs a `pattern`",
                "a regular expression with the groups `name` and `seconds` or `ms`".to_owned(),
            );
            None
        }
        (ExtractFormat::LINES, Some((span, pattern))) => {
            let pattern = pattern?;
            diagnostics.regex(&pattern)?;
            ExtractFormat::lines(pattern.value)
                .map_err(|error| diagnostics.problem(span, with_causes(&error), None))
                .ok()
        }
        (name, None) => ExtractFormat::from_name(name),
        (name, Some((span, _))) => {
            let message = format!("format `{name}` does not take a `pattern`");
            diagnostics.problem(span, message, "only `lines` does".to_owned());
            None
        }
    }
}

pub(super) fn write(writer: &mut Writer<'_>, examples: &ExamplesSpec) {
    if !writer.has("phase", &examples.phase) {
        return;
    }
    writer.header("[examples]");
    writer.string("phase", &examples.phase);
    match &examples.from {
        ExamplesFrom::Glob(globs) => writer.globs("glob", globs),
        ExamplesFrom::List(values) => writer.line("list", list(values)),
        ExamplesFrom::Command(command) => writer.line("command", argv(command)),
        ExamplesFrom::Extract(extract) => {
            let table = [
                ("format", Some(extract.format.name())),
                ("pattern", extract.format.pattern()),
                ("path", extract.path.as_ref().map(Template::as_str)),
            ];
            let table = table.into_iter().filter_map(|(key, value)| Some((key, quoted(value?))));
            writer.line("extract", inline(table));
        }
    }
    writer.optional_string("name", examples.name.as_ref().map(Regex::as_str));
    writer.globs("exclude", &examples.exclude);
}
