//! What the comparisons and gates of a run say together.

use bench_record::{GateVerdict, Summary};

use super::cells::tone;
use super::comparison::{interval, label, ratio, verdict};
use crate::document::{Link, NOTHING, Words, units};

/// Verdicts of gates, the worst first.
const GATES: [GateVerdict; 5] = [
    GateVerdict::Regressed,
    GateVerdict::Inconclusive,
    GateVerdict::Improved,
    GateVerdict::Ok,
    GateVerdict::NotApplicable,
];

/// How often each verdict of a gate occurs, without those that do not.
fn counts(summary: &Summary) -> impl Iterator<Item = (GateVerdict, usize)> {
    let count = |of| summary.gates.iter().filter(|gate| gate.verdict == of).count();
    GATES.into_iter().map(move |of| (of, count(of))).filter(|(_, count)| *count > 0)
}

/// All verdicts in one sentence; `None` where there are none.
pub(super) fn sentence(summary: &Summary) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(summary.comparisons.iter().map(|of| {
        let ratio = match of.ratio {
            Some(_) => format!(" ({} the time of the baseline)", ratio(of)),
            None => String::new(),
        };
        format!("{} {}{ratio}", label(of), verdict(of))
    }));
    let gates: Vec<String> =
        counts(summary).map(|(verdict, count)| format!("{count} {verdict}")).collect();
    if !gates.is_empty() {
        let what = if summary.gates.len() == 1 { "gate" } else { "gates" };
        parts.push(format!("{what}: {}", gates.join(", ")));
    }
    (!parts.is_empty()).then(|| format!("Verdict: {}.", parts.join("; ")))
}

/// Verdicts and what each is about: one per comparison, one per verdict of a gate.
pub(super) fn list(summary: &Summary) -> Vec<(Words, Words)> {
    let word = |verdict: &str| Words::new().verdict(tone(verdict), verdict);
    let comparisons = summary.comparisons.iter().map(|of| {
        let mut parts = Vec::new();
        if of.ratio.is_some() {
            parts.push(format!("{} the time of the baseline", ratio(of)));
        } else if ratio(of) != NOTHING {
            parts.push("time-outs leave the ratio open".to_owned());
        }
        let interval = interval(of);
        parts.extend((interval != NOTHING).then_some(interval));
        parts.push(format!("n = {}", of.n));
        let about = Words::new().link(Link::anchor("comparison"), label(of));
        (word(verdict(of)), about.text(format!(": {}", parts.join(", "))))
    });
    let gates = counts(summary).map(|(verdict, count)| {
        let words = units::counted(count, "gate");
        (word(verdict.as_str()), Words::new().link(Link::anchor("gates"), words))
    });
    comparisons.chain(gates).collect()
}
