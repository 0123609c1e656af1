//! Would more cores help? The examples of a regime, each with its median time, spread over cores.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use bench_record::{CoresEstimate, Makespan, Outcome};

use super::model;
use super::samples::{MeasuredSample, seconds};
use crate::stats::median;

/// Numbers of cores that are estimated.
pub const CORES: [u32; 5] = [1, 2, 4, 8, 16];
/// More cores do not help where the time is within this share of the longest example.
pub const NO_MORE: f64 = 0.01;

/// The estimate for one regime from its `ok` samples; `None` below two examples with a time.
pub(super) fn of(samples: &[MeasuredSample]) -> Option<Makespan> {
    let jobs = jobs(samples);
    if jobs.len() < 2 {
        return None;
    }
    let recorded: Vec<u64> = jobs.iter().map(|(_, ns)| *ns).collect();
    let mut descending = recorded.clone();
    descending.sort_by_key(|ns| Reverse(*ns));
    let sum = recorded.iter().fold(0_u64, |sum, ns| sum.saturating_add(*ns));
    // The earliest of equals, so that the name does not depend on the order of records.
    let (name, longest) = jobs.iter().max_by_key(|(index, ns)| (*ns, Reverse(index.0)))?;
    let longest = *longest;
    Some(Makespan {
        examples: jobs.len() as u32,
        order: model::order(samples),
        sum_s: seconds(sum),
        longest_s: seconds(longest),
        longest: name.1.to_owned(),
        useful_cores: useful_cores(&descending, sum, longest),
        cores: CORES
            .map(|cores| CoresEstimate {
                cores,
                bound_s: seconds(longest).max(seconds(sum) / f64::from(cores)),
                recorded_order_s: seconds(schedule(&recorded, cores)),
                longest_first_s: seconds(schedule(&descending, cores)),
            })
            .to_vec(),
    })
}

/// Median nanoseconds of each example's `ok` times, in recorded order.
fn jobs<'a>(samples: &[MeasuredSample<'a>]) -> Vec<((u32, &'a str), u64)> {
    let mut times: BTreeMap<&str, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for example in samples.iter().flat_map(|(_, examples)| *examples) {
        if example.outcome == Outcome::Ok {
            let (positions, walls) = times.entry(&example.name).or_default();
            positions.push(f64::from(example.position));
            walls.push(example.wall_ns as f64);
        }
    }
    let mut jobs: Vec<((u32, &str), u64)> = times
        .into_iter()
        .filter_map(|(name, (positions, walls))| {
            Some(((median(&positions)?.floor() as u32, name), median(&walls)?.round() as u64))
        })
        .collect();
    jobs.sort_unstable();
    jobs
}

/// List scheduling (Graham 1966): each job to the core that is free first. Its makespan is at most
/// `2 - 1/cores` times the best there is, and `4/3 - 1/(3 cores)` times with the longest first (Graham 1969).
fn schedule(jobs: &[u64], cores: u32) -> u64 {
    let busy = jobs.len().min(cores as usize);
    let mut free: BinaryHeap<Reverse<u64>> = std::iter::repeat_n(Reverse(0), busy).collect();
    let mut end = 0;
    for job in jobs {
        let Some(Reverse(start)) = free.pop() else { return 0 };
        let done = start.saturating_add(*job);
        end = end.max(done);
        free.push(Reverse(done));
    }
    end
}

/// The fewest cores, longest first, on which the longest example sets the time: found by halving between
/// what the sum needs and one core per job, so with some thousand examples it stays a matter of milliseconds.
fn useful_cores(descending: &[u64], sum: u64, longest: u64) -> u32 {
    let enough =
        |cores: u32| schedule(descending, cores) as f64 <= longest as f64 * (1.0 + NO_MORE);
    let mut most = descending.len() as u32;
    let mut least = (sum as f64 / (longest.max(1) as f64 * (1.0 + NO_MORE))).ceil() as u32;
    least = least.clamp(1, most);
    while least < most {
        let middle = least.midpoint(most);
        if enough(middle) {
            most = middle;
        } else {
            least = middle + 1;
        }
    }
    most
}
