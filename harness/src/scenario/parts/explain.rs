//! `[explain]`: a change of a source that must show.

use std::path::{Component, Path, PathBuf};

use crate::scenario::reader::{Fields, Shape, TableShape, required};
use crate::scenario::words::printable;
use crate::scenario::writer::{Writer, forward, inline, quoted};

/// `[explain]`
pub(super) static EXPLAIN: TableShape = TableShape {
    title: "[explain]",
    doc: "What only `bench explain` and `bench verify` need to know.",
    keys: &[required(
        "edit",
        Shape::Table(&EDIT),
        "A change of a source that must change an output, or make an example fail: a result that stays the same was reused although it is out of date.",
    )],
    groups: &[],
    needs: &[],
    example: "[explain]\nedit = { file = \"src/main.c\", find = \"return 0;\", replace = \"return 1;\" }",
};

/// `edit`
pub(super) static EDIT: TableShape = TableShape {
    title: "[explain.edit]",
    doc: "Text that is replaced in a source, once.",
    keys: &[
        required("file", Shape::Text, "The source, relative to the workspace."),
        required("find", Shape::Text, "The text to replace, where it first occurs."),
        required("replace", Shape::Text, "What comes in its place."),
    ],
    groups: &[],
    needs: &[],
    example: "edit = { file = \"src/main.c\", find = \"return 0;\", replace = \"return 1;\" }",
};

/// A change of a source that must change an output or an outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditSpec {
    /// The source, relative to the workspace: only normal components.
    pub file: PathBuf,
    /// Text in it; not empty.
    pub find: String,
    /// What replaces its first occurrence; another text.
    pub replace: String,
}

#[expect(clippy::option_option, reason = "the outer one is reading, the inner one the key")]
pub(super) fn read(file: &Fields<'_, '_>) -> Option<Option<EditSpec>> {
    file.optional("explain", || edit(&file.table("explain")?.table("edit")?))
}

fn edit(edit: &Fields<'_, '_>) -> Option<EditSpec> {
    let diagnostics = edit.diagnostics;
    let file = edit.text("file").filter(|file| {
        let path = Path::new(file.value);
        let good = !file.value.is_empty()
            && path.components().all(|part| matches!(part, Component::Normal(_)));
        if !good {
            diagnostics.problem(
                file.span.clone(),
                format!("`{}` is not a file of the workspace", printable(file.value)),
                "a path relative to the workspace, without `..`".to_owned(),
            );
        }
        good
    });
    let find = edit.text("find").filter(|find| {
        if find.value.is_empty() {
            diagnostics.problem(find.span.clone(), "`find` is empty", None);
        }
        !find.value.is_empty()
    });
    let replace = edit.text("replace");
    let (file, find, replace) = (file?, find?, replace?);
    if find.value == replace.value {
        let message = "`replace` is what it replaces, so the edit changes nothing";
        diagnostics.problem(replace.span, message, None);
        return None;
    }
    Some(EditSpec {
        file: file.value.into(),
        find: find.value.to_owned(),
        replace: replace.value.to_owned(),
    })
}

pub(super) fn write(writer: &mut Writer<'_>, edit: &EditSpec) {
    writer.header("[explain]");
    let table = [
        ("file", quoted(&forward(&edit.file))),
        ("find", quoted(&edit.find)),
        ("replace", quoted(&edit.replace)),
    ];
    writer.line("edit", inline(table));
}
