//! `bench gate` and `bench compare` on hand-made records: every exit code that they have.

mod common;
mod records;

use bench_record::{Arm, Design, Gate, GateRule, Outcome, Regime};
use common::Project;
use records::{Hand, gate};

const RULE: GateRule = GateRule::Baseline { margin: 0.05, floor: 0.02 };

/// Both commands on one run: their exit codes are the same.
#[track_caller]
fn both(project: &Project, out: &str, extra: &[&str], code: i32) -> String {
    let (compared, text, stderr) = project.call(&[&["compare", out], extra].concat());
    assert_eq!(compared, code, "compare\n{text}{stderr}");
    let (gated, text, stderr) = project.call(&[&["gate", out], extra].concat());
    assert_eq!(gated, code, "gate\n{text}{stderr}");
    text
}

#[test]
fn no_change_is_exit_code_0_and_says_what_it_rests_on() {
    let project = records::project();
    Hand::new("same").pairs(10, 1.0).write(&project);
    let text = both(&project, "same", &[], 0);
    let line = text.lines().next().unwrap();
    assert!(
        line.starts_with("ok cold against baseline (margin 5 %, floor 2 %): ratio 1.0"),
        "{line}"
    );
    for part in
        ["% interval", "n = 10", "randomised blocks, both arms in one job", "Hand CPU, 2 cores"]
    {
        assert!(line.contains(part), "{part}: {line}");
    }
    let (_, text, _) = project.call(&["compare", "same"]);
    assert!(text.contains("Candidate against baseline") && text.contains("Hand CPU"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn an_improvement_is_exit_code_0() {
    let project = records::project();
    Hand::new("run").pairs(10, 0.8).write(&project);
    assert!(both(&project, "run", &[], 0).starts_with("improved"));
}

#[test]
fn a_regression_is_exit_code_10_whatever_doubt_means() {
    let project = records::project();
    Hand::new("run").pairs(10, 1.2).write(&project);
    assert!(both(&project, "run", &["--inconclusive", "pass"], 10).starts_with("regressed"));
}

#[test]
fn too_few_pairs_are_exit_code_3_unless_they_may_pass() {
    let project = records::project();
    Hand::new("run").pairs(6, 3.0).write(&project);
    assert!(both(&project, "run", &[], 3).contains("7 pairs"));
    both(&project, "run", &["--inconclusive", "pass"], 0);
}

#[test]
fn an_unproven_regime_is_exit_code_5() {
    let project = records::project();
    let mut hand = Hand::new("run").pairs(10, 1.0);
    hand.samples[3].0.outcome = Outcome::Unproven;
    hand.write(&project);
    both(&project, "run", &["--inconclusive", "pass"], 5);
}

#[test]
fn arms_that_are_not_of_one_job_are_exit_code_5() {
    let project = records::project();
    let mut hand = Hand::new("sequential").pairs(20, 2.0);
    hand.run.design = Design::Sequential;
    hand.write(&project);
    both(&project, "sequential", &["--inconclusive", "pass"], 5);
    let mut hand = Hand::new("foreign").pairs(20, 2.0);
    for (sample, _) in hand.samples.iter_mut().filter(|(s, _)| s.arm == Arm::Baseline) {
        sample.started -= chrono::Duration::days(7);
    }
    hand.write(&project);
    let text = both(&project, "foreign", &[], 5);
    let line = text.lines().next().unwrap();
    assert_eq!(line.matches("another job").count(), 1, "{line}");
    assert!(line.contains("or the clock was set"), "{line}");
}

#[test]
fn an_unproven_regime_comes_before_a_regression_and_before_doubt() {
    let project = records::project();
    let mut hand = Hand::new("run").regimes(&[Regime::Cold, Regime::SameRunner]).pairs(10, 1.3);
    for (sample, _) in hand.samples.iter_mut().filter(|(s, _)| s.regime.is_warm()) {
        sample.outcome = Outcome::Unproven;
    }
    hand.write(&project);
    assert!(both(&project, "run", &[], 5).contains("regressed"));
    let mut hand = Hand::new("two").regimes(&[Regime::Cold, Regime::SameRunner]).pairs(6, 1.3);
    hand.samples.last_mut().unwrap().0.outcome = Outcome::Unproven;
    hand.write(&project);
    both(&project, "two", &[], 5);
}

#[test]
fn a_run_without_a_baseline_cannot_be_compared() {
    let project = records::project();
    Hand::new("run").alone().pairs(10, 1.0).write(&project);
    let (code, stdout, stderr) = project.call(&["compare", "run"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("--baseline"), "{stderr}");
    // Nor is there a gate that could say anything.
    let (code, ..) = project.call(&["gate", "run"]);
    assert_eq!(code, 2);
}

#[test]
fn gates_of_a_run_that_apply_to_nothing_it_measured_do_not_pass_silently() {
    let project = records::project();
    let mut hand = Hand::new("run").alone().pairs(10, 1.0);
    hand.run.gates = vec![gate(Some(Regime::Hot), GateRule::MaxSeconds(1.0)), gate(None, RULE)];
    hand.write(&project);
    let (code, stdout, stderr) = project.call(&["gate", "run"]);
    assert_eq!(code, 2, "{stdout}{stderr}");
    assert_eq!(stdout.matches("not-applicable").count(), 2, "{stdout}");
    // Beside one that applies they have no say.
    let mut hand = Hand::new("more").alone().pairs(10, 1.0);
    hand.run.gates = vec![
        gate(Some(Regime::Hot), GateRule::MaxSeconds(1.0)),
        gate(None, GateRule::MaxSeconds(1e6)),
    ];
    hand.write(&project);
    let (code, stdout, _) = project.call(&["gate", "more"]);
    assert_eq!(code, 0, "{stdout}");
}

#[test]
fn two_runs_are_two_jobs_and_never_a_verdict() {
    let project = records::project();
    Hand::new("base").alone().pairs(10, 1.0).write(&project);
    let mut other = Hand::new("candidate").alone().pairs(10, 5.0);
    other.run.host.cpu = Some("Other CPU".to_owned());
    other.run.scenario.hash = "changed".to_owned();
    other.write(&project);
    for format in ["terminal", "markdown", "json"] {
        let (code, text, stderr) =
            project.call(&["compare", "base", "candidate", "--format", format]);
        assert_eq!(code, 5, "{text}{stderr}");
        let flat = text.replace('\n', " ");
        for part in ["No verdict is possible", "two jobs", "31 %", "Other"] {
            assert!(flat.contains(part), "{format}: no {part} in {text}");
        }
        assert!(!text.contains("regressed"), "{text}");
    }
    let (_, text, _) = project.call(&["compare", "base", "candidate", "--inconclusive", "pass"]);
    assert!(text.contains("scenario files  hand      changed"), "{text}");
    let (code, _, stderr) = project.call(&["compare", "base", "base"]);
    assert_eq!(code, 2, "{stderr}");
}

#[test]
fn the_json_of_a_comparison_is_the_summarys() {
    let project = records::project();
    Hand::new("run").pairs(10, 1.2).write(&project);
    let (code, text, _) = project.call(&["compare", "run", "--format", "json"]);
    assert_eq!(code, 10);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["comparisons"][0]["verdict"], "regressed");
    assert_eq!(value["gates"][0]["verdict"], "regressed");
    let (code, _, stderr) = project.call(&["compare", "run", "--format", "csv"]);
    assert_eq!(code, 2, "{stderr}");
    let (code, _, stderr) = project.call(&["compare", "nowhere"]);
    assert_eq!(code, 2, "{stderr}");
}

#[test]
fn a_policy_replaces_the_gates_of_the_run() {
    let project = records::project();
    let mut hand = Hand::new("run").pairs(10, 1.2);
    hand.run.gates = vec![gate(None, GateRule::MaxSeconds(1e-9))];
    hand.write(&project);
    project.write("wide.toml", "[[gate]]\nbaseline = { margin = \"50%\" }\n");
    let with = |file: &str| project.call(&["gate", "run", "--policy", file]);
    let (code, text, stderr) = with("wide.toml");
    assert_eq!(code, 0, "{text}{stderr}");
    assert!(text.starts_with("ok cold against baseline (margin 50 %"), "{text}");
    project.write("phase.toml", "[[gate]]\nphase = \"compile\"\nbaseline = {}\n");
    let (code, text, _) = with("phase.toml");
    assert_eq!(code, 10, "{text}");
    assert!(text.contains("cold compile against baseline"), "{text}");
    // The comparison is judged even when the policy has other things in mind.
    project.write("limit.toml", "[[gate]]\nmax = \"1h\"\n");
    let (code, text, _) = with("limit.toml");
    assert_eq!(code, 10, "{text}");
    assert_eq!(text.lines().count(), 2, "{text}");
}

#[test]
fn every_problem_of_a_policy_is_told_with_its_place() {
    let project = records::project();
    Hand::new("run").pairs(10, 1.0).write(&project);
    project.write(
        "policy.toml",
        "title = \"x\"\n[[gate]]\nphase = \"link\"\nmax = \"10s\"\n[[gate]]\nmax = \"soon\"\n\
         [[gate]]\nexamples = \"2..\"\nmax = \"1s\"\n[[gate]]\nregime = \"cold\"\n",
    );
    let (code, stdout, stderr) = project.call(&["gate", "run", "--policy", "policy.toml"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    for part in [
        "policy.toml:1:1",
        "unknown key `title` in the policy",
        "policy.toml:3:9",
        "there is no phase `link`",
        "policy.toml:6:7",
        "`soon` is not a duration",
        "policy.toml:8:12",
        "no `[examples]`",
        "policy.toml:10:1",
        "needs exactly one of",
    ] {
        assert!(stderr.contains(part), "no {part} in\n{stderr}");
    }
    for (content, part) in [("", "has no `gate`"), ("[[gate", "invalid TOML")] {
        project.write("policy.toml", content);
        let (code, _, stderr) = project.call(&["gate", "run", "--policy", "policy.toml"]);
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains(part), "no {part} in\n{stderr}");
    }
    let (code, _, stderr) = project.call(&["gate", "run", "--policy", "nowhere.toml"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("cannot read policy `nowhere.toml`"), "{stderr}");
}

#[test]
fn gates_on_one_phase_or_regime_leave_the_others_alone() {
    let project = records::project();
    let mut hand = Hand::new("run").regimes(&[Regime::Cold, Regime::SameRunner]).pairs(10, 1.0);
    for (sample, _) in &mut hand.samples {
        if sample.arm == Arm::Candidate && sample.regime.is_warm() {
            sample.wall_ns *= 2;
        }
    }
    hand.run.gates = vec![gate(Some(Regime::Cold), RULE)];
    hand.write(&project);
    both(&project, "run", &[], 0);
    hand.run.gates = vec![Gate { regime: Some(Regime::SameRunner), ..gate(None, RULE) }];
    hand.write(&project);
    both(&project, "run", &[], 10);
}

#[test]
fn a_candidate_that_fails_where_the_baseline_ran_well_is_exit_code_4() {
    let project = records::project();
    let mut hand = Hand::new("run").pairs(20, 0.8);
    for (sample, _) in &mut hand.samples {
        if sample.arm == Arm::Candidate && sample.block <= 13 {
            sample.outcome = Outcome::Failed;
        }
    }
    hand.write(&project);
    let text = both(&project, "run", &["--inconclusive", "pass"], 4);
    assert!(text.starts_with("inconclusive"), "{text}");
    assert!(text.contains("the candidate failed in 13 of 20 blocks"), "{text}");
}
