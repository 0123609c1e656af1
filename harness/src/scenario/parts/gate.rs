//! `[[gate]]`: limits. A gate has exactly one demand, and only on what it can be made of.

use std::time::Duration;

use bench_record::Regime;
use toml::Spanned;
use toml::de::DeValue;

use super::context::Context;
use super::margins;
use crate::scenario::reader::{
    Fields, Shape, TableShape, Text, all, number, one_of, optional, required,
};
use crate::scenario::units::{self, show_duration};
use crate::scenario::words::printable;
use crate::scenario::writer::{Writer, float};

const REGIME_WORDS: &[&str] = &{
    let mut words = [""; Regime::ALL.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = Regime::ALL[at].as_str();
        at += 1;
    }
    words
};

/// `[[gate]]`
pub(super) static GATE: TableShape = TableShape {
    title: "[[gate]]",
    doc: "A limit. `regime`, `phase` and `examples` choose what it looks at, exactly one other key says what is demanded.",
    keys: &[
        optional(
            "regime",
            Shape::Choice(REGIME_WORDS),
            "every regime",
            "Which samples. Without it each measured regime that the demand makes sense for is judged by itself; a regime that is not measured has no say.",
        ),
        optional(
            "phase",
            Shape::Name,
            "the whole sample",
            "The phase whose time is limited; for times only.",
        ),
        optional(
            "examples",
            Shape::Text,
            "none",
            "The examples whose time is limited, each of them: positions (`1`, `2..`, `2..5`) or a glob on names; for times only.",
        ),
        optional("max", Shape::Duration, "", "Time at most this."),
        optional(
            "min_speedup",
            Shape::Factor,
            "",
            "Cold time divided by this regime's at least this.",
        ),
        optional("min_hit_rate", Shape::Ratio, "", "Hits / (hits + misses) at least this."),
        optional("max_restore", Shape::Duration, "", "Time to restore the caches at most this."),
        optional("max_bytes", Shape::Size, "", "Size of the archives at most this."),
        optional(
            "max_net_loss",
            Shape::Duration,
            "",
            "Restoring plus this regime's time minus cold at most this; `0s`: the cache pays off.",
        ),
        optional(
            "baseline",
            Shape::Table(&margins::BASELINE),
            "",
            "Not slower than the baseline arm by more than a margin; only where a baseline is measured. With `examples`: none of them slower apart from the others.",
        ),
        optional(
            "warm_against_cold",
            Shape::Table(&margins::WARM_AGAINST_COLD),
            "",
            "Warm time in relation to cold not grown against the baseline arm's by more than a margin; only where a baseline is measured.",
        ),
    ],
    groups: &[one_of(&[
        "max",
        "min_speedup",
        "min_hit_rate",
        "max_restore",
        "max_bytes",
        "max_net_loss",
        "baseline",
        "warm_against_cold",
    ])],
    needs: &[],
    example: "[[gate]]\nregime = \"same-runner\"\nexamples = \"2..\"\nmax = \"1s\"",
};

/// The file of `bench gate --policy FILE`: not a part of a scenario file.
pub(super) static POLICY: TableShape = TableShape {
    title: "the policy",
    doc: "Limits for a run that was measured already.",
    keys: &[required("gate", Shape::Tables(&GATE), "Limits that decide the exit code.")],
    groups: &[],
    needs: &[],
    example: "[[gate]]\nregime = \"same-runner\"\nmax = \"1s\"",
};

/// A limit. Which fields are set decides what it demands; the reader admits only valid ones.
#[derive(Clone, Debug, PartialEq)]
pub struct GateSpec {
    /// Which samples.
    pub regime: Option<Regime>,
    /// The phase whose time is limited.
    pub phase: Option<String>,
    /// The examples whose time is limited: a range of positions (`1`, `2..`, `2..5`) or a glob on names.
    pub examples: Option<String>,
    /// What is demanded.
    pub rule: GateRule,
}

