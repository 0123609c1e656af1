//! Limits: held, exceeded or in doubt, and never judged on what is not known.

mod common;

use bench_record::{Arm, Gate, GateRule, GateSummary, GateVerdict, LoadedRun, Outcome, Regime};
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
fn a_percentage_is_shown_as_it_was_written() {
    for (fraction, shown) in [
        (0.29, "29 %"),
        (0.07, "7 %"),
        (0.57, "57 %"),
        (0.58, "58 %"),
        (0.285, "28.5 %"),
        (0.001, "0.1 %"),
        (0.123_456_789, "12.3456789 %"),
        (1.0, "100 %"),
    ] {
        let run = timed(&[1.0]);
        let hit_rate = judged(run.clone(), gate(GateRule::MinHitRate(fraction)));
        assert_eq!(hit_rate.gate, format!("same-runner hit rate >= {shown}"));
        let rule = GateRule::Baseline { margin: fraction, floor: 0.0 };
        let margin = judged(run.clone(), gate(rule));
        let expected = format!("same-runner against baseline (margin {shown}, floor 0 %)");
        assert_eq!(margin.gate, expected);
    }
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
fn a_regime_that_is_not_proven_is_in_doubt_that_more_samples_do_not_remove() {
    let mut run = timed(&[1.0, 2.0, 3.0]);
    run.samples[1].0.outcome = Outcome::Unproven;
    let unproven = judged(run.clone(), gate(GateRule::MaxSeconds(100.0)));
    assert_eq!((unproven.verdict, unproven.unproven), (GateVerdict::Inconclusive, true));
    assert!(unproven.reason.is_some_and(|reason| reason.contains("proven")));
    let other = Gate { regime: Some(Regime::Cold), ..gate(GateRule::MaxSeconds(100.0)) };
    assert_eq!(judged(run.clone(), other).verdict, GateVerdict::Ok);
    run.samples[1].0.outcome = Outcome::Ok;
    run.samples[0].0.outcome = Outcome::Unproven;
    assert!(judged(run.clone(), gate(GateRule::MinSpeedup(1.0))).unproven, "it rests on cold");
    assert!(!judged(run, gate(GateRule::MaxSeconds(100.0))).unproven);
}

#[test]
fn a_regime_that_was_not_to_be_measured_has_no_say() {
    let hot = Gate { regime: Some(Regime::Hot), ..gate(GateRule::MaxSeconds(100.0)) };
    let missing = judged(timed(&[1.0]), hot);
    assert_eq!(missing.verdict, GateVerdict::NotApplicable);
    assert!(missing.reason.is_some_and(|reason| reason.contains("not asked to measure hot")));
    assert!(GateVerdict::NotApplicable < GateVerdict::Improved, "the lattice is kept");
}

#[test]
fn a_gate_without_a_regime_has_a_verdict_for_each_that_its_rule_makes_sense_for() {
    let all = |rule| {
        let mut run = timed(&[1.0, 2.0, 4.0]);
        run.run.gates = vec![Gate { regime: None, ..gate(rule) }];
        let gates = summarise(&run).gates;
        gates.into_iter().map(|gate| (gate.regime, gate.verdict)).collect::<Vec<_>>()
    };
    let (cold, warm) = (Some(Regime::Cold), Some(Regime::SameRunner));
    let (ok, regressed) = (GateVerdict::Ok, GateVerdict::Regressed);
    assert_eq!(all(GateRule::MaxSeconds(5.0)), [(cold, regressed), (warm, ok)]);
    assert_eq!(all(GateRule::MinSpeedup(2.0)), [(warm, ok)]);
    assert_eq!(all(GateRule::MinHitRate(0.5)), [(warm, ok)]);
    assert_eq!(all(GateRule::MaxRestoreSeconds(1.0)), [(warm, ok)]);
    assert_eq!(all(GateRule::MaxNetLossSeconds(0.0)), [(warm, ok)]);
    let none = (warm, GateVerdict::NotApplicable);
    assert_eq!(
        all(GateRule::MaxBytes(9_000_000)),
        [(cold, ok), none],
        "same-runner has no archive"
    );
    let mut only_cold = timed(&[1.0]);
    only_cold.run.options.regimes = vec![Regime::Cold];
    only_cold.run.gates = vec![Gate { regime: None, ..gate(GateRule::MinSpeedup(2.0)) }];
    let gates = summarise(&only_cold).gates;
    assert_eq!((gates.len(), gates[0].verdict), (1, GateVerdict::NotApplicable));
    assert!(gates[0].gate.starts_with("every regime"), "{gates:?}");
}

#[test]
fn a_cache_that_does_not_pay_off_is_a_net_loss() {
    // Restore takes 2 s, cold 10 s.
    let run = |warm: [f64; 3]| {
        let mut run = timed(&warm);
        for (sample, _) in run.samples.iter_mut().filter(|(s, _)| s.regime.is_warm()) {
            for cache in sample.caches.values_mut() {
                cache.restore_ns = Some(2_000_000_000);
            }
        }
        run
    };
    let verdict = |warm, limit| judged(run(warm), gate(GateRule::MaxNetLossSeconds(limit)));
    let saves = verdict([5.0, 6.0, 7.0], 0.0);
    assert_eq!((saves.verdict, saves.value), (GateVerdict::Ok, Some(-2.0)));
    let loses = verdict([8.5, 9.0, 9.5], 0.0);
    assert_eq!((loses.verdict, loses.value), (GateVerdict::Regressed, Some(1.0)));
    assert_eq!(verdict([8.5, 9.0, 9.5], 2.0).verdict, GateVerdict::Ok);
    assert_eq!(verdict([7.0, 8.0, 9.0], 0.0).verdict, GateVerdict::Inconclusive);
    let mut bare = run([5.0, 6.0, 7.0]);
    for (sample, _) in &mut bare.samples {
        sample.caches.clear();
    }
    let bare = judged(bare, gate(GateRule::MaxNetLossSeconds(0.0)));
    assert_eq!(bare.verdict, GateVerdict::Inconclusive, "without a cache there is nothing to lose");
}

#[test]
fn limits_look_at_the_candidate_alone() {
    // The baseline is slow, was restored slowly and was hardly sped up.
    let mut run = common::compared(&[Regime::Cold, Regime::SameRunner], &common::steady(7, 0.1));
    for (sample, _) in &mut run.samples {
        match (sample.arm, sample.regime) {
            (Arm::Candidate, Regime::SameRunner) => common::set_wall(sample, 100_000_000),
            (Arm::Baseline, Regime::Cold) => common::set_wall(sample, 10_000_000),
            _ => {}
        }
    }
    let judged = |rule| judged(run.clone(), gate(rule));
    let time = judged(GateRule::MaxSeconds(0.5));
    assert_eq!((time.verdict, time.samples), (GateVerdict::Ok, 7));
    assert_eq!(judged(GateRule::MinSpeedup(5.0)).verdict, GateVerdict::Ok);
    assert_eq!(judged(GateRule::MaxNetLossSeconds(0.0)).verdict, GateVerdict::Ok);
    let mut unproven = run.clone();
    for (sample, _) in unproven.samples.iter_mut().filter(|(s, _)| s.arm == Arm::Baseline) {
        sample.outcome = Outcome::Unproven;
    }
    unproven.run.gates = vec![gate(GateRule::MaxSeconds(0.5))];
    assert_eq!(summarise(&unproven).gates[0].verdict, GateVerdict::Ok);
}

#[test]
fn a_run_with_a_baseline_is_judged_against_it_even_when_no_gate_says_so() {
    let mut run = common::compared(&[Regime::Cold], &common::steady(8, 1.5));
    run.run.gates = vec![Gate { regime: None, ..gate(GateRule::MaxSeconds(1e6)) }];
    let gates = summarise(&run).gates;
    let verdicts: Vec<_> = gates.iter().map(|gate| gate.verdict).collect();
    assert_eq!(verdicts, [GateVerdict::Ok, GateVerdict::Regressed]);
    let relative = &gates[1];
    assert_eq!(relative.gate, "cold against baseline (margin 5 %, floor 2 %)");
    assert_eq!((relative.margin, relative.floor), (Some(0.05), Some(0.02)));
    assert_eq!(relative.design.as_deref(), Some("randomised blocks, both arms in one job"));
    assert!(relative.low > Some(1.4) && relative.level >= Some(0.95) && relative.samples == 8);
    assert_eq!(relative.host.cores, Some(2));
    // A gate of its own replaces the default one.
    run.run.gates = vec![gate(GateRule::Baseline { margin: 0.9, floor: 0.02 })];
    run.run.gates[0].regime = None;
    let gates = summarise(&run).gates;
    assert_eq!((gates.len(), gates[0].verdict), (1, GateVerdict::Ok));
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
    for rule in [
        GateRule::Baseline { margin: 0.05, floor: 0.02 },
        GateRule::WarmAgainstCold { margin: 0.05, floor: 0.02 },
    ] {
        let found = judged(timed(&[1.0]), gate(rule));
        assert_eq!(found.verdict, GateVerdict::NotApplicable);
        assert!(found.reason.is_some_and(|reason| reason.contains("no baseline")));
    }
}

#[test]
fn warm_against_cold_needs_warm_samples_of_both_arms() {
    let mut run = common::compared(&[Regime::Cold, Regime::SameRunner], &common::steady(8, 1.0));
    run.samples.retain(|(s, _)| s.arm == Arm::Candidate || s.regime == Regime::Cold);
    for (sample, _) in run.samples.iter_mut().filter(|(s, _)| s.arm == Arm::Baseline) {
        sample.caches.clear();
    }
    let found = judged(run, gate(GateRule::WarmAgainstCold { margin: 0.05, floor: 0.02 }));
    assert_eq!(found.verdict, GateVerdict::NotApplicable);
    assert!(found.reason.is_some_and(|reason| reason.contains("without a cache")));
}

#[test]
fn a_time_out_is_longer_than_every_limit() {
    let mut run = timed(&[1.0; 10]);
    let mut cut_off = |blocks: u32| {
        for (sample, _) in &mut run.samples {
            if sample.regime == Regime::SameRunner && sample.block <= blocks {
                sample.outcome = Outcome::TimedOut;
                for phase in sample.phases.iter_mut().filter(|phase| phase.measured) {
                    phase.outcome = Outcome::TimedOut;
                }
            }
        }
        run.clone()
    };
    let one = judged(cut_off(1), gate(GateRule::MaxSeconds(5.0)));
    assert_eq!((one.verdict, one.samples), (GateVerdict::Ok, 10), "an outlier like any other");
    let some = cut_off(4);
    let phase = Gate { phase: Some("compile".to_owned()), ..gate(GateRule::MaxSeconds(5.0)) };
    for rule in
        [GateRule::MaxSeconds(5.0), GateRule::MaxNetLossSeconds(0.0), GateRule::MinSpeedup(2.0)]
    {
        let doubt = judged(some.clone(), gate(rule));
        assert_eq!(doubt.verdict, GateVerdict::Inconclusive, "{doubt:?}");
        assert_eq!(doubt.reason.as_deref(), Some("4 of 10 timed out"));
    }
    assert_eq!(judged(some, phase.clone()).verdict, GateVerdict::Inconclusive);
    let all = cut_off(10);
    assert_eq!(judged(all.clone(), phase).verdict, GateVerdict::Regressed);
    let exceeded = judged(all, gate(GateRule::MaxSeconds(5.0)));
    assert_eq!((exceeded.verdict, exceeded.value), (GateVerdict::Regressed, None));
}

#[test]
fn an_example_that_always_times_out_exceeds_its_limit() {
    let mut run = common::normal();
    for (_, examples) in &mut run.samples {
        examples[2].outcome = Outcome::TimedOut;
    }
    let name = run.samples[0].1[2].name.clone();
    let summary =
        judged(run, Gate { examples: Some(name.clone()), ..gate(GateRule::MaxSeconds(1e9)) });
    assert_eq!(summary.verdict, GateVerdict::Regressed);
    assert!(
        summary.reason.is_some_and(|reason| reason.contains(&name) && reason.contains("5 of 5"))
    );
}

#[test]
fn counters_and_sizes_of_any_height_are_judged() {
    let mut run = timed(&[1.0, 2.0]);
    for (sample, _) in &mut run.samples {
        (sample.evidence.hits, sample.evidence.misses) = (Some(u64::MAX), Some(u64::MAX));
        let mut cache = sample.caches["ccache"].clone();
        (cache.archive_bytes, cache.restore_ns) = (Some(u64::MAX), Some(u64::MAX));
        sample.caches.insert("ccache".to_owned(), cache.clone());
        sample.caches.insert("other".to_owned(), cache);
    }
    assert_eq!(judged(run.clone(), gate(GateRule::MinHitRate(0.4))).verdict, GateVerdict::Ok);
    for rule in [GateRule::MaxRestoreSeconds(1.0), GateRule::MaxBytes(1)] {
        assert_eq!(judged(run.clone(), gate(rule)).verdict, GateVerdict::Regressed);
    }
}
