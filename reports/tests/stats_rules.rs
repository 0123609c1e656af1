//! Single rules and edges that neither the vectors nor the properties pin down, and the constants in the method page.

use bench_record::{Change, ComparisonVerdict};
use bench_reports::stats::{
    self, Brr, EXAMPLE_LEVEL, FAMILY_LEVEL, FLAG_Q, FLAG_STEP, LOOK_LEVELS, LOOKS, Location,
    MAX_PAIRS, MDE_FACTOR, MIN_PAIRS, MIN_SEGMENT, MIN_STEP, Pairs, Rule, Sampling, Split,
    StatsError, THRESHOLDS, Time, change_points, decide, deciding_level, moderate, paired_t,
    pseudo_median, signed_rank_interval, splits, threshold,
};
use bench_reports::summary;
use bench_reports::verdict::{FIXED_ORDER_BLOCKS, MIN_EXAMPLES};

fn some(times: &[f64]) -> Vec<Option<f64>> {
    times.iter().copied().map(Some).collect()
}

fn final_verdict(base: &[Option<f64>], new: &[Option<f64>]) -> ComparisonVerdict {
    let pairs = Pairs::from_seconds(base, new).unwrap();
    decide(&pairs, &Rule::default(), Sampling::Ended).verdict
}

/// Seven clean pairs with a ratio of `1 + effect`.
fn clean(effect: f64) -> (Vec<Option<f64>>, Vec<Option<f64>>) {
    let base: Vec<f64> = (0..7).map(|i| 60.0 + 0.1 * f64::from(i)).collect();
    let new: Vec<f64> =
        base.iter().enumerate().map(|(i, t)| t * (1.0 + effect) + 0.01 * (i % 3) as f64).collect();
    (some(&base), some(&new))
}

#[test]
fn six_pairs_are_never_a_verdict_however_clear() {
    let (base, new) = clean(1.0);
    assert_eq!(final_verdict(&base, &new), ComparisonVerdict::Regressed);
    assert_eq!(final_verdict(&base[..6], &new[..6]), ComparisonVerdict::Inconclusive);
    let (base, new) = clean(0.0);
    assert_eq!(final_verdict(&base, &new), ComparisonVerdict::Ok);
    assert_eq!(final_verdict(&base[..6], &new[..6]), ComparisonVerdict::Inconclusive);
    assert_eq!(final_verdict(&[], &[]), ComparisonVerdict::Inconclusive);
}

#[test]
fn a_ratio_of_exactly_the_margin_is_a_tie_whatever_the_unit() {
    for k in 1..500 {
        let unit = 0.013 * f64::from(k);
        let pairs = Pairs::from_seconds(&[Some(20.0 * unit)], &[Some(21.0 * unit)]).unwrap();
        let p = Brr::new(&pairs).p(Rule::MARGIN.ln_1p());
        assert!(p.greater > 0.99 && p.less > 0.99, "{unit}: {p:?}");
    }
}

#[test]
fn a_real_change_below_the_margin_is_no_regression_and_no_improvement() {
    for (effect, verdict) in [
        (0.06, ComparisonVerdict::Regressed),
        (0.04, ComparisonVerdict::Ok),
        (0.0, ComparisonVerdict::Ok),
        (-0.03, ComparisonVerdict::Ok),
        (-0.06, ComparisonVerdict::Improved),
    ] {
        let (base, new) = clean(effect);
        assert_eq!(final_verdict(&base, &new), verdict, "{effect}");
    }
}

#[test]
fn the_last_look_ends_the_comparison_and_others_point_to_the_next() {
    // Half of the pairs 35 % slower, half 26 % faster: neither is ever shown.
    let base = [60.0; 25];
    let new: Vec<f64> =
        (0..25).map(|i| 60.0 * if i % 2 == 0 { 0.3_f64 } else { -0.3 }.exp()).collect();
    let pairs = Pairs::from_seconds(&some(&base), &some(&new)).unwrap();
    let rule = Rule::default();
    for (n, next) in [(0, 7), (6, 7), (7, 10), (8, 10), (14, 20), (19, 20)] {
        let decision = decide(&pairs.first(n), &rule, Sampling::Ongoing);
        assert_eq!(
            (decision.verdict, decision.next_look),
            (ComparisonVerdict::Continue, Some(next)),
            "{n}"
        );
        assert_eq!(decision.look.is_some(), [7, 14].contains(&n), "{n}");
    }
    for n in [20, 25] {
        let decision = decide(&pairs.first(n), &rule, Sampling::Ongoing);
        assert_eq!(
            (decision.verdict, decision.next_look),
            (ComparisonVerdict::Inconclusive, None),
            "{n}"
        );
    }
}

