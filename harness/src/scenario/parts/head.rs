//! `[scenario]`: what the scenario is.

use std::path::{Path, PathBuf};

use crate::scenario::reader::{Fields, Shape, TableShape, all, optional, required};
use crate::scenario::words::printable;
use crate::scenario::writer::{Writer, list};

/// `[scenario]`
pub(super) static SCENARIO: TableShape = TableShape {
    title: "[scenario]",
    doc: "What this is, for the people who read its results.",
    keys: &[
        required("title", Shape::Text, "One line, printed by `bench list` and above every report."),
        optional(
            "analysis",
            Shape::Text,
            "empty",
            "What it shows, how to read it, and what it cannot show: numbers without this mislead.",
        ),
        optional(
            "uses",
            Shape::List(&Shape::Text),
            "none",
            "Other folders, relative to this one, whose files the scenario runs (a driver shared by several): they enter its content hash, so that a change there is not mistaken for noise.",
        ),
    ],
    groups: &[],
    needs: &[],
    example: "[scenario]\ntitle = \"FastLED examples on Arduino Uno\"\nanalysis = \"Shows what ccache saves; cannot show link time.\"\nuses = [\"../avr-driver\"]",
};

/// What `[scenario]` says.
pub(super) struct Head {
    pub(super) title: String,
    pub(super) analysis: String,
    pub(super) uses: Vec<PathBuf>,
}

pub(super) fn read(file: &Fields<'_, '_>, dir: &Path) -> Option<Head> {
    let head = file.table("scenario")?;
    let title = head.text("title").filter(|title| {
        let good = !title.value.trim().is_empty() && !title.value.contains(['\n', '\r']);
        if !good {
            let message = "`title` is not one line of text";
            head.diagnostics.problem(title.span.clone(), message, None);
        }
        good
    });
    let analysis = head.or_default("analysis", || Some(head.text("analysis")?.value.to_owned()));
    let uses = head.or_default("uses", || uses(&head, dir));
    Some(Head { title: title?.value.to_owned(), analysis: analysis?, uses: uses? })
}

fn uses(head: &Fields<'_, '_>, dir: &Path) -> Option<Vec<PathBuf>> {
    all(head.texts("uses")?.iter().map(|used| {
        let path = Path::new(used.value);
        let hint = if path.is_absolute() || used.value.starts_with('~') {
            "write it relative to the scenario's folder"
        } else if !dir.join(path).is_dir() {
            "it must be a folder that exists, relative to the scenario's own"
        } else {
            return Some(path.to_owned());
        };
        head.diagnostics.problem(
            used.span.clone(),
            format!("`uses` names `{}`, which is not such a folder", printable(used.value)),
            hint.to_owned(),
        );
        None
    }))
}

pub(super) fn write(writer: &mut Writer<'_>, title: &str, analysis: &str, uses: &[PathBuf]) {
    writer.header("[scenario]");
    writer.string("title", title);
    writer.optional_string("analysis", Some(analysis).filter(|text| !text.is_empty()));
    if !uses.is_empty() {
        writer.line("uses", list(uses.iter().map(|path| path.to_string_lossy())));
    }
}
