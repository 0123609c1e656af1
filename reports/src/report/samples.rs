//! Every sample with its logs, and the noise around it.

use bench_record::{CacheUse, Example, LoadedRun, Outcome, Regime, Sample};

use super::cells::time;
use super::examples::timed;
use super::input::Input;
use crate::document::chart::{Axis, Curve, CurveChart, Scale, axis};
use crate::document::{Blocks, Cell, Column, Figure, Link, NOTHING, Section, Table, Words, units};
use crate::marks::{legend, mark, marked};

/// Nanoseconds in a second.
const NS: f64 = 1e9;

/// Samples as they ran, whatever their order in the file.
pub(super) fn in_order(run: &LoadedRun) -> Vec<(&Sample, &[Example])> {
    let mut samples: Vec<(&Sample, &[Example])> =
        run.samples.iter().map(|(sample, examples)| (sample, examples.as_slice())).collect();
    samples.sort_by_key(|(sample, _)| (sample.block, sample.order, &sample.id));
    samples
}

fn number(value: Option<u64>) -> Cell {
    let shown = value.map_or_else(|| NOTHING.to_owned(), |value| value.to_string());
    Cell::number(shown, value.map(|value| value as f64))
}

fn seconds(ns: Option<u64>) -> Cell {
    let seconds = ns.map(|ns| ns as f64 / NS);
    Cell::number(time(seconds), seconds)
}

/// Every sample, with links to its logs.
pub(super) fn section(input: &Input) -> Option<Section> {
    let columns = [
        Column::words("sample"),
        Column::numbers("block"),
        Column::numbers("order"),
        Column::words("regime"),
        Column::words("outcome"),
        Column::numbers("time"),
        Column::numbers("CPU"),
        Column::numbers("peak memory"),
        Column::numbers("restore"),
        Column::numbers("save"),
        Column::numbers("hits"),
        Column::numbers("misses"),
        Column::words("logs"),
    ];
    let mut table = Table::new("Samples", columns).sortable().tall();
    for (index, (sample, _)) in in_order(input.run).into_iter().enumerate() {
        table.row_at(format!("sample-{index}"), row(input, sample));
    }
    if table.is_empty() {
        return None;
    }
    let blocks = Blocks::new().table(table.without_empty_columns());
    Some(Section::new("samples", "Samples", blocks))
}

fn row(input: &Input, sample: &Sample) -> [Cell; 13] {
    let moved = |of: fn(&CacheUse) -> Option<u64>| {
        seconds(sample.caches.values().filter_map(of).reduce(u64::saturating_add))
    };
    // Who imports times knows nothing else.
    let usage = (sample.regime != Regime::Unknown).then_some(sample.usage);
    let memory = usage.map(|usage| usage.peak_rss_bytes);
    let outcome = Words::from(sample.outcome.as_str());
    let outcome = match &sample.reason {
        Some(reason) => outcome.text(": ").sentence(reason),
        None => outcome,
    };
    [
        Cell::name(sample.id.as_str()),
        number(Some(u64::from(sample.block))),
        number(Some(u64::from(sample.order))),
        marked(sample.regime).into(),
        outcome.into(),
        seconds(Some(sample.wall_ns)),
        seconds(usage.map(|usage| usage.user_ns.saturating_add(usage.system_ns))),
        Cell::number(
            memory.map_or_else(|| NOTHING.to_owned(), units::bytes),
            memory.map(|bytes| bytes as f64),
        ),
        moved(|cache| cache.restore_ns),
        moved(|cache| cache.save_ns),
        number(sample.evidence.hits),
        number(sample.evidence.misses),
        logs(input, sample).into(),
    ]
}

/// What each phase of a sample printed.
fn logs(input: &Input, sample: &Sample) -> Words {
    let Some(logs) = input.beside.logs else { return Words::new() };
    let phases = sample.phases.iter().filter_map(|phase| {
        let link = |stream: &str| {
            Link::file(logs, &[sample.id.as_str(), &format!("{}.{stream}", phase.name)])
        };
        let (out, err) = link("out").zip(link("err"))?;
        let label = |stream| format!("{stream} of {}, {}", phase.name, sample.id);
        let words = Words::new().name(&phase.name).text(" ");
        let words = words.labelled_link(out, "out", label("out")).text(" ");
        Some(words.labelled_link(err, "err", label("err")))
    });
    Words::joined(phases, " ")
}

/// How quiet the machine was, and whether times drifted.
pub(super) fn noise(input: &Input) -> Option<Section> {
    let columns = [
        Column::words("sample"),
        Column::words("regime"),
        Column::numbers("time"),
        Column::numbers("load before"),
        Column::numbers("load after"),
        Column::numbers("waited for CPU"),
        Column::numbers("waited for I/O"),
        Column::numbers("waited for memory"),
        Column::numbers("stolen"),
    ];
    let mut table = Table::new("Noise around every sample", columns).sortable().tall();
    let load = |load: Option<f64>| {
        let shown = load.map_or_else(|| NOTHING.to_owned(), |load| format!("{load:.2}"));
        Cell::number(shown, load)
    };
    for (sample, _) in in_order(input.run) {
        let noise = sample.noise;
        let known =
            [noise.pressure.cpu_ns, noise.pressure.io_ns, noise.pressure.memory_ns, noise.steal_ns];
        if noise.load_before.is_none() && known.iter().all(Option::is_none) {
            continue;
        }
        let first: [Cell; 5] = [
            Cell::name(sample.id.as_str()),
            marked(sample.regime).into(),
            seconds(Some(sample.wall_ns)),
            load(noise.load_before),
            load(noise.load_after),
        ];
        table.row(first.into_iter().chain(known.map(seconds)));
    }
    let caption = "Time of every sample in the order in which they ran: a slope is drift.";
    let figure = drift(input.run)
        .map(|chart| Figure::curves(chart, caption).legend(legend(timed(input.summary))));
    let rows = Blocks::new().table(table.without_empty_columns());
    let blocks = Blocks::new().figure(figure).folded("Every sample", rows);
    (!blocks.is_empty()).then(|| Section::new("noise", "Noise", blocks))
}

/// Samples in the order in which they ran.
fn drift(run: &LoadedRun) -> Option<CurveChart> {
    let samples = in_order(run);
    let points = |regime: Regime| -> Vec<(f64, f64)> {
        samples
            .iter()
            .zip(1_u32..)
            .filter(|((sample, _), _)| sample.regime == regime && sample.outcome == Outcome::Ok)
            .map(|((sample, _), index)| (f64::from(index), sample.wall_ns as f64 / NS))
            .collect()
    };
    let lines: Vec<Curve> = Regime::ALL
        .into_iter()
        .chain([Regime::Unknown])
        .map(|regime| Curve { mark: mark(regime), points: points(regime) })
        .filter(|curve| !curve.points.is_empty())
        .collect();
    let all = || lines.iter().flat_map(|curve| &curve.points);
    if all().count() < 2 {
        return None;
    }
    let across = Axis::covering(Scale::Linear, all().map(|point| point.0), axis::ordinal)?;
    let up = Axis::covering(Scale::Log, all().map(|point| point.1), axis::seconds)?;
    Some(CurveChart { across, up, lines, steps: false })
}