#[test]
fn the_smallest_visible_effect_is_floor_and_spread() {
    let d = [0.1_f64, -0.1, 0.2, -0.2, 0.0, 0.05, -0.05, 0.3];
    let new: Vec<f64> = d.iter().map(|d| 60.0 * d.exp()).collect();
    let pairs = Pairs::from_seconds(&some(&[60.0; 8]), &some(&new)).unwrap();
    let look = decide(&pairs, &Rule::default(), Sampling::Ended).look.unwrap();
    let t = paired_t(&d, 0.95).unwrap();
    let expected = 1.02 * (3.3 * t.standard_error).exp() - 1.0;
    assert!((look.mde.unwrap() - expected).abs() < 1e-12);
    let mut timed_out = some(&new);
    timed_out[3] = None;
    let pairs = Pairs::from_seconds(&some(&[60.0; 8]), &timed_out).unwrap();
    assert_eq!(decide(&pairs, &Rule::default(), Sampling::Ended).look.unwrap().mde, None);
}

#[test]
fn time_outs_of_one_arm_decide_and_time_outs_of_both_are_counted() {
    let times = some(&[60.0, 61.0, 60.5, 60.2, 60.8, 61.1, 60.4]);
    let none = vec![None; 7];
    assert_eq!(final_verdict(&times, &none), ComparisonVerdict::Regressed);
    assert_eq!(final_verdict(&none, &times), ComparisonVerdict::Improved);
    assert_eq!(final_verdict(&none, &none), ComparisonVerdict::Inconclusive);
    let pairs = Pairs::from_seconds(&none, &none).unwrap();
    assert_eq!((pairs.len(), pairs.dropped()), (0, 7));
    // Every finite ratio is rejected.
    let look =
        decide(&Pairs::from_seconds(&times, &none).unwrap(), &Rule::default(), Sampling::Ended)
            .look;
    let look = look.unwrap();
    assert!(look.estimate.ratio.is_infinite());
    assert!(look.interval.is_some_and(|i| i.low.is_infinite() && i.high.is_infinite()));
    // A few of many leave only the upper end open.
    let mut few = some(&[60.3, 61.2, 60.1, 60.9, 60.0, 61.0, 60.7]);
    (few[1], few[4]) = (None, None);
    let interval = Brr::new(&Pairs::from_seconds(&times, &few).unwrap()).interval(0.05).unwrap();
    let interval = interval.unwrap();
    assert!(interval.low.is_finite() && interval.high == f64::INFINITY, "{interval:?}");
    // One of each, in different blocks, cancel.
    assert!(pseudo_median(&[f64::INFINITY, f64::NEG_INFINITY]).unwrap().abs() < 1e-15);
}

#[test]
fn input_that_is_no_time_is_named_with_its_place() {
    let good = some(&[1.0, 2.0]);
    for (seconds, shown) in [(0.0, "0"), (-1.0, "-1"), (f64::NAN, "NaN"), (f64::INFINITY, "inf")] {
        let error = Pairs::from_seconds(&good, &some(&[1.0, seconds])).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "pair 2: new time `{shown}` is not a positive finite number of seconds (hint: a time-out is `null`, not a number)"
            )
        );
        assert!(matches!(Time::from_seconds(seconds), Err(StatsError::Seconds { .. })));
    }
    let error = Pairs::from_seconds(&good, &good[..1]).unwrap_err();
    assert_eq!(error, StatsError::Unpaired { base: 2, new: 1 });
    let many = some(&vec![1.0; MAX_PAIRS + 1]);
    assert!(matches!(Pairs::from_seconds(&many, &many), Err(StatsError::TooMany { .. })));
    assert!(matches!(Rule::new(0.02, 0.02), Err(StatsError::Range { .. })));
    assert!(matches!(Rule::new(0.05, -0.1), Err(StatsError::Range { .. })));
    assert!(matches!(pseudo_median(&[1.0, f64::NAN]), Err(StatsError::Value { position: 2, .. })));
    assert!(matches!(pseudo_median(&[]), Err(StatsError::TooFew { .. })));
    assert_eq!(Location::of(&[]), None);
}

#[test]
fn an_early_end_is_judged_at_the_level_of_the_look_that_would_have_come() {
    assert!((deciding_level(8) - 0.01547).abs() < 1e-12);
    assert!((deciding_level(30) - 0.02005).abs() < 1e-12);
}

#[test]
fn a_pseudo_median_has_an_interval_from_six_values_on() {
    let values = [5.0, 3.0, 4.0, 9.0, 1.0, 2.0];
    let interval = signed_rank_interval(&values, 0.05).unwrap().unwrap();
    assert_eq!((interval.low, interval.high, interval.confidence), (1.0, 9.0, 0.968_75));
    assert_eq!(signed_rank_interval(&values[..5], 0.05).unwrap(), None);
}

