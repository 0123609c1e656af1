//! The rows of a run. `docs/HISTORY.md` has every column; a test keeps the two together.
//!
//! Columns may be added. To rename one or to give it another meaning takes a new [`VERSION`].

use std::collections::BTreeMap;

use bench_record::{Arm, ArmInfo, CacheUse, CanonicalText, Example, LoadedRun, Outcome, Sample};

/// Version of the columns, in the column `v`. A reader refuses a newer one by name.
pub const VERSION: u64 = 2;

/// Variables with the commit of a CI job; the first one that a run recorded counts.
const COMMITS: [&str; 4] = ["GITHUB_SHA", "CI_COMMIT_SHA", "BUILDKITE_COMMIT", "CIRCLE_SHA1"];

/// Names every column once, with its type: `text`, `count` (unsigned), `moment` (signed), `number` or `flag`.
macro_rules! columns {
    ($use:ident) => {
        $use! {
            v: count, kind: text,
            // The run, in every row: a query needs no join.
            run: text, records: text, started_us: moment, bench: text, scenario: text, scenario_hash: text,
            params: text, comparability: text, machine: text, os: text, kernel: text, ci_commit: text,
            complete: flag, parts: count,
            // The run alone.
            samples: count, end: text,
            // The sample, and what is inside it.
            sample: text, block: count, arm: text, source: text, source_dirty: flag, regime: text,
            position: count, outcome: text, reason: text, counts: flag, name: text, measured: flag,
            retries: count, wall_ns: count, user_ns: count, system_ns: count, peak_rss_bytes: count,
            hits: count, misses: count, empty_at_start: flag, snapshot_bytes: count, files: count, bytes: count,
            archive_bytes: count, save_ns: count, restore_ns: count, output_digest: text,
            load_before: number, load_after: number, steal_ns: count,
            cpu_pressure_ns: count, io_pressure_ns: count, memory_pressure_ns: count
        }
    };
}
pub(crate) use columns;

/// The type of a column.
macro_rules! value {
    (text) => {
        String
    };
    (count) => {
        u64
    };
    (moment) => {
        i64
    };
    (number) => {
        f64
    };
    (flag) => {
        bool
    };
}
pub(crate) use value;

macro_rules! row {
    ($($name:ident: $kind:ident),*) => {
        /// One row; what does not apply to its kind is null.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub(crate) struct Row {
            $(pub(crate) $name: Option<value!($kind)>,)*
        }
    };
}
columns!(row);

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowKind {
    /// The run: exactly one row.
    Run,
    /// A sample.
    Sample,
    /// A phase of a sample.
    Phase,
    /// A cache around a sample.
    Cache,
    /// An example of a sample.
    Example,
}

impl RowKind {
    /// The word in the column `kind`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Sample => "sample",
            Self::Phase => "phase",
            Self::Cache => "cache",
            Self::Example => "example",
        }
    }
}

/// Everything that a store keeps of a run. `records` is the digest of the lines that it was read from,
/// `complete` whether it measured everything that was planned.
pub(crate) fn rows(run: &LoadedRun, records: &str, complete: bool) -> Vec<Row> {
    let common = common(run, records, complete);
    let candidate = arm(run, Arm::Candidate);
    let mut rows = vec![Row {
        samples: Some(run.samples.len() as u64),
        end: run.end.as_ref().map(|end| end.reason.to_string()),
        source: candidate.and_then(|arm| arm.source.revision.clone()),
        source_dirty: candidate.and_then(|arm| arm.source.dirty),
        ..kind(&common, RowKind::Run)
    }];
    for (sample, examples) in &run.samples {
        let of = of_sample(&common, run, sample);
        rows.push(whole(&of, sample));
        rows.extend(sample.phases.iter().map(|phase| Row {
            name: Some(phase.name.clone()),
            measured: Some(phase.measured),
            outcome: Some(phase.outcome.to_string()),
            wall_ns: Some(phase.wall_ns),
            user_ns: Some(phase.usage.user_ns),
            system_ns: Some(phase.usage.system_ns),
            peak_rss_bytes: Some(phase.usage.peak_rss_bytes),
            ..kind(&of, RowKind::Phase)
        }));
        rows.extend(sample.caches.iter().map(|(name, cache)| Row {
            name: Some(name.clone()),
            ..with_cache(kind(&of, RowKind::Cache), [cache])
        }));
        rows.extend(examples.iter().map(|example| of_example(&of, sample, example)));
    }
    rows
}

fn kind(row: &Row, kind: RowKind) -> Row {
    Row { kind: Some(kind.as_str().to_owned()), ..row.clone() }
}

fn arm(run: &LoadedRun, arm: Arm) -> Option<&ArmInfo> {
    run.run.arms.iter().find(|info| info.arm == arm)
}

fn common(run: &LoadedRun, records: &str, complete: bool) -> Row {
    let LoadedRun { run, .. } = run;
    Row {
        v: Some(VERSION),
        run: Some(run.id.to_string()),
        records: Some(records.to_owned()),
        started_us: Some(run.started.timestamp_micros()),
        bench: Some(run.bench.clone()),
        scenario: Some(run.scenario.name.clone()),
        scenario_hash: Some(run.scenario.hash.clone()),
        params: Some(params(&run.params)),
        comparability: Some(comparability(run)),
        machine: Some(machine(&run.host)),
        os: run.host.os.clone(),
        kernel: run.host.kernel.clone(),
        ci_commit: COMMITS.iter().find_map(|name| run.ci.get(*name).cloned()),
        complete: Some(complete),
        parts: Some(run.parts.len() as u64),
        ..Row::default()
    }
}

