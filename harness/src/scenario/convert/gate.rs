//! Limits: exactly one demand, and only on what it can be made of.

use bench_record::Regime;
use bench_reports::stats::Rule;
use toml::Spanned;
use toml::de::DeValue;

use super::value::{Context, all};
use crate::scenario::model::{GateRule, GateSpec};
use crate::scenario::report::{Text, number};
use crate::scenario::units;
use crate::scenario::wire::Fields;
use crate::scenario::words::printable;

/// The limits.
pub(super) fn gates(
    context: &Context<'_, '_>,
    file: &Fields<'_, '_>,
    with_examples: bool,
) -> Option<Vec<GateSpec>> {
    all(file.tables("gate").iter().map(|gate| {
        let regime = match gate.get("regime") {
            Some(_) => gate.text("regime").and_then(|text| {
                let words = Regime::ALL.map(|regime| (regime.as_str(), regime));
                context.choice(&text, &words).map(Some)
            }),
            None => Some(None),
        };
        let phase = match gate.get("phase") {
            Some(_) => context.reference("phase", gate.text("phase"), &context.phases).map(Some),
            None => Some(None),
        };
        let examples = match gate.get("examples") {
            Some(_) => gate
                .text("examples")
                .and_then(|text| examples(context, &text, with_examples))
                .map(Some),
            None => Some(None),
        };
        let rule = rule(context, gate);
        let (rule, key) = rule?;
        applies(context, gate, &rule, key, regime.flatten())?;
        Some(GateSpec { regime: regime?, phase: phase?, examples: examples?, rule })
    }))
}

/// Positions or a glob on names.
fn examples(context: &Context<'_, '_>, text: &Text<'_>, exist: bool) -> Option<String> {
    let refuse = |message: String, hint: &str| {
        context.report.problem(text.span.clone(), message, hint.to_owned());
        None
    };
    if !exist {
        context.report.absence(
            text.span.clone(),
            "there are no `[examples]` to limit",
            "declare them, or limit a `phase`".to_owned(),
        );
        return None;
    }
    let shown = printable(text.value);
    if let Some((from, to)) = positions(text.value) {
        let range = from.is_some_and(|from| from > 0 && to.is_none_or(|to| from <= to));
        if !range {
            return refuse(
                format!("`{shown}` is no range of positions"),
                "positions count from 1: `1`, `2..`, `2..5`",
            );
        }
        return Some(text.value.to_owned());
    }
    if text.value.is_empty() {
        return refuse(
            "`examples` is empty".to_owned(),
            "positions (`1`, `2..`, `2..5`) or a glob on names",
        );
    }
    if let Err(error) = globset::Glob::new(text.value) {
        return refuse(
            format!("`{shown}` is neither positions nor a glob: {}", error.kind()),
            "positions (`1`, `2..`, `2..5`) or a glob on names",
        );
    }
    Some(text.value.to_owned())
}

/// `1`, `2..` or `2..5`, unchecked; `None` when the text is something else, a glob.
fn positions(text: &str) -> Option<(Option<u64>, Option<u64>)> {
    let number = |text: &str| -> Option<Option<u64>> {
        if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
    };
    match text.split_once("..") {
        Some((from, to)) => Some((number(from)?, number(to)?)),
        None => text.parse().ok().map(|at| (Some(at), Some(at))),
    }
}

fn rule(context: &Context<'_, '_>, gate: &Fields<'_, '_>) -> Option<(GateRule, &'static str)> {
    let report = context.report;
    let time = |key| gate.get(key).map(|_| context.duration(gate, key, std::time::Duration::ZERO));
    let rules = [
        ("max", time("max").map(|time| time.map(GateRule::MaxTime))),
        (
            "min_speedup",
            gate.get("min_speedup").map(|value| {
                let factor = number(value).filter(|factor| *factor > 0.0);
                if factor.is_none() {
                    report.problem(
                        value.span(),
                        "`min_speedup` is no number greater than 0",
                        "`2.5` demands that this regime takes at most 1/2.5 of the cold time"
                            .to_owned(),
                    );
                }
                factor.map(GateRule::MinSpeedup)
            }),
        ),
        (
            "min_hit_rate",
            gate.get("min_hit_rate")
                .map(|value| ratio(context, "min_hit_rate", value).map(GateRule::MinHitRate)),
        ),
        ("max_restore", time("max_restore").map(|time| time.map(GateRule::MaxRestore))),
        (
            "max_bytes",
            gate.get("max_bytes").map(|value| size(context, value).map(GateRule::MaxBytes)),
        ),
        (
            "max_net_loss",
            gate.get("max_net_loss").map(|_| loss(context, gate).map(GateRule::MaxNetLoss)),
        ),
        (
            "baseline",
            gate.get("baseline").map(|value| {
                let (margin, floor) = margins(context, &gate.table("baseline")?, value)?;
                Some(GateRule::Baseline { margin, floor })
            }),
        ),
        (
            "warm_against_cold",
            gate.get("warm_against_cold").map(|value| {
                let (margin, floor) = margins(context, &gate.table("warm_against_cold")?, value)?;
                Some(GateRule::WarmAgainstCold { margin, floor })
            }),
        ),
    ];
    // Two of them have been reported; the first decides what else is looked at.
    let (key, rule) = rules.into_iter().find_map(|(key, rule)| Some((key, rule?)))?;
    Some((rule?, key))
}

