//! Runs whose cross-runner samples were taken by another job: what the report says and what it must not make up.

mod common;

use bench_record::{
    Gate, GateRule, GateVerdict, KeyMatch, LoadedRun, Part, Regime, RestoreTime, RunId,
    SnapshotForm, SnapshotUse, Stage, StageOptions, TimeShares,
};
use common::{MS, run, sample, summary};

fn seed(restore: RestoreTime, run: &str) -> SnapshotUse {
    SnapshotUse {
        run: RunId(run.to_owned()),
        key: "bench-snapshot-1-x".to_owned(),
        matched: KeyMatch::Exact,
        form: SnapshotForm::Tree,
        restore,
        same_boot: Some(false),
        changed_mtimes: 0,
        changed_modes: 0,
    }
}

fn part(run: &LoadedRun, id: &str, stage: Stage, cpu: &str) -> Part {
    let mut host = run.run.host.clone();
    host.cpu = Some(cpu.to_owned());
    Part {
        run: RunId(id.to_owned()),
        started: run.run.started,
        blocks: (1..=6).collect(),
        stage: Some(stage),
        snapshot_key: Some("bench-snapshot-1-x".to_owned()),
        host,
        shares: TimeShares::default(),
    }
}

/// Six blocks of 10 s cold and 2 s with a seed that a cache step restored in 1 s, or in a time that nobody knows.
fn staged(restore: RestoreTime) -> LoadedRun {
    let mut run = run(&[Regime::Cold, Regime::CrossRunner], 6);
    for block in 1..=6 {
        let (mut cold, examples) = sample(Regime::Cold, block, &[10_000]);
        cold.caches.get_mut("ccache").unwrap().save_ns = Some(500 * MS);
        run.samples.push((cold, examples));
        let (mut warm, examples) = sample(Regime::CrossRunner, block, &[2_000]);
        let cache = warm.caches.get_mut("ccache").unwrap();
        cache.archive_bytes = None;
        cache.restore_ns = (restore == RestoreTime::Given).then_some(1_000 * MS);
        warm.evidence.snapshot = Some(seed(restore, "prime"));
        run.samples.push((warm, examples));
    }
    run.run.parts = vec![
        part(&run, "prime", Stage::Prime, "one"),
        part(&run, "measure", Stage::Measure, "one"),
    ];
    run
}

fn said(run: &LoadedRun, text: &str) -> bool {
    summary(run).findings.iter().any(|finding| finding.contains(text))
}

#[test]
fn a_restore_time_that_was_given_counts_and_one_that_nobody_knows_is_no_zero() {
    let known = summary(&staged(RestoreTime::Given));
    let economics = known.regimes.iter().find_map(|regime| regime.economics).unwrap();
    assert!((economics.hit_saves_s.value - 7.0).abs() < 1e-9, "10 - 1 - 2");
    assert!((economics.miss_costs_s.unwrap().value - 0.5).abs() < 1e-9);

    let unknown = summary(&staged(RestoreTime::Unknown));
    let cross = unknown.regimes.iter().find(|r| r.regime == Regime::CrossRunner).unwrap();
    assert!(cross.economics.is_none(), "nobody knows what a hit saves: {:?}", cross.economics);
    assert_eq!((cross.net_saving_s, cross.cache.unwrap().restore_s), (None, None));
    assert!(cross.wall_s.is_some());
}

#[test]
fn a_gate_on_the_restore_is_not_judged_by_a_time_that_nobody_knows() {
    for rule in [GateRule::MaxRestoreSeconds(5.0), GateRule::MaxNetLossSeconds(0.0)] {
        let gate = Gate { regime: Some(Regime::CrossRunner), phase: None, examples: None, rule };
        let verdict = |restore| {
            let mut run = staged(restore);
            run.run.gates = vec![gate.clone()];
            summary(&run).gates[0].clone()
        };
        assert_eq!(verdict(RestoreTime::Given).verdict, GateVerdict::Ok, "{rule:?}");
        let unknown = verdict(RestoreTime::Unknown);
        assert_eq!(unknown.verdict, GateVerdict::Inconclusive, "{rule:?}");
        assert!(unknown.reason.unwrap().contains("--restore-seconds"));
    }
}

#[test]
fn what_a_ratio_contains_besides_the_cache_is_said() {
    let run = staged(RestoreTime::Given);
    for text in ["another job", "different", "cache step changed", "contains the difference"] {
        assert!(!said(&run, text), "{text}");
    }
    let mut unlike = run.clone();
    unlike.run.parts[1] = part(&run, "measure", Stage::Measure, "two");
    assert!(said(
        &unlike,
        "cold and same-runner ran on `one`, 2 CPUs, cross-runner on `two`, 2 CPUs"
    ));

    let mut changed = run.clone();
    changed.samples[1].0.evidence.snapshot.as_mut().unwrap().changed_mtimes = 3;
    assert!(said(&changed, "the cache step changed modification times of 3 files and directories"));

    // The cold samples are of one prime, the snapshot is of another one.
    let mut other = run.clone();
    other.samples[1].0.evidence.snapshot = Some(seed(RestoreTime::Given, "another"));
    assert!(said(&other, "1 of 6 samples started from the snapshot of another job"));
}

#[test]
fn a_job_of_one_stage_is_complete_with_its_own_samples() {
    for (stage, own) in [(Stage::Prime, Regime::Cold), (Stage::Measure, Regime::CrossRunner)] {
        let mut run = staged(RestoreTime::Given);
        run.run.parts.clear();
        run.samples.retain(|(sample, _)| sample.regime == own);
        assert!(!summary(&run).complete, "without the stage half of it is missing");
        run.run.options.stage = Some(StageOptions {
            stage,
            snapshots: "snapshots".to_owned(),
            key: "bench-snapshot-1-x".to_owned(),
            form: None,
            matched_key: None,
            restore_ns: std::collections::BTreeMap::new(),
        });
        assert!(summary(&run).complete, "{stage}");
        run.samples.pop();
        assert!(!summary(&run).complete, "{stage}");
    }
}
