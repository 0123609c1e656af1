//! Gates and `bench decide` end to end: verdicts become exit codes.

mod common;

use std::io::Write as _;
use std::process::{Output, Stdio};

use common::scenarios::{MODES, STORE_EXAMPLE, examples, storing};
use common::{Project, ended};

fn scenario(gates: &str) -> String {
    storing(STORE_EXAMPLE, &[&examples(&["one", "two"]), gates].concat())
}

fn run(gates: &str) -> (Project, common::Finished) {
    let project = Project::new(&scenario(gates), &[("workspace/file", "x")]);
    let finished = project.run(&["--blocks", "2"]);
    (project, finished)
}

fn gate(project: &Project, extra: &[&str]) -> Output {
    project.bench(&[&["gate", "out"], extra].concat()).output().unwrap()
}

const HOLDS: &str = "[[gate]]\nregime = \"same-runner\"\nphase = \"compile\"\nmax = \"10m\"\n";
const EXCEEDED: &str = "[[gate]]\nregime = \"cross-runner\"\nexamples = \"2..\"\nmax = \"1ns\"\n";
const UNKNOWN: &str = "[[gate]]\nregime = \"same-runner\"\nmin_hit_rate = 0.9\n";

#[test]
fn a_limit_that_holds_is_exit_code_0() {
    let (project, finished) = run(HOLDS);
    finished.expect_code(0);
    let output = gate(&project, &[]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.starts_with("ok same-runner compile <= 600 s: median"), "{text}");
    assert!(text.contains("n = 2"), "{text}");
}

#[test]
fn a_limit_that_is_exceeded_is_exit_code_10_and_names_the_example() {
    let (project, finished) = run(&format!("{HOLDS}{EXCEEDED}{UNKNOWN}"));
    let finished = finished.expect_code(10);
    assert!(finished.stdout().contains("Gates"), "{}", finished.stdout());
    let output = gate(&project, &["--inconclusive", "pass"]);
    assert_eq!(output.status.code(), Some(10));
    assert!(String::from_utf8_lossy(&output.stdout).contains("worst: two"));
}

#[test]
fn doubt_is_exit_code_3_unless_it_may_pass() {
    let (project, finished) = run(&format!("{HOLDS}{UNKNOWN}"));
    finished.expect_code(3);
    assert_eq!(gate(&project, &[]).status.code(), Some(3));
    assert_eq!(gate(&project, &["--inconclusive", "pass"]).status.code(), Some(0));
}

