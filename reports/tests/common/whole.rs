//! Whole runs: what a project might have measured.

use bench_record::{Evidence, Example, LoadedRun, Outcome, Regime};

use super::{MS, run, sample, set_wall};

/// Three regimes, five blocks, three examples: the cache works on the same runner only.
pub(crate) fn normal() -> LoadedRun {
    let mut run = run(&[Regime::Cold, Regime::SameRunner, Regime::CrossRunner], 5);
    for (block, extra) in (1..=5).zip([0, 300, 100, 400, 200]) {
        run.samples.push(sample(Regime::CrossRunner, block, &[8_050 + extra, 2_000, 2_100]));
        run.samples.push(sample(Regime::Cold, block, &[8_000 + extra, 2_100, 2_000]));
        run.samples.push(sample(Regime::SameRunner, block, &[640 + extra / 10, 150, 120]));
    }
    run
}

/// All regimes in seven blocks with two measured phases: the cache works everywhere, at a price.
pub(crate) fn long() -> LoadedRun {
    let regimes = [Regime::Cold, Regime::SameRunner, Regime::CrossRunner, Regime::Hot];
    let mut run = run(&regimes, 7);
    run.run.phases = vec!["sync".to_owned(), "compile".to_owned()];
    for block in 1..=7 {
        let drift = u64::from(block * 3 % 7) * 40;
        for (regime, sync, ms) in [
            (Regime::Cold, 4_000, [8_000 + drift, 2_100, 2_000 + drift, 1_900, 900, 700]),
            (Regime::SameRunner, 500, [900 + drift, 200, 210, 190, 180, 170]),
            (Regime::CrossRunner, 600, [1_400 + drift, 300, 310, 290, 280, 270]),
            (Regime::Hot, 400, [700 + drift, 150, 160, 150, 140, 130]),
        ] {
            let (mut sample, examples) = sample(regime, block, &ms);
            let mut phase = sample.phases[1].clone();
            "sync".clone_into(&mut phase.name);
            phase.wall_ns = sync * MS;
            sample.wall_ns += phase.wall_ns;
            sample.phases.insert(1, phase);
            if regime != Regime::Cold {
                (sample.evidence.hits, sample.evidence.misses) = (Some(55), Some(0));
            }
            if regime == Regime::CrossRunner {
                let cache = sample.caches.get_mut("ccache").expect("the builder adds it");
                cache.restore_ns = Some((900 + u64::from(block) * 10) * MS);
            }
            run.samples.push((sample, examples));
        }
    }
    run
}

/// The same with a cache that works everywhere.
pub(crate) fn good() -> LoadedRun {
    let mut run = normal();
    for (sample, examples) in &mut run.samples {
        if sample.regime == Regime::CrossRunner {
            set_wall(sample, 1_000 * MS);
            (sample.evidence.hits, sample.evidence.misses) = (Some(55), Some(0));
        }
        for example in examples {
            example.wall_ns = 300 * MS;
        }
    }
    run
}

/// One cold sample, no cache, no example, no probe.
pub(crate) fn smallest() -> LoadedRun {
    let mut run = run(&[Regime::Cold], 1);
    run.run.params.clear();
    run.run.caches.clear();
    let (mut sample, _) = sample(Regime::Cold, 1, &[]);
    set_wall(&mut sample, 38 * MS);
    sample.caches.clear();
    sample.evidence = Evidence { empty_at_start: true, ..Evidence::default() };
    sample.output_digest = None;
    run.samples.push((sample, Vec::new()));
    run
}

/// An unproven, a failed and a timed-out sample among good ones, and an end that was not reached.
pub(crate) fn troubled() -> LoadedRun {
    let mut run = normal();
    for (sample, examples) in &mut run.samples {
        match (sample.regime, sample.block) {
            (Regime::SameRunner, 2) => {
                sample.outcome = Outcome::Unproven;
                sample.reason = Some("no bytes were restored".to_owned());
                sample.evidence.contradictions = vec!["no bytes were restored".to_owned()];
            }
            (Regime::Cold, 3) => {
                sample.outcome = Outcome::Failed;
                sample.reason = Some("phase `compile`: example `Servo`: exit code 1".to_owned());
                examples[2].outcome = Outcome::Failed;
                examples[2].reason = Some("exit code 1".to_owned());
            }
            (Regime::CrossRunner, 4) => {
                sample.outcome = Outcome::TimedOut;
                sample.reason = Some("phase `setup` ran into its time-out of 5m".to_owned());
                examples.clear();
            }
            _ => {}
        }
    }
    run.samples.retain(|(sample, _)| sample.block < 5);
    run.end = None;
    run.torn_bytes = 312;
    run
}

/// A run of a real project's size: every regime in every block, each with this many examples.
pub(crate) fn large(examples: u32, blocks: u32) -> LoadedRun {
    let mut run = run(&Regime::ALL, blocks);
    run.run.examples = Some(examples);
    for block in 1..=blocks {
        for (regime, share) in [
            (Regime::Cold, 100),
            (Regime::SameRunner, 7),
            (Regime::CrossRunner, 61),
            (Regime::Hot, 4),
        ] {
            let (mut sample, _) = sample(regime, block, &[]);
            let times: Vec<Example> = (1..=examples)
                .map(|position| {
                    let own = 400 + u64::from(position * 7_919 % 1_300);
                    let first = if position == 1 { 4_000 } else { 0 };
                    let drift = u64::from(block * 31 + position * 17) % 23;
                    Example {
                        sample: sample.id.clone(),
                        name: format!("library-{}/example_{position:04}", position % 9),
                        position,
                        wall_ns: (own + first) * share * (100 + drift) * MS / 10_000,
                        outcome: Outcome::Ok,
                        reason: None,
                        retries: 0,
                    }
                })
                .collect();
            set_wall(&mut sample, times.iter().map(|example| example.wall_ns).sum());
            sample.noise.load_before = Some(1.0 + f64::from(block) / 10.0);
            sample.noise.pressure.cpu_ns = Some(u64::from(block) * 3 * MS);
            run.samples.push((sample, times));
        }
    }
    run
}
