//! `bench ablate` beside the run: which sets of caches were measured, and what each cache is worth.

use std::collections::BTreeMap;

use bench_record::{CacheSet, Regime};

use super::super::Input;
use super::super::table::{NOTHING, time};
use super::markup::Markup;
use super::page::Section;
use super::table::{Cell, Column, Table, numbers, words};
use super::{about, figure, legend, sentences};
use crate::ablate::{self, Ablation, SetSeen, TimeEstimate};
use crate::document::chart::{Axis, ChartRow, Mark, RowChart, Scale, Svg, axis};
use crate::document::text;
use crate::document::units;
use crate::marks::mark;

/// Columns of a cache's name above the matrix.
const NAME: usize = 20;

/// `None` without an ablation.
pub(super) fn section(input: &Input) -> Option<Section> {
    let ablation = input.beside.ablate?;
    let said: Vec<String> =
        ablate::sentences(ablation).into_iter().chain(ablation.findings.iter().cloned()).collect();
    let chart = chart(ablation).map(|svg| {
        let regimes = regimes(ablation);
        figure(&svg, &legend::of(regimes).text("Time of a job with each set of caches."))
    });
    let body = sentences(&said)
        .raw("<h3>Sets of caches</h3>\n")
        .add(&chart.unwrap_or_default())
        .add(&matrix(ablation))
        .raw("<h3>Each cache</h3>\n")
        .add(&worth(ablation))
        .raw("<p class=\"lead\">Saved: beside all others that work there. Alone: with no other. Net: saved, less restore and save.</p>\n")
        .add(&sizes(ablation))
        .add(&overlaps(ablation))
        .add(&about(ablation.run_id.as_str(), &ablation.params));
    Some(Section {
        id: "ablate",
        heading: "What each cache is worth",
        lead: "The same job with every set of its caches.",
        body,
    })
}

/// Those that were measured.
fn regimes(ablation: &Ablation) -> Vec<Regime> {
    let measured = |regime: &Regime| ablation.sets.iter().any(|set| set.regime == *regime);
    Regime::ALL.into_iter().filter(measured).collect()
}

/// What was seen of each set, a regime each; small sets first.
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

fn chart(ablation: &Ablation) -> Option<Svg> {
    let rows: Vec<ChartRow> = by_set(ablation)
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
    let values = rows.iter().flat_map(|row| row.marks.iter().map(|mark| mark.0));
    let axis = Axis::covering(Scale::Linear, values, axis::seconds)?;
    RowChart { axis, lines: rows, guide: None, band: None }.svg()
}

fn matrix(ablation: &Ablation) -> Markup {
    let regimes = regimes(ablation);
    let caches: Vec<&str> = ablation.caches.iter().map(|cache| cache.name.as_str()).collect();
    let mut columns: Vec<Column> = vec![words("set")];
    columns.extend(caches.iter().map(|name| words(&text::fit(name, NAME)).centred()));
    columns.push(numbers("archive"));
    for regime in &regimes {
        columns.push(numbers(regime.as_str()));
        columns.push(numbers("net"));
    }
    columns.push(words("failed"));
    let mut table = Table::new("Sets of caches", columns).interactive();
    for (set, of) in by_set(ablation) {
        let mut cells: Vec<Cell> = vec![Markup::default().name(&size(set, caches.len())).into()];
        cells.extend(caches.iter().map(|name| {
            let there = set.iter().any(|one| one == name);
            let shown = if there {
                Markup::new("<span aria-hidden=\"true\">&#9679;</span><span class=\"quiet-label\">with</span>")
            } else {
                Markup::new("<span class=\"quiet\" aria-hidden=\"true\">&middot;</span><span class=\"quiet-label\">without</span>")
            };
            Cell::with_value(shown, Some(f64::from(u8::from(there))))
        }));
        let archive = of.values().map(|seen| seen.archive_bytes).max();
        cells.push(Cell::number(
            &archive.map_or_else(|| NOTHING.to_owned(), units::bytes),
            archive.map(|bytes| bytes as f64),
        ));
        for regime in &regimes {
            let seen = of.get(regime);
            let wall = seen.and_then(|seen| seen.wall).map(|wall| wall.seconds);
            let net = seen.and_then(|seen| seen.net_s);
            cells.push(Cell::number(&time(wall), wall));
            cells.push(Cell::number(&time(net), net));
        }
        let reason = of.values().find_map(|seen| seen.reason.as_deref());
        cells.push(Markup::default().sentence(reason.unwrap_or(NOTHING)).into());
        table.row(cells);
    }
    table.without_empty_columns().markup()
}

