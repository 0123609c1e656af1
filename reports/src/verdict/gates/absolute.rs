//! Absolute limits: does what the candidate takes stay under them, and is that certain?
//!
//! For an upper limit: it holds when the upper end of the interval of the median is within it, and is exceeded when
//! the lower end is beyond it; otherwise the verdict is inconclusive. Below six samples there is no interval: the
//! smallest and the largest value take the places of its ends. A time-out is longer than every limit on a time:
//! leaving it out would judge only the runs that went well.

use bench_record::{
    Arm, Example, Gate, GateRule, GateSummary, GateVerdict, LoadedRun, Outcome, Regime, Sample,
};

use super::common::{ExampleSelection, blank};
use crate::stats::{Location, median};

/// A sample with its examples.
type LoadedSample = (Sample, Vec<Example>);

/// On which side of the limit values have to lie.
#[derive(Clone, Copy)]
enum Bound {
    AtMost,
    AtLeast,
}

/// The values that are limited together, one per sample.
struct LimitedValues {
    /// The example that they are of; `None` where the gate is not about examples.
    what: Option<String>,
    values: Vec<f64>,
}

/// The verdict on an absolute limit in one measured regime. Only the candidate is limited: it is
/// not judged by what the baseline takes.
pub(super) fn judge(run: &LoadedRun, gate: &Gate, regime: Regime) -> GateSummary {
    let mut summary = blank(run, gate, Some(regime));
    let Some((bound, limit)) = limit(gate.rule) else { return summary };
    summary.limit = Some(limit);
    let unproven = |regime| of(run, regime).any(|(s, _)| s.outcome == Outcome::Unproven);
    if unproven(regime) || (relates_to_cold(gate.rule) && unproven(Regime::Cold)) {
        summary.unproven = true;
        let which = if unproven(regime) { regime } else { Regime::Cold };
        summary.reason = Some(format!("not every {which} sample is proven"));
        return summary;
    }
    let counts = |outcome| match outcome {
        Outcome::Ok => true,
        Outcome::TimedOut => is_of_time(gate.rule),
        Outcome::Failed | Outcome::Unproven => false,
    };
    let counted: Vec<&LoadedSample> =
        of(run, regime).filter(|(sample, _)| counts(sample.outcome)).collect();
    summary.samples = counted.len() as u32;
    if matches!(gate.rule, GateRule::MaxBytes(_)) && gate.regime.is_none() && no_archive(&counted) {
        summary.verdict = GateVerdict::NotApplicable;
        summary.reason = Some(format!("{regime} moves no archive"));
        return summary;
    }
    let series = match series(run, gate, &counted) {
        Ok(series) => series,
        Err(reason) => {
            summary.reason = Some(reason);
            return summary;
        }
    };
    summary.reason = Some(format!("no {regime} sample has a value"));
    judge_series(&mut summary, series, (bound, limit), gate.rule);
    summary
}

/// Judges all series: every one must stay within the limit, so the verdict is that of the worst. Without a value the
/// summary stays as it is.
fn judge_series(
    summary: &mut GateSummary,
    series: Vec<LimitedValues>,
    (bound, limit): (Bound, f64),
    rule: GateRule,
) {
    let mut worst: Option<(GateVerdict, f64)> = None;
    for one in series {
        let Some(location) = Location::of(&one.values) else { continue };
        let (low, high) = location
            .interval
            .map_or((location.min, location.max), |interval| (interval.low, interval.high));
        let verdict = match bound {
            Bound::AtMost if high <= limit => GateVerdict::Ok,
            Bound::AtMost if low > limit => GateVerdict::Regressed,
            Bound::AtLeast if low >= limit => GateVerdict::Ok,
            Bound::AtLeast if high < limit => GateVerdict::Regressed,
            Bound::AtMost | Bound::AtLeast => GateVerdict::Inconclusive,
        };
        // Of equal verdicts that with the largest value is shown: only an upper limit, on examples, has several
        // series.
        if worst.is_none_or(|(known, largest)| (verdict, location.median) > (known, largest)) {
            worst = Some((verdict, location.median));
            summary.verdict = verdict;
            let finite = |value: f64| Some(value).filter(|value| value.is_finite());
            summary.value = finite(location.median);
            (summary.low, summary.high, summary.level) =
                (finite(low), finite(high), location.interval.map(|i| i.confidence));
            summary.reason = reason(&one, rule);
        }
    }
}

