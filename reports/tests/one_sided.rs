//! What one arm failed or has alone, and what that leaves of a verdict.

mod common;

use bench_record::{
    Arm, ComparisonSummary, ComparisonVerdict, Example, Gate, GateRule, GateSummary, GateVerdict,
    LoadedRun, Outcome, Regime,
};
use bench_reports::summary::summarise;
use bench_reports::verdict::settled;
use common::{compared, steady};

const COLD: &[Regime] = &[Regime::Cold];

fn only(run: &LoadedRun) -> ComparisonSummary {
    common::compare(run).remove(0)
}

fn gate(run: &LoadedRun) -> GateSummary {
    summarise(run).gates.remove(0)
}

/// Examples of each sample, with what `change` makes of them.
fn with_examples(run: &mut LoadedRun, names: &[&str], change: impl Fn(Arm, u32, &mut Example)) {
    for (sample, examples) in &mut run.samples {
        *examples = names
            .iter()
            .zip(1..)
            .map(|(name, position)| {
                let mut example = Example {
                    sample: sample.id.clone(),
                    name: (*name).to_owned(),
                    position,
                    wall_ns: sample.wall_ns / names.len() as u64
                        + u64::from(sample.block) * 1_000_000,
                    outcome: Outcome::Ok,
                    reason: None,
                    retries: 0,
                };
                change(sample.arm, sample.block, &mut example);
                example
            })
            .collect();
    }
}

fn fail(run: &mut LoadedRun, arm: Arm, blocks: std::ops::RangeInclusive<u32>) {
    for (sample, _) in &mut run.samples {
        if sample.arm == arm && blocks.contains(&sample.block) {
            sample.outcome = Outcome::Failed;
        }
    }
}

#[test]
fn a_candidate_that_fails_is_neither_ok_nor_improved() {
    for (ratio, would_be) in [(0.8, ComparisonVerdict::Improved), (1.0, ComparisonVerdict::Ok)] {
        let mut run = compared(COLD, &steady(20, ratio));
        assert_eq!(only(&run).verdict, Some(would_be));
        fail(&mut run, Arm::Candidate, 1..=13);
        let found = only(&run);
        assert_eq!(found.verdict, Some(ComparisonVerdict::Inconclusive));
        assert_eq!((found.n, found.candidate_failed, found.baseline_failed), (7, 13, 0));
        let reason = found.reason.unwrap();
        assert!(reason.contains("the candidate failed in 13 of 20 blocks"), "{reason}");
        let gate = gate(&run);
        assert_eq!(
            (gate.verdict, gate.failed, gate.unproven),
            (GateVerdict::Inconclusive, true, false)
        );
    }
    // Slower in what is left is slower still.
    let mut run = compared(COLD, &steady(20, 1.3));
    fail(&mut run, Arm::Candidate, 1..=5);
    assert_eq!((gate(&run).verdict, gate(&run).failed), (GateVerdict::Regressed, false));
    // Too few are left for any verdict: it failed all the same.
    let mut run = compared(COLD, &steady(20, 1.0));
    fail(&mut run, Arm::Candidate, 1..=19);
    assert_eq!((gate(&run).verdict, gate(&run).failed), (GateVerdict::Inconclusive, true));
}

#[test]
fn a_baseline_that_fails_does_not_make_the_candidate_regressed() {
    let mut run = compared(COLD, &steady(20, 1.3));
    fail(&mut run, Arm::Baseline, 4..=4);
    let found = only(&run);
    assert_eq!(found.verdict, Some(ComparisonVerdict::Inconclusive));
    assert_eq!((found.candidate_failed, found.baseline_failed), (0, 1));
    assert!(found.reason.unwrap().contains("the baseline failed in 1 of 20 blocks"));
    assert!(!gate(&run).failed);
    let mut run = compared(COLD, &steady(20, 0.8));
    fail(&mut run, Arm::Baseline, 4..=4);
    assert_eq!(only(&run).verdict, Some(ComparisonVerdict::Improved));
}

