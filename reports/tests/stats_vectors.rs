//! Every expected value of every reference vector. The reports are rebuilt in the shape of the file and compared
//! leaf by leaf, so a value that is expected and not computed fails as loudly as a wrong one.

use std::collections::BTreeMap;

use bench_reports::stats::{
    Brr, ConfidenceInterval, LOOK_LEVELS, LOOKS, Location, Pairs, Rule, Sampling, TEstimate,
    benjamini_hochberg, decide, interval_level, median, moderate, paired_t, pseudo_median,
    signed_rank_interval, splits,
};
use serde_json::{Map, Value, json};

#[path = "stats_support/rejected.rs"]
mod rejected;

const VECTORS: &str = include_str!("data/vectors.json");

fn file() -> Value {
    serde_json::from_str(VECTORS).unwrap()
}

fn vectors(kind: &str) -> Vec<Value> {
    let all = file()["vectors"].as_array().unwrap().clone();
    let found: Vec<_> = all.into_iter().filter(|vector| vector["kind"] == kind).collect();
    assert!(!found.is_empty(), "{kind}");
    found
}

fn only(kind: &str) -> Value {
    let mut found = vectors(kind);
    assert_eq!(found.len(), 1, "{kind}");
    found.remove(0)
}

fn times(vector: &Value, side: &str) -> Vec<Option<f64>> {
    vector[side].as_array().unwrap().iter().map(Value::as_f64).collect()
}

fn numbers(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn rule(vector: &Value) -> Rule {
    let fraction = |name: &str| vector[name].as_f64().unwrap();
    Rule::new(fraction("margin"), fraction("floor")).unwrap()
}

/// Compares every leaf of `expected`; returns how many there were.
fn same(path: &str, found: &Value, expected: &Value) -> usize {
    // Only what goes through the t distribution is allowed the coarser tolerance.
    let coarse = ["p_greater", "/q", "d0", "s02"];
    let moderated = path.starts_with("moderated");
    let is_t = path.contains("paired_t");
    let tolerance = if is_t || (moderated && coarse.iter().any(|part| path.contains(part))) {
        1e-6
    } else {
        1e-9
    };
    match expected {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| {
                let found = found.get(key).unwrap_or_else(|| panic!("{path}/{key} is missing"));
                same(&format!("{path}/{key}"), found, value)
            })
            .sum(),
        Value::Array(items) => {
            let found = found.as_array().unwrap_or_else(|| panic!("{path}: {found}"));
            assert_eq!(found.len(), items.len(), "{path}");
            let pairs = found.iter().zip(items).enumerate();
            pairs.map(|(at, (f, e))| same(&format!("{path}/{at}"), f, e)).sum()
        }
        Value::Number(number) => {
            let expected = number.as_f64().unwrap();
            let found = found.as_f64().unwrap_or_else(|| panic!("{path}: {found} for {expected}"));
            let error = (found - expected).abs() / expected.abs().max(1.0);
            assert!(error <= tolerance, "{path}: {found}, expected {expected}, off by {error:e}");
            1
        }
        other => {
            assert_eq!(found, other, "{path}");
            1
        }
    }
}

fn ends(interval: Option<ConfidenceInterval>) -> Value {
    interval.map_or(json!([null, null]), |i| json!([i.low, i.high]))
}

fn t_estimate(t: TEstimate) -> Value {
    json!({"est": t.estimate, "se": t.standard_error, "lo": t.low, "hi": t.high})
}

fn location(times: &[Option<f64>]) -> Value {
    let seconds: Vec<f64> = times.iter().map(|t| t.unwrap_or(f64::INFINITY)).collect();
    let logs: Vec<f64> = seconds.iter().map(|s| s.ln()).collect();
    let location = Location::of(&seconds).unwrap();
    json!({"median": location.median, "min": location.min,
        "hl_pseudomedian": pseudo_median(&logs).unwrap().exp()})
}

