//! Limits: held, exceeded or in doubt, and never judged on what is not known.

mod common;

use bench_record::{Gate, GateRule, GateSummary, GateVerdict, LoadedRun, Outcome, Regime};
use bench_reports::summary::summarise;

/// A gate on the whole time of same-runner samples.
fn gate(rule: GateRule) -> Gate {
    Gate { regime: Some(Regime::SameRunner), phase: None, examples: None, rule }
}

fn judged(mut run: LoadedRun, gate: Gate) -> GateSummary {
    run.run.gates = vec![gate];
    summarise(&run).gates.remove(0)
}

/// Same-runner samples that take these seconds, and cold ones of 10 s, a block each.
fn timed(seconds: &[f64]) -> LoadedRun {
    let blocks = seconds.len() as u32;
    let mut run = common::run(&[Regime::Cold, Regime::SameRunner], blocks);
    for (index, wall) in seconds.iter().enumerate() {
        let block = index as u32 + 1;
        run.samples.push(common::sample(Regime::Cold, block, &[10_000]));
        run.samples.push(common::sample(Regime::SameRunner, block, &[(wall * 1000.0) as u64]));
    }
    run
}

#[test]
fn below_six_samples_the_largest_must_hold_and_the_smallest_must_fail() {
    let verdict =
        |limit| judged(timed(&[1.0, 2.0, 3.0]), gate(GateRule::MaxSeconds(limit))).verdict;
    assert_eq!(verdict(3.0), GateVerdict::Ok);
    assert_eq!(verdict(2.5), GateVerdict::Inconclusive);
    assert_eq!(verdict(1.0), GateVerdict::Inconclusive);
    assert_eq!(verdict(0.9), GateVerdict::Regressed);
}

#[test]
fn from_six_samples_on_the_ends_of_the_interval_decide() {
    // Of ten samples the interval reaches from the second smallest to the second largest.
    let ten = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 100.0];
    let summary = judged(timed(&ten), gate(GateRule::MaxSeconds(9.5)));
    assert_eq!(summary.verdict, GateVerdict::Ok, "one outlier does not exceed a limit");
    assert_eq!((summary.low, summary.high), (Some(2.0), Some(9.0)));
    assert!(summary.level.is_some_and(|level| level >= 0.95));
    assert_eq!(
        judged(timed(&ten), gate(GateRule::MaxSeconds(1.5))).verdict,
        GateVerdict::Regressed
    );
    let doubt = judged(timed(&ten), gate(GateRule::MaxSeconds(5.0))).verdict;
    assert_eq!(doubt, GateVerdict::Inconclusive);
}

#[test]
fn a_speed_up_is_judged_block_by_block_against_cold() {
    let run = || timed(&[1.0, 2.0, 4.0]);
    let verdict = |limit| judged(run(), gate(GateRule::MinSpeedup(limit))).verdict;
    assert_eq!(verdict(2.5), GateVerdict::Ok);
    assert_eq!(verdict(5.0), GateVerdict::Inconclusive);
    assert_eq!(verdict(10.5), GateVerdict::Regressed);
}

#[test]
fn unknown_hits_are_in_doubt_and_known_ones_are_judged() {
    let mut run = timed(&[1.0, 2.0]);
    run.samples[1].0.evidence.hits = None;
    let unknown = judged(run.clone(), gate(GateRule::MinHitRate(0.5)));
    assert_eq!(unknown.verdict, GateVerdict::Inconclusive);
    assert!(unknown.reason.is_some_and(|reason| reason.contains("unknown")));
    let mut known = run;
    for (sample, _) in &mut known.samples {
        (sample.evidence.hits, sample.evidence.misses) = (Some(9), Some(1));
    }
    assert_eq!(judged(known.clone(), gate(GateRule::MinHitRate(0.9))).verdict, GateVerdict::Ok);
    assert_eq!(judged(known, gate(GateRule::MinHitRate(0.95))).verdict, GateVerdict::Regressed);
}

#[test]
fn a_regime_that_is_not_proven_or_not_measured_is_in_doubt() {
    let mut run = timed(&[1.0, 2.0, 3.0]);
    run.samples[1].0.outcome = Outcome::Unproven;
    let unproven = judged(run, gate(GateRule::MaxSeconds(100.0)));
    assert_eq!(unproven.verdict, GateVerdict::Inconclusive);
    assert!(unproven.reason.is_some_and(|reason| reason.contains("proven")));
    let hot = Gate { regime: Some(Regime::Hot), ..gate(GateRule::MaxSeconds(100.0)) };
    let missing = judged(timed(&[1.0]), hot);
    assert_eq!(missing.verdict, GateVerdict::Inconclusive);
    assert!(missing.reason.is_some_and(|reason| reason.contains("not measured")));
}

#[test]
fn each_selected_example_must_hold_and_the_worst_is_named() {
    let run = common::normal();
    let names: Vec<String> = summarise(&run).examples.into_iter().map(|e| e.name).collect();
    let examples = |selection: &str, limit| Gate {
        examples: Some(selection.to_owned()),
        ..gate(GateRule::MaxSeconds(limit))
    };
    let late = judged(run.clone(), examples("2..", 0.0));
    assert_eq!(late.verdict, GateVerdict::Regressed);
    let reason = late.reason.unwrap_or_default();
    assert!(names[1..].iter().any(|name| reason.contains(name.as_str())), "{reason}");
    assert!(!reason.ends_with(&names[0]), "position 1 is not selected: {reason}");
    assert_eq!(judged(run.clone(), examples("*", 1e9)).verdict, GateVerdict::Ok);
    let nothing = judged(run, examples("no-such-name", 1.0));
    assert_eq!(nothing.verdict, GateVerdict::Inconclusive);
}

#[test]
fn a_baseline_gate_does_not_apply_to_a_run_without_a_baseline() {
    let mut run = timed(&[1.0]);
    run.run.gates = vec![gate(GateRule::Baseline { margin: 0.05, floor: 0.02 })];
    assert!(summarise(&run).gates.is_empty());
}
