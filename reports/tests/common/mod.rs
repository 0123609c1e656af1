//! Runs made of records, as short to write as to read.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test binary uses its own part of the builders"
)]

use std::collections::BTreeMap;

use bench_record::{
    Arm, ArmInfo, CacheUse, Design, End, EndReason, Evidence, Example, Host, Ident, LoadedRun,
    Noise, Outcome, PhaseTime, Regime, Run, RunId, RunOptions, RunnerId, Sample, SampleId,
    SourceInfo, Summary, TimeShares, Usage,
};
use bench_reports::render::{Beside, Format, Input};
use chrono::{DateTime, Utc};

pub(crate) const MS: u64 = 1_000_000;

pub(crate) fn instant() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 0).expect("a valid time")
}

pub(crate) fn run(regimes: &[Regime], blocks: u32) -> LoadedRun {
    LoadedRun {
        run: Run {
            id: RunId("20260101T000000-arduino-uno-4f2a".to_owned()),
            bench: "0.1.0".to_owned(),
            started: instant(),
            scenario: Ident { name: "arduino-uno".to_owned(), hash: "5c1e".to_owned() },
            params: BTreeMap::from([("launcher".to_owned(), "ccache".to_owned())]),
            plan_hash: "91ab".to_owned(),
            options: RunOptions {
                scenario: "arduino-uno".to_owned(),
                regimes: regimes.to_vec(),
                blocks,
                only_blocks: None,
                stage: None,
                seed: 42,
                baseline: None,
                auto: false,
                budget_ns: None,
                source: None,
                examples: None,
                state: "/var/tmp/bench".to_owned(),
                max_failures: None,
                keep: false,
            },
            arms: vec![ArmInfo {
                arm: Arm::Candidate,
                source: SourceInfo::default(),
                params: BTreeMap::new(),
            }],
            caches: vec!["ccache".to_owned()],
            phases: vec!["compile".to_owned()],
            design: Design::Randomised,
            imported: None,
            gates: Vec::new(),
            examples: None,
            cells: Vec::new(),
            parts: Vec::new(),
            left_out: Vec::new(),
            host: Host {
                cpu: Some("Example CPU @ 2.50GHz".to_owned()),
                cores: Some(2),
                ..Host::default()
            },
            tools: BTreeMap::new(),
            ci: BTreeMap::new(),
            comparability: "77d0".to_owned(),
        },
        samples: Vec::new(),
        resumes: Vec::new(),
        end: Some(End {
            at: instant(),
            samples: 0,
            failed: 0,
            unproven: 0,
            examples: 0,
            reason: EndReason::Done,
            shares: TimeShares {
                wall_ns: 100_000 * MS,
                commands_ns: 90_000 * MS,
                transfer_ns: 5_000 * MS,
                layout_ns: 2_000 * MS,
            },
        }),
        torn_bytes: 0,
        orphans: 0,
        intact_bytes: 0,
        tail_bytes: 0,
    }
}

