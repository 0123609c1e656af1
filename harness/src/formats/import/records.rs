//! A series as the records of a run that claim no more than the tool says.

use std::collections::BTreeMap;

use bench_record::{
    Arm, ArmInfo, Design, End, EndReason, Evidence, Example, Host, Ident, Imported, Noise, Outcome,
    Record, Regime, Run, RunId, RunOptions, RunnerId, Sample, SampleId, SourceInfo, TimeShares,
    Usage,
};
use chrono::{DateTime, Utc};

use super::format::ImportFormat;
use super::results::{ImportedSeries, Reading};

/// Where a series comes from.
#[derive(Clone, Debug)]
pub struct ImportOrigin {
    /// Its format.
    pub format: ImportFormat,
    /// The files that were read, as they were named.
    pub files: Vec<String>,
    /// Digest (blake3, hex) of their content.
    pub digest: String,
    /// When they were read.
    pub at: DateTime<Utc>,
}

/// The records of a whole run, in the order of the file.
pub fn records(series: &ImportedSeries, id: RunId, origin: &ImportOrigin) -> Vec<Record> {
    let mut records = vec![Record::Run(Box::new(run(series, id, origin)))];
    for (reading, block) in series.samples.iter().zip(1..) {
        let sample = sample(reading, block, origin.at);
        for (time, position) in reading.examples.iter().zip(1..) {
            records.push(Record::Example(Example {
                sample: sample.id.clone(),
                name: time.name.clone(),
                position,
                wall_ns: time.wall_ns,
                outcome: time.outcome,
                reason: time.reason.clone(),
                retries: time.retries,
            }));
        }
        records.push(Record::Sample(Box::new(sample)));
    }
    let failed = series.samples.iter().filter(|reading| reading.outcome != Outcome::Ok).count();
    let examples: usize = series.samples.iter().map(|reading| reading.examples.len()).sum();
    records.push(Record::End(End {
        at: origin.at,
        samples: series.samples.len() as u32,
        failed: failed as u32,
        unproven: 0,
        examples: examples as u32,
        reason: EndReason::Done,
        // How long the other tool took is not known.
        shares: TimeShares::default(),
    }));
    records
}

fn run(series: &ImportedSeries, id: RunId, origin: &ImportOrigin) -> Run {
    Run {
        // Like no other run's: nobody knows on which machine these times were taken.
        comparability: blake3::hash(id.as_str().as_bytes()).to_hex().to_string(),
        id,
        bench: env!("CARGO_PKG_VERSION").to_owned(),
        started: origin.at,
        scenario: Ident { name: series.name.clone(), hash: origin.digest.clone() },
        params: series.params.clone(),
        plan_hash: origin.digest.clone(),
        options: RunOptions {
            scenario: series.name.clone(),
            regimes: vec![Regime::Unknown],
            only_blocks: None,
            stage: None,
            blocks: series.samples.len() as u32,
            seed: 0,
            baseline: None,
            auto: false,
            budget_ns: None,
            source: None,
            examples: None,
            state: String::new(),
            max_failures: None,
            keep: false,
        },
        arms: vec![ArmInfo {
            arm: Arm::Candidate,
            source: SourceInfo::default(),
            params: BTreeMap::new(),
        }],
        caches: Vec::new(),
        phases: Vec::new(),
        design: Design::Sequential,
        imported: Some(Imported {
            format: origin.format.as_str().to_owned(),
            files: origin.files.clone(),
        }),
        gates: Vec::new(),
        examples: None,
        cells: Vec::new(),
        parts: Vec::new(),
        left_out: Vec::new(),
        host: Host { arch: "unknown".to_owned(), ..Host::default() },
        tools: BTreeMap::new(),
        ci: BTreeMap::new(),
    }
}

fn sample(reading: &Reading, block: u32, at: DateTime<Utc>) -> Sample {
    let (arm, regime) = (Arm::Candidate, Regime::Unknown);
    Sample {
        id: SampleId(format!("b{block:03}-{arm}-{regime}")),
        block,
        arm,
        regime,
        order: 1,
        runner: RunnerId("unknown".to_owned()),
        snapshot_origin: None,
        outcome: reading.outcome,
        reason: reading.reason.clone(),
        started: at,
        wall_ns: reading.wall_ns,
        usage: Usage::default(),
        phases: Vec::new(),
        caches: BTreeMap::new(),
        evidence: Evidence::default(),
        output_digest: None,
        noise: Noise::default(),
    }
}
