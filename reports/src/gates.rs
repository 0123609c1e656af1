//! Absolute limits: does what was measured stay under them, and is that certain?
//!
//! A limit holds when the upper end of the interval of the median is within it, is exceeded when the lower
//! end is beyond it, and is inconclusive between. Below six samples there is no interval: the largest and
//! the smallest value take the places of its ends.

use bench_record::{
    Example, Gate, GateRule, GateSummary, GateVerdict, LoadedRun, Outcome, Regime, Sample,
};

use crate::comparison::asked::needs_baseline;
use crate::summary::location;

/// The verdict on every gate of the run that applies to it. A baseline gate does not apply to a run without
/// a baseline.
pub(crate) fn judge(run: &LoadedRun) -> Vec<GateSummary> {
    run.run
        .gates
        .iter()
        .filter(|gate| !needs_baseline(gate.rule))
        .map(|gate| judge_one(run, gate))
        .collect()
}

/// Which side of a limit is the good one.
#[derive(Clone, Copy)]
enum Side {
    AtMost,
    AtLeast,
}

/// The values of one thing that is limited, one a sample.
struct Series {
    what: Option<String>,
    values: Vec<f64>,
}

fn judge_one(run: &LoadedRun, gate: &Gate) -> GateSummary {
    let (side, limit) = match gate.rule {
        GateRule::MaxSeconds(limit)
        | GateRule::MaxRestoreSeconds(limit)
        | GateRule::MaxNetLossSeconds(limit) => (Side::AtMost, limit),
        GateRule::MaxBytes(limit) => (Side::AtMost, limit as f64),
        GateRule::MinSpeedup(limit) | GateRule::MinHitRate(limit) => (Side::AtLeast, limit),
        GateRule::Baseline { margin, .. } | GateRule::WarmAgainstCold { margin, .. } => {
            (Side::AtMost, 1.0 + margin)
        }
    };
    let regime = gate.regime.unwrap_or(Regime::Cold);
    let mut summary = GateSummary {
        gate: gate.to_string(),
        verdict: GateVerdict::Inconclusive,
        value: None,
        limit: Some(limit),
        samples: 0,
        low: None,
        high: None,
        level: None,
        reason: None,
    };
    let of_regime = || run.samples.iter().filter(|(sample, _)| sample.regime == regime);
    if !run.run.options.regimes.contains(&regime) {
        summary.reason = Some(format!("{regime} was not measured"));
        return summary;
    }
    if of_regime().any(|(sample, _)| sample.outcome == Outcome::Unproven) {
        summary.reason = Some(format!("not every {regime} sample is proven"));
        return summary;
    }
    let ok: Vec<&(Sample, Vec<Example>)> =
        of_regime().filter(|(sample, _)| sample.outcome == Outcome::Ok).collect();
    summary.samples = ok.len() as u32;
    let series = match series(run, gate, &ok) {
        Ok(series) => series,
        Err(reason) => {
            summary.reason = Some(reason);
            return summary;
        }
    };
    // Every series must stay within the limit: the verdict is that of the worst one.
    let mut worst: Option<(GateVerdict, f64)> = None;
    for one in series {
        let Some(place) = location::interval(&one.values) else { continue };
        let (low, high) = (place.low.unwrap_or(place.min), place.high.unwrap_or(place.max));
        let verdict = match side {
            Side::AtMost if high <= limit => GateVerdict::Ok,
            Side::AtMost if low > limit => GateVerdict::Regressed,
            Side::AtLeast if low >= limit => GateVerdict::Ok,
            Side::AtLeast if high < limit => GateVerdict::Regressed,
            Side::AtMost | Side::AtLeast => GateVerdict::Inconclusive,
        };
        // How far the median is on the bad side, so that equal verdicts are told by the worst value.
        let badness = match side {
            Side::AtMost => place.median,
            Side::AtLeast => -place.median,
        };
        if worst.is_none_or(|(known, bad)| (verdict, badness) > (known, bad)) {
            worst = Some((verdict, badness));
            summary.verdict = verdict;
            summary.value = Some(place.median);
            (summary.low, summary.high, summary.level) = (Some(low), Some(high), place.level);
            summary.reason.clone_from(&one.what);
        }
    }
    if worst.is_none() {
        summary.reason = Some(format!("no {regime} sample has a value"));
    }
    summary
}

