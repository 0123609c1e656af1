//! What is in a block: which samples, on which runners, in which order, with which examples.

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{Arm, Baseline, Outcome, Regime};

use crate::common::Project;
use crate::{SCENARIO, TOOL, events, order, project};

#[test]
fn both_arms_run_in_every_block_with_caches_of_their_own() {
    let project = project();
    project.write("base/src.txt", "beta");
    let finished = project
        .run(&[
            "--baseline",
            "base",
            "--blocks",
            "2",
            "--regime",
            "cold,same-runner,cross-runner,hot",
        ])
        .expect_code(3);
    let run = finished.records();
    assert_eq!(run.samples.len(), 16);
    for (sample, _) in &run.samples {
        assert_eq!(sample.outcome, Outcome::Ok, "{:?}", sample.reason);
        // One entry of its own content: nothing of the other arm was in the store.
        assert_eq!(sample.caches["store"].files, 1, "{}", sample.id);
        let hits = u64::from(sample.regime.is_warm());
        assert_eq!(sample.evidence.hits, Some(hits), "{}", sample.id);
        if let Some(origin) = &sample.snapshot_origin {
            assert!(origin.as_str().contains(sample.arm.as_str()), "{}: {origin}", sample.id);
        }
    }
    assert_eq!(
        run.run.options.baseline,
        Some(Baseline::Source(project.path("base").display().to_string()))
    );
    assert_eq!(run.run.arms.len(), 2);
    project.assert_home_untouched();
}

#[test]
fn both_arms_restore_at_the_same_other_paths_and_build_on_paths_of_one_length() {
    let project = project();
    project.write("base/src.txt", "beta");
    project
        .run(&["--baseline", "base", "--blocks", "1", "--regime", "cold,same-runner,moved-runner"])
        .expect_code(3);
    let all = events(&project);
    assert_eq!(all.len(), 6);
    let of = |content: &str, entry: &str| -> Vec<String> {
        let mut found: Vec<String> = all
            .iter()
            .filter(|event| event.content == content && event.entry == entry)
            .map(|event| event.workspace.clone())
            .collect();
        found.dedup();
        found
    };
    let elsewhere = |content| {
        let warm = of(content, "hit");
        warm.into_iter().find(|path| path.contains("agent-2")).expect("a moved-runner sample")
    };
    assert_eq!(elsewhere("alpha"), elsewhere("beta"), "the same other paths for both arms");
    let (one, other) = (of("alpha", "miss"), of("beta", "miss"));
    assert_ne!(one, other, "each arm has a runner of its own");
    assert_eq!(one[0].len(), other[0].len(), "the length of a path must not tell arms apart");
}

#[test]
fn the_order_of_the_arms_changes_from_block_to_block() {
    let project = project();
    let finished = project
        .run(&["--aa", "--blocks", "8", "--regime", "cold", "--seed", "1", "--set", "store=no"]);
    let run = finished.records();
    let first: BTreeSet<Arm> = (1..=8).map(|block| order(&run, block)[0].0).collect();
    assert_eq!(first.len(), 2, "both arms come first in some block");
    for block in 1..=8 {
        assert_eq!(order(&run, block).len(), 2);
    }
}

#[test]
fn the_same_arm_twice_is_built_twice() {
    let project = project();
    let finished = project.run(&["--aa", "--blocks", "1", "--regime", "cold,same-runner"]);
    let run = finished.records();
    assert_eq!(run.run.options.baseline, Some(Baseline::Same));
    for (sample, _) in &run.samples {
        let expected = if sample.regime == Regime::Cold { (0, 1) } else { (1, 0) };
        assert_eq!(
            (sample.evidence.hits, sample.evidence.misses),
            (Some(expected.0), Some(expected.1))
        );
    }
    assert_eq!(run.run.arms[0].source, run.run.arms[1].source);
}

#[test]
fn other_param_values_make_a_baseline_and_one_without_a_cache_runs_cold_only() {
    let project = project();
    let finished = project.run(&["--baseline-set", "store=no", "--blocks", "3", "--seed", "4"]);
    let run = finished.records();
    assert_eq!(run.run.params["store"], "yes");
    let baseline = run.run.arms.iter().find(|info| info.arm == Arm::Baseline).unwrap();
    assert_eq!(baseline.params, BTreeMap::from([("store".to_owned(), "no".to_owned())]));
    for block in 1..=3 {
        let order = order(&run, block);
        assert_eq!(order.len(), 4, "{order:?}");
        let place = order.iter().position(|one| *one == (Arm::Baseline, Regime::Cold)).unwrap();
        assert!(place == 0 || place == 3, "before or after the other arm: {order:?}");
    }
    assert!(run.samples.iter().all(|(sample, _)| sample.outcome == Outcome::Ok));
}

#[test]
fn a_baseline_that_is_the_candidate_by_accident_is_refused() {
    let finished = project().run(&["--baseline-set", "store=yes"]).expect_code(2);
    assert!(finished.stderr().contains("`--aa` compares it with itself"), "{}", finished.stderr());
    let finished = project().run(&["--baseline-set", "store=yes,no"]).expect_code(2);
    assert!(finished.stderr().contains("expected one value"), "{}", finished.stderr());
    let finished = project().run(&["--baseline-set", "store=maybe"]).expect_code(2);
    assert!(finished.stderr().contains("maybe"), "{}", finished.stderr());
    let finished = project().run(&["--aa", "--baseline", "."]).expect_code(2);
    assert!(finished.stderr().contains("--aa"), "{}", finished.stderr());
    let finished = project().run(&["--auto"]).expect_code(2);
    assert!(finished.stderr().contains("--baseline"), "{}", finished.stderr());
}

/// The scenario with one example per file of `parts/`.
fn with_examples() -> String {
    SCENARIO.replace(
        r#"run = ["sh", "{scenario}/tool.sh"]"#,
        r#"run = ["sh", "{scenario}/tool.sh", "{example}"]"#,
    ) + "\n[examples]\nphase = \"compile\"\nglob = \"parts/*.txt\"\n"
}

#[test]
fn examples_that_only_one_arm_has_are_left_out_of_both() {
    let project = Project::new(
        &with_examples(),
        &[
            ("tool.sh", TOOL),
            ("workspace/src.txt", "alpha"),
            ("workspace/parts/both.txt", ""),
            ("workspace/parts/new.txt", ""),
        ],
    );
    for file in ["src.txt", "parts/both.txt", "parts/old.txt"] {
        project.write(&format!("base/{file}"), "beta");
    }
    let finished = project.run(&["--baseline", "base", "--blocks", "1", "--regime", "cold"]);
    let run = finished.records();
    assert_eq!(run.run.left_out, ["new", "old"]);
    for (sample, examples) in &run.samples {
        let names: Vec<&str> = examples.iter().map(|example| example.name.as_str()).collect();
        assert_eq!(names, ["both"], "{}", sample.id);
    }
    assert!(finished.stderr().contains("both do without them: new, old"), "{}", finished.stderr());
}

#[test]
fn arms_without_a_common_example_are_refused() {
    let files = [("tool.sh", TOOL), ("workspace/src.txt", "a"), ("workspace/parts/new.txt", "")];
    let project = Project::new(&with_examples(), &files);
    project.write("base/parts/old.txt", "");
    let finished = project.run(&["--baseline", "base"]).expect_code(2);
    assert!(finished.stderr().contains("no example in common"), "{}", finished.stderr());
}
