//! The recipe of runs that people will meet, and of names that want out of it.

mod common;
mod html_support;

use std::collections::BTreeMap;

use bench_record::{Assumptions, LoadedRun, Outcome, Regime, Tool};
use bench_reports::ablate::Ablation;
use bench_reports::answer::Answer as _;
use bench_reports::explain::Explanation;
use bench_reports::recipe::{
    Advice, Ci, Declared, DeclaredCache, HOSTED_RESTORE, Input, KEY_LIMIT, Key, Root, decide, next,
    recipe, yaml,
};
use bench_reports::report::Beside;
use bench_reports::summary::summarise_with;
use common::{HOSTILE, good, hostile, long, normal, smallest};
use html_support::{render, sections};
use proptest::prelude::*;
use serde_json::{Value, json};

const SYSTEMS: [Ci; 2] = [Ci::GitHub, Ci::Forgejo];

fn assumed() -> Assumptions {
    Assumptions { transfer_bytes_per_s: Some(HOSTED_RESTORE), ..Assumptions::default() }
}

fn declared() -> Declared {
    Declared {
        caches: vec![DeclaredCache {
            name: "ccache".to_owned(),
            root: Root::Cache,
            path: "ccache".to_owned(),
            env: Some("CCACHE_DIR".to_owned()),
            exclude: vec!["tmp/**".to_owned()],
        }],
        env: BTreeMap::from([
            ("LC_ALL".to_owned(), "C.UTF-8".to_owned()),
            ("TOOL_HOME".to_owned(), "{home}/.tool".to_owned()),
        ]),
        daemons: vec!["sccache --stop-server".to_owned()],
        locks: vec!["Cargo.lock".to_owned()],
    }
}

fn page(run: &LoadedRun, declared: Option<&Declared>, explanation: Option<&Explanation>) -> String {
    let summary = summarise_with(run, &assumed());
    recipe(&Input {
        run,
        summary: &summary,
        declared,
        explanation,
        ablation: None,
        systems: &SYSTEMS,
    })
}

fn advice(run: &LoadedRun, explanation: Option<&Explanation>) -> Advice {
    decide(&summarise_with(run, &assumed()), explanation, None).advice
}

/// Every fenced block of YAML as a document.
fn workflows(page: &str) -> Vec<Value> {
    page.split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().expect("it is closed"))
        .map(|text| serde_saphyr::from_str(text).expect("it is YAML"))
        .collect()
}

fn tool(version: &str) -> Tool {
    Tool { version: Some(version.to_owned()), path: None }
}

fn explanation() -> Explanation {
    let text = r#"{"schema": "bench.explain/1", "run_id": "20260101T000000-explain",
        "scenario": "arduino-uno", "params": {"launcher": "ccache"}, "complete": true, "valid": true,
        "headline": "reuse on another runner is broken by: workspace-path alone; locale alone",
        "properties": [
          {"property": "workspace-path", "verdict": "breaks", "hits": 0, "of": 55, "saving_kept": 0.0,
           "remedied": {"verdict": "keeps"},
           "remedy_details": {"tool": "ccache", "key": "absolute paths", "fix": "set CCACHE_BASEDIR",
             "env": {"CCACHE_BASEDIR": "{workspace}"}, "risk": null,
             "link": "https://ccache.dev/manual/latest.html#_compiling_in_different_directories"}},
          {"property": "locale", "verdict": "partly", "saving_kept": 0.5, "low": 0.4, "high": 0.6,
           "remedy_details": {"tool": null, "key": "LANG", "fix": "one locale", "env": {},
             "link": "javascript:alert(1)", "risk": "none | <b>"}},
          {"property": "jobs", "verdict": "keeps"},
          {"property": "user", "verdict": "not-tested", "reason": "no namespace"}],
        "stale": {"stale": false, "mtime_kept": false, "mtime_fresh": false}}"#;
    Explanation::parse(text).expect("it is an explanation")
}

