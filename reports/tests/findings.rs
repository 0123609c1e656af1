//! Each rule on a run that it is about, and on one that it is not about.

mod common;

use bench_record::{Arm, LoadedRun, Outcome, Regime};
use bench_reports::summary::conclusion;
use common::{
    MS, assert_found, assert_not_found, good, normal, run, sample, set_wall, smallest, summary,
    troubled, with,
};

fn unprobed(run: LoadedRun) -> LoadedRun {
    Regime::ALL.into_iter().fold(run, |run, regime| {
        with(run, regime, |sample| (sample.evidence.hits, sample.evidence.misses) = (None, None))
    })
}

#[test]
fn a_cache_that_works_everywhere_leaves_nothing_to_say() {
    assert_eq!(summary(&good()).findings, Vec::<String>::new());
}

#[test]
fn restored_without_more_hits_than_cold_is_the_headline() {
    assert_eq!(
        summary(&normal()).findings[0],
        "cross-runner: restored 8.3 MB, 0 of 55 hits: no more than cold's own 0"
    );
    assert_not_found(&normal(), "same-runner: restored");
    // Hits inside the cold sample are its own: as many in the warm one prove no reuse, one more does.
    let within = |hits| {
        let run = with(normal(), Regime::Cold, |s| s.evidence.hits = Some(7));
        with(run, Regime::CrossRunner, |s| s.evidence.hits = Some(hits))
    };
    assert_found(&within(7), "7 of 62 hits: no more than cold's own 7");
    assert_not_found(&within(8), "no more than cold's own");
    assert_not_found(
        &with(normal(), Regime::CrossRunner, |s| s.evidence.snapshot_bytes = 0),
        "restored",
    );
}

#[test]
fn restored_without_gain_needs_no_probe() {
    assert_found(
        &unprobed(normal()),
        "cross-runner: restored 8.3 MB, but no difference to cold could be shown (12.3 s against 12.3 s, \
         1.00x; no interval from 5 samples; below 1.10x shows nothing)",
    );
    assert_not_found(&unprobed(good()), "to cold could be shown");
    // Without an interval a ratio below 1.1 is within what noise makes.
    let warm = |ms: u64| with(unprobed(normal()), Regime::CrossRunner, |s| set_wall(s, ms * MS));
    assert_found(&warm(11_500), "11.5 s against 12.3 s, 1.07x");
    assert_not_found(&warm(11_000), "to cold could be shown");
    // Nor is a larger one shown while one warm sample is as slow as a cold one, or the other way round.
    for ms in [11_000, 14_000] {
        let mut run = warm(ms);
        let warm = run.samples.iter_mut().find(|(s, _)| s.regime == Regime::CrossRunner).unwrap();
        set_wall(&mut warm.0, 12_300 * MS);
        assert_found(&run, "no interval from 5 samples; spreads that overlap show nothing)");
    }
    assert_found(&warm(14_000), "it was not faster than cold (14.0 s against 12.3 s");
    // Where a probe explains it, the other rule speaks.
    assert_not_found(&normal(), "to cold could be shown");
    // Hits that changed nothing are a riddle worth naming.
    let riddle = with(normal(), Regime::CrossRunner, |s| s.evidence.hits = Some(55));
    assert_found(&riddle, "cross-runner: restored 8.3 MB and had 55 hits, but no difference");
    let one = with(normal(), Regime::CrossRunner, |s| s.evidence.hits = Some(1));
    assert_found(&one, "restored 8.3 MB and had 1 hit, but");
}

#[test]
fn with_enough_blocks_the_interval_decides() {
    let run = |warm: u64| {
        let mut run = run(&[Regime::Cold, Regime::CrossRunner], 7);
        for block in 1..=7 {
            let drift = u64::from(block) * 100;
            run.samples.push(sample(Regime::Cold, block, &[10_000 + drift]));
            run.samples.push(sample(Regime::CrossRunner, block, &[warm + drift]));
        }
        unprobed(run)
    };
    // 5 % in every block is a difference, however large the drift from block to block.
    assert_not_found(&run(9_500), "cold (");
    assert_found(&run(10_000), "it was not faster than cold");
    assert_found(&run(10_000), "1.00x; interval 1.00x to 1.00x)");
    assert_found(&run(10_500), "not faster than cold");
    let speedup = summary(&run(9_500)).regimes[1].speedup.unwrap();
    assert!(speedup.low.unwrap() > 1.04 && speedup.high.unwrap() < 1.06, "{speedup:?}");
    assert_eq!(summary(&normal()).regimes[1].speedup.unwrap().low, None);
}

