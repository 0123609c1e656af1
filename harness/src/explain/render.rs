//! The report for people: a terminal of 80 columns, or Markdown for a job summary.

use std::fmt::Write as _;

use bench_reports::explain::{
    DecidedBy, Explanation, Measurement, PropertySeen, ReuseVerdict, Staleness,
};
use bench_reports::{document::text, document::units};

/// Columns of the terminal.
const WIDTH: usize = 80;
/// Stands for what is unknown.
const NOTHING: &str = "-";

/// The report for a terminal; no line is wider than 80 columns.
pub fn terminal(report: &Explanation) -> String {
    let mut page = Page(String::new());
    page.paragraph("", &report.scenario);
    let params: Vec<String> = report.params.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let decided = match report.decided_by {
        DecidedBy::Hits => "hits decide",
        DecidedBy::Seconds => "seconds decide",
    };
    let trials = units::counted(report.repeats as usize, "trial");
    let facts = std::iter::once(format!("explain {}", report.run_id))
        .chain(params)
        .chain([format!("{decided}, {trials} a change")]);
    page.paragraph("", &facts.collect::<Vec<_>>().join("; "));
    page.blank();
    page.line(&columns(["property", "verdict", "hits", "time", "saving kept"]));
    page.line(&point_row("(cold)", "", &report.cold));
    page.line(&point_row("(nothing changed)", "", &report.same_runner));
    for one in &report.properties {
        page.property(one);
    }
    for (name, point) in together_rows(report) {
        let verdict = point.verdict.map_or("", ReuseVerdict::as_str);
        page.line(&point_row(name, verdict, point));
    }
    page.remedies(report);
    page.not_tested(report);
    page.notes(report);
    page.found(report);
    page.blank();
    page.paragraph("", &controls(report));
    page.blank();
    page.paragraph("", &capitalised(&report.headline));
    for sentence in stale(&report.stale) {
        page.paragraph("! ", &sentence);
    }
    if report.valid && report.stale.stale == Some(false) {
        page.paragraph("", "An edited source is built anew, whatever its mtime.");
    }
    page.0
}

struct Page(String);

impl Page {
    fn line(&mut self, line: &str) {
        self.0.push_str(line.trim_end());
        self.0.push('\n');
    }

    fn blank(&mut self) {
        self.line("");
    }

    /// Lines after the first are indented as far as `lead` is wide.
    fn paragraph(&mut self, lead: &str, paragraph: &str) {
        let indent = text::width(lead);
        for (index, line) in text::wrap(paragraph, WIDTH - indent).iter().enumerate() {
            let start = if index == 0 { lead.to_owned() } else { " ".repeat(indent) };
            self.line(&format!("{start}{line}"));
        }
    }

    fn property(&mut self, one: &PropertySeen) {
        if one.verdict == ReuseVerdict::NotTested {
            self.line(&columns([one.name.as_str(), one.verdict.as_str(), "", "", ""]));
            return;
        }
        let point = worst(one);
        self.line(&point_row(one.name.as_str(), one.verdict.as_str(), &point));
        // Variants that agree need no lines of their own.
        let differ = one.variants.values().any(|point| point.verdict != Some(one.verdict));
        if differ {
            for (variant, point) in &one.variants {
                let verdict = point.verdict.map_or("", ReuseVerdict::as_str);
                self.line(&point_row(&format!("  {variant}"), verdict, point));
            }
        }
    }

    fn remedies(&mut self, report: &Explanation) {
        let causes: Vec<&PropertySeen> =
            report.properties.iter().filter(|one| one.verdict.is_cause()).collect();
        if causes.is_empty() || !report.valid {
            return;
        }
        self.blank();
        self.line("Remedies");
        for one in causes {
            let Some(remedy) = &one.remedy_details else { continue };
            let tool = remedy.tool.as_deref().unwrap_or("any tool");
            self.paragraph("- ", &format!("{} ({tool}): {}", one.name, remedy.fix));
            self.paragraph("    ", &format!("in the key: {}", remedy.key));
            if let Some(risk) = &remedy.risk {
                self.paragraph("    ", &format!("risk: {risk}"));
            }
            if let Some(link) = &remedy.link {
                self.paragraph("    ", link);
            }
            if let Some(point) = &one.remedied {
                self.paragraph("    ", &remedied(point));
            }
        }
    }

    fn not_tested(&mut self, report: &Explanation) {
        let rows: Vec<&PropertySeen> =
            report.properties.iter().filter(|one| one.verdict == ReuseVerdict::NotTested).collect();
        if rows.is_empty() {
            return;
        }
        self.blank();
        self.line("Not tested");
        for one in rows {
            let reason = one.reason.as_deref().unwrap_or("it was not reached");
            self.paragraph("- ", &format!("{}: {reason}", one.name));
        }
    }

    fn notes(&mut self, report: &Explanation) {
        let notes: Vec<String> = report
            .properties
            .iter()
            .filter(|one| one.verdict != ReuseVerdict::NotTested)
            .filter_map(|one| Some(format!("{}: {}", one.name, one.reason.as_ref()?)))
            .chain(report.stale.reason.iter().map(|why| format!("stale reuse: not tested: {why}")))
            .collect();
        if notes.is_empty() {
            return;
        }
        self.blank();
        self.line("Notes");
        for note in notes {
            self.paragraph("- ", &note);
        }
    }

