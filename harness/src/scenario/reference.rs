//! The reference of every key as Markdown: `docs/SCENARIOS.md` quotes it, a test compares.

use std::fmt::Write as _;

use super::keys::{Count, Shape, TABLES, TableShape};
use super::wire::list;

/// Every table with its keys, types, defaults, reasons and an example.
pub fn reference() -> String {
    let mut text = String::new();
    for shape in TABLES {
        section(&mut text, shape);
    }
    text.trim_end().to_owned() + "\n"
}

fn section(text: &mut String, shape: &TableShape) {
    let title = if shape.title.starts_with('[') {
        format!("`{}`", shape.title)
    } else {
        "The file".to_owned()
    };
    // Writing to a string cannot fail.
    let _ = write!(text, "### {title}\n\n{}\n\n", shape.doc);
    text.push_str("| key | type | default | what for |\n|---|---|---|---|\n");
    for key in shape.keys {
        let default = match (key.required, key.default) {
            (true, _) => "**required**",
            (false, "") => "-",
            (false, default) => default,
        };
        let kind = kind(&key.shape);
        let doc = key.doc.replace('|', "\\|");
        let _ = writeln!(text, "| `{}` | {kind} | {default} | {doc} |", key.name);
    }
    for group in shape.groups {
        let how_many = match group.count {
            Count::One => "Exactly one",
            Count::AtMostOne => "At most one",
            Count::AtLeastOne => "At least one",
        };
        let _ = write!(text, "\n{how_many} of {}.\n", list(group.keys));
    }
    for (name, needed) in shape.needs {
        let _ = write!(text, "\n`{name}` needs `{needed}`.\n");
    }
    if !shape.example.is_empty() {
        let _ = write!(text, "\n```toml\n{}\n```\n", shape.example);
    }
    text.push('\n');
}

fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Text => "string".into(),
        Shape::Template => "string with placeholders".into(),
        Shape::Name => "name".into(),
        Shape::EnvName => "variable name".into(),
        Shape::CachePath => "path beneath a root".into(),
        Shape::Glob => "glob".into(),
        Shape::Regex => "regular expression".into(),
        Shape::Duration => "duration".into(),
        Shape::Version => "dotted numbers".into(),
        Shape::Size => "size".into(),
        Shape::Ratio => "percentage, or number from 0 to 1".into(),
        Shape::Factor => "number above 0".into(),
        Shape::Bool => "boolean".into(),
        Shape::Choice(words) => list(words),
        Shape::Scalar => "string, number or boolean".into(),
        Shape::List(item) => format!("list of: {}", kind(item)),
        Shape::Filled(item) => format!("list (1 or more) of: {}", kind(item)),
        Shape::OneOrMore(item) => format!("{}, or a list of them", kind(item)),
        Shape::Run => "argv list; string with `shell`".into(),
        Shape::Variables => "table: variable = string with placeholders".into(),
        Shape::When => "table: param = value, or list of values".into(),
        Shape::Install => {
            format!(
                "table: platform = list of packages; `note`. Platforms: {}",
                list(super::keys::PLATFORMS)
            )
        }
        Shape::Params(_) => "table: name = list of values, or `[params.NAME]`".into(),
        Shape::Table(table) => format!("table `{}`", table.title),
        Shape::Tables(table) => format!("tables `{}`", table.title),
        Shape::Named(table) => format!("tables `{}`", table.title),
    }
}
