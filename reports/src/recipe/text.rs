//! The recipe as a Markdown page: figures stand with what they rest on, foreign text is inert.

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{Arm, Regime};

use super::caches;
use super::decide::decide;
use super::document::{Decision, Input};
use super::entries::{LISTED, entries, left_out, listed};
use super::key::{KEY_LIMIT, version};
use super::numbers::{numbers, timed};
use super::places::{Place, Settings, settings};
use super::portable::portable;
use super::sizes::Archives;
use super::workflow::{ServiceEntry, workflow};
use super::worth::Worth;
use crate::document::{
    Blocks, Cell, Column, Document, Head, NOTHING, Section, Table, Words, markdown, units,
};
use crate::explain::Explanation;
use crate::quota;
use crate::summary::{Gain, find};

/// The page, final newline included.
pub fn recipe(input: &Input) -> String {
    markdown::render(&document(input))
}

fn document(input: &Input) -> Document {
    let decision = decide(input.summary, input.explanation, input.ablation);
    let archives = Archives::new(input);
    let entries = entries(input, &archives);
    let settings = input
        .declared
        .map(|declared| settings(declared, &input.summary.params, input.explanation))
        .unwrap_or_default();
    let has_steps = decision.advice.is_for() && !entries.is_empty();
    let mut sections = vec![what(input, &decision, &archives), numbers(input)];
    if has_steps {
        sections.extend([key(input, &entries), invalidates(input)]);
        sections.extend(steps(input, &settings, &entries));
        sections.push(quota(input, &archives, &entries));
    }
    sections.extend([portable(input, &settings, has_steps), basis(input)]);
    let params = shown(&input.summary.params);
    let head = Head {
        kind: "recipe".to_owned(),
        facts: params.into_iter().collect(),
        conclusion: vec![decision.sentence().into()],
        ..Head::default()
    };
    let title = Words::new().text("Cache recipe: ").name(&input.summary.scenario);
    Document::new(title, head, sections)
}

/// Names and values.
fn shown(pairs: &BTreeMap<String, String>) -> Vec<Words> {
    let pairs = pairs.iter().take(LISTED);
    pairs.map(|(name, value)| Words::new().setting(name, value)).collect()
}

fn what(input: &Input, decision: &Decision, archives: &Archives) -> Section {
    let section = |blocks| Section::new("what", "What to cache", blocks);
    if archives.all.is_empty() {
        return section(Blocks::new().paragraph("The run has no cache."));
    }
    let columns = [
        Column::names("cache"),
        Column::names("declared at"),
        Column::names("path in CI"),
        Column::numbers("files"),
        Column::numbers("size"),
        Column::numbers("archive"),
        Column::numbers("n"),
        Column::prose("cache it"),
    ];
    let mut table = Table::new("What to cache", columns).of("caches");
    let bytes = |value: Option<u64>| Cell::or_nothing(value.map(units::bytes));
    let mut remarks: BTreeSet<String> = BTreeSet::new();
    for row in caches::rows(input, decision, archives) {
        let declared = row.declared.map(|cache| format!("{}/{}", cache.root.as_str(), cache.path));
        let path = row.place.as_ref().and_then(Place::path);
        remarks.extend(caches::remark(row.place.as_ref()).map(str::to_owned));
        remarks.extend(row.excluded());
        let size = row.size;
        let archive = match (size.with, size.archive) {
            (Some(with), _) => Words::new().text("with ").code(with),
            (None, Some(bytes)) => units::archive(bytes, size.holds).into(),
            (None, None) => NOTHING.into(),
        };
        table.row([
            Words::new().code(row.name).into(),
            Cell::or_nothing(declared.map(|declared| Words::new().code(declared))),
            Cell::or_nothing(path.map(|path| Words::new().code(path))),
            Cell::or_nothing(size.files.map(|files| files.to_string())),
            bytes(size.bytes),
            archive.into(),
            size.samples.to_string().into(),
            row.advice.as_ref().into(),
        ]);
    }
    remarks.extend(caches::worths(input));
    remarks.extend(same_runner(input));
    section(
        Blocks::new()
            .table(table)
            .quiet("Sizes are the largest of the cold samples.")
            .notes(remarks),
    )
}

