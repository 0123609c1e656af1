//! The remedies of an explanation.

use super::document::Input;
use super::entries::{left_out, listed};
use super::places::Settings;
use super::workflow::variables;
use crate::answer::capitalised;
use crate::document::{Blocks, Cell, Column, NOTHING, Section, Table, Words, units};
use crate::explain::{Explanation, PropertySeen, ReuseVerdict};

/// Which properties break reuse, and what to do about each.
pub(super) fn portable(input: &Input, settings: &Settings, has_steps: bool) -> Section {
    let section = |blocks| Section::new("portable", "Settings that make it portable", blocks);
    let Some(explanation) = input.explanation else {
        return section(Blocks::new().paragraph("No explanation was given. `bench explain` says which property of a runner breaks reuse; `bench recipe RUN --explain EXPLAIN-RUN` then lists the remedies."));
    };
    if !explanation.valid {
        return section(Blocks::new().paragraph(
            "A control of the explanation failed: its verdicts mean nothing and are left out.",
        ));
    }
    let blocks = Blocks::new()
        .paragraph(capitalised(&explanation.headline))
        .table(causes(explanation, settings, has_steps))
        .notes(notes(input, explanation, has_steps));
    if has_steps || !settings.remedied(Some(explanation)) {
        return section(blocks);
    }
    section(
        blocks.paragraph("Variables of the run with the remedies among them, for a job:").listing(
            "Variables of a job",
            "yaml",
            variables("", &settings.env),
        ),
    )
}

fn causes(explanation: &Explanation, settings: &Settings, has_steps: bool) -> Table {
    let columns = [
        Column::names("property"),
        Column::numbers("reuse that is left"),
        Column::prose("why"),
        Column::prose("remedy"),
        Column::prose("cost or risk"),
    ];
    let mut table = Table::new("Causes", columns).of("causes");
    for cause in explanation.causes() {
        table.row(row(cause, settings, has_steps));
    }
    table
}

fn notes(input: &Input, explanation: &Explanation, has_steps: bool) -> Vec<Words> {
    let mut lines: Vec<Words> = Vec::new();
    if !explanation.complete {
        lines.push("The explanation was cut short: a cause may be missing.".into());
    }
    for (verdict, words) in [
        (ReuseVerdict::Keeps, "Seen to change nothing: "),
        (ReuseVerdict::NotTested, "Not tested: "),
        (ReuseVerdict::Inconclusive, "Inconclusive: "),
    ] {
        let names: Vec<&str> = explanation.with(verdict).map(|one| one.name.as_str()).collect();
        if !names.is_empty() {
            lines.push(Words::from(words).then(listed(names)).text("."));
        }
    }
    let stale = &explanation.stale;
    let alarm = stale.mtime_fresh == Some(true) || stale.old_path == Some(true);
    lines.extend(
        stale
            .sentences()
            .into_iter()
            .map(|sentence| if alarm { Words::new().strong(sentence) } else { sentence.into() }),
    );
    if stale.old_path == Some(true) {
        lines.push("Do not restore these caches on a machine that keeps its disk.".into());
    }
    if stale.mtime_kept == Some(true) {
        lines.push("A checkout gives fresh mtimes; do not set them back (git restore-mtime) unless the key holds the commit and no restore key is used.".into());
    }
    if left_out(input) {
        lines.push("This is the explanation of all caches of the run together; a cause may be one of a cache that is not kept.".into());
    }
    if !has_steps && explanation.causes().next().is_some() {
        lines.push("Measure again with the remedies in place before anything is cached: `bench run`, then `bench recipe`.".into());
    }
    lines
}

fn row(cause: &PropertySeen, settings: &Settings, has_steps: bool) -> [Cell; 5] {
    let name: Cell = Words::new().code(&cause.name).into();
    let left: Cell = left(cause).into();
    let Some(remedy) = &cause.remedy_details else {
        return [name, left, NOTHING.into(), NOTHING.into(), NOTHING.into()];
    };
    let mut fix = Words::from(&remedy.fix);
    if !remedy.env.is_empty() && remedy.env.keys().all(|name| settings.env.contains_key(name)) {
        fix = fix.text(if has_steps { " (in the steps above)" } else { " (see below)" });
    }
    if let Some(link) = &remedy.link {
        fix = fix.text(" (").text(link).text(")");
    }
    fix = match cause.remedied.as_ref().and_then(|remedied| remedied.verdict) {
        Some(ReuseVerdict::Keeps) => fix.text("; tried: reuse is back"),
        Some(_) => fix.text("; tried: reuse is not back"),
        None => fix,
    };
    let risk = remedy.risk.as_deref().unwrap_or("none known");
    [name, left, Words::from(&remedy.key).into(), fix.into(), risk.into()]
}

/// The reuse that is left with this cause.
fn left(cause: &PropertySeen) -> Words {
    match (cause.hits, cause.of, cause.saving_kept) {
        // One that failed has hits as well, and they are of no use.
        (_, _, None) if cause.reason.is_some() => {
            Words::from("none: ").then(cause.reason.as_deref().unwrap_or_default())
        }
        (Some(hits), Some(of), _) => format!("{hits} of {of} hits").into(),
        (_, _, Some(share)) => match (cause.low, cause.high) {
            (Some(low), Some(high)) => format!(
                "{} of the seconds (interval {} to {})",
                units::percent(share),
                units::percent(low),
                units::percent(high)
            )
            .into(),
            _ => format!("{} of the seconds", units::percent(share)).into(),
        },
        _ => NOTHING.into(),
    }
}
