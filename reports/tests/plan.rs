//! What was planned and whether it is there: runs that end early, arms without a cache, regimes left out.

mod common;

use std::collections::BTreeMap;

use bench_record::{Arm, ArmInfo, EndReason, LoadedRun, Regime, SampleId, Summary};
use bench_reports::summary::conclusion;
use common::{normal, run, sample, smallest, summary};

fn finding<'a>(summary: &'a Summary, part: &str) -> Option<&'a String> {
    summary.findings.iter().find(|finding| finding.contains(part))
}

/// `normal` as a run that might have had twenty blocks.
fn ended(reason: EndReason) -> LoadedRun {
    let mut run = normal();
    run.run.options.blocks = 20;
    run.run.options.auto = true;
    run.end.as_mut().unwrap().reason = reason;
    run
}

#[test]
fn a_run_that_decided_early_is_complete_and_says_so() {
    let decided = summary(&ended(EndReason::Decided));
    assert!(decided.complete);
    assert_eq!(
        finding(&decided, "ended after").unwrap(),
        "the run ended after 5 of at most 20 blocks: a look had decided (`--auto`)"
    );
    assert_eq!(finding(&decided, "incomplete"), None);
    let mut budget = ended(EndReason::Budget);
    budget.run.options.budget_ns = Some(1_800_000_000_000);
    let budget = summary(&budget);
    assert!(budget.complete);
    assert_eq!(
        finding(&budget, "ended after").unwrap(),
        "the run ended after 5 of at most 20 blocks: another block would not have ended within the budget of \
         30 min (`--budget`)"
    );
    // Done means every block.
    let done = summary(&ended(EndReason::Done));
    assert!(!done.complete);
    assert!(finding(&done, "15 of 60 planned samples, it ended with `done`").is_some());
    assert_eq!(finding(&done, "ended after"), None);
}

#[test]
fn a_run_that_ended_early_inside_a_block_is_incomplete() {
    let mut run = ended(EndReason::Decided);
    run.samples.pop();
    let summary_of = summary(&run);
    assert!(!summary_of.complete);
    assert!(finding(&summary_of, "14 of 15 planned samples, it ended with `decided`").is_some());
    assert_eq!(finding(&summary_of, "ended after"), None);
    run.samples.clear();
    assert!(!summary(&run).complete);
}

#[test]
fn a_run_that_may_end_early_and_was_cut_short_does_not_know_how_many_were_planned() {
    let mut run = ended(EndReason::Done);
    run.end = None;
    assert!(
        finding(&summary(&run), "15 of at most 60 planned samples, it was cut short").is_some()
    );
}

#[test]
fn the_last_block_of_an_automatic_run_is_no_early_end() {
    let mut run = ended(EndReason::Decided);
    run.run.options.blocks = 5;
    let summary = summary(&run);
    assert!(summary.complete);
    assert_eq!(finding(&summary, "ended after"), None);
}

/// The baseline has no cache: it is measured cold and nothing else.
fn without_cache() -> LoadedRun {
    let mut run = normal();
    let params = BTreeMap::from([("launcher".to_owned(), "none".to_owned())]);
    run.run.arms.push(ArmInfo { arm: Arm::Baseline, params, ..run.run.arms[0].clone() });
    for block in 1..=5 {
        let (mut cold, examples) = sample(Regime::Cold, block, &[9_000]);
        cold.arm = Arm::Baseline;
        cold.id = SampleId(format!("b{block:03}-baseline-cold"));
        cold.caches.clear();
        run.samples.push((cold, examples));
    }
    run
}

#[test]
fn an_arm_without_a_cache_lacks_no_warm_samples() {
    let run = without_cache();
    let summary_of = summary(&run);
    assert!(summary_of.complete, "{:?}", summary_of.findings);
    let baseline: Vec<Regime> = summary_of
        .regimes
        .iter()
        .filter(|regime| regime.arm == Arm::Baseline)
        .map(|regime| regime.regime)
        .collect();
    assert_eq!(baseline, [Regime::Cold]);
    // A cold sample of it that is not there is missing.
    let mut missing = run.clone();
    missing.samples.pop();
    assert!(finding(&summary(&missing), "19 of 20 planned samples").is_some());
    // An arm that differs by its source alone has caches, and its warm samples are missing.
    let mut source = run;
    source.run.arms[1].params.clear();
    assert!(finding(&summary(&source), "20 of 30 planned samples").is_some());
}

#[test]
fn a_run_without_any_cache_says_why_it_measured_only_cold() {
    let found = summary(&smallest());
    let why = "no cache is active under these params, so only cold was measured";
    assert_eq!(found.findings, [why]);
    assert!(conclusion(&found).contains("no cache is active"));
    // Only cold was asked for: then nothing has to be explained.
    let mut cold = run(&[Regime::Cold], 1);
    cold.samples.push(sample(Regime::Cold, 1, &[1_000]));
    let found = summary(&cold);
    assert_eq!(finding(&found, why), None);
    assert!(conclusion(&found).contains("no warm regime was measured"), "{}", conclusion(&found));
}

#[test]
fn warm_regimes_without_cold_are_no_failure_of_cold() {
    let mut hot = run(&[Regime::Hot], 1);
    hot.samples.push(sample(Regime::Hot, 1, &[800]));
    assert_eq!(
        conclusion(&summary(&hot)),
        "On this machine with a cache left as it is, with daemons alive, `compile` takes 0.80 s; cold was not \
         measured, so this run does not say what the cache is worth (hint: measure cold too)."
    );
    let mut warm = run(&[Regime::SameRunner, Regime::CrossRunner], 1);
    warm.samples.push(sample(Regime::SameRunner, 1, &[900]));
    assert_eq!(
        conclusion(&summary(&warm)),
        "On this machine with a cache restored to the same runner, `compile` takes 0.90 s; with a cache \
         restored to another runner: it was not measured; cold was not measured, so this run does not say \
         what the cache is worth (hint: measure cold too)."
    );
    let mut failed = normal();
    for (sample, _) in &mut failed.samples {
        if sample.regime == Regime::Cold {
            sample.outcome = bench_record::Outcome::Failed;
        }
    }
    assert!(conclusion(&summary(&failed)).starts_with("No cold sample ended well"));
}