/// What a runner that keeps its disk gains.
fn same_runner(input: &Input) -> Option<String> {
    let regimes = &input.summary.regimes;
    let cold = find(regimes, Regime::Cold, Arm::Candidate)?;
    let same = find(regimes, Regime::SameRunner, Arm::Candidate)?;
    (Gain::of(same, Some(cold)) == Gain::Faster && same.failed == 0).then(|| {
        format!(
            "On a runner that keeps its disk and its workspace, leave the directories where they are: {} instead of {}. No upload is needed for that.",
            timed(same),
            timed(cold)
        )
    })
}

fn key(input: &Input, entries: &[ServiceEntry]) -> Section {
    let mut blocks = Blocks::new();
    for entry in entries {
        blocks = blocks.listing("Key", "text", &entry.key.text);
    }
    let mut table = Table::new(
        "Parts of the key",
        [Column::prose("part"), Column::prose("why it must be in the key")],
    );
    let mut row = |part: Words, why: &str| table.row([part.into(), why.into()]);
    row("`v1`".into(), "raise it by hand to start anew: an entry is never overwritten");
    row("the name of the cache".into(), "two caches must not take each other's entries");
    row("`runner.os`, `runner.arch`".into(), "what was built runs on one of them only");
    let tools = input.run.run.tools.iter().filter_map(|(name, tool)| {
        Some(Words::new().code(name).text(" ").code(version(tool.version.as_deref()?)))
    });
    let tools: Vec<Words> = tools.take(LISTED).collect();
    if !tools.is_empty() {
        row(
            Words::new().text("versions of tools: ").then(Words::joined(tools, ", ")),
            "another version makes other results. They are those of the run: change them with the image",
        );
    }
    // Each entry has those that change what it holds.
    let params: BTreeMap<String, String> =
        entries.iter().flat_map(|entry| entry.params.clone()).collect();
    if !params.is_empty() {
        let shown = Words::joined(shown(&params), ", ");
        row(Words::new().text("params: ").then(shown), "other params, other contents");
    }
    let locks = input.declared.map(|declared| declared.locks.as_slice()).unwrap_or_default();
    if !locks.is_empty() {
        row(
            Words::new().text("hash of ").then(listed(locks.iter().map(String::as_str))),
            "other dependencies; the entry with the old ones is still a start (restore-keys)",
        );
    }
    row(
        "`github.sha`".into(),
        "an entry is never overwritten: without the commit the first one would stay for ever",
    );
    let longest = entries.iter().map(|entry| entry.key.longest).max().unwrap_or_default();
    let mut lines: Vec<Words> = vec![
        format!("The key has at most {longest} characters; {KEY_LIMIT} are allowed, and no comma.")
            .into(),
    ];
    if locks.is_empty() {
        lines.push("No lock file is known to `bench` here. Where the project has one, add `${{ hashFiles('...') }}` with its name before the commit.".into());
    }
    let free: Vec<&str> = input
        .summary
        .params
        .keys()
        .map(String::as_str)
        .filter(|name| !params.contains_key(*name))
        .collect();
    if !free.is_empty() {
        lines.push(
            Words::from("Params that do not change what the caches hold are not in a key: ")
                .then(listed(free))
                .text("."),
        );
    }
    lines.push("Not in the key: paths, mtimes, host names, the time. They differ on every runner, so the entry would never be found; what depends on them must be made portable instead.".into());
    lines.push("Restore keys are tried from the longest prefix to the shortest, the newest entry of each first: own branch, then the base, then the default branch.".into());
    lines.push("The paths are part of what an entry is known by: change one in both steps.".into());
    Section::new("key", "The key", blocks.table(table).notes(lines))
}

fn invalidates(input: &Input) -> Section {
    let mut lines: Vec<Words> = vec![
        "A new commit makes a new entry and starts from the newest old one. Another lock file, tool version, param, operating system or architecture does what the table says.".into(),
        "GitHub removes entries that were not used for 7 days, and the least recently used ones beyond 10 GB per repository.".into(),
    ];
    let causes: Vec<&str> = input
        .explanation
        .into_iter()
        .flat_map(Explanation::causes)
        .map(|cause| cause.name.as_str())
        .collect();
    if !causes.is_empty() && !left_out(input) {
        lines.push(
            Words::from(
                "The entry is found, but what is in it is not reused, when one of these changes: ",
            )
            .then(listed(causes))
            .text("."),
        );
    }
    Section::new("invalidates", "What invalidates it", Blocks::new().notes(lines))
}

