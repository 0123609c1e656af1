//! Documents of other commands that are shown with the run. They are shown as they are: this file knows
//! names of fields, not what they mean, so that it never says more than their own command does.

use serde_json::{Map, Value};

use super::super::Input;
use super::super::table::NOTHING;
use super::markup::Markup;
use super::page::Section;
use super::table::{Cell, Column, Table, numbers, words};
use crate::units;

/// Columns that come first, in this order, and those that come last.
const FIRST: [&str; 12] = [
    "property", "cache", "fault", "control", "regime", "runner", "name", "verdict", "outcome",
    "hits", "of", "wall_s",
];
const LAST: [&str; 2] = ["remedy", "reason"];

/// What `explain` says to do about what breaks reuse; `None` without it.
pub(super) fn next(input: &Input) -> Option<Section> {
    let properties = input.beside.explain?.get("properties")?.as_array()?;
    let items: Vec<Markup> = properties
        .iter()
        .filter(|property| property["verdict"] == "breaks")
        .filter_map(|property| {
            let (name, remedy) = (property["property"].as_str()?, property["remedy"].as_str()?);
            Some(
                Markup::new("<li><code>")
                    .name(name)
                    .raw("</code> breaks reuse: ")
                    .sentence(remedy)
                    .raw("</li>\n"),
            )
        })
        .collect();
    (!items.is_empty()).then(|| Section {
        id: "next",
        heading: "What to do next",
        lead: "",
        body: Markup::new("<ul>\n").all(items).raw("</ul>\n"),
    })
}

/// A section a document.
pub(super) fn sections(input: &Input) -> Vec<Section> {
    let beside = input.beside;
    [
        (
            "explain",
            "What breaks reuse",
            "One property of the runner changed at a time (bench explain).",
            beside.explain,
        ),
        (
            "ablate",
            "What each cache is worth",
            "One cache left out at a time (bench ablate).",
            beside.ablate,
        ),
        (
            "verify",
            "Is warm output right?",
            "Warm output against cold, and damaged caches (bench verify).",
            beside.verify,
        ),
    ]
    .into_iter()
    .filter_map(|(id, heading, lead, document)| {
        Some(Section { id, heading, lead, body: body(document?.as_object()?) })
    })
    .collect()
}

/// Sentences, then a table a list.
fn body(document: &Map<String, Value>) -> Markup {
    let sentences = ["headline", "verdict", "reason"]
        .into_iter()
        .filter_map(|key| document.get(key)?.as_str())
        .chain(
            document
                .get("findings")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str),
        );
    let sentences = sentences.map(|text| Markup::new("<p>").sentence(text).raw("</p>\n"));
    let tables = document.iter().filter_map(|(name, value)| {
        let rows: Vec<&Map<String, Value>> =
            value.as_array()?.iter().filter_map(Value::as_object).collect();
        (!rows.is_empty())
            .then(|| Markup::new("<h3>").text(&title(name)).raw("</h3>\n").add(&table(&rows)))
    });
    Markup::default().all(sentences).all(tables)
}

fn table(rows: &[&Map<String, Value>]) -> Markup {
    let mut keys: Vec<&str> = rows.iter().flat_map(|row| row.keys().map(String::as_str)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.retain(|key| {
        rows.iter().any(|row| row.get(*key).is_some_and(|value| shown(key, value).is_some()))
    });
    keys.sort_by_key(|key| {
        let first = FIRST.iter().position(|name| name == key);
        let last = LAST.iter().position(|name| name == key);
        (last.map_or(0, |place| place + 1), first.unwrap_or(FIRST.len()))
    });
    let columns: Vec<Column> = keys
        .iter()
        .map(|key| {
            let numeric = rows.iter().any(|row| row.get(*key).is_some_and(Value::is_number));
            if numeric { numbers(&title(key)) } else { words(&title(key)) }
        })
        .collect();
    let mut table = Table::new("Rows of the document", columns).interactive();
    for row in rows {
        table.row(
            keys.iter()
                .map(|key| {
                    let value = row.get(*key).unwrap_or(&Value::Null);
                    let text = shown(key, value).unwrap_or_else(|| NOTHING.to_owned());
                    match value.as_f64() {
                        Some(number) => Cell::number(&text, Some(number)),
                        None => Markup::default().sentence(&text).into(),
                    }
                })
                .collect(),
        );
    }
    table.markup()
}

/// A value by the unit that its name ends in; `None` for nothing and for what no cell can hold.
fn shown(key: &str, value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Object(_) => None,
        Value::Bool(true) => Some("yes".to_owned()),
        Value::Bool(false) => Some("no".to_owned()),
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => {
            let value = number.as_f64()?;
            Some(if key.ends_with("_s") {
                units::seconds(value)
            } else if key == "bytes" || key.ends_with("_bytes") {
                units::bytes(value as u64)
            } else if number.is_f64() {
                format!("{value:.3}")
            } else {
                number.to_string()
            })
        }
        Value::Array(all) => {
            let words: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
            (!words.is_empty()).then(|| words.join(", "))
        }
    }
}

/// The name of a field as a heading.
fn title(key: &str) -> String {
    key.strip_suffix("_s").or_else(|| key.strip_suffix("_bytes")).unwrap_or(key).replace('_', " ")
}
