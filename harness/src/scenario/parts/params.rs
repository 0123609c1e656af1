//! `[params]`: named axes.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::DeValue;

use crate::scenario::reader::{
    Diagnostics, Fields, Shape, TableShape, all, is_name, optional, required,
};
use crate::scenario::words::printable;
use crate::scenario::writer::{Writer, inline, list};

/// `[params.NAME]`
pub(super) static PARAM: TableShape = TableShape {
    title: "[params.NAME]",
    doc: "A named axis: either a list of values, or this table. The first value is the default. Numbers and booleans are accepted and taken as they are written.",
    keys: &[
        required("values", Shape::Filled(&Shape::Scalar), "The values; the first is the default."),
        optional(
            "open",
            Shape::Bool,
            "`false`",
            "Accept other values too, for axes without an end (`jobs`); the listed ones are then examples.",
        ),
    ],
    groups: &[],
    needs: &[],
    example: "[params]\nlauncher = [\"none\", \"ccache\"]\njobs = { values = [1, 2], open = true }",
};

/// A named axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Name.
    pub name: String,
    /// Values; never empty, the first is the default. With `open`, examples of values.
    pub values: Vec<String>,
    /// Whether other values than the listed ones are accepted (`jobs`).
    pub open: bool,
}

/// The params in the order of the file. What is wrong with one is reported, and its name known all the same.
pub(super) fn read(file: &Fields<'_, '_>) -> Vec<Param> {
    if file.get("params").is_none() {
        return Vec::new();
    }
    let entries = file.entries("params").unwrap_or_default();
    let diagnostics = file.diagnostics;
    let mut params = Vec::new();
    for (name, value) in entries {
        if !is_name(name.value) {
            diagnostics.problem(
                name.span.clone(),
                format!("`{}` is not a valid name", printable(name.value)),
                "letters, digits, `-`, `_`, `.` and `+`".to_owned(),
            );
        }
        let (items, open) = match value.get_ref() {
            DeValue::Array(_) => (Some(value), false),
            DeValue::Table(_) => match Fields::of(diagnostics, value, &PARAM) {
                Some(table) => {
                    let open = table.flag("open").unwrap_or(false);
                    (table.get("values"), open)
                }
                None => (None, false),
            },
            _ => {
                let name = printable(name.value);
                diagnostics.problem(
                    value.span(),
                    format!("param `{name}` is not a list of values"),
                    format!("write `{name} = [...]`; the first value is the default"),
                );
                (None, false)
            }
        };
        let values = items.and_then(|items| values(diagnostics, name.value, items));
        params.push(Param {
            name: name.value.to_owned(),
            // Without known values, do not complain about those that `when` names.
            open: open || values.is_none(),
            values: values.unwrap_or_default(),
        });
    }
    params
}

fn values(
    diagnostics: &Diagnostics<'_>,
    name: &str,
    value: &Spanned<DeValue<'_>>,
) -> Option<Vec<String>> {
    let Some(items) = value.get_ref().as_array() else {
        diagnostics.wrong_type(value, "a list of values");
        return None;
    };
    if items.is_empty() {
        diagnostics.problem(
            value.span(),
            format!("param `{}` has no value", printable(name)),
            "the first value of the list is the default".to_owned(),
        );
        return None;
    }
    let mut seen = BTreeSet::new();
    all(items.iter().map(|item| {
        let item = diagnostics.scalar(item)?;
        let wrong = if item.value.is_empty() {
            "an empty value"
        } else if item.value.contains(|c: char| c == ',' || c.is_control()) {
            "a value with a comma or a control character, which `--set` could not name"
        } else if !seen.insert(item.value.clone()) {
            "the same value twice"
        } else {
            return Some(item.value);
        };
        diagnostics.problem(item.span, format!("param `{}` has {wrong}", printable(name)), None);
        None
    }))
}

pub(super) fn write(writer: &mut Writer<'_>, params: &[Param]) {
    if params.is_empty() {
        return;
    }
    writer.header("[params]");
    for param in params {
        let values = match writer.chosen(&param.name) {
            Some(value) => list([value]),
            None => list(&param.values),
        };
        if param.open {
            writer.line(&param.name, inline([("values", values), ("open", "true".to_owned())]));
        } else {
            writer.line(&param.name, values);
        }
    }
}
