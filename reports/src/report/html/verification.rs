//! `bench verify` beside the run: undamaged runs, and what each fault led to.

use super::super::Input;
use super::super::table::{NOTHING, time};
use super::markup::Markup;
use super::page::Section;
use super::table::{Cell, Table, numbers, prose, words};
use super::verdicts::{Tone, toned};
use super::{about, legend, sentences};
use crate::document::text;
use crate::document::units;
use crate::verify::{
    self, FaultOutcome, FaultSeen, RunVerdict, Truthfulness, Verification, first_difference,
};

/// Columns of a fault's name above the matrix.
const NAME: usize = 16;

/// `None` without a verification.
pub(super) fn section(input: &Input) -> Option<Section> {
    let found = input.beside.verify?;
    let tone = match found.verdict {
        Truthfulness::Truthful => Tone::Good,
        Truthfulness::WrongOutput => Tone::Bad,
        Truthfulness::NotEstablished => Tone::Open,
    };
    let compared = units::counted(found.outputs as usize, "output file");
    let body = Markup::new("<p>")
        .add(&toned(tone, found.verdict.as_str()))
        .raw(". ")
        .sentence(&verify::conclusion(found))
        .raw(" ")
        .text(&compared)
        .raw(" compared.</p>\n")
        .add(&sentences(&found.findings))
        .raw("<h3>Undamaged caches</h3>\n")
        .add(&runs(found))
        .add(&matrix(found))
        .add(&faults(found))
        .add(&about(found.run_id.as_str(), &found.params));
    Some(Section {
        id: "verify",
        heading: "Is warm output right?",
        lead: "Warm output against cold output of the same runner, then with a damaged cache.",
        body,
    })
}

fn runs(found: &Verification) -> Markup {
    let mut table = Table::new(
        "Runs with undamaged caches",
        vec![
            words("run"),
            words("runner"),
            words("verdict"),
            numbers("time"),
            numbers("hits"),
            numbers("misses"),
            prose("what differs"),
        ],
    );
    for run in &found.runs {
        let tone = match run.verdict {
            RunVerdict::Reference => Tone::Quiet,
            RunVerdict::Right => Tone::Good,
            RunVerdict::Wrong | RunVerdict::Failed => Tone::Bad,
        };
        let differs = match (&run.reason, run.differences.is_empty()) {
            (Some(reason), _) => reason.clone(),
            (None, false) => first_difference(&run.differences),
            (None, true) => NOTHING.to_owned(),
        };
        table.row(vec![
            legend::named(run.regime).into(),
            Markup::default().name(&run.runner).into(),
            toned(tone, run.verdict.as_str()).into(),
            time(Some(run.wall_s)).into(),
            count(run.hits),
            count(run.misses),
            Markup::default().sentence(&differs).into(),
        ]);
    }
    table.without_empty_columns().markup()
}

fn count(value: Option<u64>) -> Cell {
    Cell::number(
        &value.map_or_else(|| NOTHING.to_owned(), |value| value.to_string()),
        value.map(|value| value as f64),
    )
}

fn outcome(outcome: FaultOutcome) -> Markup {
    let tone = match outcome {
        FaultOutcome::WrongOutput => Tone::Bad,
        FaultOutcome::FailsLoudly | FaultOutcome::SlowerForEver => Tone::Mixed,
        FaultOutcome::Heals => Tone::Good,
        FaultOutcome::NotExercised | FaultOutcome::NotTested => Tone::Quiet,
    };
    toned(tone, outcome.as_str())
}

/// The file that a fault damaged, by its cache and kind.
fn target(fault: &FaultSeen) -> Option<(&str, &str)> {
    Some((fault.cache.as_deref()?, fault.kind.as_deref()?))
}

/// Kinds of files against faults of single files.
fn matrix(found: &Verification) -> Markup {
    let mut kinds: Vec<(&str, &str)> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for fault in &found.faults {
        let Some(kind) = target(fault) else { continue };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
        if !names.contains(&fault.fault.as_str()) {
            names.push(&fault.fault);
        }
    }
    if kinds.is_empty() {
        return Markup::default();
    }
    let columns = [words("cache"), words("kind of file")]
        .into_iter()
        .chain(names.iter().map(|name| words(&text::fit(name, NAME))));
    let mut table = Table::new("Faults of single files by kind", columns.collect());
    for kind in kinds {
        let mut cells: Vec<Cell> = vec![
            Markup::default().name(kind.0).into(),
            Markup::new("<code>").name(kind.1).raw("</code>").into(),
        ];
        cells.extend(names.iter().map(|name| {
            let seen = found
                .faults
                .iter()
                .find(|fault| fault.fault == *name && target(fault) == Some(kind));
            Cell::from(seen.map_or_else(|| Markup::of(NOTHING), |seen| outcome(seen.outcome)))
        }));
        table.row(cells);
    }
    Markup::new("<h3>Damaged files</h3>\n").add(&table.markup())
}

fn faults(found: &Verification) -> Markup {
    let mut table = Table::new(
        "Faults",
        vec![
            words("fault"),
            words("cache"),
            words("kind of file"),
            words("outcome"),
            numbers("time"),
            numbers("next run"),
            numbers("hits"),
            numbers("next hits"),
            numbers("expected hits"),
            prose("why"),
        ],
    )
    .interactive();
    for fault in &found.faults {
        let name = |name: &Option<String>| {
            Cell::from(Markup::default().name(name.as_deref().unwrap_or(NOTHING)))
        };
        table.row(vec![
            Markup::default().name(&fault.fault).into(),
            name(&fault.cache),
            name(&fault.kind),
            outcome(fault.outcome).into(),
            Cell::number(&time(fault.wall_s), fault.wall_s),
            Cell::number(&time(fault.again_wall_s), fault.again_wall_s),
            count(fault.hits),
            count(fault.again_hits),
            count(fault.expected_hits),
            Markup::default().sentence(&fault.reason).into(),
        ]);
    }
    if table.is_empty() {
        return Markup::default();
    }
    Markup::new("<h3>Every fault</h3>\n<div class=\"tall\">")
        .add(&table.without_empty_columns().markup())
        .raw("</div>\n")
}
