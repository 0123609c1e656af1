//! Whether it was the cache: each rule on a run that it is about, and on those that it must leave alone.

mod common;

use bench_record::{LoadedRun, PhaseTime, ProbeReading, Regime, Sample, Usage};
use common::{
    MS, assert_found, assert_not_found, good, normal, run, sample, set_wall, summary, troubled,
    with,
};

fn all(run: LoadedRun, change: impl Fn(&mut Sample)) -> LoadedRun {
    Regime::ALL.into_iter().fold(run, |run, regime| with(run, regime, &change))
}

/// Faster on another runner without a hit.
fn faster_without_hits() -> LoadedRun {
    let run = with(normal(), Regime::CrossRunner, |s| set_wall(s, 6_000 * MS));
    all(run, |s| {
        let (hits, misses) = (s.evidence.hits, s.evidence.misses);
        let reading = ProbeReading { hits, misses, ..ProbeReading::default() };
        s.evidence.probes.insert("ccache".to_owned(), reading);
    })
}

const NOT_COUNTED: &str = "cross-runner: faster than cold (12.3 s -> 6.00 s) with no more hits than cold's \
                           own: what made it faster is not what the probes count";

#[test]
fn faster_without_a_hit_is_not_the_caches_doing() {
    assert_found(&faster_without_hits(), NOT_COUNTED);
    let part = "not what the probes count";
    // With hits, without a gain, without any probe: nothing to doubt.
    let hits = with(faster_without_hits(), Regime::CrossRunner, |s| s.evidence.hits = Some(1));
    assert_not_found(&hits, part);
    assert_not_found(&normal(), part);
    assert_not_found(&all(faster_without_hits(), |s| s.evidence.probes.clear()), part);
    // A second cache that no probe speaks for may be what saved the time; with a probe of its own it did not.
    let second = all(faster_without_hits(), |s| {
        let cache = s.caches["ccache"].clone();
        s.caches.insert("registry".to_owned(), cache);
    });
    assert_not_found(&second, part);
    let probed = all(second, |s| {
        let reading = s.evidence.probes["ccache"].clone();
        s.evidence.probes.insert("registry".to_owned(), reading);
    });
    assert_found(&probed, part);
}

#[test]
fn a_hot_regime_may_be_faster_by_its_daemons() {
    let mut run = run(&[Regime::Cold, Regime::Hot], 1);
    run.samples.push(sample(Regime::Cold, 1, &[1_000]));
    run.samples.push(sample(Regime::Hot, 1, &[100]));
    let run = all(run, |s| {
        s.evidence.hits = Some(0);
        s.evidence.probes.insert("ccache".to_owned(), ProbeReading::default());
    });
    assert_not_found(&run, "not what the probes count");
}

fn setup(sample: &mut Sample, ms: u64) {
    sample.phases[0].wall_ns = ms * MS;
}

#[test]
fn a_difference_in_a_phase_that_does_not_count_is_named() {
    // Another runner: compile 12.3 s -> 12.35 s, setup 30 s -> 5 s.
    let run = with(normal(), Regime::Cold, |s| setup(s, 30_000));
    let run = with(run, Regime::SameRunner, |s| setup(s, 30_000));
    let run = with(run, Regime::CrossRunner, |s| setup(s, 5_000));
    assert_found(
        &run,
        "cross-runner: the largest difference from cold lies in phase `setup`, which is not measured (30.0 s \
         -> 5.00 s; what is measured: 12.3 s -> 12.3 s)",
    );
    let part = "which is not measured";
    assert_not_found(&normal(), part);
    // Less than 10 % of the cold time is not worth a word: 1.2 s of 12.3 s.
    let little = with(run.clone(), Regime::CrossRunner, |s| setup(s, 28_800));
    assert_not_found(&little, part);
    // Blocks that point both ways are noise.
    let noise = with(run.clone(), Regime::CrossRunner, |s| {
        setup(s, if s.block == 1 { 31_000 } else { 5_000 });
    });
    assert_not_found(&noise, part);
    // A measured difference that is larger is the result.
    let larger = with(run, Regime::CrossRunner, |s| {
        setup(s, 25_000);
        set_wall(s, 1_000 * MS);
    });
    assert_not_found(&larger, part);
}

