//! `[[refuse]]`: combinations of values that make no sense.

use super::context::Context;
use crate::scenario::condition::When;
use crate::scenario::reader::{Fields, Shape, TableShape, all, required};
use crate::scenario::writer::Writer;

/// `[[refuse]]`
pub(super) static REFUSE: TableShape = TableShape {
    title: "[[refuse]]",
    doc: "A combination of values that makes no sense. Asking for it is an error before anything is run; a value that silently has no effect would be measured under a name that it does not deserve.",
    keys: &[
        required("when", Shape::When, "The combination."),
        required(
            "reason",
            Shape::Text,
            "Why, and what to choose instead; the end of the error message.",
        ),
    ],
    groups: &[],
    needs: &[],
    example: "[[refuse]]\nwhen = { launcher = \"zccache\", tuning = \"portable\" }\nreason = \"zccache has no portable setting (hint: leave tuning=default)\"",
};

/// A combination of values that is refused before anything is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The combination.
    pub when: When,
    /// Why, and what to choose instead.
    pub reason: String,
}

pub(super) fn read(context: &Context<'_, '_>, file: &Fields<'_, '_>) -> Option<Vec<Refusal>> {
    all(file.tables("refuse").iter().map(|refusal| {
        let when = context.when(refusal);
        let reason = refusal.text("reason");
        Some(Refusal { when: when?, reason: reason?.value.trim().to_owned() })
    }))
}

/// Writes them, unless the values have been chosen.
pub(super) fn write(writer: &mut Writer<'_>, refusals: &[Refusal]) {
    if writer.is_resolved() {
        return;
    }
    for refusal in refusals {
        writer.header("[[refuse]]");
        writer.when(&refusal.when);
        writer.string("reason", &refusal.reason);
    }
}
