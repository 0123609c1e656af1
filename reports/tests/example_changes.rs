//! Which examples changed apart from the others.

mod common;
#[path = "stats_support/noise.rs"]
mod noise;

use bench_record::{
    Arm, Change, Example, ExampleChange, Gate, GateRule, GateSummary, GateVerdict, LoadedRun,
    Outcome, Regime,
};
use bench_reports::summary::summarise;
use noise::Random;

fn example_changes(run: &LoadedRun) -> Vec<ExampleChange> {
    bench_reports::verdict::judge(run).example_changes
}

/// A run whose examples vary by 2 %, with a factor on each of the candidate's.
fn run(blocks: u32, examples: u32, factor: impl Fn(u32) -> f64) -> LoadedRun {
    let mut run = common::compared(&[Regime::Cold], &common::steady(blocks, 1.0));
    let mut random = Random::new(11);
    for (sample, times) in &mut run.samples {
        // The whole sample is slow or fast: that is common to its examples, and must flag none of them.
        let whole = (0.2 * random.normal()).exp();
        *times = (1..=examples)
            .map(|position| {
                let own = if sample.arm == Arm::Candidate { factor(position) } else { 1.0 };
                let seconds = f64::from(position) * whole * own * (0.02 * random.normal()).exp();
                Example {
                    sample: sample.id.clone(),
                    name: format!("e{position:02}"),
                    position,
                    wall_ns: (seconds * 1e9) as u64,
                    outcome: Outcome::Ok,
                    reason: None,
                    retries: 0,
                }
            })
            .collect();
    }
    run
}

fn names(changes: &[ExampleChange]) -> Vec<(&str, Change)> {
    changes.iter().map(|change| (change.name.as_str(), change.flag)).collect()
}

#[test]
fn the_examples_that_changed_are_flagged_and_no_other() {
    let run = run(10, 20, |position| match position {
        3 => 1.3,
        17 => 0.7,
        // Below the step that is flagged.
        5 => 1.06,
        _ => 1.0,
    });
    let changes = summarise(&run).example_changes;
    assert_eq!(names(&changes), [("e03", Change::Slower), ("e17", Change::Faster)]);
    let slower = &changes[0];
    assert!((1.25..1.35).contains(&slower.ratio), "{slower:?}");
    assert!(slower.low.unwrap() > 1.1 && slower.low < Some(slower.ratio));
    assert!(slower.high > Some(slower.ratio) && slower.q <= 0.05 && slower.p <= slower.q);
    assert_eq!((slower.n, slower.regime, slower.level), (10, Regime::Cold, 0.95));
}

#[test]
fn what_all_examples_have_in_common_flags_none() {
    assert_eq!(example_changes(&run(10, 20, |_| 1.5)), []);
    assert_eq!(example_changes(&run(10, 20, |_| 1.0)), []);
}

#[test]
fn names_take_the_room_that_the_other_columns_leave() {
    let mut run = run(10, 20, |position| if position < 3 { 1.3 } else { 1.0 });
    let [one, other] = ["client::compile_jupyter", "client::compile_jupyter_hashes"];
    for (_, examples) in &mut run.samples {
        one.clone_into(&mut examples[0].name);
        other.clone_into(&mut examples[1].name);
    }
    let text = common::render(bench_reports::report::ReportFormat::Terminal, &run, 80, false);
    let (_, changes) = text.split_once("Examples that changed (2)").expect("both changed");
    for name in [one, other] {
        assert!(changes.lines().any(|line| line.starts_with(&format!("{name} "))), "{text}");
    }
    assert!(text.lines().all(|line| bench_reports::document::text::width(line) <= 80), "{text}");
}

#[test]
fn nothing_is_flagged_below_seven_pairs_or_three_examples() {
    let changed = |position| if position == 2 { 2.0 } else { 1.0 };
    assert_eq!(example_changes(&run(6, 20, changed)), []);
    assert_eq!(names(&example_changes(&run(7, 20, changed))), [("e02", Change::Slower)]);
    assert_eq!(example_changes(&run(10, 2, changed)), []);
    // An example that is there in six pairs only.
    let mut rare = run(10, 20, changed);
    for (sample, examples) in &mut rare.samples {
        if sample.block > 6 {
            examples[1].outcome = Outcome::Failed;
        }
    }
    assert_eq!(example_changes(&rare), []);
}

