//! When a run with two arms ends: budgets, looks, and where it goes on after an interruption.

use std::collections::BTreeSet;
use std::fs;

use bench_record::EndReason;

use crate::common::{Project, load};
use crate::project;

#[test]
fn a_budget_ends_a_run_between_two_blocks() {
    let project = project();
    // Less than any block takes: the first one runs, since a run without a sample is none.
    let finished = project.run(&["--blocks", "5", "--budget", "1ms"]).expect_code(0);
    let run = finished.records();
    assert_eq!(run.samples.len(), 3);
    assert_eq!(run.end.unwrap().reason, EndReason::Budget);
    let resumed = project.bench(&["run", "--resume", "out"]).output().unwrap();
    assert!(resumed.status.success());
    assert_eq!(finished_samples(&project), 3, "a run that ended on purpose is not taken up");
    let finished = project.run(&["--budget", "soon"]).expect_code(2);
    assert!(finished.stderr().contains("30m"), "{}", finished.stderr());
}

fn finished_samples(project: &Project) -> usize {
    load(&project.path("out")).samples.len()
}

#[test]
fn a_clear_slowdown_ends_auto_at_a_look_with_exit_10() {
    let project = project();
    let finished = project
        .run(&["--auto", "--set", "mode=slow", "--baseline-set", "mode=fast", "--regime", "cold"])
        .expect_code(10);
    let run = finished.records();
    // On a machine that is busy with something else it may take a later look than the first.
    assert!([7, 10, 14].contains(&(run.samples.len() / 2)), "{} samples", run.samples.len());
    assert_eq!(run.end.unwrap().reason, EndReason::Decided);
    assert_eq!(run.run.options.blocks, 20, "what there could have been");
    assert!(finished.stdout().contains("regressed"), "{}", finished.stdout());
}

#[test]
fn the_mirror_image_is_improved_and_exit_0() {
    let project = project();
    let finished = project
        .run(&["--auto", "--baseline-set", "mode=slow", "--regime", "same-runner"])
        .expect_code(0);
    let blocks = finished.records().samples.len() / 2;
    assert!([7, 10, 14].contains(&blocks), "{blocks} blocks");
    assert!(finished.stdout().contains("improved"), "{}", finished.stdout());
}

#[test]
fn a_run_that_was_cut_short_goes_on_with_both_arms_and_decides_at_a_look() {
    let project = project();
    let finished = project
        .run(&["--auto", "--set", "mode=slow", "--baseline-set", "mode=fast", "--regime", "cold"])
        .expect_code(10);
    let path = finished.out.join("records.ndjson");
    let text = fs::read_to_string(&path).unwrap();
    // The run and nine samples: the tenth, of block 5, is missing.
    let kept: String = text.lines().take(10).flat_map(|line| [line, "\n"]).collect();
    fs::write(&path, kept).unwrap();
    let resumed = project.bench(&["run", "--resume", "out"]).output().unwrap();
    assert_eq!(resumed.status.code(), Some(10), "{}", String::from_utf8_lossy(&resumed.stderr));
    let run = load(&project.path("out"));
    assert!([7, 10, 14].contains(&(run.samples.len() / 2)), "{} samples", run.samples.len());
    let ids: BTreeSet<_> = run.samples.iter().map(|(sample, _)| sample.id.clone()).collect();
    assert_eq!(ids.len(), run.samples.len(), "no sample twice");
    assert_eq!(run.end.unwrap().reason, EndReason::Decided);
}

#[test]
fn a_dry_run_says_what_is_compared_and_when_it_looks() {
    let text = project().run(&["--dry-run", "--aa", "--auto"]).stdout();
    assert!(text.contains("baseline: the candidate again, built anew"), "{text}");
    assert!(text.contains("looks after 7, 10, 14, 20 blocks"), "{text}");
    assert!(text.contains("block 20: "), "{text}");
    assert!(text.contains("baseline cold"), "{text}");
}
