//! `[gate.baseline]` and `[gate.warm_against_cold]`: the rules of comparisons with the baseline arm.

use bench_reports::stats::Rule;
use toml::Spanned;
use toml::de::DeValue;

use crate::scenario::reader::{Diagnostics, Fields, Shape, TableShape, number, optional};
use crate::scenario::units;
use crate::scenario::writer::{Writer, float, inline};

/// `baseline`
pub(super) static BASELINE: TableShape = TableShape {
    title: "[gate.baseline]",
    doc: "The rule for a comparison with the baseline arm.",
    keys: &[
        optional("margin", Shape::Ratio, "`5%`", "A slowdown from here on matters."),
        optional(
            "floor",
            Shape::Ratio,
            "`2%`",
            "A slowdown up to here never does. It is below the margin; with a margin below 5 % the default is 2/5 of it.",
        ),
    ],
    groups: &[],
    needs: &[],
    example: "[[gate]]\nbaseline = { margin = \"5%\", floor = \"2%\" }",
};

/// `warm_against_cold`
pub(super) static WARM_AGAINST_COLD: TableShape = TableShape {
    title: "[gate.warm_against_cold]",
    doc: "The rule for warm time over cold time, candidate against baseline: what got worse is the reuse, not the work.",
    keys: &[
        optional("margin", Shape::Ratio, "`5%`", "A growth from here on matters."),
        optional(
            "floor",
            Shape::Ratio,
            "`2%`",
            "A growth up to here never does. It is below the margin.",
        ),
    ],
    groups: &[],
    needs: &[],
    example: "[[gate]]\nregime = \"cross-runner\"\nwarm_against_cold = { margin = \"10%\", floor = \"2%\" }",
};

/// Margin and floor of a comparison, which is a table of the gate.
pub(super) fn read(gate: &Fields<'_, '_>, key: &'static str) -> Option<(f64, f64)> {
    let table = gate.table(key)?;
    let read = |key, default| match table.get(key) {
        Some(value) => ratio(table.diagnostics, key, value),
        None => Some(default),
    };
    let margin = read("margin", Rule::MARGIN);
    let floor = read("floor", Rule::floor_of(margin.unwrap_or(Rule::MARGIN)));
    let (margin, floor) = (margin?, floor?);
    if floor >= margin {
        table.diagnostics.problem(
            table.span.clone(),
            "`floor` is not below `margin`",
            "what is below the floor never matters; what is above the margin does".to_owned(),
        );
        return None;
    }
    Some((margin, floor))
}

/// A percentage, or a number from 0 to 1.
pub(super) fn ratio(
    diagnostics: &Diagnostics<'_>,
    key: &str,
    value: &Spanned<DeValue<'_>>,
) -> Option<f64> {
    let ratio = match value.get_ref().as_str() {
        Some(text) => units::percent(text),
        None => number(value).filter(|ratio| (0.0..=1.0).contains(ratio)),
    };
    if ratio.is_none() {
        diagnostics.problem(
            value.span(),
            format!("`{key}` is neither a percentage nor a number from 0 to 1"),
            "write `\"5%\"` or `0.05`".to_owned(),
        );
    }
    ratio
}

pub(super) fn write(writer: &mut Writer<'_>, key: &str, margin: f64, floor: f64) {
    writer.line(key, inline([("margin", float(margin)), ("floor", float(floor))]));
}
