//! What every format says about a candidate and a baseline: the cells and sentences, in words.

use bench_record::{
    ComparisonOf, ComparisonSummary, ExampleChange, GateSummary, GateVerdict, HostSummary,
    Infinite, Summary,
};

use super::table::NOTHING;
use crate::document::units;
use crate::stats::INTERVAL_SAMPLES;

/// Header and one row a comparison, as plain text.
pub(crate) struct ComparisonTable {
    /// Column names.
    pub(crate) header: [&'static str; 5],
    /// One row a comparison.
    pub(crate) rows: Vec<[String; 5]>,
    /// What else is to be known, a line a comparison. Parts of it are foreign text.
    pub(crate) remarks: Vec<String>,
    /// What all rows rest on.
    pub(crate) basis: String,
}

impl ComparisonTable {
    /// `None` without a comparison.
    pub(crate) fn new(summary: &Summary) -> Option<Self> {
        let comparisons = &summary.comparisons;
        let first = comparisons.first()?;
        Some(Self {
            header: ["regime", "verdict", "ratio", "interval", "n"],
            rows: comparisons.iter().map(row).collect(),
            remarks: comparisons.iter().map(remark).collect(),
            basis: format!(
                "ratio: candidate / baseline, above 1 is slower; {}{}",
                first.design,
                machine(&first.host)
            ),
        })
    }
}

fn row(of: &ComparisonSummary) -> [String; 5] {
    [
        label(of),
        verdict(of).to_owned(),
        number(of, of.ratio, Infinite::Ratio),
        interval(of),
        of.n.to_string(),
    ]
}

/// The word of the verdict; `none` where none is possible.
pub(crate) fn verdict(of: &ComparisonSummary) -> &'static str {
    of.verdict.map_or("none", bench_record::ComparisonVerdict::as_str)
}

/// What the comparisons and gates say, in one sentence; `None` where there are none.
pub(crate) fn verdicts(summary: &Summary) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    if let Some(cells) = ComparisonTable::new(summary) {
        parts.extend(summary.comparisons.iter().zip(&cells.rows).map(|(of, row)| {
            let ratio = match of.ratio {
                Some(_) => format!(" ({} the time of the baseline)", row[2]),
                None => String::new(),
            };
            format!("{} {}{ratio}", row[0], verdict(of))
        }));
    }
    let of_gates: Vec<String> = [
        GateVerdict::Regressed,
        GateVerdict::Inconclusive,
        GateVerdict::Improved,
        GateVerdict::Ok,
        GateVerdict::NotApplicable,
    ]
    .into_iter()
    .filter_map(|verdict| {
        let count = summary.gates.iter().filter(|gate| gate.verdict == verdict).count();
        (count > 0).then(|| format!("{count} {verdict}"))
    })
    .collect();
    if !of_gates.is_empty() {
        let what = if summary.gates.len() == 1 { "gate" } else { "gates" };
        parts.push(format!("{what}: {}", of_gates.join(", ")));
    }
    (!parts.is_empty()).then(|| format!("Verdict: {}.", parts.join("; ")))
}

/// `compile same-runner`, `same-runner against cold`, `same-runner over cold`.
pub(crate) fn label(of: &ComparisonSummary) -> String {
    let mut label = of.regime.to_string();
    if of.against != of.regime {
        label = format!("{label} against {}", of.against);
    }
    if of.of == ComparisonOf::WarmOverCold {
        label.push_str(" over cold");
    }
    match &of.phase {
        Some(phase) => format!("{phase} {label}"),
        None => label,
    }
}

fn number(of: &ComparisonSummary, value: Option<f64>, which: Infinite) -> String {
    match value {
        Some(value) => units::ratio(value),
        None if of.infinite.contains(&which) => "infinite".to_owned(),
        None => NOTHING.to_owned(),
    }
}

/// `1.12-1.31x`; an end that time-outs leave open is named.
fn interval(of: &ComparisonSummary) -> String {
    if of.level.is_none() {
        return NOTHING.to_owned();
    }
    let low = number(of, of.low, Infinite::Low);
    let high = number(of, of.high, Infinite::High);
    format!("{}-{high}", low.trim_end_matches('x'))
}