#[test]
fn a_location_counts_time_outs_as_longer_than_every_time() {
    let seven = Location::of(&[5.0, 3.0, 4.0, 9.0, 1.0, 2.0, f64::INFINITY]).unwrap();
    assert_eq!((seven.median, seven.min, seven.max), (4.0, 1.0, f64::INFINITY));
    assert!(seven.interval.unwrap().high.is_infinite());
}

#[test]
fn t_quantiles_have_their_known_values() {
    // Half-width over standard error of n values is the quantile at n - 1 degrees of freedom.
    for (n, quantile) in [(2, 12.706_204_736), (11, 2.228_138_852), (31, 2.042_272_456)] {
        let values: Vec<f64> = (0..n).map(f64::from).collect();
        let t = paired_t(&values, 0.95).unwrap();
        assert!(((t.high - t.estimate) / t.standard_error - quantile).abs() < 1e-8, "{n}");
    }
    let equal = paired_t(&[1.0, 1.0], 0.95).unwrap();
    assert_eq!((equal.standard_error, equal.low, equal.high), (0.0, 1.0, 1.0));
    assert!(matches!(paired_t(&[1.0], 0.95), Err(StatsError::TooFew { .. })));
    assert!(matches!(paired_t(&[1.0, f64::INFINITY], 0.95), Err(StatsError::Value { .. })));
}

/// Eight pairs of twenty examples with small, different noise; example 3 moves by `step`.
fn examples(step: f64) -> Vec<Vec<Option<f64>>> {
    (0..8_u32)
        .map(|pair| {
            (0..20_u32)
                .map(|example| {
                    let noise =
                        f64::from((pair * 37 + example * 101 + pair * example * 13) % 17) - 8.0;
                    Some(0.004 * noise + if example == 3 { step } else { 0.0 } + 0.3)
                })
                .collect()
        })
        .collect()
}

#[test]
fn an_example_is_flagged_when_it_moves_apart_from_the_others_by_enough() {
    let flags = |step: f64| -> Vec<(usize, Change)> {
        let found = moderate(&examples(step)).unwrap().examples;
        (0..20).filter_map(|at| found[at]?.flag.map(|flag| (at, flag))).collect()
    };
    assert_eq!(flags(0.20), [(3, Change::Slower)]);
    assert_eq!(flags(-0.20), [(3, Change::Faster)]);
    // Significant, and too small to matter.
    assert_eq!(flags(0.08), []);
    assert!(moderate(&examples(0.08)).unwrap().examples[3].unwrap().q_slower < FLAG_Q);
}

#[test]
fn examples_that_are_missing_or_never_vary_are_handled() {
    let mut rows = examples(0.2);
    for row in rows.iter_mut().skip(1) {
        row[5] = None;
    }
    rows.iter_mut().step_by(2).for_each(|row| row[3] = None);
    let found = moderate(&rows).unwrap();
    assert_eq!(found.examples[5], None);
    let third = found.examples[3].unwrap();
    assert_eq!((third.n, third.flag), (4, Some(Change::Slower)));
    // One that never varies among others that do: a clock that is too coarse, not certainty.
    let mut coarse = examples(0.0);
    for row in &mut coarse {
        let mut sorted: Vec<f64> = row.iter().flatten().copied().collect();
        sorted.sort_by(f64::total_cmp);
        // The median of the pair, whatever this example's own value was.
        row.push(Some(f64::midpoint(sorted[9], sorted[10])));
    }
    let coarse = moderate(&coarse).unwrap();
    let last = coarse.examples[20].unwrap();
    assert!(coarse.prior.unwrap().s02 > 0.0 && last.t.is_finite() && last.flag.is_none());
    let still = vec![vec![Some(0.0), Some(0.0), Some(0.5)]; 4];
    let still = moderate(&still).unwrap();
    assert!(still.prior.unwrap().d0.is_infinite());
    assert_eq!(still.examples[2].unwrap().flag, Some(Change::Slower));
    assert!((still.examples[0].unwrap().p_greater - 0.5).abs() < 1e-12);
    assert_eq!(moderate(&[]).unwrap().examples, []);
    let ragged = moderate(&[vec![None], vec![]]).unwrap_err();
    assert_eq!(ragged, StatsError::Ragged { position: 2, found: 0, expected: 1 });
}

fn best_split(values: &[f64]) -> Split {
    splits(values).unwrap().into_iter().max_by(|a, b| a.q.total_cmp(&b.q)).unwrap()
}

/// A series of levels with a small fixed ripple.
fn series(levels: &[(usize, f64)]) -> Vec<f64> {
    let mut values = Vec::new();
    for (length, level) in levels {
        for _ in 0..*length {
            values.push(level + 0.004 * ((values.len() * 7 % 11) as f64 - 5.0));
        }
    }
    values
}

