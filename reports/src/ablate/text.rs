//! The ablation for people: on a terminal, as Markdown, and as a section of a run's report.

use std::collections::BTreeMap;

use bench_record::{CacheSet, Regime};

use super::document::{Ablation, Packed, SetSeen, TimeEstimate};
use super::findings::named;
use crate::answer::{about, run_facts};
use crate::document::chart::{Axis, ChartRow, Mark, RowChart, Scale, axis};
use crate::document::terminal::Screen;
use crate::document::{
    Blocks, Cell, Column, Document, Figure, Head, Media, NOTHING, Section, Table, Words,
    markdown as markdown_of, terminal as terminal_of, units,
};
use crate::marks::{legend, mark, marked};

/// The ablation as text; no line is wider than `width`.
pub fn terminal(ablation: &Ablation, width: usize) -> String {
    terminal_of::render(&document(ablation), Screen { width, colour: false })
}

/// The ablation as Markdown; foreign text in it is inert.
pub fn markdown(ablation: &Ablation) -> String {
    markdown_of::render(&document(ablation))
}

fn document(ablation: &Ablation) -> Document {
    let mut facts = run_facts("ablate", ablation.run_id.as_str(), &ablation.params);
    facts.push(Words::new().text(units::counted(ablation.blocks as usize, "block")));
    facts.push(Words::new().text(format!("seed {}", ablation.seed)));
    let head = Head {
        kind: "ablation".to_owned(),
        facts,
        conclusion: sentences(ablation).into_iter().map(Words::from).collect(),
        ..Head::default()
    };
    let title = Words::new().name(&ablation.scenario).text(": what is each cache worth?");
    let section = Section::new("ablate", "Caches", blocks(ablation)).headed(Media::HTML);
    Document::new(title, head, [section])
}

/// The ablation as a section of the report of a run.
pub fn section(ablation: &Ablation) -> Section {
    let all = Blocks::new()
        .notes(sentences(ablation))
        .then(blocks(ablation))
        .quiet(about(ablation.run_id.as_str(), &ablation.params));
    Section::new("ablate", "What each cache is worth", all)
        .lead("The same job with every set of its caches.")
}

fn blocks(ablation: &Ablation) -> Blocks {
    let blocks = Blocks::new()
        .only(Media::HTML, Blocks::new().findings(&ablation.findings))
        .heading("Sets of caches")
        .figure(figure(ablation))
        .only(Media::HTML, Blocks::new().table(matrix(ablation)))
        .only(Media::PLAIN, Blocks::new().table(sets(ablation)))
        .quiet("Net: against no cache, less the transfer. Archive: bytes of the set's archives.")
        .heading("Each cache")
        .table(worth(ablation))
        .quiet(
            "Saved: when added to all other working caches. Alone: with no other cache. Net: saved, less restore and save.",
        )
        .heading("Sizes")
        .table(sizes(ablation))
        .quiet("Growth: in a run that has all caches.")
        .only(Media::MARKDOWN | Media::HTML, overlaps(ablation));
    if ablation.findings.is_empty() {
        return blocks;
    }
    blocks.only(Media::PLAIN, Blocks::new().heading("Findings").findings(&ablation.findings))
}

fn seconds(time: Option<f64>) -> Cell {
    let shown = time.map_or_else(|| NOTHING.to_owned(), units::seconds);
    Cell::number(Words::new().quantity(shown), time)
}

fn estimate(estimate: Option<TimeEstimate>) -> Cell {
    seconds(estimate.map(|estimate| estimate.seconds))
}

fn interval(ends: Option<(f64, f64)>) -> Cell {
    let shown = ends.map(|(low, high)| units::seconds_range(low, high));
    Cell::or_nothing(shown.map(|shown| Words::new().quantity(shown)))
}

fn bytes(bytes: u64) -> Cell {
    Cell::number(Words::new().quantity(units::bytes(bytes)), Some(bytes as f64))
}

/// A set of caches and what was seen of it in each regime.
type SetByRegime<'a> = (&'a CacheSet, BTreeMap<Regime, &'a SetSeen>);

/// Regimes of which sets were measured, and what was seen of each set in them; small sets first.
fn by_set(ablation: &Ablation) -> (Vec<Regime>, Vec<SetByRegime<'_>>) {
    let mut sets: Vec<SetByRegime<'_>> = Vec::new();
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
    let measured = |regime: &Regime| ablation.sets.iter().any(|set| set.regime == *regime);
    (Regime::ALL.into_iter().filter(measured).collect(), sets)
}