/// `cold: 12.3 s against 10.1 s; 98.0 % interval; margin 5 %, floor 2 %; noise 3.1 %; ...`
fn remark(of: &ComparisonSummary) -> String {
    let value = |value: f64| match of.of {
        ComparisonOf::Time => units::seconds(value),
        ComparisonOf::WarmOverCold => format!("{value:.3}"),
    };
    let mut parts = Vec::new();
    if let (Some(candidate), Some(baseline)) = (of.candidate, of.baseline) {
        parts.push(format!("{} against {}", value(candidate), value(baseline)));
    }
    parts.extend(of.level.map(|level| format!("{} interval", units::level(level))));
    parts.push(format!(
        "margin {}, floor {}",
        units::stated_percent(of.margin),
        units::stated_percent(of.floor)
    ));
    parts.extend(of.noise.map(|noise| format!("noise {}", units::percent(noise))));
    parts.extend(of.mean_ratio.map(|mean| {
        let ends = units::ratio_range(mean.low, mean.high);
        format!("mean ratio {} ({ends})", units::ratio(mean.ratio))
    }));
    let undecided = of.verdict == Some(bench_record::ComparisonVerdict::Inconclusive);
    // What the interval shows already would not show any better with the same number of pairs: what is missing is the
    // level, which several questions share.
    if undecided && of.low.is_some_and(|low| low > 1.0 + of.margin) {
        parts.push(format!(
            "slower by the interval, but {} pairs cannot raise an alarm where several questions share its level (hint: more blocks, or `--auto`)",
            of.n
        ));
    } else {
        parts.extend(
            of.mde
                .filter(|_| undecided)
                .map(|mde| format!("a slowdown of {} would probably show", units::percent(mde))),
        );
    }
    for (count, what) in [
        (of.dropped, "dropped: both timed out"),
        (of.failed, "dropped: failed"),
        (of.unpaired, "with one arm only"),
    ] {
        if count > 0 {
            parts.push(format!("{} {what}", units::counted(count as usize, "pair")));
        }
    }
    parts.extend(of.next_look.map(|next| format!("next look at {next} pairs")));
    parts.extend(of.reason.clone());
    format!("{}: {}", label(of), parts.join("; "))
}

/// `; CPU, 2 cores`, or nothing.
pub(crate) fn machine(host: &HostSummary) -> String {
    let cores = host.cores.map(|cores| units::counted(cores as usize, "core"));
    let facts: Vec<String> = host.cpu.iter().cloned().chain(cores).collect();
    if facts.is_empty() { String::new() } else { format!("; {}", facts.join(", ")) }
}

/// Columns of the examples that changed.
pub(crate) const CHANGES: [&str; 6] = ["example", "regime", "flag", "ratio", "interval", "n"];

/// What the table of changed examples rests on.
pub(crate) const CHANGES_BASIS: &str = "Each example apart from what all of them have in common; false \
discovery rate 5 %, steps from 10 % on.";

/// One row a changed example.
pub(crate) fn change(change: &ExampleChange) -> [String; 6] {
    let ends = match (change.low, change.high) {
        (Some(low), Some(high)) => units::ratio_range(low, high),
        _ => NOTHING.to_owned(),
    };
    [
        change.name.clone(),
        change.regime.to_string(),
        change.flag.as_str().to_owned(),
        units::ratio(change.ratio),
        ends,
        change.n.to_string(),
    ]
}

/// `1.300-1.310 (98.4 %)`, or the smallest and largest value; `None` where there is neither.
pub(crate) fn gate_ends(gate: &GateSummary) -> Option<String> {
    let (low, high) = (gate.low?, gate.high?);
    // A dash between numbers of which one has a sign reads as another sign.
    let between = if low < 0.0 || high < 0.0 { " to " } else { "-" };
    let ends = format!("{low:.3}{between}{high:.3}");
    Some(match gate.level {
        Some(level) => format!("{ends} ({})", units::level(level)),
        None => ends,
    })
}

/// A gate's verdict with everything it rests on but the machine. Names and reasons in it are foreign text.
#[must_use]
pub fn gate_line(gate: &GateSummary) -> String {
    let mut line = format!("{} {}:", gate.verdict, gate.gate);
    let mut parts = Vec::new();
    let relative = gate.margin.is_some();
    if let Some(value) = gate.value {
        parts.push(format!("{} {value:.3}", if relative { "ratio" } else { "median" }));
    }
    if let (Some(low), Some(high)) = (gate.low, gate.high) {
        parts.push(match gate.level {
            Some(level) => format!("{} interval {low:.3} to {high:.3}", units::level(level)),
            None => format!(
                "smallest {low:.3}, largest {high:.3} (an interval needs {INTERVAL_SAMPLES} samples)"
            ),
        });
    }
    if gate.verdict != GateVerdict::NotApplicable {
        parts.push(format!("n = {}", gate.samples));
    }
    parts.extend(gate.design.clone());
    parts.extend(gate.reason.clone());
    line.push(' ');
    line.push_str(&parts.join("; "));
    line
}

/// [`gate_line`] with the machine.
#[must_use]
pub fn gate_line_with_host(gate: &GateSummary) -> String {
    format!("{}{}", gate_line(gate), machine(&gate.host))
}
