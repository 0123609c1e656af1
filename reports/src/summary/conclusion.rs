//! The one sentence that a person takes away.

use bench_record::{Arm, Regime, RegimeSummary, Summary};

use super::gain::{Gain, basis, net_saving};
use super::samples::find;
use crate::document::text::quoted;
use crate::document::units;

/// The warm regimes, and what happened to the cache in each.
const WARM: [(Regime, &str); 4] = [
    (Regime::SameRunner, "restored to the same runner"),
    (Regime::CrossRunner, "restored to another runner"),
    (Regime::MovedRunner, "restored to a runner with other paths"),
    (Regime::Hot, "left as it is, with daemons alive,"),
];

/// One plain sentence on the candidate arm: what a restored cache is worth on this machine.
pub fn conclusion(summary: &Summary) -> String {
    let regime = |regime| find(&summary.regimes, regime, Arm::Candidate);
    if let Some(wall) = regime(Regime::Unknown).and_then(|unknown| unknown.wall_s) {
        return format!(
            "{} took {}; what its caches held is not known, so this says nothing about caches.",
            quoted(&summary.scenario),
            units::seconds(wall.median)
        );
    }
    let Some(cold) = regime(Regime::Cold) else { return without_cold(summary) };
    let Some(wall) = cold.wall_s else {
        return "No cold sample ended well, so this run says nothing about caches.".to_owned();
    };
    let mut warm: Vec<String> = Vec::new();
    // What gets faster is said once.
    let mut named = false;
    for (of, clause) in WARM.into_iter().filter_map(|(name, clause)| Some((regime(name)?, clause)))
    {
        let seen = effect(of, cold, wall.median);
        let it = if warm.is_empty() { "" } else { " it" };
        let changes = matches!(seen, CacheEffect::Change(_));
        warm.push(match seen {
            CacheEffect::Change(how) if named => format!("{clause} {how}"),
            CacheEffect::Change(how) => format!("{clause}{it} makes {} {how}", subject(cold)),
            CacheEffect::Other(what) => format!("{clause}{it} {what}"),
        });
        named |= changes;
    }
    if warm.is_empty() {
        let why = match cold.cache {
            None => "no cache is active",
            Some(_) => "no warm regime was measured",
        };
        return format!(
            "On this machine {} {} cold; {why}, so this run says nothing about caches.",
            taking(cold),
            units::seconds(wall.median)
        );
    }
    format!("On this machine a cache {}.", warm.join("; "))
}

/// Warm regimes without a cold one: times, and no word on what the cache is worth.
fn without_cold(summary: &Summary) -> String {
    let times: Vec<String> = WARM
        .into_iter()
        .filter_map(|(name, clause)| {
            let warm = find(&summary.regimes, name, Arm::Candidate)?;
            let clause = clause.trim_end_matches(',');
            Some(match warm.wall_s {
                Some(wall) => format!(
                    "with a cache {clause}, {} {}",
                    taking(warm),
                    units::seconds(wall.median)
                ),
                None => format!("with a cache {clause}: {}", shortfall(warm)),
            })
        })
        .collect();
    if times.is_empty() {
        return "Nothing was measured, so this run says nothing about caches.".to_owned();
    }
    format!(
        "On this machine {}; cold was not measured, so this run does not say what the cache is worth (hint: \
         measure cold too).",
        times.join("; ")
    )
}

/// What is measured, as a sentence calls it.
fn subject(cold: &RegimeSummary) -> String {
    let mut names = cold.phases.keys();
    match (names.next(), names.next()) {
        (Some(only), None) => quoted(only),
        _ => "the measured phases".to_owned(),
    }
}

/// `` `compile` takes ``
fn taking(of: &RegimeSummary) -> String {
    let verb = if of.phases.len() == 1 { "takes" } else { "take" };
    format!("{} {verb}", subject(of))
}

/// What a cache does in a warm regime.
enum CacheEffect {
    /// How much faster or slower it makes the measured phases.
    Change(String),
    /// Nothing, or nobody knows: a whole predicate.
    Other(String),
}

fn effect(warm: &RegimeSummary, cold: &RegimeSummary, cold_s: f64) -> CacheEffect {
    let gain = Gain::of(warm, Some(cold));
    let (Some(speedup), Some(wall)) = (warm.speedup, warm.wall_s) else {
        // Cold always passed and this never did: that is an answer.
        return CacheEffect::Other(
            if (warm.samples, warm.unproven, cold.failed) == (0, 0, 0) && warm.failed > 0 {
                format!("fails in {0} of {0} samples", warm.failed)
            } else {
                format!("could not be judged: {}", shortfall(warm))
            },
        );
    };
    let times = format!("{} -> {}", units::seconds(cold_s), units::seconds(wall.median));
    let certain = speedup.low.is_some();
    // A claim without an interval says so.
    let shown = if certain { times.clone() } else { format!("{times}; {}", basis(warm, gain)) };
    match gain {
        Gain::Faster => {
            let faster = format!("{} faster ({shown})", units::ratio(speedup.ratio));
            CacheEffect::Change(match net_saving(warm) {
                Some(net) if net <= 0.0 => {
                    format!("{faster}, but restoring it takes longer than that saves")
                }
                _ => faster,
            })
        }
        Gain::Slower => {
            CacheEffect::Change(format!("{} slower ({shown})", units::ratio(1.0 / speedup.ratio)))
        }
        Gain::Same => CacheEffect::Other(format!("makes no difference ({times})")),
        Gain::Unclear | Gain::Unknown => CacheEffect::Other(format!(
            "makes no difference that could be shown ({times}; {})",
            basis(warm, gain)
        )),
    }
}

fn shortfall(warm: &RegimeSummary) -> String {
    match (warm.unproven, warm.failed) {
        (0, 0) => "it was not measured".to_owned(),
        (0, failed) => format!("{} failed", units::counted(failed as usize, "sample")),
        (unproven, 0) => format!("{} unproven", units::counted(unproven as usize, "sample")),
        (unproven, failed) => {
            format!(
                "{} unproven, {} failed",
                units::counted(unproven as usize, "sample"),
                units::counted(failed as usize, "sample")
            )
        }
    }
}
