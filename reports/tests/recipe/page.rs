//! What the page says, and what foreign text in it cannot do.

use bench_record::{Outcome, Regime, Tool};

use super::*;
use crate::common::{self, HOSTILE, good, hostile, long, normal};

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

#[test]
fn a_false_green_and_a_failure_are_told_in_the_recipe() {
    let text = r#"{"schema": "bench.explain/1", "run_id": "r", "scenario": "arduino-uno", "params": {},
        "complete": true, "valid": true, "headline": "workspace-path alone", "properties": [
          {"property": "workspace-path", "verdict": "breaks", "hits": 4, "of": 4,
           "reason": "exit code 1: no such file"}],
        "stale": {"stale": true, "mtime_kept": false, "mtime_fresh": false, "old_path": true}}"#;
    let explanation = Explanation::parse(text).expect("it is an explanation");
    let page = page(&good(), Some(&declared()), Some(&explanation));
    assert!(page.contains("<b>False green: at another path"), "{page}");
    assert!(
        page.contains("none: exit code 1: no such file") && !page.contains("4 of 4 hits"),
        "{page}"
    );
}

#[test]
fn a_scenario_that_changed_between_run_and_explanation_is_named() {
    let (run, mut explanation) = (normal(), explanation());
    let changed = "<b>The files of scenario <code>arduino&#45;uno</code> are not the same";
    // A document of an earlier version does not say.
    assert!(!page(&run, Some(&declared()), Some(&explanation)).contains(changed));
    explanation.scenario_hash = Some(run.run.scenario.hash.clone());
    assert!(!page(&run, Some(&declared()), Some(&explanation)).contains(changed));
    explanation.scenario_hash = Some("another".to_owned());
    let page = page(&run, Some(&declared()), Some(&explanation));
    assert!(page.contains(changed), "{page}");
}
