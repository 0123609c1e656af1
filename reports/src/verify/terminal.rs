//! The report for people: plain text that fits its width.

use super::{Verification, words};
use crate::document::text;
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
            words::hits(run.hits, run.misses),
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
                words::hits(fault.hits, None),
                words::hits(fault.again_hits, None),
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
    paragraph(&mut page, "", &words::conclusion(found));
    page
}
