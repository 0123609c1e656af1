//! Runs with a candidate and a baseline.

use bench_record::{Arm, ArmInfo, Example, LoadedRun, Outcome, Regime, Sample, SampleId};
use chrono::{DateTime, Utc};

use super::{instant, run, sample, set_wall};

/// Coins that the tests throw: which arm goes first in a block; neither always does.
const COINS: u32 = 0b1011_0011_1000_1011_0110_0101_1100_1010;

/// A run with a baseline: one block per pair of seconds (base, new), the same in every regime; `None` timed
/// out. Blocks follow each other in time, arms in random order.
pub(crate) fn compared(regimes: &[Regime], pairs: &[(Option<f64>, Option<f64>)]) -> LoadedRun {
    let mut run = run(regimes, pairs.len() as u32);
    run.run.options.baseline = Some(bench_record::Baseline::Source("main".to_owned()));
    let baseline = ArmInfo { arm: Arm::Baseline, ..run.run.arms[0].clone() };
    run.run.arms.push(baseline);
    for (index, (base, new)) in pairs.iter().enumerate() {
        let block = index as u32 + 1;
        for regime in regimes {
            for (arm, seconds) in [(Arm::Baseline, base), (Arm::Candidate, new)] {
                run.samples.push(arm_sample(arm, *regime, block, *seconds));
            }
        }
    }
    if let Some(end) = &mut run.end {
        end.at = instant() + chrono::Duration::days(10);
    }
    run
}

/// A sample of one arm in its block.
pub(crate) fn arm_sample(
    arm: Arm,
    regime: Regime,
    block: u32,
    seconds: Option<f64>,
) -> (Sample, Vec<Example>) {
    let (mut sample, examples) = sample(regime, block, &[]);
    sample.arm = arm;
    sample.id = SampleId(format!("b{block:03}-{arm}-{regime}"));
    for runner in [Some(&mut sample.runner), sample.snapshot_origin.as_mut()].into_iter().flatten()
    {
        runner.0 = runner.0.replace("candidate", arm.as_str());
    }
    set_wall(&mut sample, (seconds.unwrap_or(600.0) * 1e9) as u64);
    if seconds.is_none() {
        sample.outcome = Outcome::TimedOut;
        sample.phases[1].outcome = Outcome::TimedOut;
    }
    let second = ((COINS >> (block % 32)) & 1 == 1) == (arm == Arm::Candidate);
    sample.order = 2 * sample.order - u32::from(!second);
    sample.started = at(block, sample.order);
    (sample, examples)
}

/// When the sample at this place of a block began.
pub(crate) fn at(block: u32, order: u32) -> DateTime<Utc> {
    instant() + chrono::Duration::seconds(i64::from(block) * 10_000 + i64::from(order) * 1_000)
}

/// `n` pairs of times that vary by a per cent or two, the new ones `ratio` times as long.
pub(crate) fn steady(n: u32, ratio: f64) -> Vec<(Option<f64>, Option<f64>)> {
    (0..n)
        .map(|index| {
            let base = 10.0 + f64::from(index % 3) * 0.1;
            (Some(base), Some(base * ratio * (1.0 + f64::from(index % 5) * 0.002)))
        })
        .collect()
}