#[test]
fn a_run_without_gates_cannot_be_gated() {
    let (project, finished) = run("");
    finished.expect_code(0);
    let output = gate(&project, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no gate"));
}

fn decide(args: &[&str], input: &str) -> (i32, String, String) {
    decide_bytes(args, input.as_bytes())
}

fn decide_bytes(args: &[&str], input: &[u8]) -> (i32, String, String) {
    let project = Project::new(&scenario(""), &[]);
    let mut child = project
        .bench(&[&["decide"], args].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    ended(&child.wait_with_output().unwrap())
}

/// `n` pairs whose candidate takes `ratio` times as long, give or take a little.
fn question(n: u32, ratio: f64, last: bool) -> String {
    let pairs: Vec<String> = (0..n)
        .map(|index| {
            let base = 10.0 + f64::from(index % 3) * 0.01;
            let new = base * ratio * (1.0 + f64::from(index % 5) * 0.001);
            format!("{{\"base\":{base},\"new\":{new}}}")
        })
        .collect();
    format!("{{\"margin\":0.05,\"floor\":0.02,\"final\":{last},\"pairs\":[{}]}}", pairs.join(","))
}

#[test]
fn the_first_word_and_the_exit_code_are_the_verdict() {
    let cases = [
        (question(10, 1.2, true), "regressed", 10),
        (question(10, 0.8, true), "improved", 0),
        (question(10, 1.0, true), "ok", 0),
        (question(3, 1.0, false), "continue", 0),
        (question(3, 1.0, true), "inconclusive", 3),
    ];
    for (input, word, code) in cases {
        let (found, stdout, stderr) = decide(&[], &input);
        assert_eq!(stdout.split(' ').next(), Some(word), "{input}: {stdout}{stderr}");
        assert_eq!(found, code, "{word}");
    }
    let (code, ..) = decide(&["--inconclusive", "pass"], &question(3, 1.0, true));
    assert_eq!(code, 0);
}

#[test]
fn a_batch_answers_line_by_line_and_a_wrong_line_costs_only_its_own_answer() {
    let input = format!("{}\nnonsense\n{}\n", question(10, 1.2, true), question(10, 1.0, true));
    let (code, stdout, _) = decide(&["--batch"], &input);
    assert_eq!(code, 0);
    let words: Vec<_> = stdout.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(words, ["regressed", "error", "ok"]);
    let wrong = stdout.lines().nth(1).unwrap_or_default();
    assert!(wrong.starts_with("error line 2: ") && !wrong.contains("line 1"), "{wrong}");
    assert!(wrong.contains("at column 2"), "{wrong}");
}

#[test]
fn bytes_that_are_no_text_and_lines_without_end_cost_one_answer_too() {
    let mut input = b"\xff\xfe\n".to_vec();
    input.extend(std::iter::repeat_n(b' ', 17 << 20));
    input.extend(format!("\n{}", question(10, 1.0, true)).bytes());
    let (code, stdout, stderr) = decide_bytes(&["--batch"], &input);
    assert_eq!(code, 0, "{stderr}");
    let starts: Vec<String> = stdout.lines().map(|line| line.chars().take(13).collect()).collect();
    assert_eq!(starts[..2], ["error line 1:", "error line 2:"]);
    assert!(stdout.contains("longer than 16 MiB"), "{stdout}");
    assert_eq!((starts.len(), starts[2].starts_with("ok {")), (3, true), "{starts:?}");
}

#[test]
fn a_time_that_is_null_timed_out_and_one_that_is_missing_is_a_mistake() {
    let pair = |new: &str| format!("{{\"final\":true,\"pairs\":[{{\"base\":1.0{new}}}]}}");
    assert_eq!(decide(&[], &pair(",\"new\":null")).0, 3);
    let (code, _, stderr) = decide(&[], &pair(""));
    assert_eq!(code, 2);
    assert!(stderr.contains("missing field `new`"), "{stderr}");
    assert_eq!(decide(&[], &pair(",\"new\":-1.0")).0, 2);
    assert_eq!(decide(&[], "").0, 2);
}

#[test]
fn a_small_margin_brings_its_own_floor() {
    let input = question(10, 1.2, true).replace("0.05", "0.01").replace("\"floor\":0.02,", "");
    let (code, stdout, stderr) = decide(&[], &input);
    assert_eq!(code, 10, "{stdout}{stderr}");
    assert!(stdout.contains("\"margin\":0.01,\"floor\":0.004"), "{stdout}");
}

/// The JSON behind the verdict.
fn details(stdout: &str) -> serde_json::Value {
    serde_json::from_str(stdout.split_once(' ').unwrap().1).unwrap()
}

#[test]
fn an_answer_names_what_is_infinite_and_whose_word_the_design_is() {
    let pairs = ["{\"base\":1.0,\"new\":null}"; 10].join(",");
    let (code, stdout, _) = decide(&[], &format!("{{\"final\":true,\"pairs\":[{pairs}]}}"));
    assert_eq!(code, 10);
    let answer = details(&stdout);
    assert_eq!(answer["infinite"], serde_json::json!(["ratio", "low", "high"]));
    assert_eq!(answer["design"], "as stated by the caller");
    let answer = details(&decide(&[], &question(10, 1.0, true)).1);
    assert_eq!(answer["infinite"], serde_json::json!([]));
}

#[test]
fn the_interval_of_an_answer_is_at_the_level_that_decides() {
    let answer = details(&decide(&[], &question(9, 1.0, true)).1);
    let look = &answer["look"];
    assert_eq!(look["interval_level"].as_f64(), look["level_one_sided"].as_f64().map(|l| 2.0 * l));
}

#[test]
fn more_blocks_than_a_comparison_is_computed_for_are_refused_before_anything_runs() {
    let project = Project::new(&scenario(""), &[("workspace/file", "x")]);
    project.run(&["--aa", "--blocks", "401", "--dry-run"]).expect_code(2);
    project.run(&["--aa", "--blocks", "400", "--dry-run"]).expect_code(0);
    project.run(&["--blocks", "401", "--dry-run"]).expect_code(0);
}

#[test]
fn the_example_of_the_method_page_is_answered_as_it_says() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/METHOD-statistics.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("```json\n").unwrap();
    let (input, said) = rest.split_once("```").unwrap();
    assert!(said.trim_start().starts_with("This is `regressed` (exit code 10)"), "{said}");
    let (code, stdout, stderr) = decide(&[], input);
    assert_eq!(code, 10, "{stderr}");
    assert!(stdout.starts_with("regressed {"), "{stdout}");
    let answer = details(&stdout);
    for key in ["n", "margin", "floor", "look", "next_look", "infinite"] {
        assert!(said.contains(&format!("`{key}`")), "{key} is not explained");
        assert!(answer.get(key).is_some(), "{key}: {stdout}");
    }
    assert!(answer["look"]["estimate"]["ratio"].as_f64().unwrap() > 1.1, "{stdout}");
}

/// Over limit in `cold`, and the warm regimes cannot be proven: nothing was cached.
const COLD_EXCEEDED: &str = "[[gate]]\nregime = \"cold\"\nphase = \"compile\"\nmax = \"1ns\"\n";

#[test]
fn a_regime_that_is_not_proven_comes_before_a_limit_that_is_exceeded_in_run_and_gate() {
    let project = Project::new(&storing("true", COLD_EXCEEDED), &[("workspace/file", "x")]);
    project.run(&["--blocks", "1"]).expect_code(5);
    let output = gate(&project, &[]);
    assert_eq!(output.status.code(), Some(5));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.starts_with("regressed cold compile"), "{text}");
}

#[test]
fn a_run_that_failed_comes_before_one_over_its_limit_in_a_product_of_runs() {
    let script = "[ {param.mode} = fast ] && mkdir -p $STORE && echo x > $STORE/x";
    for (modes, code) in [("fast", 10), ("slow,fast", 4), ("fast,slow", 4)] {
        let toml = storing(script, &[MODES, COLD_EXCEEDED].concat());
        let project = Project::new(&toml, &[("workspace/file", "x")]);
        let set = format!("mode={modes}");
        project.run(&["--blocks", "1", "--regime", "cold", "--set", &set]).expect_code(code);
    }
}
