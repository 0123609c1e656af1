//! What the gates of the scenario say.

use bench_record::GateSummary;

use super::cells::tone;
use super::input::Input;
use crate::document::{Blocks, Cell, Column, Media, NOTHING, Section, Table, Words, units};
use crate::verdict::gate_line;
use crate::verdict::words::machine;

/// `None` without a gate. A terminal has no room for the columns: it gets one line per gate.
pub(super) fn section(input: &Input) -> Option<Section> {
    let gates = &input.summary.gates;
    if gates.is_empty() {
        return None;
    }
    let blocks = Blocks::new()
        .only(Media::TERMINAL, Blocks::new().labelled(gates.iter().map(line).collect()))
        .only(Media::MARKDOWN | Media::HTML, Blocks::new().table(table(gates)));
    Some(Section::new("gates", "Gates", blocks))
}

fn verdict(gate: &GateSummary) -> Words {
    let word = gate.verdict.as_str();
    Words::new().verdict(tone(word), word)
}

fn line(gate: &GateSummary) -> (Words, Words) {
    let line = gate_line(gate);
    let rest = line.strip_prefix(gate.verdict.as_str()).unwrap_or(&line).trim_start();
    (verdict(gate), Words::new().text(rest))
}

fn table(gates: &[GateSummary]) -> Table {
    let columns = [
        Column::names("gate"),
        Column::words("verdict"),
        Column::numbers("measured"),
        Column::numbers("interval or range"),
        Column::numbers("n"),
        Column::numbers("limit"),
        Column::words("margin, floor").only(Media::HTML),
        Column::words("design and machine").only(Media::HTML),
        Column::words("reason"),
    ];
    let mut table = Table::new("Gates", columns).of("gates");
    let number = |value: Option<f64>| {
        let shown = value.map_or_else(|| NOTHING.to_owned(), |value| format!("{value:.3}"));
        Cell::number(shown, value)
    };
    for gate in gates {
        let bounds = gate.margin.zip(gate.floor);
        let design = gate.design.as_ref();
        table.row([
            Cell::name(&gate.gate),
            verdict(gate).into(),
            number(gate.value),
            Cell::or_nothing(ends(gate)),
            gate.samples.to_string().into(),
            number(gate.limit),
            Cell::or_nothing(bounds.map(|(margin, floor)| {
                format!("{}, {}", units::stated_percent(margin), units::stated_percent(floor))
            })),
            Cell::or_nothing(design.map(|design| format!("{design}{}", machine(&gate.host)))),
            Cell::or_nothing(gate.reason.as_deref()),
        ]);
    }
    table.without_empty_columns()
}

/// `1.300-1.310 (98.4 %)`, or the smallest and largest value; `None` where there is neither.
fn ends(gate: &GateSummary) -> Option<String> {
    let (low, high) = (gate.low?, gate.high?);
    // A dash between numbers of which one has a sign reads as another sign.
    let between = if low < 0.0 || high < 0.0 { " to " } else { "-" };
    let ends = format!("{low:.3}{between}{high:.3}");
    Some(match gate.level {
        Some(of) => format!("{ends} ({})", units::level(of)),
        None => ends,
    })
}