#[test]
fn same_runner_only_is_said_when_another_runner_gains_nothing() {
    let sentence = "the cache works on the same runner (12.3 s -> 0.93 s) but that could not be shown on another one (12.3 s)";
    assert_found(&normal(), sentence);
    assert_not_found(&good(), "on another one");
    let neither = with(normal(), Regime::SameRunner, |s| set_wall(s, 12_300 * MS));
    assert_not_found(&neither, "on another one");
    let slower = with(normal(), Regime::CrossRunner, |s| set_wall(s, 20_000 * MS));
    assert_found(&slower, "-> 0.93 s) but not on another one (20.0 s)");
    // Six blocks in which the other runner is mostly faster than the same one, and once as slow as cold.
    let mut run = run(&[Regime::Cold, Regime::SameRunner, Regime::CrossRunner], 6);
    for block in 1..=6 {
        run.samples.push(sample(Regime::Cold, block, &[10_000]));
        run.samples.push(sample(Regime::SameRunner, block, &[9_000]));
        let other = if block == 3 { 11_000 } else { 5_000 };
        run.samples.push(sample(Regime::CrossRunner, block, &[other]));
    }
    assert_found(&run, "cross-runner: restored 8.3 MB");
    assert_not_found(&run, "works on the same runner");
}

#[test]
fn a_cache_that_cold_left_empty_is_named() {
    let empty = with(normal(), Regime::Cold, |s| {
        let cache = s.caches.get_mut("ccache").unwrap();
        (cache.files, cache.bytes) = (0, 0);
    });
    assert_found(&empty, "cold: cache `ccache` saved nothing: no file in it after 5 samples");
    assert_not_found(&normal(), "saved nothing");
    assert_not_found(&smallest(), "saved nothing");
}

#[test]
fn a_transfer_that_takes_what_it_saves_is_named() {
    let restore = |ms: u64| {
        with(good(), Regime::CrossRunner, |s| {
            s.caches.get_mut("ccache").unwrap().restore_ns = Some(ms * MS);
        })
    };
    assert_found(
        &restore(20_000),
        "cross-runner: the transfer eats the saving: 11.3 s saved, 20.0 s to restore",
    );
    assert_not_found(&restore(10_000), "eats the saving");
    assert!(conclusion(&summary(&restore(20_000))).contains("restoring it takes longer"));
}

#[test]
fn unproven_samples_are_counted_with_their_reasons() {
    assert_found(
        &troubled(),
        "same-runner: 1 of 4 samples unproven and in no estimate: `no bytes were restored`",
    );
    assert_not_found(&normal(), "unproven");
    let all = with(normal(), Regime::SameRunner, |s| {
        s.outcome = Outcome::Unproven;
        s.reason = Some(format!("reason {}", s.block % 2));
    });
    assert_found(
        &all,
        "5 of 5 samples unproven and in no estimate: `reason 1` (3 times), `reason 0` (2 times)",
    );
    assert_eq!(summary(&all).regimes[1].wall_s, None);
    assert_eq!(summary(&all).regimes[1].speedup, None);
}

#[test]
fn failed_examples_and_failed_samples_are_named() {
    assert_found(&troubled(), "1 example failed: `Servo` in 1 sample of cold (`exit code 1`)");
    assert_found(
        &troubled(),
        "1 sample failed: cross-runner: `phase 'setup' ran into its time-out of 5m`",
    );
    assert_not_found(&normal(), "failed");
}

#[test]
fn other_times_of_a_sample_with_a_failed_example_still_count_for_their_examples() {
    let run = troubled();
    let summary = summary(&run);
    assert_eq!(summary.examples[2].outcome, Outcome::Failed);
    assert_eq!(summary.examples[2].reason.as_deref(), Some("exit code 1"));
    // Cold of blocks 1 to 4, the failed one included: 8.0, 8.3, 8.1, 8.4.
    assert_eq!(summary.examples[0].cold_s, Some(8.2));
    // The sample's total does not count: 12.1, 12.4, 12.5 remain.
    assert_eq!(summary.regimes[0].wall_s.map(|wall| wall.median), Some(12.4));
}

