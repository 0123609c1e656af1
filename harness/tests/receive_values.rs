//! Whatever one value of the records is changed to: they are refused, or every document can be made of them. Nothing
//! panics, and nothing takes for ever.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};

use bench::receive::{Limits, checked};
use bench_reports::render::{Beside, Format, Input};
use bench_reports::summary::summarise;
use chrono::Utc;
use common::Project;
use serde_json::{Value, json};

const SCENARIO: &str = r#"
[scenario]
title = "A fake tool with a store"

[params]
mode = ["fast", "slow"]

[[cache]]
name = "store"
path = "{cache}/store"
env = "STORE"

[[phase]]
name = "compile"
measured = true
run = ["sh", "-c", "mkdir -p $STORE && echo {param.mode} {example} > $STORE/entry; echo hit"]

[[probe]]
name = "store"
phase = "compile"
hits = '^hit$'

[examples]
phase = "compile"
glob = "*.txt"
"#;

/// Blocks that the run is made to have: enough for a verdict.
const BLOCKS: u64 = 7;

/// The lines of a run with a baseline: one measured block, and others like it.
fn records() -> Vec<Value> {
    let project = Project::new(SCENARIO, &[("workspace/one.txt", "1"), ("workspace/two.txt", "2")]);
    project.run(&["--blocks", "1", "--baseline-set", "mode=slow", "-q"]).expect_code(3);
    let text = std::fs::read_to_string(project.path("out/records.ndjson")).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut all = vec![lines[0].clone()];
    all[0]["options"]["blocks"] = json!(BLOCKS);
    for block in 1..=BLOCKS {
        for line in &lines[1..lines.len() - 1] {
            let mut line = line.clone();
            for name in ["id", "sample"] {
                if let Some(Value::String(id)) = line.get_mut(name) {
                    *id = id.replace("b001", &format!("b{block:03}"));
                }
            }
            if let Some(number) = line.get_mut("block") {
                *number = json!(block);
            }
            all.push(line);
        }
    }
    all.push(lines[lines.len() - 1].clone());
    all
}

/// Every place below `value`, as JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    if !at.is_empty() {
        found.push(at.to_owned());
    }
    match value {
        Value::Object(map) => {
            for (key, entry) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                places(entry, &format!("{at}/{key}"), found);
            }
        }
        Value::Array(list) => {
            for (index, entry) in list.iter().enumerate() {
                places(entry, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// What may stand at a place instead.
fn others(value: &Value, limits: &Limits) -> Vec<Value> {
    match value {
        Value::Number(_) => vec![json!(0), json!(-1), json!(limits.time_ns), json!(u64::MAX)],
        Value::String(_) => vec![json!(""), json!("`|<b>\u{202e}"), Value::Null],
        Value::Array(_) => vec![json!([]), Value::Null],
        Value::Object(_) => vec![json!({}), Value::Null],
        Value::Bool(value) => vec![json!(!value)],
        Value::Null => vec![json!(0), json!("x"), json!([]), json!({})],
    }
}

/// Whether the records are taken; these documents are made of those that are.
fn taken(lines: &[Value], limits: &Limits, formats: &[Format]) -> bool {
    let text: String = lines.iter().map(|line| line.to_string() + "\n").collect();
    let Ok(mut run) = checked(text.as_bytes(), limits, None, Utc::now()) else { return false };
    run.run.gates.clear();
    let summary = summarise(&run);
    for format in formats {
        let beside = Beside::default();
        let input = Input { summary: &summary, run: &run, width: 80, colour: false, beside };
        format.renderer().render(&input).unwrap();
    }
    true
}

#[test]
fn one_value_that_is_odd_is_refused_or_rendered() {
    let lines = records();
    let limits = Limits::default();
    let both = [Format::Markdown, Format::Html];
    assert!(taken(&lines, &limits, &both), "the records as they are");
    // One line of each kind: the others are like it.
    let kinds = ["run", "example", "sample", "end"];
    let (mut refused, mut rendered) = (0, 0);
    for kind in kinds {
        let index = lines.iter().position(|line| line["kind"] == kind).unwrap();
        let mut found = Vec::new();
        places(&lines[index], "", &mut found);
        for place in found {
            for other in others(lines[index].pointer(&place).unwrap(), &limits) {
                let mut changed = lines.clone();
                *changed[index].pointer_mut(&place).unwrap() = other.clone();
                // The page takes most of the time: every third case has one.
                let formats = if (refused + rendered) % 3 == 0 { &both[..] } else { &both[..1] };
                let done = catch_unwind(AssertUnwindSafe(|| taken(&changed, &limits, formats)));
                let taken = done.unwrap_or_else(|_| panic!("{kind} {place} = {other}"));
                *(if taken { &mut rendered } else { &mut refused }) += 1;
            }
        }
    }
    assert!(refused > 100 && rendered > 100, "{refused} refused, {rendered} rendered");
}

#[test]
fn more_of_anything_than_is_allowed_is_refused() {
    let lines = records();
    let text: String = lines.iter().map(|line| line.to_string() + "\n").collect();
    let told = |limits: Limits| match checked(text.as_bytes(), &limits, None, Utc::now()) {
        Ok(run) => format!("{} samples", run.samples.len()),
        Err(refused) => refused.to_string(),
    };
    let all = Limits::default();
    let samples = lines.iter().filter(|line| line["kind"] == "sample").count();
    let examples = lines.iter().filter(|line| line["kind"] == "example").count();
    assert_eq!(told(Limits { blocks: 7, samples, examples, ..all }), format!("{samples} samples"));
    for (limits, expected) in [
        (Limits { blocks: 6, ..all }, "plan 7 blocks; expected at most 6".to_owned()),
        (
            Limits { samples: samples - 1, ..all },
            format!("have {samples} samples; expected at most {}", samples - 1),
        ),
        (
            Limits { examples: examples - 1, ..all },
            format!("have {examples} example times; expected at most {}", examples - 1),
        ),
    ] {
        let told = told(limits);
        assert!(told.contains(&expected), "expected `{expected}`: {told}");
    }
}
