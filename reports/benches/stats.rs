//! `cargo bench -p bench-reports --bench stats`: the error rates that docs/METHOD-statistics.md quotes, as Markdown
//! on standard output (`scripts/docs-figures --statistics` keeps them), and the time that the statistics take on
//! standard error. Fixed seeds: the rates are the same on every machine, the times are not.

#[path = "../tests/stats_support/noise.rs"]
mod noise;
#[path = "../tests/stats_support/rejected.rs"]
mod rejected;

use std::hint::black_box;
use std::time::Instant;

use bench_record::ComparisonVerdict;
use bench_reports::stats::{
    Brr, LOOK_LEVELS, LOOKS, Rule, Sampling, change_points, decide, median, paired_t, splits,
    threshold,
};
use noise::{NOISY, Noise, OUTLIER, Order, QUIET, Random, TYPICAL, sequential, to_pairs};

const REPETITIONS: u32 = 4000;

fn main() {
    // `cargo test --all-targets` starts benches too, without this flag.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    timing();
    machines();
    procedure();
    alternatives();
    steps();
}

fn timing() {
    eprintln!("milliseconds for test and interval together, fastest and slowest of 20");
    for n in [7, 20, 60, 120, 400] {
        let mut random = Random::new(1);
        let (base, new) = noise::pairs(&mut random, TYPICAL, (n, 0.05, Order::Randomised));
        let pairs = to_pairs(&base, &new);
        let times: Vec<f64> = (0..20)
            .map(|_| {
                let start = Instant::now();
                let brr = Brr::new(black_box(&pairs));
                black_box((brr.p(0.02), brr.interval(0.02)).1.ok());
                start.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        let (low, high) = times.iter().fold((f64::MAX, 0_f64), |(l, h), t| (l.min(*t), h.max(*t)));
        eprintln!("  n = {n:3}: {low:8.2} .. {high:8.2}");
    }
}

/// What is simulated.
fn machines() {
    println!("## machines\n");
    println!(
        "| | sd of one sample | drift over 20 blocks | sd of the random walk, per sample | outliers | they take |"
    );
    println!("|---|---|---|---|---|---|");
    let (low, high) = OUTLIER;
    for Noise { name, sd, outliers, drift, walk } in [QUIET, TYPICAL, NOISY] {
        let [sd, drift, walk, outliers] = [sd, drift, walk, outliers].map(|share| 100.0 * share);
        println!(
            "| {name} | {sd:.1} % | {drift:.1} % | {walk:.1} % | {outliers:.1} % | {low} to {high} times as long |"
        );
    }
    println!();
}

fn procedure() {
    println!("## procedure\n");
    println!("| noise | true change | regressed | improved | ok | inconclusive | mean blocks |");
    println!("|---|---|---|---|---|---|---|");
    for noise in [QUIET, TYPICAL, NOISY] {
        for effect in [0.0, 0.02, 0.05, 0.10, 0.20, 1.0 / 1.2 - 1.0] {
            let mut random = Random::new(42);
            let rule = Rule::default();
            let (mut verdicts, mut blocks) = ([0_u32; 4], 0);
            for _ in 0..REPETITIONS {
                let (base, new) = noise::pairs(&mut random, noise, (20, effect, Order::Randomised));
                let (verdict, n) = sequential(&to_pairs(&base, &new), &rule);
                let at = match verdict {
                    ComparisonVerdict::Regressed => 0,
                    ComparisonVerdict::Improved => 1,
                    ComparisonVerdict::Ok => 2,
                    ComparisonVerdict::Inconclusive | ComparisonVerdict::Continue => 3,
                };
                verdicts[at] += 1;
                blocks += n;
            }
            let [regressed, improved, ok, open] = verdicts.map(percent);
            let blocks = blocks as f64 / f64::from(REPETITIONS);
            let effect = effect * 100.0;
            println!(
                "| {} | {effect:+.1} % | {regressed:.2} | {improved:.2} | {ok:.2} | {open:.2} | {blocks:.1} |",
                noise.name
            );
        }
    }
}

fn percent(count: u32) -> f64 {
    100.0 * f64::from(count) / f64::from(REPETITIONS)
}

/// Rates on typical and noisy machines.
fn both(of: impl Fn(Noise) -> f64) -> String {
    format!("{:.2} / {:.2}", of(TYPICAL), of(NOISY))
}

type Alarm = fn(&[f64], &[f64], &mut Random) -> bool;

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn log_ratios(base: &[f64], new: &[f64]) -> Vec<f64> {
    base.iter().zip(new).map(|(b, n)| (n / b).ln()).collect()
}

fn smallest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::MAX, f64::min)
}

