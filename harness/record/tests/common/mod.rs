//! Records in which every field says something: no `None`, no empty map. A new field does not compile
//! until it is added here, and then `documented` asks for its line in docs/RECORD.md.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test binary uses its own part of the builders"
)]

use std::collections::BTreeMap;

use bench_record::{
    Arm, ArmInfo, Baseline, CacheSummary, CacheUse, Design, End, EndReason, Evidence, Example,
    ExampleSummary, Gate, GateRule, GateSummary, GateVerdict, Host, Ident, Interval, Noise,
    Outcome, PhaseSummary, PhaseTime, Pressure, ProbeReading, Record, Regime, RegimeSummary,
    Resume, Run, RunId, RunOptions, RunnerId, Sample, SampleId, SourceInfo, Speedup, Summary,
    TimeShares, Tool, Usage,
};
use chrono::{DateTime, Utc};

fn text(text: &str) -> String {
    text.to_owned()
}

#[expect(clippy::unnecessary_wraps, reason = "every optional field is filled through it")]
fn some(some: &str) -> Option<String> {
    Some(some.to_owned())
}

fn map<V>(key: &str, value: V) -> BTreeMap<String, V> {
    BTreeMap::from([(key.to_owned(), value)])
}

pub(crate) fn instant() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 250_000_000).expect("a valid time")
}

pub(crate) fn run() -> Run {
    Run {
        id: RunId(text("20260101T000000-demo-4f2a")),
        bench: text("0.1.0"),
        started: instant(),
        scenario: Ident { name: text("demo"), hash: text("5c1e") },
        params: map("launcher", text("ccache")),
        plan_hash: text("91ab"),
        options: RunOptions {
            scenario: text("demo"),
            regimes: Regime::ALL.to_vec(),
            blocks: 3,
            seed: 42,
            baseline: Some(Baseline::Source(text("main"))),
            auto: true,
            budget_ns: Some(1_800_000_000_000),
            source: some("../fork"),
            examples: some("B*"),
            state: text("/var/tmp/bench"),
            max_failures: Some(2),
            keep: true,
        },
        arms: vec![ArmInfo {
            arm: Arm::Candidate,
            source: SourceInfo {
                origin: some("https://example.org/demo"),
                revision: some("0123456789abcdef0123456789abcdef01234567"),
                dirty: Some(true),
                head: some("89abcdef0123456789abcdef0123456789abcdef"),
                files: 27,
                bytes: 81_000,
            },
            params: map("launcher", text("none")),
        }],
        caches: vec![text("ccache")],
        phases: vec![text("compile")],
        design: Design::Randomised,
        gates: vec![
            Gate {
                regime: Some(Regime::SameRunner),
                phase: some("compile"),
                examples: some("2.."),
                rule: GateRule::MaxSeconds(10.0),
            },
            Gate {
                regime: Some(Regime::SameRunner),
                phase: some("compile"),
                examples: some("2.."),
                rule: GateRule::MinSpeedup(2.0),
            },
            Gate {
                regime: Some(Regime::SameRunner),
                phase: some("compile"),
                examples: some("2.."),
                rule: GateRule::MinHitRate(0.9),
            },
            Gate {
                regime: Some(Regime::SameRunner),
                phase: some("compile"),
                examples: some("2.."),
                rule: GateRule::MaxRestoreSeconds(5.0),
            },
            Gate {
                regime: Some(Regime::SameRunner),
                phase: some("compile"),
                examples: some("2.."),
                rule: GateRule::MaxBytes(1_000_000),
            },
            Gate {
                regime: Some(Regime::SameRunner),
                phase: some("compile"),
                examples: some("2.."),
                rule: GateRule::Baseline { margin: 0.05, floor: 0.02 },
            },
            Gate {
                regime: Some(Regime::SameRunner),
                phase: some("compile"),
                examples: some("2.."),
                rule: GateRule::MaxNetLossSeconds(0.0),
            },
            Gate {
                regime: Some(Regime::SameRunner),
                phase: some("compile"),
                examples: some("2.."),
                rule: GateRule::WarmAgainstCold { margin: 0.05, floor: 0.02 },
            },
        ],
        examples: Some(2),
        host: Host {
            os: some("Debian GNU/Linux 13"),
            kernel: some("6.12.0"),
            arch: text("x86_64"),
            cpu: some("Example CPU"),
            cores: Some(2),
            cgroup_cores: Some(1.5),
            cgroup_memory_bytes: Some(4_000_000_000),
            memory_bytes: Some(8_000_000_000),
            governor: some("performance"),
            file_system: some("ext4 rw,relatime"),
            virtualisation: some("kvm"),
            boot: some("b007"),
            isolation: map("landlock", true),
        },
        tools: map(
            "avr-gcc",
            Tool { version: some("avr-gcc 14.2"), path: some("/usr/bin/avr-g++") },
        ),
        ci: map("CI", text("true")),
        comparability: text("77d0"),
    }
}

