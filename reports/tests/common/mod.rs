//! Runs made of records, as short to write as to read.

#![allow(
    dead_code,
    unused_imports,
    clippy::allow_attributes,
    reason = "each test binary uses its own part of the builders"
)]

mod arms;
pub(crate) mod documents;
pub(crate) mod earlier;
mod foreign;
mod whole;

use std::collections::BTreeMap;

pub(crate) use arms::{arm_sample, at, compared, steady};
use bench_record::{
    Arm, ArmInfo, CacheUse, ComparisonSummary, Design, End, EndReason, Evidence, Example, Host,
    Ident, LoadedRun, Noise, Outcome, PhaseTime, Regime, Run, RunId, RunOptions, RunnerId, Sample,
    SampleId, SourceInfo, Summary, TimeShares, Usage,
};
use bench_reports::report::{Beside, Input, ReportFormat};
use chrono::{DateTime, Utc};
pub(crate) use foreign::{HOSTILE, MORE, hostile};
pub(crate) use whole::{good, large, long, normal, smallest, troubled};

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
            Regime::MovedRunner | Regime::Hot | Regime::Unknown => 4,
        },
        runner: if regime.is_other_runner() { other } else { own.clone() },
        snapshot_origin: (!cold).then_some(own),
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
                    Regime::CrossRunner | Regime::MovedRunner => Some(40 * MS),
                    Regime::SameRunner | Regime::Hot | Regime::Unknown => Some(0),
                },
                archived_with: None,
            },
        )]),
        evidence: Evidence {
            empty_at_start: cold,
            snapshot_bytes: if cold { 0 } else { 8_300_000 },
            snapshot: None,
            hits: Some(if matches!(regime, Regime::SameRunner | Regime::Hot) { 55 } else { 0 }),
            misses: Some(if matches!(regime, Regime::SameRunner | Regime::Hot) { 0 } else { 55 }),
            ..Evidence::default()
        },
        output_digest: Some("d1".to_owned()),
        noise: Noise::default(),
    };
    (sample, examples)
}

pub(crate) fn set_wall(sample: &mut Sample, wall_ns: u64) {
    sample.wall_ns = wall_ns;
    for phase in sample.phases.iter_mut().filter(|phase| phase.measured) {
        phase.wall_ns = wall_ns;
    }
}

pub(crate) fn summary(run: &LoadedRun) -> Summary {
    bench_reports::summary::summarise(run)
}

pub(crate) fn compare(run: &LoadedRun) -> Vec<ComparisonSummary> {
    bench_reports::verdict::judge(run).comparisons
}

pub(crate) fn render(format: ReportFormat, run: &LoadedRun, width: usize, colour: bool) -> String {
    let summary = summary(run);
    format
        .renderer()
        .render(&Input { summary: &summary, run, width, colour, beside: Beside::default() })
        .expect("no content can fail to render")
}

/// Whether a finding contains `part`.
pub(crate) fn found(run: &LoadedRun, part: &str) -> bool {
    summary(run).findings.iter().any(|finding| finding.contains(part))
}

#[track_caller]
pub(crate) fn assert_found(run: &LoadedRun, part: &str) {
    assert!(found(run, part), "{part:?} is not in {:#?}", summary(run).findings);
}

#[track_caller]
pub(crate) fn assert_not_found(run: &LoadedRun, part: &str) {
    assert!(!found(run, part), "{part:?} is in {:#?}", summary(run).findings);
}

#[track_caller]
pub(crate) fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found}, expected {expected}");
}

/// The same with its samples of one regime changed.
pub(crate) fn with(mut run: LoadedRun, regime: Regime, change: impl Fn(&mut Sample)) -> LoadedRun {
    for (sample, _) in run.samples.iter_mut().filter(|(sample, _)| sample.regime == regime) {
        change(sample);
    }
    run
}