fn decision(pairs: &Pairs, rule: &Rule, sampling: Sampling) -> Value {
    let decision = decide(pairs, rule, sampling);
    let mut found = json!({"verdict": decision.verdict.as_str(), "n": decision.n});
    if let (Some(look), Some(fields)) = (decision.look, found.as_object_mut()) {
        let numbers = json!({"est": look.estimate.log_ratio, "p_reg": look.p_regressed, "p_ok": look.p_ok,
            "p_improved": look.p_improved, "alpha1": look.level_one_sided});
        fields.extend(numbers.as_object().unwrap().clone());
    }
    found
}

fn paired(vector: &Value) -> Value {
    let (base, new) = (times(vector, "base"), times(vector, "new"));
    let pairs = Pairs::from_seconds(&base, &new).unwrap();
    let rule = rule(vector);
    let d = pairs.log_ratios();
    let brr = Brr::new(&pairs);
    let level = interval_level(pairs.len());
    let interval = brr.interval(level).unwrap();
    let estimate = pseudo_median(&d).unwrap();
    let wilcoxon = signed_rank_interval(&d, level).unwrap();
    let mut found = json!({
        "n_used": pairs.len(),
        "alpha_two_used": level,
        "hl_log_ratio": estimate,
        "hl_ratio": estimate.exp(),
        "brr": {
            "p_greater_0": brr.p(0.0).greater,
            "p_greater_floor": brr.p(rule.floor().ln_1p()).greater,
            "p_less_margin": brr.p(rule.margin().ln_1p()).less,
            "ci_log": ends(interval),
            "ci_ratio": ends(interval.map(ConfidenceInterval::exp)),
        },
        "wilcoxon": {
            "ci_log": ends(wilcoxon),
            "achieved_conf": wilcoxon.map(|interval| interval.confidence),
        },
        "base": location(&base),
        "new": location(&new),
        "decide_final": decision(&pairs, &rule, Sampling::Ended),
    });
    let fields = found.as_object_mut().unwrap();
    if let Ok(t) = paired_t(&d, 0.95) {
        fields.insert("paired_t_95".into(), t_estimate(t));
    }
    found
}

#[test]
fn paired_vectors_agree() {
    let mut leaves = 0;
    for vector in vectors("paired") {
        leaves += same(vector["name"].as_str().unwrap(), &paired(&vector), &vector["expect"]);
    }
    assert_eq!(leaves, 328);
}

#[test]
fn a_running_comparison_answers_only_at_its_looks() {
    let vector = only("sequential");
    let pairs = Pairs::from_seconds(&times(&vector, "base"), &times(&vector, "new")).unwrap();
    let expected = vector["expect"].as_array().unwrap();
    for step in expected {
        let n = step["n"].as_u64().unwrap() as usize;
        let found = decision(&pairs.first(n), &rule(&vector), Sampling::Ongoing);
        same("sequential", &found, step);
        // Between looks there is nothing to see, not even an estimate.
        assert_eq!(found.get("est").is_some(), step.get("est").is_some(), "n = {n}");
    }
    assert_eq!(expected.last().unwrap()["verdict"], "regressed");
}

#[test]
fn benjamini_hochberg_agrees() {
    let vector = only("bh");
    let q = benjamini_hochberg(&numbers(&vector["p"])).unwrap();
    let rejected: Vec<usize> = (0..q.len()).filter(|at| q[*at] <= 0.05).collect();
    let found = json!({"q": q, "rejected_5pct": rejected});
    assert!(same("bh", &found, &vector["expect"]) > 80);
}

