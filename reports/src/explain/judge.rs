//! From trials to the verdict on one change.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use bench_record::{ExplainTrial, Outcome, Property, TrialRole};

use super::document::{DecidedBy, NamedInCache, ReuseVerdict};
use crate::stats::{median, pseudo_median, signed_rank_interval};

/// From this share of the saving on, a change keeps reuse (hits decide).
pub const KEEPS: f64 = 0.95;
/// Up to this share, it breaks it.
pub const BREAKS: f64 = 0.05;
/// Up to this share more units may be looked up than with nothing changed for hits to tell.
const MORE_UNITS: f64 = 0.05;
/// The same two for seconds, whose interval must lie beyond them as a whole.
pub const KEEPS_SECONDS: f64 = 0.8;
/// See [`KEEPS_SECONDS`].
pub const BREAKS_SECONDS: f64 = 0.2;
/// Repetitions where seconds decide: the fewest for an interval at 95 %.
pub const REPEATS_SECONDS: u32 = 7;
/// What the id of a trial ends with that repeats one that failed, under the same conditions.
pub const REPEATED: &str = "-again";
/// Error level of the intervals.
const ALPHA: f64 = 0.05;

/// Everything that the verdicts are drawn from.
#[derive(Clone, Debug, Default)]
pub struct Experiment {
    /// Every trial, those of earlier processes too.
    pub trials: Vec<ExplainTrial>,
    /// Properties that cannot be changed here, with the reason.
    pub not_tested: BTreeMap<Property, String>,
    /// What should be known about how a property was changed.
    pub notes: BTreeMap<Property, String>,
    /// What in the caches names this machine.
    pub found: Vec<NamedInCache>,
    /// Why no edit was tried.
    pub no_edit: Option<String>,
    /// What decides.
    pub decided_by: DecidedBy,
    /// The signal that ended it early.
    pub interrupted: Option<i32>,
}

/// The verdict on one change with what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The verdict.
    pub verdict: ReuseVerdict,
    /// Hits; the median of several trials.
    pub hits: Option<u64>,
    /// Seconds, likewise.
    pub wall_s: Option<f64>,
    /// Share of the saving that is left, from 0 to 1.
    pub share: Option<f64>,
    /// Interval of the share, where seconds decide.
    pub interval: Option<(f64, f64)>,
    /// Why, where the numbers do not say.
    pub reason: Option<String>,
}

/// The trials of an explanation, with or without remedies.
#[derive(Clone, Copy, Debug)]
pub struct Judge<'a> {
    /// All of them.
    pub trials: &'a [ExplainTrial],
    /// Which of them are looked at.
    pub remedied: bool,
    /// What decides.
    pub evidence: DecidedBy,
}

