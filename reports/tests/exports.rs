//! Documents for other tools: their shapes, what they leave out, and hostile names.

mod common;

use std::collections::BTreeSet;

use bench_record::{Gate, GateRule, Imported, LoadedRun, Outcome, Regime};
use bench_reports::export::{ExportFormat, Input};
use bench_reports::report;
use common::{hostile, long, normal, smallest, troubled};
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

fn export(format: ExportFormat, run: &LoadedRun) -> String {
    let summary = common::summary(run);
    let input = Input { summary: &summary, run };
    format.exporter().export(&input).expect("no content can fail to export")
}

fn value(format: ExportFormat, run: &LoadedRun) -> Value {
    serde_json::from_str(&export(format, run)).expect("it is JSON")
}

fn notes(format: ExportFormat, run: &LoadedRun) -> String {
    format.exporter().notes(run).join("\n")
}

/// Gates that hold, fail, are in doubt, rest on nothing and do not apply.
fn gated(mut run: LoadedRun) -> LoadedRun {
    let gate = |regime, rule| Gate { regime: Some(regime), phase: None, examples: None, rule };
    run.run.gates = vec![
        gate(Regime::Cold, GateRule::MaxSeconds(60.0)),
        gate(Regime::SameRunner, GateRule::MaxSeconds(0.1)),
        gate(Regime::CrossRunner, GateRule::MinHitRate(0.5)),
        gate(Regime::Cold, GateRule::MaxSeconds(12.25)),
        gate(Regime::Hot, GateRule::MaxSeconds(1.0)),
    ];
    run
}

fn imported() -> LoadedRun {
    let mut run = normal();
    run.run.imported =
        Some(Imported { format: "hyperfine".to_owned(), files: vec!["a.json".to_owned()] });
    run.run.options.regimes = vec![Regime::Unknown];
    run.samples.retain(|(sample, _)| sample.regime == Regime::Cold);
    for (sample, _) in &mut run.samples {
        sample.regime = Regime::Unknown;
    }
    run
}

#[test]
fn a_run_with_gates_in_every_format() {
    for format in ExportFormat::ALL {
        insta::assert_snapshot!(format!("export-{format}"), export(format, &gated(normal())));
    }
}

#[test]
fn hostile_names_stay_data_in_every_format() {
    let mut run = gated(hostile());
    run.samples.retain(|(sample, _)| sample.block == 1);
    for format in ExportFormat::ALL {
        let text = export(format, &run);
        insta::assert_snapshot!(format!("export-hostile-{format}"), text);
        assert!(
            !text.chars().any(|c| c != '\n' && c.is_control() || c == '\u{202e}'),
            "{format}: a control character got through"
        );
    }
}

