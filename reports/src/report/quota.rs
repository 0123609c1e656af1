//! The CI's cache against its quota, where somebody fetched what it holds.

use super::input::Input;
use crate::document::{Blocks, Cell, Column, NOTHING, Section, Table, Words, units};
use crate::quota::LIMIT;

/// `None` where nobody fetched what the CI's cache holds.
pub(super) fn section(input: &Input) -> Option<Section> {
    let quota = input.beside.quota?;
    let columns = [
        Column::words("saved by"),
        Column::numbers("entries"),
        Column::numbers("size"),
        Column::numbers("of the quota"),
    ];
    let mut table = Table::new("Entries by who saved them", columns);
    for (scope, count, bytes) in quota.scopes() {
        table.row([
            Words::new().text(scope).into(),
            Cell::from(count.to_string()),
            units::bytes(bytes).into(),
            units::percent(bytes as f64 / LIMIT as f64).into(),
        ]);
    }
    if table.is_empty() {
        table.row(["any ref", "0", NOTHING, NOTHING].map(Cell::from));
    }
    let blocks = Blocks::new().table(table).notes(quota.sentences());
    let section = Section::new("quota", "CI cache and its quota", blocks).folded();
    Some(section.lead("As the provider's API listed it when the workflow asked."))
}
