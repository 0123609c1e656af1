//! What is read in ten seconds: the verdict, the regimes, the findings.

use bench_record::{Arm, GateVerdict, Regime, RegimeSummary, Run};

use super::super::Input;
use super::super::comparison::{self, ComparisonTable};
use super::super::table::{NOTHING, RegimeTable};
use super::markup::Markup;
use super::page::Section;
use super::table::{self, Cell, Table};
use super::{charts, figure, legend, verdicts};
use crate::summary::conclusion;
use crate::{document::text, document::units};

/// The regimes of the candidate in report order.
pub(super) fn candidate<'a>(input: &Input<'a>) -> impl Iterator<Item = &'a RegimeSummary> {
    input.summary.regimes.iter().filter(|regime| regime.arm == Arm::Candidate)
}

/// Regimes that have a time, for a legend.
pub(super) fn timed(input: &Input) -> Vec<Regime> {
    candidate(input).filter(|regime| regime.wall_s.is_some()).map(|regime| regime.regime).collect()
}

/// Title, verdict and what it is about.
pub(super) fn head(input: &Input) -> Markup {
    let summary = input.summary;
    Markup::new("<header><p class=\"eyebrow\">Cache report</p>\n<h1>")
        .name(&summary.scenario)
        .raw("</h1>\n<p class=\"verdict\">")
        .sentence(&conclusion(summary))
        .raw("</p>\n")
        .add(&judged(input))
        .raw("<p class=\"facts\">")
        .add(&facts(&input.run.run))
        .raw("</p>\n")
        .add(&warnings(input))
        .raw("</header>\n")
}

/// Comparisons and gates, a line each, the verdict first.
fn judged(input: &Input) -> Markup {
    let summary = input.summary;
    let mut lines: Vec<Markup> = Vec::new();
    if let Some(cells) = ComparisonTable::new(summary) {
        lines.extend(summary.comparisons.iter().zip(&cells.rows).map(|(of, row)| {
            let [label, _, ratio, interval, n] = row;
            let mut parts = Vec::new();
            if of.ratio.is_some() {
                parts.push(format!("{ratio} the time of the baseline"));
            } else if ratio != NOTHING {
                parts.push("time-outs leave the ratio open".to_owned());
            }
            if interval != NOTHING {
                parts.push(interval.clone());
            }
            parts.push(format!("n = {n}"));
            verdicts::word(comparison::verdict(of))
                .raw(" <a href=\"#comparison\">")
                .text(label)
                .raw("</a>: ")
                .text(&parts.join(", "))
        }));
    }
    // A line a verdict that occurs, the worst first.
    for verdict in [
        GateVerdict::Regressed,
        GateVerdict::Inconclusive,
        GateVerdict::Improved,
        GateVerdict::Ok,
        GateVerdict::NotApplicable,
    ] {
        let count = summary.gates.iter().filter(|gate| gate.verdict == verdict).count();
        if count > 0 {
            lines.push(
                verdicts::word(verdict.as_str())
                    .raw(" <a href=\"#gates\">")
                    .text(&units::counted(count, "gate"))
                    .raw("</a>"),
            );
        }
    }
    if lines.is_empty() {
        return Markup::default();
    }
    let items = lines.into_iter().map(|line| Markup::new("<li>").add(&line).raw("</li>\n"));
    Markup::new("<ul class=\"judged\" aria-label=\"Verdicts\">\n").all(items).raw("</ul>\n")
}

fn facts(run: &Run) -> Markup {
    let mut facts: Vec<Markup> = vec![
        Markup::new("<time")
            .attribute("datetime", &run.started.to_rfc3339())
            .raw(">")
            .text(&run.started.format("%-d %B %Y, %H:%M UTC").to_string())
            .raw("</time>"),
    ];
    facts.extend(run.params.iter().map(|(name, value)| {
        Markup::new("<code>")
            .text(&text::fit(name, text::LONGEST))
            .raw("=")
            .text(&text::fit(value, text::LONGEST))
            .raw("</code>")
    }));
    let cores = run.host.cores.map(|cores| units::counted(cores as usize, "core"));
    let machine: Vec<String> = run
        .host
        .cpu
        .as_deref()
        .map(|cpu| text::fit(cpu, text::LONGEST))
        .into_iter()
        .chain(cores)
        .collect();
    if !machine.is_empty() {
        facts.push(Markup::of(&machine.join(", ")));
    }
    facts.push(Markup::of(&format!(
        "{}, {}",
        units::counted(run.options.blocks as usize, "block"),
        run.design
    )));
    facts.into_iter().enumerate().fold(Markup::default(), |all, (index, fact)| {
        all.raw(if index == 0 { "" } else { " <span class=\"dot\">&middot;</span> " }).add(&fact)
    })
}

