//! What the measured phases make, and how it may be compared.

use std::path::{Component, Path, PathBuf};

use super::value::{Context, GlobKind};
use crate::scenario::model::{EditSpec, Globs, Normaliser};
use crate::scenario::wire::Fields;
use crate::scenario::words::printable;

/// `[outputs]`
#[derive(Default)]
pub(super) struct Outputs {
    pub(super) paths: Globs,
    pub(super) normalise: Vec<Normaliser>,
    pub(super) edit: Option<EditSpec>,
}

pub(super) fn outputs(context: &Context<'_, '_>, file: &Fields<'_, '_>) -> Option<Outputs> {
    let Some(table) = file.table("outputs") else { return Some(Outputs::default()) };
    let paths = context.globs(table.filled("paths"), GlobKind::Path);
    let words = match table.get("normalise") {
        Some(_) => table.texts("normalise").map(|words| {
            let known = words.iter().map(|word| context.choice(word, &Normaliser::ALL));
            known.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>()
        }),
        None => Some(Some(Vec::new())),
    };
    let edit = match table.get("edit") {
        Some(_) => table.table("edit").and_then(|edit| self::edit(context, &edit)).map(Some),
        None => Some(None),
    };
    Some(Outputs { paths: paths?, normalise: words??, edit: edit? })
}

fn edit(context: &Context<'_, '_>, table: &Fields<'_, '_>) -> Option<EditSpec> {
    let (file, find, replace) = (table.text("file"), table.text("find"), table.text("replace"));
    let (file, find, replace) = (file?, find?, replace?);
    let path = PathBuf::from(file.value);
    let inside = !file.value.is_empty() && is_normal(&path);
    if !inside {
        context.report.problem(
            file.span.clone(),
            format!("`{}` is no file of the workspace", printable(file.value)),
            "write it relative to the workspace, without `..`".to_owned(),
        );
    }
    if find.value.is_empty() || find.value == replace.value {
        context.report.problem(
            find.span.clone(),
            "this edit changes nothing",
            "`find` is not empty and differs from `replace`".to_owned(),
        );
        return None;
    }
    inside.then(|| EditSpec {
        file: path,
        find: find.value.to_owned(),
        replace: replace.value.to_owned(),
    })
}

fn is_normal(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}
