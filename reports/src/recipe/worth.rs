//! What an ablation adds: which of the caches to keep on another runner, and why not the others.

use bench_record::Regime;

use super::document::Advice;
use crate::ablate::{Ablation, Keep, RegimeWorth, SetSeen, TimeEstimate, named};
use crate::document::units;

/// What each cache is worth on another runner, and the set to keep there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Worth<'a> {
    ablation: &'a Ablation,
    keep: &'a Keep,
}

impl<'a> Worth<'a> {
    /// `None` where the ablation did not measure cross-runner, or nothing of it ended well.
    pub(super) fn new(ablation: &'a Ablation) -> Option<Self> {
        let keep = ablation.keep.iter().find(|keep| keep.regime == Regime::CrossRunner)?;
        Some(Self { ablation, keep })
    }

    /// Whether a cache is among those to keep.
    pub(super) fn keeps(&self, name: &str) -> bool {
        self.keep.caches.iter().any(|kept| kept == name)
    }

    /// Bytes of the archives of the set to keep.
    pub(super) const fn archive_bytes(&self) -> u64 {
        self.keep.archive_bytes
    }

    /// What to do with the caches, and why. Certain where the interval of what the set saves, net, lies above zero.
    pub(super) fn advice(&self) -> (Advice, String) {
        let kept = named(&self.keep.caches);
        if self.keep.caches.is_empty() {
            let reason =
                "no combination of its caches saves time on another runner, net of its transfer";
            return (Advice::DoNot, format!("{reason}{}", self.failing()));
        }
        let saves = units::seconds(self.keep.net_s);
        let left: Vec<&str> =
            self.ablation.caches.iter().map(|cache| cache.name.as_str()).collect();
        let left: Vec<&str> = left.into_iter().filter(|name| !self.keeps(name)).collect();
        let only = if left.is_empty() { "all of them" } else { "only" };
        let interval = self.interval().filter(|_| self.keep.measured);
        let basis = match interval {
            _ if !self.keep.measured => "added up from single caches, not measured".to_owned(),
            Some((low, high)) => format!("interval {}", units::seconds_range(low, high)),
            None => "too few for an interval".to_owned(),
        };
        let blocks = units::counted(self.ablation.blocks as usize, "block");
        let reason = format!(
            "{only} {kept}, for {saves} a job on another runner, net of restore and save (n = {blocks}, {basis}){}",
            self.failing()
        );
        let certain = self.ablation.complete && interval.is_some_and(|(low, _)| low > 0.0);
        (if certain { Advice::Cache } else { Advice::Provisional }, reason)
    }

    /// The time of a job without caches and with those to keep; both where they were measured.
    pub(super) fn times(&self) -> Option<(TimeEstimate, TimeEstimate)> {
        let wall = |wanted: &dyn Fn(&SetSeen) -> bool| {
            self.sets().find(|set| wanted(set)).and_then(|set| set.wall)
        };
        Some((wall(&|set| set.caches.is_empty())?, wall(&|set| set.caches == self.keep.caches)?))
    }

    /// Why a cache is not among those to keep: a clause.
    pub(super) fn against(&self, name: &str) -> String {
        if self.fails(name) {
            return "no: every job with it fails on another runner".to_owned();
        }
        match self.of(name).and_then(|worth| worth.net_s) {
            Some(net) => format!("no: {} per job, net of transfer", units::seconds(net)),
            None => "no: it adds nothing".to_owned(),
        }
    }

    /// What is known of a cache: a sentence.
    pub(super) fn sentence(&self, name: &str) -> Option<String> {
        let worth = self.of(name)?;
        if worth.fails {
            return Some("every job with it fails".to_owned());
        }
        let mut known = Vec::new();
        if let Some(alone) = worth.alone {
            known.push(format!("{} saved with no other cache", estimate(&alone)));
        }
        if let Some(net) = worth.net_s {
            known.push(format!(
                "{} beside the others, net of its restore and save",
                units::seconds(net)
            ));
        }
        (!known.is_empty()).then(|| known.join(", "))
    }

    /// Names of the caches that were measured.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.ablation.caches.iter().map(|cache| cache.name.as_str())
    }

    fn sets(&self) -> impl Iterator<Item = &'a SetSeen> {
        self.ablation.sets.iter().filter(|set| set.regime == Regime::CrossRunner)
    }

    fn of(&self, name: &str) -> Option<&'a RegimeWorth> {
        let cache = self.ablation.caches.iter().find(|cache| cache.name == name)?;
        cache.regimes.iter().find(|worth| worth.regime == Regime::CrossRunner)
    }

    fn fails(&self, name: &str) -> bool {
        self.of(name).is_some_and(|worth| worth.fails)
    }

    fn failing(&self) -> String {
        let failing: Vec<&str> = self.names().filter(|name| self.fails(name)).collect();
        if failing.is_empty() {
            return String::new();
        }
        format!("; jobs on another runner fail with {}", failing.join(" and with "))
    }

    /// The interval of what the set to keep saves, net.
    fn interval(&self) -> Option<(f64, f64)> {
        self.sets().find(|set| set.caches == self.keep.caches)?.net_interval()
    }
}

/// `4.2 s (3.9-4.5 s)`; the interval where there is one.
pub(super) fn estimate(estimate: &TimeEstimate) -> String {
    let seconds = units::seconds(estimate.seconds);
    match (estimate.low, estimate.high) {
        (Some(low), Some(high)) => format!("{seconds} ({})", units::seconds_range(low, high)),
        _ => seconds,
    }
}