/// Both tails, at these counts of pairs and levels, against "no difference".
fn any_look(base: &[f64], new: &[f64], mut looks: impl Iterator<Item = (usize, f64)>) -> bool {
    looks.any(|(n, level)| {
        let p = Brr::new(&to_pairs(&base[..n], &new[..n])).p(0.0);
        p.greater.min(p.less) <= level / 2.0
    })
}

/// Bias-corrected and accelerated bootstrap (Efron 1987) of the mean log ratio: is its 95 % interval above zero?
fn bca(d: &[f64], random: &mut Random) -> bool {
    use statrs::distribution::{ContinuousCDF, Normal};
    const DRAWS: usize = 1000;
    let normal = Normal::standard();
    let n = d.len();
    let observed = mean(d);
    let mut means: Vec<f64> = (0..DRAWS)
        .map(|_| (0..n).map(|_| d[(random.uniform() * n as f64) as usize]).sum::<f64>() / n as f64)
        .collect();
    means.sort_by(f64::total_cmp);
    let below = means.iter().filter(|m| **m < observed).count().clamp(1, DRAWS - 1);
    let bias = normal.inverse_cdf(below as f64 / DRAWS as f64);
    let out: Vec<f64> = d.iter().map(|x| (observed * n as f64 - x) / (n as f64 - 1.0)).collect();
    let centre = mean(&out);
    let (cubes, squares) = out.iter().fold((0.0, 0.0), |(c, s), x| {
        let e = centre - x;
        (c + e * e * e, s + e * e)
    });
    let acceleration = cubes / (6.0 * squares.powf(1.5));
    let z = bias + normal.inverse_cdf(0.025);
    let at = normal.cdf(bias + z / (1.0 - acceleration * z));
    means[((at * DRAWS as f64) as usize).min(DRAWS - 1)] > 0.0
}

fn alternatives() {
    let single: [(&str, &str, Alarm); 9] = [
        ("adopted: looks, margin, floor", "this is the adopted one", |b, n, _| {
            sequential(&to_pairs(b, n), &Rule::default()).0 == ComparisonVerdict::Regressed
        }),
        (
            "the four looks without margin and floor, two-sided",
            "alarms at any real difference, however small",
            |b, n, _| any_look(b, n, LOOKS.into_iter().zip(LOOK_LEVELS)),
        ),
        (
            "the same test at every pair from 7 on, 5 % each",
            "more looks than the level pays for",
            |b, n, _| any_look(b, n, (7..=20).map(|n| (n, 0.05))),
        ),
        ("mean ratio > 1.10", "one outlier moves it", |b, n, _| mean(n) / mean(b) > 1.10),
        (
            "minimum ratio > 1.05",
            "rewards the luckiest sample, gets worse with noise",
            |b, n, _| smallest(n) / smallest(b) > 1.05,
        ),
        (
            "paired t, one-sided 2.5 %",
            "the level holds, the power does not: outliers widen it",
            |b, n, _| paired_t(&log_ratios(b, n), 0.95).is_ok_and(|t| t.low > 0.0),
        ),
        (
            "paired BCa bootstrap, 95 % interval above 1",
            "anti-conservative at 20 pairs",
            |b, n, r| bca(&log_ratios(b, n), r),
        ),
        ("median ratio > 2 (fixed 200 % threshold)", "blind below a factor of two", |b, n, _| {
            median(n).unwrap_or(0.0) / median(b).unwrap_or(1.0) > 2.0
        }),
        (
            "any-time t, e-value >= 20 at any pair, slower",
            "pays for looks nobody needs with power",
            |b, n, _| {
                let d = log_ratios(b, n);
                (3..=20).any(|k| {
                    let e = rejected::any_time_e_value(&d[..k], 1.0);
                    e.is_some_and(|e| e >= 20.0) && mean(&d[..k]) > 0.0
                })
            },
        ),
    ];
    println!("\n## rejected\n");
    println!("| rule | no change, typical / noisy | +10 % | +20 % | why not |");
    println!("|---|---|---|---|---|");
    for (name, why, alarm) in single {
        let rates = [0.0, 0.10, 0.20]
            .map(|effect| both(|noise| alarms(noise, (effect, Order::Randomised), alarm)));
        println!("| {name} | {} | {why} |", rates.join(" | "));
    }
    let last: Alarm = |b, n, _| {
        decide(&to_pairs(b, n), &Rule::default(), Sampling::Ended).verdict
            == ComparisonVerdict::Regressed
    };
    for (name, why, order) in [
        ("A..AB..B in one job", "drift becomes an effect", Order::Blocked),
        (
            "baseline of another job",
            "machines of one label differ by 10 % and more",
            Order::Foreign,
        ),
    ] {
        let rates = both(|noise| alarms(noise, (0.0, order), last));
        println!("| adopted test on {name} | {rates} | | | {why} |");
    }
    println!(
        "| 20 examples of 7 pairs pooled as 140 pairs, t 2.5 % | {} | | | examples of one sample share its noise |",
        both(pooled)
    );
}

