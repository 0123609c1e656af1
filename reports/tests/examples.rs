//! Fixed cost and rate, cores, and the spread of example times.

mod common;

use bench_record::{Example, ExampleOrder, Histogram, LoadedRun, Makespan, Regime, RegimeSummary};
use bench_reports::report::ReportFormat;
use common::{MS, close, normal, render, run, sample, set_wall, summary};
use proptest::prelude::*;

fn cold(samples: &[&[u64]]) -> LoadedRun {
    let mut run = run(&[Regime::Cold], samples.len() as u32);
    for (block, ms) in (1..).zip(samples) {
        run.samples.push(sample(Regime::Cold, block, ms));
    }
    run
}

fn regime(run: &LoadedRun) -> RegimeSummary {
    summary(run).regimes[0].clone()
}

#[track_caller]
#[test]
fn the_first_example_is_a_fixed_cost_and_the_rate_of_the_others() {
    let mut run = cold(&[&[5_000, 1_000, 1_200, 1_000], &[5_200, 1_000, 1_000, 1_000]]);
    // The phase takes 0.1 s more than its examples, which 5 % allows.
    let wall = run.samples[0].0.wall_ns + 100 * MS;
    set_wall(&mut run.samples[0].0, wall);
    let model = regime(&run).example_model.unwrap();
    assert_eq!(model.examples, 4);
    // Sample 1: rate 1.0, fixed 4.0, unexplained 8.3 - 4.0 - 4 x 1.0 = 0.3. Sample 2: 1.0, 4.2, 0.
    close(model.rate_s.value, 1.0);
    close(model.fixed_s.value, 4.1);
    close(model.unexplained_s.value, 0.15);
    assert_eq!(model.fixed_s.level, None);
}

#[test]
fn a_first_example_that_is_faster_has_a_fixed_cost_below_zero() {
    let model = regime(&cold(&[&[500, 1_000, 1_000]])).example_model.unwrap();
    close(model.fixed_s.value, -0.5);
    close(model.unexplained_s.value, 0.0);
}

#[test]
fn examples_in_parallel_or_in_changing_order_have_no_model() {
    let sequential = cold(&[&[2_000, 1_000, 1_000], &[2_000, 1_000, 1_000]]);
    assert!(regime(&sequential).example_model.is_some());
    let with_wall = |ms: u64| {
        let mut run = sequential.clone();
        for (sample, _) in &mut run.samples {
            set_wall(sample, ms * MS);
        }
        let regime = regime(&run);
        (regime.example_model.is_some(), regime.makespan.unwrap().order)
    };
    // Examples add up to 4 s. In 2.1 s they ran side by side, in 5 s nobody knows.
    assert_eq!(with_wall(2_100), (false, ExampleOrder::Parallel));
    assert_eq!(with_wall(5_000), (false, ExampleOrder::Unknown));
    // The border is 5 % of the phase's time: 4.2 x 0.95 = 3.99, 4.22 x 0.95 = 4.009.
    assert_eq!(with_wall(4_200), (true, ExampleOrder::Sequential));
    assert_eq!(with_wall(4_220), (false, ExampleOrder::Unknown));
    let mut unstable = sequential.clone();
    let examples = &mut unstable.samples[1].1;
    (examples[0].position, examples[1].position) = (2, 1);
    let found = regime(&unstable);
    assert_eq!(found.example_model, None);
    assert_eq!(found.makespan.unwrap().order, ExampleOrder::Unknown);
    // Two examples: what is left of the second one is not a spread that a rate could be told from.
    assert_eq!(regime(&cold(&[&[2_000, 1_000]])).example_model, None);
}

#[test]
fn a_report_shows_the_fixed_cost_only_where_the_model_applies() {
    assert!(render(ReportFormat::Terminal, &normal(), 80, false).contains("fixed cost"));
    let mut parallel = normal();
    for (sample, _) in &mut parallel.samples {
        let wall = sample.wall_ns / 2;
        set_wall(sample, wall);
    }
    let text = render(ReportFormat::Terminal, &parallel, 80, false);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(!words.contains("fixed cost"), "{text}");
    assert!(words.contains("ran in parallel, which contention lengthens"), "{text}");
}

#[test]
fn a_first_example_that_is_quicker_than_the_others_shows_no_fixed_cost() {
    let quick = cold(&[&[400, 2_000, 2_100, 2_000], &[500, 2_000, 2_200, 2_000]]);
    assert!(regime(&quick).example_model.unwrap().fixed_s.value < 0.0);
    let text = render(ReportFormat::Terminal, &quick, 80, false);
    let sentence = "No fixed cost is shown where the first example takes less than the others.";
    assert!(text.contains(sentence), "{text}");
    for heading in text.lines().filter(|line| line.starts_with("regime")) {
        assert!(!heading.contains("fixed cost") && !heading.contains("unexplained"), "{text}");
    }
    let slow = render(ReportFormat::Terminal, &normal(), 80, false);
    assert!(!slow.contains(sentence), "{slow}");
}

fn cores(makespan: &Makespan, cores: u32) -> (f64, f64, f64) {
    let found = makespan.cores.iter().find(|estimate| estimate.cores == cores).unwrap();
    (found.bound_s, found.recorded_order_s, found.longest_first_s)
}

