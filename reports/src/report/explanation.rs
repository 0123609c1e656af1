//! `bench explain` beside the run: one row per property, what the verdicts rest on, and the remedies with their price.

use super::cells::{came_from, time};
use super::input::Input;
use crate::document::{Blocks, Cell, Column, NOTHING, Section, Table, Tone, Words, units};
use crate::explain::{DecidedBy, Explanation, Measurement, PropertySeen, ReuseVerdict};

/// `None` without an explanation.
pub(super) fn section(input: &Input) -> Option<Section> {
    let explanation = input.beside.explain?;
    let blocks = Blocks::new()
        .paragraph(format!("{}.", capitalised(&explanation.headline)))
        .notes(notes(explanation))
        .table(properties(explanation))
        .heading("What the verdicts rest on")
        .table(references(explanation))
        .quiet(decided_by(explanation))
        .then(remedies(explanation))
        .then(not_tested(explanation))
        .quiet(came_from(&explanation.run_id, &explanation.params));
    Some(Section::new("explain", "What breaks reuse", blocks).lead(
        "One property of the runner changed at a time. Saving kept: the share of what a warm run saves that is left.",
    ))
}

fn word(verdict: ReuseVerdict) -> Words {
    let tone = match verdict {
        ReuseVerdict::Breaks => Tone::Bad,
        ReuseVerdict::Partly => Tone::Mixed,
        ReuseVerdict::Inconclusive => Tone::Open,
        ReuseVerdict::Keeps => Tone::Good,
        ReuseVerdict::NotTested => Tone::Quiet,
    };
    Words::new().verdict(tone, verdict.as_str())
}

/// What must be read before the table.
fn notes(explanation: &Explanation) -> Vec<String> {
    let mut notes = Vec::new();
    if !explanation.valid {
        notes.push("A control failed: the verdicts mean nothing.".to_owned());
    }
    if !explanation.complete {
        notes.push("The explanation was cut short: a cause may be missing.".to_owned());
    }
    if !explanation.together.is_empty() {
        notes.push(format!("Only together they break reuse: {}.", explanation.together.join(", ")));
    }
    notes.push(match (explanation.stale.mtime_kept, explanation.stale.mtime_fresh) {
        (_, Some(true)) => {
            "An old result is reused for a changed source: the build is wrong with this cache."
                .to_owned()
        }
        (Some(true), _) => {
            "A changed source whose mtime stays is not noticed: never set mtimes back.".to_owned()
        }
        (Some(false), Some(false)) => {
            "An edited source was noticed, with a kept mtime and with a fresh one.".to_owned()
        }
        _ => {
            let why = explanation.stale.reason.as_ref().map(|why| format!(": {why}"));
            format!(
                "Whether an old result is reused for a changed source was not tested{}.",
                why.unwrap_or_default()
            )
        }
    });
    let counted =
        |kind: &str, files: u64| format!("{kind} in {}", units::counted(files as usize, "file"));
    let named: Vec<String> =
        explanation.found.iter().map(|one| counted(&one.kind, one.files)).collect();
    if !named.is_empty() {
        notes.push(format!("The caches contain the {}: a hint, not a cause.", named.join(", ")));
    }
    notes
}

/// The causes first; what was not tried has no row.
fn properties(explanation: &Explanation) -> Table {
    let mut tried: Vec<&PropertySeen> = explanation
        .properties
        .iter()
        .filter(|one| one.verdict != ReuseVerdict::NotTested)
        .collect();
    tried.sort_by_key(|one| std::cmp::Reverse(one.verdict));
    let mut table = Table::new(
        "Properties of a runner",
        vec![
            Column::words("property"),
            Column::words("verdict"),
            Column::numbers("saving kept"),
            Column::numbers("hits"),
            Column::numbers("time"),
            Column::words("with the remedy"),
            Column::prose("how it was changed"),
        ],
    )
    .sortable();
    for one in tried {
        let remedied = one.remedied.as_ref().and_then(|point| point.verdict);
        table.row([
            Cell::name(&one.name),
            word(one.verdict).into(),
            kept(one.saving_kept, one.low.zip(one.high)),
            hits(one.hits, one.of),
            Cell::number(time(one.wall_s), one.wall_s),
            Cell::or_nothing(remedied.map(word)),
            how(one).into(),
        ]);
    }
    table.without_empty_columns()
}