/// A set by how much of all it is; which ones is what the matrix shows.
fn size(set: &CacheSet, all: usize) -> String {
    match set.len() {
        0 => "none".to_owned(),
        n if n == all => "all".to_owned(),
        n => format!("{n} of {all}"),
    }
}

fn worth(ablation: &Ablation) -> Markup {
    let mut table = Table::new(
        "What each cache saves",
        vec![
            words("cache"),
            words("regime"),
            numbers("saved"),
            numbers("interval"),
            numbers("alone"),
            numbers("net"),
            numbers("net per MB"),
        ],
    )
    .interactive();
    let seconds = |of: Option<TimeEstimate>| {
        let seconds = of.map(|of| of.seconds);
        Cell::number(&time(seconds), seconds)
    };
    for cache in &ablation.caches {
        for of in &cache.regimes {
            let ends = of.saved.and_then(|saved| saved.low.zip(saved.high));
            table.row(vec![
                Markup::default().name(&cache.name).into(),
                legend::named(of.regime).into(),
                seconds(of.saved),
                ends.map_or_else(
                    || NOTHING.to_owned(),
                    |(low, high)| units::seconds_range(low, high),
                )
                .into(),
                seconds(of.alone),
                Cell::number(&time(of.net_s), of.net_s),
                Cell::number(&time(of.net_s_per_mb), of.net_s_per_mb),
            ]);
        }
    }
    table.without_empty_columns().markup()
}

fn sizes(ablation: &Ablation) -> Markup {
    let mut table = Table::new(
        "Sizes of the caches",
        vec![
            words("cache"),
            numbers("files"),
            numbers("size"),
            numbers("archive"),
            numbers("save"),
            numbers("restore"),
            numbers("growth in a warm run"),
        ],
    )
    .interactive();
    for cache in &ablation.caches {
        let bytes = |bytes: u64| Cell::number(&units::bytes(bytes), Some(bytes as f64));
        let growth = cache.growth_bytes.map_or_else(
            || NOTHING.to_owned(),
            |growth| {
                let sign = if growth < 0 { "-" } else { "" };
                format!("{sign}{}", units::bytes(growth.unsigned_abs()))
            },
        );
        table.row(vec![
            Markup::default().name(&cache.name).into(),
            Cell::number(&cache.files.to_string(), Some(cache.files as f64)),
            bytes(cache.bytes),
            bytes(cache.archive_bytes),
            Cell::number(&time(cache.save_s), cache.save_s),
            Cell::number(&time(cache.restore_s), cache.restore_s),
            Cell::number(&growth, cache.growth_bytes.map(|growth| growth as f64)),
        ]);
    }
    Markup::new("<h3>Sizes</h3>\n").add(&table.without_empty_columns().markup())
}

/// Pairs of caches, where there are any.
fn overlaps(ablation: &Ablation) -> Markup {
    let mut table = Table::new(
        "Work that two caches share",
        vec![
            words("caches"),
            words("regime"),
            numbers("the first alone"),
            numbers("the second alone"),
            numbers("both"),
            numbers("had twice"),
            numbers("share of the smaller"),
        ],
    )
    .interactive();
    for pair in &ablation.pairs {
        let seconds = |value: f64| Cell::number(&units::seconds(value), Some(value));
        table.row(vec![
            Markup::default().name(&pair.one).raw(" and ").name(&pair.other).into(),
            legend::named(pair.regime).into(),
            seconds(pair.one_s),
            seconds(pair.other_s),
            seconds(pair.both_s),
            seconds(pair.overlap_s),
            Cell::number(
                &pair.share.map_or_else(|| NOTHING.to_owned(), units::percent),
                pair.share,
            ),
        ]);
    }
    if table.is_empty() {
        return Markup::default();
    }
    Markup::new("<h3>Work that two caches share</h3>\n")
        .add(&table.without_empty_columns().markup())
}
