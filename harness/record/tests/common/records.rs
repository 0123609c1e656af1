//! A record of every kind.

use bench_record::{
    Arm, ArmInfo, Baseline, CacheUse, Cell, Design, End, EndReason, Evidence, Example, Gate,
    GateRule, Host, Ident, Imported, KeyMatch, Noise, Outcome, Part, PhaseTime, Pressure,
    ProbeReading, Record, Regime, RestoreTime, Resume, Run, RunId, RunOptions, RunnerId, Sample,
    SampleId, SnapshotForm, SnapshotUse, SourceInfo, Stage, StageOptions, TimeShares, Tool, Usage,
};

use super::{instant, map, some, text};

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

fn gate(rule: GateRule) -> Gate {
    Gate { regime: Some(Regime::SameRunner), phase: some("compile"), examples: some("2.."), rule }
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
                snapshots: text(".bench/snapshot"),
                key: text("bench-snapshot-1-demo-5c1e91ab-b1.3-4711"),
                form: Some(SnapshotForm::Tree),
                matched_key: some("bench-snapshot-1-demo-5c1e91ab-b1.3-4711"),
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
        gates: [
            GateRule::MaxSeconds(10.0),
            GateRule::MinSpeedup(2.0),
            GateRule::MinHitRate(0.9),
            GateRule::MaxRestoreSeconds(5.0),
            GateRule::MaxBytes(1_000_000),
            GateRule::Baseline { margin: 0.05, floor: 0.02 },
            GateRule::MaxNetLossSeconds(0.0),
            GateRule::WarmAgainstCold { margin: 0.05, floor: 0.02 },
        ]
        .map(gate)
        .to_vec(),
        examples: Some(2),
        cells: vec![Cell { arm: Arm::Candidate, regime: Regime::Cold }],
        parts: vec![Part {
            run: RunId(text("20260101T000000-demo-9c1d")),
            started: instant(),
            blocks: vec![2],
            stage: Some(Stage::Prime),
            snapshot_key: some("bench-snapshot-1-demo-5c1e91ab-b2-4711"),
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
        snapshot_origin: Some(RunnerId(text("b001-candidate-a"))),
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
            snapshot_bytes: 8_299_000,
            snapshot: Some(SnapshotUse {
                run: RunId(text("20260101T000000-demo-77aa")),
                key: text("bench-snapshot-1-demo-5c1e91ab-b1.3-4711"),
                matched: KeyMatch::Exact,
                form: SnapshotForm::Tree,
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
