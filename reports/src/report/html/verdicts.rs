//! The candidate against the baseline, and the gates.

use super::super::Input;
use super::super::comparison::{
    CHANGES, CHANGES_BASIS, ComparisonTable, change, gate_ends, machine,
};
use super::super::table::NOTHING;
use super::markup::Markup;
use super::page::Section;
use super::table::{Cell, Table, numbers, words};
use super::{charts, figure, legend, sentences};

/// How a verdict is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// Something is wrong.
    Bad,
    /// It is as it should be.
    Good,
    /// Neither the one nor the other.
    Mixed,
    /// It cannot be told.
    Open,
    /// Nothing is said.
    Quiet,
}

/// A word with a sign and a colour; the word always stands there.
pub(super) fn toned(tone: Tone, word: &str) -> Markup {
    Markup::new(match tone {
        Tone::Bad => "<span class=\"v bad\"><span aria-hidden=\"true\">&#10007; </span>",
        Tone::Good => "<span class=\"v good\"><span aria-hidden=\"true\">&#10003; </span>",
        Tone::Mixed => "<span class=\"v open\"><span aria-hidden=\"true\">~ </span>",
        Tone::Open => "<span class=\"v open\"><span aria-hidden=\"true\">? </span>",
        Tone::Quiet => "<span class=\"v quiet\"><span aria-hidden=\"true\">&ndash; </span>",
    })
    .text(word)
    .raw("</span>")
}

/// A verdict on a comparison or a gate: its sign says in which direction.
pub(super) fn word(verdict: &'static str) -> Markup {
    let directed = |open: &'static str| Markup::new(open).text(verdict).raw("</span>");
    match verdict {
        "regressed" => directed("<span class=\"v bad\"><span aria-hidden=\"true\">&#9650; </span>"),
        "improved" => directed("<span class=\"v good\"><span aria-hidden=\"true\">&#9660; </span>"),
        "ok" => toned(Tone::Good, verdict),
        "none" | "not-applicable" => toned(Tone::Quiet, verdict),
        _ => toned(Tone::Open, verdict),
    }
}

/// `None` without a baseline.
pub(super) fn comparison(input: &Input) -> Option<Section> {
    let cells = ComparisonTable::new(input.summary)?;
    let comparisons = &input.summary.comparisons;
    let [regime, verdict, ratio, interval, n] = cells.header;
    let mut table = Table::new(
        "Candidate against baseline",
        vec![words(regime), words(verdict), numbers(ratio), numbers(interval), numbers(n)],
    );
    for (of, row) in comparisons.iter().zip(&cells.rows) {
        let [label, _, rest @ ..] = row;
        let mut cells: Vec<Cell> = vec![
            Markup::new("<span class=\"key\">")
                .add(&legend::mark(of.regime))
                .text(label)
                .raw("</span>")
                .into(),
            word(super::super::comparison::verdict(of)).into(),
        ];
        cells.extend(rest.iter().map(|cell| cell.as_str().into()));
        table.row(cells);
    }
    let chart = charts::comparisons(comparisons).map(|svg| {
        figure(
            &svg,
            &Markup::of(
                "Ratio and its interval. Band: the floor, below which nothing is called real.",
            ),
        )
    });
    let body = table
        .markup()
        .add(&chart.unwrap_or_default())
        .add(&sentences(&cells.remarks))
        .raw("<p class=\"lead\">")
        .sentence(&cells.basis)
        .raw(".</p>\n")
        .add(&changes(input));
    Some(Section { id: "comparison", heading: "Candidate against baseline", lead: "", body })
}

fn changes(input: &Input) -> Markup {
    if input.summary.example_changes.is_empty() {
        return Markup::default();
    }
    let columns = CHANGES
        .iter()
        .enumerate()
        .map(|(index, name)| if index < 3 { words(name) } else { numbers(name) });
    let mut table =
        Table::new("Examples that changed apart from the others", columns.collect()).interactive();
    for one in &input.summary.example_changes {
        let [_, regime, flag, ratio, interval, n] = change(one);
        table.row(vec![
            Markup::default().name(&one.name).into(),
            regime.into(),
            flag.into(),
            Cell::number(&ratio, Some(one.ratio)),
            interval.into(),
            Cell::number(&n, Some(f64::from(one.n))),
        ]);
    }
    Markup::new("<h3>Examples that changed</h3>\n<p class=\"lead\">")
        .text(CHANGES_BASIS)
        .raw("</p>\n")
        .add(&table.markup())
}

/// `None` without a gate.
pub(super) fn gates(input: &Input) -> Option<Section> {
    let mut table = Table::new(
        "Gates",
        vec![
            words("gate"),
            words("verdict"),
            numbers("measured"),
            numbers("interval or range"),
            numbers("n"),
            numbers("limit"),
            words("margin, floor"),
            words("design and machine"),
            words("reason"),
        ],
    );
    let number = |value: Option<f64>| {
        value.map_or_else(|| NOTHING.to_owned(), |value| format!("{value:.3}"))
    };
    let share = |value: f64| format!("{} %", (value * 1e6).round() / 1e4);
    for gate in &input.summary.gates {
        let bounds = gate.margin.zip(gate.floor);
        let design = gate.design.as_ref().map(|design| format!("{design}{}", machine(&gate.host)));
        table.row(vec![
            Markup::default().name(&gate.gate).into(),
            word(gate.verdict.as_str()).into(),
            Cell::number(&number(gate.value), gate.value),
            gate_ends(gate).unwrap_or_else(|| NOTHING.to_owned()).into(),
            gate.samples.to_string().into(),
            Cell::number(&number(gate.limit), gate.limit),
            bounds
                .map_or_else(
                    || NOTHING.to_owned(),
                    |(margin, floor)| format!("{}, {}", share(margin), share(floor)),
                )
                .into(),
            design.unwrap_or_else(|| NOTHING.to_owned()).into(),
            Markup::default().sentence(gate.reason.as_deref().unwrap_or(NOTHING)).into(),
        ]);
    }
    if table.is_empty() {
        return None;
    }
    let body = table.without_empty_columns().markup();
    Some(Section { id: "gates", heading: "Gates", lead: "", body })
}
