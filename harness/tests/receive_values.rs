//! Whatever one value of the records is changed to: they are refused, or every document can be made of them. Nothing
//! panics, and nothing takes for ever.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};

use bench::formats::receive::{Limits, checked};
use bench_reports::report::{Beside, Input, ReportFormat};
use bench_reports::summary::summarise;
use chrono::{TimeDelta, Utc};
use common::Project;
use common::scenarios::{MODES, TEXT_FILES, storing};
use serde_json::{Value, json};

/// Blocks that the run is made to have: enough for a verdict.
const BLOCKS: u64 = 7;

/// The lines of a run with a baseline: one measured block, and others like it.
fn records() -> Vec<Value> {
    let script = "mkdir -p $STORE && echo {param.mode} {example} > $STORE/entry; echo hit";
    let probe = "[[probe]]\nname = \"store\"\nphase = \"compile\"\nhits = '^hit$'\n";
    let files = [("workspace/one.txt", "1"), ("workspace/two.txt", "2")];
    let project = Project::new(&storing(script, &[MODES, probe, TEXT_FILES].concat()), &files);
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
fn taken(lines: &[Value], limits: &Limits, formats: &[ReportFormat]) -> bool {
    let Ok(mut run) = checked(text(lines).as_bytes(), limits, None, Utc::now()) else {
        return false;
    };
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
    let both = [ReportFormat::Markdown, ReportFormat::Html];
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

/// The records as text.
fn text(lines: &[Value]) -> String {
    lines.iter().map(|line| line.to_string() + "\n").collect()
}

/// Why they are refused; empty when they are taken.
fn refusal(lines: &[Value], limits: &Limits) -> String {
    match checked(text(lines).as_bytes(), limits, None, Utc::now()) {
        Ok(_) => String::new(),
        Err(refused) => refused.to_string(),
    }
}

#[test]
fn so_many_as_a_limit_allows_are_taken_and_one_more_is_refused() {
    let lines = records();
    let count = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).count();
    let (samples, examples) = (count("sample"), count("example"));
    let exact = || Limits { blocks: BLOCKS as u32, samples, examples, ..Limits::default() };
    assert_eq!(refusal(&lines, &exact()), "");
    for (limits, expected) in [
        (Limits { blocks: BLOCKS as u32 - 1, ..exact() }, "plan 7 blocks; expected at most 6"),
        (
            Limits { samples: samples - 1, ..exact() },
            &format!("have {samples} samples; expected at most {}", samples - 1),
        ),
        (
            Limits { examples: examples - 1, ..exact() },
            &format!("have {examples} example times; expected at most {}", examples - 1),
        ),
    ] {
        let told = refusal(&lines, &limits);
        assert!(told.contains(expected), "expected `{expected}`: {told}");
    }
}

#[test]
fn a_value_at_its_limit_is_taken_and_one_above_it_is_refused() {
    let lines = records();
    let limits = Limits::default();
    let list = |entries: usize| json!(vec![0; entries]);
    let map = |entries: usize| {
        Value::Object((0..entries).map(|entry| (entry.to_string(), json!(0))).collect())
    };
    // The value of a field of a line is on the first level.
    let nested = |levels: usize| (1..levels).fold(json!(0), |inner, _| json!([inner]));
    let text = |length: usize| json!("\u{e4}".repeat(length));
    for (field, most, more, expected) in [
        ("later", text(limits.text), text(limits.text + 1), "`later`: 4097 characters"),
        ("later", list(limits.entries), list(limits.entries + 1), "`later`: 4097 entries"),
        ("later", map(limits.entries), map(limits.entries + 1), "`later`: 4097 entries"),
        ("later", nested(limits.depth), nested(limits.depth + 1), "`later`: nested too deep"),
        (
            "later_ns",
            json!(limits.time_ns),
            json!(limits.time_ns + 1),
            "`later_ns`: 172800000000001",
        ),
        (
            "later_bytes",
            json!(limits.size_bytes),
            json!(limits.size_bytes + 1),
            "`later_bytes`: 17592186044417",
        ),
        (
            "bytes_before",
            json!(limits.size_bytes),
            json!(limits.size_bytes + 1),
            "`bytes_before`: 17592186044417",
        ),
        ("later", json!(limits.count), json!(limits.count + 1), "`later`: 1000000000001"),
        ("later", json!(-1_000_000_000_000_i64), json!(-1_000_000_000_001_i64), "`later`: -10000"),
    ] {
        for kind in ["run", "example", "sample", "end"] {
            let with = |value: &Value| {
                let mut changed = lines.clone();
                let line = changed.iter_mut().find(|line| line["kind"] == kind).unwrap();
                line[field] = value.clone();
                refusal(&changed, &limits)
            };
            assert_eq!(with(&most), "", "{kind} {field}");
            let told = with(&more);
            assert!(told.contains(expected), "{kind}: expected `{expected}`: {told}");
        }
    }
    let mut seeded = lines.clone();
    seeded[0]["options"]["seed"] = json!(u64::MAX);
    assert_eq!(refusal(&seeded, &limits), "", "a seed may be any number");
}

#[test]
fn a_time_stamp_far_from_now_is_refused_wherever_it_stands() {
    let mut lines = records();
    let shares = lines.last().unwrap()["shares"].clone();
    let now = json!(Utc::now());
    let part = json!({"run": "part", "started": now, "blocks": [1], "host": lines[0]["host"], "shares": shares});
    lines[0]["parts"] = json!([part]);
    let end = lines.len() - 1;
    lines.insert(
        end,
        json!({"v": 1, "kind": "resume", "at": now, "samples": 0, "torn_bytes": 0, "shares": shares}),
    );
    let limits = Limits::default();
    assert_eq!(refusal(&lines, &limits), "", "as they are");
    for (kind, place) in [
        ("run", "/started"),
        ("run", "/parts/0/started"),
        ("sample", "/started"),
        ("resume", "/at"),
        ("end", "/at"),
    ] {
        let with = |days: i64| {
            let mut changed = lines.clone();
            let line = changed.iter_mut().find(|line| line["kind"] == kind).unwrap();
            *line.pointer_mut(place).unwrap() = json!(Utc::now() + TimeDelta::days(days));
            refusal(&changed, &limits)
        };
        assert_eq!(with(-399), "", "{kind} {place}");
        for days in [-401, 2] {
            let told = with(days);
            assert!(told.contains("have a time stamp of"), "{kind} {place} {days}: {told}");
        }
    }
}
