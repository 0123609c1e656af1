//! A candidate against a baseline: which pairs count, what they say, and what no pair may decide.

mod common;

use bench_record::{
    Arm, ComparisonOf, ComparisonSummary, ComparisonVerdict, Design, Gate, GateRule, GateVerdict,
    Infinite, LoadedRun, Outcome, Regime,
};
use bench_reports::summary::summarise;
use bench_reports::verdict::settled;
use common::{arm_sample, at, compare, compared, steady};

const COLD: &[Regime] = &[Regime::Cold];
const BOTH: &[Regime] = &[Regime::Cold, Regime::SameRunner];

fn only(run: &LoadedRun) -> ComparisonSummary {
    let mut found = compare(run);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn verdict(run: &LoadedRun) -> Option<ComparisonVerdict> {
    only(run).verdict
}

fn gate(regime: Option<Regime>, rule: GateRule) -> Gate {
    Gate { regime, phase: None, examples: None, rule }
}

const RULE: GateRule = GateRule::Baseline { margin: 0.05, floor: 0.02 };

#[test]
fn every_measured_regime_is_compared_by_the_default_rule() {
    let mut run = compared(BOTH, &steady(10, 1.0));
    for (sample, _) in &mut run.samples {
        if sample.regime == Regime::SameRunner && sample.arm == Arm::Candidate {
            common::set_wall(sample, sample.wall_ns * 6 / 5);
        }
    }
    let [cold, warm] = &compare(&run)[..] else { panic!("{:?}", compare(&run)) };
    assert_eq!((cold.regime, cold.verdict), (Regime::Cold, Some(ComparisonVerdict::Ok)));
    assert_eq!(
        (warm.regime, warm.verdict),
        (Regime::SameRunner, Some(ComparisonVerdict::Regressed))
    );
    assert_eq!((warm.margin, warm.floor, warm.n), (0.05, 0.02, 10));
    let (ratio, low, high) = (warm.ratio.unwrap(), warm.low.unwrap(), warm.high.unwrap());
    assert!(low <= ratio && ratio <= high && (1.19..1.22).contains(&ratio), "{warm:?}");
    assert!(warm.level.is_some_and(|level| level > 0.95) && warm.p_regressed < warm.p_level);
    assert!(warm.mean_ratio.is_some_and(|mean| (mean.ratio / ratio - 1.0).abs() < 0.01));
    assert!(warm.noise.is_some() && warm.mde.is_some());
    assert_eq!(warm.design, "randomised blocks, both arms in one job");
    assert_eq!(
        (warm.host.cpu.as_deref(), warm.host.cores),
        (Some("Example CPU @ 2.50GHz"), Some(2))
    );
}

#[test]
fn a_run_without_a_baseline_compares_nothing() {
    let run = common::normal();
    assert!(compare(&run).is_empty() && !settled(&run));
    assert!(summarise(&run).comparisons.is_empty());
}

#[test]
fn the_order_of_the_lines_does_not_matter() {
    let run = compared(BOTH, &steady(12, 1.03));
    let mut shuffled = run.clone();
    shuffled.samples.reverse();
    shuffled.samples.swap(3, 17);
    assert_eq!(compare(&run), compare(&shuffled));
}

#[test]
fn swapping_the_arms_gives_the_mirror_image() {
    let pairs = steady(14, 1.2);
    let swapped: Vec<_> = pairs.iter().map(|(base, new)| (*new, *base)).collect();
    let (slower, faster) = (only(&compared(COLD, &pairs)), only(&compared(COLD, &swapped)));
    assert_eq!(slower.verdict, Some(ComparisonVerdict::Regressed));
    assert_eq!(faster.verdict, Some(ComparisonVerdict::Improved));
    let mirrored = |a: Option<f64>, b: Option<f64>| (a.unwrap() * b.unwrap() - 1.0).abs() < 1e-9;
    assert!(mirrored(slower.ratio, faster.ratio));
    assert!(mirrored(slower.low, faster.high) && mirrored(slower.high, faster.low));
    assert_eq!(slower.noise.map(|n| (n * 1e9).round()), faster.noise.map(|n| (n * 1e9).round()));
}

#[test]
fn fewer_than_seven_pairs_are_never_a_verdict() {
    let six = only(&compared(COLD, &steady(6, 3.0)));
    assert_eq!(six.verdict, Some(ComparisonVerdict::Inconclusive));
    assert!(six.reason.is_some_and(|reason| reason.contains("7 pairs")));
    assert_eq!(verdict(&compared(COLD, &steady(7, 3.0))), Some(ComparisonVerdict::Regressed));
}

#[test]
fn a_time_out_is_infinite_on_its_side_and_dropped_on_both() {
    let mut pairs = steady(12, 1.0);
    pairs[2] = (None, None);
    pairs[5] = (Some(10.0), None);
    let found = only(&compared(COLD, &pairs));
    assert_eq!((found.n, found.dropped, found.failed), (11, 1, 0));
    assert!(found.noise.is_none() && found.mean_ratio.is_none() && found.mde.is_none());
    assert!(found.ratio.is_some_and(|ratio| ratio < 1.02), "one time-out is one rank: {found:?}");

    let most: Vec<_> = (0..10).map(|_| (Some(10.0), None)).collect();
    let found = only(&compared(COLD, &most));
    assert_eq!(found.verdict, Some(ComparisonVerdict::Regressed));
    assert_eq!((found.ratio, found.low, found.high), (None, None, None));
    assert_eq!(found.infinite, [Infinite::Ratio, Infinite::Low, Infinite::High]);
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<ComparisonSummary>(&text).unwrap(), found, "{text}");

    let rescued: Vec<_> = (0..10).map(|_| (None, Some(10.0))).collect();
    let found = only(&compared(COLD, &rescued));
    assert_eq!((found.verdict, found.ratio), (Some(ComparisonVerdict::Improved), Some(0.0)));
}

