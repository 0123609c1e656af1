//! Whether the caches of a run are worth restoring on another runner.

use bench_record::{Arm, Economics, Regime, RegimeSummary, Summary};

use super::document::{Advice, Decision};
use super::worth::Worth;
use crate::ablate::Ablation;
use crate::document::units;
use crate::explain::Explanation;

/// Decides on the caches of the candidate arm, for runners that are other machines: all together, or where they were
/// measured one by one, on each.
///
/// What a hit saves counts with the transfer of the archive in it. Harm comes first (failures, old results), then
/// proof, then hits that are no more than cold's own, then the interval of the saving. An ablation knows more than the
/// run: a failure that one cache brings is no reason against another.
pub fn decide(
    summary: &Summary,
    explanation: Option<&Explanation>,
    ablation: Option<&Ablation>,
) -> Decision {
    let (advice, reason) = advice(summary, explanation, ablation.and_then(Worth::new).as_ref());
    Decision { advice, reason }
}

fn advice(
    summary: &Summary,
    explanation: Option<&Explanation>,
    worth: Option<&Worth<'_>>,
) -> (Advice, String) {
    let regime = |name| crate::summary::find(&summary.regimes, name, Arm::Candidate);
    let no = |reason: String| (Advice::DoNot, reason);
    let unknown = |reason: &str| (Advice::Unknown, reason.to_owned());
    let Some(cold) = regime(Regime::Cold).filter(|cold| cold.samples > 0) else {
        return unknown(
            "the run has no cold sample that ended well, so there is nothing to compare with",
        );
    };
    if cold.cache.is_none() {
        return no("no cache is active with these params".to_owned());
    }
    if explanation.is_some_and(|one| one.valid && one.stale.mtime_fresh == Some(true)) {
        return no(
            "an old result is reused for a changed source: the build is wrong with this cache"
                .to_owned(),
        );
    }
    if let Some(worth) = worth {
        return worth.advice();
    }
    let Some(cross) = regime(Regime::CrossRunner) else {
        return unknown(if regime(Regime::MovedRunner).is_some() {
            "only a runner with other paths was measured, and a hosted runner has the same ones (hint: measure \
             cross-runner)"
        } else {
            "cross-runner was not measured, and a hosted runner is another runner"
        });
    };
    let all = cross.samples + cross.unproven + cross.failed;
    if cross.failed > 0 {
        let of = units::counted(all as usize, "cross-runner sample");
        return no(format!("{} of {of} failed with the restored cache", cross.failed));
    }
    if cross.unproven > 0 || cross.samples == 0 {
        return unknown("not every cross-runner sample is proven");
    }
    let (Some(economics), Some(_)) = (cross.economics, cross.wall_s) else {
        return unknown("the run does not say what a restored cache saves");
    };
    by_saving(cold, cross, &economics)
}

fn by_saving(
    cold: &RegimeSummary,
    cross: &RegimeSummary,
    economics: &Economics,
) -> (Advice, String) {
    let saving = economics.hit_saves_s;
    let figure = saving_in_words(economics);
    let certain = saving.low.zip(saving.high);
    if certain.is_some_and(|(low, _)| low > 0.0) {
        return (Advice::Cache, format!("a restored cache saves {figure}"));
    }
    if let (Some(own), Some(hits)) = (cold.hits, cross.hits)
        && hits <= own
    {
        let of = cross
            .misses
            .map_or(String::new(), |misses| format!(" of {}", units::count(hits + misses)));
        let reason = format!(
            "restored to another runner it has {}{of} hits, no more than cold's own {}; measured saving: {figure}",
            units::count(hits),
            units::count(own)
        );
        return (Advice::DoNot, reason);
    }
    match certain {
        Some((_, high)) if high <= 0.0 => {
            (Advice::DoNot, format!("a restored cache saves nothing: {figure}"))
        }
        Some(_) => {
            (Advice::Unknown, format!("the saving is not distinguishable from zero: {figure}"))
        }
        None if saving.value <= 0.0 => {
            (Advice::DoNot, format!("a restored cache saves nothing: {figure}"))
        }
        None if cross.hits > cold.hits || apart(cold, cross) => {
            (Advice::Provisional, format!("a restored cache saves {figure}"))
        }
        None => (Advice::Unknown, format!("too few blocks to tell: {figure}")),
    }
}

/// Every cold sample took longer than every warm one with its restore.
fn apart(cold: &RegimeSummary, warm: &RegimeSummary) -> bool {
    let restore = warm.cache.and_then(|cache| cache.restore_s).unwrap_or(0.0);
    cold.wall_s.zip(warm.wall_s).is_some_and(|(cold, warm)| cold.min > warm.max + restore)
}

/// `5.29 s a job (n = 2 blocks, no interval below 6)`.
pub(super) fn saving_in_words(economics: &Economics) -> String {
    let saving = economics.hit_saves_s;
    let blocks = units::counted(economics.blocks as usize, "block");
    let basis = match (saving.low, saving.high, saving.level) {
        (Some(low), Some(high), Some(level)) => format!(
            "n = {blocks}, {} interval {}",
            // Rounded down: a level is a promise.
            units::percent((level * 1_000.0).floor() / 1_000.0),
            units::seconds_range(low, high)
        ),
        _ => format!("n = {blocks}, too few for an interval"),
    };
    format!("{} a job ({basis})", units::seconds(saving.value))
}
