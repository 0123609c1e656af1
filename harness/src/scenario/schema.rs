//! JSON Schema for editors, made of the table of keys that the reader uses.

use serde_json::{Map, Value, json};

use super::parts::{FILE, PHASE, TABLES};
use super::reader::{Count, Key, Shape, TableShape};

/// The schema of `scenario.toml` (draft 2020-12). It says what a file may look like; what its parts say of
/// each other (a phase that exists, a param that is declared) only `bench check` can tell.
pub fn schema() -> Value {
    let mut root = table(&FILE);
    let definitions: Map<String, Value> = TABLES
        .iter()
        .filter(|shape| shape.title != FILE.title)
        .map(|shape| (definition(shape), Value::Object(table(shape))))
        .collect();
    root.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert("title".into(), json!("bench scenario"));
    root.insert("$defs".into(), Value::Object(definitions));
    Value::Object(root)
}

fn definition(shape: &TableShape) -> String {
    let name: String = shape.title.chars().filter(|c| !matches!(c, '[' | ']')).collect();
    name.trim_end_matches(".NAME").to_owned()
}

fn reference(shape: &TableShape) -> Value {
    json!({ "$ref": format!("#/$defs/{}", definition(shape)) })
}

fn table(shape: &TableShape) -> Map<String, Value> {
    let properties: Map<String, Value> =
        shape.keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let required: Vec<&str> =
        shape.keys.iter().filter(|key| key.required).map(|k| k.name).collect();
    let mut rules: Vec<Value> = Vec::new();
    for group in shape.groups {
        let each: Vec<Value> = group.keys.iter().map(|key| json!({ "required": [key] })).collect();
        rules.push(match group.count {
            Count::One => json!({ "oneOf": each }),
            Count::AtLeastOne => json!({ "anyOf": each }),
            Count::AtMostOne => {
                let none = json!({ "not": { "anyOf": each.clone() } });
                let choices: Vec<Value> = std::iter::once(none).chain(each).collect();
                json!({ "oneOf": choices })
            }
        });
    }
    if shape.title == PHASE.title {
        rules.push(json!({
            "if": { "properties": { "shell": { "const": true } }, "required": ["shell"] },
            "then": { "properties": { "run": { "type": "string" } } },
            "else": { "properties": { "run": { "type": "array" } } }
        }));
    }
    let mut schema = Map::new();
    schema.insert("description".into(), json!(shape.doc));
    schema.insert("type".into(), json!("object"));
    schema.insert("properties".into(), Value::Object(properties));
    schema.insert("additionalProperties".into(), json!(false));
    if !required.is_empty() {
        schema.insert("required".into(), json!(required));
    }
    if !rules.is_empty() {
        schema.insert("allOf".into(), json!(rules));
    }
    if !shape.needs.is_empty() {
        let mut needs: Map<String, Value> = Map::new();
        for (name, needed) in shape.needs {
            needs.insert((*name).to_owned(), json!([needed]));
        }
        schema.insert("dependentRequired".into(), Value::Object(needs));
    }
    schema
}

fn property(key: &Key) -> Value {
    let mut schema = self::shape(&key.shape);
    let default =
        if key.default.is_empty() { String::new() } else { format!(" Default: {}.", key.default) };
    if let Value::Object(schema) = &mut schema {
        schema.insert("description".into(), json!(format!("{}{default}", key.doc)));
        // An empty `[[phase]]` list has no measured phase.
        if key.required && matches!(key.shape, Shape::Tables(_)) {
            schema.insert("minItems".into(), json!(1));
        }
    }
    schema
}

fn shape(of: &Shape) -> Value {
    const TIME: &str = r"^\s*([0-9]+(\.[0-9]+)?\s*(h|m|s|ms|us|ns)\s*)+$";
    const NAME: &str = r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$";
    const ENV: &str = "^[A-Za-z_][A-Za-z0-9_]*$";
    let pattern = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    let variables = || {
        json!({
            "type": "object",
            "propertyNames": { "pattern": ENV },
            "additionalProperties": { "type": "string" }
        })
    };
    let scalar = || json!({ "type": ["string", "number", "boolean"] });
    match of {
        Shape::Text | Shape::Template | Shape::Glob => json!({ "type": "string" }),
        Shape::Regex => json!({ "type": "string", "format": "regex" }),
        Shape::Name => pattern(NAME),
        Shape::EnvName => pattern(ENV),
        Shape::CachePath => pattern(r"^\{(workspace|home|cache)\}/[^/]"),
        Shape::Duration => pattern(TIME),
        Shape::Version => pattern(r"^[0-9]+(\.[0-9]+)*$"),
        Shape::Size => json!({ "anyOf": [
            { "type": "integer", "minimum": 0 },
            pattern(r"^\s*[0-9]+(\.[0-9]+)?\s*(B|kB|KB|MB|GB|KiB|MiB|GiB)?\s*$")
        ] }),
        Shape::Ratio => json!({ "anyOf": [
            { "type": "number", "minimum": 0, "maximum": 1 },
            pattern(r"^\s*[0-9]+(\.[0-9]+)?\s*%\s*$")
        ] }),
        Shape::Factor => json!({ "type": "number", "exclusiveMinimum": 0 }),
        Shape::Port => json!({ "type": "integer", "minimum": 1024, "maximum": 65535 }),
        Shape::Bool => json!({ "type": "boolean" }),
        Shape::Choice(words) => json!({ "enum": words }),
        Shape::Format(formats) => {
            let names: Vec<&str> = formats.iter().map(|format| format.name).collect();
            json!({ "enum": names })
        }
        Shape::Scalar => scalar(),
        Shape::List(item) => json!({ "type": "array", "items": shape(item) }),
        Shape::Filled(item) => json!({ "type": "array", "items": shape(item), "minItems": 1 }),
        Shape::OneOrMore(item) => json!({ "anyOf": [
            shape(item),
            { "type": "array", "items": shape(item), "minItems": 1 }
        ] }),
        Shape::Run => json!({ "anyOf": [
            { "type": "string" },
            { "type": "array", "items": { "type": "string" }, "minItems": 1 }
        ] }),
        Shape::Variables => variables(),
        Shape::When => json!({
            "type": "object",
            "additionalProperties": { "anyOf": [
                scalar(),
                { "type": "array", "items": scalar(), "minItems": 1 }
            ] }
        }),
        Shape::Install(platforms) => {
            let packages = json!({ "type": "array", "items": { "type": "string" } });
            let mut properties: Map<String, Value> =
                platforms.iter().map(|name| ((*name).to_owned(), packages.clone())).collect();
            properties.insert("note".into(), json!({ "type": "string" }));
            json!({ "type": "object", "properties": properties, "additionalProperties": false })
        }
        Shape::Params(table) => json!({
            "type": "object",
            "propertyNames": { "pattern": NAME },
            "additionalProperties": { "anyOf": [
                { "type": "array", "items": scalar(), "minItems": 1 },
                reference(table)
            ] }
        }),
        Shape::Table(table) => reference(table),
        Shape::Tables(table) => json!({ "type": "array", "items": reference(table) }),
        Shape::Named(table) => json!({
            "type": "object",
            "propertyNames": { "pattern": NAME },
            "additionalProperties": reference(table)
        }),
    }
}
