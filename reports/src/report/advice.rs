//! What to do next: the recipe of the run in short, and the remedies of an explanation.

use super::input::Input;
use super::next::{Next, NextCache};
use crate::document::{Blocks, Cell, Column, Link, Section, Table, Words, units};
use crate::explain::{Explanation, PropertySeen, ReuseVerdict};
use crate::verify::Truthfulness::WrongOutput;

/// `None` where neither the recipe nor an explanation has anything to say.
pub(super) fn section(input: &Input) -> Option<Section> {
    let remedies = input.beside.explain.map(remedies).unwrap_or_default();
    let next = input.beside.next;
    if next.is_none() && remedies.is_empty() {
        return None;
    }
    let mut blocks = Blocks::new();
    if input.beside.verify.is_some_and(|found| found.verdict == WrongOutput) {
        blocks = blocks.warning(
            Words::from(
                "`bench verify` found wrong output, which the advice does not count: read ",
            )
            .link(Link::anchor("verify"), "what it found")
            .text(" first."),
        );
    }
    if let Some(next) = next {
        let advice = Words::new().strong(next.advice).sentence(&format!(": {}.", next.reason));
        blocks = blocks.paragraph(advice);
    }
    if !remedies.is_empty() {
        blocks = blocks.heading("Make it portable").steps(remedies);
    }
    if let Some(next) = next {
        blocks = blocks.then(caches(next));
    }
    Some(Section::new("next", "What to do next", blocks))
}

/// One item per cause that has a remedy.
fn remedies(explanation: &Explanation) -> Vec<Words> {
    explanation.causes().filter_map(remedy).collect()
}

fn remedy(cause: &PropertySeen) -> Option<Words> {
    let fix = cause.remedy_details.as_ref().map(|remedy| remedy.fix.as_str());
    let fix = fix.or(cause.remedy.as_deref())?;
    let what = match cause.verdict {
        ReuseVerdict::Partly => " breaks reuse in part",
        _ => " breaks reuse",
    };
    let left = match (cause.hits, cause.of, cause.saving_kept) {
        // One that failed has hits as well, and they are of no use.
        (_, _, None) if cause.reason.is_some() => {
            format!(" ({})", cause.reason.as_deref().unwrap_or_default())
        }
        (Some(hits), Some(of), _) => format!(" ({hits} of {of} hits)"),
        (_, _, Some(share)) => format!(" ({} of the saving is left)", units::percent(share)),
        _ => String::new(),
    };
    let tried = match cause.remedied.as_ref().and_then(|point| point.verdict) {
        Some(ReuseVerdict::Keeps) => " Tried: reuse is back.",
        Some(_) => " Tried: reuse is not back.",
        None => "",
    };
    let item = Words::new()
        .code(&cause.name)
        .text(what)
        .text(left)
        .text(": ")
        .sentence(fix)
        .text(".")
        .text(tried);
    let risk = cause.remedy_details.as_ref().and_then(|remedy| remedy.risk.as_deref());
    Some(match risk {
        Some(risk) => item.text(" ").aside(format!("Cost or risk: {risk}.")),
        None => item,
    })
}

/// The archive that holds a cache: its size stands once, with how many caches it is of.
fn archive(cache: &NextCache) -> Cell {
    match (&cache.archived_with, cache.archive_bytes) {
        (Some(with), _) => Words::from("with ").code(with).into(),
        (None, bytes) => Cell::or_nothing(bytes.map(|bytes| units::archive(bytes, cache.archived))),
    }
}

fn caches(next: &Next) -> Blocks {
    let columns = [
        Column::names("cache"),
        Column::words("cache it"),
        Column::words("declared at"),
        Column::words("path in CI"),
        Column::numbers("files"),
        Column::numbers("size"),
        Column::numbers("archive"),
    ];
    let mut table = Table::new("What to do with each cache", columns);
    let path = |path: Option<&String>| Cell::or_nothing(path.map(|path| Words::new().code(path)));
    for cache in &next.caches {
        table.row([
            Cell::name(&cache.name),
            cache.advice.as_str().into(),
            path(cache.declared.as_ref()),
            path(cache.path.as_ref()),
            Cell::or_nothing(cache.files.map(|files| files.to_string())),
            Cell::or_nothing(cache.bytes.map(units::bytes)),
            archive(cache),
        ]);
    }
    let blocks = Blocks::new().heading("Directories").table(table.without_empty_columns());
    let blocks = match &next.variables {
        Some(yaml) => blocks.listing("Variables of a job", "yaml", yaml),
        None => blocks,
    };
    blocks.notes(&next.remarks).quiet("`bench recipe` writes the key and ready steps for CI.")
}
