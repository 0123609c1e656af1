//! The verification for people: on a terminal, as Markdown, and as a section of a run's report.

use super::document::{
    FaultOutcome, FaultSeen, RunVerdict, Truthfulness, Verification, first_difference,
};
use crate::answer::{about, run_facts};
use crate::document::terminal::Screen;
use crate::document::{
    Blocks, Cell, Column, Document, Head, Media, NOTHING, Section, Table, Tone, Words,
    markdown as markdown_of, terminal as terminal_of, units,
};
use crate::marks::marked;

/// The verification as text; no line is wider than `width`.
pub fn terminal(found: &Verification, width: usize) -> String {
    terminal_of::render(&document(found), Screen { width, colour: false })
}

/// The verification as Markdown; foreign text in it is inert.
pub fn markdown(found: &Verification) -> String {
    markdown_of::render(&document(found))
}

fn document(found: &Verification) -> Document {
    let mut facts = run_facts("verify", found.run_id.as_str(), &found.params);
    facts.push(Words::new().text(format!("seed {}", found.seed)));
    let head = Head {
        kind: "verification".to_owned(),
        facts,
        conclusion: vec![conclusion(found).into()],
        ..Head::default()
    };
    let title = Words::new().name(&found.scenario).text(": does the warm build tell the truth?");
    let section = Section::new("verify", "Runs and faults", blocks(found)).headed(Media::HTML);
    Document::new(title, head, [section])
}

/// The verification as a section of the report of a run.
pub fn section(found: &Verification) -> Section {
    let tone = match found.verdict {
        Truthfulness::Truthful => Tone::Good,
        Truthfulness::WrongOutput => Tone::Bad,
        Truthfulness::NotEstablished => Tone::Open,
    };
    let verdict = Words::new().verdict(tone, found.verdict.as_str());
    let all = Blocks::new()
        .paragraph(verdict.text(". ").then(conclusion(found)))
        .then(blocks(found))
        .quiet(about(found.run_id.as_str(), &found.params));
    Section::new("verify", "Is warm output right?", all)
        .lead("Warm output against cold output of the same runner, then with a damaged cache.")
}

fn blocks(found: &Verification) -> Blocks {
    let compared = units::counted(found.outputs as usize, "output file");
    let mut blocks = Blocks::new()
        .only(Media::HTML, Blocks::new().findings(&found.findings).heading("Undamaged caches"))
        .table(runs(found))
        .quiet(format!("{compared} compared."))
        .only(Media::HTML, matrix(found));
    if !found.faults.is_empty() {
        blocks = blocks
            .heading("Every fault")
            .table(faults(found))
            .only(Media::TERMINAL, Blocks::new().items(reasons(found)));
    }
    if !found.findings.is_empty() {
        let findings = Blocks::new().heading("Findings").findings(&found.findings);
        blocks = blocks.only(Media::PLAIN, findings);
    }
    blocks
}

fn runs(found: &Verification) -> Table {
    let columns = [
        Column::words("run"),
        Column::words("runner"),
        Column::words("verdict"),
        Column::numbers("time"),
        Column::numbers("hits"),
        Column::prose("what differs").only(Media::MARKDOWN | Media::HTML),
    ];
    let mut table = Table::new("Runs with undamaged caches", columns);
    for run in &found.runs {
        let tone = match run.verdict {
            RunVerdict::Reference => Tone::Quiet,
            RunVerdict::Right => Tone::Good,
            RunVerdict::Wrong | RunVerdict::Failed => Tone::Bad,
        };
        let differs = match (&run.reason, run.differences.is_empty()) {
            (Some(reason), _) => Some(reason.clone()),
            (None, false) => Some(first_difference(&run.differences)),
            (None, true) => None,
        };
        table.row([
            marked(run.regime).into(),
            Cell::name(&run.runner),
            Words::new().verdict(tone, run.verdict.as_str()).into(),
            seconds(Some(run.wall_s)),
            hits(run.hits, run.misses.map(|misses| run.hits.unwrap_or(0) + misses)),
            Cell::or_nothing(differs),
        ]);
    }
    table.without_empty_columns_in(Media::MARKDOWN | Media::HTML)
}

fn seconds(time: Option<f64>) -> Cell {
    let shown = time.map_or_else(|| NOTHING.to_owned(), units::seconds);
    Cell::number(Words::new().quantity(shown), time)
}

/// `62/62`, `62`, or a dash.
fn hits(hits: Option<u64>, of: Option<u64>) -> Cell {
    let shown = match (hits, of) {
        (Some(hits), Some(of)) => format!("{hits}/{of}"),
        (Some(hits), None) => hits.to_string(),
        (None, _) => NOTHING.to_owned(),
    };
    Cell::number(shown, hits.map(|hits| hits as f64))
}

