//! `bench verify` beside the run: undamaged runs, and what each fault led to.

use super::cells::{came_from, time};
use super::input::Input;
use crate::document::{Blocks, Cell, Column, NOTHING, Section, Table, Tone, Words, text, units};
use crate::marks::marked;
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
    let verdict = Words::new()
        .verdict(tone, found.verdict.as_str())
        .text(". ")
        .sentence(&verify::conclusion(found))
        .text(format!(" {compared} compared."));
    let blocks = Blocks::new()
        .paragraph(verdict)
        .notes(&found.findings)
        .heading("Undamaged caches")
        .table(runs(found))
        .then(matrix(found))
        .then(faults(found))
        .quiet(came_from(found.run_id.as_str(), &found.params));
    let section = Section::new("verify", "Is warm output right?", blocks);
    Some(
        section
            .lead("Warm output against cold output of the same runner, then with a damaged cache."),
    )
}

fn runs(found: &Verification) -> Table {
    let mut table = Table::new(
        "Runs with undamaged caches",
        vec![
            Column::words("run"),
            Column::words("runner"),
            Column::words("verdict"),
            Column::numbers("time"),
            Column::numbers("hits"),
            Column::numbers("misses"),
            Column::prose("what differs"),
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
        table.row([
            marked(run.regime).into(),
            Cell::name(&run.runner),
            Words::new().verdict(tone, run.verdict.as_str()).into(),
            time(Some(run.wall_s)).into(),
            count(run.hits),
            count(run.misses),
            Cell::from(differs),
        ]);
    }
    table.without_empty_columns()
}

fn count(value: Option<u64>) -> Cell {
    Cell::number(
        value.map_or_else(|| NOTHING.to_owned(), |value| value.to_string()),
        value.map(|value| value as f64),
    )
}

fn outcome(outcome: FaultOutcome) -> Words {
    let tone = match outcome {
        FaultOutcome::WrongOutput => Tone::Bad,
        FaultOutcome::FailsLoudly | FaultOutcome::SlowerForEver => Tone::Mixed,
        FaultOutcome::Heals => Tone::Good,
        FaultOutcome::NotExercised | FaultOutcome::NotTested => Tone::Quiet,
    };
    Words::new().verdict(tone, outcome.as_str())
}

/// The file that a fault damaged, by its cache and kind.
fn target(fault: &FaultSeen) -> Option<(&str, &str)> {
    Some((fault.cache.as_deref()?, fault.kind.as_deref()?))
}

/// Kinds of files against faults of single files.
fn matrix(found: &Verification) -> Blocks {
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
        return Blocks::new();
    }
    let columns = [Column::words("cache"), Column::words("kind of file")]
        .into_iter()
        .chain(names.iter().map(|name| Column::words(text::fit(name, NAME))));
    let mut table = Table::new("Faults of single files by kind", columns);
    for kind in kinds {
        let mut cells: Vec<Cell> = vec![Cell::name(kind.0), Words::new().code(kind.1).into()];
        cells.extend(names.iter().map(|name| {
            let seen = found
                .faults
                .iter()
                .find(|fault| fault.fault == *name && target(fault) == Some(kind));
            Cell::or_nothing(seen.map(|seen| outcome(seen.outcome)))
        }));
        table.row(cells);
    }
    Blocks::new().heading("Damaged files").table(table)
}

fn faults(found: &Verification) -> Blocks {
    let mut table = Table::new(
        "Faults",
        vec![
            Column::words("fault"),
            Column::words("cache"),
            Column::words("kind of file"),
            Column::words("outcome"),
            Column::numbers("time"),
            Column::numbers("next run"),
            Column::numbers("hits"),
            Column::numbers("next hits"),
            Column::numbers("expected hits"),
            Column::prose("why"),
        ],
    )
    .sortable()
    .tall();
    for fault in &found.faults {
        let name = |name: &Option<String>| {
            Cell::or_nothing(name.as_ref().map(|name| Words::new().name(name)))
        };
        table.row([
            Cell::name(&fault.fault),
            name(&fault.cache),
            name(&fault.kind),
            outcome(fault.outcome).into(),
            Cell::number(time(fault.wall_s), fault.wall_s),
            Cell::number(time(fault.again_wall_s), fault.again_wall_s),
            count(fault.hits),
            count(fault.again_hits),
            count(fault.expected_hits),
            Cell::from(&fault.reason),
        ]);
    }
    if table.is_empty() {
        return Blocks::new();
    }
    Blocks::new().heading("Every fault").table(table.without_empty_columns())
}