#[test]
fn a_failed_side_drops_its_pair_and_is_counted_apart() {
    let mut run = compared(COLD, &steady(12, 1.0));
    run.samples[3].0.outcome = Outcome::Failed;
    run.samples[8].0.outcome = Outcome::Failed;
    run.samples.retain(|(sample, _)| !(sample.block == 7 && sample.arm == Arm::Baseline));
    let found = only(&run);
    assert_eq!((found.n, found.dropped, found.failed, found.unpaired), (9, 0, 2, 1));
}

#[test]
fn an_unproven_sample_on_either_side_forbids_the_verdict_on_its_regime() {
    for arm in [Arm::Candidate, Arm::Baseline] {
        let mut run = compared(BOTH, &steady(12, 1.3));
        for (sample, _) in &mut run.samples {
            if (sample.block, sample.arm, sample.regime) == (4, arm, Regime::SameRunner) {
                sample.outcome = Outcome::Unproven;
            }
        }
        let [cold, warm] = &compare(&run)[..] else { panic!() };
        assert_eq!(cold.verdict, Some(ComparisonVerdict::Regressed));
        assert_eq!(warm.verdict, Some(ComparisonVerdict::Inconclusive));
        assert!(warm.reason.as_ref().is_some_and(|reason| reason.contains("b004")));
        assert!(warm.p_regressed.is_none());
        let gates = summarise(&run).gates;
        assert_eq!(gates.iter().filter(|gate| gate.unproven).count(), 1, "{gates:?}");
    }
}

#[test]
fn repeats_in_a_block_are_one_value_their_median() {
    let mut run = compared(COLD, &steady(8, 1.0));
    for block in 1..=8 {
        // One repeat far off on either side of the median of three.
        for (arm, order, seconds) in [
            (Arm::Candidate, 5, 1_000.0),
            (Arm::Candidate, 6, 0.001),
            (Arm::Baseline, 7, 0.001),
            (Arm::Baseline, 8, 1_000.0),
        ] {
            let mut extra = arm_sample(arm, Regime::Cold, block, Some(seconds));
            extra.0.started = at(block, order);
            run.samples.push(extra);
        }
    }
    let found = only(&run);
    assert_eq!((found.n, found.verdict), (8, Some(ComparisonVerdict::Ok)), "{found:?}");
}

