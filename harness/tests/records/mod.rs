//! Runs written by hand: records as a run with two arms leaves them, without anything being run.

#![allow(dead_code, reason = "each test binary uses a part of it")]
use std::collections::BTreeMap;
use std::fmt::Write as _;

use bench_record::{
    Arm, ArmInfo, Baseline, CacheUse, Design, End, EndReason, Evidence, Example, Gate, GateRule,
    Host, Ident, Noise, Outcome, PhaseTime, Record, Regime, Run, RunId, RunOptions, RunnerId,
    Sample, SampleId, SourceInfo, TimeShares, Usage,
};
use chrono::{DateTime, Duration, Utc};

use crate::common::Project;

/// A project whose scenario is not used.
pub(crate) fn project() -> Project {
    Project::new("", &[])
}

pub(crate) fn gate(regime: Option<Regime>, rule: GateRule) -> Gate {
    Gate { regime, phase: None, examples: None, rule }
}

/// A run to be written.
pub(crate) struct Hand {
    pub(crate) run: Run,
    pub(crate) samples: Vec<(Sample, Vec<Example>)>,
}

impl Hand {
    /// A run of cold samples with a baseline; its directory and its id bear `name`.
    pub(crate) fn new(name: &str) -> Self {
        let arm = |arm| ArmInfo { arm, source: SourceInfo::default(), params: BTreeMap::new() };
        let run = Run {
            id: RunId(name.to_owned()),
            bench: "0.1.0".to_owned(),
            started: start(),
            scenario: Ident { name: "hand".to_owned(), hash: "hand".to_owned() },
            params: BTreeMap::new(),
            plan_hash: "plan".to_owned(),
            options: RunOptions {
                scenario: "hand".to_owned(),
                regimes: vec![Regime::Cold],
                blocks: 0,
                only_blocks: None,
                stage: None,
                seed: 1,
                baseline: Some(Baseline::Source("main".to_owned())),
                auto: false,
                budget_ns: None,
                source: None,
                examples: None,
                state: "state".to_owned(),
                max_failures: None,
                keep: false,
            },
            arms: vec![arm(Arm::Candidate), arm(Arm::Baseline)],
            caches: vec!["store".to_owned()],
            phases: vec!["compile".to_owned()],
            design: Design::Randomised,
            imported: None,
            cells: Vec::new(),
            parts: Vec::new(),
            left_out: Vec::new(),
            gates: Vec::new(),
            examples: None,
            host: Host { cpu: Some("Hand CPU".to_owned()), cores: Some(2), ..Host::default() },
            tools: BTreeMap::new(),
            ci: BTreeMap::new(),
            comparability: "same".to_owned(),
        };
        Self { run, samples: Vec::new() }
    }

    /// Without a baseline.
    pub(crate) fn alone(mut self) -> Self {
        self.run.options.baseline = None;
        self.run.arms.truncate(1);
        self
    }

    pub(crate) fn regimes(mut self, regimes: &[Regime]) -> Self {
        self.run.options.regimes = regimes.to_vec();
        self
    }

    /// Blocks in which the candidate takes `ratio` times as long, give or take a little.
    pub(crate) fn pairs(mut self, blocks: u32, ratio: f64) -> Self {
        self.run.options.blocks = blocks;
        let arms: Vec<Arm> = self.run.arms.iter().map(|arm| arm.arm).collect();
        for block in 1..=blocks {
            for (place, &regime) in (0..).zip(&self.run.options.regimes) {
                for &arm in &arms {
                    let base = 10.0 + f64::from(block % 3) * 0.1;
                    let seconds = match arm {
                        Arm::Candidate => base * ratio * (1.0 + f64::from(block % 5) * 0.002),
                        Arm::Baseline => base,
                    };
                    // Neither arm is always first.
                    let second = (arm == Arm::Candidate) == (block % 4 < 2);
                    let order = 1 + place * 2 + u32::from(second);
                    self.samples.push((sample(arm, regime, block, order, seconds), Vec::new()));
                }
            }
        }
        self
    }

    /// Writes the records into the directory that bears the run's name.
    pub(crate) fn write(&self, project: &Project) {
        let mut text = String::new();
        let mut line = |record: Record| writeln!(text, "{}", record.to_line().unwrap()).unwrap();
        line(Record::Run(Box::new(self.run.clone())));
        for (sample, examples) in &self.samples {
            for example in examples {
                line(Record::Example(example.clone()));
            }
            line(Record::Sample(Box::new(sample.clone())));
        }
        line(Record::End(End {
            at: start() + Duration::days(30),
            samples: self.samples.len() as u32,
            failed: 0,
            unproven: 0,
            examples: 0,
            reason: EndReason::Done,
            shares: TimeShares::default(),
        }));
        project.write(&format!("{}/records.ndjson", self.run.id), &text);
    }
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 0).unwrap()
}

fn sample(arm: Arm, regime: Regime, block: u32, order: u32, seconds: f64) -> Sample {
    let runner = RunnerId(format!("b{block:03}-{arm}-a"));
    let wall_ns = (seconds * 1e9) as u64;
    Sample {
        id: SampleId(format!("b{block:03}-{arm}-{regime}")),
        block,
        arm,
        regime,
        order,
        snapshot_origin: regime.is_warm().then(|| runner.clone()),
        runner,
        outcome: Outcome::Ok,
        reason: None,
        started: start() + Duration::seconds(i64::from(block) * 1_000 + i64::from(order) * 100),
        wall_ns,
        usage: Usage::default(),
        phases: vec![PhaseTime {
            name: "compile".to_owned(),
            measured: true,
            wall_ns,
            usage: Usage::default(),
            outcome: Outcome::Ok,
            commands: 1,
        }],
        caches: BTreeMap::from([("store".to_owned(), CacheUse::default())]),
        evidence: Evidence { empty_at_start: !regime.is_warm(), ..Evidence::default() },
        output_digest: None,
        noise: Noise::default(),
    }
}
