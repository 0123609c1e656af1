//! The reference of every key as Markdown: `docs/SCENARIOS.md` quotes it, a test compares.

use std::fmt::Write as _;

use super::parts::TABLES;
use super::reader::{Count, Shape, TableShape};
use super::words::list;

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
    for key in shape.keys {
        if let Shape::Format(formats) = key.shape {
            text.push_str("\n| format | what it reads |\n|---|---|\n");
            for format in formats {
                let _ = writeln!(text, "| `{}` | {} |", format.name, format.doc);
            }
        }
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
        Shape::CachePath => "path inside a root".into(),
        Shape::Glob => "glob".into(),
        Shape::Regex => "regular expression".into(),
        Shape::Duration => "duration".into(),
        Shape::Version => "dotted numbers".into(),
        Shape::Size => "size".into(),
        Shape::Ratio => "percentage, or number from 0 to 1".into(),
        Shape::Factor => "number above 0".into(),
        Shape::Port => "integer from 1024 to 65535".into(),
        Shape::Bool => "boolean".into(),
        Shape::Choice(words) => list(words),
        Shape::Scalar => "string, number or boolean".into(),
        Shape::List(item) => format!("list of: {}", kind(item)),
        Shape::Filled(item) => format!("list (1 or more) of: {}", kind(item)),
        Shape::OneOrMore(item) => format!("{}, or a list of them", kind(item)),
        Shape::Run => "argv list; string with `shell`".into(),
        Shape::Variables => "table: variable = string with placeholders".into(),
        Shape::When => "table: param = value, or list of values".into(),
        Shape::Format(_) => "a format below".into(),
        Shape::Install(platforms) => {
            format!("table: platform = list of packages; `note`. Platforms: {}", list(platforms))
        }
        Shape::Params(_) => "table: name = list of values, or `[params.NAME]`".into(),
        Shape::Table(table) => format!("table `{}`", table.title),
        Shape::Tables(table) | Shape::Named(table) => format!("tables `{}`", table.title),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_quotes_the_reference_as_it_is() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/SCENARIOS.md");
        let guide = std::fs::read_to_string(path).unwrap();
        let begin = "<!-- reference: begin -->\n";
        let (before, rest) = guide.split_once(begin).unwrap();
        let (found, after) = rest.split_once("<!-- reference: end -->").unwrap();
        let wanted = format!("\n{}\n", reference());
        if std::env::var_os("BENCH_UPDATE_DOCS").is_some() {
            let new = format!("{before}{begin}{wanted}<!-- reference: end -->{after}");
            std::fs::write(path, new).unwrap();
        } else if found != wanted {
            let first = found.lines().zip(wanted.lines()).find(|(found, wanted)| found != wanted);
            panic!("run this test with BENCH_UPDATE_DOCS=1; first difference: {first:#?}");
        }
    }

    #[test]
    fn every_example_of_the_reference_is_valid() {
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenario/full");
        let base = |more: &str| {
            // What the examples refer to, unless they are about it.
            let parts = [
                ("[scenario]", "[scenario]\ntitle = \"t\""),
                (
                    "[params]",
                    "[params]\nlauncher = [\"none\", \"ccache\", \"zccache\"]\ntuning = [\"portable\"]\narchive = [\"one\"]",
                ),
                (
                    "[[cache]]",
                    "[[cache]]\nname = \"uv\"\npath = \"{cache}/uv\"\n[[cache]]\nname = \"nox\"\npath = \"{workspace}/.nox\"",
                ),
                ("[[phase]]", "[[phase]]\nname = \"compile\"\nmeasured = true\nrun = [\"a\"]"),
                ("[examples]", "[examples]\nphase = \"compile\"\nlist = [\"a\"]"),
            ];
            let mut text = String::new();
            for (header, part) in parts {
                if !more.contains(header) {
                    text.push_str(part);
                    text.push('\n');
                }
            }
            text + more
        };
        for shape in TABLES.iter().filter(|shape| !shape.example.is_empty()) {
            let example = match shape.title {
                "[service.ready]" => {
                    format!("[[service]]\nname = \"a\"\nrun = [\"a\"]\n{}", shape.example)
                }
                "[examples.extract]" => {
                    format!("[examples]\nphase = \"compile\"\n{}", shape.example)
                }
                "[explain.edit]" => format!("[explain]\n{}", shape.example),
                // Its folder is not beside the sample.
                "[scenario]" => shape.example.replace("../avr-driver", "../full-driver"),
                _ => shape.example.to_owned(),
            };
            let text = base(&example);
            let result = crate::scenario::Scenario::parse(
                &text,
                std::path::Path::new(shape.title),
                &dir,
                "x",
            );
            if let Err(problems) = result {
                panic!("{}", problems.render(false));
            }
        }
    }
}