#[test]
fn a_run_that_pays_gives_steps_for_both_systems() {
    let mut run = long();
    run.run.tools = BTreeMap::from([
        ("avr-gcc".to_owned(), tool("avr-g++ (GCC) 5.4.0")),
        ("libc".to_owned(), Tool { version: None, path: None }),
    ]);
    let page = page(&run, Some(&declared()), None);
    insta::assert_snapshot!("recipe-pays", page);
    let workflows = workflows(&page);
    assert_eq!(workflows.len(), 2);
    for workflow in workflows {
        let job = &workflow["jobs"]["build"];
        let steps = job["steps"].as_array().expect("steps");
        assert_eq!(steps.len(), 3);
        assert_eq!(steps[1]["with"]["path"], ".ci-cache/ccache\n");
        assert_eq!(steps[1]["with"]["path"], steps[2]["with"]["path"]);
        assert_eq!(job["env"]["CCACHE_DIR"], "${{ github.workspace }}/.ci-cache/ccache");
        let key = steps[1]["with"]["key"].as_str().expect("a key");
        for prefix in steps[1]["with"]["restore-keys"].as_str().expect("prefixes").lines() {
            assert!(key.starts_with(prefix) && key != prefix, "{prefix}");
        }
        assert!(steps.iter().all(|step| step.get("run").is_none()));
    }
}

#[test]
fn the_forecast_says_how_many_fit_into_the_quota() {
    for (bytes, expected) in [
        (10_000_000_001, "One is more than the quota: nothing would be kept."),
        (10_000_000_000, "1 of them fit into 10 GB: after 1 push the oldest goes"),
        (5_000_000_001, "1 of them fit into 10 GB: after 1 push the oldest goes"),
        (5_000_000_000, "2 of them fit into 10 GB: after 2 pushes the oldest goes"),
        (1_000_000_001, "9 of them fit into 10 GB: after 9 pushes the oldest goes"),
        (1_000_000_000, "10 of them fit into 10 GB, if the repository has no other cache"),
    ] {
        let mut run = long();
        for (sample, _) in run.samples.iter_mut().filter(|(s, _)| s.regime == Regime::Cold) {
            sample.caches.get_mut("ccache").expect("it has one").archive_bytes = Some(bytes);
        }
        // No network is stated: what it would take is not what is asked here.
        let summary = summarise_with(&run, &Assumptions::default());
        let declared = declared();
        let input = Input {
            run: &run,
            summary: &summary,
            declared: Some(&declared),
            explanation: None,
            ablation: None,
            systems: &SYSTEMS,
        };
        let page = recipe(&input);
        assert!(page.contains(expected), "{bytes}: {page}");
    }
}

#[test]
fn a_run_that_does_not_pay_gives_no_steps() {
    let page = page(&normal(), Some(&declared()), None);
    insta::assert_snapshot!("recipe-does-not-pay", page);
    assert!(workflows(&page).is_empty());
}

#[test]
fn a_run_whose_cross_runner_fails_gives_no_steps() {
    let mut run = long();
    let cross = |run: &mut LoadedRun, block| {
        let of = |sample: &bench_record::Sample| (sample.regime, sample.block);
        let found = run.samples.iter_mut().find(|(s, _)| of(s) == (Regime::CrossRunner, block));
        found.expect("there is one").0.outcome = Outcome::Failed;
    };
    cross(&mut run, 2);
    let page = page(&run, Some(&declared()), None);
    insta::assert_snapshot!("recipe-cross-fails", page);
    assert!(workflows(&page).is_empty());
}

#[test]
fn an_explanation_adds_settings_and_what_to_do() {
    let page = page(&good(), Some(&declared()), Some(&explanation()));
    insta::assert_snapshot!("recipe-explanation", page);
    for workflow in workflows(&page) {
        let env = &workflow["jobs"]["build"]["env"];
        assert_eq!(env["CCACHE_BASEDIR"], "${{ github.workspace }}");
    }
    assert!(!page.contains("](javascript:"));
}