impl<'a> Judge<'a> {
    /// The trials of a role that count: one that failed does not where its repetition succeeded.
    pub fn role(self, role: TrialRole) -> impl Iterator<Item = &'a ExplainTrial> {
        self.made(role).filter(move |trial| self.flaky(trial).is_none())
    }

    /// Every trial of a role.
    fn made(self, role: TrialRole) -> impl Iterator<Item = &'a ExplainTrial> {
        self.trials.iter().filter(move |t| t.remedied == self.remedied && t.role == role)
    }

    /// Why a trial failed whose repetition did not.
    fn flaky(self, trial: &ExplainTrial) -> Option<String> {
        let why = self.failure(trial)?;
        let again = format!("{}{REPEATED}", trial.id);
        let repeated = self.trials.iter().find(|other| other.id == again)?;
        self.failure(repeated).is_none().then_some(why)
    }

    /// Hits that a cold run has of itself.
    pub fn own_hits(self) -> Option<u64> {
        self.role(TrialRole::Snapshot).find_map(|trial| trial.hits)
    }

    /// Hits when nothing is changed, and units in all.
    pub fn base_hits(self) -> Option<(u64, Option<u64>)> {
        self.role(TrialRole::Nothing).find_map(|t| {
            let hits = t.hits?;
            Some((hits, t.misses.map(|misses| hits + misses)))
        })
    }

    /// The verdict on a control or on a set of changes.
    pub fn of_role(self, role: TrialRole) -> Option<Judged> {
        let picked: Vec<&ExplainTrial> = self.role(role).collect();
        (!picked.is_empty()).then(|| self.judge(&picked))
    }

    /// The verdict on one way of changing one property.
    pub fn of_variant(self, property: Property, variant: &str) -> Option<Judged> {
        let picked: Vec<&ExplainTrial> =
            self.role(TrialRole::One).filter(|trial| trial.changed.is(property, variant)).collect();
        (!picked.is_empty()).then(|| self.judge(&picked))
    }

    /// Whether, of what remains beside the causes, reuse comes back once `property` stays as it was.
    pub fn of_others_but(self, property: Property) -> Option<Judged> {
        let picked: Vec<&ExplainTrial> =
            self.role(TrialRole::OthersBut).filter(|trial| !trial.changed.has(property)).collect();
        (!picked.is_empty()).then(|| self.judge(&picked))
    }

    fn judge(self, picked: &[&ExplainTrial]) -> Judged {
        let hits: Option<Vec<f64>> = picked.iter().map(|t| t.hits.map(|h| h as f64)).collect();
        let seconds: Vec<f64> = picked.iter().map(|t| t.wall_ns as f64 / 1e9).collect();
        let mut judged = Judged {
            verdict: ReuseVerdict::Inconclusive,
            hits: hits.and_then(|hits| median(&hits)).map(|hits| hits.round() as u64),
            wall_s: median(&seconds),
            share: None,
            interval: None,
            reason: None,
        };
        if let Some(why) = picked.iter().find_map(|trial| self.failure(trial)) {
            judged.verdict = ReuseVerdict::Breaks;
            judged.reason = Some(why);
            return judged;
        }
        match self.evidence {
            DecidedBy::Hits => {
                self.by_hits(&mut judged);
                self.more_units(picked, &mut judged);
            }
            DecidedBy::Seconds => self.by_seconds(picked, &mut judged),
        }
        if judged.reason.is_none() {
            let first = |trial: &ExplainTrial| trial.id.strip_suffix(REPEATED).map(str::to_owned);
            let firsts = picked.iter().filter_map(|trial| first(trial));
            let mut failed = firsts
                .filter_map(|id| self.flaky(self.trials.iter().find(|trial| trial.id == id)?));
            judged.reason = failed
                .next()
                .map(|why| format!("one of two trials failed, the other one counts: {why}"));
        }
        judged
    }

    /// Why a trial failed where the cold run that made the snapshot did not.
    pub fn failure(self, trial: &ExplainTrial) -> Option<String> {
        if trial.outcome != Outcome::Ok {
            return Some(trial.reason.clone().unwrap_or_else(|| trial.outcome.to_string()));
        }
        let before = &self.made(TrialRole::Snapshot).next()?.failed_examples;
        let newly: Vec<&str> =
            trial.failed_examples.difference(before).map(String::as_str).collect();
        (!newly.is_empty()).then(|| format!("fails only with this change: {}", newly.join(", ")))
    }

    fn by_hits(self, judged: &mut Judged) {
        let (Some(hits), Some(own), Some((base, _))) =
            (judged.hits, self.own_hits(), self.base_hits())
        else {
            judged.reason = Some("a probe could not be read".to_owned());
            return;
        };
        if base <= own {
            judged.reason = Some("restored caches give no more hits than empty ones".to_owned());
            return;
        }
        let share = (hits as f64 - own as f64) / (base as f64 - own as f64);
        judged.verdict = if share >= KEEPS {
            ReuseVerdict::Keeps
        } else if share <= BREAKS {
            ReuseVerdict::Breaks
        } else {
            ReuseVerdict::Partly
        };
        judged.share = Some(share.clamp(0.0, 1.0));
    }

    /// A tool that keeps results of its own asks the cache for what it does not have: a change that makes it ask for more
    /// has cost something that no hit shows, however many there are. `breaks` stands all the same.
    fn more_units(self, picked: &[&ExplainTrial], judged: &mut Judged) {
        let Some((_, Some(base))) = self.base_hits() else { return };
        let units: Option<Vec<f64>> =
            picked.iter().map(|t| Some((t.hits? + t.misses?) as f64)).collect();
        let Some(units) = units.and_then(|units| median(&units)) else { return };
        if judged.verdict != ReuseVerdict::Breaks && units > base as f64 * (1.0 + MORE_UNITS) {
            judged.verdict = ReuseVerdict::Inconclusive;
            judged.share = None;
            judged.reason = Some(format!(
                "{units:.0} lookups instead of {base}; hit counts cannot show what the extra ones cost (hint: --by seconds)"
            ));
        }
    }

    /// The share of the saving that a trial keeps is `(cold - trial) / (cold - nothing)`, with the three of one
    /// repetition, which were run one after the other in random order: what disturbs them all cancels. The
    /// interval is that of the pseudo-median of the shares (signed rank, exact).
    fn by_seconds(self, picked: &[&ExplainTrial], judged: &mut Judged) {
        let first: Vec<&ExplainTrial> =
            self.role(TrialRole::Empty).filter(|t| t.round == 1).collect();
        let saved: Vec<f64> = first
            .iter()
            .filter_map(|cold| {
                let base = self.beside(cold, TrialRole::Nothing)?;
                Some((seconds(cold)? / seconds(base)?).ln())
            })
            .collect();
        let shares: Vec<f64> = picked
            .iter()
            .filter_map(|trial| {
                let base = seconds(self.beside(trial, TrialRole::Nothing)?)?;
                let cold = seconds(self.beside(trial, TrialRole::Empty)?)?;
                (cold > base).then_some((cold - seconds(trial)?) / (cold - base))
            })
            .collect();
        let interval = |values: &[f64]| signed_rank_interval(values, ALPHA).ok().flatten();
        let Some(gap) = interval(&saved) else {
            judged.reason = Some(format!(
                "seconds need at least 6 repetitions, there are {} (hint: --repeats {REPEATS_SECONDS})",
                saved.len()
            ));
            return;
        };
        let (true, Some(range), Ok(share)) =
            (gap.low > 0.0, interval(&shares), pseudo_median(&shares))
        else {
            judged.reason = Some("empty caches are not slower by more than the noise".to_owned());
            return;
        };
        judged.share = Some(share.clamp(0.0, 1.0));
        judged.interval = Some((range.low.clamp(0.0, 1.0), range.high.clamp(0.0, 1.0)));
        judged.verdict = if range.low >= KEEPS_SECONDS {
            ReuseVerdict::Keeps
        } else if range.high <= BREAKS_SECONDS {
            ReuseVerdict::Breaks
        } else if range.low > BREAKS_SECONDS && range.high < KEEPS_SECONDS {
            ReuseVerdict::Partly
        } else {
            judged.reason = Some("the interval is too wide to tell (hint: --repeats)".to_owned());
            ReuseVerdict::Inconclusive
        };
    }

    /// The control of the same repetition; that of the first round for the closing one.
    fn beside(self, trial: &ExplainTrial, role: TrialRole) -> Option<&'a ExplainTrial> {
        let round = if trial.role == TrialRole::NothingAgain { 1 } else { trial.round };
        self.role(role).find(|base| (base.round, base.repeat) == (round, trial.repeat))
    }
}

