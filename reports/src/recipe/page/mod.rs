//! The page. Foreign text goes through [`crate::document::text::code`] and [`crate::document::text::sentence`], figures stand with what
//! they rest on.

mod numbers;
mod portable;

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{Arm, Regime};

use numbers::{numbers, timed};
use portable::portable;

use super::caches;
use super::decide::decide;
use super::document::{Decision, Declared, DeclaredCache, Input, QUOTA};
use super::key::{KEY_LIMIT, Key, version};
use super::places::{Place, Settings, place, settings};
use super::sizes::Archives;
use super::workflow::{ServiceEntry, workflow};
use super::worth::Worth;
use crate::document::text::{code, code_of_value, sentence};
use crate::document::units;
use crate::explain::ReuseVerdict;
use crate::summary::{Gain, find};

/// Rows of a list of foreign things.
const LISTED: usize = 40;

/// The page, final newline included.
pub fn recipe(input: &Input) -> String {
    let decision = decide(input.summary, input.explanation, input.ablation);
    let archives = Archives::new(input);
    let entries = entries(input, &archives);
    let settings = input
        .declared
        .map(|declared| settings(declared, &input.summary.params, input.explanation))
        .unwrap_or_default();
    let mut page = format!("## Cache recipe: {}\n\n", code(&input.summary.scenario));
    let params: Vec<String> = shown(&input.summary.params);
    if !params.is_empty() {
        page.push_str(&format!("With {}.\n\n", params.join(", ")));
    }
    page.push_str(&format!("**{}**\n\n", sentence(&decision.sentence())));
    what(&mut page, input, &decision, &archives);
    numbers(&mut page, input);
    let written = decision.advice.is_for() && !entries.is_empty();
    if written {
        key(&mut page, input, &entries);
        steps(&mut page, input, &settings, &entries);
        quota(&mut page, input, &archives, &entries);
    }
    portable(&mut page, input, &settings, written);
    basis(&mut page, input);
    format!("{}\n", page.trim_end())
}

/// Names and values, escaped.
fn shown(pairs: &BTreeMap<String, String>) -> Vec<String> {
    let pairs = pairs.iter().take(LISTED);
    pairs.map(|(name, value)| format!("{} = {}", code(name), code_of_value(value))).collect()
}

