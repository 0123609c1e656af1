//! `bench export`: from a run on disk to another tool's file, and back.

mod common;

use bench_record::{LoadedRun, Regime};
use common::scenarios::ARCHIVED;
use common::{Project, load};

fn measured() -> Project {
    let gate = "[[gate]]\nregime = \"cold\"\nmax = \"10m\"\n";
    let project = Project::new(&format!("{ARCHIVED}\n{gate}"), &[("workspace/source", "s")]);
    project.run(&["--blocks", "2"]).expect_code(0);
    project
}

#[track_caller]
fn bench(project: &Project, args: &[&str]) -> (String, String) {
    let (code, stdout, stderr) = project.call(args);
    assert_eq!(code, 0, "{stdout}{stderr}");
    (stdout, stderr)
}

fn walls(run: &LoadedRun, regime: Regime) -> Vec<u64> {
    let mut samples: Vec<_> =
        run.samples.iter().map(|(sample, _)| sample).filter(|s| s.regime == regime).collect();
    samples.sort_by_key(|sample| sample.block);
    samples.into_iter().map(|sample| sample.wall_ns).collect()
}

#[test]
fn what_hyperfine_is_given_comes_back_to_the_nanosecond() {
    let project = measured();
    bench(&project, &["export", "out", "--format", "hyperfine", "--out", "times.json"]);
    bench(&project, &["import", "times.json", "--out", "back"]);
    let run = load(&project.path("out"));
    let mut found = 0;
    for entry in std::fs::read_dir(project.path("back")).unwrap() {
        let back = load(&entry.unwrap().path());
        let regime: Regime = back.run.params["regime"].parse().unwrap();
        assert_eq!(back.run.params["arm"], "candidate");
        assert_eq!(walls(&back, Regime::Unknown), walls(&run, regime), "{regime}");
        found += 1;
    }
    assert_eq!(found, 3, "one result per regime");
}

#[test]
fn what_hyperfine_measured_leaves_as_it_came() {
    let project = Project::new("", &[]);
    let own = include_str!("data/import/hyperfine.json");
    project.write("own.json", own);
    bench(&project, &["import", "own.json", "--out", "runs"]);
    let (text, notes) = bench(&project, &["export", "runs/short", "--format", "hyperfine"]);
    let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let (own, ours) = (&parse(own)["results"][0], &parse(&text)["results"][0]);
    for key in ["command", "exit_codes", "parameters"] {
        assert_eq!(own[key], ours[key], "{key}");
    }
    // hyperfine has digits below the nanosecond, records have not.
    let near = |own: &serde_json::Value, ours: &serde_json::Value| {
        (own.as_f64().unwrap() - ours.as_f64().unwrap()).abs() < 1e-9
    };
    for key in ["mean", "stddev", "median", "min", "max"] {
        assert!(near(&own[key], &ours[key]), "{key}: {} against {}", own[key], ours[key]);
    }
    let (own, ours) = (own["times"].as_array().unwrap(), ours["times"].as_array().unwrap());
    assert_eq!(own.len(), ours.len());
    assert!(own.iter().zip(ours).all(|(own, ours)| near(own, ours)), "{own:?}, {ours:?}");
    assert_eq!(notes, "");
    let (text, notes) = bench(&project, &["export", "runs/short", "--format", "bencher"]);
    assert_eq!(text, "{}\n");
    assert!(notes.starts_with("note: times imported from hyperfine are left out"), "{notes}");
}

#[test]
fn every_format_is_written_and_a_trace_is_a_report_too() {
    let project = measured();
    for (format, wanted) in [
        ("chrome-trace", "\"traceEvents\""),
        ("junit", "<testcase "),
        ("hyperfine", "\"results\""),
        ("smaller-is-better", "\"unit\": \"s\""),
        ("bencher", "\"latency\""),
    ] {
        let (text, notes) = bench(&project, &["export", "out", "--format", format]);
        assert!(text.contains(wanted), "{format}: {text}");
        assert_eq!(notes, "", "{format}");
    }
    let (report, _) = bench(&project, &["report", "out", "--format", "trace"]);
    let (export, _) = bench(&project, &["export", "out", "--format", "chrome-trace"]);
    assert_eq!(report, export);
    assert!(report.contains("\"restore c\"") && report.contains("\"save c\""), "{report}");
}

#[test]
fn an_unknown_format_and_a_missing_run_are_wrong_usage() {
    let project = Project::new("", &[]);
    for (args, wanted) in [
        (["export", "nowhere", "--format", "junit"], "nowhere"),
        (["export", "nowhere", "--format", "tap"], "chrome-trace, junit, hyperfine"),
    ] {
        let (code, _, stderr) = project.call(&args);
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains(wanted), "{stderr}");
    }
}