fn steps(input: &Input, settings: &Settings, entries: &[ServiceEntry]) -> Vec<Section> {
    let mut lines: Vec<Words> = vec![
        "The tags are those of the actions' own documentation. A tag can be moved: pin the full commit id of a release.".into(),
        "Restore after the checkout, which cleans the workspace. Save only what a build that passed has made.".into(),
        "Only pushes to the default branch save: other branches could not share their entries and would fill the quota. A save in a job of an untrusted trigger (a fork's pull request) is refused, and the step only warns.".into(),
        "In a job with `container:` on GitHub, `github.workspace` is the host's path: set the variables from `GITHUB_WORKSPACE` there.".into(),
    ];
    let daemons = input.declared.map(|declared| declared.daemons.as_slice()).unwrap_or_default();
    if !daemons.is_empty() {
        lines.push(
            Words::from("Stop daemons before the save step, as the run did: ")
                .then(listed(daemons.iter().map(String::as_str)))
                .text("."),
        );
    }
    if !settings.left.is_empty() {
        lines.push(
            Words::from("The run also set ")
                .then(Words::joined(shown(&settings.left), ", "))
                .text(". These values name what a workflow has no word for; set them where your build needs them."),
        );
    }
    let last = input.systems.len().saturating_sub(1);
    let sections =
        input.systems.iter().enumerate().map(|(index, ci)| {
            let blocks = Blocks::new()
                .paragraph(format!("A file in `{}/`:", ci.directory()))
                .listing("Workflow", "yaml", workflow(*ci, &settings.env, entries));
            // What holds for every system stands below the last one.
            let blocks = if index == last { blocks.notes(lines.clone()) } else { blocks };
            Section::new("steps", format!("Steps for {}", ci.as_str()), blocks)
        });
    sections.collect()
}

fn quota(input: &Input, archives: &Archives, entries: &[ServiceEntry]) -> Section {
    let names: Vec<String> = entries.iter().flat_map(|entry| entry.names.clone()).collect();
    // The run may have packed caches with others that are not to be kept.
    let kept = input.ablation.and_then(Worth::new).map(|worth| worth.archive_bytes());
    let bytes = kept.or_else(|| archives.archive_bytes(&names));
    let text = bytes.filter(|bytes| *bytes > 0).map_or_else(
        || "No archive was made in this run, so there is no forecast.".to_owned(),
        |bytes| {
            format!(
                "A push to the default branch saves {} (largest archive of the run, zstd). {} A store that grows from run to run grows in this figure, too: give it a limit of its own.",
                units::bytes(bytes),
                forecast(quota::LIMIT / bytes)
            )
        },
    );
    Section::new("quota", "Quota", Blocks::new().paragraph(text))
}

/// What the quota makes of entries of which so many fit.
fn forecast(kept: u64) -> String {
    let pushes = if kept == 1 { "1 push".to_owned() } else { format!("{kept} pushes") };
    match kept {
        0 => "One is more than the quota: nothing would be kept.".to_owned(),
        1..10 => format!(
            "{kept} of them fit into 10 GB: after {pushes} the oldest goes, and other caches of the repository with it. Make it smaller, or save less often."
        ),
        _ => format!(
            "{kept} of them fit into 10 GB, if the repository has no other cache; after as many pushes to the default branch within 7 days the oldest goes."
        ),
    }
}

fn basis(input: &Input) -> Section {
    let mut lines = vec![
        Words::from("Run ")
            .code(input.summary.run_id.as_str())
            .text(": ")
            .then(crate::report::evidence_line(input.run))
            .text("."),
    ];
    if let Some(explanation) = input.explanation {
        lines.push(Words::from("Explanation ").code(&explanation.run_id).text("."));
    }
    if let Some(ablation) = input.ablation {
        let whole = if ablation.complete { "" } else { ", cut short" };
        let blocks = units::counted(ablation.blocks as usize, "block");
        let ablation = Words::from("Ablation ").code(ablation.run_id.as_str());
        lines.push(ablation.text(format!(", {blocks}{whole}.")));
    }
    if !input.summary.complete {
        lines.push("The run was cut short.".into());
    }
    lines.extend(input.changed().map(|changed| Words::new().strong(changed)));
    Section::new("basis", "What this rests on", Blocks::new().notes(lines))
}
