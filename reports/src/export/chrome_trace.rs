//! Chrome trace events, which Perfetto and `chrome://tracing` open: one process per sample.
//!
//! Format: "Trace Event Format" (the Catapult project). Records have the start of a sample and the duration of
//! what is in it, so what ran one after another is laid end to end; [`ASSUMED`] says so in the file itself.

use std::collections::BTreeMap;

use bench_record::{CacheUse, Example, LoadedRun, PhaseTime, Sample};
use serde::Serialize;

use super::names::plain;
use super::{ExportError, Exporter, Input, cut_short};
use crate::document::units::counted;
use crate::summary::SEQUENTIAL;

/// What is not measured about the position of slices.
const ASSUMED: &str = "Only the start of a sample's first phase is measured. Restores are laid end to end before it, \
                       phases after it, saves after those; examples in their order of execution. Gaps are not shown.";

/// The track of what the job does in turn.
const JOB: u32 = 1;
/// The track of examples that cannot be placed inside a phase.
const EXAMPLES: u32 = 2;

/// Writes restores, phases with their examples, and saves of every sample. A sample that is unproven, failed
/// or timed out is shown too, and named as such: a trace shows what happened and estimates nothing.
#[derive(Clone, Copy, Debug)]
pub struct ChromeTrace;

/// One event; `ph` is `M` (a name) or `X` (a slice).
#[derive(Serialize)]
struct Event {
    ph: &'static str,
    pid: u32,
    tid: u32,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cat: Option<&'static str>,
    /// Microseconds since the earliest slice.
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<f64>,
    /// Microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<f64>,
    args: BTreeMap<&'static str, serde_json::Value>,
}

impl Exporter for ChromeTrace {
    fn export(&self, input: &Input) -> Result<String, ExportError> {
        let run = &input.run.run;
        let mut other_data = BTreeMap::from([
            ("scenario", plain(&run.scenario.name)),
            ("run", plain(run.id.as_str())),
            ("started", run.started.to_rfc3339()),
            ("positions", ASSUMED.to_owned()),
        ]);
        if let Some(cpu) = &run.host.cpu {
            other_data.insert("cpu", plain(cpu));
        }
        let other_data = serde_json::to_string(&other_data)?;
        let events: Vec<String> =
            events(input.run).iter().map(serde_json::to_string).collect::<Result<_, _>>()?;
        // One event per line: there are thousands, and each is read on its own.
        Ok(format!(
            "{{\"displayTimeUnit\":\"ms\",\"otherData\":{other_data},\"traceEvents\":[\n{}\n]}}\n",
            events.join(",\n")
        ))
    }

    fn notes(&self, run: &LoadedRun) -> Vec<String> {
        if run.run.imported.is_some() {
            return vec![
                "imported times are left out: nobody knows when they were taken, so the trace is empty \
                 (hint: `bench export --format hyperfine` keeps them)"
                    .to_owned(),
            ];
        }
        let bad = run.samples.iter().filter(|(s, _)| s.outcome != bench_record::Outcome::Ok);
        let bad = match bad.count() {
            0 => None,
            count => Some(format!(
                "{} did not end `ok` and entered no estimate: shown, with the outcome in the name",
                counted(count, "sample")
            )),
        };
        bad.into_iter().chain(cut_short(run)).collect()
    }
}

fn events(run: &LoadedRun) -> Vec<Event> {
    if run.run.imported.is_some() {
        return Vec::new();
    }
    let mut samples: Vec<&(Sample, Vec<Example>)> = run.samples.iter().collect();
    samples.sort_by_key(|(sample, _)| (sample.block, sample.order, &sample.id));
    let Some(base) = samples.iter().map(|(sample, _)| first_ns(sample)).min() else {
        return Vec::new();
    };
    let mut events = Vec::new();
    for ((sample, examples), pid) in samples.into_iter().zip(1..) {
        Process { pid, base, sample, events: &mut events }.write(examples);
    }
    events
}

/// Start of the first phase in nanoseconds since 1970; wide enough for every date that a record can have.
fn started_ns(sample: &Sample) -> i128 {
    i128::from(sample.started.timestamp()) * 1_000_000_000
        + i128::from(sample.started.timestamp_subsec_nanos())
}

/// Start of the first restore.
fn first_ns(sample: &Sample) -> i128 {
    let restores = sample.caches.values().filter_map(|cache| cache.restore_ns);
    started_ns(sample) - restores.map(i128::from).sum::<i128>()
}

/// The events of one sample.
struct Process<'a> {
    pid: u32,
    base: i128,
    sample: &'a Sample,
    events: &'a mut Vec<Event>,
}