fn outcome(outcome: FaultOutcome) -> Words {
    let tone = match outcome {
        FaultOutcome::WrongOutput => Tone::Bad,
        FaultOutcome::FailsLoudly | FaultOutcome::SlowerForEver => Tone::Mixed,
        FaultOutcome::Heals => Tone::Good,
        FaultOutcome::NotExercised | FaultOutcome::NotTested => Tone::Quiet,
    };
    Words::new().verdict(tone, outcome.as_str())
}

/// The file that a fault damaged, by its cache and kind.
fn target(fault: &FaultSeen) -> Option<(&str, &str)> {
    Some((fault.cache.as_deref()?, fault.kind.as_deref()?))
}

/// Kinds of files against faults of single files.
fn matrix(found: &Verification) -> Blocks {
    let mut kinds: Vec<(&str, &str)> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for fault in &found.faults {
        let Some(kind) = target(fault) else { continue };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
        if !names.contains(&fault.fault.as_str()) {
            names.push(&fault.fault);
        }
    }
    if kinds.is_empty() {
        return Blocks::new();
    }
    let columns = [Column::words("cache"), Column::words("kind of file")];
    let columns = columns.into_iter().chain(names.iter().copied().map(Column::words));
    let mut table = Table::new("Faults of single files by kind", columns);
    for kind in kinds {
        let of_kind = |name: &&str| {
            let seen = found.faults.iter().find(|f| f.fault == **name && target(f) == Some(kind));
            Cell::or_nothing(seen.map(|seen| outcome(seen.outcome)))
        };
        let first = [Cell::name(kind.0), Words::new().code(kind.1).into()];
        table.row(first.into_iter().chain(names.iter().map(of_kind)));
    }
    Blocks::new().heading("Damaged files").table(table)
}

fn faults(found: &Verification) -> Table {
    let columns = [
        Column::words("fault"),
        Column::names("cache").only(Media::HTML),
        Column::names("kind"),
        Column::words("outcome"),
        Column::numbers("time"),
        Column::numbers("next"),
        Column::numbers("hits"),
        Column::numbers("next"),
        Column::numbers("expected hits").only(Media::MARKDOWN | Media::HTML),
        Column::prose("why").only(Media::MARKDOWN | Media::HTML),
    ];
    let mut table = Table::new("Faults", columns).sortable().tall().long().of("faults");
    for fault in &found.faults {
        let place = found.place(fault);
        table.row([
            Cell::name(&fault.fault),
            Cell::or_nothing(fault.cache.as_ref().map(|cache| Words::new().name(cache))),
            Cell::or_nothing((!place.is_empty()).then(|| Words::new().name(place))),
            outcome(fault.outcome).into(),
            seconds(fault.wall_s),
            seconds(fault.again_wall_s),
            hits(fault.hits, None),
            hits(fault.again_hits, None),
            hits(fault.expected_hits, None),
            Words::new().sentence(&fault.reason).into(),
        ]);
    }
    table.without_empty_columns_in(Media::HTML | Media::MARKDOWN)
}

/// Why each outcome is what it is. What several faults in a row have in common is said once.
fn reasons(found: &Verification) -> Vec<Words> {
    let mut last = "";
    let mut all = Vec::new();
    for fault in &found.faults {
        if fault.reason.is_empty() || fault.reason == last {
            continue;
        }
        last = &fault.reason;
        let place = found.place(fault);
        let mut words = Words::new().name(&fault.fault);
        if !place.is_empty() {
            words = words.text(" ").name(place);
        }
        all.push(words.text(": ").sentence(&fault.reason));
    }
    all
}

/// One sentence for the end of a report.
fn conclusion(found: &Verification) -> String {
    let seen: Vec<String> = FaultOutcome::ALL
        .into_iter()
        .filter(|outcome| found.count(*outcome) > 0)
        .map(|outcome| format!("{} {outcome}", found.count(outcome)))
        .collect();
    let faults = if seen.is_empty() {
        String::new()
    } else {
        format!(" {}: {}.", units::counted(found.faults.len(), "fault"), seen.join(", "))
    };
    match (&found.verdict, &found.reason) {
        (Truthfulness::Truthful, _) => {
            format!("The warm build tells the truth as far as it was tried.{faults}")
        }
        (Truthfulness::WrongOutput, reason) => {
            format!("The warm build lies: {}.{faults}", reason.as_deref().unwrap_or("see above"))
        }
        (Truthfulness::NotEstablished, reason) => format!(
            "Whether the warm build tells the truth could not be established: {}.{faults}",
            reason.as_deref().unwrap_or("it was cut short")
        ),
    }
}
