//! `bench explain` beside the run: a row a property, what the verdicts rest on, and the remedies with their price.

use super::super::Input;
use super::super::table::{NOTHING, time};
use super::markup::Markup;
use super::page::Section;
use super::table::{Cell, Table, numbers, prose, words};
use super::verdicts::{Tone, toned};
use super::{about, sentences};
use crate::document::units;
use crate::explain::{DecidedBy, Explanation, Measurement, PropertySeen, ReuseVerdict};

/// `None` without an explanation.
pub(super) fn section(input: &Input) -> Option<Section> {
    let explanation = input.beside.explain?;
    let body = Markup::new("<p>")
        .sentence(&capitalised(&explanation.headline))
        .raw(".</p>\n")
        .add(&sentences(&notes(explanation)))
        .add(&properties(explanation))
        .raw("<h3>What the verdicts rest on</h3>\n")
        .add(&references(explanation))
        .add(&remedies(explanation))
        .add(&not_tested(explanation))
        .add(&about(&explanation.run_id, &explanation.params));
    Some(Section {
        id: "explain",
        heading: "What breaks reuse",
        lead: "One property of the runner changed at a time. Saving kept: the share of what a warm run saves that is left.",
        body,
    })
}

fn word(verdict: ReuseVerdict) -> Markup {
    let tone = match verdict {
        ReuseVerdict::Breaks => Tone::Bad,
        ReuseVerdict::Partly => Tone::Mixed,
        ReuseVerdict::Inconclusive => Tone::Open,
        ReuseVerdict::Keeps => Tone::Good,
        ReuseVerdict::NotTested => Tone::Quiet,
    };
    toned(tone, verdict.as_str())
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
        notes.push(format!("In the caches stands the {}: a hint, not a cause.", named.join(", ")));
    }
    notes
}

/// The causes first; what was not tried has no row.
fn properties(explanation: &Explanation) -> Markup {
    let mut tried: Vec<&PropertySeen> = explanation
        .properties
        .iter()
        .filter(|one| one.verdict != ReuseVerdict::NotTested)
        .collect();
    tried.sort_by_key(|one| std::cmp::Reverse(one.verdict));
    let mut table = Table::new(
        "Properties of a runner",
        vec![
            words("property"),
            words("verdict"),
            numbers("saving kept"),
            numbers("hits"),
            numbers("time"),
            words("with the remedy"),
            prose("how it was changed"),
        ],
    )
    .interactive();
    for one in tried {
        let remedied = one.remedied.as_ref().and_then(|point| point.verdict);
        table.row(vec![
            Markup::default().name(&one.name).into(),
            word(one.verdict).into(),
            kept(one.saving_kept, one.low.zip(one.high)),
            hits(one.hits, one.of),
            Cell::number(&time(one.wall_s), one.wall_s),
            remedied.map_or_else(|| Markup::of(NOTHING), word).into(),
            how(one).into(),
        ]);
    }
    table.without_empty_columns().markup()
}

/// Ways that differ, and what was said about the change.
fn how(one: &PropertySeen) -> Markup {
    let differ = one.variants.values().any(|point| point.verdict != Some(one.verdict));
    let ways = one.variants.iter().filter(|_| differ || one.variants.len() > 1);
    let mut shown: Vec<Markup> = ways
        .map(|(name, point)| {
            let way = Markup::default().name(name);
            match point.verdict.filter(|_| differ) {
                Some(verdict) => way.raw(": ").text(verdict.as_str()),
                None => way,
            }
        })
        .collect();
    shown.extend(one.reason.as_deref().map(|reason| Markup::default().sentence(reason)));
    joined(shown)
}

fn joined(parts: Vec<Markup>) -> Markup {
    parts.into_iter().enumerate().fold(Markup::default(), |all, (index, part)| {
        all.raw(if index == 0 { "" } else { "; " }).add(&part)
    })
}