/// The example that decides, and how many of its values are time-outs, which no interval can show.
fn reason(series: &LimitedValues, rule: GateRule) -> Option<String> {
    let timed_out = |value: &&f64| match rule {
        GateRule::MinSpeedup(_) => **value == 0.0,
        _ => value.is_infinite(),
    };
    let timed_out = series.values.iter().filter(timed_out).count();
    let words =
        (timed_out > 0).then(|| format!("{timed_out} of {} timed out", series.values.len()));
    let parts: Vec<String> = series.what.iter().cloned().chain(words).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The values that the gate limits: one series, or one per example. A time-out is infinite.
fn series(
    run: &LoadedRun,
    gate: &Gate,
    samples: &[&LoadedSample],
) -> Result<Vec<LimitedValues>, String> {
    let one = |values: Vec<f64>| Ok(vec![LimitedValues { what: None, values }]);
    match gate.rule {
        GateRule::MaxSeconds(_) => match (&gate.examples, &gate.phase) {
            (Some(selection), _) => examples(selection, samples),
            (None, phase) => {
                one(samples.iter().filter_map(|(s, _)| wall(s, phase.as_deref())).collect())
            }
        },
        GateRule::MinSpeedup(_) => {
            let phase = gate.phase.as_deref();
            one(samples
                .iter()
                .filter_map(|(s, _)| {
                    Some(cold(run, s.block, phase)? / wall(s, phase).filter(|wall| *wall > 0.0)?)
                })
                .collect())
        }
        // To leave an unknown time out would be to count the restore as free.
        GateRule::MaxNetLossSeconds(_) | GateRule::MaxRestoreSeconds(_)
            if samples.iter().any(|(s, _)| s.restore_is_unknown()) =>
        {
            Err("the restore time of the cache step is unknown (hint: `--restore-seconds`)"
                .to_owned())
        }
        GateRule::MaxNetLossSeconds(_) => one(samples
            .iter()
            .filter_map(|(s, _)| {
                if s.caches.is_empty() {
                    return None;
                }
                // Files that simply stayed cost nothing to restore.
                let restore: u64 = s
                    .caches
                    .values()
                    .filter_map(|cache| cache.restore_ns)
                    .fold(0, u64::saturating_add);
                Some(restore as f64 / 1e9 + wall(s, None)? - cold(run, s.block, None)?)
            })
            .collect()),
        GateRule::Baseline { .. } | GateRule::WarmAgainstCold { .. } => {
            Err("it needs a comparison".to_owned())
        }
        GateRule::MinHitRate(_) => {
            let rate = |sample: &Sample| {
                let (hits, misses) = (sample.evidence.hits?, sample.evidence.misses?);
                let all = hits as f64 + misses as f64;
                (all > 0.0).then(|| hits as f64 / all)
            };
            let rates: Vec<f64> = samples.iter().filter_map(|(sample, _)| rate(sample)).collect();
            // To leave a sample with unknown counts out would be to judge only the others.
            if rates.len() < samples.len() {
                return Err("hits or misses of a sample are unknown".to_owned());
            }
            one(rates)
        }
        GateRule::MaxRestoreSeconds(_) => one(totals(samples, |cache| cache.restore_ns, 1e9)),
        GateRule::MaxBytes(_) => one(totals(samples, |cache| cache.archive_bytes, 1.0)),
    }
}

/// The limit of an absolute rule; `None` for the others.
const fn limit(rule: GateRule) -> Option<(Bound, f64)> {
    match rule {
        GateRule::MaxSeconds(limit)
        | GateRule::MaxRestoreSeconds(limit)
        | GateRule::MaxNetLossSeconds(limit) => Some((Bound::AtMost, limit)),
        GateRule::MaxBytes(limit) => Some((Bound::AtMost, limit as f64)),
        GateRule::MinSpeedup(limit) | GateRule::MinHitRate(limit) => Some((Bound::AtLeast, limit)),
        GateRule::Baseline { .. } | GateRule::WarmAgainstCold { .. } => None,
    }
}

/// Whether the rule limits how long the commands of a sample take.
const fn is_of_time(rule: GateRule) -> bool {
    matches!(
        rule,
        GateRule::MaxSeconds(_) | GateRule::MinSpeedup(_) | GateRule::MaxNetLossSeconds(_)
    )
}

/// Whether the rule relates the samples to cold ones.
const fn relates_to_cold(rule: GateRule) -> bool {
    matches!(rule, GateRule::MinSpeedup(_) | GateRule::MaxNetLossSeconds(_))
}

/// The candidate's samples of one regime.
fn of(run: &LoadedRun, regime: Regime) -> impl Iterator<Item = &LoadedSample> {
    run.samples
        .iter()
        .filter(move |(sample, _)| sample.arm == Arm::Candidate && sample.regime == regime)
}

/// The candidate's cold time of a block.
fn cold(run: &LoadedRun, block: u32, phase: Option<&str>) -> Option<f64> {
    let times: Vec<f64> = of(run, Regime::Cold)
        .filter(|(s, _)| s.block == block && s.outcome == Outcome::Ok)
        .filter_map(|(s, _)| wall(s, phase))
        .collect();
    median(&times)
}

/// Whether no cache of the samples was packed into an archive.
fn no_archive(samples: &[&LoadedSample]) -> bool {
    samples.iter().all(|(s, _)| s.caches.values().all(|cache| cache.archive_bytes.is_none()))
}

/// Seconds of the sample or its phase; infinite where it was cut off, `None` where it never began.
fn wall(sample: &Sample, phase: Option<&str>) -> Option<f64> {
    let (outcome, wall_ns) = match phase {
        None => (sample.outcome, sample.wall_ns),
        Some(name) => {
            let phase = sample.phases.iter().find(|phase| phase.name == name)?;
            (phase.outcome, phase.wall_ns)
        }
    };
    let cut_off = sample.outcome == Outcome::TimedOut && outcome == Outcome::TimedOut;
    Some(if cut_off { f64::INFINITY } else { wall_ns as f64 / 1e9 })
}

/// The sum over all caches, for each sample in which any cache has a value.
fn totals(
    samples: &[&LoadedSample],
    of: impl Fn(&bench_record::CacheUse) -> Option<u64>,
    scale: f64,
) -> Vec<f64> {
    samples
        .iter()
        .filter_map(|(sample, _)| {
            let values: Vec<u64> = sample.caches.values().filter_map(&of).collect();
            (!values.is_empty())
                .then(|| values.iter().map(|value| *value as f64).sum::<f64>() / scale)
        })
        .collect()
}

/// One series for each selected example that ended well or ran into its time-out in any sample.
fn examples(selection: &str, samples: &[&LoadedSample]) -> Result<Vec<LimitedValues>, String> {
    let selected = ExampleSelection::parse(selection)?;
    let mut series: std::collections::BTreeMap<&str, Vec<f64>> = std::collections::BTreeMap::new();
    for (_, examples) in samples {
        for example in examples.iter().filter(|e| selected.selects(&e.name, e.position)) {
            let seconds = match example.outcome {
                Outcome::Ok => example.wall_ns as f64 / 1e9,
                Outcome::TimedOut => f64::INFINITY,
                Outcome::Failed | Outcome::Unproven => continue,
            };
            series.entry(&example.name).or_default().push(seconds);
        }
    }
    if series.is_empty() {
        return Err(format!("`{selection}` selects no example that ran"));
    }
    Ok(series
        .into_iter()
        .map(|(name, values)| LimitedValues { what: Some(format!("worst: {name}")), values })
        .collect())
}