#[test]
fn a_block_in_which_both_failed_speaks_against_neither() {
    let mut run = compared(COLD, &steady(20, 0.8));
    fail(&mut run, Arm::Candidate, 2..=3);
    fail(&mut run, Arm::Baseline, 2..=3);
    let found = only(&run);
    assert_eq!((found.n, found.candidate_failed, found.baseline_failed), (18, 0, 0));
    assert_eq!(found.verdict, Some(ComparisonVerdict::Improved));
}

#[test]
fn an_example_that_fails_at_once_does_not_make_its_arm_fast() {
    for outcome in [Outcome::Failed, Outcome::TimedOut] {
        let quick = |arm| {
            let ratio = if arm == Arm::Candidate { 0.8 } else { 1.25 };
            let mut run = compared(COLD, &steady(10, ratio));
            with_examples(&mut run, &["one", "two"], |of, _, example| {
                if of == arm && example.name == "two" {
                    (example.outcome, example.wall_ns) = (outcome, 1_000_000);
                }
            });
            run
        };
        let run = quick(Arm::Candidate);
        let found = only(&run);
        assert_eq!(found.verdict, Some(ComparisonVerdict::Inconclusive));
        assert!(found.reason.unwrap().contains("failed in 10 of 10 blocks (`two`)"));
        assert!(gate(&run).failed);
        let found = only(&quick(Arm::Baseline));
        assert_eq!(
            (found.verdict, found.baseline_failed),
            (Some(ComparisonVerdict::Inconclusive), 10)
        );
    }
    // One that fails in both arms is not a difference.
    let mut run = compared(COLD, &steady(10, 0.8));
    with_examples(&mut run, &["one", "two"], |_, _, example| example.outcome = Outcome::Failed);
    assert_eq!(only(&run).verdict, Some(ComparisonVerdict::Improved));
}

#[test]
fn a_failing_candidate_ends_an_auto_run_at_the_look_that_would_have_decided() {
    let mut run = compared(COLD, &steady(8, 0.8));
    (run.run.options.auto, run.run.options.blocks, run.end) = (true, 20, None);
    fail(&mut run, Arm::Candidate, 8..=8);
    assert!(settled(&run));
    fail(&mut run, Arm::Candidate, 7..=7);
    assert!(!settled(&run), "six pairs are below the first look");
}

fn examples_gate(mut run: LoadedRun, selection: &str) -> GateSummary {
    run.run.gates = vec![Gate {
        regime: Some(Regime::Cold),
        phase: None,
        examples: Some(selection.to_owned()),
        rule: GateRule::Baseline { margin: 0.05, floor: 0.02 },
    }];
    gate(&run)
}

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

#[test]
fn an_example_that_always_times_out_does_not_pass_a_gate_on_examples() {
    for outcome in [Outcome::TimedOut, Outcome::Failed] {
        let mut run = compared(COLD, &steady(10, 1.0));
        with_examples(&mut run, &NAMES, |arm, _, example| {
            if arm == Arm::Candidate && example.name == "c" {
                example.outcome = outcome;
            }
        });
        let found = examples_gate(run.clone(), "*");
        assert_eq!((found.verdict, found.failed), (GateVerdict::Inconclusive, true), "{found:?}");
        let reason = found.reason.unwrap();
        assert!(reason.contains("`c` failed or timed out in the candidate"), "{reason}");
        assert!(reason.contains("in 10 of 10 blocks"), "{reason}");
        assert_eq!(examples_gate(run.clone(), "4..").verdict, GateVerdict::Ok, "not selected");
        // The only one that is selected.
        assert!(examples_gate(run, "c").failed);
    }
    // In both arms: nothing is known of it, so it does not hold.
    let mut run = compared(COLD, &steady(10, 1.0));
    with_examples(&mut run, &NAMES, |_, _, example| {
        if example.name == "c" {
            example.outcome = Outcome::TimedOut;
        }
    });
    let found = examples_gate(run, "*");
    assert_eq!((found.verdict, found.failed), (GateVerdict::Inconclusive, false));
    assert!(found.reason.unwrap().contains("`c` passed in both arms in fewer than 7 blocks"));
}