#[test]
fn an_arm_without_a_cache_answers_the_warm_sample_with_its_cold_one() {
    let without = |arm: Arm| {
        let mut run = compared(BOTH, &steady(10, 1.0));
        run.samples.retain(|(s, _)| s.arm != arm || s.regime == Regime::Cold);
        for (sample, _) in run.samples.iter_mut().filter(|(s, _)| s.arm == arm) {
            sample.caches.clear();
            common::set_wall(sample, sample.wall_ns * 2);
        }
        run
    };
    let found = compare(&without(Arm::Baseline));
    let warm = found.iter().find(|c| c.regime == Regime::SameRunner).unwrap();
    assert_eq!((warm.against, warm.n), (Regime::Cold, 10));
    assert_eq!(warm.verdict, Some(ComparisonVerdict::Improved));
    assert!(warm.reason.as_ref().is_some_and(|reason| reason.contains("baseline has no cache")));
    let found = compare(&without(Arm::Candidate));
    let cold = found.iter().find(|c| c.against == Regime::SameRunner).unwrap();
    assert_eq!((cold.regime, cold.verdict), (Regime::Cold, Some(ComparisonVerdict::Regressed)));
    assert_eq!(found.len(), 2);
}

#[test]
fn a_gate_on_a_phase_compares_that_phase() {
    let mut run = compared(COLD, &steady(10, 1.0));
    run.run.gates = vec![Gate { phase: Some("compile".to_owned()), ..gate(None, RULE) }];
    for (sample, _) in run.samples.iter_mut().filter(|(s, _)| s.arm == Arm::Candidate) {
        sample.phases[1].wall_ns = sample.phases[1].wall_ns * 3 / 2;
    }
    let found = compare(&run);
    let words: Vec<_> = found.iter().map(|c| (c.phase.as_deref(), c.verdict)).collect();
    let (ok, regressed) = (ComparisonVerdict::Ok, ComparisonVerdict::Regressed);
    assert_eq!(words, [(None, Some(ok)), (Some("compile"), Some(regressed))]);
    let gates = summarise(&run).gates;
    assert_eq!((gates.len(), gates[0].verdict), (1, GateVerdict::Regressed));
}

#[test]
fn reuse_that_got_worse_shows_in_warm_over_cold_and_more_work_does_not() {
    let rule = GateRule::WarmAgainstCold { margin: 0.10, floor: 0.02 };
    let judged = |scale: fn(Regime) -> u64| {
        let mut run = compared(BOTH, &steady(10, 1.0));
        run.run.gates = vec![gate(None, rule)];
        for (sample, _) in run.samples.iter_mut().filter(|(s, _)| s.arm == Arm::Candidate) {
            common::set_wall(sample, sample.wall_ns * scale(sample.regime) / 10);
        }
        let comparisons = compare(&run);
        let warm = comparisons.iter().find(|c| c.of == ComparisonOf::WarmOverCold).cloned();
        let gates = summarise(&run).gates;
        let gate = gates.iter().find(|gate| gate.gate.contains("over cold")).unwrap().clone();
        (warm.unwrap(), gate)
    };
    let (warm, gate) = judged(|regime| if regime.is_warm() { 15 } else { 10 });
    assert_eq!(warm.verdict, Some(ComparisonVerdict::Regressed));
    assert_eq!((gate.verdict, gate.samples), (GateVerdict::Regressed, 10));
    assert_eq!((gate.regime, gate.margin), (Some(Regime::SameRunner), Some(0.10)));
    let (warm, gate) = judged(|_| 15);
    assert_eq!((warm.verdict, gate.verdict), (Some(ComparisonVerdict::Ok), GateVerdict::Ok));
}

