//! What must hold for any input: exactness against brute force, symmetries, monotonicity, and no panic.

use bench_record::ComparisonVerdict;
use bench_reports::stats::{
    Brr, ConfidenceInterval, Decision, Location, Pairs, Rule, Sampling, benjamini_hochberg,
    change_points, decide, median, moderate, paired_t, pseudo_median, signed_rank_interval,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Times in whole tenths of a second, so that ties happen; one in twelve timed out.
fn time() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![11 => (500_u32..800).prop_map(|t| Some(f64::from(t) / 10.0)), 1 => Just(None)]
}

fn blocks(most: usize) -> impl Strategy<Value = Vec<(Option<f64>, Option<f64>)>> {
    vec((time(), time()), 1..most)
}

fn pairs(blocks: &[(Option<f64>, Option<f64>)]) -> Pairs {
    let (base, new): (Vec<_>, Vec<_>) = blocks.iter().copied().unzip();
    Pairs::from_seconds(&base, &new).unwrap()
}

fn final_of(pairs: &Pairs) -> Decision {
    decide(pairs, &Rule::default(), Sampling::Ended)
}

fn near(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a - b).abs() <= 1e-9 * (1.0 + a.abs())
}

fn near_interval(a: Option<ConfidenceInterval>, b: Option<ConfidenceInterval>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => near(a.low, b.low) && near(a.high, b.high),
        _ => false,
    }
}

/// The definition, literally: joint mid-ranks, then every assignment of the arms within each block.
fn brute_force(pairs: &Pairs, theta: f64) -> (f64, f64) {
    let (base, n) = (pairs.base(), pairs.len());
    let new: Vec<f64> = pairs.new_times().iter().map(|time| time - theta).collect();
    let all: Vec<f64> = base.iter().chain(&new).copied().collect();
    let tied = |a: f64, b: f64| a.to_bits() == b.to_bits() || (a - b).abs() < 1e-11;
    let rank = |value: f64| {
        let below = all.iter().filter(|x| **x < value && !tied(**x, value)).count() as f64;
        let equal = all.iter().filter(|x| tied(**x, value)).count() as f64;
        below + 0.5 * (equal + 1.0)
    };
    let s: Vec<f64> = (0..n).map(|i| rank(new[i]) - rank(base[i])).collect();
    let statistic = |mask: u32| -> f64 {
        (0..n).map(|i| if mask >> i & 1 == 1 { -s[i] } else { s[i] }).filter(|s| *s > 0.0).sum()
    };
    let observed = statistic(0);
    let (mut greater, mut less) = (0_u32, 0_u32);
    for mask in 0..1_u32 << n {
        greater += u32::from(statistic(mask) >= observed);
        less += u32::from(statistic(mask) <= observed);
    }
    let all = f64::from(1_u32 << n);
    (f64::from(greater) / all, f64::from(less) / all)
}

