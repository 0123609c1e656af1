//! What a job is made of: its parts, and the measured phases.

use bench_record::{Arm, LoadedRun, RegimeSummary, Summary};

use super::cells::label;
use super::input::Input;
use crate::document::chart::{Axis, Bar, ChartRow, RowChart, Scale, axis};
use crate::document::{Blocks, Cell, Column, Figure, Section, Table, Words, units};
use crate::marks::mark;

/// One part of a job.
struct JobPart {
    name: String,
    /// When it begins, s from the restore on.
    from: f64,
    /// What it takes, s.
    takes: f64,
}

/// A job from left to right, one per regime.
pub(super) fn section(input: &Input) -> Option<Section> {
    let jobs = jobs(input.summary);
    let chart = waterfall(&jobs)?;
    let columns = [
        Column::words("regime"),
        Column::names("part"),
        Column::numbers("begins at"),
        Column::numbers("takes"),
    ];
    let mut table = Table::new("Parts of a job", columns);
    for (regime, parts) in &jobs {
        for part in parts {
            table.row([
                label(regime).into(),
                Cell::name(&part.name),
                units::seconds(part.from).into(),
                units::seconds(part.takes).into(),
            ]);
        }
    }
    let caption = "Medians of each part; they need not add up to the median of the whole.";
    let blocks = Blocks::new()
        .figure(Some(Figure::rows(chart, caption)))
        .folded("As a table", Blocks::new().table(table));
    let section = Section::new("job", "A job, part by part", blocks);
    Some(
        section.lead(
            "Restore, then the measured phases, then save. Checkout and set-up are not in it.",
        ),
    )
}

/// Measured phases; `None` where there is but one.
pub(super) fn phases(input: &Input) -> Option<Section> {
    let chart = phase_chart(input.summary, input.run)?;
    let columns = [
        Column::names("phase"),
        Column::words("regime"),
        Column::numbers("median"),
        Column::numbers("share of the difference from cold"),
    ];
    let mut table = Table::new("Measured phases", columns);
    for phase in &input.run.run.phases {
        for regime in &input.summary.regimes {
            let Some(time) = regime.phases.get(phase) else { continue };
            table.row([
                Cell::name(phase),
                label(regime).into(),
                units::seconds(time.median).into(),
                Cell::or_nothing(time.difference_share.map(units::percent)),
            ]);
        }
    }
    let table = Blocks::new().table(table.without_empty_columns());
    let blocks = Blocks::new()
        .figure(Some(Figure::rows(chart, Words::from("Medians."))))
        .folded("As a table", table);
    Some(Section::new("phases", "Phases", blocks))
}

/// Restore, fixed cost, examples, what is left of the phases, save.
fn job(regime: &RegimeSummary) -> Vec<JobPart> {
    let Some(wall) = regime.wall_s else { return Vec::new() };
    let cache = regime.cache;
    let mut parts: Vec<(String, f64)> = Vec::new();
    parts.extend(cache.and_then(|cache| cache.restore_s).map(|s| ("restore".to_owned(), s)));
    match &regime.example_model {
        Some(model) => {
            // A first example that is quicker than the others has no fixed cost to show.
            let fixed = model.fixed_s.value;
            let examples = f64::from(model.examples).mul_add(model.rate_s.value, fixed.min(0.0));
            parts.push(("fixed cost".to_owned(), fixed));
            parts.push((format!("{} examples", model.examples), examples));
            parts.push(("the rest".to_owned(), wall.median - fixed.max(0.0) - examples));
        }
        None if regime.phases.len() > 1 => {
            parts.extend(regime.phases.iter().map(|(name, phase)| (name.clone(), phase.median)));
        }
        None => parts.push(("measured phases".to_owned(), wall.median)),
    }
    parts.extend(cache.and_then(|cache| cache.save_s).map(|s| ("save".to_owned(), s)));
    // What is too short to be seen is left out.
    let shortest = parts.iter().map(|(_, s)| s.max(0.0)).sum::<f64>() / 200.0;
    let mut from = 0.0;
    parts
        .into_iter()
        .filter(|(_, takes)| *takes > shortest)
        .map(|(name, takes)| {
            let part = JobPart { name, from, takes };
            from += takes;
            part
        })
        .collect()
}

/// The candidate's jobs.
fn jobs(summary: &Summary) -> Vec<(&RegimeSummary, Vec<JobPart>)> {
    summary
        .regimes
        .iter()
        .filter(|regime| regime.arm == Arm::Candidate)
        .map(|regime| (regime, job(regime)))
        .filter(|(_, parts)| !parts.is_empty())
        .collect()
}

fn waterfall(jobs: &[(&RegimeSummary, Vec<JobPart>)]) -> Option<RowChart> {
    let ends = jobs.iter().flat_map(|(_, parts)| parts.iter().map(|part| part.from + part.takes));
    let axis = Axis::covering(Scale::Linear, ends, axis::seconds)?;
    let lines = jobs.iter().flat_map(|(regime, parts)| {
        parts.iter().map(|part| ChartRow {
            label: format!("{}: {}", label(regime), part.name),
            note: units::seconds(part.takes),
            bar: Some(Bar {
                from: part.from,
                to: part.from + part.takes,
                mark: mark(regime.regime),
            }),
            ..ChartRow::default()
        })
    });
    Some(RowChart { axis, lines: lines.collect(), guide: None, band: None })
}

/// Measured phases, one bar per regime; `None` where there is but one.
fn phase_chart(summary: &Summary, run: &LoadedRun) -> Option<RowChart> {
    let regimes: Vec<&RegimeSummary> =
        summary.regimes.iter().filter(|regime| regime.phases.len() > 1).collect();
    let lines: Vec<ChartRow> = run
        .run
        .phases
        .iter()
        .flat_map(|phase| {
            regimes.iter().filter_map(move |regime| {
                let takes = regime.phases.get(phase)?.median;
                Some(ChartRow {
                    label: format!("{phase}: {}", label(regime)),
                    note: units::seconds(takes),
                    bar: Some(Bar { from: 0.0, to: takes, mark: mark(regime.regime) }),
                    ..ChartRow::default()
                })
            })
        })
        .collect();
    let ends = lines.iter().filter_map(|row| row.bar.map(|bar| bar.to));
    let axis = Axis::covering(Scale::Linear, ends, axis::seconds)?;
    Some(RowChart { axis, lines, guide: None, band: None })
}