pub(crate) fn sample(id: &str) -> Sample {
    let usage =
        Usage { user_ns: 5_000_000_000, system_ns: 400_000_000, peak_rss_bytes: 90_000_000 };
    Sample {
        id: SampleId(text(id)),
        block: 1,
        arm: Arm::Candidate,
        regime: Regime::CrossRunner,
        order: 3,
        runner: RunnerId(text("b001-candidate-b")),
        seed_origin: Some(RunnerId(text("b001-candidate-a"))),
        outcome: Outcome::Unproven,
        reason: some("gebäude 建物: no bytes were restored"),
        started: instant(),
        wall_ns: 12_345_678_901,
        usage,
        phases: vec![PhaseTime {
            name: text("compile"),
            measured: true,
            wall_ns: 12_345_678_901,
            usage,
            outcome: Outcome::Ok,
            commands: 2,
        }],
        caches: map(
            "ccache",
            CacheUse {
                files_before: 398,
                bytes_before: 8_299_000,
                files: 399,
                bytes: 8_300_000,
                archive_bytes: Some(1_260_000),
                save_ns: Some(60_000_000),
                restore_ns: Some(40_000_000),
                archived_with: Some("uv".to_owned()),
            },
        ),
        evidence: Evidence {
            empty_at_start: true,
            seed_bytes: 8_299_000,
            hits: Some(0),
            misses: Some(55),
            probes: map(
                "ccache",
                ProbeReading {
                    hits: Some(0),
                    misses: Some(55),
                    hits_counter: Some(7),
                    misses_counter: Some(62),
                    error: some("unreadable"),
                },
            ),
            killed: 1,
            contradictions: vec![text("no bytes were restored")],
        },
        output_digest: some("d1"),
        noise: Noise {
            load_before: Some(0.52),
            load_after: Some(1.75),
            pressure: Pressure { cpu_ns: Some(1), io_ns: Some(2), memory_ns: Some(3) },
            steal_ns: Some(4),
        },
    }
}

pub(crate) fn example(sample: &str, name: &str, position: u32) -> Example {
    Example {
        sample: SampleId(text(sample)),
        name: text(name),
        position,
        wall_ns: 1_900_000_000,
        outcome: Outcome::Failed,
        reason: some("exit code 1"),
        retries: 1,
    }
}

pub(crate) fn shares() -> TimeShares {
    TimeShares { wall_ns: 100, commands_ns: 90, transfer_ns: 4, layout_ns: 3 }
}

pub(crate) fn resume(torn_bytes: u64) -> Resume {
    Resume { at: instant(), samples: 1, torn_bytes, shares: shares() }
}

pub(crate) fn end() -> End {
    End {
        at: instant(),
        samples: 2,
        failed: 0,
        unproven: 2,
        examples: 3,
        reason: EndReason::Done,
        shares: shares(),
    }
}

/// One record of every kind, in the order of a run that was interrupted once.
pub(crate) fn every_kind() -> Vec<Record> {
    vec![
        Record::Run(Box::new(run())),
        Record::Example(example("s1", "Blink", 1)),
        Record::Sample(Box::new(sample("s1"))),
        Record::Resume(resume(17)),
        Record::End(end()),
    ]
}

pub(crate) fn summary() -> Summary {
    Summary {
        schema: text(Summary::SCHEMA),
        run_id: RunId(text("20260101T000000-demo-4f2a")),
        scenario: text("demo"),
        params: map("launcher", text("ccache")),
        complete: true,
        harness_share: Some(0.03),
        regimes: vec![RegimeSummary {
            regime: Regime::Cold,
            arm: Arm::Candidate,
            samples: 6,
            unproven: 0,
            failed: 0,
            wall_s: Some(Interval {
                median: 12.3,
                low: Some(11.9),
                high: Some(12.8),
                level: Some(0.968_75),
                min: 11.8,
                max: 13.0,
            }),
            phases: map("compile", PhaseSummary { median: 12.1 }),
            speedup: Some(Speedup { ratio: 1.0, low: Some(0.9), high: Some(1.1) }),
            hits: Some(0.0),
            misses: Some(55.0),
            cache: Some(CacheSummary {
                files: 399,
                bytes: 8_300_000,
                archive_bytes: Some(1_260_000),
                save_s: Some(0.06),
                restore_s: Some(0.04),
            }),
            net_saving_s: Some(0.1),
            first_example_s: Some(1.9),
            other_examples_s: Some(0.4),
        }],
        examples: vec![ExampleSummary {
            name: text("Blink"),
            position: 1,
            cold_s: Some(1.9),
            same_runner_s: Some(0.1),
            cross_runner_s: Some(1.8),
            hot_s: Some(0.1),
            outcome: Outcome::Ok,
            reason: some("exit code 1"),
        }],
        findings: vec![text("cross-runner: restored 8.3 MB, 0 of 55 hits")],
        gates: vec![GateSummary {
            gate: text("same-runner compile <= 10 s"),
            verdict: GateVerdict::Ok,
            value: Some(0.4),
            limit: Some(1.0),
            samples: 7,
            low: Some(0.3),
            high: Some(0.5),
            level: Some(0.98),
            reason: some("worst: Blink"),
        }],
        torn_bytes: 0,
    }
}
