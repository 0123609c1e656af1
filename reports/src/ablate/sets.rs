//! Sets of caches: which are measured, and which are worth keeping. Pure arithmetic.

use bench_record::CacheSet;

/// Up to so many caches every set is measured: 16 trials a block and regime.
pub const ALL_SETS: usize = 4;
/// Values are summed exactly up to so many caches; more are chosen by value per byte.
const EXACT: usize = 20;

/// The sets that are measured in every block, smallest first: all of them up to [`ALL_SETS`] caches, else none,
/// each alone, all but each, and all.
pub fn designed(caches: &[String]) -> Vec<CacheSet> {
    let n = caches.len();
    let all: CacheSet = caches.iter().cloned().collect();
    let mut sets: Vec<CacheSet> = if n <= ALL_SETS {
        (0..1_usize << n)
            .map(|mask| {
                let chosen = caches.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1);
                chosen.map(|(_, cache)| cache.clone()).collect()
            })
            .collect()
    } else {
        let alone = caches.iter().map(|cache| CacheSet::from([cache.clone()]));
        let without = caches.iter().map(|cache| {
            let mut set = all.clone();
            set.remove(cache);
            set
        });
        [CacheSet::new(), all.clone()].into_iter().chain(alone).chain(without).collect()
    };
    sets.sort_by(|one, other| one.len().cmp(&other.len()).then_with(|| one.cmp(other)));
    sets.dedup();
    sets
}

/// The greedy chain: caches joined one by one, the one that is worth most first. `worth` has one value per cache.
/// The sets that [`designed`] has already are left out.
pub fn greedy(caches: &[String], worth: &[f64]) -> Vec<CacheSet> {
    let mut order: Vec<usize> = (0..caches.len().min(worth.len())).collect();
    // Stable: equal worth keeps the order of the scenario.
    order.sort_by(|one, other| worth[*other].total_cmp(&worth[*one]));
    let known = designed(caches);
    let mut chain = CacheSet::new();
    let mut sets = Vec::new();
    for index in order {
        chain.insert(caches[index].clone());
        if !known.contains(&chain) {
            sets.push(chain.clone());
        }
    }
    sets
}

/// A set that could be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The caches.
    pub caches: CacheSet,
    /// What it saves a job, net of its restore, seconds.
    pub net_s: f64,
    /// What it takes, bytes.
    pub bytes: u64,
}

/// The best set that takes at most `limit` bytes. Sets whose value is within `tolerance` seconds of the best
/// are equal, and of these the smallest wins: noise is no reason to keep a cache.
pub fn best(candidates: &[Candidate], limit: u64, tolerance: f64) -> Option<&Candidate> {
    let fitting = || candidates.iter().filter(|candidate| candidate.bytes <= limit);
    let most = fitting().map(|candidate| candidate.net_s).max_by(f64::total_cmp)?;
    fitting().filter(|candidate| candidate.net_s >= most - tolerance.max(0.0)).min_by(
        |one, other| {
            let size = |candidate: &Candidate| (candidate.bytes, candidate.caches.len());
            size(one).cmp(&size(other)).then_with(|| other.net_s.total_cmp(&one.net_s))
        },
    )
}

/// The indices of the items with the greatest sum of values that fit into `limit` bytes; values that are not
/// above zero are never taken. Exact up to 20 items, beyond that by value per byte.
pub fn knapsack(items: &[(f64, u64)], limit: u64) -> Vec<usize> {
    let useful: Vec<usize> =
        (0..items.len()).filter(|at| items[*at].0 > 0.0 && items[*at].1 <= limit).collect();
    if useful.len() > EXACT {
        let mut order = useful;
        let density = |at: usize| items[at].0 / (items[at].1.max(1) as f64);
        order.sort_by(|one, other| density(*other).total_cmp(&density(*one)));
        let mut left = limit;
        order.retain(|at| {
            let fits = items[*at].1 <= left;
            left -= if fits { items[*at].1 } else { 0 };
            fits
        });
        order.sort_unstable();
        return order;
    }
    let mut most = (0.0, u64::MAX, 0_u32);
    for mask in 0..1_u32 << useful.len() {
        let chosen = || useful.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1);
        let bytes = chosen().fold(0_u64, |sum, (_, at)| sum.saturating_add(items[*at].1));
        let value: f64 = chosen().map(|(_, at)| items[*at].0).sum();
        if bytes <= limit && (value > most.0 || value >= most.0 && bytes < most.1) {
            most = (value, bytes, mask);
        }
    }
    useful.iter().enumerate().filter(|(bit, _)| most.2 >> bit & 1 == 1).map(|(_, at)| *at).collect()
}

/// How much two caches do of the same work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overlap {
    /// Seconds that both save and only one of them is needed for: alone + alone - both. Negative when each
    /// makes the other one better.
    pub overlap_s: f64,
    /// The share of the smaller one's saving; between 0 and 1. Null when it saves nothing by itself.
    pub share: Option<f64>,
}

/// Compares what two caches save alone with what they save together.
pub fn overlap(one_s: f64, other_s: f64, both_s: f64) -> Overlap {
    let overlap_s = one_s + other_s - both_s;
    let smaller = one_s.min(other_s);
    Overlap { overlap_s, share: (smaller > 0.0).then(|| (overlap_s / smaller).clamp(0.0, 1.0)) }
}