/// What makes everything below less than it seems.
fn warnings(input: &Input) -> Markup {
    let summary = input.summary;
    let unproven: u32 = summary.regimes.iter().map(|regime| regime.unproven).sum();
    let failed: u32 = summary.regimes.iter().map(|regime| regime.failed).sum();
    let mut warnings: Vec<String> = Vec::new();
    if !summary.complete {
        warnings.push("This run is not complete: planned samples are missing.".to_owned());
    }
    for (count, what) in
        [(unproven, "not proven to be in its regime"), (failed, "failed or timed out")]
    {
        if count > 0 {
            warnings.push(format!(
                "{}: {what}, in no estimate.",
                units::counted(count as usize, "sample")
            ));
        }
    }
    warnings.iter().fold(Markup::default(), |all, warning| {
        all.raw("<p class=\"warning\">").text(warning).raw("</p>\n")
    })
}

/// The strip of regimes, every sample, and all numbers of them.
pub(super) fn regimes(input: &Input) -> Option<Section> {
    let cells = RegimeTable::new(input.summary);
    if cells.rows.is_empty() {
        return None;
    }
    let [_, n, median, spread, speedup, ..] = cells.header;
    let cards = input
        .summary
        .regimes
        .iter()
        .zip(&cells.rows)
        .filter(|(regime, _)| regime.arm == Arm::Candidate)
        .map(|(regime, row)| card(regime, row));
    let [regime, .., restore, save, size, hits] = cells.header;
    let mut table = Table::new(
        "Regimes",
        [regime, n, median, spread, speedup, restore, save, size, hits]
            .into_iter()
            .enumerate()
            .map(|(index, name)| if index == 0 { table::words(name) } else { table::numbers(name) })
            .collect(),
    );
    for (regime, row) in input.summary.regimes.iter().zip(&cells.rows) {
        let mut row: Vec<Cell> = row.iter().map(|cell| cell.as_str().into()).collect();
        row[0] = Markup::new("<span class=\"key\">")
            .add(&legend::mark(regime.regime))
            .text(&super::super::table::label(regime))
            .raw("</span>")
            .into();
        table.row(row);
    }
    let body = Markup::new("<div class=\"cards\">\n").all(cards).raw("</div>\n");
    let body = match charts::regimes(input.summary, input.run) {
        Some(svg) => body.add(&figure(
            &svg,
            &Markup::of(
                "Strokes: proven samples. Mark: their median. Line: the spread of the table.",
            ),
        )),
        None => body,
    };
    let body = body
        .add(&table.without_empty_columns().markup())
        .raw("<p class=\"lead\">")
        .text(&cells.spread)
        .raw(". Restore and save are never inside the time of a regime.</p>\n");
    Some(Section { id: "regimes", heading: "Regimes", lead: "", body })
}

/// One regime at a glance; the cells are those of the table.
fn card(regime: &RegimeSummary, row: &[String; 9]) -> Markup {
    let [_, n, median, spread, speedup, .., hits] = row;
    let card =
        Markup::new("<div class=\"card\"><h3>").add(&legend::named(regime.regime)).raw("</h3>");
    if regime.wall_s.is_none() {
        return card.raw("<p class=\"big\">").text(&without_time(regime)).raw("</p></div>\n");
    }
    let card = card
        .raw("<p class=\"big\">")
        .text(median)
        .raw("</p><p class=\"spread\">")
        .text(spread)
        .raw(", n = ")
        .text(n)
        .raw("</p>");
    let card = if speedup == NOTHING || regime.regime == Regime::Cold {
        card
    } else {
        let ends = regime.speedup.and_then(|speedup| speedup.low.zip(speedup.high));
        let ends = ends
            .map_or_else(String::new, |(low, high)| format!(" {}", units::ratio_range(low, high)));
        card.raw("<p><b>")
            .text(speedup)
            .raw("</b> speed-up<span class=\"ends\">")
            .text(&ends)
            .raw("</span></p>")
    };
    let card =
        if hits == NOTHING { card } else { card.raw("<p><b>").text(hits).raw("</b> hits</p>") };
    card.raw("</div>\n")
}

/// Why a regime has no time: what failed may well be proven to be in it.
fn without_time(regime: &RegimeSummary) -> String {
    let all = regime.samples + regime.unproven + regime.failed;
    match (regime.unproven, regime.failed) {
        (0, 0) => "not measured".to_owned(),
        (0, failed) => format!("failed in {failed} of {all}"),
        (unproven, 0) => format!("unproven in {unproven} of {all}"),
        (unproven, failed) => format!("failed in {failed}, unproven in {unproven} of {all}"),
    }
}

/// What the run found, the headline first.
pub(super) fn findings(input: &Input) -> Option<Section> {
    let findings = &input.summary.findings;
    if findings.is_empty() {
        return None;
    }
    let items = findings.iter().map(|text| Markup::new("<li>").sentence(text).raw("</li>\n"));
    let body = Markup::new("<ol class=\"findings\">\n").all(items).raw("</ol>\n");
    Some(Section { id: "findings", heading: "Findings", lead: "", body })
}
