//! What proves that each sample ran in its regime.

use bench_record::{LoadedRun, Outcome, Regime, RegimeSummary, Sample};

use super::cells::label;
use super::input::Input;
use crate::document::text::word;
use crate::document::{Blocks, Cell, Column, Media, NOTHING, Section, Table, Words, units};
use crate::marks::mark;

/// Counts on a terminal, all that was found on a page. Markdown has the counts in its last section.
#[expect(clippy::unnecessary_wraps, reason = "the list of sections holds functions of one type")]
pub(super) fn section(input: &Input) -> Option<Section> {
    let line = line(input.run);
    let table = table(input);
    let counts = Blocks::new().quiet(format!("Evidence: {line}")).only(
        Media::ALL,
        own_share(input).map_or_else(Blocks::new, |share| Blocks::new().quiet(share)),
    );
    let mut blocks = Blocks::new().only(Media::TERMINAL, counts);
    if !table.is_empty() {
        let found = Blocks::new()
            .paragraph(format!("{line}."))
            .table(table.without_empty_columns())
            .then(contradictions(input.run));
        blocks = blocks.only(Media::HTML, found);
    }
    Some(Section::new("evidence", "Evidence", blocks).headed(Media::HTML).lead(
        "A sample whose evidence contradicts its regime enters no estimate. Hits and misses: smallest to largest of a \
         sample; hits inside a cold sample are its own reuse.",
    ))
}

/// How much of the run's time `bench` itself took; `None` for an imported run.
pub(super) fn own_share(input: &Input) -> Option<String> {
    if input.run.run.imported.is_some() {
        return None;
    }
    Some(match input.summary.harness_share {
        Some(share) => format!("Own share: {} of the run's wall time", units::percent(share)),
        None => "Own share: unknown: the run was cut short".to_owned(),
    })
}

/// What was found about each regime.
fn table(input: &Input) -> Table {
    let columns = [
        Column::words("regime"),
        Column::numbers("proven"),
        Column::words("what proves it"),
        Column::numbers("put in place"),
        Column::numbers("hits"),
        Column::numbers("misses"),
        Column::numbers("killed"),
    ];
    let mut table = Table::new("Evidence", columns);
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
    table
}

fn row(regime: &RegimeSummary, samples: &[&Sample]) -> [Cell; 7] {
    let proof = samples.iter().filter(|sample| holds(sample)).count();
    let what = match regime.regime {
        Regime::Cold => format!("{proof} of {} started empty", samples.len()),
        Regime::SameRunner | Regime::Hot => {
            format!("{proof} of {} had their own snapshot", samples.len())
        }
        Regime::CrossRunner => {
            format!("{proof} of {} had another runner's snapshot, at its paths", samples.len())
        }
        Regime::MovedRunner => {
            format!("{proof} of {} had another runner's snapshot, at other paths", samples.len())
        }
        Regime::Unknown => "nothing: the tool does not say".to_owned(),
    };
    let proven = samples.iter().filter(|sample| proven(sample)).count();
    let counts = |value: fn(&Sample) -> Option<u64>| {
        let all: Vec<u64> = samples.iter().filter_map(|sample| value(sample)).collect();
        match (all.iter().min(), all.iter().max()) {
            (Some(low), Some(high)) if low == high => low.to_string(),
            (Some(low), Some(high)) => format!("{low}-{high}"),
            _ => NOTHING.to_owned(),
        }
    };
    let restored = samples
        .iter()
        .map(|sample| sample.evidence.snapshot_bytes)
        .max()
        .filter(|bytes| *bytes > 0);
    let killed: u64 = samples.iter().map(|sample| u64::from(sample.evidence.killed)).sum();
    [
        Words::new().key(mark(regime.regime), label(regime)).into(),
        format!("{proven}/{}", samples.len()).into(),
        what.into(),
        Cell::or_nothing(restored.map(units::bytes)),
        counts(|sample| sample.evidence.hits).into(),
        counts(|sample| sample.evidence.misses).into(),
        Cell::or_nothing((killed > 0).then(|| killed.to_string())),
    ]
}

fn contradictions(run: &LoadedRun) -> Blocks {
    let contradicted =
        run.samples.iter().filter(|(sample, _)| !sample.evidence.contradictions.is_empty());
    let items: Vec<Words> = contradicted
        .map(|(sample, _)| {
            let found = sample.evidence.contradictions.join("; ");
            Words::new().code(sample.id.as_str()).text(": ").sentence(&found)
        })
        .collect();
    if items.is_empty() {
        Blocks::new()
    } else {
        Blocks::new().heading("Contradictions").items(items)
    }
}

/// Whether what a sample started from is what its regime claims.
fn holds(sample: &Sample) -> bool {
    match sample.regime {
        Regime::Cold => sample.evidence.empty_at_start,
        Regime::SameRunner | Regime::Hot => sample.snapshot_origin.as_ref() == Some(&sample.runner),
        Regime::CrossRunner | Regime::MovedRunner => {
            sample.snapshot_origin.as_ref().is_some_and(|origin| *origin != sample.runner)
        }
        Regime::Unknown => false,
    }
}

/// Whether a sample is proven to be in its regime. One that never ran contradicts nothing and proves nothing.
fn proven(sample: &Sample) -> bool {
    sample.outcome != Outcome::Unproven
        && sample.evidence.contradictions.is_empty()
        && holds(sample)
}

/// Counts of what the records prove.
pub(crate) fn line(run: &LoadedRun) -> String {
    if let Some(imported) = &run.run.imported {
        return format!("none: {} does not say what the caches held", word(&imported.format));
    }
    let count = |wanted: &dyn Fn(&Sample) -> bool| {
        run.samples.iter().filter(|(sample, _)| wanted(sample)).count()
    };
    let part = |name: &str, regime: Regime| {
        let all = count(&|sample| sample.regime == regime);
        let proof = count(&|sample| sample.regime == regime && holds(sample));
        (all > 0).then(|| format!("{regime} {name} {proof} of {all}"))
    };
    let parts: Vec<String> = [
        part("started empty", Regime::Cold),
        part("had its own snapshot", Regime::SameRunner),
        part("had another runner's snapshot at its paths", Regime::CrossRunner),
        part("had another runner's snapshot at other paths", Regime::MovedRunner),
        part("had its own snapshot", Regime::Hot),
    ]
    .into_iter()
    .flatten()
    .collect();
    let proven = count(&proven);
    let all = run.samples.len();
    let killed: u64 = run.samples.iter().map(|(sample, _)| u64::from(sample.evidence.killed)).sum();
    let killed =
        if killed > 0 { format!("; leftover processes killed: {killed}") } else { String::new() };
    let of = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    format!("{proven} of {all} samples proven{of}{killed}")
}