#[test]
fn steps_are_found_where_they_are_and_small_ones_are_not_reported() {
    let found = change_points(&series(&[(12, 0.0), (10, 0.20), (12, 0.05)])).unwrap();
    assert_eq!(found.iter().map(|step| step.index).collect::<Vec<_>>(), [12, 22]);
    assert!((found[0].ratio - 0.20_f64.exp()).abs() < 0.02);
    assert!((found[1].ratio - (-0.15_f64).exp()).abs() < 0.02);
    // Two per cent is real here (the split is above the threshold), and too small to report.
    let small = series(&[(25, 0.0), (25, 0.022)]);
    let best = best_split(&small);
    assert_eq!((best.tau, change_points(&small).unwrap()), (25, vec![]));
    let scale = {
        let twice: Vec<f64> = small.iter().map(|v| v * 2.0).collect();
        let step = change_points(&twice).unwrap()[0];
        step.q / step.q_scaled / 2.0
    };
    assert!(best.q / scale > threshold(50));
    assert_eq!(change_points(&series(&[(40, 1.0)])).unwrap(), []);
    assert_eq!(change_points(&[0.0; 30]).unwrap(), []);
    assert_eq!(change_points(&[0.0, 0.0, 0.0, 9.0, 9.0]).unwrap(), []);
    assert_eq!(splits(&[1.0; 5]).unwrap(), []);
    assert!(matches!(change_points(&[0.0, f64::NAN]), Err(StatsError::Value { position: 2, .. })));
}

#[test]
fn the_threshold_table_rises_and_is_linear_between_its_entries() {
    assert!(THRESHOLDS.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1));
    for (length, value) in THRESHOLDS {
        assert!((threshold(length) - value).abs() < 1e-12);
    }
    assert!(threshold(5).is_infinite());
    assert!((threshold(35) - f64::midpoint(5.32, 5.57)).abs() < 1e-12);
    assert!((threshold(10_000) - 6.50).abs() < 1e-12);
}

/// The method chapter: a file of its own, or part of the one method page.
fn method() -> String {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");
    let mut text = String::new();
    for name in ["METHOD.md", "METHOD-statistics.md"] {
        text += &std::fs::read_to_string(format!("{docs}/{name}")).unwrap_or_default();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_method_page_states_the_constants_of_the_code() {
    let percent = |fraction: f64| format!("{} %", (fraction * 1e6).round() / 1e4);
    let list = |items: &[String]| items.join(", ");
    let looks: Vec<String> = LOOKS.iter().map(ToString::to_string).collect();
    let levels: Vec<String> = LOOK_LEVELS.iter().map(ToString::to_string).collect();
    let text = method();
    let all = [
        format!("margin M = **{}**", percent(Rule::MARGIN)),
        format!("floor F = **{}**", percent(Rule::FLOOR)),
        format!("fewer than **{MIN_PAIRS}** pairs"),
        format!("looks at **{}** pairs", list(&looks)),
        format!("two-sided levels **{}**", list(&levels)),
        format!("family level of **{}**", percent(FAMILY_LEVEL)),
        format!("F + **{MDE_FACTOR}** sd(d) / sqrt(n)"),
        format!("q-value at most **{FLAG_Q}**"),
        format!("step of at least **{}** apart", percent(FLAG_STEP)),
        format!("with **{FIXED_ORDER_BLOCKS}** blocks or more"),
        format!("at least **{MIN_EXAMPLES}** examples"),
        format!("that one example at **{}**", percent(EXAMPLE_LEVEL)),
        format!("segments of at least **{MIN_SEGMENT}** values"),
        format!("steps of at least **{}**", percent(MIN_STEP)),
        format!("at most **{MAX_PAIRS}** pairs"),
        format!("Below **{}** samples there is none", stats::INTERVAL_SAMPLES),
        format!("with at least **{}**. Below", percent(stats::INTERVAL_LEVEL)),
        format!("has at least **{}** examples", summary::MIN_EXAMPLES),
        format!("sum is within **{}** of", percent(summary::SEQUENTIAL)),
        format!("for **{}** cores", list(&summary::CORES.map(|cores| cores.to_string()))),
        format!("is within **{}** of the longest", percent(summary::NO_MORE)),
        format!("at least **{}** of the cold time", percent(summary::UNMEASURED)),
        format!("at least **{}** of the difference", percent(summary::DISTURBED)),
        format!("higher by **{}** per core", summary::LOADED),
        THRESHOLDS.map(|(n, value)| format!("{n}: {value:.2}")).join(", "),
    ];
    for stated in &all {
        assert!(text.contains(stated), "the method page does not say `{stated}`");
    }
    // A figure in bold says that the code has it: none may stand there that was not compared.
    for bold in text.split("**").skip(1).step_by(2) {
        let compared = all.iter().any(|stated| stated.contains(&format!("**{bold}**")));
        assert!(
            compared || !bold.contains(|c: char| c.is_ascii_digit()),
            "`{bold}` is not compared"
        );
    }
}
