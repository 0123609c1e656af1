//! The error rates of the whole procedure (looks, exact test, margin and floor) on simulated noisy runners.
//! `cargo bench -p bench-reports --bench stats` prints the same with more repetitions, for the method page.

#[path = "stats_support/noise.rs"]
mod noise;

use bench_record::ComparisonVerdict;
use bench_reports::stats::{Rule, Sampling, change_points, decide};
use noise::{NOISY, Noise, Order, QUIET, Random, TYPICAL, sequential, to_pairs};

/// Shares of (regressed, improved) and the mean number of blocks.
fn rates(noise: Noise, effect: f64, repetitions: u32) -> (f64, f64, f64) {
    let mut random = Random::new(20_260_101);
    let (mut regressed, mut improved, mut blocks) = (0_u32, 0_u32, 0_usize);
    for _ in 0..repetitions {
        let (base, new) = noise::pairs(&mut random, noise, (20, effect, Order::Randomised));
        let (verdict, n) = sequential(&to_pairs(&base, &new), &Rule::default());
        regressed += u32::from(verdict == ComparisonVerdict::Regressed);
        improved += u32::from(verdict == ComparisonVerdict::Improved);
        blocks += n;
    }
    let all = f64::from(repetitions);
    (f64::from(regressed) / all, f64::from(improved) / all, blocks as f64 / all)
}

#[test]
fn no_change_raises_a_false_alarm_in_at_most_2_5_percent() {
    for (noise, repetitions) in [(QUIET, 400), (TYPICAL, 800), (NOISY, 800)] {
        let (regressed, improved, _) = rates(noise, 0.0, repetitions);
        assert!(regressed <= 0.025, "{}: {regressed}", noise.name);
        assert!(improved <= 0.025, "{}: {improved}", noise.name);
    }
}

#[test]
fn a_slowdown_within_the_floor_raises_a_false_alarm_in_at_most_2_5_percent() {
    let (regressed, improved, _) = rates(TYPICAL, 0.02, 800);
    assert!(regressed <= 0.025 && improved <= 0.025, "{regressed} {improved}");
}

#[test]
fn a_slowdown_of_20_percent_is_found_in_at_least_90_percent() {
    let (regressed, improved, blocks) = rates(TYPICAL, 0.20, 400);
    assert!(regressed >= 0.90, "{regressed}");
    assert!(improved == 0.0 && blocks < 14.0, "{improved} {blocks}");
    let (regressed, _, blocks) = rates(QUIET, 0.20, 200);
    assert!(regressed >= 0.99 && blocks < 9.0, "{regressed} {blocks}");
}

#[test]
fn a_gain_of_the_same_size_is_mostly_called_improved_and_never_regressed() {
    // Not as surely as a slowdown: `ok`, which it is too, may be shown first and ends the comparison.
    let (regressed, improved, _) = rates(TYPICAL, 1.0 / 1.2 - 1.0, 400);
    assert!(improved >= 0.85 && regressed == 0.0, "{improved} {regressed}");
}

#[test]
fn a_history_without_a_step_shows_one_in_about_one_percent() {
    for n in [10, 30, 60] {
        let mut random = Random::new(n as u64);
        let mut with_step = |step: f64| {
            let hits = (0..400).filter(|_| {
                let series: Vec<f64> = (0..n)
                    .map(|i| 0.05 * random.normal() + if i >= n / 2 { step } else { 0.0 })
                    .collect();
                change_points(&series).is_ok_and(|found| !found.is_empty())
            });
            hits.count() as f64 / 400.0
        };
        let (alarms, found) = (with_step(0.0), with_step(0.30));
        assert!(alarms <= 0.025 && found >= 0.95, "{n}: {alarms} {found}");
    }
}

#[test]
fn one_order_for_all_blocks_breaks_the_level_that_random_order_keeps() {
    // Why the caller has to refuse such records: nothing in the pairs themselves gives them away.
    let alarms = |order| {
        let mut random = Random::new(7);
        let hits = (0..400).filter(|_| {
            let (base, new) = noise::pairs(&mut random, TYPICAL, (20, 0.0, order));
            decide(&to_pairs(&base, &new), &Rule::default(), Sampling::Ended).verdict
                == ComparisonVerdict::Regressed
        });
        hits.count() as f64 / 400.0
    };
    assert!(alarms(Order::Randomised) <= 0.025);
    assert!(alarms(Order::Blocked) > 0.04);
    assert!(alarms(Order::Foreign) > 0.10);
}
