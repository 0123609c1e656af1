//! The report for pull requests: every name and reason may come from a fork and is escaped.

use super::{Verification, words};
use crate::document::text::{code, sentence};
use crate::document::units;

/// Rows of faults; the rest is counted.
const ROWS: usize = 200;

/// GitHub-flavoured Markdown.
pub fn markdown(found: &Verification) -> String {
    let mut page = vec![format!("## verify {}\n\n", code(&found.scenario))];
    page.push(format!("**{}**\n\n", sentence(&words::conclusion(found))));
    page.push(
        "| run | runner | time | hits | verdict |\n| :-- | :-- | --: | --: | :-- |\n".to_owned(),
    );
    for run in &found.runs {
        page.push(format!(
            "| {} | {} | {} | {} | {} |\n",
            run.regime,
            code(&run.runner),
            units::seconds(run.wall_s),
            words::hits(run.hits, run.misses),
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
                words::hits(fault.hits, None),
                words::hits(fault.again_hits, None),
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