/// Whether `ours` has every field of `sample`, of the same type; a list's first element stands for it, a map
/// with names for keys is compared by its first value.
#[track_caller]
fn same_shape(sample: &Value, ours: &Value, path: &str, names: &[&str], optional: &[&str]) {
    match (sample, ours) {
        (Value::Object(sample), Value::Object(ours)) if names.contains(&path) => {
            let (sample, ours) = (sample.values().next().unwrap(), ours.values().next().unwrap());
            same_shape(sample, ours, &format!("{path}*"), names, optional);
        }
        (Value::Object(sample), Value::Object(ours)) => {
            for (key, sample) in sample {
                let path = format!("{path}.{key}");
                if optional.contains(&path.as_str()) {
                    continue;
                }
                let ours = ours.get(key).unwrap_or_else(|| panic!("{path} is missing"));
                same_shape(sample, ours, &path, names, optional);
            }
        }
        (Value::Array(sample), Value::Array(ours)) => {
            let (sample, ours) = (&sample[0], ours.first().expect("an element"));
            same_shape(sample, ours, &format!("{path}[]"), names, optional);
        }
        (sample, ours) => assert_eq!(
            std::mem::discriminant(sample),
            std::mem::discriminant(ours),
            "{path}: {sample} against {ours}"
        ),
    }
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn documents_have_the_shape_of_the_tools_own_samples() {
    // Seven blocks: enough for intervals.
    let run = long();
    let bmf = parse(include_str!("data/exports/bmf.json"));
    same_shape(&bmf, &value(ExportFormat::Bencher, &run), "", &[""], &[]);
    let own = parse(include_str!("data/exports/hyperfine.json"));
    let optional = [".results[].parameters.n"];
    same_shape(&own, &value(ExportFormat::Hyperfine, &run), "", &[], &optional);
    let action =
        parse(include_str!("data/exports/github-action-benchmark.customSmallerIsBetter.json"));
    same_shape(&action, &value(ExportFormat::SmallerIsBetter, &run), "", &[], &[]);
    let trace = parse(include_str!("data/exports/chrome-trace.json"));
    let ours = value(ExportFormat::ChromeTrace, &run);
    same_shape(&trace, &ours, "", &[], &[".otherData.regime"]);
    let slice = |trace: &Value| {
        let events = trace["traceEvents"].as_array().unwrap();
        events.iter().find(|event| event["ph"] == "X").unwrap().clone()
    };
    same_shape(&slice(&trace), &slice(&ours), "", &[], &[".args.exit", ".args.cache"]);
}

#[test]
fn documents_are_valid_by_the_published_descriptions_of_their_formats() {
    let schemas = [
        (ExportFormat::Bencher, include_str!("data/exports/bmf.schema.json")),
        (
            ExportFormat::SmallerIsBetter,
            include_str!("data/exports/customSmallerIsBetter.schema.json"),
        ),
        (ExportFormat::ChromeTrace, include_str!("data/exports/trace-event.schema.json")),
        (ExportFormat::Hyperfine, include_str!("data/exports/hyperfine.schema.json")),
    ];
    for (format, schema) in schemas {
        let validator = jsonschema::validator_for(&parse(schema)).expect("it is a schema");
        assert!(!validator.is_valid(&serde_json::json!("a text")), "{format} takes anything");
        for run in [normal(), long(), smallest(), troubled(), hostile(), common::large(83, 3)] {
            let document = value(format, &run);
            let problems: Vec<String> = validator
                .iter_errors(&document)
                .take(3)
                .map(|problem| format!("{}: {problem}", problem.instance_path()))
                .collect();
            assert!(problems.is_empty(), "{format}: {problems:#?}");
        }
    }
    let hyperfine = value(ExportFormat::Hyperfine, &long());
    for result in hyperfine["results"].as_array().unwrap() {
        let length = |key: &str| result[key].as_array().unwrap().len();
        assert_eq!(length("times"), length("exit_codes"));
    }
}

/// Names of elements and of their attributes.
fn elements(xml: &str) -> BTreeSet<String> {
    let mut reader = Reader::from_str(xml);
    let mut seen = BTreeSet::new();
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = tag.name().as_ref().to_owned();
                for attribute in tag.attributes() {
                    let attribute = attribute.expect("well-formed");
                    let key = attribute.key.as_ref().to_owned();
                    seen.insert(format!("{name}@{key}"));
                }
                seen.insert(name);
            }
            Event::Eof => return seen,
            _ => {}
        }
    }
}

