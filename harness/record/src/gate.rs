//! Limits that a run is judged by; recorded with the run, so that a verdict needs nothing else.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::names::Regime;

/// One limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// Which samples; null for every measured regime that the rule makes sense for, each by itself.
    pub regime: Option<Regime>,
    /// The phase whose time is limited; null for the whole sample.
    pub phase: Option<String>,
    /// The examples that are limited, each of them: positions (`1`, `2..`, `2..5`) or a glob on names.
    pub examples: Option<String>,
    /// What is demanded.
    pub rule: GateRule,
}

/// What a gate demands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateRule {
    /// Time at most this many seconds.
    MaxSeconds(f64),
    /// Cold time divided by this regime's at least this.
    MinSpeedup(f64),
    /// Hits divided by hits and misses at least this, 0 to 1.
    MinHitRate(f64),
    /// Restore time at most this many seconds.
    MaxRestoreSeconds(f64),
    /// Archive bytes at most this.
    MaxBytes(u64),
    /// What the cache costs a job beyond what it saves, restoring and warm time against cold, at most this
    /// many seconds; 0 demands that it pays.
    MaxNetLossSeconds(f64),
    /// Not slower than the baseline by more than a margin (fractions: 0.05 is 5 %). It applies only to a run
    /// that measured a baseline.
    Baseline {
        /// Slowdown that matters.
        margin: f64,
        /// Slowdown below which nothing is called real.
        floor: f64,
    },
    /// The warm time in relation to cold has not grown against the baseline's by more than a margin
    /// (difference in differences): what got worse is the reuse, not the work. Only with a baseline.
    WarmAgainstCold {
        /// Growth of the relation that matters.
        margin: f64,
        /// Growth below which nothing is called real.
        floor: f64,
    },
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.regime.map_or("every regime", Regime::as_str))?;
        if let Some(phase) = &self.phase {
            write!(f, " {phase}")?;
        }
        if let Some(examples) = &self.examples {
            write!(f, " examples {examples}")?;
        }
        match self.rule {
            GateRule::MaxSeconds(limit) => write!(f, " <= {limit} s"),
            GateRule::MinSpeedup(limit) => write!(f, " speed-up >= {limit}x"),
            GateRule::MinHitRate(limit) => write!(f, " hit rate >= {}", Percent(limit)),
            GateRule::MaxRestoreSeconds(limit) => write!(f, " restore <= {limit} s"),
            GateRule::MaxBytes(limit) => write!(f, " archive <= {limit} bytes"),
            GateRule::MaxNetLossSeconds(limit) => write!(f, " net loss <= {limit} s"),
            // An example is asked for a step apart from the others: no floor decides.
            GateRule::Baseline { margin, .. } if self.examples.is_some() => {
                write!(f, " against baseline (margin {})", Percent(margin))
            }
            GateRule::Baseline { margin, floor } => {
                let (margin, floor) = (Percent(margin), Percent(floor));
                write!(f, " against baseline (margin {margin}, floor {floor})")
            }
            GateRule::WarmAgainstCold { margin, floor } => {
                let (margin, floor) = (Percent(margin), Percent(floor));
                write!(f, " over cold, against baseline's (margin {margin}, floor {floor})")
            }
        }
    }
}

/// A fraction as the percentage that someone wrote, to nine decimals: `29 %` for 0.29, although 0.29 x 100 is
/// 28.999999999999996.
#[derive(Clone, Copy, Debug)]
pub struct Percent(pub f64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", (self.0 * 1e11).round() / 1e9)
    }
}
