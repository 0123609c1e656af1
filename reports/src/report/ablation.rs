//! `bench ablate` beside the run: which sets of caches were measured, and what each cache is worth.

use std::collections::BTreeMap;

use bench_record::{CacheSet, Regime};

use super::cells::{came_from, time};
use super::input::Input;
use crate::ablate::{self, Ablation, SetSeen, TimeEstimate};
use crate::document::chart::{Axis, ChartRow, Mark, RowChart, Scale, axis};
use crate::document::{Blocks, Cell, Column, Figure, NOTHING, Section, Table, Words, text, units};
use crate::marks::{legend, mark, marked};

/// Columns of a cache's name above the matrix.
const NAME: usize = 20;

/// `None` without an ablation.
pub(super) fn section(input: &Input) -> Option<Section> {
    let ablation = input.beside.ablate?;
    let figure = chart(ablation).map(|chart| {
        let caption = "Time of a job with each set of caches.";
        Figure::rows(chart, caption).legend(legend(regimes(ablation)))
    });
    let blocks = Blocks::new()
        .notes(ablate::sentences(ablation).iter().chain(&ablation.findings))
        .heading("Sets of caches")
        .figure(figure)
        .table(matrix(ablation))
        .heading("Each cache")
        .table(worth(ablation))
        .quiet(
            "Saved: beside all others that work there. Alone: with no other. Net: saved, less restore and save.",
        )
        .heading("Sizes")
        .table(sizes(ablation))
        .then(overlaps(ablation))
        .quiet(came_from(ablation.run_id.as_str(), &ablation.params));
    let section = Section::new("ablate", "What each cache is worth", blocks);
    Some(section.lead("The same job with every set of its caches."))
}

/// Those that were measured.
fn regimes(ablation: &Ablation) -> Vec<Regime> {
    let measured = |regime: &Regime| ablation.sets.iter().any(|set| set.regime == *regime);
    Regime::ALL.into_iter().filter(measured).collect()
}

/// What was seen of each set, one per regime; small sets first.
fn by_set(ablation: &Ablation) -> Vec<(&CacheSet, BTreeMap<Regime, &SetSeen>)> {
    let mut sets: Vec<(&CacheSet, BTreeMap<Regime, &SetSeen>)> = Vec::new();
    for seen in &ablation.sets {
        match sets.iter_mut().find(|(set, _)| **set == seen.caches) {
            Some((_, of)) => {
                of.insert(seen.regime, seen);
            }
            None => sets.push((&seen.caches, BTreeMap::from([(seen.regime, seen)]))),
        }
    }
    // Stable: sets of one size stay as they were planned.
    sets.sort_by_key(|(set, _)| set.len());
    sets
}

fn chart(ablation: &Ablation) -> Option<RowChart> {
    let lines: Vec<ChartRow> = by_set(ablation)
        .into_iter()
        .map(|(set, of)| {
            let marks: Vec<(f64, Mark)> = of
                .iter()
                .filter_map(|(regime, seen)| Some((seen.wall?.seconds, mark(*regime))))
                .collect();
            let ends = |fold: fn(f64, f64) -> f64| marks.iter().map(|mark| mark.0).reduce(fold);
            ChartRow {
                label: ablate::named(set),
                join: ends(f64::min).zip(ends(f64::max)),
                marks,
                ..ChartRow::default()
            }
        })
        .collect();
    let values = lines.iter().flat_map(|row| row.marks.iter().map(|mark| mark.0));
    let axis = Axis::covering(Scale::Linear, values, axis::seconds)?;
    Some(RowChart { axis, lines, guide: None, band: None })
}

fn matrix(ablation: &Ablation) -> Table {
    let regimes = regimes(ablation);
    let caches: Vec<&str> = ablation.caches.iter().map(|cache| cache.name.as_str()).collect();
    let mut columns: Vec<Column> = vec![Column::words("set")];
    columns.extend(caches.iter().map(|name| Column::signs(text::fit(name, NAME))));
    columns.push(Column::numbers("archive"));
    for regime in &regimes {
        columns.push(Column::numbers(regime.as_str()));
        columns.push(Column::numbers("net"));
    }
    columns.push(Column::words("failed"));
    let mut table = Table::new("Sets of caches", columns).sortable();
    for (set, of) in by_set(ablation) {
        let mut cells: Vec<Cell> = vec![Cell::name(&size(set, caches.len())).into()];
        cells.extend(caches.iter().map(|name| {
            let there = set.iter().any(|one| one == name);
            Cell::number(Words::new().presence(there), Some(f64::from(u8::from(there))))
        }));
        let archive = of.values().map(|seen| seen.archive_bytes).max();
        cells.push(Cell::number(
            archive.map_or_else(|| NOTHING.to_owned(), units::bytes),
            archive.map(|bytes| bytes as f64),
        ));
        for regime in &regimes {
            let seen = of.get(regime);
            let wall = seen.and_then(|seen| seen.wall).map(|wall| wall.seconds);
            let net = seen.and_then(|seen| seen.net_s);
            cells.push(Cell::number(time(wall), wall));
            cells.push(Cell::number(time(net), net));
        }
        let reason = of.values().find_map(|seen| seen.reason.as_deref());
        cells.push(Cell::or_nothing(reason));
        table.row(cells);
    }
    table.without_empty_columns()
}