#[test]
fn junit_has_the_elements_of_the_sample_and_counts_what_it_holds() {
    let text = export(ExportFormat::Junit, &gated(troubled()));
    let (ours, sample) = (elements(&text), elements(include_str!("data/exports/junit.xml")));
    let unused = ["testcase@time", "testcase@timestamp", "testsuite@disabled"];
    let missing: Vec<_> =
        sample.difference(&ours).filter(|name| !unused.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for (element, attribute) in [("<testcase", "tests"), ("<failure", "failures")]
        .into_iter()
        .chain([("<error ", "errors"), ("<skipped", "skipped")])
    {
        let count = text.matches(element).count();
        assert!(text.contains(&format!(" {attribute}=\"{count}\"")), "{attribute}: {text}");
        assert!(count > 0, "{element}");
    }
}

#[test]
fn a_doubtful_gate_is_an_error_and_one_that_rests_on_nothing_proven_says_so() {
    let text = export(ExportFormat::Junit, &gated(troubled()));
    assert!(text.contains(r#"type="unproven""#), "{text}");
    let text = export(ExportFormat::Junit, &gated(normal()));
    assert!(text.contains(r#"type="inconclusive""#), "{text}");
    assert!(text.contains(r#"<skipped message="the run was not asked to measure hot"#), "{text}");
}

/// Slices of a trace as (pid, tid, category, start, end) in nanoseconds.
fn slices(trace: &Value) -> Vec<(u64, u64, String, i64, i64)> {
    let ns = |value: &Value| (value.as_f64().unwrap() * 1e3).round() as i64;
    trace["traceEvents"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["ph"] == "X")
        .map(|event| {
            let at = ns(&event["ts"]);
            (
                event["pid"].as_u64().unwrap(),
                event["tid"].as_u64().unwrap(),
                event["cat"].as_str().unwrap().to_owned(),
                at,
                at + ns(&event["dur"]),
            )
        })
        .collect()
}

/// Every slice starts at 0 or later, and two of one track are apart or one is inside the other.
#[track_caller]
fn nested(trace: &Value) {
    let slices = slices(trace);
    assert!(slices.iter().all(|slice| slice.3 >= 0 && slice.4 >= slice.3));
    for (index, a) in slices.iter().enumerate() {
        for b in &slices[index + 1..] {
            let apart = a.4 <= b.3 || b.4 <= a.3;
            let inside = a.3 <= b.3 && b.4 <= a.4 || b.3 <= a.3 && a.4 <= b.4;
            assert!((a.0, a.1) != (b.0, b.1) || apart || inside, "{a:?} crosses {b:?}");
        }
    }
}

#[test]
fn a_trace_has_restore_phases_examples_and_save_in_this_order() {
    let trace = value(ExportFormat::ChromeTrace, &normal());
    nested(&trace);
    let all = slices(&trace);
    let of = |category: &str| all.iter().filter(|slice| slice.2 == category).collect::<Vec<_>>();
    // 15 samples with two phases and three examples; cross-runner restores, cold saves.
    assert_eq!(
        ["restore", "phase", "example", "save"].map(|category| of(category).len()),
        [5, 30, 45, 5]
    );
    for restore in of("restore") {
        let first = of("phase").into_iter().filter(|p| p.0 == restore.0).map(|p| p.3).min();
        assert_eq!(first, Some(restore.4));
    }
    for save in of("save") {
        let last = of("phase").into_iter().filter(|p| p.0 == save.0).map(|p| p.4).max();
        assert_eq!(last, Some(save.3));
    }
    for example in of("example") {
        let inside = |p: &&&(u64, u64, String, i64, i64)| {
            (p.0, p.1) == (example.0, example.1) && p.3 <= example.3 && example.4 <= p.4
        };
        assert_eq!(of("phase").iter().filter(inside).count(), 1, "{example:?}");
    }
}

#[test]
fn examples_that_fill_no_phase_have_a_track_of_their_own() {
    let mut run = normal();
    for (_, examples) in &mut run.samples {
        examples[0].wall_ns *= 3;
    }
    let trace = value(ExportFormat::ChromeTrace, &run);
    nested(&trace);
    assert!(slices(&trace).iter().all(|slice| (slice.2 == "example") == (slice.1 == 2)));
}

#[test]
fn an_unproven_sample_is_named_in_the_trace_and_left_out_elsewhere() {
    let run = troubled();
    let trace = export(ExportFormat::ChromeTrace, &run);
    assert!(trace.contains("block 2 candidate same-runner (unproven)"));
    let hyperfine = value(ExportFormat::Hyperfine, &run);
    let warm = &hyperfine["results"][1];
    assert_eq!(warm["command"], "arduino-uno [same-runner, launcher=ccache]");
    assert_eq!(warm["times"].as_array().unwrap().len(), 3, "four blocks, one unproven");
    for format in [ExportFormat::Hyperfine, ExportFormat::SmallerIsBetter, ExportFormat::Bencher] {
        let notes = notes(format, &run);
        for wanted in ["1 unproven sample left out", "1 failed", "1 timed-out", "cut short"] {
            assert!(notes.contains(wanted), "{format}: {notes}");
        }
    }
    assert!(notes(ExportFormat::ChromeTrace, &run).contains("3 samples did not end `ok`"));
    for format in ExportFormat::ALL {
        assert_eq!(notes(format, &gated(normal())), "", "{format}");
    }
    assert!(notes(ExportFormat::Junit, &normal()).contains("no gate"));
    let judged = notes(ExportFormat::Junit, &gated(run));
    assert!(judged.contains("1 unproven sample entered no verdict"), "{judged}");
}

#[test]
fn imported_times_reach_no_tool_that_judges() {
    let run = imported();
    assert_eq!(value(ExportFormat::Bencher, &run), serde_json::json!({}));
    assert_eq!(value(ExportFormat::SmallerIsBetter, &run), serde_json::json!([]));
    assert_eq!(value(ExportFormat::ChromeTrace, &run)["traceEvents"], serde_json::json!([]));
    assert!(export(ExportFormat::Junit, &run).contains(r#"tests="0""#));
    for format in ExportFormat::ALL {
        assert_eq!(notes(format, &run).contains("imported"), format != ExportFormat::Hyperfine);
    }
    let result = &value(ExportFormat::Hyperfine, &run)["results"][0];
    assert_eq!(result["command"], "arduino-uno");
    assert!(result.get("user").is_none(), "CPU time of another tool is not known");
}

#[test]
fn too_few_samples_have_no_interval_and_one_no_deviation() {
    let text = export(ExportFormat::Bencher, &normal());
    assert!(!text.contains("lower_value"), "five samples have no interval");
    assert!(!export(ExportFormat::SmallerIsBetter, &normal()).contains("range"));
    assert!(export(ExportFormat::Bencher, &long()).contains("lower_value"));
    let one = value(ExportFormat::Hyperfine, &smallest());
    assert_eq!(one["results"][0]["stddev"], Value::Null);
}

#[test]
fn formats_are_named_as_on_the_command_line() {
    for format in ExportFormat::ALL {
        assert_eq!(format.as_str().parse(), Ok(format));
    }
    let error = "tap".parse::<ExportFormat>().unwrap_err().to_string();
    for format in ExportFormat::ALL {
        assert!(error.contains(format.as_str()), "{error}");
    }
}

#[test]
fn the_trace_of_a_report_is_the_exported_one() {
    let run = normal();
    assert_eq!(
        common::render(report::ReportFormat::Trace, &run, 80, false),
        export(ExportFormat::ChromeTrace, &run)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_records_say_documents_are_whole(
        names in proptest::collection::vec("\\PC{0,20}|[\u{0}-\u{1f}<>&\"'`\u{fffe}\u{ffff}\u{202e}]{0,9}", 3),
        walls in proptest::collection::vec(any::<u64>(), 1..9),
        seconds in -8_000_000_000_000_i64..8_000_000_000_000,
        outcome in 0_usize..4,
    ) {
        let mut run = gated(normal());
        run.run.scenario.name.clone_from(&names[0]);
        for (index, (sample, examples)) in run.samples.iter_mut().enumerate() {
            sample.wall_ns = walls[index % walls.len()];
            sample.phases[1].wall_ns = walls[(index + 1) % walls.len()];
            if index == 0 {
                sample.started = chrono::DateTime::from_timestamp(seconds, 7).unwrap();
                sample.outcome =
                    [Outcome::Ok, Outcome::Failed, Outcome::TimedOut, Outcome::Unproven][outcome];
            }
            for cache in sample.caches.values_mut() {
                cache.restore_ns = cache.restore_ns.map(|_| walls[index % walls.len()]);
            }
            for example in examples {
                example.name.clone_from(&names[example.position as usize % names.len()]);
                example.wall_ns = walls[example.position as usize % walls.len()];
            }
        }
        run.run.gates[0].phase = Some(names[1].clone());
        run.run.gates[1].examples = Some(names[2].clone());
        for format in ExportFormat::ALL {
            let text = export(format, &run);
            if format == ExportFormat::Junit {
                elements(&text);
                let legal = |c: char| c == '\n' || !c.is_control() && c < '\u{fffe}' || c > '\u{ffff}';
                prop_assert!(text.chars().all(legal), "{text:?}");
            } else {
                let value: Value = serde_json::from_str(&text).unwrap();
                let slices = value["traceEvents"].as_array().into_iter().flatten();
                for slice in slices.filter(|event| event["ph"] == "X") {
                    prop_assert!(slice["ts"].as_f64().unwrap() >= 0.0);
                }
            }
        }
    }
}