/// The two-sided p-value of Wilcoxon's signed-rank test, literally: every assignment of signs to the ranks.
fn signed_rank_p(values: &[f64]) -> f64 {
    let n = values.len();
    let mut by_size = values.to_vec();
    by_size.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let rank_sum = |positive: &dyn Fn(usize) -> bool| -> usize {
        (0..n).filter(|at| positive(*at)).map(|at| at + 1).sum()
    };
    let observed = rank_sum(&|at| by_size[at] > 0.0);
    let sums = (0..1_u32 << n).map(|mask| rank_sum(&|at| mask >> at & 1 == 1));
    let (greater, less) = sums.fold((0_u32, 0_u32), |(greater, less), sum| {
        (greater + u32::from(sum >= observed), less + u32::from(sum <= observed))
    });
    2.0 * f64::from(greater.min(less)) / f64::from(1_u32 << n)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_exact_null_is_the_enumeration_of_all_assignments(
        blocks in blocks(9),
        theta in prop_oneof![Just(0.0), Just(1.02_f64.ln()), -0.3..0.3_f64],
    ) {
        let pairs = pairs(&blocks);
        let found = Brr::new(&pairs).p(theta);
        prop_assert_eq!((found.greater, found.less), brute_force(&pairs, theta));
    }

    #[test]
    fn the_exact_null_holds_at_a_tie_between_the_arms(blocks in blocks(8)) {
        let pairs = pairs(&blocks);
        // Some pair of times that both finished, or zero.
        let finite = |times: &[f64]| times.iter().copied().find(|time| time.is_finite());
        let theta = finite(pairs.new_times()).zip(finite(pairs.base())).map_or(0.0, |(n, b)| n - b);
        let found = Brr::new(&pairs).p(theta);
        prop_assert_eq!((found.greater, found.less), brute_force(&pairs, theta));
    }

    #[test]
    fn a_pair_of_equal_times_keeps_the_null_exact_and_never_sharpens_it_alone(
        blocks in blocks(7), equal in 500_u32..800,
    ) {
        let mut blocks = blocks;
        let equal = Some(f64::from(equal) / 10.0);
        blocks.push((equal, equal));
        let pairs = pairs(&blocks);
        let found = Brr::new(&pairs).p(0.0);
        prop_assert_eq!((found.greater, found.less), brute_force(&pairs, 0.0));
        // The tied pair itself carries no sign: with k other pairs no p-value is below 2^-k.
        let smallest = (1.0 - pairs.len() as f64).exp2();
        prop_assert!(found.greater.min(found.less) >= smallest);
    }

    #[test]
    fn the_order_of_blocks_does_not_matter(blocks in blocks(16), seed in any::<u64>()) {
        let mut shuffled = blocks.clone();
        let mut state = seed | 1;
        for i in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(i, (state >> 33) as usize % (i + 1));
        }
        let (a, b) = (final_of(&pairs(&blocks)), final_of(&pairs(&shuffled)));
        prop_assert_eq!((a.verdict, a.n, a.dropped), (b.verdict, b.n, b.dropped));
        if let (Some(a), Some(b)) = (a.look, b.look) {
            prop_assert_eq!(a.estimate, b.estimate);
            prop_assert_eq!((a.p_regressed, a.p_ok, a.p_improved), (b.p_regressed, b.p_ok, b.p_improved));
            prop_assert!(near_interval(a.interval, b.interval));
        }
    }

    #[test]
    fn the_unit_of_time_does_not_matter(blocks in blocks(16), factor in 0.001..1000.0_f64) {
        let scaled: Vec<_> =
            blocks.iter().map(|(b, n)| (b.map(|t| t * factor), n.map(|t| t * factor))).collect();
        let (a, b) = (final_of(&pairs(&blocks)), final_of(&pairs(&scaled)));
        prop_assert_eq!(a.verdict, b.verdict);
        if let (Some(a), Some(b)) = (a.look, b.look) {
            prop_assert!(near(a.estimate.ratio, b.estimate.ratio));
            prop_assert_eq!((a.p_regressed, a.p_ok, a.p_improved), (b.p_regressed, b.p_ok, b.p_improved));
            prop_assert!(near_interval(a.interval, b.interval));
        }
    }

    #[test]
    fn swapping_the_arms_is_the_mirror_image(blocks in blocks(16), theta in -0.2..0.2_f64) {
        let swapped: Vec<_> = blocks.iter().map(|(base, new)| (*new, *base)).collect();
        let (pairs, swapped) = (pairs(&blocks), pairs(&swapped));
        let (a, b) = (Brr::new(&pairs), Brr::new(&swapped));
        let (p, mirrored) = (a.p(theta), b.p(-theta));
        prop_assert!(near(p.greater, mirrored.less) && near(p.less, mirrored.greater));
        let mirror = |i: ConfidenceInterval| ConfidenceInterval { low: -i.high, high: -i.low, confidence: i.confidence };
        prop_assert!(near_interval(a.interval(0.05).unwrap(), b.interval(0.05).unwrap().map(mirror)));
        if !pairs.is_empty() {
            let d = pairs.log_ratios();
            let estimate = pseudo_median(&d).unwrap();
            prop_assert!(near(estimate, -pseudo_median(&swapped.log_ratios()).unwrap()));
        }
        let mirrored = match final_of(&swapped).verdict {
            ComparisonVerdict::Regressed => ComparisonVerdict::Improved,
            ComparisonVerdict::Improved => ComparisonVerdict::Regressed,
            other => other,
        };
        let verdict = final_of(&pairs).verdict;
        // `ok` is one-sided on purpose: it rules out a slowdown, not a gain.
        if [verdict, mirrored].iter().any(|v| matches!(v, ComparisonVerdict::Regressed | ComparisonVerdict::Improved)) {
            prop_assert_eq!(verdict, mirrored);
        }
    }

    #[test]
    fn the_p_value_rises_with_theta(blocks in blocks(14), a in -0.5..0.5_f64, b in -0.5..0.5_f64) {
        let brr = Brr::new(&pairs(&blocks));
        let (low, high) = (brr.p(a.min(b)), brr.p(a.max(b)));
        prop_assert!(low.greater <= high.greater && low.less >= high.less);
    }

    #[test]
    fn the_interval_holds_exactly_what_the_test_does_not_reject(
        blocks in blocks(16), alpha in 0.005..0.3_f64,
    ) {
        let pairs = pairs(&blocks);
        let brr = Brr::new(&pairs);
        let half = alpha / 2.0;
        let kept = |theta: f64| {
            let p = brr.p(theta);
            (p.greater > half, p.less > half)
        };
        match brr.interval(alpha).unwrap() {
            None => {
                // Nothing is rejected, however far away.
                prop_assert!(kept(-99.0).0 && kept(99.0).1);
            }
            Some(ConfidenceInterval { low, high, .. }) => {
                prop_assert!(low <= high);
                let step = 1e-9;
                if low.is_finite() {
                    prop_assert!(!kept(low - step).0 && kept(low + step).0);
                }
                if high.is_finite() {
                    prop_assert!(kept(high - step).1 && !kept(high + step).1);
                }
            }
        }
    }

    #[test]
    fn a_stricter_level_widens_the_interval(
        blocks in blocks(20), a in 0.001..0.4_f64, b in 0.001..0.4_f64,
    ) {
        let pairs = pairs(&blocks);
        let inside = |wide: Option<ConfidenceInterval>, narrow: Option<ConfidenceInterval>| match (wide, narrow) {
            (Some(wide), Some(narrow)) => wide.low <= narrow.low && narrow.high <= wide.high,
            (wide, None) => wide.is_none(),
            (None, Some(_)) => true,
        };
        let brr = Brr::new(&pairs);
        let at = |alpha| brr.interval(alpha).unwrap();
        prop_assert!(inside(at(a.min(b)), at(a.max(b))));
        let at = |alpha| signed_rank_interval(&pairs.log_ratios(), alpha).unwrap();
        prop_assert!(inside(at(a.min(b)), at(a.max(b))));
        if let Some(interval) = at(a) {
            prop_assert!(interval.confidence >= 1.0 - a - 1e-12);
        }
    }

    #[test]
    fn the_signed_rank_interval_excludes_zero_exactly_where_the_test_rejects_it(
        values in vec(-1.0..1.0_f64, 1..11),
    ) {
        if let Some(interval) = signed_rank_interval(&values, 0.05).unwrap() {
            let holds_zero = interval.low <= 0.0 && 0.0 <= interval.high;
            prop_assert_eq!(signed_rank_p(&values) <= 0.05, !holds_zero);
        }
    }

    #[test]
    fn adjusted_p_values_keep_the_order_and_never_shrink(p in vec(0.0..1.0_f64, 0..40)) {
        let q = benjamini_hochberg(&p).unwrap();
        for i in 0..p.len() {
            prop_assert!(p[i] <= q[i] && q[i] <= 1.0);
            for j in 0..p.len() {
                prop_assert!(p[i] > p[j] || q[i] <= q[j]);
            }
        }
    }

    #[test]
    fn a_common_shift_of_a_pair_moves_no_flag(
        rows in vec(vec(option::weighted(0.9, -0.5..0.5_f64), 6), 0..12), shift in -1.0..1.0_f64,
    ) {
        let moved: Vec<Vec<_>> =
            rows.iter().map(|row| row.iter().map(|v| v.map(|v| v + shift)).collect()).collect();
        let (a, b) = (moderate(&rows).unwrap(), moderate(&moved).unwrap());
        for (a, b) in a.examples.iter().zip(&b.examples) {
            prop_assert_eq!(a.is_some(), b.is_some());
            if let (Some(a), Some(b)) = (a, b) {
                prop_assert!((a.p_greater - b.p_greater).abs() < 1e-6);
                prop_assert!((a.p_greater + a.p_less - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn no_input_panics(
        values in vec(prop_oneof![any::<f64>(), -2.0..2.0_f64, Just(0.0), Just(f64::NAN)], 0..12),
        other in vec(any::<f64>(), 0..12),
        level in prop_oneof![any::<f64>(), 0.0..1.0_f64],
    ) {
        let some = |v: &[f64]| v.iter().map(|t| Some(*t)).collect::<Vec<_>>();
        if let Ok(pairs) = Pairs::from_seconds(&some(&values), &some(&other)) {
            let brr = Brr::new(&pairs);
            let _ = (brr.p(level), brr.interval(level), final_of(&pairs));
        }
        if let Ok(rule) = Rule::new(level, level / 2.0) {
            let times = some(&[1.0, 2.0, 1e300, 1e-300, 5.0, 5.0, 5.0, 7.0]);
            let pairs = Pairs::from_seconds(&times, &times).unwrap();
            let _ = decide(&pairs, &rule, Sampling::Ended);
        }
        let _ = (Location::of(&values), median(&values), pseudo_median(&values));
        let _ = (paired_t(&values, level), paired_t(&values, 0.95));
        let _ = (signed_rank_interval(&values, level), signed_rank_interval(&values, 0.05));
        let _ = (benjamini_hochberg(&values), change_points(&values), change_points(&other));
        let _ = moderate(&[some(&values), some(&values), some(&other)]);
        let finite = |v: &[f64]| -> Vec<_> { v.iter().map(|x| x.is_finite().then_some(*x)).collect() };
        let _ = moderate(&[finite(&values), finite(&values), vec![Some(1.0); values.len()]]);
    }
}