fn alarms(noise: Noise, (effect, order): (f64, Order), alarm: Alarm) -> f64 {
    let mut random = Random::new(4711);
    let hits = (0..REPETITIONS).filter(|_| {
        let (base, new) = noise::pairs(&mut random, noise, (20, effect, order));
        alarm(&base, &new, &mut random)
    });
    percent(hits.count() as u32)
}

/// The noise of a sample hits all of its examples; each adds its own, as large again.
fn pooled(noise: Noise) -> f64 {
    let mut random = Random::new(4711);
    let hits = (0..REPETITIONS).filter(|_| {
        let (base, new) = noise::pairs(&mut random, noise, (7, 0.0, Order::Randomised));
        let d: Vec<f64> = log_ratios(&base, &new)
            .into_iter()
            .flat_map(|d| [d; 20])
            .map(|d| d + 2_f64.sqrt() * noise.sd * random.normal())
            .collect();
        paired_t(&d, 0.95).is_ok_and(|t| t.low > 0.0)
    });
    percent(hits.count() as u32)
}

fn steps() {
    println!("\n## history\n");
    println!(
        "| length | no step | no step, 5 % of the runs 1.5 to 3.5 times as long | +10 % in the middle |"
    );
    println!("|---|---|---|---|");
    for n in [10, 20, 30, 60, 100] {
        // Streams of their own, so that no column depends on another.
        let (mut random, mut outliers) = (Random::new(99), Random::new(100));
        let (mut over, mut reported, mut one_sided, mut found) = (0_u32, 0_u32, 0_u32, 0_u32);
        for _ in 0..REPETITIONS {
            let quiet: Vec<f64> = (0..n).map(|_| 0.05 * random.normal()).collect();
            let scale = {
                let pairs = (n * (n - 1) / 2) as f64;
                let sum: f64 = (0..n)
                    .flat_map(|i| (0..i).map(move |j| (i, j)))
                    .map(|(i, j)| (quiet[i] - quiet[j]).abs())
                    .sum();
                sum / pairs
            };
            let splits = splits(&quiet).unwrap_or_default();
            over += u32::from(splits.iter().any(|split| split.q / scale > threshold(n)));
            reported += u32::from(has_step(&quiet));
            let spoilt: Vec<f64> = quiet
                .iter()
                .map(|value| {
                    let hit = outliers.uniform() < 0.05;
                    let longer = (1.5 + 2.0 * outliers.uniform()).ln();
                    value + if hit { longer } else { 0.0 }
                })
                .collect();
            one_sided += u32::from(has_step(&spoilt));
            let step: Vec<f64> = (0..n)
                .map(|i| quiet[i] + if i >= n / 2 { 0.10_f64.ln_1p() } else { 0.0 })
                .collect();
            found += u32::from(has_step(&step));
        }
        println!(
            "| {n} | {:.2} | {:.2} | {:.2} |",
            percent(reported),
            percent(one_sided),
            percent(found)
        );
        eprintln!(
            "length {n}: {:.2} % of series without a step are above the threshold",
            percent(over)
        );
    }
}

fn has_step(series: &[f64]) -> bool {
    change_points(series).is_ok_and(|steps| !steps.is_empty())
}