#[test]
fn makespans_are_those_of_list_scheduling() {
    // Recorded order on 2 cores: 2|3, 2+4 = 6|3, 6|3+6 = 9; longest first: 6|4, 6|4+3 = 7, 6+2 = 8|7.
    let makespan = regime(&cold(&[&[2_000, 3_000, 4_000, 6_000]])).makespan.unwrap();
    assert_eq!((makespan.sum_s, makespan.longest_s), (15.0, 6.0));
    assert_eq!((makespan.longest.as_str(), makespan.examples), ("Knob", 4));
    assert_eq!(cores(&makespan, 1), (15.0, 15.0, 15.0));
    assert_eq!(cores(&makespan, 2), (7.5, 9.0, 8.0));
    // 2|3|4|6 each on its own: more cores than 4 have nothing to do.
    assert_eq!(cores(&makespan, 4), (6.0, 6.0, 6.0));
    assert_eq!(cores(&makespan, 16), (6.0, 6.0, 6.0));
    // On 3: 6|4|3, 3+2 = 5 <= 6.
    assert_eq!(makespan.useful_cores, 3);
}

#[test]
fn makespans_are_made_of_the_medians_of_each_example() {
    let run = cold(&[&[1_000, 9_000], &[2_000, 5_000], &[3_000, 7_000]]);
    let makespan = regime(&run).makespan.unwrap();
    assert_eq!((makespan.sum_s, makespan.longest_s), (9.0, 7.0));
    assert_eq!(makespan.useful_cores, 2);
    assert_eq!(regime(&cold(&[&[1_000]])).makespan, None);
}

#[test]
fn the_answer_on_more_cores_is_a_sentence() {
    let text = render(ReportFormat::Terminal, &normal(), 80, false);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains(
            "More cores, cold: 12.3 s on 1, 8.20 s on 2; from 2 on more do nothing, `Blink` (8.20 s) sets \
             the time."
        ),
        "{text}"
    );
    // 30 ms of 9.03 s are within 1 % of what the longest takes by itself.
    let run = cold(&[&[9_000, 10, 20]]);
    let text = render(ReportFormat::Terminal, &run, 80, false);
    assert!(text.contains("one is enough"), "{text}");
}

#[test]
fn the_distribution_holds_every_example_time_and_merges() {
    let run = cold(&[&[1_000, 2_000], &[3_000, 4_000]]);
    let times = regime(&run).example_times.unwrap();
    assert_eq!(times.count, 4);
    // Three digits: at most 0.1 % above.
    for (found, expected) in [(times.p50_s, 2.0), (times.p90_s, 4.0), (times.max_s, 4.0)] {
        assert!(found >= expected && found <= expected * 1.001, "{found}");
    }
    let shard = |block: usize| {
        let mut shard = run.clone();
        shard.samples.retain(|(sample, _)| sample.block as usize == block);
        Histogram::decode(&regime(&shard).example_times.unwrap().histogram).unwrap()
    };
    let mut merged = shard(2);
    merged.merge(&shard(1)).unwrap();
    assert_eq!(merged.encode(), times.histogram);
}

fn with_examples(ms: &[u64]) -> LoadedRun {
    let mut run = cold(&[&[1]]);
    let first = run.samples[0].1[0].clone();
    run.samples[0].1 = (1..)
        .zip(ms)
        .map(|(position, ms)| Example {
            name: format!("e{position:03}"),
            position,
            wall_ns: ms * MS,
            ..first.clone()
        })
        .collect();
    set_wall(&mut run.samples[0].0, ms.iter().sum::<u64>() * MS);
    run
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn makespans_keep_the_bounds_of_graham(ms in prop::collection::vec(1_u64..10_000, 2..60)) {
        let makespan = regime(&with_examples(&ms)).makespan.unwrap();
        let slack = 1e-9;
        let mut before = f64::INFINITY;
        for found in &makespan.cores {
            let cores = f64::from(found.cores);
            let bound = makespan.longest_s.max(makespan.sum_s / cores);
            prop_assert!((found.bound_s - bound).abs() < slack);
            prop_assert!(found.bound_s <= found.longest_first_s + slack);
            prop_assert!(found.bound_s <= found.recorded_order_s + slack);
            // Against the bound instead of the unknown best: sum/N + longest (1 - 1/N).
            let list = makespan.sum_s / cores + makespan.longest_s * (1.0 - 1.0 / cores);
            prop_assert!(found.recorded_order_s <= list + slack);
            prop_assert!(found.longest_first_s <= list + slack);
            prop_assert!(found.longest_first_s <= bound * (2.0 - 1.0 / cores) + slack);
            prop_assert!(found.bound_s <= before + slack);
            before = found.bound_s;
            if found.cores >= makespan.useful_cores && found.cores as usize >= ms.len() {
                prop_assert!((found.longest_first_s - makespan.longest_s).abs() < slack);
            }
        }
        prop_assert!(makespan.useful_cores as usize <= ms.len());
        prop_assert!(f64::from(makespan.useful_cores) * makespan.longest_s * 1.01 + slack >= makespan.sum_s);
    }

    #[test]
    fn the_parts_of_the_model_add_up_to_the_phase(ms in prop::collection::vec(1_u64..10_000, 3..20)) {
        let run = with_examples(&ms);
        let model = regime(&run).example_model.unwrap();
        let parts = model.fixed_s.value
            + f64::from(model.examples) * model.rate_s.value
            + model.unexplained_s.value;
        prop_assert!((parts - ms.iter().sum::<u64>() as f64 / 1e3).abs() < 1e-9);
        let mut turned = run.clone();
        turned.samples[0].1.reverse();
        let turned = regime(&turned);
        prop_assert_eq!(turned.example_model, Some(model));
        prop_assert_eq!(turned.makespan, regime(&run).makespan);
    }
}