#[test]
fn moderated_t_agrees() {
    let vector = only("moderated");
    let rows = vector["log_ratio_pairs_by_example"].as_array().unwrap();
    let rows: Vec<Vec<_>> =
        rows.iter().map(|row| numbers(row).into_iter().map(Some).collect()).collect();
    let found = moderate(&rows).unwrap();
    let each = |value: fn(&bench_reports::stats::ExampleTest) -> f64| {
        found.examples.iter().map(|test| value(&test.unwrap())).collect::<Vec<_>>()
    };
    let prior = found.prior.unwrap();
    let values = json!({"est": each(|t| t.estimate), "p_greater": each(|t| t.p_greater),
        "q": each(|t| t.q_slower), "d0": prior.d0, "s02": prior.s02});
    assert_eq!(same("moderated", &values, &vector["expect"]), 38);
    let flagged: Vec<usize> =
        (0..12).filter(|at| found.examples[*at].is_some_and(|test| test.flag.is_some())).collect();
    assert_eq!(flagged, [4]);
}

#[test]
fn e_divisive_agrees() {
    let vector = only("ediv");
    let x = numbers(&vector["x"]);
    assert_eq!(vector["min_segment"], bench_reports::stats::MIN_SEGMENT);
    let by_tau: BTreeMap<String, f64> =
        splits(&x).unwrap().into_iter().map(|split| (split.tau.to_string(), split.q)).collect();
    let best = splits(&x).unwrap().into_iter().max_by(|a, b| a.q.total_cmp(&b.q)).unwrap();
    let steps = bench_reports::stats::change_points(&x).unwrap();
    assert_eq!(steps.len(), 1);
    let found = json!({"q_by_tau": by_tau, "tau": best.tau, "q": best.q,
        "mean_abs_diff": steps[0].q / steps[0].q_scaled, "q_over_mean_abs_diff": steps[0].q_scaled,
        "median_ratio": steps[0].ratio});
    assert_eq!(same("ediv", &found, &vector["expect"]), 30);
    assert_eq!(steps[0].index, best.tau);
    let sides = (median(&x[18..]).unwrap() - median(&x[..18]).unwrap()).exp();
    assert!((sides - steps[0].ratio).abs() < 1e-12);
}

#[test]
fn the_any_time_rule_agrees() {
    let vector = only("anytime_t");
    let (d, g) = (numbers(&vector["d"]), vector["g"].as_f64().unwrap());
    let e: Map<String, Value> = (2..=d.len())
        .map(|n| (n.to_string(), json!(rejected::any_time_e_value(&d[..n], g))))
        .collect();
    assert_eq!(same("anytime", &json!({"e_value_mu0": e}), &vector["expect"]), 11);
}

#[test]
fn tables_agree() {
    let vector = only("tables");
    let expect = &vector["expect"];
    let unrounded = spending::levels(&LOOKS, spending::as_in_the_file);
    let cuts: Map<String, Value> = (5..=30).map(|n| (n.to_string(), cut(n, 0.05))).collect();
    let at_looks: Map<String, Value> =
        LOOKS.iter().zip(LOOK_LEVELS).map(|(n, level)| (n.to_string(), cut(*n, level))).collect();
    let found = json!({"looks": LOOKS, "nominal_two_sided": LOOK_LEVELS,
        "nominal_unrounded": unrounded, "wilcoxon_cut_0.025": cuts, "wilcoxon_cut_looks": at_looks});
    assert!(same("tables", &found, expect) > 40);
    // The file's unrounded values carry the error of its quadrature, 4e-9; those in use are rounded.
    let exact = spending::levels(&LOOKS, spending::gauss_legendre);
    for (exact, used) in exact.iter().zip(LOOK_LEVELS) {
        assert!((exact - used).abs() < 5e-6, "{exact} {used}");
    }
}

/// Where the lower end of the signed-rank interval lies among the sorted averages of pairs, -1 without an interval.
fn cut(n: usize, alpha: f64) -> Value {
    // Powers of 2: no two averages are equal.
    let values: Vec<f64> = (0..n).map(|i| (i as f64).exp2()).collect();
    let Some(interval) = signed_rank_interval(&values, alpha).unwrap() else { return json!(-1) };
    let pairs = (0..n).flat_map(|i| (i..n).map(move |j| (i, j)));
    let averages = pairs.map(|(i, j)| f64::midpoint(values[i], values[j]));
    json!(averages.filter(|average| *average < interval.low).count())
}