fn of_sample(common: &Row, run: &LoadedRun, sample: &Sample) -> Row {
    let source = arm(run, sample.arm).map(|arm| &arm.source);
    Row {
        sample: Some(sample.id.to_string()),
        block: Some(sample.block.into()),
        arm: Some(sample.arm.to_string()),
        source: source.and_then(|source| source.revision.clone()),
        source_dirty: source.and_then(|source| source.dirty),
        regime: Some(sample.regime.to_string()),
        counts: Some(sample.outcome == Outcome::Ok),
        ..common.clone()
    }
}

fn whole(of: &Row, sample: &Sample) -> Row {
    let Sample { usage, evidence, noise, .. } = sample;
    Row {
        position: Some(sample.order.into()),
        outcome: Some(sample.outcome.to_string()),
        reason: sample.reason.clone(),
        wall_ns: Some(sample.wall_ns),
        user_ns: Some(usage.user_ns),
        system_ns: Some(usage.system_ns),
        peak_rss_bytes: Some(usage.peak_rss_bytes),
        hits: evidence.hits,
        misses: evidence.misses,
        empty_at_start: Some(evidence.empty_at_start),
        snapshot_bytes: Some(evidence.snapshot_bytes),
        output_digest: sample.output_digest.clone(),
        load_before: noise.load_before,
        load_after: noise.load_after,
        steal_ns: noise.steal_ns,
        cpu_pressure_ns: noise.pressure.cpu_ns,
        io_pressure_ns: noise.pressure.io_ns,
        memory_pressure_ns: noise.pressure.memory_ns,
        ..with_cache(kind(of, RowKind::Sample), sample.caches.values())
    }
}

/// Counted as in the summary: when one example of a sample fails, the times of the others still count.
fn of_example(of: &Row, sample: &Sample, example: &Example) -> Row {
    let proven = sample.outcome != Outcome::Unproven && sample.evidence.contradictions.is_empty();
    Row {
        name: Some(example.name.clone()),
        position: Some(example.position.into()),
        outcome: Some(example.outcome.to_string()),
        reason: example.reason.clone(),
        retries: Some(example.retries.into()),
        wall_ns: Some(example.wall_ns),
        counts: Some(proven && example.outcome == Outcome::Ok),
        ..kind(of, RowKind::Example)
    }
}

/// Adds the sums over caches; null only when no cache has the value.
fn with_cache<'a>(row: Row, caches: impl IntoIterator<Item = &'a CacheUse>) -> Row {
    let caches: Vec<&CacheUse> = caches.into_iter().collect();
    let sum = |value: fn(&CacheUse) -> Option<u64>| {
        caches.iter().filter_map(|cache| value(cache)).reduce(u64::saturating_add)
    };
    Row {
        files: sum(|cache| Some(cache.files)),
        bytes: sum(|cache| Some(cache.bytes)),
        archive_bytes: sum(|cache| cache.archive_bytes),
        save_ns: sum(|cache| cache.save_ns),
        restore_ns: sum(|cache| cache.restore_ns),
        ..row
    }
}

/// Params as one text that can be compared: a JSON object, names in order.
pub(crate) fn params(params: &BTreeMap<String, String>) -> String {
    params
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect::<serde_json::Value>()
        .to_string()
}

/// What must agree before two runs may be compared. A merged run has no key of its own: it gets one that is made from
/// the machines of its parts, the tools and the scenario.
pub(crate) fn comparability(run: &bench_record::Run) -> String {
    if !run.comparability.is_empty() {
        return run.comparability.clone();
    }
    let mut machines: Vec<CanonicalText> =
        run.parts.iter().map(|part| machine_facts(&part.host)).collect();
    machines.sort();
    machines.dedup();
    let mut text = CanonicalText::new("bench.merged-comparability/1");
    for machine in &machines {
        text = text.with("machine", machine.as_str());
    }
    for (name, tool) in &run.tools {
        text = text.with("tool", name).with_optional("version", tool.version.as_ref());
    }
    let text = text.with("scenario", &run.scenario.hash);
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// What two machines must agree on.
fn machine_facts(host: &bench_record::Host) -> CanonicalText {
    CanonicalText::new("bench.machine/1")
        .with_optional("cpu", host.cpu.as_ref())
        .with_optional("cores", host.cores)
        .with_optional("cgroup_cores", host.cgroup_cores)
        .with_optional("memory_bytes", host.memory_bytes)
        .with_optional("kernel", host.kernel.as_ref())
        .with_optional("file_system", host.file_system.as_ref())
}

/// The machine in words, to tell series apart; whether runs may be compared is decided by the key.
pub(crate) fn machine(host: &bench_record::Host) -> String {
    let cpu = host.cpu.clone().unwrap_or_else(|| "unknown CPU".to_owned());
    match host.cores {
        Some(cores) => {
            format!("{cpu}, {}", bench_reports::document::units::counted(cores as usize, "core"))
        }
        None => cpu,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_guide_has_every_column() {
        let guide = include_str!("../../../docs/HISTORY.md");
        let mut found = 0;
        macro_rules! names {
            ($($name:ident: $kind:ident),*) => { [$((stringify!($name), stringify!($kind))),*] };
        }
        for (name, kind) in columns!(names) {
            assert!(
                guide.contains(&format!("| `{name}` | {kind} |")),
                "`{name}` ({kind}) is not in the guide"
            );
            found += 1;
        }
        assert_eq!(
            guide
                .lines()
                .filter(|line| line.starts_with("| `") && line.matches('|').count() == 5)
                .count(),
            found
        );
    }
}