#[test]
fn unproven_samples_refused_designs_and_runs_that_go_on_flag_nothing() {
    let changed = || run(10, 20, |position| if position == 2 { 2.0 } else { 1.0 });
    assert_eq!(names(&example_changes(&changed())), [("e02", Change::Slower)]);
    let mut unproven = changed();
    unproven.samples[4].0.outcome = Outcome::Unproven;
    assert_eq!(example_changes(&unproven), []);
    let mut refused = changed();
    refused.run.design = bench_record::Design::Sequential;
    assert_eq!(example_changes(&refused), []);
    let mut running = changed();
    (running.run.options.auto, running.end) = (true, None);
    assert_eq!(example_changes(&running), []);
}

#[test]
fn the_order_of_lines_and_examples_does_not_matter() {
    let run = run(9, 12, |position| if position == 2 { 0.5 } else { 1.0 });
    let mut shuffled = run.clone();
    shuffled.samples.reverse();
    for (_, examples) in &mut shuffled.samples {
        examples.reverse();
    }
    assert_eq!(example_changes(&run), example_changes(&shuffled));
}

#[test]
fn a_gate_on_examples_asks_these_verdicts() {
    let judged = |mut run: LoadedRun, selection: &str, margin: f64| -> GateSummary {
        run.run.gates = vec![Gate {
            regime: Some(Regime::Cold),
            phase: None,
            examples: Some(selection.to_owned()),
            rule: GateRule::Baseline { margin, floor: 0.02 },
        }];
        summarise(&run).gates.remove(0)
    };
    let changed = || run(10, 20, |position| if position == 2 { 1.5 } else { 1.0 });
    let slow = judged(changed(), "*", 0.05);
    assert_eq!(slow.verdict, GateVerdict::Regressed, "{slow:?}");
    assert!(slow.reason.as_ref().is_some_and(|reason| reason.contains("worst: e02")));
    assert_eq!((slow.samples, slow.limit), (10, Some(1.1)), "a step of 10 % at least");
    assert_eq!(judged(changed(), "3..", 0.05).verdict, GateVerdict::Ok, "it is not selected");
    assert_eq!(judged(changed(), "e01", 0.05).verdict, GateVerdict::Ok);
    assert_ne!(judged(changed(), "*", 0.8).verdict, GateVerdict::Regressed, "a wide margin");
    let few = judged(run(5, 20, |_| 1.0), "*", 0.05);
    assert_eq!((few.verdict, few.unproven), (GateVerdict::Inconclusive, false));
    assert!(few.reason.is_some_and(|reason| reason.contains("7 pairs")));
    let none = judged(changed(), "nowhere", 0.05);
    assert_eq!(none.verdict, GateVerdict::Inconclusive);
    let mut unproven = changed();
    unproven.samples[0].0.outcome = Outcome::Unproven;
    assert!(judged(unproven, "*", 0.05).unproven);
}

#[test]
fn a_gate_on_examples_does_not_let_what_all_of_them_have_in_common_pass() {
    let mut slower = run(10, 20, |_| 1.3);
    for (sample, _) in &mut slower.samples {
        if sample.arm == Arm::Candidate {
            common::set_wall(sample, sample.wall_ns * 13 / 10);
        }
    }
    slower.run.gates = vec![Gate {
        regime: Some(Regime::Cold),
        phase: None,
        examples: Some("*".to_owned()),
        rule: GateRule::Baseline { margin: 0.05, floor: 0.02 },
    }];
    let verdicts: Vec<GateVerdict> =
        summarise(&slower).gates.into_iter().map(|gate| gate.verdict).collect();
    assert_eq!(verdicts, [GateVerdict::Ok, GateVerdict::Regressed]);
}