/// Refused, in words that name why, by comparisons and gates alike.
#[track_caller]
fn refused(run: &LoadedRun, why: &str) {
    for found in compare(run) {
        assert_eq!(found.verdict, None, "{found:?}");
        assert!(found.reason.as_ref().is_some_and(|reason| reason.contains(why)), "{found:?}");
        assert!(found.p_regressed.is_none() && found.design.starts_with("refused"));
    }
    let gates = summarise(run).gates;
    assert!(!gates.is_empty());
    for gate in gates {
        assert_eq!((gate.verdict, gate.unproven), (GateVerdict::Inconclusive, true), "{gate:?}");
    }
    let mut running = run.clone();
    (running.end, running.run.options.auto) = (None, true);
    assert!(!settled(&running), "a refusal settles nothing");
}

/// Big enough to be regressed by any test.
fn clear() -> LoadedRun {
    compared(COLD, &steady(20, 2.0))
}

#[test]
fn imported_times_are_sequential_and_refused() {
    let mut run = clear();
    run.run.design = Design::Sequential;
    refused(&run, "`sequential` order");
}

#[test]
fn a_baseline_of_another_job_is_refused() {
    let mut run = clear();
    run.run.arms.truncate(1);
    refused(&run, "did not measure");
    for offset in [-1_000, 1_000] {
        let mut run = clear();
        for (sample, _) in run.samples.iter_mut().filter(|(s, _)| s.arm == Arm::Baseline) {
            sample.started += chrono::Duration::days(offset);
        }
        refused(&run, "another job");
    }
}

#[test]
fn arm_by_arm_is_refused() {
    let mut run = clear();
    for (sample, _) in run.samples.iter_mut().filter(|(s, _)| s.arm == Arm::Candidate) {
        sample.started = at(sample.block + 20, 1);
    }
    refused(&run, "every baseline sample was taken before");
    // The same in blocks of one arm each, which overlap with none.
    for (sample, _) in run.samples.iter_mut().filter(|(s, _)| s.arm == Arm::Candidate) {
        sample.block += 20;
    }
    refused(&run, "every baseline sample was taken before");
}

#[test]
fn blocks_that_overlap_are_refused() {
    let mut run = clear();
    let late = run.samples.iter_mut().find(|(sample, _)| sample.block == 3).unwrap();
    late.0.started = at(4, 5);
    refused(&run, "blocks 3 and 4 overlap");
}

#[test]
fn one_arm_always_first_is_refused_from_twelve_blocks_on() {
    let fixed = |blocks: u32, odd: Option<u32>| {
        let mut run = compared(COLD, &steady(blocks, 2.0));
        for (sample, _) in &mut run.samples {
            let first = (sample.arm == Arm::Baseline) == (odd != Some(sample.block));
            sample.started = at(sample.block, if first { 1 } else { 2 });
        }
        run
    };
    refused(&fixed(12, None), "baseline was first in all 12 blocks of cold");
    assert_eq!(verdict(&fixed(12, Some(5))), Some(ComparisonVerdict::Regressed));
    assert_eq!(verdict(&fixed(11, None)), Some(ComparisonVerdict::Regressed));
}

/// An `--auto` run that has got this far.
fn running(pairs: &[(Option<f64>, Option<f64>)]) -> LoadedRun {
    let mut run = compared(COLD, pairs);
    run.run.options.auto = true;
    run.run.options.blocks = 20;
    run.end = None;
    run
}

#[test]
fn a_running_comparison_answers_at_looks_only() {
    let found = only(&running(&steady(6, 2.0)));
    assert_eq!((found.verdict, found.next_look), (Some(ComparisonVerdict::Continue), Some(7)));
    assert!(!settled(&running(&steady(6, 2.0))));
    assert!(settled(&running(&steady(7, 2.0))), "regressed");
    assert!(settled(&running(&steady(7, 1.0))), "ok");
    // Too noisy for an answer at 7 and 8.
    let noisy: Vec<_> =
        (0..8).map(|i| (Some(10.0), Some(if i % 2 == 0 { 7.0 } else { 14.0 }))).collect();
    assert!(!settled(&running(&noisy[..7])) && !settled(&running(&noisy)));
    assert_eq!(only(&running(&noisy)).next_look, Some(10));
}

