//! How often a comparison of whole runs is wrong, on simulated noisy runners: records in, verdicts out.

mod common;
#[path = "stats_support/noise.rs"]
mod noise;

use bench_record::{ComparisonVerdict, LoadedRun, Regime};
use common::compare;
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

/// Of runs that compare three regimes, the share that raises any alarm of one kind.
#[test]
fn a_run_that_asks_three_questions_raises_no_more_false_alarms_than_one_that_asks_one() {
    let mut random = Random::new(20_261_121);
    let repetitions = 500;
    let (mut regressed, mut improved) = (0_u32, 0_u32);
    for _ in 0..repetitions {
        let mut run = run(&mut random, NOISY, 20, 0.0);
        let regimes = [Regime::Cold, Regime::SameRunner, Regime::CrossRunner];
        run.run.options.regimes = regimes.to_vec();
        for regime in [Regime::SameRunner, Regime::CrossRunner] {
            let more = self::run(&mut random, NOISY, 20, 0.0);
            run.samples.extend(more.samples.into_iter().map(|(mut sample, examples)| {
                sample.regime = regime;
                sample.id.0.push_str(regime.as_str());
                (sample, examples)
            }));
        }
        let found = compare(&run);
        assert_eq!(found.len(), 3);
        let any = |wanted| found.iter().any(|one| one.verdict == Some(wanted));
        regressed += u32::from(any(ComparisonVerdict::Regressed));
        improved += u32::from(any(ComparisonVerdict::Improved));
    }
    let share = |count: u32| f64::from(count) / f64::from(repetitions);
    assert!(share(regressed) <= 0.025 && share(improved) <= 0.025, "{regressed} {improved}");
}