#[test]
fn a_warm_output_that_differs_from_cold_is_named() {
    let digest = |regime, text: Option<&'static str>| {
        with(normal(), regime, move |s| s.output_digest = text.map(str::to_owned))
    };
    assert_found(
        &digest(Regime::SameRunner, Some("d2")),
        "warm output differs from cold: same-runner in 5 of 5 samples",
    );
    assert_found(&digest(Regime::CrossRunner, None), "differs from cold: cross-runner in 5 of 5");
    assert_not_found(&normal(), "output");
    let unstable = with(normal(), Regime::Cold, |s| s.output_digest = Some(s.block.to_string()));
    assert_found(&unstable, "outputs of cold samples differ from each other (5 kinds)");
    assert_not_found(&unstable, "warm output differs");
}

#[test]
fn a_run_without_its_end_or_its_samples_is_incomplete() {
    assert!(summary(&normal()).complete);
    assert_not_found(&normal(), "incomplete");
    assert!(!summary(&troubled()).complete);
    assert_found(&troubled(), "the run is incomplete: 12 of 15 planned samples, it was cut short");
    let mut stopped = normal();
    stopped.end.as_mut().unwrap().reason = bench_record::EndReason::MaxFailures;
    assert_found(&stopped, "15 of 15 planned samples, it ended with `max-failures`");
    let mut one_missing = normal();
    one_missing.samples.pop();
    assert!(!summary(&one_missing).complete);
    assert_found(&one_missing, "14 of 15 planned samples, it ended with `done`");
    // No job can go on with a merged run.
    let mut merged = one_missing;
    merged.end = None;
    merged.run.parts = vec![bench_record::Part {
        run: merged.run.id.clone(),
        started: merged.run.started,
        blocks: (1..=5).collect(),
        stage: None,
        snapshot_key: None,
        host: merged.run.host.clone(),
        shares: bench_record::TimeShares::default(),
    }];
    assert_found(&merged, "parts are missing (hint: `bench plan --missing RUN`)");
    assert_not_found(&merged, "--resume");
}

#[test]
fn torn_lines_and_orphans_are_counted() {
    assert_found(&troubled(), "skipped 312 bytes of a torn line: no finished sample is lost");
    assert_not_found(&normal(), "skipped");
    let mut orphans = normal();
    orphans.orphans = 2;
    assert_found(&orphans, "skipped 2 example lines of a sample that was never finished");
}

#[test]
fn a_first_example_that_pays_for_all_is_named() {
    let sentence = "the first example dominates: 8.20 s against 2.05 s (cold), 0.66 s against 0.14 s \
                    (same-runner), 8.25 s against 2.05 s (cross-runner) for each later one";
    assert_found(&normal(), sentence);
    assert_not_found(&good(), "first example");
}

#[test]
fn disturbances_are_named_with_their_size() {
    assert_not_found(&normal(), "noise");
    let steal = with(normal(), Regime::Cold, |s| s.noise.steal_ns = Some(s.wall_ns / 10));
    assert_found(&steal, "noise: 5.0 % of the CPU time was stolen");
    let little = with(normal(), Regime::Cold, |s| s.noise.steal_ns = Some(s.wall_ns / 1_000));
    assert_not_found(&little, "noise");
    let io = with(normal(), Regime::Cold, |s| s.noise.pressure.io_ns = Some(s.wall_ns / 2));
    assert_found(&io, "tasks waited for I/O 50 % of the time");
    let memory =
        with(normal(), Regime::Cold, |s| s.noise.pressure.memory_ns = Some(s.wall_ns / 10));
    assert_found(&memory, "tasks waited for memory 10 % of the time");
    let cpu = with(normal(), Regime::Cold, |s| s.noise.pressure.cpu_ns = Some(s.wall_ns / 2));
    assert_not_found(&cpu, "noise");
    let cpu = with(normal(), Regime::Cold, |s| s.noise.pressure.cpu_ns = Some(s.wall_ns));
    assert_found(&cpu, "tasks waited for a CPU 100 % of the time");
    let load = |load| with(normal(), Regime::Cold, move |s| s.noise.load_before = Some(load));
    assert_found(&load(4.0), "load 4.0 on 2 cores before samples");
    assert_not_found(&load(2.0), "noise");
}

#[test]
fn an_own_share_of_five_percent_is_too_much() {
    let own = |ms: u64| {
        let mut run = normal();
        let shares = &mut run.end.as_mut().unwrap().shares;
        shares.commands_ns = shares.wall_ns - ms * MS;
        (shares.transfer_ns, shares.layout_ns) = (0, 0);
        run
    };
    assert_found(&own(5_000), "5.0 % of the run's wall time was neither a command");
    assert_not_found(&own(4_900), "wall time");
    assert_eq!(summary(&own(4_900)).harness_share, Some(0.049));
}

