//! A noisy CI runner with fixed seeds: log-normal noise, drift, outliers. Shared by the tests and the bench.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test binary uses its own part of the model"
)]

use bench_record::ComparisonVerdict;
use bench_reports::stats::{LOOKS, Pairs, Rule, Sampling, decide};

/// `SplitMix64` (Steele, Lea and Flood 2014): the same stream on every machine and for ever.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform between 0 and 1, both excluded.
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Standard normal (Box and Muller).
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    pub(crate) fn coin(&mut self) -> bool {
        self.uniform() < 0.5
    }
}

/// One machine over the time of a job.
#[derive(Clone, Copy)]
pub(crate) struct Noise {
    pub(crate) name: &'static str,
    /// Standard deviation of the log of one sample.
    pub(crate) sd: f64,
    /// Chance of an outlier, which takes [`OUTLIER`] times as long.
    pub(crate) outliers: f64,
    /// Total drift of the log over 20 blocks.
    pub(crate) drift: f64,
    /// Standard deviation of the step of the machine's speed from one sample to the next (a random walk).
    pub(crate) walk: f64,
}

/// How many times as long an outlier takes, from and to.
pub(crate) const OUTLIER: (f64, f64) = (1.5, 4.0);

pub(crate) const QUIET: Noise =
    Noise { name: "quiet", sd: 0.025, outliers: 0.02, drift: 0.03, walk: 0.003 };
pub(crate) const TYPICAL: Noise =
    Noise { name: "typical", sd: 0.05, outliers: 0.02, drift: 0.10, walk: 0.01 };
pub(crate) const NOISY: Noise =
    Noise { name: "noisy", sd: 0.10, outliers: 0.02, drift: 0.15, walk: 0.02 };

/// How the two arms are laid out in time.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Order {
    /// A coin decides within each block.
    Randomised,
    /// All of the baseline, then all of the candidate.
    Blocked,
    /// The baseline was measured in another job, on a machine of the same label.
    Foreign,
}

/// `n` pairs in seconds, base and new, with a true ratio of `1 + effect`.
pub(crate) fn pairs(
    random: &mut Random,
    noise: Noise,
    (n, effect, order): (usize, f64, Order),
) -> (Vec<f64>, Vec<f64>) {
    let mut log_speed = 0.0;
    let mut sample = |random: &mut Random, position: usize, slower: f64| {
        log_speed += noise.walk * random.normal();
        let drift = noise.drift * position as f64 / 40.0;
        let outlier = if random.uniform() < noise.outliers {
            (OUTLIER.0 + (OUTLIER.1 - OUTLIER.0) * random.uniform()).ln()
        } else {
            0.0
        };
        60.0 * (slower + log_speed + drift + noise.sd * random.normal() + outlier).exp()
    };
    let effect = effect.ln_1p();
    let (mut base, mut new) = (Vec::new(), Vec::new());
    if order == Order::Randomised {
        for block in 0..n {
            let base_first = random.coin();
            let first = sample(random, 2 * block, if base_first { 0.0 } else { effect });
            let second = sample(random, 2 * block + 1, if base_first { effect } else { 0.0 });
            let (b, c) = if base_first { (first, second) } else { (second, first) };
            base.push(b);
            new.push(c);
        }
    } else {
        // Two machines of one label differ by 10 % to 16 % at the 95th centile: sd of each about 5 %.
        let other =
            if order == Order::Foreign { 0.05 * 2_f64.sqrt() * random.normal() } else { 0.0 };
        base.extend((0..n).map(|i| sample(random, i, 0.0)));
        new.extend((0..n).map(|i| sample(random, n + i, effect + other)));
    }
    (base, new)
}

/// Pairs of these seconds.
pub(crate) fn to_pairs(base: &[f64], new: &[f64]) -> Pairs {
    let some = |times: &[f64]| times.iter().copied().map(Some).collect::<Vec<_>>();
    Pairs::from_seconds(&some(base), &some(new)).expect("positive times")
}

/// Judges as `--auto` does: at each look, until the first verdict. The verdict and the blocks that it took.
pub(crate) fn sequential(pairs: &Pairs, rule: &Rule) -> (ComparisonVerdict, usize) {
    let mut n = LOOKS[0];
    loop {
        let decision = decide(&pairs.first(n), rule, Sampling::Ongoing);
        match decision.next_look {
            Some(next) => n = next,
            None => return (decision.verdict, decision.n),
        }
    }
}
