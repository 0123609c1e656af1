//! What proves the regimes, every sample with its logs, and the noise around them.

use bench_record::{CacheUse, Example, LoadedRun, Regime, RegimeSummary, Sample};

use super::super::table::{NOTHING, label, time};
use super::super::{Input, evidence as shared};
use super::markup::{Markup, address_segment};
use super::page::Section;
use super::table::{Cell, Table, numbers, words};
use super::{charts, figure, head, legend};
use crate::document::units;

/// Nanoseconds in a second.
const NS: f64 = 1e9;

/// Samples as they ran, whatever their order in the file.
pub(super) fn in_order(run: &LoadedRun) -> Vec<(&Sample, &[Example])> {
    let mut samples: Vec<(&Sample, &[Example])> =
        run.samples.iter().map(|(sample, examples)| (sample, examples.as_slice())).collect();
    samples.sort_by_key(|(sample, _)| (sample.block, sample.order, &sample.id));
    samples
}

/// What was found about each regime.
pub(super) fn evidence(input: &Input) -> Option<Section> {
    let mut table = Table::new(
        "Evidence",
        vec![
            words("regime"),
            numbers("proven"),
            words("what proves it"),
            numbers("put in place"),
            numbers("hits"),
            numbers("misses"),
            numbers("killed"),
        ],
    );
    for regime in &input.summary.regimes {
        let samples: Vec<&Sample> = input
            .run
            .samples
            .iter()
            .map(|(sample, _)| sample)
            .filter(|sample| (sample.regime, sample.arm) == (regime.regime, regime.arm))
            .collect();
        if !samples.is_empty() {
            table.row(row(regime, &samples));
        }
    }
    if table.is_empty() {
        return None;
    }
    let contradictions: Vec<Markup> = input
        .run
        .samples
        .iter()
        .filter(|(sample, _)| !sample.evidence.contradictions.is_empty())
        .map(|(sample, _)| {
            Markup::new("<li><code>")
                .name(sample.id.as_str())
                .raw("</code>: ")
                .sentence(&sample.evidence.contradictions.join("; "))
                .raw("</li>\n")
        })
        .collect();
    let listed = if contradictions.is_empty() {
        Markup::default()
    } else {
        Markup::new("<h3>Contradictions</h3>\n<ul class=\"notes\">\n")
            .all(contradictions)
            .raw("</ul>\n")
    };
    let body = Markup::new("<p>")
        .sentence(&shared::line(input.run))
        .raw(".</p>\n")
        .add(&table.without_empty_columns().markup())
        .add(&listed);
    Some(Section {
        id: "evidence",
        heading: "Evidence",
        lead: "A sample whose evidence contradicts its regime enters no estimate. Hits and misses: smallest to largest of a \
               sample; hits inside a cold sample are its own reuse.",
        body,
    })
}

fn row(regime: &RegimeSummary, samples: &[&Sample]) -> Vec<Cell> {
    let proof = samples.iter().filter(|sample| shared::holds(sample)).count();
    let what = match regime.regime {
        Regime::Cold => format!("{proof} of {} started empty", samples.len()),
        Regime::SameRunner | Regime::Hot => {
            format!("{proof} of {} had their own seed", samples.len())
        }
        Regime::CrossRunner => format!("{proof} of {} had another runner's seed", samples.len()),
        Regime::Unknown => "nothing: the tool does not say".to_owned(),
    };
    let proven = samples.iter().filter(|sample| shared::proven(sample)).count();
    let counts = |value: fn(&Sample) -> Option<u64>| {
        let all: Vec<u64> = samples.iter().filter_map(|sample| value(sample)).collect();
        match (all.iter().min(), all.iter().max()) {
            (Some(low), Some(high)) if low == high => low.to_string(),
            (Some(low), Some(high)) => format!("{low}-{high}"),
            _ => NOTHING.to_owned(),
        }
    };
    let seed = samples
        .iter()
        .map(|sample| sample.evidence.snapshot_bytes)
        .max()
        .filter(|bytes| *bytes > 0);
    let killed: u64 = samples.iter().map(|sample| u64::from(sample.evidence.killed)).sum();
    vec![
        Markup::new("<span class=\"key\">")
            .add(&legend::mark(regime.regime))
            .text(&label(regime))
            .raw("</span>")
            .into(),
        format!("{proven}/{}", samples.len()).into(),
        what.into(),
        seed.map_or_else(|| NOTHING.to_owned(), units::bytes).into(),
        counts(|sample| sample.evidence.hits).into(),
        counts(|sample| sample.evidence.misses).into(),
        if killed == 0 { NOTHING.to_owned() } else { killed.to_string() }.into(),
    ]
}