/// Ways that differ, and what was said about the change.
fn how(one: &PropertySeen) -> Words {
    let differ = one.variants.values().any(|point| point.verdict != Some(one.verdict));
    let ways = one.variants.iter().filter(|_| differ || one.variants.len() > 1);
    let ways = ways.map(|(name, point)| {
        let way = Words::new().name(name);
        match point.verdict.filter(|_| differ) {
            Some(verdict) => way.text(": ").text(verdict.as_str()),
            None => way,
        }
    });
    Words::joined(ways.chain(one.reason.as_deref().map(Words::from)), "; ")
}

/// A share as a bar and a number.
fn kept(share: Option<f64>, interval: Option<(f64, f64)>) -> Cell {
    let Some(share) = share else { return NOTHING.into() };
    let whole = |share: f64| format!("{:.0}", share * 100.0);
    let number = match interval {
        Some((low, high)) => format!("{} % ({}-{} %)", whole(share), whole(low), whole(high)),
        None => format!("{} %", whole(share)),
    };
    Cell::number(Words::new().share(share).text(number), Some(share))
}

fn hits(hits: Option<u64>, of: Option<u64>) -> Cell {
    let shown = match (hits, of) {
        (Some(hits), Some(of)) => format!("{hits}/{of}"),
        (Some(hits), None) => hits.to_string(),
        _ => NOTHING.to_owned(),
    };
    Cell::number(shown, hits.map(|hits| hits as f64))
}

/// What everything is compared with, the controls, and everything at once.
fn references(explanation: &Explanation) -> Table {
    let mut table = Table::new(
        "References and controls",
        vec![
            Column::words("what"),
            Column::words("verdict"),
            Column::words("as it must"),
            Column::numbers("saving kept"),
            Column::numbers("hits"),
            Column::numbers("time"),
        ],
    );
    let mut row = |name: &str, passed: Option<bool>, point: &Measurement| {
        let passed = match passed {
            Some(true) => Words::new().verdict(Tone::Good, "yes"),
            Some(false) => Words::new().verdict(Tone::Bad, "no"),
            None => NOTHING.into(),
        };
        table.row([
            Cell::name(name),
            Cell::or_nothing(point.verdict.map(word)),
            passed.into(),
            kept(point.saving_kept, point.low.zip(point.high)),
            hits(point.hits, point.of),
            Cell::number(time(point.wall_s), point.wall_s),
        ]);
    };
    row("cold run", None, &explanation.cold);
    for control in &explanation.controls {
        row(
            &format!("control: {}", control.name.replace('-', " ")),
            Some(control.passed),
            &control.point,
        );
    }
    for (name, point) in [
        ("everything changed", &explanation.everything),
        ("everything but the causes", &explanation.everything_but_causes),
    ] {
        if let Some(point) = point {
            row(name, None, point);
        }
    }
    table.without_empty_columns()
}

fn decided_by(explanation: &Explanation) -> String {
    let decided = match explanation.decided_by {
        DecidedBy::Hits => "Hits decide",
        DecidedBy::Seconds => "Seconds decide",
    };
    let trials = units::counted(explanation.repeats.max(1) as usize, "trial");
    format!("{decided}, {trials} per change. Seconds of a single trial are for orientation only.")
}

/// What is in the key, what takes it out, and what that costs.
fn remedies(explanation: &Explanation) -> Blocks {
    let columns = [
        Column::words("property"),
        Column::prose("remedy"),
        Column::prose("why it matters"),
        Column::prose("cost or risk"),
    ];
    let mut table = Table::new("Remedies", columns);
    for cause in explanation.causes() {
        let Some(remedy) = &cause.remedy_details else { continue };
        let fix = Words::from(&remedy.fix);
        let fix = match &remedy.link {
            Some(link) => fix.line_break().aside(Words::new().name(link)),
            None => fix,
        };
        table.row([
            Cell::name(&cause.name),
            fix.into(),
            Cell::from(&remedy.key),
            Cell::or_nothing(remedy.risk.as_deref()),
        ]);
    }
    if table.is_empty() {
        return Blocks::new();
    }
    Blocks::new().heading("Remedies").table(table.without_empty_columns())
}

fn not_tested(explanation: &Explanation) -> Blocks {
    let untried =
        explanation.properties.iter().filter(|one| one.verdict == ReuseVerdict::NotTested);
    let items: Vec<Words> = untried
        .map(|one| {
            let reason = one.reason.as_deref().unwrap_or("it was not reached");
            Words::new().code(&one.name).text(": ").sentence(reason)
        })
        .collect();
    if items.is_empty() {
        return Blocks::new();
    }
    Blocks::new().heading("Not tested").items(items)
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
