//! Examples: all of them, the first apart, and how their times are spread.

use bench_record::Regime;

use super::super::table::{example_columns, time};
use super::super::{Input, examples};
use super::markup::Markup;
use super::page::Section;
use super::table::{Cell, Table, numbers, words};
use super::{charts, figure, head, legend, prose};
use crate::document::chart::RowChart;

/// Every example as a dumbbell, and in a table.
pub(super) fn all(input: &Input) -> Option<Section> {
    let summary = input.summary;
    if summary.examples.is_empty() {
        return None;
    }
    let columns = example_columns(summary);
    let compared = charts::compared(summary);
    // Without one the column is empty, and not shown.
    let versus = match compared {
        Some(Regime::CrossRunner) => "cold / cross-runner",
        Some(Regime::SameRunner) => "cold / same-runner",
        Some(Regime::Hot) => "cold / hot",
        Some(Regime::Cold | Regime::Unknown) | None => "cold / warm",
    };
    let head = [words("example"), numbers("#")]
        .into_iter()
        .chain(columns.iter().map(|(name, _)| numbers(name)))
        .chain([numbers(versus), words("outcome")]);
    let mut table = Table::new("Examples", head.collect()).interactive();
    for (index, example) in summary.examples.iter().enumerate() {
        let gain = charts::gain(example, compared);
        let outcome = Markup::of(example.outcome.as_str());
        let outcome = match &example.reason {
            Some(reason) => outcome.raw(": ").name(reason),
            None => outcome,
        };
        let name = Markup::new("<span").attribute("data-example", &index.to_string()).raw(">");
        let mut cells: Vec<Cell> = vec![
            name.name(&example.name).raw("</span>").into(),
            Cell::number(&example.position.to_string(), Some(f64::from(example.position))),
        ];
        cells.extend(columns.iter().map(|(_, of)| Cell::number(&time(of(example)), of(example))));
        cells.push(Cell::number(&charts::ratio(gain), gain));
        cells.push(outcome.into());
        table.row(cells);
    }
    let note = compared.map_or_else(Markup::default, |warm| {
        Markup::new("At the right: cold divided by ").text(warm.as_str()).raw(". ")
    });
    let chart = charts::examples(summary).map(|svg| {
        figure(
            &svg,
            &legend::of(head::timed(input))
                .text("Medians, slowest first. ")
                .add(&note)
                .raw("<span class=\"js\">Click a row for its samples.</span>"),
        )
    });
    let order = charts::slowest_first(summary);
    let places: Vec<String> = order.iter().map(ToString::to_string).collect();
    let body = Markup::new("<div class=\"tall\" data-chart")
        .attribute("data-order", &places.join(" "))
        .attribute("data-top", &RowChart::top(order.len()).to_string())
        .attribute("data-row", &RowChart::HEIGHT.to_string())
        .raw(">")
        .add(&chart.unwrap_or_default())
        .raw("</div>\n<div class=\"tall\">")
        .add(&table.without_empty_columns().markup())
        .raw("</div>\n");
    Some(Section {
        id: "examples",
        heading: "Examples",
        lead: if compared == Some(Regime::CrossRunner) {
            "The distance between cold and cross-runner is what the cache saves a job on another machine; marks that \
             coincide are work that is done again."
        } else {
            ""
        },
        body,
    })
}

/// `None` without examples.
pub(super) fn first(input: &Input) -> Option<Section> {
    let section = examples::section(input.summary)?;
    let chart = charts::first_example(input.summary).map(|svg| {
        figure(
            &svg,
            &Markup::of("Mark: the first example. Stroke: median of the others. At the right: first divided by others."),
        )
    });
    let body = chart.unwrap_or_default().add(&prose("First example and the others", &section));
    Some(Section {
        id: "first",
        heading: "First example",
        lead: "The first example pays for what all share: a core library, a started daemon, an opened index.",
        body,
    })
}

/// How many examples take how long; `None` for a handful.
pub(super) fn distribution(input: &Input) -> Option<Section> {
    if input.summary.examples.len() < FEWEST {
        return None;
    }
    let svg = charts::distribution(input.summary)?;
    let body = figure(
        &svg,
        &legend::of(head::timed(input))
            .text("Share of the examples whose median takes at most the time."),
    );
    let mut table = Table::new(
        "Quantiles of all example times",
        vec![
            words("regime"),
            numbers("times"),
            numbers("50 %"),
            numbers("90 %"),
            numbers("99 %"),
            numbers("all"),
        ],
    );
    for regime in &input.summary.regimes {
        let Some(times) = &regime.example_times else { continue };
        let at = |seconds| Cell::from(time(Some(seconds)));
        table.row(vec![
            super::super::table::label(regime).into(),
            times.count.to_string().into(),
            at(times.p50_s),
            at(times.p90_s),
            at(times.p99_s),
            at(times.max_s),
        ]);
    }
    Some(Section {
        id: "distribution",
        heading: "Distribution of example times",
        lead: "",
        body: body.add(&table.markup()),
    })
}

/// Fewer examples are better read one by one.
const FEWEST: usize = 5;