/// The verdict on a property: the worst of its variants.
pub fn property_verdict(judge: Judge<'_>, property: Property) -> ReuseVerdict {
    variants(judge, property).map_or(ReuseVerdict::NotTested, |all| worst(&all).1.verdict)
}

pub(super) type Variants = Vec<(&'static str, Judged)>;

/// Every way in which the property was changed; `None` when it was not.
pub(super) fn variants(judge: Judge<'_>, property: Property) -> Option<Variants> {
    let all: Variants = property
        .variants()
        .iter()
        .filter_map(|variant| Some((*variant, judge.of_variant(property, variant)?)))
        .collect();
    (!all.is_empty()).then_some(all)
}

/// The worst; of equals the one that keeps least.
pub(super) fn worst(all: &Variants) -> &(&'static str, Judged) {
    let kept = |judged: &Judged| judged.share.unwrap_or(0.0);
    let mut worst = &all[0];
    for one in all {
        let (a, b) = (&one.1, &worst.1);
        if (a.verdict, -kept(a)).partial_cmp(&(b.verdict, -kept(b))).is_some_and(Ordering::is_gt) {
            worst = one;
        }
    }
    worst
}

fn seconds(trial: &ExplainTrial) -> Option<f64> {
    (trial.outcome == Outcome::Ok).then_some(trial.wall_ns as f64 / 1e9)
}