/// A set by how much of all it is; which ones is what the matrix shows.
fn size(set: &CacheSet, all: usize) -> String {
    match set.len() {
        0 => "none".to_owned(),
        n if n == all => "all".to_owned(),
        n => format!("{n} of {all}"),
    }
}

fn worth(ablation: &Ablation) -> Table {
    let mut table = Table::new(
        "What each cache saves",
        vec![
            Column::words("cache"),
            Column::words("regime"),
            Column::numbers("saved"),
            Column::numbers("interval"),
            Column::numbers("alone"),
            Column::numbers("net"),
            Column::numbers("net per MB"),
        ],
    )
    .sortable();
    let seconds = |of: Option<TimeEstimate>| {
        let seconds = of.map(|of| of.seconds);
        Cell::number(time(seconds), seconds)
    };
    for cache in &ablation.caches {
        for of in &cache.regimes {
            let ends = of.saved.and_then(|saved| saved.low.zip(saved.high));
            table.row([
                Cell::name(&cache.name),
                marked(of.regime).into(),
                seconds(of.saved),
                Cell::or_nothing(ends.map(|(low, high)| units::seconds_range(low, high))),
                seconds(of.alone),
                Cell::number(time(of.net_s), of.net_s),
                Cell::number(time(of.net_s_per_mb), of.net_s_per_mb),
            ]);
        }
    }
    table.without_empty_columns()
}

fn sizes(ablation: &Ablation) -> Table {
    let mut table = Table::new(
        "Sizes of the caches",
        vec![
            Column::words("cache"),
            Column::numbers("files"),
            Column::numbers("size"),
            Column::numbers("archive"),
            Column::numbers("save"),
            Column::numbers("restore"),
            Column::numbers("growth in a warm run"),
        ],
    )
    .sortable();
    for cache in &ablation.caches {
        let bytes = |bytes: u64| Cell::number(units::bytes(bytes), Some(bytes as f64));
        let growth = cache.growth_bytes.map_or_else(
            || NOTHING.to_owned(),
            |growth| {
                let sign = if growth < 0 { "-" } else { "" };
                format!("{sign}{}", units::bytes(growth.unsigned_abs()))
            },
        );
        table.row([
            Cell::name(&cache.name),
            Cell::number(&cache.files.to_string(), Some(cache.files as f64)),
            bytes(cache.bytes),
            bytes(cache.archive_bytes),
            Cell::number(time(cache.save_s), cache.save_s),
            Cell::number(time(cache.restore_s), cache.restore_s),
            Cell::number(growth, cache.growth_bytes.map(|growth| growth as f64)),
        ]);
    }
    table.without_empty_columns()
}

/// Pairs of caches, where there are any.
fn overlaps(ablation: &Ablation) -> Blocks {
    let mut table = Table::new(
        "Work that two caches share",
        vec![
            Column::words("caches"),
            Column::words("regime"),
            Column::numbers("the first alone"),
            Column::numbers("the second alone"),
            Column::numbers("both"),
            Column::numbers("had twice"),
            Column::numbers("share of the smaller"),
        ],
    )
    .sortable();
    for pair in &ablation.pairs {
        let seconds = |value: f64| Cell::number(units::seconds(value), Some(value));
        table.row([
            Words::new().name(&pair.one).text(" and ").name(&pair.other).into(),
            marked(pair.regime).into(),
            seconds(pair.one_s),
            seconds(pair.other_s),
            seconds(pair.both_s),
            seconds(pair.overlap_s),
            Cell::number(pair.share.map_or_else(|| NOTHING.to_owned(), units::percent), pair.share),
        ]);
    }
    if table.is_empty() {
        return Blocks::new();
    }
    Blocks::new().heading("Work that two caches share").table(table.without_empty_columns())
}
