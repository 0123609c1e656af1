//! The first example apart from the others, the spread of their times, and what more cores would do.

use bench_record::{Arm, ExampleModel, ExampleOrder, Makespan, Regime, RegimeSummary, Summary};

use super::cells;
use super::input::Input;
use crate::document::chart::{Axis, ChartRow, RowChart, Scale, axis};
use crate::document::text::quoted;
use crate::document::{Blocks, Cell, Column, Figure, Media, NOTHING, Section, Table, Words, units};
use crate::marks::mark;

/// Fewer examples are better read one by one than as quantiles.
const MANY: u32 = 20;

/// `None` without examples.
pub(super) fn section(input: &Input) -> Option<Section> {
    let summary = input.summary;
    let columns = [
        Column::words("regime"),
        Column::numbers("first"),
        Column::numbers("others (median)"),
        Column::numbers("fixed cost"),
        Column::numbers("unexplained"),
    ];
    let mut table = Table::new("First example and the others", columns).of("regimes");
    for regime in &summary.regimes {
        if regime.first_example_s.is_some() && regime.other_examples_s.is_some() {
            table.row(row(regime).map(Cell::from));
        }
    }
    if table.is_empty() {
        return None;
    }
    let makespans = makespans(summary);
    let mut notes: Vec<String> = hidden(summary).into_iter().collect();
    notes.extend(makespans.iter().filter_map(|(regime, makespan)| quantiles(regime, makespan)));
    notes.extend(makespans.iter().map(|(regime, makespan)| cores(regime, makespan)));
    notes.extend(basis(&makespans));
    let caption = "Mark: the first example. Stroke: median of the others. At the right: first divided by others.";
    let blocks = Blocks::new()
        .figure(chart(summary).map(|chart| Figure::rows(chart, caption)))
        .table(table.without_empty_columns())
        .notes(notes);
    let heading = Words::from("First example").only(Media::PLAIN, " apart from the others");
    let section = Section::new("first", heading, blocks).folded();
    Some(section.lead(
        "The first example pays for what all share: a core library, a started daemon, an opened index.",
    ))
}

/// The first example and the others, one row per regime.
fn chart(summary: &Summary) -> Option<RowChart> {
    let lines: Vec<ChartRow> = summary
        .regimes
        .iter()
        .filter_map(|regime| {
            let (first, others) = regime.first_example_s.zip(regime.other_examples_s)?;
            Some(ChartRow {
                label: cells::label(regime),
                note: if others > 0.0 { units::ratio(first / others) } else { String::new() },
                join: Some((first.min(others), first.max(others))),
                values: vec![others],
                marks: vec![(first, mark(regime.regime))],
                ..ChartRow::default()
            })
        })
        .collect();
    let values =
        lines.iter().flat_map(|row| row.values.iter().chain(row.marks.iter().map(|m| &m.0)));
    let axis = Axis::covering(Scale::Log, values.copied(), axis::seconds)?;
    Some(RowChart { axis, lines, guide: None, band: None })
}

fn row(regime: &RegimeSummary) -> [String; 5] {
    let model = regime.example_model.as_ref().filter(|model| !hides(model));
    let [fixed, unexplained] = match model {
        None => [NOTHING.to_owned(), NOTHING.to_owned()],
        Some(model) => {
            [model.fixed_s, model.unexplained_s].map(|estimate| units::seconds(estimate.value))
        }
    };
    [
        cells::label(regime),
        cells::time(regime.first_example_s),
        cells::time(regime.other_examples_s),
        fixed,
        unexplained,
    ]
}

/// Whether the first example takes less than the others: what all share cannot be seen in it then, and what the
/// others leave of the phase says nothing either.
fn hides(model: &ExampleModel) -> bool {
    model.fixed_s.value < 0.0
}

/// Why the table has no fixed cost; `None` where it has every one.
fn hidden(summary: &Summary) -> Option<String> {
    let mut models = summary.regimes.iter().filter_map(|regime| regime.example_model.as_ref());
    models.any(hides).then(|| {
        "No fixed cost is shown where the first example takes less than the others.".to_owned()
    })
}

/// The candidate's cold regime and the warm one that is nearest to a CI job.
fn makespans(summary: &Summary) -> Vec<(&RegimeSummary, &Makespan)> {
    let find = |wanted| {
        let regime = summary
            .regimes
            .iter()
            .find(|regime| regime.regime == wanted && regime.arm == Arm::Candidate)?;
        Some((regime, regime.makespan.as_ref()?))
    };
    let warm = [Regime::CrossRunner, Regime::MovedRunner, Regime::SameRunner, Regime::Hot]
        .into_iter()
        .find_map(find);
    find(Regime::Cold).into_iter().chain(warm).collect()
}

fn quantiles(regime: &RegimeSummary, makespan: &Makespan) -> Option<String> {
    let times = regime.example_times.as_ref().filter(|_| makespan.examples >= MANY)?;
    Some(format!(
        "{}: half of the example times are at most {}, 90 % {}, 99 % {}, all {}.",
        cells::label(regime),
        units::seconds(times.p50_s),
        units::seconds(times.p90_s),
        units::seconds(times.p99_s),
        units::seconds(times.max_s),
    ))
}

/// From which number of cores on more do nothing, and which example sets that.
fn cores(regime: &RegimeSummary, makespan: &Makespan) -> String {
    let steps: Vec<String> = makespan
        .cores
        .iter()
        .filter(|estimate| estimate.cores <= makespan.useful_cores)
        .map(|estimate| {
            format!("{} on {}", units::seconds(estimate.longest_first_s), estimate.cores)
        })
        .collect();
    let useful = makespan.useful_cores;
    let longest = format!("{} ({})", quoted(&makespan.longest), units::seconds(makespan.longest_s));
    let label = cells::label(regime);
    if useful == 1 {
        format!("More cores, {label}: one is enough, {longest} alone sets the time.")
    } else {
        format!(
            "More cores, {label}: {}; from {useful} on more do nothing, {longest} sets the time.",
            steps.join(", ")
        )
    }
}

/// What the estimates for cores rest on, once.
fn basis(makespans: &[(&RegimeSummary, &Makespan)]) -> Option<String> {
    let any = |order| makespans.iter().any(|(_, makespan)| makespan.order == order);
    if makespans.is_empty() {
        None
    } else if any(ExampleOrder::Parallel) {
        Some(
            "These are estimates: longest first, from times that ran in parallel, which contention lengthens."
                .to_owned(),
        )
    } else if any(ExampleOrder::Unknown) {
        Some(
            "These are estimates: longest first, no contention; the times may have been lengthened by running \
             in parallel."
                .to_owned(),
        )
    } else {
        Some(
            "These are estimates: longest first, no contention, and the fixed cost stays with the first example."
                .to_owned(),
        )
    }
}