/// Every sample, with links to its logs.
pub(super) fn samples(input: &Input) -> Option<Section> {
    let samples = in_order(input.run);
    if samples.is_empty() {
        return None;
    }
    let mut table = Table::new(
        "Samples",
        vec![
            words("sample"),
            numbers("block"),
            numbers("order"),
            words("regime"),
            words("outcome"),
            numbers("time"),
            numbers("CPU"),
            numbers("peak memory"),
            numbers("restore"),
            numbers("save"),
            numbers("hits"),
            numbers("misses"),
            words("logs"),
        ],
    )
    .interactive();
    let number = |value: Option<u64>| {
        Cell::number(
            &value.map_or_else(|| NOTHING.to_owned(), |v| v.to_string()),
            value.map(|v| v as f64),
        )
    };
    let seconds = |ns: Option<u64>| {
        let seconds = ns.map(|ns| ns as f64 / NS);
        Cell::number(&time(seconds), seconds)
    };
    for (index, (sample, _)) in samples.iter().enumerate() {
        let moved = |of: fn(&CacheUse) -> Option<u64>| {
            seconds(sample.caches.values().filter_map(of).reduce(u64::saturating_add))
        };
        // Who imports times knows nothing else.
        let usage = (sample.regime != Regime::Unknown).then_some(sample.usage);
        let memory = usage.map(|usage| usage.peak_rss_bytes);
        let outcome = Markup::of(sample.outcome.as_str());
        let outcome = match &sample.reason {
            Some(reason) => outcome.raw(": ").sentence(reason),
            None => outcome,
        };
        table.row_at(
            format!("sample-{index}"),
            vec![
                Markup::default().name(sample.id.as_str()).into(),
                number(Some(u64::from(sample.block))),
                number(Some(u64::from(sample.order))),
                legend::named(sample.regime).into(),
                outcome.into(),
                seconds(Some(sample.wall_ns)),
                seconds(usage.map(|usage| usage.user_ns.saturating_add(usage.system_ns))),
                Cell::number(
                    &memory.map_or_else(|| NOTHING.to_owned(), units::bytes),
                    memory.map(|bytes| bytes as f64),
                ),
                moved(|cache| cache.restore_ns),
                moved(|cache| cache.save_ns),
                number(sample.evidence.hits),
                number(sample.evidence.misses),
                logs(input, sample).into(),
            ],
        );
    }
    let body = Markup::new("<div class=\"tall\">")
        .add(&table.without_empty_columns().markup())
        .raw("</div>\n");
    Some(Section { id: "samples", heading: "Samples", lead: "", body })
}

/// What each phase of a sample printed.
fn logs(input: &Input, sample: &Sample) -> Markup {
    let Some(logs) = input.beside.logs else { return Markup::default() };
    let Some(id) = address_segment(sample.id.as_str()) else { return Markup::default() };
    sample.phases.iter().fold(Markup::default(), |all, phase| {
        let all = if all.as_str().is_empty() { all } else { all.raw(" ") };
        ["out", "err"].into_iter().fold(all.name(&phase.name), |all, stream| match address_segment(
            &format!("{}.{stream}", phase.name),
        ) {
            Some(file) => all
                .raw(" <a")
                .attribute("href", &format!("{logs}/{id}/{file}"))
                .attribute("aria-label", &format!("{} of {}, {}", stream, phase.name, sample.id))
                .raw(">")
                .text(stream)
                .raw("</a>"),
            None => all,
        })
    })
}

/// How quiet the machine was, and whether times drifted.
pub(super) fn noise(input: &Input) -> Option<Section> {
    let mut table = Table::new(
        "Noise around every sample",
        vec![
            words("sample"),
            words("regime"),
            numbers("time"),
            numbers("load before"),
            numbers("load after"),
            numbers("waited for CPU"),
            numbers("waited for I/O"),
            numbers("waited for memory"),
            numbers("stolen"),
        ],
    )
    .interactive();
    let load = |load: Option<f64>| {
        Cell::number(&load.map_or_else(|| NOTHING.to_owned(), |load| format!("{load:.2}")), load)
    };
    let waited = |ns: Option<u64>| {
        let seconds = ns.map(|ns| ns as f64 / NS);
        Cell::number(&time(seconds), seconds)
    };
    for (sample, _) in in_order(input.run) {
        let noise = sample.noise;
        let known =
            [noise.pressure.cpu_ns, noise.pressure.io_ns, noise.pressure.memory_ns, noise.steal_ns];
        if noise.load_before.is_none() && known.iter().all(Option::is_none) {
            continue;
        }
        table.row(vec![
            Markup::default().name(sample.id.as_str()).into(),
            legend::named(sample.regime).into(),
            waited(Some(sample.wall_ns)),
            load(noise.load_before),
            load(noise.load_after),
            waited(noise.pressure.cpu_ns),
            waited(noise.pressure.io_ns),
            waited(noise.pressure.memory_ns),
            waited(noise.steal_ns),
        ]);
    }
    let chart = charts::drift(input.run).map(|svg| {
        figure(
            &svg,
            &legend::of(head::timed(input))
                .text("Time of every sample in the order in which they ran: a slope is drift."),
        )
    });
    if chart.is_none() && table.is_empty() {
        return None;
    }
    let rows = if table.is_empty() {
        Markup::default()
    } else {
        Markup::new("<details><summary>Every sample</summary><div class=\"tall\">")
            .add(&table.without_empty_columns().markup())
            .raw("</div></details>\n")
    };
    let body = chart.unwrap_or_default().add(&rows);
    Some(Section { id: "noise", heading: "Noise", lead: "", body })
}