    fn found(&mut self, report: &Explanation) {
        if report.found.is_empty() {
            return;
        }
        self.blank();
        self.line("In the text files of the caches");
        for found in &report.found {
            let files = units::counted(found.files as usize, "file");
            let example = text::quoted(&found.example);
            self.paragraph("- ", &format!("{}: {files}, such as {example}", found.kind));
        }
    }
}

/// What the worst way of changing a property came out as.
fn worst(one: &PropertySeen) -> Measurement {
    Measurement {
        verdict: Some(one.verdict),
        hits: one.hits,
        of: one.of,
        wall_s: one.wall_s,
        saving_kept: one.saving_kept,
        low: one.low,
        high: one.high,
        reason: None,
    }
}

/// A row of the table; every column keeps its width unless its content is wider.
fn columns([name, verdict, hits, time, kept]: [&str; 5]) -> String {
    format!("{name:<26}{verdict:<14}{hits:>9}{time:>10}{kept:>16}")
}

fn point_row(name: &str, verdict: &str, point: &Measurement) -> String {
    let hits = hits(point);
    let time = point.wall_s.map_or_else(|| NOTHING.to_owned(), units::seconds);
    columns([name, verdict, &hits, &time, &kept(point)])
}

fn hits(point: &Measurement) -> String {
    match (point.hits, point.of) {
        (Some(hits), Some(of)) => format!("{hits}/{of}"),
        (Some(hits), None) => hits.to_string(),
        (None, _) => NOTHING.to_owned(),
    }
}

fn kept(point: &Measurement) -> String {
    match (point.saving_kept, point.low, point.high) {
        (Some(_), Some(low), Some(high)) => {
            format!("{:.0}-{:.0} %", low * 100.0, high * 100.0)
        }
        (Some(share), ..) => format!("{:.0} %", share * 100.0),
        (None, ..) => NOTHING.to_owned(),
    }
}

fn together_rows(report: &Explanation) -> impl Iterator<Item = (&'static str, &Measurement)> {
    let all = report.everything.as_ref().map(|point| ("(everything)", point));
    let others = report.everything_but_causes.as_ref();
    all.into_iter().chain(others.map(|point| ("(all but the causes)", point)))
}

fn remedied(point: &Measurement) -> String {
    let verdict = point.verdict.map_or("unknown", ReuseVerdict::as_str);
    let time = point.wall_s.map_or_else(String::new, |s| format!(", {}", units::seconds(s)));
    format!("with the remedies in place: {verdict}, {} hits{time}", hits(point))
}

fn controls(report: &Explanation) -> String {
    let parts: Vec<String> = report
        .controls
        .iter()
        .map(|control| {
            let verdict = control.point.verdict.map_or("unknown", ReuseVerdict::as_str);
            let passed = if control.passed { "" } else { " (FAILED)" };
            format!("{} {verdict}{passed}", control.name)
        })
        .collect();
    format!("Controls: {}", parts.join(", "))
}

/// What the edit showed, when it is bad news.
fn stale(stale: &Staleness) -> Vec<String> {
    let when = match (stale.mtime_kept, stale.mtime_fresh) {
        (_, Some(true)) => Some("even with a fresh mtime"),
        (Some(true), _) => Some("when its mtime is not newer than the cache"),
        _ => None,
    };
    let when = when.map(|when| {
        format!("stale: the old result is reused for a source whose content changed, {when}")
    });
    let moved = (stale.old_path == Some(true)).then(|| {
        "false green: at another path, while the old workspace is still there, the old sources are used: an \
         edited source gives the result of the unedited one"
            .to_owned()
    });
    when.into_iter().chain(moved).collect()
}

fn capitalised(sentence: &str) -> String {
    let mut chars = sentence.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// The report as Markdown; foreign text is inert.
pub fn markdown(report: &Explanation) -> String {
    let mut page = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(page, "## {}\n", text::code(&report.scenario));
    let _ = writeln!(page, "**{}**\n", text::sentence(&capitalised(&report.headline)));
    for sentence in stale(&report.stale) {
        let _ = writeln!(page, "**{}**\n", text::sentence(&capitalised(&sentence)));
    }
    page.push_str("| property | verdict | hits | time | saving kept | remedy |\n");
    page.push_str("|---|---|--:|--:|--:|---|\n");
    let row = |page: &mut String, name: &str, verdict: &str, point: &Measurement, remedy: &str| {
        let time = point.wall_s.map_or_else(|| NOTHING.to_owned(), units::seconds);
        let (hits, kept) = (hits(point), kept(point));
        let _ = writeln!(page, "| {name} | {verdict} | {hits} | {time} | {kept} | {remedy} |");
    };
    row(&mut page, "(cold)", "", &report.cold, "");
    row(&mut page, "(nothing changed)", "", &report.same_runner, "");
    for one in &report.properties {
        let point = worst(one);
        let reason =
            (one.verdict == ReuseVerdict::NotTested).then_some(one.reason.as_ref()).flatten();
        let remedy = one.remedy.as_ref().filter(|_| report.valid).or(reason);
        let remedy = remedy.map(|remedy| text::sentence(remedy)).unwrap_or_default();
        row(&mut page, one.name.as_str(), one.verdict.as_str(), &point, &remedy);
    }
    for (name, point) in together_rows(report) {
        row(&mut page, name, point.verdict.map_or("", ReuseVerdict::as_str), point, "");
    }
    let _ = writeln!(page, "\n{}", text::sentence(&controls(report)));
    for found in &report.found {
        let files = units::counted(found.files as usize, "file");
        let _ = writeln!(
            page,
            "* {}: {files} in the caches, such as {}",
            text::sentence(&found.kind),
            text::code(&found.example)
        );
    }
    page
}