/// An `ok` sample whose wall time is the sum of its examples' (`names[i]` takes `ms[i]`).
pub(crate) fn sample(regime: Regime, block: u32, ms: &[u64]) -> (Sample, Vec<Example>) {
    let id = SampleId(format!("b{block:03}-candidate-{regime}"));
    let own = RunnerId(format!("b{block:03}-candidate-a"));
    let other = RunnerId(format!("b{block:03}-candidate-b"));
    let wall_ns = ms.iter().sum::<u64>() * MS;
    let usage = Usage { user_ns: wall_ns / 2, system_ns: wall_ns / 10, peak_rss_bytes: 50_000_000 };
    let examples = ["Blink", "Fade", "Servo", "Knob", "Sweep", "Tone"]
        .iter()
        .zip(ms)
        .zip(1..)
        .map(|((name, ms), position)| Example {
            sample: id.clone(),
            name: (*name).to_owned(),
            position,
            wall_ns: ms * MS,
            outcome: Outcome::Ok,
            reason: None,
            retries: 0,
        })
        .collect();
    let cold = regime == Regime::Cold;
    let sample = Sample {
        id,
        block,
        arm: Arm::Candidate,
        regime,
        order: match regime {
            Regime::Cold => 1,
            Regime::SameRunner => 2,
            Regime::CrossRunner => 3,
            Regime::Hot | Regime::Unknown => 4,
        },
        runner: if regime == Regime::CrossRunner { other } else { own.clone() },
        seed_origin: (!cold).then_some(own),
        outcome: Outcome::Ok,
        reason: None,
        started: instant(),
        wall_ns,
        usage,
        phases: vec![
            PhaseTime {
                name: "setup".to_owned(),
                measured: false,
                wall_ns: 10 * MS,
                usage: Usage::default(),
                outcome: Outcome::Ok,
                commands: 1,
            },
            PhaseTime {
                name: "compile".to_owned(),
                measured: true,
                wall_ns,
                usage,
                outcome: Outcome::Ok,
                commands: 3,
            },
        ],
        caches: BTreeMap::from([(
            "ccache".to_owned(),
            CacheUse {
                files_before: if cold { 0 } else { 399 },
                bytes_before: if cold { 0 } else { 8_300_000 },
                files: 399,
                bytes: 8_300_000,
                archive_bytes: (regime != Regime::SameRunner).then_some(1_260_000),
                save_ns: cold.then_some(60 * MS),
                restore_ns: match regime {
                    Regime::Cold => None,
                    Regime::CrossRunner => Some(40 * MS),
                    Regime::SameRunner | Regime::Hot | Regime::Unknown => Some(0),
                },
                archived_with: None,
            },
        )]),
        evidence: Evidence {
            empty_at_start: cold,
            seed_bytes: if cold { 0 } else { 8_300_000 },
            seed: None,
            hits: Some(if matches!(regime, Regime::SameRunner | Regime::Hot) { 55 } else { 0 }),
            misses: Some(if matches!(regime, Regime::SameRunner | Regime::Hot) { 0 } else { 55 }),
            ..Evidence::default()
        },
        output_digest: Some("d1".to_owned()),
        noise: Noise::default(),
    };
    (sample, examples)
}

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
    let mut run = run(&Regime::ALL, 7);
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

pub(crate) fn set_wall(sample: &mut Sample, wall_ns: u64) {
    sample.wall_ns = wall_ns;
    for phase in sample.phases.iter_mut().filter(|phase| phase.measured) {
        phase.wall_ns = wall_ns;
    }
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

pub(crate) const HOSTILE: [&str; 12] = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "@everyone please look at #1 and GH-1",
    "`code` **bold** | pipe | ![x](https://evil.example/p.png)",
    "\u{202e}gnp.exe\u{202c}\u{200b}",
    "line one\n# heading\r\n| a | b |",
    "\u{1b}[31mred\u{1b}[0m\u{7}\u{9b}2J",
    "=HYPERLINK(\"https://evil.example\")",
    "</code></details><b>out</b>",
    "&lt;b&gt; www.evil.example https://evil.example",
    "漢字かな交じり文\u{ff21}\u{1f600}\u{301}",
];

/// Every place for foreign text filled with text that wants out of it.
pub(crate) fn hostile() -> LoadedRun {
    let mut run = normal();
    let long = "long".repeat(2_500);
    HOSTILE[0].clone_into(&mut run.run.scenario.name);
    run.run.id = RunId(HOSTILE[6].to_owned());
    run.run.host.cpu = Some(HOSTILE[7].to_owned());
    run.run.params = HOSTILE.iter().map(|text| ((*text).to_owned(), (*text).to_owned())).collect();
    for (index, (sample, examples)) in run.samples.iter_mut().enumerate() {
        for phase in &mut sample.phases {
            HOSTILE[3].clone_into(&mut phase.name);
        }
        let cache = sample.caches.remove("ccache").expect("the builder adds it");
        let cache = CacheUse { bytes: 0, ..cache };
        sample.caches.insert(HOSTILE[4].to_owned(), cache);
        if index % 3 == 0 {
            sample.outcome = Outcome::Unproven;
            sample.reason = Some(HOSTILE[index % HOSTILE.len()].to_owned());
        }
        *examples = HOSTILE
            .iter()
            .copied()
            .chain([long.as_str()])
            .zip(1..)
            .map(|(name, position)| Example {
                sample: sample.id.clone(),
                name: name.to_owned(),
                position,
                wall_ns: u64::from(position) * 100 * MS,
                outcome: if position % 2 == 0 { Outcome::Failed } else { Outcome::Ok },
                reason: Some(HOSTILE[(position as usize + index) % HOSTILE.len()].to_owned()),
                retries: 0,
            })
            .collect();
    }
    run
}

