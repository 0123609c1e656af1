//! How often a comparison of whole runs is wrong, on simulated noisy runners: records in, verdicts out.

mod common;
#[path = "stats_support/noise.rs"]
mod noise;

use bench_record::{ComparisonVerdict, LoadedRun, Regime};
use bench_reports::comparison::compare;
use noise::{NOISY, Noise, Order, Random, TYPICAL};

/// An `--auto` run of up to `blocks` blocks with a change of `effect`.
fn run(random: &mut Random, noise: Noise, blocks: usize, effect: f64) -> LoadedRun {
    let (base, new) = noise::pairs(random, noise, (blocks, effect, Order::Randomised));
    let pairs: Vec<_> = base.into_iter().map(Some).zip(new.into_iter().map(Some)).collect();
    let mut run = common::compared(&[Regime::Cold], &pairs);
    run.run.options.auto = true;
    run
}

/// Shares of (regressed, improved).
fn rates(noise: Noise, blocks: usize, effect: f64, repetitions: u32) -> (f64, f64) {
    let mut random = Random::new(20_260_301);
    let (mut regressed, mut improved) = (0_u32, 0_u32);
    for _ in 0..repetitions {
        let found = compare(&run(&mut random, noise, blocks, effect));
        let [one] = &found[..] else { panic!("{found:?}") };
        match one.verdict.expect("the simulated design is a good one") {
            ComparisonVerdict::Regressed => regressed += 1,
            ComparisonVerdict::Improved => improved += 1,
            _ => {}
        }
    }
    let share = |count: u32| f64::from(count) / f64::from(repetitions);
    (share(regressed), share(improved))
}

#[test]
fn a_revision_against_itself_is_called_changed_in_at_most_2_5_percent() {
    for noise in [TYPICAL, NOISY] {
        let (regressed, improved) = rates(noise, 20, 0.0, 500);
        assert!(regressed <= 0.025 && improved <= 0.025, "{}: {regressed} {improved}", noise.name);
    }
}

#[test]
fn a_slowdown_of_20_percent_is_found_within_14_blocks() {
    let (regressed, improved) = rates(TYPICAL, 14, 0.20, 300);
    assert!(regressed >= 0.90 && improved == 0.0, "{regressed} {improved}");
}
