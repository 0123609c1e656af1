//! Several caches, and what an ablation says about each.

use bench_record::Outcome;
use bench_reports::ablate::Ablation;
use bench_reports::recipe::next;
use bench_reports::report::Beside;
use serde_json::json;

use super::*;
use crate::common::long;
use crate::html_support::{render, sections};

/// Two caches of which every job with `envs` fails on another runner; `ccache` saves `low` to `high` seconds there.
fn ablation(low: f64, high: f64) -> Ablation {
    let saved = |low: f64, high: f64| json!({"seconds": f64::midpoint(low, high), "low": low, "high": high, "confidence": 0.96875, "n": 6});
    let worth = |fails: bool| {
        let of = |fails: bool, regime: &str| {
            json!({"regime": regime, "fails": fails, "saved": null, "net_s": null, "net_s_per_mb": null,
                "alone": if fails { Value::Null } else { saved(low, high) }})
        };
        json!([of(false, "same-runner"), of(fails, "cross-runner")])
    };
    let cache = |name: &str, fails: bool| {
        json!({"name": name, "files": 9, "bytes": 9_000_000, "archive_bytes": 3_000_000, "save_s": 0.1,
            "restore_s": 0.1, "growth_bytes": 0, "regimes": worth(fails)})
    };
    let set = |caches: &[&str], saved: Value, net: Value| {
        let failed = saved.is_null();
        json!({"caches": caches, "regime": "cross-runner", "archive_bytes": 3_000_000 * caches.len(),
            "wall": if failed { Value::Null } else { json!({"seconds": 20.0, "low": 19.0, "high": 21.0, "confidence": 0.96875, "n": 6}) },
            "saved": saved, "net_s": net, "reason": if failed { json!("exit code 1") } else { Value::Null }})
    };
    let net = f64::midpoint(low, high) - 0.2;
    let pays = net > 0.0;
    let text = json!({"schema": "bench.ablate/2", "run_id": "20260101T000000Z-fake-abcd", "scenario": "arduino-uno",
        "params": {}, "blocks": 6, "seed": 1, "complete": true, "failed": 12,
        "caches": [cache("ccache", false), cache("envs", true)],
        "sets": [set(&[], saved(0.0, 0.0), json!(0.0)), set(&["ccache"], saved(low, high), json!(net)),
            set(&["envs"], Value::Null, Value::Null), set(&["ccache", "envs"], Value::Null, Value::Null)],
        "pairs": [], "quota": [], "findings": [],
        "keep": [{"regime": "same-runner", "limit_bytes": null, "caches": ["ccache", "envs"], "net_s": 9.0,
              "archive_bytes": 6_000_000, "measured": true},
            {"regime": "cross-runner", "limit_bytes": null, "caches": if pays { json!(["ccache"]) } else { json!([]) },
              "net_s": if pays { net } else { 0.0 }, "archive_bytes": if pays { 3_000_000 } else { 0 }, "measured": true}]});
    Ablation::parse(&text.to_string()).expect("it is an ablation")
}

/// A run of two caches in one archive, whose cross-runner samples fail.
pub(crate) fn of_two_caches() -> (LoadedRun, Declared) {
    let mut run = long();
    run.run.caches.push("envs".to_owned());
    for (sample, _) in &mut run.samples {
        if let Some(store) = sample.caches.get("ccache").cloned() {
            let with = bench_record::CacheUse { archived_with: Some("ccache".to_owned()), ..store };
            sample.caches.insert("envs".to_owned(), with);
        }
        if sample.regime == Regime::CrossRunner {
            sample.outcome = Outcome::Failed;
        }
    }
    let mut declared = declared();
    declared.caches.push(DeclaredCache {
        name: "envs".to_owned(),
        root: Root::Workspace,
        path: ".envs".to_owned(),
        env: None,
        exclude: Vec::new(),
        when: BTreeMap::new(),
    });
    (run, declared)
}

fn page_with(run: &LoadedRun, declared: &Declared, ablation: Option<&Ablation>) -> String {
    let summary = summarise_with(run, &assumed());
    let declared = Some(declared);
    recipe(&Input {
        run,
        summary: &summary,
        declared,
        explanation: None,
        ablation,
        systems: &SYSTEMS,
    })
}

#[test]
fn an_ablation_says_which_caches_to_keep() {
    let (run, declared) = of_two_caches();
    // Together they fail, and the run cannot say which of them it is.
    let together = page_with(&run, &declared, None);
    assert!(together.contains("**Do not cache it in CI") && workflows(&together).is_empty());
    let page = page_with(&run, &declared, Some(&ablation(4.0, 6.0)));
    insta::assert_snapshot!("recipe-ablation", page);
    assert_eq!(workflows(&page).len(), 2);
    for workflow in workflows(&page) {
        assert_eq!(workflow["jobs"]["build"]["steps"][1]["with"]["path"], ".ci-cache/ccache\n");
    }
}

#[test]
fn one_archive_of_several_caches_is_counted_once_and_named_in_every_row() {
    let (run, declared) = of_two_caches();
    let page = page_with(&run, &declared, None);
    assert!(page.contains("| 1.3 MB for 2 caches |"), "{page}");
    assert!(page.contains("| with <code>ccache</code> |"), "{page}");
    let summary = summarise_with(&run, &assumed());
    let declared = Some(&declared);
    let input = Input {
        run: &run,
        summary: &summary,
        declared,
        explanation: None,
        ablation: None,
        systems: &[],
    };
    let both = next(&input).expect("it has caches");
    let html =
        sections(&render(&run, Beside { next: Some(&both), ..Beside::default() }), &["next"]);
    for (row, archive) in
        [("| ccache |", "| 1.3 MB for 2 caches |"), ("| envs |", "| with ccache |")]
    {
        let line = html.lines().find(|line| line.starts_with(row)).expect("a row each");
        assert!(line.ends_with(archive), "{line}");
    }
    // With an archive of its own a cache has its own size.
    let summary = summarise_with(&long(), &assumed());
    let alone = next(&Input { run: &long(), summary: &summary, ..input }).expect("it has one");
    assert_eq!((alone.caches[0].archived_with.as_deref(), alone.caches[0].archived), (None, 1));
}

#[test]
fn what_an_ablation_does_not_show_for_certain_is_provisional_or_not_advised() {
    let (run, _) = of_two_caches();
    let summary = summarise_with(&run, &assumed());
    let advice = |ablation: &Ablation| decide(&summary, None, Some(ablation)).advice;
    assert_eq!(advice(&ablation(4.0, 6.0)), Advice::Cache);
    // The transfer takes 0.2 s of what is saved.
    assert_eq!(advice(&ablation(0.1, 6.0)), Advice::Provisional);
    assert_eq!(advice(&ablation(-1.0, 0.1)), Advice::DoNot);
    let mut cut_short = ablation(4.0, 6.0);
    cut_short.complete = false;
    assert_eq!(advice(&cut_short), Advice::Provisional);
}
