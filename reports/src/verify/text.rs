//! The report for people: plain text that fits its width, and Markdown for pull requests.

use super::document::{FaultOutcome, Truthfulness, Verification};
use crate::document::text::{self, code, sentence};
use crate::document::units;
use crate::grid::Grid;

/// Longest reason in the table; the rest is in `verify.json`.
const REASON: usize = 160;

/// The report, no line wider than `width` (at least 60).
pub fn terminal(found: &Verification, width: usize) -> String {
    let width = width.max(60);
    let mut page = String::new();
    let paragraph = |page: &mut String, lead: &str, words: &str| {
        let indent = text::width(lead);
        for (index, line) in text::wrap(words, width - indent).iter().enumerate() {
            page.push_str(if index == 0 { lead } else { &"  "[..indent] });
            page.push_str(line);
            page.push('\n');
        }
    };
    paragraph(
        &mut page,
        "",
        &format!("{}: is the warm build true to the cold one?", found.scenario),
    );
    let params: Vec<String> = found.params.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let facts =
        [vec![format!("run {}", found.run_id)], params, vec![format!("seed {}", found.seed)]];
    paragraph(&mut page, "", &facts.concat().join("; "));
    page.push('\n');
    let mut runs = Grid::new(&["run", "runner", "time", "hits", "verdict"], "llrrl");
    for run in &found.runs {
        runs.row([
            run.regime.to_string(),
            run.runner.clone(),
            units::seconds(run.wall_s),
            hits(run.hits, run.misses),
            run.verdict.as_str().to_owned(),
        ]);
    }
    page.push_str(&runs.render(width));
    let compared = units::counted(found.outputs as usize, "output file");
    paragraph(&mut page, "", &format!("{compared} compared"));
    if !found.faults.is_empty() {
        page.push('\n');
        let mut faults =
            Grid::new(&["fault", "kind", "outcome", "time", "next", "hits", "next"], "lllrrrr");
        for fault in &found.faults {
            let time = |time: Option<f64>| time.map_or_else(|| "-".to_owned(), units::seconds);
            faults.row([
                fault.fault.clone(),
                found.place(fault),
                fault.outcome.to_string(),
                time(fault.wall_s),
                time(fault.again_wall_s),
                hits(fault.hits, None),
                hits(fault.again_hits, None),
            ]);
        }
        page.push_str(&faults.render(width));
        let told: Vec<_> = found.faults.iter().filter(|fault| !fault.reason.is_empty()).collect();
        if !told.is_empty() {
            page.push('\n');
        }
        let mut last = String::new();
        for fault in told {
            // What several faults in a row have in common is said once.
            if fault.reason == last {
                continue;
            }
            last.clone_from(&fault.reason);
            let kind = match found.place(fault) {
                place if place.is_empty() => place,
                place => format!(" {place}"),
            };
            let reason = text::fit(&fault.reason, REASON);
            paragraph(&mut page, "- ", &format!("{}{kind}: {reason}", fault.fault));
        }
    }
    if !found.findings.is_empty() {
        page.push_str("\nFindings\n");
        for finding in &found.findings {
            paragraph(&mut page, "! ", finding);
        }
    }
    page.push('\n');
    paragraph(&mut page, "", &conclusion(found));
    page
}

/// Rows of faults; the rest is counted.
const ROWS: usize = 200;

/// GitHub-flavoured Markdown.
pub fn markdown(found: &Verification) -> String {
    let mut page = vec![format!("## verify {}\n\n", code(&found.scenario))];
    page.push(format!("**{}**\n\n", sentence(&conclusion(found))));
    page.push(
        "| run | runner | time | hits | verdict |\n| :-- | :-- | --: | --: | :-- |\n".to_owned(),
    );
    for run in &found.runs {
        page.push(format!(
            "| {} | {} | {} | {} | {} |\n",
            run.regime,
            code(&run.runner),
            units::seconds(run.wall_s),
            hits(run.hits, run.misses),
            run.verdict.as_str()
        ));
    }
    if !found.faults.is_empty() {
        page.push("\n| fault | kind | outcome | time | next | hits | next | why |\n".to_owned());
        page.push("| :-- | :-- | :-- | --: | --: | --: | --: | :-- |\n".to_owned());
        let time = |time: Option<f64>| time.map_or_else(|| "-".to_owned(), units::seconds);
        for fault in found.faults.iter().take(ROWS) {
            let place = found.place(fault);
            let kind = (!place.is_empty()).then_some(place.as_str());
            page.push(format!(
                "| {} | {} | {} | {} | {} | {} | {} | {} |\n",
                code(&fault.fault),
                kind.map(code).unwrap_or_default(),
                fault.outcome,
                time(fault.wall_s),
                time(fault.again_wall_s),
                hits(fault.hits, None),
                hits(fault.again_hits, None),
                sentence(&fault.reason)
            ));
        }
        if found.faults.len() > ROWS {
            page.push(format!("\n{} more faults\n", found.faults.len() - ROWS));
        }
    }
    if !found.findings.is_empty() {
        page.push("\n### Findings\n\n".to_owned());
        for finding in &found.findings {
            page.push(format!("* {}\n", sentence(finding)));
        }
    }
    page.concat()
}

/// One sentence for the end of a report.
pub(crate) fn conclusion(found: &Verification) -> String {
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

/// `62/62`, `62`, or a dash.
fn hits(hits: Option<u64>, misses: Option<u64>) -> String {
    match (hits, misses) {
        (Some(hits), Some(misses)) => format!("{hits}/{}", hits + misses),
        (Some(hits), None) => hits.to_string(),
        (None, _) => "-".to_owned(),
    }
}