fn figure(ablation: &Ablation) -> Option<Figure> {
    let (regimes, sets) = by_set(ablation);
    let rows: Vec<ChartRow> = sets
        .into_iter()
        .map(|(set, of)| {
            let marks: Vec<(f64, Mark)> = of
                .iter()
                .filter_map(|(regime, seen)| Some((seen.wall?.seconds, mark(*regime))))
                .collect();
            let ends = |fold: fn(f64, f64) -> f64| marks.iter().map(|mark| mark.0).reduce(fold);
            let join = ends(f64::min).zip(ends(f64::max));
            ChartRow { label: named(set), join, marks, ..ChartRow::default() }
        })
        .collect();
    let values = rows.iter().flat_map(|row| row.marks.iter().map(|mark| mark.0));
    let axis = Axis::covering(Scale::Linear, values, axis::seconds)?;
    let chart = RowChart { axis, lines: rows, guide: None, band: None };
    Some(Figure::rows(chart, "Time of a job with each set of caches.").legend(legend(regimes)))
}

/// One row per set, with a column per cache.
fn matrix(ablation: &Ablation) -> Table {
    let (regimes, sets) = by_set(ablation);
    let caches: Vec<&str> = ablation.caches.iter().map(|cache| cache.name.as_str()).collect();
    let mut columns = vec![Column::words("set")];
    columns.extend(caches.iter().copied().map(Column::signs));
    columns.push(Column::numbers("archive"));
    for regime in &regimes {
        columns.extend([Column::numbers(regime.as_str()), Column::numbers("net")]);
    }
    columns.push(Column::prose("failed"));
    let mut table = Table::new("Sets of caches", columns).sortable();
    for (set, of) in sets {
        let mut cells: Vec<Cell> = vec![size(set, caches.len()).into()];
        cells.extend(caches.iter().map(|name| {
            let there = set.contains(*name);
            Cell::number(Words::new().presence(there), Some(f64::from(u8::from(there))))
        }));
        let archive = of.values().map(|seen| seen.archive_bytes).max();
        cells.push(archive.map_or_else(|| NOTHING.into(), bytes));
        for regime in &regimes {
            let seen = of.get(regime);
            cells.push(estimate(seen.and_then(|seen| seen.wall)));
            cells.push(seconds(seen.and_then(|seen| seen.net_s)));
        }
        cells.push(Cell::or_nothing(of.values().find_map(|seen| seen.reason.as_deref())));
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

/// One row per set and regime, for where a column per cache has no room.
fn sets(ablation: &Ablation) -> Table {
    let columns = [
        Column::words("regime"),
        Column::names("caches"),
        Column::numbers("n"),
        Column::numbers("time"),
        Column::numbers("net"),
        Column::numbers("interval"),
        Column::numbers("archive"),
    ];
    let mut table = Table::new("Sets of caches", columns).long().of("sets");
    for set in &ablation.sets {
        table.row([
            marked(set.regime).into(),
            caches(&set.caches).into(),
            set.wall.map_or(0, |wall| wall.n).to_string().into(),
            estimate(set.wall),
            seconds(set.net_s),
            interval(set.net_interval().filter(|_| !set.caches.is_empty())),
            bytes(set.archive_bytes),
        ]);
    }
    table
}

fn caches(set: &CacheSet) -> Words {
    if set.is_empty() { named(set).into() } else { Words::new().name(named(set)) }
}

fn worth(ablation: &Ablation) -> Table {
    let columns = [
        Column::words("regime"),
        Column::names("cache"),
        Column::numbers("saved"),
        Column::numbers("interval"),
        Column::numbers("alone"),
        Column::numbers("net"),
        Column::numbers("net per MB"),
    ];
    let mut rows: Vec<_> = ablation
        .caches
        .iter()
        .flat_map(|cache| cache.regimes.iter().map(move |worth| (cache, worth)))
        .collect();
    // Stable: caches stay in the order of the scenario.
    rows.sort_by_key(|(_, worth)| worth.regime);
    let mut table = Table::new("What each cache saves", columns).sortable();
    for (cache, worth) in rows {
        table.row([
            marked(worth.regime).into(),
            Cell::name(&cache.name),
            estimate(worth.saved),
            interval(worth.saved.and_then(|saved| saved.low.zip(saved.high))),
            estimate(worth.alone),
            seconds(worth.net_s),
            seconds(worth.net_s_per_mb),
        ]);
    }
    table.without_empty_columns_in(Media::HTML)
}

fn sizes(ablation: &Ablation) -> Table {
    let columns = [
        Column::names("cache"),
        Column::numbers("files"),
        Column::numbers("size"),
        Column::numbers("archive"),
        Column::numbers("save"),
        Column::numbers("restore"),
        Column::numbers("growth"),
    ];
    let mut table = Table::new("Sizes of the caches", columns).sortable();
    for cache in &ablation.caches {
        let growth = cache.growth_bytes.map(|growth| {
            let sign = if growth < 0 { "-" } else { "" };
            format!("{sign}{}", units::bytes(growth.unsigned_abs()))
        });
        let growth = growth.unwrap_or_else(|| NOTHING.to_owned());
        table.row([
            Cell::name(&cache.name),
            Cell::number(cache.files.to_string(), Some(cache.files as f64)),
            bytes(cache.bytes),
            bytes(cache.archive_bytes),
            seconds(cache.save_s),
            seconds(cache.restore_s),
            Cell::number(
                Words::new().quantity(growth),
                cache.growth_bytes.map(|growth| growth as f64),
            ),
        ]);
    }
    table.without_empty_columns_in(Media::HTML)
}

/// Pairs of caches, where there are any.
fn overlaps(ablation: &Ablation) -> Blocks {
    let columns = [
        Column::names("caches"),
        Column::words("regime"),
        Column::numbers("the first alone"),
        Column::numbers("the second alone"),
        Column::numbers("both"),
        Column::numbers("overlap"),
        Column::numbers("share of the smaller"),
    ];
    let mut table = Table::new("Work that two caches share", columns).sortable();
    for pair in &ablation.pairs {
        let share = pair.share.map_or_else(|| NOTHING.to_owned(), units::percent);
        table.row([
            Words::new().name(&pair.one).text(" and ").name(&pair.other).into(),
            marked(pair.regime).into(),
            seconds(Some(pair.one_s)),
            seconds(Some(pair.other_s)),
            seconds(Some(pair.both_s)),
            seconds(Some(pair.overlap_s)),
            Cell::number(share, pair.share),
        ]);
    }
    if table.is_empty() {
        return Blocks::new();
    }
    Blocks::new().heading("Work that two caches share").table(table.without_empty_columns())
}

/// What to keep and whether it fits, in words.
fn sentences(ablation: &Ablation) -> Vec<String> {
    let mut sentences = Vec::new();
    if !ablation.complete {
        sentences.push("Not every trial was made: the figures are of those that were.".to_owned());
    }
    for keep in &ablation.keep {
        let limit = keep
            .limit_bytes
            .map(|limit| format!(" under {}", units::bytes(limit)))
            .unwrap_or_default();
        let how = if keep.measured { "" } else { ", added up from single caches" };
        sentences.push(format!(
            "Keep{limit} ({}): {}, saves {} per job, net of transfer, {}{how}.",
            keep.regime,
            named(&keep.caches),
            units::seconds(keep.net_s),
            units::bytes(keep.archive_bytes)
        ));
    }
    for quota in &ablation.quota {
        let keys = units::counted(quota.keys as usize, "key");
        let branches = match quota.branches {
            1 => "1 branch".to_owned(),
            n => format!("{n} branches"),
        };
        let evicted = if quota.kept < quota.wanted {
            format!(
                "only {} of {} entries fit, the least recently used are evicted",
                quota.kept, quota.wanted
            )
        } else {
            "all fit".to_owned()
        };
        sentences.push(format!(
            "Quota ({}): {keys} on {branches} take {} of {}: {evicted}.",
            quota.regime,
            units::bytes(quota.bytes),
            units::bytes(quota.limit_bytes)
        ));
    }
    if let Some(archives) = ablation.archives {
        let packed = |packed: Packed| {
            let restore = packed.restore_s.map_or_else(String::new, |restore| {
                format!(", {} to restore", units::seconds(restore))
            });
            let save = units::seconds(packed.save_s);
            format!("{}, {save} to save{restore}", units::bytes(packed.bytes))
        };
        sentences.push(format!(
            "All caches in one archive: {}. In one each: {}.",
            packed(archives.together),
            packed(archives.separate)
        ));
    }
    sentences
}