/// What a gate demands.
#[derive(Clone, Debug, PartialEq)]
pub enum GateRule {
    /// Time at most this.
    MaxTime(Duration),
    /// Cold time divided by this regime's at least this.
    MinSpeedup(f64),
    /// Hits divided by hits and misses at least this (0 to 1).
    MinHitRate(f64),
    /// Restore time at most this.
    MaxRestore(Duration),
    /// Archive bytes at most this.
    MaxBytes(u64),
    /// Restore and warm time minus cold at most this.
    MaxNetLoss(Duration),
    /// Not slower than the baseline by more than a margin, with a floor below which nothing matters.
    Baseline {
        /// Relative margin (0.05 = 5 %).
        margin: f64,
        /// Relative floor.
        floor: f64,
    },
    /// Warm over cold has not grown against the baseline's by more than a margin.
    WarmAgainstCold {
        /// Relative margin.
        margin: f64,
        /// Relative floor.
        floor: f64,
    },
}

impl From<&GateSpec> for bench_record::Gate {
    /// The gate as it is written into a run.
    fn from(gate: &GateSpec) -> Self {
        use bench_record::GateRule as Recorded;
        let rule = match gate.rule {
            GateRule::MaxTime(limit) => Recorded::MaxSeconds(limit.as_secs_f64()),
            GateRule::MinSpeedup(limit) => Recorded::MinSpeedup(limit),
            GateRule::MinHitRate(limit) => Recorded::MinHitRate(limit),
            GateRule::MaxRestore(limit) => Recorded::MaxRestoreSeconds(limit.as_secs_f64()),
            GateRule::MaxBytes(limit) => Recorded::MaxBytes(limit),
            GateRule::MaxNetLoss(limit) => Recorded::MaxNetLossSeconds(limit.as_secs_f64()),
            GateRule::Baseline { margin, floor } => Recorded::Baseline { margin, floor },
            GateRule::WarmAgainstCold { margin, floor } => {
                Recorded::WarmAgainstCold { margin, floor }
            }
        };
        let (phase, examples) = (gate.phase.clone(), gate.examples.clone());
        Self { regime: gate.regime, phase, examples, rule }
    }
}

/// The limits; `with_examples` says whether there are examples that they may name.
pub(super) fn read(
    context: &Context<'_, '_>,
    file: &Fields<'_, '_>,
    with_examples: bool,
) -> Option<Vec<GateSpec>> {
    let regimes = Regime::ALL.map(|regime| (regime.as_str(), regime));
    all(file.tables("gate").iter().map(|gate| {
        let regime =
            gate.optional_text("regime", |text| context.diagnostics.choice(&text, &regimes));
        let phase = gate
            .optional("phase", || context.reference("phase", gate.text("phase"), &context.phases));
        let examples =
            gate.optional_text("examples", |text| examples(context, &text, with_examples));
        let (rule, key) = rule(gate)?;
        applies(context, gate, (&rule, key), regime.flatten())?;
        Some(GateSpec { regime: regime?, phase: phase?, examples: examples?, rule })
    }))
}