impl Process<'_> {
    fn write(&mut self, examples: &[Example]) {
        let sample = self.sample;
        let outcome = match sample.outcome {
            bench_record::Outcome::Ok => String::new(),
            bad => format!(" ({bad})"),
        };
        let name = format!("block {} {} {}{outcome}", sample.block, sample.arm, sample.regime);
        self.meta("process_name", 0, "name", name.into());
        self.meta("process_sort_index", 0, "sort_index", self.pid.into());
        self.meta("thread_name", JOB, "name", "job".into());
        let mut at = self.transfers("restore", first_ns(sample), |cache| cache.restore_ns);
        let home = phase_of(sample, examples);
        for (index, phase) in sample.phases.iter().enumerate() {
            self.phase(phase, at);
            if home == Some(index) {
                self.examples(examples, JOB, at);
            }
            at += i128::from(phase.wall_ns);
        }
        if home.is_none() && !examples.is_empty() {
            let label = "examples (times measured, positions not)";
            self.meta("thread_name", EXAMPLES, "name", label.into());
            self.examples(examples, EXAMPLES, started_ns(sample));
        }
        self.transfers("save", at, |cache| cache.save_ns);
    }

    fn meta(&mut self, name: &str, tid: u32, key: &'static str, value: serde_json::Value) {
        self.events.push(Event {
            ph: "M",
            pid: self.pid,
            tid,
            name: name.to_owned(),
            cat: None,
            ts: None,
            dur: None,
            args: BTreeMap::from([(key, value)]),
        });
    }

    fn slice(
        &mut self,
        (cat, name): (&'static str, String),
        tid: u32,
        (at, wall_ns): (i128, u64),
        args: BTreeMap<&'static str, serde_json::Value>,
    ) {
        self.events.push(Event {
            ph: "X",
            pid: self.pid,
            tid,
            name,
            cat: Some(cat),
            ts: Some((at - self.base) as f64 / 1e3),
            dur: Some(wall_ns as f64 / 1e3),
            args,
        });
    }

    /// One slice per cache that was moved, end to end; where the last one ends. Files that stayed took no time.
    fn transfers(
        &mut self,
        what: &'static str,
        mut at: i128,
        time: fn(&CacheUse) -> Option<u64>,
    ) -> i128 {
        for (name, cache) in &self.sample.caches {
            let Some(wall_ns) = time(cache).filter(|wall_ns| *wall_ns > 0) else { continue };
            let args = BTreeMap::from([("archive_bytes", cache.archive_bytes.into())]);
            self.slice((what, format!("{what} {}", plain(name))), JOB, (at, wall_ns), args);
            at += i128::from(wall_ns);
        }
        at
    }

    fn phase(&mut self, phase: &PhaseTime, at: i128) {
        let args = BTreeMap::from([
            ("outcome", phase.outcome.as_str().into()),
            ("measured", phase.measured.into()),
            ("commands", phase.commands.into()),
            ("user_s", (phase.usage.user_ns as f64 / 1e9).into()),
            ("system_s", (phase.usage.system_ns as f64 / 1e9).into()),
            ("peak_rss_bytes", phase.usage.peak_rss_bytes.into()),
        ]);
        self.slice(("phase", plain(&phase.name)), JOB, (at, phase.wall_ns), args);
    }

    fn examples(&mut self, examples: &[Example], tid: u32, mut at: i128) {
        for example in in_order(examples) {
            let mut args = BTreeMap::from([
                ("outcome", example.outcome.as_str().into()),
                ("position", example.position.into()),
            ]);
            if let Some(reason) = &example.reason {
                args.insert("reason", plain(reason).into());
            }
            if example.retries > 0 {
                args.insert("retries", example.retries.into());
            }
            self.slice(("example", plain(&example.name)), tid, (at, example.wall_ns), args);
            at += i128::from(example.wall_ns);
        }
    }
}

fn in_order(examples: &[Example]) -> Vec<&Example> {
    let mut sorted: Vec<&Example> = examples.iter().collect();
    sorted.sort_by_key(|example| example.position);
    sorted
}

/// The measured phase whose time the examples fill and do not exceed: they ran one after another in it.
fn phase_of(sample: &Sample, examples: &[Example]) -> Option<usize> {
    let sum: u128 = examples.iter().map(|example| u128::from(example.wall_ns)).sum();
    let fills = |wall_ns: u64| {
        sum <= u128::from(wall_ns) && sum as f64 >= wall_ns as f64 * (1.0 - SEQUENTIAL)
    };
    sample
        .phases
        .iter()
        .enumerate()
        .filter(|(_, phase)| phase.measured && sum > 0 && fills(phase.wall_ns))
        .min_by_key(|(_, phase)| u128::from(phase.wall_ns) - sum)
        .map(|(index, _)| index)
}
