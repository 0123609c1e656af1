//! One value a block: warm repeats of one seed are no replicates, and cold and warm of one block share a
//! seed and a stretch of time.

use std::collections::BTreeMap;

use bench_record::{Arm, Regime, Sample};

use super::regimes::proven;
use super::{Taken, seconds};
use crate::location::median;

/// The median a block of what `value` says of each `ok` sample; a sample of which it says nothing is left out.
pub(crate) fn values(
    samples: &[Taken],
    regime: Regime,
    arm: Arm,
    value: impl Fn(&Sample) -> Option<f64>,
) -> BTreeMap<u32, f64> {
    let mut values: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for (sample, _) in proven(samples, regime, arm) {
        values.entry(sample.block).or_default().extend(value(sample));
    }
    values.into_iter().filter_map(|(block, values)| Some((block, median(&values)?))).collect()
}

/// Total seconds a block.
pub(crate) fn walls(samples: &[Taken], regime: Regime, arm: Arm) -> BTreeMap<u32, f64> {
    values(samples, regime, arm, |sample| Some(seconds(sample.wall_ns)))
}
