//! What a summary derives beyond medians: estimates with intervals, economics, examples, cores.
//!
//! All times are seconds. `docs/METHOD.md` has the formulas.

use serde::{Deserialize, Serialize};

/// A number with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The point estimate.
    pub value: f64,
    /// Lower end of the interval; null when there are too few values for one.
    pub low: Option<f64>,
    /// Upper end of the interval; null when there are too few values, and (with a level) when it is unbounded.
    pub high: Option<f64>,
    /// Confidence that the interval really has; null without one.
    pub level: Option<f64>,
}

/// What a user states about his CI; nothing here is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Assumptions {
    /// Bytes a second between runner and cache storage, either way; null for none (a local disk).
    pub transfer_bytes_per_s: Option<f64>,
    /// Share of jobs that find their cache, 0 to 1.
    pub hit_rate: Option<f64>,
    /// Jobs a month.
    pub jobs_per_month: Option<f64>,
    /// Price of a minute, in the user's currency.
    pub price_per_minute: Option<f64>,
}

impl Assumptions {
    /// Whether nothing is stated.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How the caches of a warm regime came to its runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transfer {
    /// The files stayed where they were: nothing is restored, and a miss saves nothing.
    Stayed,
    /// Archives were unpacked.
    Archive,
}

impl Transfer {
    /// The name used in files and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stayed => "stayed",
            Self::Archive => "archive",
        }
    }
}

/// What a warm regime is worth against a job without any cache.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Economics {
    /// How the caches came to the runner.
    pub transfer: Transfer,
    /// Blocks with both a cold and a warm value.
    pub blocks: u32,
    /// Cold minus (restore + warm), median over blocks.
    pub hit_saves_s: Estimate,
    /// What a job pays that finds no cache and saves one; null when it was not measured.
    pub miss_costs_s: Option<Estimate>,
    /// Share of hits from which on jobs save time; null when no share does, or a miss was not measured.
    pub break_even_hit_rate: Option<Estimate>,
    /// Mean saving a job at the stated hit rate; null when none is stated.
    pub job_saves_s: Option<f64>,
    /// Saving a month; null without stated jobs a month.
    pub month: Option<Month>,
}

/// A saving over a month.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Month {
    /// Minutes of jobs.
    pub minutes: f64,
    /// In the currency of the stated price; null without one.
    pub money: Option<f64>,
}

/// Examples that ran one after another, as a fixed cost and a rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExampleModel {
    /// Examples a sample.
    pub examples: u32,
    /// What the first example takes beyond a later one.
    pub fixed_s: Estimate,
    /// A later example.
    pub rate_s: Estimate,
    /// What fixed cost and rate leave of the phase.
    pub unexplained_s: Estimate,
}

/// How the examples of a sample ran, as far as times and order tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExampleOrder {
    /// Their sum is the time of a measured phase, and their order is always the same.
    Sequential,
    /// Their sum is more than all measured phases took.
    Parallel,
    /// Neither is certain.
    Unknown,
}

/// The examples of a regime spread over cores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Makespan {
    /// Examples with a time.
    pub examples: u32,
    /// How they ran when they were timed: what ran in parallel is lengthened by contention.
    pub order: ExampleOrder,
    /// Sum of all.
    pub sum_s: f64,
    /// The longest: no number of cores is faster.
    pub longest_s: f64,
    /// Its name.
    pub longest: String,
    /// Cores from which on more do not help.
    pub useful_cores: u32,
    /// Estimates for some numbers of cores.
    pub cores: Vec<CoresEstimate>,
}

/// The examples on one number of cores.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoresEstimate {
    /// Cores.
    pub cores: u32,
    /// No order is faster: the longest example, or the sum divided by the cores.
    pub bound_s: f64,
    /// In the recorded order, each to the core that is free first.
    pub recorded_order_s: f64,
    /// The longest first.
    pub longest_first_s: f64,
}

/// The spread of example times over a regime, for display and for merging shards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// Times.
    pub count: u64,
    /// Half of them take at most this.
    pub p50_s: f64,
    /// Nine of ten.
    pub p90_s: f64,
    /// 99 of 100.
    pub p99_s: f64,
    /// All.
    pub max_s: f64,
    /// [`crate::Histogram::encode`].
    pub histogram: String,
}