#[test]
fn the_advice_follows_harm_proof_hits_and_interval_in_this_order() {
    assert_eq!(advice(&long(), None), Advice::Cache);
    assert_eq!(advice(&good(), None), Advice::Provisional);
    assert_eq!(advice(&normal(), None), Advice::DoNot);
    assert_eq!(advice(&smallest(), None), Advice::DoNot);
    let mut stale = explanation();
    stale.stale.mtime_fresh = Some(true);
    assert_eq!(advice(&long(), Some(&stale)), Advice::DoNot);
    // Without controls its verdicts mean nothing.
    stale.valid = false;
    assert_eq!(advice(&long(), Some(&stale)), Advice::Cache);
    let mut unproven = long();
    for (sample, _) in &mut unproven.samples {
        if (sample.regime, sample.block) == (Regime::CrossRunner, 1) {
            sample.outcome = Outcome::Unproven;
        }
    }
    assert_eq!(advice(&unproven, None), Advice::Unknown);
    let mut one_regime = long();
    one_regime.samples.retain(|(sample, _)| sample.regime != Regime::CrossRunner);
    assert_eq!(advice(&one_regime, None), Advice::Unknown);
    // A transfer that takes longer than the cache saves.
    let slow = Assumptions { transfer_bytes_per_s: Some(1e4), ..Assumptions::default() };
    assert_eq!(decide(&summarise_with(&long(), &slow), None, None).advice, Advice::DoNot);
}

#[test]
fn a_cache_whose_place_is_not_known_or_not_safe_gets_no_steps() {
    assert!(workflows(&page(&long(), None, None)).is_empty());
    let mut declared = declared();
    "a\n!b".clone_into(&mut declared.caches[0].path);
    let text = page(&long(), Some(&declared), None);
    assert!(workflows(&text).is_empty());
    assert!(text.contains("is a pattern to the cache action"), "{text}");
    // Beneath the home, where no variable moves it.
    declared.caches[0] = DeclaredCache {
        root: Root::Home,
        path: ".cache/tool".to_owned(),
        env: None,
        ..declared.caches[0].clone()
    };
    let text = page(&long(), Some(&declared), None);
    assert!(text.contains("lands in the wrong place"), "{text}");
    assert!(text.contains("            ~/.cache/tool\n"), "{text}");
}

#[test]
fn hostile_names_are_shown_and_do_nothing() {
    let mut run = hostile();
    for (index, (sample, _)) in run.samples.iter_mut().enumerate() {
        // Warm, proven and worth it, so that steps are written.
        sample.outcome = Outcome::Ok;
        let warm = sample.regime != Regime::Cold;
        common::set_wall(sample, if warm { 1_000 } else { 9_000 + index as u64 } * common::MS);
        (sample.evidence.hits, sample.evidence.misses) = (Some(if warm { 9 } else { 0 }), Some(1));
        let name = HOSTILE[4];
        let cache = sample.caches.get_mut(name).expect("the builder adds it");
        cache.archived_with = None;
    }
    run.run.caches = vec![HOSTILE[4].to_owned()];
    run.run.tools = HOSTILE.iter().map(|text| ((*text).to_owned(), tool(text))).collect();
    let expression = "${{ secrets.TOKEN }}";
    run.run.params.insert(expression.to_owned(), expression.to_owned());
    let mut declared = declared();
    HOSTILE[4].clone_into(&mut declared.caches[0].name);
    declared.daemons = HOSTILE.iter().map(|text| (*text).to_owned()).collect();
    declared.locks = HOSTILE.iter().map(|text| (*text).to_owned()).collect();
    declared.env = HOSTILE.iter().map(|text| ((*text).to_owned(), "x".to_owned())).collect();
    declared.env.insert("HOSTILE".to_owned(), "$${{{{ secrets.TOKEN }}}}\"\n  x: y".to_owned());
    let page = page(&run, Some(&declared), None);
    let workflows = workflows(&page);
    assert_eq!(workflows.len(), 2, "{page}");
    for workflow in &workflows {
        let env = workflow["jobs"]["build"]["env"].as_object().expect("variables");
        let names: Vec<&str> = env.keys().map(String::as_str).collect();
        assert_eq!(names, ["CCACHE_DIR", "HOSTILE"]);
        assert_eq!(env["HOSTILE"], "$${{ '${{' }} secrets.TOKEN }}\"\n  x: y");
        let with = &workflow["jobs"]["build"]["steps"][1]["with"];
        let key = with["key"].as_str().expect("a key");
        assert!(!key.contains("{{ secrets") && !key.contains(','), "{key}");
    }
    // Outside of fences nothing of the foreign text is markup.
    let prose: String = page.split("```").step_by(2).collect();
    for sign in ["<img", "<script", "](javascript", "@everyone", "![x]", "\u{202e}", "\u{1b}"] {
        assert!(!prose.contains(sign), "{sign}: {prose}");
    }
}

