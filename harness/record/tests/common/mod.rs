//! Records in which every field says something: no `None`, no empty map. A new field does not compile
//! until it is added here, and then `documented` asks for its line in docs/RECORD.md.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test binary uses its own part of the builders"
)]

use std::collections::BTreeMap;

use bench_record::{
    Arm, ArmInfo, Assumptions, Baseline, CacheSummary, CacheUse, Cell, Change, ComparisonOf,
    ComparisonSummary, ComparisonVerdict, CoresEstimate, Design, Distribution, Economics, End,
    EndReason, Estimate, Evidence, Example, ExampleChange, ExampleModel, ExampleOrder,
    ExampleSummary, Gate, GateRule, GateSummary, GateVerdict, Host, HostSummary, Ident, Imported,
    Infinite, Interval, KeyMatch, Makespan, MeanRatio, Month, Noise, Outcome, Part, PhaseSummary,
    PhaseTime, Pressure, ProbeReading, Record, Regime, RegimeSummary, RestoreTime, Resume, Run,
    RunId, RunOptions, RunnerId, Sample, SampleId, SeedForm, SeedUse, SourceInfo, Speedup, Stage,
    StageOptions, Summary, TimeShares, Tool, Transfer, Usage,
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

fn host() -> Host {
    Host {
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
    }
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
            only_blocks: Some(vec![1, 3]),
            stage: Some(StageOptions {
                stage: Stage::Measure,
                seeds: text(".bench/seed"),
                key: text("bench-seed-1-demo-5c1e91ab-b1.3-4711"),
                form: Some(SeedForm::Tree),
                matched_key: some("bench-seed-1-demo-5c1e91ab-b1.3-4711"),
                restore_ns: map("b001-candidate", 2_100_000_000),
            }),
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
        imported: Some(Imported { format: text("hyperfine"), files: vec![text("times.json")] }),
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
        cells: vec![Cell { arm: Arm::Candidate, regime: Regime::Cold }],
        parts: vec![Part {
            run: RunId(text("20260101T000000-demo-9c1d")),
            started: instant(),
            blocks: vec![2],
            stage: Some(Stage::Prime),
            seed_key: some("bench-seed-1-demo-5c1e91ab-b2-4711"),
            host: host(),
            shares: shares(),
        }],
        left_out: vec![text("Fade")],
        host: host(),
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
            seed: Some(SeedUse {
                run: RunId(text("20260101T000000-demo-77aa")),
                key: text("bench-seed-1-demo-5c1e91ab-b1.3-4711"),
                matched: KeyMatch::Exact,
                form: SeedForm::Tree,
                restore: RestoreTime::Given,
                same_boot: Some(false),
                changed_mtimes: 0,
                changed_modes: 2,
            }),
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

fn estimate(value: f64) -> Estimate {
    Estimate { value, low: Some(value), high: Some(value), level: Some(0.968_75) }
}

pub(crate) fn summary() -> Summary {
    Summary {
        schema: text(Summary::SCHEMA),
        run_id: RunId(text("20260101T000000-demo-4f2a")),
        scenario: text("demo"),
        params: map("launcher", text("ccache")),
        complete: true,
        harness_share: Some(0.03),
        assumptions: Some(Assumptions {
            transfer_bytes_per_s: Some(91_000_000.0),
            hit_rate: Some(0.8),
            jobs_per_month: Some(3_000.0),
            price_per_minute: Some(0.008),
        }),
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
            pseudo_median_s: Some(estimate(12.4)),
            phases: map("compile", PhaseSummary { median: 12.1, difference_share: Some(1.0) }),
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
            economics: Some(Economics {
                transfer: Transfer::Archive,
                blocks: 6,
                hit_saves_s: estimate(9.0),
                miss_costs_s: Some(estimate(1.0)),
                break_even_hit_rate: Some(estimate(0.1)),
                job_saves_s: Some(7.0),
                month: Some(Month { minutes: 350.0, money: Some(2.8) }),
            }),
            saving_captured: Some(estimate(0.9)),
            first_example_s: Some(1.9),
            other_examples_s: Some(0.4),
            example_model: Some(ExampleModel {
                examples: 2,
                fixed_s: estimate(1.5),
                rate_s: estimate(0.4),
                unexplained_s: estimate(0.1),
            }),
            makespan: Some(Makespan {
                examples: 2,
                order: ExampleOrder::Sequential,
                sum_s: 2.3,
                longest_s: 1.9,
                longest: text("Blink"),
                useful_cores: 2,
                cores: vec![CoresEstimate {
                    cores: 2,
                    bound_s: 1.9,
                    recorded_order_s: 1.9,
                    longest_first_s: 1.9,
                }],
            }),
            example_times: Some(Distribution {
                count: 12,
                p50_s: 0.4,
                p90_s: 1.9,
                p99_s: 1.9,
                max_s: 1.9,
                histogram: text("HISTFAAA"),
            }),
        }],
        examples: vec![ExampleSummary {
            name: text("Blink"),
            position: 1,
            cold_s: Some(1.9),
            same_runner_s: Some(0.1),
            cross_runner_s: Some(1.8),
            hot_s: Some(0.1),
            unknown_s: Some(1.5),
            outcome: Outcome::Ok,
            reason: some("exit code 1"),
        }],
        findings: vec![text("cross-runner: restored 8.3 MB, 0 of 55 hits")],
        gates: vec![GateSummary {
            gate: text("same-runner compile <= 10 s"),
            regime: Some(Regime::SameRunner),
            verdict: GateVerdict::Ok,
            unproven: false,
            failed: true,
            value: Some(0.4),
            limit: Some(1.0),
            samples: 7,
            low: Some(0.3),
            high: Some(0.5),
            level: Some(0.98),
            margin: Some(0.05),
            floor: Some(0.02),
            design: some("randomised blocks, both arms in one job"),
            host: HostSummary { cpu: some("Example CPU"), cores: Some(2) },
            reason: some("worst: Blink"),
        }],
        comparisons: vec![comparison()],
        example_changes: vec![ExampleChange {
            name: text("Blink"),
            regime: Regime::SameRunner,
            ratio: 1.31,
            low: Some(1.21),
            high: Some(1.41),
            level: 0.95,
            p: 0.001,
            q: 0.012,
            n: 10,
            flag: Change::Slower,
        }],
        torn_bytes: 0,
    }
}

fn comparison() -> ComparisonSummary {
    ComparisonSummary {
        of: ComparisonOf::Time,
        regime: Regime::SameRunner,
        against: Regime::SameRunner,
        phase: some("compile"),
        verdict: Some(ComparisonVerdict::Regressed),
        ratio: Some(1.2),
        low: Some(1.1),
        high: Some(1.3),
        level: Some(0.984),
        infinite: vec![Infinite::High],
        candidate: Some(12.0),
        baseline: Some(10.0),
        n: 10,
        dropped: 1,
        failed: 1,
        unpaired: 1,
        candidate_failed: 2,
        baseline_failed: 1,
        margin: 0.05,
        floor: 0.02,
        p_regressed: Some(0.001),
        p_ok: Some(0.999),
        p_improved: Some(1.0),
        p_level: Some(0.007),
        mde: Some(0.07),
        mean_ratio: Some(MeanRatio { ratio: 1.21, low: 1.1, high: 1.32, level: 0.95 }),
        next_look: Some(14),
        design: text("randomised blocks, both arms in one job"),
        host: HostSummary { cpu: some("Example CPU"), cores: Some(2) },
        noise: Some(0.04),
        reason: some("a verdict needs 7 pairs"),
    }
}