#[test]
fn a_gate_on_examples_prints_the_step_that_decides() {
    let mut run = compared(COLD, &steady(10, 1.0));
    with_examples(&mut run, &NAMES, |_, _, _| {});
    let found = examples_gate(run, "*");
    assert_eq!(found.gate, "cold examples * against baseline (margin 10 %)");
    assert_eq!((found.margin, found.floor), (Some(0.1), None));
}

#[test]
fn a_gate_on_examples_is_inconclusive_while_the_interval_holds_the_step() {
    // The estimate is far below the step, the upper end of its interval is not.
    let mut run = compared(COLD, &steady(8, 1.0));
    with_examples(&mut run, &NAMES, |arm, block, example| {
        if arm == Arm::Candidate && example.name == "c" {
            let factor = if block % 2 == 0 { 1.4 } else { 0.75 };
            example.wall_ns = (example.wall_ns as f64 * factor) as u64;
        }
    });
    let found = examples_gate(run, "*");
    assert!(found.value < Some(1.1) && found.high > Some(1.1), "{found:?}");
    assert_eq!((found.verdict, found.failed), (GateVerdict::Inconclusive, false), "{found:?}");
}

#[test]
fn totals_of_different_examples_get_no_verdict_and_are_named() {
    for ratio in [0.7, 1.0, 1.4] {
        let mut run = compared(COLD, &steady(10, ratio));
        with_examples(&mut run, &["one", "two"], |arm, _, example| {
            if arm == Arm::Candidate && example.name == "two" {
                "new".clone_into(&mut example.name);
            }
        });
        let found = only(&run);
        assert_eq!(found.verdict, Some(ComparisonVerdict::Inconclusive));
        let reason = found.reason.unwrap();
        assert!(reason.contains("`new` in the candidate, `two` in the baseline"), "{reason}");
        let summary = summarise(&run);
        assert_eq!(
            (summary.gates[0].verdict, summary.gates[0].failed),
            (GateVerdict::Inconclusive, false)
        );
        assert!(
            summary.findings[0].starts_with("examples of one arm only: `new`"),
            "{:?}",
            summary.findings
        );
    }
}

#[test]
fn the_interval_between_looks_is_at_the_level_that_decides() {
    for (n, level) in [(7, 0.02354), (9, 0.01547), (17, 0.02005), (30, 0.02005)] {
        let found = only(&compared(COLD, &steady(n, 1.0)));
        assert_eq!(found.p_level, Some(level / 2.0), "{n}");
        assert!(found.level.unwrap() >= 1.0 - level - 1e-9, "{n}: {found:?}");
    }
    // An interval that leaves out every slower ratio, and a verdict that does not: there is none such.
    let pairs: Vec<_> = [0.3, 0.3, 0.4, 0.35, 0.3, 1.4, 0.3, 1.2, 0.5]
        .into_iter()
        .zip(0..)
        .map(|(ratio, i)| (Some(10.0 + f64::from(i) * 0.1), Some(10.0 * ratio)))
        .collect();
    let found = only(&compared(COLD, &pairs));
    let excluded = found.high.is_some_and(|high| high < 1.0 / 1.02);
    assert_eq!(excluded, found.verdict == Some(ComparisonVerdict::Improved), "{found:?}");
}

#[test]
fn more_pairs_than_the_exact_test_takes_are_inconclusive_with_the_reason() {
    let mut run = compared(COLD, &steady(401, 1.5));
    run.end.as_mut().unwrap().at += chrono::Duration::days(100);
    let found = only(&run);
    assert_eq!((found.verdict, found.n), (Some(ComparisonVerdict::Inconclusive), 401));
    assert!(found.reason.unwrap().contains("401 pairs: the exact test is computed for 400"));
    let gate = gate(&run);
    assert_eq!((gate.verdict, gate.unproven), (GateVerdict::Inconclusive, false), "exit code 3");
}
