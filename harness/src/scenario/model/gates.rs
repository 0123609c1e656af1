//! What is demanded.

use std::time::Duration;

use bench_record::Regime;

/// A limit. Which fields are set decides what it demands; the conversion admits only the valid shapes.
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
