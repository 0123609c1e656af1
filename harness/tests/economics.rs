//! `bench report` with what a user states about his network, his hits and his bill.

mod common;

use common::Project;
use common::scenarios::{STORE_EXAMPLE, examples, storing};
use serde_json::Value;

fn project() -> Project {
    let scenario = storing(STORE_EXAMPLE, &examples(&["one", "two", "three"]));
    let project = Project::new(&scenario, &[("workspace/file", "x")]);
    project.run(&["--blocks", "1"]).expect_code(0);
    project
}

fn report(project: &Project, options: &[&str]) -> (i32, String, String) {
    project.call(&[&["report", "out"], options].concat())
}

fn cross_runner(summary: &str) -> Value {
    let summary: Value = serde_json::from_str(summary).unwrap();
    let regimes = summary["regimes"].as_array().unwrap();
    regimes.iter().find(|regime| regime["regime"] == "cross-runner").unwrap().clone()
}

#[test]
fn without_a_stated_rate_the_report_says_that_the_network_is_left_out() {
    let project = project();
    let (code, text, _) = report(&project, &[]);
    assert_eq!(code, 0);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("they include no network time (hint: `--transfer-rate`)"), "{text}");
    assert!(!words.contains("a month"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let (_, json, _) = report(&project, &["--format", "json"]);
    let economics = &cross_runner(&json)["economics"];
    assert_eq!(economics["transfer"], "archive");
    assert!(economics["job_saves_s"].is_null() && economics["month"].is_null());
}

#[test]
fn a_stated_rate_is_added_to_restore_and_save() {
    let project = project();
    let (_, local, _) = report(&project, &["--format", "json"]);
    let (code, far, _) = report(&project, &["--format", "json", "--transfer-rate", "1B/s"]);
    assert_eq!(code, 0);
    let (local, far) = (cross_runner(&local), cross_runner(&far));
    // An archive of A bytes takes A seconds at one byte a second: once for a hit, once for a miss.
    let archive = local["cache"]["archive_bytes"].as_f64().unwrap();
    assert!(archive > 0.0);
    let value = |regime: &Value, field: &str| regime["economics"][field]["value"].as_f64().unwrap();
    let lost = value(&local, "hit_saves_s") - value(&far, "hit_saves_s");
    assert!((lost - archive).abs() < 1e-6, "{lost} for {archive} bytes");
    let cost = value(&far, "miss_costs_s") - value(&local, "miss_costs_s");
    assert!((cost - archive).abs() < 1e-6, "{cost} for {archive} bytes");
}

#[test]
fn a_month_follows_from_hits_jobs_and_price() {
    let project = project();
    let options =
        ["--format", "json", "--hit-rate", "80%", "--jobs-per-month", "3000", "--price", "0.008"];
    let (code, json, _) = report(&project, &options);
    assert_eq!(code, 0);
    let economics = &cross_runner(&json)["economics"];
    let number = |path: &str| economics.pointer(path).and_then(Value::as_f64).unwrap();
    let job = 0.8 * number("/hit_saves_s/value") - 0.2 * number("/miss_costs_s/value");
    assert!((number("/job_saves_s") - job).abs() < 1e-9);
    assert!((number("/month/minutes") - job * 50.0).abs() < 1e-9);
    assert!((number("/month/money") - job * 50.0 * 0.008).abs() < 1e-9);
    let (_, text, _) = report(&project, &options[2..]);
    assert!(text.contains("At 80 % hits and 3000 jobs a month at 0.008 a minute:"), "{text}");
}

#[test]
fn what_makes_no_sense_is_wrong_usage() {
    let project = project();
    for (options, hint) in [
        (vec!["--transfer-rate", "91MB"], "91MB/s"),
        (vec!["--transfer-rate", "0B/s"], "more than 0"),
        (vec!["--hit-rate", "80"], "from 0 to 1"),
        (vec!["--hit-rate", "NaN"], "from 0 to 1"),
        (vec!["--hit-rate", "0.8", "--jobs-per-month", "0"], "0 is not in"),
        (vec!["--jobs-per-month", "10"], "--hit-rate"),
        (vec!["--price", "0.1", "--hit-rate", "1"], "--jobs-per-month"),
        (vec!["--price=-1", "--hit-rate", "1", "--jobs-per-month", "1"], "0 or more"),
        (vec!["--price", "inf", "--hit-rate", "1", "--jobs-per-month", "1"], "0 or more"),
    ] {
        let (code, _, error) = report(&project, &options);
        assert_eq!(code, 2, "{options:?}: {error}");
        assert!(error.contains(hint), "{options:?}: {error}");
    }
}
