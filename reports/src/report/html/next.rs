//! What to do next: the recipe of the run in short, and the remedies of an explanation.

use super::super::Input;
use super::super::next::{Next, NextCache};
use super::super::table::NOTHING;
use super::markup::Markup;
use super::page::Section;
use super::sentences;
use super::table::{Table, numbers, words};
use crate::document::units;
use crate::explain::{Explanation, PropertySeen, ReuseVerdict};
use crate::verify::Truthfulness::WrongOutput as Wrong;

/// `None` where neither the recipe nor an explanation has anything to say.
pub(super) fn section(input: &Input) -> Option<Section> {
    let advice = input.beside.next.map(advice);
    let remedies = input.beside.explain.and_then(remedies);
    let caches = input.beside.next.map(caches);
    let wrong = input.beside.verify.filter(|found| found.verdict == Wrong).map(|_| {
        Markup::new(
            "<p class=\"warning\"><code>bench verify</code> found wrong output, which the advice does not count: read \
             <a href=\"#verify\">what it found</a> first.</p>\n",
        )
    });
    if advice.is_none() && remedies.is_none() {
        return None;
    }
    let parts: Vec<Markup> = [wrong, advice, remedies, caches].into_iter().flatten().collect();
    Some(Section {
        id: "next",
        heading: "What to do next",
        lead: "",
        body: Markup::default().all(parts),
    })
}

fn advice(next: &Next) -> Markup {
    Markup::new("<p><b>").text(next.advice).raw("</b>: ").sentence(&next.reason).raw(".</p>\n")
}

/// A line a cause; `None` without one that has a remedy.
fn remedies(explanation: &Explanation) -> Option<Markup> {
    let items: Vec<Markup> = explanation.causes().filter_map(remedy).collect();
    (!items.is_empty()).then(|| {
        Markup::new("<h3>Make it portable</h3>\n<ol class=\"steps\">\n").all(items).raw("</ol>\n")
    })
}

fn remedy(cause: &PropertySeen) -> Option<Markup> {
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
    let item = Markup::new("<li><code>")
        .name(&cause.name)
        .raw("</code>")
        .raw(what)
        .text(&left)
        .raw(": ")
        .sentence(fix)
        .raw(".")
        .raw(tried);
    let risk = cause.remedy_details.as_ref().and_then(|remedy| remedy.risk.as_deref());
    Some(match risk {
        Some(risk) => {
            item.raw(" <span class=\"aside\">Cost or risk: ").sentence(risk).raw(".</span></li>\n")
        }
        None => item.raw("</li>\n"),
    })
}

/// The archive that holds a cache: its size stands once, with how many caches it is of.
fn archive(cache: &NextCache) -> Markup {
    match (&cache.archived_with, cache.archive_bytes) {
        (Some(with), _) => Markup::new("with <code>").name(with).raw("</code>"),
        (None, Some(bytes)) => Markup::of(&units::archive(bytes, cache.archived)),
        (None, None) => Markup::of(NOTHING),
    }
}

fn caches(next: &Next) -> Markup {
    let mut table = Table::new(
        "What to do with each cache",
        vec![
            words("cache"),
            words("cache it"),
            words("declared at"),
            words("path in CI"),
            numbers("files"),
            numbers("size"),
            numbers("archive"),
        ],
    );
    let bytes = |bytes: Option<u64>| bytes.map_or_else(|| NOTHING.to_owned(), units::bytes);
    let path = |path: Option<&String>| match path {
        Some(path) => Markup::new("<code>").name(path).raw("</code>"),
        None => Markup::of(NOTHING),
    };
    for cache in &next.caches {
        let NextCache { name, declared, path: at, files, bytes: size, advice, .. } = cache;
        table.row(vec![
            Markup::default().name(name).into(),
            advice.clone().into(),
            path(declared.as_ref()).into(),
            path(at.as_ref()).into(),
            files.map_or_else(|| NOTHING.to_owned(), |files| files.to_string()).into(),
            bytes(*size).into(),
            archive(cache).into(),
        ]);
    }
    let variables = next.variables.as_ref().map_or_else(Markup::default, |yaml| {
        let lines = yaml.lines().map(|line| Markup::of(line).raw("\n"));
        Markup::new(
            "<h3>Variables of a job</h3>\n<pre tabindex=\"0\" aria-label=\"Variables of a job\">",
        )
        .all(lines)
        .raw("</pre>\n")
    });
    Markup::new("<h3>Directories</h3>\n")
        .add(&table.without_empty_columns().markup())
        .add(&variables)
        .add(&sentences(&next.remarks))
        .raw("<p class=\"lead\"><code>bench recipe</code> writes the key and ready steps for CI.</p>\n")
}