/// Params that change what an entry with these caches holds: they belong into its key. `jobs` does not where it was
/// seen to change nothing.
fn key_params(
    input: &Input,
    declared: &Declared,
    caches: &[&DeclaredCache],
) -> BTreeMap<String, String> {
    let free = |name: &str| {
        name == "jobs"
            && input.explanation.is_some_and(|explanation| {
                explanation.with(ReuseVerdict::Keeps).any(|property| property.name == name)
            })
    };
    let changes = |name: &str| {
        let mut conditions = caches.iter().map(|cache| cache.when.get(name));
        let first = conditions.next().flatten();
        if !conditions.all(|other| other == first) {
            // It decides which of these caches are in the entry.
            return true;
        }
        // With one value only, the name of the cache says as much.
        let fixed = first.is_some_and(|values| values.len() == 1);
        !fixed && declared.params.contains(name)
    };
    let params = input.summary.params.iter();
    params
        .filter(|(name, _)| changes(name) && !free(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The entries that can be written: every cache has a place, something in it, and is worth it as far as that is known.
fn entries(input: &Input, archives: &Archives) -> Vec<ServiceEntry> {
    let Some(declared) = input.declared else { return Vec::new() };
    let worth = input.ablation.and_then(Worth::new);
    let cache = |name: &&str| declared.caches.iter().find(|cache| cache.name == **name);
    let of = |group: Vec<&str>| {
        let wanted =
            |name: &&str| !archives.empty(name) && worth.is_none_or(|worth| worth.keeps(name));
        let names: Vec<&str> = group.into_iter().filter(wanted).collect();
        let caches: Vec<&DeclaredCache> = names.iter().map(cache).collect::<Option<_>>()?;
        let paths: Option<Vec<String>> =
            caches.iter().map(|cache| place(cache, declared).path()).collect();
        let params = key_params(input, declared, &caches);
        let key = Key::new(names.first()?, &input.run.run.tools, &params, &declared.locks);
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Some(ServiceEntry { names, paths: paths?, params, key })
    };
    archives.groups().into_iter().filter_map(of).collect()
}

fn what(page: &mut String, input: &Input, decision: &Decision, archives: &Archives) {
    page.push_str("### What to cache\n\n");
    if archives.all.is_empty() {
        page.push_str("The run has no cache.\n\n");
        return;
    }
    page.push_str("| cache | declared at | path in CI | files | size | archive | n | cache it |\n");
    page.push_str("| :-- | :-- | :-- | --: | --: | --: | --: | :-- |\n");
    let bytes = |value: Option<u64>| value.map_or_else(|| "-".to_owned(), units::bytes);
    let mut remarks = BTreeSet::new();
    for row in caches::rows(input, decision, archives).into_iter().take(LISTED) {
        let declared =
            row.declared.map(|cache| code(&format!("{}/{}", cache.root.as_str(), cache.path)));
        let path = row.place.as_ref().and_then(Place::path).map(|path| code(&path));
        remarks.extend(caches::remark(row.place.as_ref()).map(str::to_owned));
        if let Some(cache) = row.declared.filter(|cache| !cache.exclude.is_empty()) {
            let patterns: Vec<String> =
                cache.exclude.iter().take(LISTED).map(|one| code(one)).collect();
            remarks.insert(format!(
                "The run left {} out of {}. The cache action cannot leave out what lies beneath a directory: delete it before the save where it is large.",
                patterns.join(", "),
                code(row.name)
            ));
        }
        let size = row.size;
        page.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} |\n",
            code(row.name),
            declared.unwrap_or_else(|| "-".to_owned()),
            path.unwrap_or_else(|| "-".to_owned()),
            size.files.map_or_else(|| "-".to_owned(), |files| files.to_string()),
            bytes(size.bytes),
            match (size.with, size.archive) {
                (Some(with), _) => format!("with {}", code(with)),
                (None, Some(bytes)) => units::archive(bytes, size.holds),
                (None, None) => "-".to_owned(),
            },
            size.samples,
            row.advice,
        ));
    }
    page.push_str("\nSizes are the largest of the cold samples.\n\n");
    if archives.all.len() > LISTED {
        remarks.insert(format!("{} more caches are left out.", archives.all.len() - LISTED));
    }
    remarks.extend(caches::worths(input, code));
    remarks.extend(same_runner(input));
    bullets(page, remarks);
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

fn key(page: &mut String, input: &Input, entries: &[ServiceEntry]) {
    page.push_str("### The key\n\n");
    for entry in entries {
        page.push_str(&format!("```text\n{}\n```\n\n", entry.key.text));
    }
    page.push_str("| part | why it must be in the key |\n| :-- | :-- |\n");
    page.push_str("| `v1` | raise it by hand to start anew: an entry is never overwritten |\n");
    page.push_str("| the name of the cache | two caches must not take each other's entries |\n");
    page.push_str("| `runner.os`, `runner.arch` | what was built runs on one of them only |\n");
    let tools: Vec<String> = input
        .run
        .run
        .tools
        .iter()
        .filter_map(|(name, tool)| {
            Some(format!("{} {}", code(name), code(version(tool.version.as_deref()?))))
        })
        .take(LISTED)
        .collect();
    if !tools.is_empty() {
        page.push_str(&format!(
            "| versions of tools: {} | another version makes other results. They are those of the run: change them with the image |\n",
            tools.join(", ")
        ));
    }
    // Each entry has those that change what it holds.
    let params: BTreeMap<String, String> =
        entries.iter().flat_map(|entry| entry.params.clone()).collect();
    if !params.is_empty() {
        page.push_str(&format!(
            "| params: {} | other params, other contents |\n",
            shown(&params).join(", ")
        ));
    }
    let locks = input.declared.map(|declared| declared.locks.as_slice()).unwrap_or_default();
    if !locks.is_empty() {
        let shown: Vec<String> = locks.iter().take(LISTED).map(|lock| code(lock)).collect();
        page.push_str(&format!(
            "| hash of {} | other dependencies; the entry with the old ones is still a start (restore-keys) |\n",
            shown.join(", ")
        ));
    }
    page.push_str("| `github.sha` | an entry is never overwritten: without the commit the first one would stay for ever |\n\n");
    let longest = entries.iter().map(|entry| entry.key.longest).max().unwrap_or_default();
    let mut lines = vec![format!(
        "The key has at most {longest} characters; {KEY_LIMIT} are allowed, and no comma."
    )];
    if locks.is_empty() {
        lines.push("No lock file is known to `bench` here. Where the project has one, add `${{ hashFiles('...') }}` with its name before the commit.".to_owned());
    }
    let free: Vec<String> = input
        .summary
        .params
        .keys()
        .filter(|name| !params.contains_key(*name))
        .map(|name| code(name))
        .collect();
    if !free.is_empty() {
        lines.push(format!(
            "Params that do not change what the caches hold are not in a key: {}.",
            free.join(", ")
        ));
    }
    lines.push("Not in the key: paths, mtimes, host names, the time. They differ on every runner, so the entry would never be found; what depends on them must be made portable instead.".to_owned());
    lines.push("Restore keys are tried from the longest prefix to the shortest, the newest entry of each first: own branch, then the base, then the default branch.".to_owned());
    lines.push(
        "The paths are part of what an entry is known by: change one in both steps.".to_owned(),
    );
    bullets(page, lines);
    page.push_str("### What invalidates it\n\n");
    let mut lines = vec![
        "A new commit makes a new entry and starts from the newest old one. Another lock file, tool version, param, operating system or architecture does what the table says.".to_owned(),
        "GitHub removes entries that were not used for 7 days, and the least recently used ones beyond 10 GB a repository.".to_owned(),
    ];
    if let Some(explanation) = input.explanation {
        let causes: Vec<String> = explanation.causes().map(|one| code(&one.name)).collect();
        if !causes.is_empty() && !left_out(input) {
            lines.push(format!(
                "The entry is found, but what is in it is not reused, when one of these changes: {}.",
                causes.join(", ")
            ));
        }
    }
    bullets(page, lines);
}

/// Whether an ablation leaves caches of the run out, so that what explains all of them may not be of those that are kept.
fn left_out(input: &Input) -> bool {
    let worth = input.ablation.and_then(Worth::new);
    worth.is_some_and(|worth| input.run.run.caches.iter().any(|name| !worth.keeps(name)))
}

fn steps(page: &mut String, input: &Input, settings: &Settings, entries: &[ServiceEntry]) {
    for ci in input.systems {
        page.push_str(&format!("### Steps for {}\n\n", ci.as_str()));
        page.push_str(&format!("A file in `{}/`:\n\n", ci.directory()));
        page.push_str(&format!("```yaml\n{}```\n\n", workflow(*ci, &settings.env, entries)));
    }
    let mut lines = vec![
        "The tags are those of the actions' own documentation. A tag can be moved: pin the full commit id of a release.".to_owned(),
        "Restore after the checkout, which cleans the workspace. Save only what a build that passed has made.".to_owned(),
        "Only pushes to the default branch save: other branches could not share their entries and would fill the quota. A save in a job of an untrusted trigger (a fork's pull request) is refused, and the step only warns.".to_owned(),
        "In a job with `container:` on GitHub, `github.workspace` is the host's path: set the variables from `GITHUB_WORKSPACE` there.".to_owned(),
    ];
    let daemons = input.declared.map(|declared| declared.daemons.as_slice()).unwrap_or_default();
    if !daemons.is_empty() {
        let shown: Vec<String> = daemons.iter().take(LISTED).map(|stop| code(stop)).collect();
        lines.push(format!(
            "Stop daemons before the save step, as the run did: {}.",
            shown.join(", ")
        ));
    }
    if !settings.left.is_empty() {
        lines.push(format!(
            "The run also set {}. These values name what a workflow has no word for; set them where your build needs them.",
            shown(&settings.left).join(", ")
        ));
    }
    bullets(page, lines);
}

fn quota(page: &mut String, input: &Input, archives: &Archives, entries: &[ServiceEntry]) {
    page.push_str("### Quota\n\n");
    let names: Vec<String> = entries.iter().flat_map(|entry| entry.names.clone()).collect();
    // The run may have packed caches with others that are not to be kept.
    let kept = input.ablation.and_then(Worth::new).map(|worth| worth.archive_bytes());
    let bytes = kept.or_else(|| archives.archive_bytes(&names));
    let Some(bytes) = bytes.filter(|bytes| *bytes > 0) else {
        page.push_str("No archive was made in this run, so there is no forecast.\n\n");
        return;
    };
    let kept = QUOTA / bytes;
    let pushes = if kept == 1 { "1 push".to_owned() } else { format!("{kept} pushes") };
    let forecast = match kept {
        0 => "One is more than the quota: nothing would be kept.".to_owned(),
        1..10 => format!(
            "{kept} of them fit into 10 GB: after {pushes} the oldest goes, and other caches of the repository with it. Make it smaller, or save less often."
        ),
        _ => format!(
            "{kept} of them fit into 10 GB, if the repository has no other cache; after as many pushes to the default branch within 7 days the oldest goes."
        ),
    };
    page.push_str(&format!(
        "A push to the default branch saves {} (largest archive of the run, zstd). {forecast} A store that grows from run to run grows in this figure, too: give it a limit of its own.\n\n",
        units::bytes(bytes)
    ));
}

fn basis(page: &mut String, input: &Input) {
    page.push_str("### What this rests on\n\n");
    let mut lines = vec![format!(
        "Run {}: {}.",
        code(input.summary.run_id.as_str()),
        sentence(&crate::report::evidence_line(input.run))
    )];
    if let Some(explanation) = input.explanation {
        lines.push(format!("Explanation {}.", code(&explanation.run_id)));
    }
    if let Some(ablation) = input.ablation {
        let whole = if ablation.complete { "" } else { ", cut short" };
        let blocks = units::counted(ablation.blocks as usize, "block");
        lines.push(format!("Ablation {}, {blocks}{whole}.", code(ablation.run_id.as_str())));
    }
    if !input.summary.complete {
        lines.push("The run was cut short.".to_owned());
    }
    lines.extend(input.changed().map(|changed| format!("**{}**", sentence(&changed))));
    bullets(page, lines);
}

fn bullets(page: &mut String, lines: impl IntoIterator<Item = String>) {
    for line in lines {
        page.push_str(&format!("* {line}\n"));
    }
    page.push_str("\n");
}
