//! The explanation for people: on a terminal, as Markdown, and as a section of a run's report.

use super::document::{DecidedBy, Explanation, Measurement, PropertySeen, ReuseVerdict, Staleness};
use crate::answer::{about, capitalised, run_facts};
use crate::document::terminal::Screen;
use crate::document::{
    Blocks, Cell, Column, Document, Head, Media, NOTHING, Section, Table, Tone, Words,
    markdown as markdown_of, terminal as terminal_of, units,
};

/// The explanation as text; no line is wider than `width`.
pub fn terminal(explanation: &Explanation, width: usize) -> String {
    terminal_of::render(&document(explanation), Screen { width, colour: false })
}

/// The explanation as Markdown; foreign text in it is inert.
pub fn markdown(explanation: &Explanation) -> String {
    markdown_of::render(&document(explanation))
}

fn document(explanation: &Explanation) -> Document {
    let mut conclusion: Vec<Words> = vec![capitalised(&explanation.headline)];
    conclusion.extend(explanation.stale.sentences().into_iter().map(Words::from));
    let head = Head {
        kind: "explanation".to_owned(),
        facts: run_facts("explain", &explanation.run_id, &explanation.params),
        conclusion,
        ..Head::default()
    };
    let section = Section::new("explain", "Properties", blocks(explanation)).headed(Media::HTML);
    Document::new(Words::new().name(&explanation.scenario), head, [section])
}

/// The explanation as a section of the report of a run.
pub fn section(explanation: &Explanation) -> Section {
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
    notes.extend(explanation.stale.sentences());
    let all = Blocks::new()
        .paragraph(capitalised(&explanation.headline))
        .notes(notes)
        .then(blocks(explanation))
        .quiet(about(&explanation.run_id, &explanation.params));
    Section::new("explain", "What breaks reuse", all).lead(
        "One property of the runner changed at a time. Saving kept: the share of what a warm run saves that is left.",
    )
}

fn blocks(explanation: &Explanation) -> Blocks {
    Blocks::new()
        .table(properties(explanation))
        .then(references(explanation))
        .then(listed("Remedies", remedies(explanation)))
        .then(listed("Not tested", not_tested(explanation)))
        .only(Media::PLAIN, listed("Notes", notes(explanation)))
        .then(listed("In the text files of the caches", found(explanation)))
}

/// A list under a heading; nothing without an item.
fn listed(heading: &str, items: Vec<Words>) -> Blocks {
    if items.is_empty() { Blocks::new() } else { Blocks::new().heading(heading).items(items) }
}

fn verdict(verdict: ReuseVerdict) -> Words {
    let tone = match verdict {
        ReuseVerdict::Breaks => Tone::Bad,
        ReuseVerdict::Partly => Tone::Mixed,
        ReuseVerdict::Inconclusive => Tone::Open,
        ReuseVerdict::Keeps => Tone::Good,
        ReuseVerdict::NotTested => Tone::Quiet,
    };
    Words::new().verdict(tone, verdict.as_str())
}

/// Everything that was tried, the causes first.
fn properties(explanation: &Explanation) -> Table {
    let mut tried: Vec<&PropertySeen> = explanation
        .properties
        .iter()
        .filter(|one| one.verdict != ReuseVerdict::NotTested)
        .collect();
    tried.sort_by_key(|one| std::cmp::Reverse(one.verdict));
    let columns = [
        Column::names("property"),
        Column::words("verdict"),
        Column::numbers("saving kept"),
        Column::numbers("hits"),
        Column::numbers("time"),
        Column::words("with the remedy").only(Media::MARKDOWN | Media::HTML),
        Column::prose("how it was changed").only(Media::HTML),
    ];
    let mut table = Table::new("Properties of a runner", columns).sortable();
    for one in tried {
        let remedied = one.remedied.as_ref().and_then(|point| point.verdict);
        table.row([
            Cell::name(&one.name),
            verdict(one.verdict).into(),
            kept(one.saving_kept, one.low.zip(one.high)),
            hits(one.hits, one.of),
            seconds(one.wall_s),
            Cell::or_nothing(remedied.map(verdict)),
            ways(one).into(),
        ]);
    }
    table.without_empty_columns_in(Media::HTML | Media::MARKDOWN)
}

/// The ways in which a property was changed, with their verdicts where these differ, and what was said about it.
fn ways(one: &PropertySeen) -> Words {
    let mut parts = variants(one);
    parts.extend(one.reason.as_deref().map(Words::from));
    Words::joined(parts, "; ")
}

fn variants(one: &PropertySeen) -> Vec<Words> {
    let differ = one.variants.values().any(|point| point.verdict != Some(one.verdict));
    let shown = one.variants.iter().filter(|_| differ || one.variants.len() > 1);
    shown
        .map(|(name, point)| {
            let way = Words::new().name(name);
            match point.verdict.filter(|_| differ) {
                Some(verdict) => way.text(": ").text(verdict.as_str()),
                None => way,
            }
        })
        .collect()
}

/// A share as a bar and a number.
fn kept(share: Option<f64>, interval: Option<(f64, f64)>) -> Cell {
    let Some(share) = share else { return NOTHING.into() };
    let number = match interval {
        Some((low, high)) => format!("{:.0}-{:.0} %", low * 100.0, high * 100.0),
        None => format!("{:.0} %", share * 100.0),
    };
    Cell::number(Words::new().share(share).quantity(number), Some(share))
}

fn hits(hits: Option<u64>, of: Option<u64>) -> Cell {
    let shown = match (hits, of) {
        (Some(hits), Some(of)) => format!("{hits}/{of}"),
        (Some(hits), None) => hits.to_string(),
        (None, _) => NOTHING.to_owned(),
    };
    Cell::number(shown, hits.map(|hits| hits as f64))
}