#[test]
fn a_slow_side_on_a_disturbed_machine_is_named() {
    let part = "part of the difference is the machine's";
    for run in [normal(), good(), troubled()] {
        assert_not_found(&run, part);
    }
    // Cold 12.3 s, same-runner 0.93 s: a fifth of the difference is 2.27 s. Two cores, so 4.55 s of steal.
    let steal = |ms: u64| with(normal(), Regime::Cold, move |s| s.noise.steal_ns = Some(ms * MS));
    let both = |ms: u64| all(normal(), move |s| s.noise.steal_ns = Some(ms * MS));
    let zero = |run| with(run, Regime::SameRunner, |s| s.noise.steal_ns = Some(0));
    assert_found(
        &zero(steal(5_000)),
        "same-runner against cold: the slower of the two, cold, had 5.00 s more stolen by the hypervisor",
    );
    assert_not_found(&zero(steal(4_000)), part);
    // What was stolen while an unmeasured phase ran took nothing: 12.3 s of 36.9 s leave 1.67 s of 5 s.
    let elsewhere = with(zero(steal(5_000)), Regime::Cold, |s| setup(s, s.wall_ns * 2 / MS));
    assert_not_found(&elsewhere, part);
    let mut unknown = zero(steal(5_000));
    unknown.run.host.cores = None;
    assert_not_found(&unknown, part);
    // As much on either side, or unknown on one: no reason to doubt the difference.
    assert_not_found(&both(5_000), part);
    assert_not_found(&steal(5_000), part);
    let memory = |ms: u64| {
        let run = all(normal(), |s| s.noise.pressure.memory_ns = Some(0));
        with(run, Regime::Cold, move |s| s.noise.pressure.memory_ns = Some(ms * MS))
    };
    assert_found(&memory(2_500), "had 2.50 s more of waiting for memory");
    assert_not_found(&memory(2_000), part);
    let load = |load: f64| {
        let run = all(normal(), |s| s.noise.load_before = Some(0.5));
        with(run, Regime::Cold, move |s| s.noise.load_before = Some(load))
    };
    assert_found(&load(3.6), "a load 3.1 higher before its samples");
    // What a build on two cores leaves behind.
    assert_not_found(&load(2.5), part);
    // The fast side disturbed: the difference is larger than it looks, not smaller.
    let fast = all(normal(), |s| s.noise.load_before = Some(0.5));
    let fast = with(fast, Regime::SameRunner, |s| s.noise.load_before = Some(9.0));
    assert_not_found(&fast, part);
}

#[test]
fn the_slower_side_can_be_the_warm_one() {
    let run = with(normal(), Regime::CrossRunner, |s| {
        set_wall(s, 20_000 * MS);
        s.noise.load_before = Some(8.0);
    });
    let run = with(run, Regime::Cold, |s| s.noise.load_before = Some(0.0));
    assert_found(
        &run,
        "cross-runner against cold: the slower of the two, cross-runner, had a load 8.0",
    );
}

#[test]
fn the_difference_is_shared_out_among_the_measured_phases() {
    let two = |run: LoadedRun, regime, sync: u64, test: u64| {
        with(run, regime, move |s| {
            set_wall(s, test * MS);
            s.wall_ns = (sync + test) * MS;
            s.phases.push(PhaseTime {
                name: "sync".to_owned(),
                measured: true,
                wall_ns: sync * MS,
                usage: Usage::default(),
                ..s.phases[1].clone()
            });
        })
    };
    let run = two(normal(), Regime::Cold, 10_000, 5_000);
    let run = two(run, Regime::SameRunner, 1_000, 4_000);
    let run = two(run, Regime::CrossRunner, 10_000, 5_000);
    let summary = summary(&run);
    // Of 10 s of difference 9 s in sync, 1 s in compile.
    let share = |at: usize, phase: &str| summary.regimes[at].phases[phase].difference_share;
    assert_eq!((share(1, "sync"), share(1, "compile")), (Some(0.9), Some(0.1)));
    // Cold itself, and a regime that does not differ, have nothing to share out.
    assert_eq!((share(0, "sync"), share(2, "sync")), (None, None));
    let text = common::render(bench_reports::report::ReportFormat::Terminal, &run, 80, false);
    assert!(
        text.contains("Where the difference from cold lies: same-runner: `sync` 90 %,"),
        "{text}"
    );
}