#[test]
fn a_hot_regime_keeps_rather_than_restores() {
    let mut run = run(&[Regime::Cold, Regime::Hot], 1);
    run.samples.push(sample(Regime::Cold, 1, &[1_000]));
    let (mut hot, examples) = sample(Regime::Hot, 1, &[990]);
    hot.evidence.hits = Some(0);
    run.samples.push((hot, examples));
    assert_found(&run, "hot: kept 8.3 MB, 0 of 0 hits");
}

#[test]
fn both_arms_are_summarised_and_told_apart() {
    let mut run = normal();
    let mut arm = run.run.arms[0].clone();
    arm.arm = Arm::Baseline;
    run.run.arms.push(arm);
    assert!(!summary(&run).complete);
    for (mut sample, examples) in run.samples.clone() {
        sample.arm = Arm::Baseline;
        sample.id = bench_record::SampleId(sample.id.as_str().replace("candidate", "baseline"));
        let wall = sample.wall_ns * 2;
        set_wall(&mut sample, wall);
        run.samples.push((sample, examples));
    }
    let summary = summary(&run);
    assert!(summary.complete);
    let order: Vec<_> = summary.regimes.iter().map(|r| (r.regime, r.arm)).collect();
    assert_eq!(order[..2], [(Regime::Cold, Arm::Candidate), (Regime::Cold, Arm::Baseline)]);
    // Each arm is compared with its own cold.
    assert_eq!(summary.regimes[2].speedup, summary.regimes[3].speedup);
    assert!(summary.findings.iter().any(|f| f.starts_with("cross-runner (baseline): restored")));
    // Examples are the candidate's.
    assert_eq!(summary.examples[0].cold_s, Some(8.2));
}

#[test]
fn what_is_unknown_is_null_and_never_zero() {
    let summary = summary(&smallest());
    let cold = &summary.regimes[0];
    assert_eq!((cold.hits, cold.misses, cold.cache), (None, None, None));
    assert_eq!((cold.first_example_s, cold.net_saving_s), (None, None));
    assert_eq!(cold.wall_s.unwrap().level, None);
}

#[test]
fn only_measured_phases_are_estimated_and_restore_is_paid() {
    let summary = summary(&normal());
    assert_eq!(summary.regimes[0].phases.keys().collect::<Vec<_>>(), ["compile"]);
    let net = summary.regimes[1].net_saving_s.unwrap();
    assert!((net - (12.3 - 0.93)).abs() < 1e-9, "{net}");
    let net = summary.regimes[2].net_saving_s.unwrap();
    assert!((net - (12.3 - 12.35 - 0.04)).abs() < 0.06, "{net}");
}

#[test]
fn no_difference_is_stated_where_it_is_shown_and_nowhere_else() {
    let run = |warm: [u64; 7]| {
        let mut run = run(&[Regime::Cold, Regime::CrossRunner], 7);
        for (block, warm) in (1..=7).zip(warm) {
            run.samples.push(sample(Regime::Cold, block, &[38]));
            run.samples.push(sample(Regime::CrossRunner, block, &[warm]));
        }
        unprobed(run)
    };
    // The interval of the ratio spans a factor of twenty: nothing is known.
    let unknown = run([7, 26, 26, 26, 140, 38, 20]);
    let sentence = conclusion(&summary(&unknown));
    assert!(
        sentence.contains(
            "makes no difference that could be shown (38 ms -> 26 ms; interval 0.27x to 5.43x)"
        ),
        "{sentence}"
    );
    assert_found(&unknown, "but no difference to cold could be shown (26 ms against 38 ms");
    assert_not_found(&unknown, "not faster");
    // Within the margin of 5 % around 1 it is shown.
    let same = run([38, 39, 38, 37, 38, 38, 38]);
    let sentence = conclusion(&summary(&same));
    assert!(sentence.contains("makes no difference (38 ms -> 38 ms)"), "{sentence}");
    assert_found(&same, "but it was not faster than cold");
}

#[test]
fn a_cache_that_stayed_on_its_runner_was_kept_not_restored() {
    let run = with(unprobed(normal()), Regime::SameRunner, |s| set_wall(s, 12_300 * MS));
    assert_found(&run, "same-runner: kept 8.3 MB, but no difference");
    assert_found(&run, "cross-runner: restored 8.3 MB");
}