#[test]
fn the_file_has_the_tolerances_and_vectors_that_these_tests_know() {
    let file = file();
    assert_eq!(file["tolerance"], json!({"closed_form": 1e-9, "t_distribution": 1e-6}));
    let mut kinds = BTreeMap::new();
    for vector in file["vectors"].as_array().unwrap() {
        *kinds.entry(vector["kind"].as_str().unwrap()).or_insert(0) += 1;
    }
    let known = [("anytime_t", 1), ("bh", 1), ("ediv", 1), ("moderated", 1), ("paired", 11)];
    assert_eq!(kinds, known.into_iter().chain([("sequential", 1), ("tables", 1)]).collect());
}

/// The levels of a set of looks from first principles: the density of the running sum, cut off at each boundary,
/// is carried from look to look by numerical integration, and each boundary is where the spending function is met.
mod spending {
    use statrs::distribution::{ContinuousCDF, Normal};

    /// Gauss-Legendre on 8 points, panels narrow against every kernel in use.
    const NODES: [(f64, f64); 4] = [
        (0.183_434_642_495_649_8, 0.362_683_783_378_362),
        (0.525_532_409_916_329, 0.313_706_645_877_887_3),
        (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
        (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
    ];

    /// The trapezoid rule in 4000 steps, which is how the file's values were made.
    pub(super) fn as_in_the_file(bound: f64) -> Vec<(f64, f64)> {
        let step = 2.0 * bound / 4000.0;
        (0..=4000)
            .map(|i| (step * f64::from(i) - bound, if i % 4000 == 0 { step / 2.0 } else { step }))
            .collect()
    }

    pub(super) fn gauss_legendre(bound: f64) -> Vec<(f64, f64)> {
        let panels = 40;
        let half = bound / f64::from(panels);
        let mut points = Vec::new();
        for panel in 0..panels {
            let centre = -bound + half * f64::from(2 * panel + 1);
            for (x, weight) in NODES {
                points.push((centre - half * x, half * weight));
                points.push((centre + half * x, half * weight));
            }
        }
        points
    }

    /// Nominal two-sided levels by points and weights over the interval from `-bound` to `bound`.
    pub(super) fn levels(looks: &[usize], grid: fn(f64) -> Vec<(f64, f64)>) -> Vec<f64> {
        let normal = Normal::standard();
        let last = *looks.last().unwrap() as f64;
        let spent = |t: f64| 0.05 * (1.0 + (std::f64::consts::E - 1.0) * t).ln();
        let density = |x: f64, variance: f64| {
            (-x * x / (2.0 * variance)).exp() / (std::f64::consts::TAU * variance).sqrt()
        };
        let (mut done, mut before) = (0.0, 0.0);
        // Points, weights times density of the surviving paths.
        let mut alive = vec![(0.0, 1.0)];
        let mut levels = Vec::new();
        for &look in looks {
            let t = look as f64 / last;
            let (budget, sd) = (spent(t) - done, (t - before).sqrt());
            let outside = |bound: f64| {
                let tail = |(x, mass): &(f64, f64)| {
                    mass * (normal.sf((bound - x) / sd) + normal.cdf((-bound - x) / sd))
                };
                alive.iter().map(tail).sum::<f64>()
            };
            let (mut low, mut high) = (0.0, 10.0);
            for _ in 0..80 {
                let middle = f64::midpoint(low, high);
                if outside(middle) > budget { low = middle } else { high = middle }
            }
            levels.push(2.0 * normal.sf(low / t.sqrt()));
            alive = grid(low)
                .into_iter()
                .map(|(x, weight)| {
                    let here: f64 =
                        alive.iter().map(|(from, mass)| mass * density(x - from, sd * sd)).sum();
                    (x, weight * here)
                })
                .collect();
            (done, before) = (spent(t), t);
        }
        levels
    }
}