pub(crate) fn summary(run: &LoadedRun) -> Summary {
    bench_reports::summary::summarise(run)
}

pub(crate) fn render(format: Format, run: &LoadedRun, width: usize, colour: bool) -> String {
    let summary = summary(run);
    format
        .renderer()
        .render(&Input { summary: &summary, run, width, colour, beside: Beside::default() })
        .expect("no content can fail to render")
}

/// Coins that the tests throw: which arm goes first in a block; neither always does.
const COINS: u32 = 0b1011_0011_1000_1011_0110_0101_1100_1010;

/// A run with a baseline: a block a pair of seconds (base, new), every regime takes the same; `None` timed
/// out. Blocks follow each other in time, arms in random order.
pub(crate) fn compared(regimes: &[Regime], pairs: &[(Option<f64>, Option<f64>)]) -> LoadedRun {
    let mut run = run(regimes, pairs.len() as u32);
    run.run.options.baseline = Some(bench_record::Baseline::Source("main".to_owned()));
    let baseline = ArmInfo { arm: Arm::Baseline, ..run.run.arms[0].clone() };
    run.run.arms.push(baseline);
    for (index, (base, new)) in pairs.iter().enumerate() {
        let block = index as u32 + 1;
        for regime in regimes {
            for (arm, seconds) in [(Arm::Baseline, base), (Arm::Candidate, new)] {
                run.samples.push(arm_sample(arm, *regime, block, *seconds));
            }
        }
    }
    if let Some(end) = &mut run.end {
        end.at = instant() + chrono::Duration::days(10);
    }
    run
}

/// A sample of one arm in its block.
pub(crate) fn arm_sample(
    arm: Arm,
    regime: Regime,
    block: u32,
    seconds: Option<f64>,
) -> (Sample, Vec<Example>) {
    let (mut sample, examples) = sample(regime, block, &[]);
    sample.arm = arm;
    sample.id = SampleId(format!("b{block:03}-{arm}-{regime}"));
    for runner in [Some(&mut sample.runner), sample.seed_origin.as_mut()].into_iter().flatten() {
        runner.0 = runner.0.replace("candidate", arm.as_str());
    }
    set_wall(&mut sample, (seconds.unwrap_or(600.0) * 1e9) as u64);
    if seconds.is_none() {
        sample.outcome = Outcome::TimedOut;
        sample.phases[1].outcome = Outcome::TimedOut;
    }
    let second = ((COINS >> (block % 32)) & 1 == 1) == (arm == Arm::Candidate);
    sample.order = 2 * sample.order - u32::from(!second);
    sample.started = at(block, sample.order);
    (sample, examples)
}

/// When the sample at this place of a block began.
pub(crate) fn at(block: u32, order: u32) -> DateTime<Utc> {
    instant() + chrono::Duration::seconds(i64::from(block) * 10_000 + i64::from(order) * 1_000)
}

/// `n` pairs of times that vary by a per cent or two, the new ones `ratio` times as long.
pub(crate) fn steady(n: u32, ratio: f64) -> Vec<(Option<f64>, Option<f64>)> {
    (0..n)
        .map(|index| {
            let base = 10.0 + f64::from(index % 3) * 0.1;
            (Some(base), Some(base * ratio * (1.0 + f64::from(index % 5) * 0.002)))
        })
        .collect()
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