#[test]
fn the_look_that_decided_stands() {
    // Decided at 7; what comes later would speak otherwise.
    let mut pairs = steady(7, 1.0);
    pairs.extend(steady(9, 2.0));
    let mut run = running(&pairs);
    let found = only(&run);
    assert_eq!((found.verdict, found.n), (Some(ComparisonVerdict::Ok), 7));
    run.end = compared(COLD, &pairs).end;
    assert_eq!(only(&run).verdict, Some(ComparisonVerdict::Ok));
    run.run.options.auto = false;
    assert_eq!(only(&run).n, 16, "without --auto there is one look, at the end");
}

#[test]
fn every_gate_must_be_decided_unless_one_is_regressed() {
    let blocks = |blocks: u32, warm: f64| {
        let mut run = compared(BOTH, &steady(blocks, 1.0));
        run.run.options.auto = true;
        run.end = None;
        for (sample, _) in run.samples.iter_mut().filter(|(s, _)| s.regime.is_warm()) {
            let up = sample.block.is_multiple_of(2) && sample.arm == Arm::Candidate;
            let noise = if up { 2.0 } else { 0.5 };
            let factor = if warm > 1.0 && sample.arm == Arm::Candidate { warm } else { 1.0 };
            let factor = if warm < 1.0 { noise } else { factor };
            common::set_wall(sample, (sample.wall_ns as f64 * factor) as u64);
        }
        run
    };
    let with = |warm: f64| blocks(7, warm);
    assert!(settled(&with(1.0)));
    let mut noisy = with(0.5);
    assert!(!settled(&noisy), "same-runner is open");
    noisy.run.gates = vec![gate(Some(Regime::Cold), RULE)];
    assert!(settled(&noisy), "no gate looks at same-runner");
    // Cold is open and same-runner is regressed: the exit code is known. One of two questions needs half the
    // p-value, which seven blocks cannot give.
    for (n, known) in [(7, false), (10, true)] {
        let mut run = blocks(n, 2.0);
        for (sample, _) in run.samples.iter_mut().filter(|(s, _)| !s.regime.is_warm()) {
            if sample.arm == Arm::Candidate {
                let up = sample.block.is_multiple_of(2);
                common::set_wall(sample, if up { sample.wall_ns * 2 } else { sample.wall_ns / 2 });
            }
        }
        assert_eq!(settled(&run), known, "{n} blocks");
    }
    // The run does not wait for gates on examples, which are judged at the end, but for the default gate.
    let examples = Gate { examples: Some("*".to_owned()), ..gate(None, RULE) };
    let mut run = with(0.5);
    run.run.gates = vec![examples.clone()];
    assert!(!settled(&run), "same-runner is open");
    let mut run = with(1.0);
    run.run.gates = vec![examples];
    assert!(settled(&run));
    run.run.gates.push(gate(None, RULE));
    assert!(settled(&run));
}

#[test]
fn a_gate_says_what_its_numbers_cannot() {
    let mut pairs = steady(10, 1.0);
    for (_, new) in &mut pairs[..6] {
        *new = None;
    }
    pairs.extend([(None, None), (None, None)]);
    let mut run = compared(COLD, &pairs);
    let failed = run.samples.iter_mut().find(|(s, _)| s.block == 8 && s.arm == Arm::Candidate);
    failed.unwrap().0.outcome = Outcome::Failed;
    let gate = summarise(&run).gates.remove(0);
    let reason = gate.reason.unwrap_or_default();
    for part in ["ratio infinite", " to infinite", "2 pairs dropped: both timed out"] {
        assert!(reason.contains(part), "{part}: {reason}");
    }
    assert!(reason.contains("1 pair dropped: failed"), "{reason}");
}