fn seconds(time: Option<f64>) -> Cell {
    Cell::number(
        Words::new().quantity(time.map_or_else(|| NOTHING.to_owned(), units::seconds)),
        time,
    )
}

/// What everything is compared with, the controls, and everything at once.
fn references(explanation: &Explanation) -> Blocks {
    let columns = [
        Column::names("what"),
        Column::words("verdict"),
        Column::words("as it must"),
        Column::numbers("saving kept"),
        Column::numbers("hits"),
        Column::numbers("time"),
    ];
    let mut table = Table::new("References and controls", columns);
    let mut row = |name: &str, passed: Option<bool>, point: &Measurement| {
        let passed = passed.map(|passed| {
            let (tone, word) = if passed { (Tone::Good, "yes") } else { (Tone::Bad, "NO") };
            Words::new().verdict(tone, word)
        });
        table.row([
            Cell::name(name),
            Cell::or_nothing(point.verdict.map(verdict)),
            Cell::or_nothing(passed),
            kept(point.saving_kept, point.low.zip(point.high)),
            hits(point.hits, point.of),
            seconds(point.wall_s),
        ]);
    };
    row("cold run", None, &explanation.cold);
    row("nothing changed", None, &explanation.same_runner);
    for control in &explanation.controls {
        let name = format!("control: {}", control.name.replace('-', " "));
        row(&name, Some(control.passed), &control.point);
    }
    for (name, point) in [
        ("everything changed", &explanation.everything),
        ("all but the causes", &explanation.everything_but_causes),
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
    Blocks::new().heading("What the verdicts rest on").table(table.without_empty_columns()).quiet(
        format!(
            "{decided}, {trials} per change. Seconds of a single trial are for orientation only."
        ),
    )
}

/// What to do about each cause, why, and at what price.
fn remedies(explanation: &Explanation) -> Vec<Words> {
    let item = |cause: &PropertySeen| {
        let remedy = cause.remedy_details.as_ref()?;
        let tool = Words::new().name(remedy.tool.as_deref().unwrap_or("any tool"));
        let mut item = Words::new()
            .name(&cause.name)
            .text(" (")
            .then(tool)
            .text("): ")
            .sentence(&remedy.fix)
            .text(". In the key: ")
            .sentence(&remedy.key)
            .text(".");
        if let Some(risk) = &remedy.risk {
            item = item.text(" Cost or risk: ").sentence(risk).text(".");
        }
        if let Some(link) = &remedy.link {
            item = item.text(" See ").text(link).text(".");
        }
        if let Some(point) = &cause.remedied {
            item = item.text(" ").then(remedied(point));
        }
        Some(item)
    };
    explanation.causes().filter_map(item).collect()
}

fn remedied(point: &Measurement) -> Words {
    let words = Words::new()
        .text("With the remedies in place: ")
        .text(point.verdict.map_or("unknown", ReuseVerdict::as_str));
    let words = match (point.hits, point.of) {
        (Some(hits), Some(of)) => words.text(format!(", {hits} of {of} hits")),
        (Some(hits), None) => words.text(format!(", {hits} hits")),
        (None, _) => words,
    };
    match point.wall_s {
        Some(time) => words.text(", ").quantity(units::seconds(time)).text("."),
        None => words.text("."),
    }
}

fn not_tested(explanation: &Explanation) -> Vec<Words> {
    let all = explanation.properties.iter().filter(|one| one.verdict == ReuseVerdict::NotTested);
    all.map(|one| {
        let reason = one.reason.as_deref().unwrap_or("it was not reached");
        Words::new().name(&one.name).text(": ").sentence(reason)
    })
    .collect()
}

/// How properties were changed, where that needs words. A page has them in its table.
fn notes(explanation: &Explanation) -> Vec<Words> {
    let tried = explanation.properties.iter().filter(|one| one.verdict != ReuseVerdict::NotTested);
    let noted = tried.filter_map(|one| {
        let differ = one.variants.values().any(|point| point.verdict != Some(one.verdict));
        let said = differ || one.reason.is_some();
        said.then(|| Words::new().name(&one.name).text(": ").then(ways(one)))
    });
    noted.collect()
}

fn found(explanation: &Explanation) -> Vec<Words> {
    let named = explanation.found.iter().map(|found| {
        let files = units::counted(found.files as usize, "file");
        let kind = Words::new().sentence(&found.kind);
        kind.text(format!(": {files}, such as ")).code(&found.example)
    });
    named.collect()
}

impl Staleness {
    /// What an edit of a source showed.
    pub(crate) fn sentences(&self) -> Vec<String> {
        let edited = match (self.mtime_kept, self.mtime_fresh) {
            (_, Some(true)) => {
                "Stale: the old result is reused for a source whose content changed, even with a \
                fresh mtime. The build is wrong with this cache."
                    .to_owned()
            }
            (Some(true), _) => {
                "Stale: the old result is reused for a source whose content changed when its mtime \
                is not newer than the cache. Never set mtimes back."
                    .to_owned()
            }
            (Some(false), Some(false)) => {
                "An edited source is built anew, whatever its mtime.".to_owned()
            }
            _ => {
                let why = self.reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
                format!("Whether an old result is reused for a changed source was not tested{why}.")
            }
        };
        let moved = (self.old_path == Some(true)).then(|| {
            "False green: at another path, while the old workspace is still there, the old sources are used, and an \
             edited source gives the result of the unedited one."
                .to_owned()
        });
        std::iter::once(edited).chain(moved).collect()
    }
}