/// Positions or a glob on names.
fn examples(context: &Context<'_, '_>, text: &Text<'_>, exist: bool) -> Option<String> {
    let refuse = |message: String, hint: &str| {
        context.diagnostics.problem(text.span.clone(), message, hint.to_owned());
        None
    };
    if !exist {
        context.diagnostics.absence(
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
                format!("`{shown}` is not a range of positions"),
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

/// The demand, and the key that makes it. Two of them have been reported; the first decides what else is checked.
fn rule(gate: &Fields<'_, '_>) -> Option<(GateRule, &'static str)> {
    let time = |key, rule: fn(Duration) -> GateRule| {
        (key, gate.optional(key, || gate.duration(key, Duration::ZERO).map(rule)))
    };
    let ratio = |key, rule: fn(f64) -> GateRule| {
        let read = || margins::ratio(gate.diagnostics, key, gate.get(key)?).map(rule);
        (key, gate.optional(key, read))
    };
    let margins = |key, rule: fn((f64, f64)) -> GateRule| {
        (key, gate.optional(key, || margins::read(gate, key).map(rule)))
    };
    let rules = [
        time("max", GateRule::MaxTime),
        ("min_speedup", gate.optional("min_speedup", || factor(gate).map(GateRule::MinSpeedup))),
        ratio("min_hit_rate", GateRule::MinHitRate),
        time("max_restore", GateRule::MaxRestore),
        ("max_bytes", gate.optional("max_bytes", || size(gate).map(GateRule::MaxBytes))),
        ("max_net_loss", gate.optional("max_net_loss", || loss(gate).map(GateRule::MaxNetLoss))),
        margins("baseline", |(margin, floor)| GateRule::Baseline { margin, floor }),
        margins("warm_against_cold", |(margin, floor)| GateRule::WarmAgainstCold { margin, floor }),
    ];
    for (key, rule) in rules {
        if let Some(rule) = rule? {
            return Some((rule, key));
        }
    }
    None
}

fn factor(gate: &Fields<'_, '_>) -> Option<f64> {
    let value = gate.get("min_speedup")?;
    let factor = number(value).filter(|factor| *factor > 0.0);
    if factor.is_none() {
        gate.diagnostics.problem(
            value.span(),
            "`min_speedup` is not a number greater than 0",
            "`2.5` demands that this regime takes at most 1/2.5 of the cold time".to_owned(),
        );
    }
    factor
}

fn size(gate: &Fields<'_, '_>) -> Option<u64> {
    let value: &Spanned<DeValue<'_>> = gate.get("max_bytes")?;
    let bytes = match value.get_ref() {
        DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .filter(|bytes| i64::try_from(*bytes).is_ok()),
        other => other.as_str().and_then(units::size),
    };
    if bytes.is_none() {
        gate.diagnostics.problem(
            value.span(),
            "`max_bytes` is not a size",
            "write `\"20MB\"`, `\"1.5GiB\"` or a number of bytes".to_owned(),
        );
    }
    bytes
}

/// A duration that, unlike others, may be zero.
fn loss(gate: &Fields<'_, '_>) -> Option<Duration> {
    const KEY: &str = "max_net_loss";
    let zero = gate.quiet_text(KEY).is_some_and(|text| {
        let number = text.trim().trim_end_matches(|c: char| c.is_ascii_lowercase());
        let unit = &text.trim()[number.len()..];
        number.trim_end() == "0" && matches!(unit, "" | "ns" | "us" | "ms" | "s" | "m" | "h")
    });
    if zero { Some(Duration::ZERO) } else { gate.duration(KEY, Duration::ZERO) }
}

/// Refuses what a demand cannot be made of: hits have no phase, cold samples no restore.
fn applies(
    context: &Context<'_, '_>,
    gate: &Fields<'_, '_>,
    (rule, key): (&GateRule, &str),
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
            context.diagnostics.problem(
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
        context.diagnostics.problem(
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
        context.diagnostics.problem(
            gate.key_span("regime"),
            format!("`{key}` says nothing about cold samples"),
            "choose `same-runner`, `cross-runner` or `hot`".to_owned(),
        );
        good = false;
    }
    good.then_some(())
}

pub(super) fn write(writer: &mut Writer<'_>, gates: &[GateSpec], examples_phase: Option<&str>) {
    for gate in gates {
        let of_examples = gate.examples.as_ref().and(examples_phase);
        let phases = [gate.phase.as_deref(), of_examples];
        if phases.into_iter().flatten().any(|phase| !writer.has("phase", phase)) {
            continue;
        }
        writer.header("[[gate]]");
        writer.optional_string("regime", gate.regime.map(Regime::as_str));
        writer.optional_string("phase", gate.phase.as_deref());
        writer.optional_string("examples", gate.examples.as_deref());
        match &gate.rule {
            GateRule::MaxTime(time) => writer.string("max", &show_duration(*time)),
            GateRule::MinSpeedup(factor) => writer.line("min_speedup", float(*factor)),
            GateRule::MinHitRate(rate) => writer.line("min_hit_rate", float(*rate)),
            GateRule::MaxRestore(time) => writer.string("max_restore", &show_duration(*time)),
            GateRule::MaxBytes(bytes) => writer.line("max_bytes", bytes.to_string()),
            GateRule::MaxNetLoss(time) if time.is_zero() => writer.string("max_net_loss", "0s"),
            GateRule::MaxNetLoss(time) => writer.string("max_net_loss", &show_duration(*time)),
            GateRule::Baseline { margin, floor } => {
                margins::write(writer, "baseline", *margin, *floor);
            }
            GateRule::WarmAgainstCold { margin, floor } => {
                margins::write(writer, "warm_against_cold", *margin, *floor);
            }
        }
    }
}