/// A duration; unlike elsewhere none at all is a sensible one.
fn loss(context: &Context<'_, '_>, gate: &Fields<'_, '_>) -> Option<std::time::Duration> {
    const KEY: &str = "max_net_loss";
    let zero = gate.quiet_text(KEY).is_some_and(|text| {
        let number = text.trim().trim_end_matches(|c: char| c.is_ascii_lowercase());
        let unit = &text.trim()[number.len()..];
        number.trim_end() == "0" && matches!(unit, "" | "ns" | "us" | "ms" | "s" | "m" | "h")
    });
    if zero {
        return Some(std::time::Duration::ZERO);
    }
    context.duration(gate, KEY, std::time::Duration::ZERO)
}

/// Margin and floor of a comparison.
fn margins(
    context: &Context<'_, '_>,
    table: &Fields<'_, '_>,
    whole: &Spanned<DeValue<'_>>,
) -> Option<(f64, f64)> {
    let read = |key, default| match table.get(key) {
        Some(value) => ratio(context, key, value),
        None => Some(default),
    };
    let margin = read("margin", Rule::MARGIN);
    let floor = read("floor", Rule::floor_of(margin.unwrap_or(Rule::MARGIN)));
    let (margin, floor) = (margin?, floor?);
    if floor >= margin {
        context.report.problem(
            whole.span(),
            "`floor` is not below `margin`",
            "what is below the floor never matters; what is above the margin does".to_owned(),
        );
        return None;
    }
    Some((margin, floor))
}

fn ratio(context: &Context<'_, '_>, key: &str, value: &Spanned<DeValue<'_>>) -> Option<f64> {
    let ratio = match value.get_ref().as_str() {
        Some(text) => units::percent(text),
        None => number(value).filter(|ratio| (0.0..=1.0).contains(ratio)),
    };
    if ratio.is_none() {
        context.report.problem(
            value.span(),
            format!("`{key}` is neither a percentage nor a number from 0 to 1"),
            "write `\"5%\"` or `0.05`".to_owned(),
        );
    }
    ratio
}

fn size(context: &Context<'_, '_>, value: &Spanned<DeValue<'_>>) -> Option<u64> {
    let bytes = match value.get_ref() {
        DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .filter(|bytes| i64::try_from(*bytes).is_ok()),
        other => other.as_str().and_then(units::size),
    };
    if bytes.is_none() {
        context.report.problem(
            value.span(),
            "`max_bytes` is no size",
            "write `\"20MB\"`, `\"1.5GiB\"` or a number of bytes".to_owned(),
        );
    }
    bytes
}

/// Refuses what a demand cannot be made of: hits have no phase, cold samples no restore.
fn applies(
    context: &Context<'_, '_>,
    gate: &Fields<'_, '_>,
    rule: &GateRule,
    key: &str,
    regime: Option<Regime>,
) -> Option<()> {
    let mut good = true;
    let (of_phase, of_examples) = match rule {
        GateRule::MaxTime(_) | GateRule::Baseline { .. } => (true, true),
        GateRule::MinSpeedup(_) | GateRule::WarmAgainstCold { .. } => (true, false),
        GateRule::MinHitRate(_)
        | GateRule::MaxRestore(_)
        | GateRule::MaxBytes(_)
        | GateRule::MaxNetLoss(_) => (false, false),
    };
    for (part, possible) in [("phase", of_phase), ("examples", of_examples)] {
        if !possible && gate.get(part).is_some() {
            context.report.problem(
                gate.key_span(part),
                format!("`{key}` has no `{part}`: it is not known for them alone"),
                format!("remove `{part}`"),
            );
            good = false;
        }
    }
    if let (Some(phase), Some((of_examples, _))) = (gate.quiet_text("phase"), &context.examples)
        && gate.get("examples").is_some()
        && phase != of_examples
    {
        context.report.problem(
            gate.key_span("phase"),
            format!("the examples belong to phase `{}`", printable(of_examples)),
            "remove `phase`, or `examples`".to_owned(),
        );
        good = false;
    }
    let warm_only = matches!(
        rule,
        GateRule::MinSpeedup(_)
            | GateRule::MaxRestore(_)
            | GateRule::MaxNetLoss(_)
            | GateRule::WarmAgainstCold { .. }
    );
    if warm_only && regime == Some(Regime::Cold) {
        context.report.problem(
            gate.key_span("regime"),
            format!("`{key}` says nothing about cold samples"),
            "choose `same-runner`, `cross-runner` or `hot`".to_owned(),
        );
        good = false;
    }
    good.then_some(())
}