/// What the gate limits, as values: one series, or one an example.
fn series(
    run: &LoadedRun,
    gate: &Gate,
    samples: &[&(Sample, Vec<Example>)],
) -> Result<Vec<Series>, String> {
    let one = |values: Vec<f64>| Ok(vec![Series { what: None, values }]);
    match gate.rule {
        GateRule::MaxSeconds(_)
        | GateRule::Baseline { .. }
        | GateRule::WarmAgainstCold { .. }
        | GateRule::MaxNetLossSeconds(_) => match (&gate.examples, &gate.phase) {
            (Some(selection), _) => examples(selection, samples),
            (None, phase) => {
                one(samples.iter().filter_map(|(s, _)| wall(s, phase.as_deref())).collect())
            }
        },
        GateRule::MinSpeedup(_) => {
            let phase = gate.phase.as_deref();
            let cold = |block| {
                run.samples
                    .iter()
                    .find(|(s, _)| {
                        s.block == block && s.regime == Regime::Cold && s.outcome == Outcome::Ok
                    })
                    .and_then(|(s, _)| wall(s, phase))
            };
            one(samples
                .iter()
                .filter_map(|(s, _)| {
                    Some(cold(s.block)? / wall(s, phase).filter(|wall| *wall > 0.0)?)
                })
                .collect())
        }
        GateRule::MinHitRate(_) => {
            let rate = |sample: &Sample| {
                let (hits, misses) = (sample.evidence.hits?, sample.evidence.misses?);
                (hits + misses > 0).then(|| hits as f64 / (hits + misses) as f64)
            };
            let rates: Vec<f64> = samples.iter().filter_map(|(sample, _)| rate(sample)).collect();
            // An unknown reading is no hit rate, and leaving it out would judge the others only.
            if rates.len() < samples.len() {
                return Err("hits or misses of a sample are unknown".to_owned());
            }
            one(rates)
        }
        GateRule::MaxRestoreSeconds(_) => one(totals(samples, |cache| cache.restore_ns, 1e9)),
        GateRule::MaxBytes(_) => one(totals(samples, |cache| cache.archive_bytes, 1.0)),
    }
}

fn wall(sample: &Sample, phase: Option<&str>) -> Option<f64> {
    match phase {
        None => Some(sample.wall_ns as f64 / 1e9),
        Some(name) => {
            let phase = sample.phases.iter().find(|phase| phase.name == name)?;
            Some(phase.wall_ns as f64 / 1e9)
        }
    }
}

/// The sum over all caches, of samples in which any cache has a value.
fn totals(
    samples: &[&(Sample, Vec<Example>)],
    of: impl Fn(&bench_record::CacheUse) -> Option<u64>,
    scale: f64,
) -> Vec<f64> {
    samples
        .iter()
        .filter_map(|(sample, _)| {
            let values: Vec<u64> = sample.caches.values().filter_map(&of).collect();
            (!values.is_empty()).then(|| values.iter().sum::<u64>() as f64 / scale)
        })
        .collect()
}

/// One series for each selected example that ran well in any sample.
fn examples(selection: &str, samples: &[&(Sample, Vec<Example>)]) -> Result<Vec<Series>, String> {
    let selected =
        Selection::parse(selection).ok_or_else(|| format!("`{selection}` selects no examples"))?;
    let mut series: std::collections::BTreeMap<&str, Vec<f64>> = std::collections::BTreeMap::new();
    for (_, examples) in samples {
        for example in examples.iter().filter(|e| e.outcome == Outcome::Ok && selected.takes(e)) {
            series.entry(&example.name).or_default().push(example.wall_ns as f64 / 1e9);
        }
    }
    if series.is_empty() {
        return Err(format!("`{selection}` selects no example that ran"));
    }
    Ok(series
        .into_iter()
        .map(|(name, values)| Series { what: Some(format!("worst: {name}")), values })
        .collect())
}

/// Examples by position or by name.
enum Selection {
    Positions(u32, u32),
    Names(globset::GlobMatcher),
}

impl Selection {
    fn parse(text: &str) -> Option<Self> {
        let number =
            |text: &str, open: u32| if text.is_empty() { Some(open) } else { text.parse().ok() };
        let range = match text.split_once("..") {
            Some((from, to)) => number(from, 1).zip(number(to, u32::MAX)),
            None => text.parse().ok().map(|at| (at, at)),
        };
        match range {
            Some((from, to)) => Some(Self::Positions(from, to)),
            None => globset::Glob::new(text).ok().map(|glob| Self::Names(glob.compile_matcher())),
        }
    }

    fn takes(&self, example: &Example) -> bool {
        match self {
            Self::Positions(from, to) => (*from..=*to).contains(&example.position),
            Self::Names(glob) => glob.is_match(&example.name),
        }
    }
}