/// A share as a bar and a number.
fn kept(share: Option<f64>, interval: Option<(f64, f64)>) -> Cell {
    let Some(share) = share else { return NOTHING.into() };
    let whole = |share: f64| format!("{:.0}", share * 100.0);
    let number = match interval {
        Some((low, high)) => format!("{} % ({}-{} %)", whole(share), whole(low), whole(high)),
        None => format!("{} %", whole(share)),
    };
    let bar = Markup::new("<svg class=\"share\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"whole\" width=\"100\" height=\"10\"/><rect")
        .attribute("width", &format!("{:.1}", share.clamp(0.0, 1.0) * 100.0))
        .raw(" height=\"10\"/></svg> ");
    Cell::with_value(bar.text(&number), Some(share))
}

fn hits(hits: Option<u64>, of: Option<u64>) -> Cell {
    let shown = match (hits, of) {
        (Some(hits), Some(of)) => format!("{hits}/{of}"),
        (Some(hits), None) => hits.to_string(),
        _ => NOTHING.to_owned(),
    };
    Cell::number(&shown, hits.map(|hits| hits as f64))
}

/// What everything is compared with, the controls, and everything at once.
fn references(explanation: &Explanation) -> Markup {
    let mut table = Table::new(
        "References and controls",
        vec![
            words("what"),
            words("verdict"),
            words("as it must"),
            numbers("saving kept"),
            numbers("hits"),
            numbers("time"),
        ],
    );
    let mut row = |name: &str, passed: Option<bool>, point: &Measurement| {
        let passed = match passed {
            Some(true) => toned(Tone::Good, "yes"),
            Some(false) => toned(Tone::Bad, "no"),
            None => Markup::of(NOTHING),
        };
        table.row(vec![
            Markup::default().name(name).into(),
            point.verdict.map_or_else(|| Markup::of(NOTHING), word).into(),
            passed.into(),
            kept(point.saving_kept, point.low.zip(point.high)),
            hits(point.hits, point.of),
            Cell::number(&time(point.wall_s), point.wall_s),
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
    let decided = match explanation.decided_by {
        DecidedBy::Hits => "Hits decide",
        DecidedBy::Seconds => "Seconds decide",
    };
    let trials = units::counted(explanation.repeats.max(1) as usize, "trial");
    table
        .without_empty_columns()
        .markup()
        .raw("<p class=\"lead\">")
        .text(&format!(
            "{decided}, {trials} a change. Seconds of a single trial are for orientation only."
        ))
        .raw("</p>\n")
}

/// What is in the key, what takes it out, and what that costs.
fn remedies(explanation: &Explanation) -> Markup {
    let mut table = Table::new(
        "Remedies",
        vec![words("property"), prose("remedy"), prose("why it matters"), prose("cost or risk")],
    );
    for cause in explanation.causes() {
        let Some(remedy) = &cause.remedy_details else { continue };
        let sentence = |text: &str| Markup::default().sentence(text);
        let fix = match &remedy.link {
            Some(link) => {
                sentence(&remedy.fix).raw("<br><span class=\"aside\">").name(link).raw("</span>")
            }
            None => sentence(&remedy.fix),
        };
        table.row(vec![
            Markup::default().name(&cause.name).into(),
            fix.into(),
            sentence(&remedy.key).into(),
            sentence(remedy.risk.as_deref().unwrap_or(NOTHING)).into(),
        ]);
    }
    if table.is_empty() {
        return Markup::default();
    }
    Markup::new("<h3>Remedies</h3>\n").add(&table.without_empty_columns().markup())
}

fn not_tested(explanation: &Explanation) -> Markup {
    let items: Vec<Markup> = explanation
        .properties
        .iter()
        .filter(|one| one.verdict == ReuseVerdict::NotTested)
        .map(|one| {
            let reason = one.reason.as_deref().unwrap_or("it was not reached");
            Markup::new("<li><code>")
                .name(&one.name)
                .raw("</code>: ")
                .sentence(reason)
                .raw("</li>\n")
        })
        .collect();
    if items.is_empty() {
        return Markup::default();
    }
    Markup::new("<h3>Not tested</h3>\n<ul class=\"notes\">\n").all(items).raw("</ul>\n")
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