#[test]
fn what_is_no_explanation_is_refused_with_the_reason() {
    assert!(Explanation::parse("{}").is_err());
    let other = r#"{"schema": "bench.explain/2", "run_id": "", "scenario": "", "params": {}, "complete": true,
        "valid": true, "headline": "", "properties": []}"#;
    let error = Explanation::parse(other).expect_err("another version").to_string();
    assert!(error.contains("bench.explain/2"), "{error}");
}

proptest! {
    #[test]
    fn quoted_text_reads_back_as_itself(text in any::<String>()) {
        let yaml = format!("a: {}\nb: c\n", yaml::quote(&text));
        let read: BTreeMap<String, String> = serde_saphyr::from_str(&yaml).expect("it is YAML");
        prop_assert_eq!(&read["a"], &text);
        prop_assert_eq!(&read["b"], "c");
        prop_assert_eq!(yaml.lines().count(), 2);
    }

    #[test]
    fn foreign_text_starts_no_expression(text in "[${}' a]{0,12}") {
        let literal = yaml::literal(&text);
        // What the CI system makes of it: each of our expressions becomes the text that it holds.
        prop_assert_eq!(literal.replace("${{ '${{' }}", "${{"), text.clone());
        prop_assert_eq!(
            literal.matches("${{").count(),
            2 * text.matches("${{").count()
        );
    }

    #[test]
    fn a_key_is_short_and_plain_whatever_it_is_made_of(
        name in any::<String>(),
        tools in proptest::collection::btree_map(any::<String>(), any::<String>(), 0..9),
        params in proptest::collection::btree_map(any::<String>(), any::<String>(), 0..9),
    ) {
        let tools = tools.iter().map(|(name, version)| (name.clone(), tool(version))).collect();
        let key = Key::new(&name, &tools, &params, &["Cargo.lock".to_owned(), name.clone()]);
        prop_assert!(key.longest <= KEY_LIMIT);
        let plain = key.text.replace("${{ runner.os }}", "").replace("${{ runner.arch }}", "");
        let plain = plain.replace("${{ github.sha }}", "");
        let hash = plain.find("${{ hashFiles(").expect("a lock file is known");
        let (before, _) = plain.split_at(hash);
        prop_assert!(before.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)));
        for prefix in &key.prefixes {
            prop_assert!(key.text.starts_with(prefix.as_str()));
        }
    }
}

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
    let text = json!({"schema": "bench.ablate/1", "run_id": "20260101T000000Z-fake-abcd", "scenario": "arduino-uno",
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
fn of_two_caches() -> (LoadedRun, Declared) {
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

#[test]
fn a_false_green_and_a_failure_are_told_in_the_recipe() {
    let text = r#"{"schema": "bench.explain/1", "run_id": "r", "scenario": "arduino-uno", "params": {},
        "complete": true, "valid": true, "headline": "workspace-path alone", "properties": [
          {"property": "workspace-path", "verdict": "breaks", "hits": 4, "of": 4,
           "reason": "exit code 1: no such file"}],
        "stale": {"stale": true, "mtime_kept": false, "mtime_fresh": false, "old_path": true}}"#;
    let explanation = Explanation::parse(text).expect("it is an explanation");
    let page = page(&good(), Some(&declared()), Some(&explanation));
    assert!(page.contains("**False green: at another path"), "{page}");
    assert!(
        page.contains("none: exit code 1: no such file") && !page.contains("4 of 4 hits"),
        "{page}"
    );
}
